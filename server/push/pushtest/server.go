package pushtest

import (
	"context"
	"crypto/ecdh"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Options says what kind of push service to start. The zero value is plain
// HTTP/1.1 on a free loopback port that verifies and keeps every message.
type Options struct {
	TLS   bool // HTTP/1.1 over TLS
	HTTP2 bool // HTTP/2 as well, which implies TLS

	Addr string // host:port to listen on; default 127.0.0.1:0
	// Host and Hosts are further DNS names that stand in the certificate and
	// that requests may be addressed to; see Subscription.EndpointAt.
	Host  string
	Hosts []string

	BadCertificate bool // signed by an authority that is not in Pool
	WrongHost      bool // the certificate names another host only
	Intermediate   bool // another authority stands between, whose certificate is sent along

	MaxConcurrentStreams uint32 // an HTTP/2 connection; default 250
	VAPIDKey             string // base64url; subscriptions belong to this key, any other gets 403

	CountOnly       bool // keep no Received, only counts: for large runs
	CheckDuplicates bool // the same message "id" accepted twice for one subscription is a violation
	SkipVerify      bool // neither decrypt nor verify: the cheapest receiver, for benchmarks

	Now func() time.Time // default time.Now
}

// Server is a running push service. All methods may be called at any time from
// any goroutine.
type Server struct {
	options Options
	url     string
	pool    *x509.CertPool
	caPEM   []byte
	now     func() time.Time

	http     *http.Server
	ctx      context.Context // ends at Close; hanging answers wait for it
	cancel   context.CancelFunc
	serving  sync.WaitGroup // the accept loop and every connection
	closing  sync.Once
	tokens   tokenCache
	messages atomic.Int64 // numbers the Location of each accepted message

	subMu sync.RWMutex
	subs  map[string]*Subscription
	key   *ecdh.PrivateKey // of shared subscriptions
	auth  []byte

	script script
	record record
}

// Start starts a push service that is closed when the test ends.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatalf("start the push service: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// New starts a push service; Close ends it.
func New(o Options) (*Server, error) {
	o.TLS = o.TLS || o.HTTP2
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.Host != "" {
		o.Hosts = append(slices.Clone(o.Hosts), o.Host)
	}
	if o.MaxConcurrentStreams == 0 {
		o.MaxConcurrentStreams = 250
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{options: o, now: o.Now, subs: map[string]*Subscription{}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.record.init()
	if err := s.listen(); err != nil {
		s.cancel()
		return nil, err
	}
	return s, nil
}

// connState counts connections: a new one is told by the accept loop, so never
// after that has ended.
func (s *Server) connState(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.serving.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.serving.Done()
	}
}

func (s *Server) listen() error {
	l, err := net.Listen("tcp", s.options.Addr)
	if err != nil {
		return fmt.Errorf("listen for push messages: %w", err)
	}
	s.http = &http.Server{
		Handler:           http.HandlerFunc(s.serve),
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          log.New(io.Discard, "", 0),
		ConnState:         s.connState,
		BaseContext:       func(net.Listener) context.Context { return s.ctx },
		// Not nil, so that net/http does not bring its own HTTP/2.
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
	}
	s.url = "http://" + l.Addr().String()
	if s.options.TLS {
		if l, err = s.secure(l); err != nil {
			return err
		}
	}
	s.serving.Go(func() {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.violate("the push service stopped listening: %v", err)
		}
	})
	return nil
}

func (s *Server) secure(l net.Listener) (net.Listener, error) {
	s.url = "https://" + l.Addr().String()
	c, err := newCertificates(s.options, l.Addr())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make the push service's certificate: %w", err), l.Close())
	}
	s.pool, s.caPEM = c.pool, c.pem
	config := &tls.Config{Certificates: []tls.Certificate{c.leaf}, NextProtos: []string{"http/1.1"}}
	if s.options.HTTP2 {
		config.NextProtos = []string{"h2", "http/1.1"}
		s.http.TLSNextProto["h2"] = func(_ *http.Server, c *tls.Conn, h http.Handler) {
			newH2Conn(s.ctx, c, http.HandlerFunc(s.serve), s.options.MaxConcurrentStreams).serve()
		}
	}
	return tls.NewListener(l, config), nil
}

// URL is the service's origin, without a slash at its end.
func (s *Server) URL() string { return s.url }

// Pool holds the authority that signed the service's certificate; nil without
// TLS. With BadCertificate it does not match.
func (s *Server) Pool() *x509.CertPool { return s.pool }

// CertificatePEM is Pool's certificate, for SSL_CERT_FILE; nil without TLS.
func (s *Server) CertificatePEM() []byte { return s.caPEM }

// Close ends the service, what hangs in it included, and waits for that.
func (s *Server) Close() {
	s.closing.Do(func() {
		s.cancel()
		// Close fails only for a listener that is closed already.
		_ = s.http.Close()
		s.serving.Wait()
	})
}

// knows tells whether a request may be addressed to the host name.
func (s *Server) knows(host string) bool {
	own, _, _ := net.SplitHostPort(s.options.Addr)
	names := append([]string{"127.0.0.1", "::1", "localhost", own}, s.options.Hosts...)
	return host != "" && slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, host) })
}
