package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Limits of one HTTP connection. WriteTimeout leaves room for a publisher that
// waits thirty seconds for outcomes.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 75 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 32 << 10
)

// Limits of one HTTP/2 connection: requests at once, and what may be on its way of
// their bodies, which net/http sets aside, in bytes.
const (
	maxStreams  = 100
	streamAhead = 64 << 10
	allAhead    = 256 << 10
)

// Run serves until ctx ends and then shuts down in the order that package
// server describes. The store stays open; closing it is its owner's.
func Run(ctx context.Context, o Options) error {
	s, err := assemble(ctx, o)
	if err != nil {
		return err
	}
	defer s.sender.Close()
	if s.connections.most < mostConnections {
		o.Logger.Warn("this process may open few files, and so has few connections: raise the limit (ulimit -n, or LimitNOFILE= of a service)", "connections", s.connections.most)
	}
	web, err := s.listen(ctx)
	if err != nil {
		return err
	}
	aside, err := s.aside(ctx)
	if err != nil {
		web.net.Close()
		return err
	}
	fmt.Fprintf(o.Out, "listening on %s\n", web.url)
	tuneMemory()

	// Deliveries outlive the requests that ask for them: their context ends only
	// when HTTP has drained.
	deliver, stopDelivering := context.WithCancel(context.WithoutCancel(ctx))
	defer stopDelivering()
	var group errgroup.Group
	failed := make(chan struct{}, 1)
	run := func(f func() error) {
		group.Go(func() error {
			err := f()
			if err != nil {
				select {
				case failed <- struct{}{}:
				default: // another has failed already
				}
			}
			return err
		})
	}
	show, stopShowing := context.WithCancel(context.WithoutCancel(ctx))
	defer stopShowing()
	run(func() error { s.hub.Run(show); return nil })
	run(func() error { return s.engine.Run(deliver) })
	run(func() error { s.janitor.Run(deliver); return nil })
	run(web.serve)
	for _, l := range aside {
		run(l.serve)
	}
	if s.certificate != nil {
		run(func() error { s.certificate.watch(show, s.Reload); return nil })
	}
	run(func() error { s.tellManager(show, web.url); return nil })
	select {
	case <-ctx.Done():
		o.Logger.Info("shutting down")
	case <-failed:
	}
	s.told(o.Manager.Stopping())
	close(s.stop)
	stopShowing()
	s.drain(web)
	for _, l := range aside {
		l.Close()
	}
	stopDelivering()
	return group.Wait()
}

// aside opens the listeners beside the main one: for profiles, for metrics and for
// http, where they are configured.
func (s *server) aside(ctx context.Context) ([]*listener, error) {
	var all []*listener
	for _, open := range []func(context.Context) (*listener, error){s.profiles, s.scrapes, s.redirects} {
		l, err := open(ctx)
		if err != nil {
			for _, opened := range all {
				opened.net.Close()
			}
			return nil, err
		}
		if l != nil {
			all = append(all, l)
		}
	}
	return all, nil
}

// tuneMemory gives back what starting took, some 20 MiB, and from then on lets
// twice the usual garbage gather: what a message allocates lives for
// microseconds, and this saves a tenth of a fan-out's CPU. GOGC in the
// environment has the last word.
func tuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
	debug.FreeOSMemory()
}

// tellManager lets the service manager know that the server serves, and then, as
// often as it asks, that it is alive: storage, on which everything hangs, answers.
// That it answers with an error is for /readyz; a restart would not mend it.
func (s *server) tellManager(ctx context.Context, url string) {
	s.told(s.Manager.Ready("listening on " + url))
	s.told(s.Manager.Watch(ctx, func(ctx context.Context) string {
		if reasons := s.ready(ctx); len(reasons) > 0 {
			return "not ready: " + strings.Join(reasons, "; ")
		}
		return "listening on " + url
	}))
}

// told notes that the service manager could not be told, which stops nothing.
func (s *server) told(err error) {
	if err != nil {
		s.Logger.Warn("the service manager does not hear how this server stands", "error", err)
	}
}

// drainShare is the part of shutdown_timeout that HTTP may take. It is quick,
// since nobody waits for outcomes any more; the rest is for deliveries under way,
// which a stuck request must not eat up.
const drainShare = 4

// drain lets requests under way end.
func (s *server) drain(web *listener) {
	limit, cancel := context.WithTimeout(context.Background(), s.Config.ShutdownTimeout/drainShare)
	defer cancel()
	if err := web.Shutdown(limit); err != nil {
		s.Logger.Warn("some requests did not end in time and were cut off", "error", err)
		web.Close()
	}
}

// listener is an http.Server with where it listens.
type listener struct {
	http.Server
	net net.Listener
	url string
}

func (l *listener) serve() error {
	var err error
	if l.TLSConfig != nil {
		err = l.ServeTLS(l.net, "", "")
	} else {
		err = l.Serve(l.net)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve %s: %w", l.url, err)
}

func (s *server) listen(ctx context.Context) (*listener, error) {
	if s.Config.TLS.CertFile != "" {
		return s.listenTLS(ctx, s.handler())
	}
	l := &listener{Server: s.httpServer(s.handler())}
	if err := l.open(ctx, "listen", s.Config.Listen, "http"); err != nil {
		return nil, err
	}
	l.limit(s.connections)
	return l, nil
}

func (s *server) listenTLS(ctx context.Context, h http.Handler) (*listener, error) {
	c, err := loadCertificate(s.Config.TLS.CertFile, s.Config.TLS.KeyFile, time.Now, s.Logger)
	if err != nil {
		return nil, err
	}
	s.certificate = c
	l := &listener{Server: s.httpServer(h)}
	l.TLSConfig = c.config()
	if err := l.open(ctx, "listen", s.Config.Listen, "https"); err != nil {
		return nil, err
	}
	if strings.HasPrefix(s.Config.BaseURL, "https://") {
		l.net = sniffing{l.net, s.Config.BaseURL}
	}
	l.limit(s.connections)
	return l, nil
}

// limit holds an open listener to as many connections as there may be.
func (l *listener) limit(all *connections) {
	all.watch(&l.Server)
	l.net = limited{l.net, all}
}

// open listens on the address that key of the configuration names.
func (l *listener) open(ctx context.Context, key, address, scheme string) error {
	var config net.ListenConfig
	opened, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("%s (%s): %w", key, address, err)
	}
	l.net, l.url = opened, scheme+"://"+opened.Addr().String()
	return nil
}

func (s *server) httpServer(h http.Handler) http.Server {
	return http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: maxStreams, MaxReceiveBufferPerStream: streamAhead, MaxReceiveBufferPerConnection: allAhead,
		},
		ErrorLog: slog.NewLogLogger(s.Logger.Handler(), slog.LevelDebug),
	}
}
