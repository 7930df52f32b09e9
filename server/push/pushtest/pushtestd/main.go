// Command pushtestd runs the test push service in a process of its own, for
// benchmarks and for senders that are killed.
//
// It prints "listening on URL" when its files are written and it answers. On
// SIGTERM, SIGINT, or the end of a standard input that is a pipe, it prints its
// counts as one line of JSON and ends. GET /stats gives them while it runs. It
// keeps no message, so its memory stays bounded however many come.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"recado/server/push/pushtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	err := run(ctx, os.Args[1:], piped(os.Stdin), os.Stdout)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "pushtestd:", err)
		stop()
		os.Exit(1)
	}
}

// piped gives a standard input whose end tells that the parent has ended. A
// terminal or /dev/null tells nothing: then it is nil.
func piped(f *os.File) io.Reader {
	info, err := f.Stat()
	if err != nil || info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0 {
		return nil
	}
	return f
}

type settings struct {
	service       pushtest.Options
	subscriptions int
	separateKeys  bool
	out, cert     string
	step          pushtest.Step
	share         float64
}

func parse(args []string) (settings, error) {
	var c settings
	f := flag.NewFlagSet("pushtestd", flag.ContinueOnError)
	f.StringVar(&c.service.Addr, "addr", "127.0.0.1:0", "`host:port` to listen on")
	f.StringVar(&c.service.Host, "host", "", "further DNS `name` in the certificate")
	f.BoolVar(&c.service.TLS, "tls", false, "HTTP/1.1 over TLS")
	f.BoolVar(&c.service.HTTP2, "http2", false, "HTTP/2 as well, over TLS")
	f.BoolVar(&c.service.SkipVerify, "skip-verify", false, "neither decrypt nor verify: only count")
	f.BoolVar(&c.service.CheckDuplicates, "check-duplicates", false, "a repeated message id is a violation")
	f.BoolVar(&c.service.BadCertificate, "bad-certificate", false, "have an authority sign that -cert does not name")
	f.IntVar(&c.subscriptions, "subscriptions", 0, "make this `number` of subscriptions")
	f.BoolVar(&c.separateKeys, "separate-keys", false, "a key pair for each subscription instead of one for all")
	f.StringVar(&c.out, "out", "", "write the subscriptions to `FILE`, one JSON object a line")
	f.StringVar(&c.cert, "cert", "", "write the authority's certificate to `FILE`, for SSL_CERT_FILE")
	f.DurationVar(&c.step.Delay, "delay", 0, "wait before each answer")
	f.IntVar(&c.step.Status, "status", 0, "answer this `code` instead of 201")
	f.StringVar(&c.step.RetryAfter, "retry-after", "", "the Retry-After `value` of that answer")
	f.Float64Var(&c.share, "status-share", 1, "`share` of the requests that -status answers, from 0 to 1")
	streams := f.Uint("max-streams", 250, "streams at a time on an HTTP/2 connection")
	if err := f.Parse(args); err != nil {
		return c, err
	}
	c.service.MaxConcurrentStreams = uint32(min(*streams, 1<<20))
	c.service.CountOnly = true
	switch {
	case f.NArg() > 0:
		return c, fmt.Errorf("unknown argument %q: there are flags only", f.Arg(0))
	case c.subscriptions < 0:
		return c, fmt.Errorf("-subscriptions is %d, want 0 or more", c.subscriptions)
	case c.share < 0 || c.share > 1:
		return c, fmt.Errorf("-status-share is %g, want 0 to 1", c.share)
	case c.step.Status != 0 && (c.step.Status < 200 || c.step.Status > 599):
		return c, fmt.Errorf("-status is %d, want 200 to 599", c.step.Status)
	case c.cert != "" && !c.service.TLS && !c.service.HTTP2:
		return c, errors.New("-cert needs -tls or -http2")
	}
	return c, nil
}

// run serves until the context or stdin ends.
func run(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	c, err := parse(args)
	if err != nil {
		return err
	}
	s, err := pushtest.New(c.service)
	if err != nil {
		return err
	}
	defer s.Close()
	s.Decide(c.decide())
	if err := c.write(s); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(stdout, "listening on %s\n", s.URL()); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-ended(stdin):
	}
	s.Close() // so that nothing comes after the summary
	for i, v := range s.Violations() {
		if i == 20 {
			break
		}
		fmt.Fprintln(os.Stderr, "violation:", v)
	}
	return json.NewEncoder(stdout).Encode(s.Summary())
}

// ended closes its channel at the end of r; its goroutine lasts until then or
// until the process ends.
func ended(r io.Reader) <-chan struct{} {
	c := make(chan struct{})
	if r == nil {
		return c
	}
	go func() {
		defer close(c)
		_, _ = io.Copy(io.Discard, r)
	}()
	return c
}

// decide spreads -status evenly over the requests; the others are only delayed.
func (c settings) decide() func(*pushtest.Subscription) *pushtest.Step {
	if c.step.Delay == 0 && c.step.Status == 0 {
		return nil
	}
	var due float64
	normal := &pushtest.Step{Delay: c.step.Delay}
	return func(*pushtest.Subscription) *pushtest.Step {
		if c.step.Status == 0 {
			return normal
		}
		if due += c.share; due < 1 {
			return normal
		}
		due--
		return &c.step
	}
}

func (c settings) write(s *pushtest.Server) error {
	if c.cert != "" {
		if err := os.WriteFile(c.cert, s.CertificatePEM(), 0o600); err != nil {
			return fmt.Errorf("write -cert: %w", err)
		}
	}
	subs := s.SubscribeN(c.subscriptions, !c.separateKeys)
	if c.out == "" {
		return nil
	}
	if err := writeSubscriptions(c.out, subs); err != nil {
		return fmt.Errorf("write -out: %w", err)
	}
	return nil
}

func writeSubscriptions(file string, subs []*pushtest.Subscription) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	for _, sub := range subs {
		// A bufio.Writer keeps its first error for Flush.
		_, _ = w.Write(append(sub.ImportJSON(), '\n'))
	}
	return errors.Join(w.Flush(), f.Close())
}
