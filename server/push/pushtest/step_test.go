package pushtest

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/http2"
)

// plain sends with a client that retries nothing: what the service did is
// what the test sees.
func (x *sender) plain() *sender {
	y := *x
	y.client = &http.Client{Transport: x.client.Transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	return &y
}

func noReplay(r *http.Request) { r.GetBody = nil }

func TestStatusSequence(t *testing.T) {
	each(t, func(t *testing.T, s *Server) {
		x, a, b := newSender(t, s).plain(), s.Subscribe(), s.Subscribe()
		s.Script(Step{Status: 503, RetryAfter: "7"}, Step{Status: 307, Header: http.Header{"location": {"http://127.0.0.1/"}}})
		a.Script(Step{Status: 429, Body: []byte("slow down")})
		res, err := x.send(limit(t), a, "1", nil)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if res.StatusCode != 429 || string(text) != "slow down" {
			t.Errorf("own script: %d %q", res.StatusCode, text)
		}
		if res, err = x.send(limit(t), a, "2", nil); err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != 503 || res.Header.Get("Retry-After") != "7" {
			t.Errorf("service's script: %d %v", res.StatusCode, res.Header)
		}
		for i, want := range []int{307, 201} {
			if got := x.status(b, "3", nil); got != want {
				t.Errorf("answer %d is %d, want %d", i, got, want)
			}
		}
		if len(s.Received()) != 4 || s.Count() != 1 || s.RequestsOf(a) != 2 || len(s.Violations()) != 0 {
			t.Errorf("received %d, accepted %d, violations %q", len(s.Received()), s.Count(), s.Violations())
		}
	})
}

func TestAlwaysAndDecide(t *testing.T) {
	s := Start(t, Options{})
	x, a, b := newSender(t, s), s.Subscribe(), s.Subscribe()
	s.Decide(func(sub *Subscription) *Step {
		if sub == b {
			return &Step{Status: 429}
		}
		return nil
	})
	expect := func(wantA, wantB int) {
		t.Helper()
		if gotA, gotB := x.status(a, "m", nil), x.status(b, "m", nil); gotA != wantA || gotB != wantB {
			t.Errorf("got %d and %d, want %d and %d", gotA, gotB, wantA, wantB)
		}
	}
	expect(201, 429)
	a.Always(&Step{Status: 500})
	expect(500, 429)
	s.Always(&Step{Status: 503})
	expect(500, 503)
	a.Always(nil)
	s.Always(nil)
	expect(201, 429)
}

func TestHangAndDelay(t *testing.T) {
	each(t, func(t *testing.T, s *Server) {
		x, sub := newSender(t, s), s.Subscribe()
		ctx, cancel := context.WithCancel(limit(t))
		s.Script(Step{Hang: true, Before: cancel}, Step{Delay: time.Hour})
		if _, err := x.send(ctx, sub, "1", nil); !errors.Is(err, context.Canceled) {
			t.Errorf("hang: %v", err)
		}
		if m := s.Received(); len(m) != 1 || m[0].Status != 0 || m[0].Accepted {
			t.Errorf("hang: received %+v", m)
		}
		failed := make(chan error)
		go func() {
			_, err := x.send(limit(t), sub, "2", nil)
			failed <- err
		}()
		if err := s.Wait(limit(t), 1); err != nil { // accepted, though not yet answered
			t.Fatal(err)
		}
		s.Close()
		if err := <-failed; err == nil {
			t.Error("Close leaves a request hanging")
		}
	})
}

func TestDripAndGiant(t *testing.T) {
	each(t, func(t *testing.T, s *Server) {
		x, sub := newSender(t, s), s.Subscribe()
		const giant = 6 << 20 // more than the window of Go's client
		s.Script(Step{Giant: giant}, Step{Status: 400, Drip: time.Millisecond, Body: []byte("drop by drop")}, Step{Drip: time.Hour})
		res, err := x.send(limit(t), sub, "1", nil)
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, res.Body)
		if _ = res.Body.Close(); n != giant || err != nil || res.StatusCode != 201 {
			t.Errorf("giant: %d octets, %d, %v", n, res.StatusCode, err)
		}
		if res, err = x.send(limit(t), sub, "2", nil); err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		if _ = res.Body.Close(); string(text) != "drop by drop" || err != nil || res.StatusCode != 400 {
			t.Errorf("drip: %q, %d, %v", text, res.StatusCode, err)
		}
		// The headers come at once, and the client may leave in between.
		if res, err = x.send(limit(t), sub, "3", nil); err != nil || res.StatusCode != 201 {
			t.Fatal(res, err)
		}
		_ = res.Body.Close()
		if got := x.status(sub, "4", nil); got != 201 {
			t.Errorf("after a drip: %d", got)
		}
		s.Script(Step{Drip: time.Hour})
		if res, err = x.send(limit(t), sub, "5", nil); err != nil {
			t.Fatal(err)
		}
		s.Close()
		if _, err := io.ReadAll(res.Body); err == nil {
			t.Error("a drip that Close cuts off looks whole")
		}
		_ = res.Body.Close()
	})
}

// A client that reads nothing of a giant answer holds up neither others nor Close.
func TestGiantUnread(t *testing.T) {
	each(t, func(t *testing.T, s *Server) {
		x, sub := newSender(t, s), s.Subscribe()
		s.Script(Step{Giant: 50 << 20})
		res, err := x.send(limit(t), sub, "1", nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := x.status(sub, "2", nil); got != 201 {
			t.Errorf("beside it: %d", got)
		}
		s.Close()
		_ = res.Body.Close()
	})
}

func TestReset(t *testing.T) {
	each(t, func(t *testing.T, s *Server) {
		x, sub := newSender(t, s), s.Subscribe()
		var after sync.WaitGroup
		after.Add(1)
		s.Script(Step{Reset: true, After: after.Done}, Step{Status: 201, Reset: true})
		_, err := x.send(limit(t), sub, "1", noReplay)
		var stream http2.StreamError
		switch {
		case err == nil:
			t.Error("a reset request has an answer")
		case s.options.HTTP2 && !(errors.As(err, &stream) && stream.Code == http2.ErrCodeInternal):
			t.Errorf("got %v", err)
		case !s.options.HTTP2 && !errors.Is(err, syscall.ECONNRESET):
			t.Errorf("got %v", err)
		}
		after.Wait()
		if _, err := x.send(limit(t), sub, "2", noReplay); err == nil || s.Count() != 1 {
			t.Errorf("accepted and reset: %v, count %d", err, s.Count())
		}
		if got := x.status(sub, "3", nil); got != 201 {
			t.Errorf("after a reset: %d", got)
		}
	})
}

// A refused stream is safe to send again, and Go's client does so by itself.
func TestRefuseStream(t *testing.T) {
	s := Start(t, Options{HTTP2: true})
	x, sub := newSender(t, s), s.Subscribe()
	s.Script(Step{RefuseStream: true})
	_, err := x.send(limit(t), sub, "1", noReplay)
	var stream http2.StreamError
	if err == nil || !errors.As(err, &stream) && !strings.Contains(err.Error(), "REFUSED_STREAM") {
		t.Errorf("without replay: %v", err)
	}
	s.Script(Step{RefuseStream: true}, Step{RefuseStream: true})
	if got := x.status(sub, "2", nil); got != 201 {
		t.Errorf("with replay: %d", got)
	}
	if sum := s.Summary(); sum.Requests != 1 || sum.Messages != 1 || sum.Violations != 0 {
		t.Errorf("%+v", sum)
	}
}

func TestRefuseStreamOnHTTP1(t *testing.T) {
	s := Start(t, Options{})
	s.Script(Step{RefuseStream: true})
	if _, err := newSender(t, s).send(limit(t), s.Subscribe(), "1", noReplay); err == nil || s.Requests() != 0 {
		t.Errorf("got %v, %d requests", err, s.Requests())
	}
}

func TestGoAway(t *testing.T) {
	for name, c := range map[string]struct {
		step     Step
		accepted int // of the scripted message and two more
		fails    bool
	}{
		"answered":  {Step{GoAway: true}, 3, false},
		"unhandled": {Step{GoAway: true, RefuseStream: true}, 3, false},
		"abrupt":    {Step{GoAway: true, Reset: true}, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := Start(t, Options{HTTP2: true})
			x, sub := newSender(t, s), s.Subscribe()
			s.Script(c.step)
			res, err := x.send(limit(t), sub, "1", nil)
			if (err != nil) != c.fails {
				t.Fatalf("got %v", err)
			}
			if c.fails && !strings.Contains(err.Error(), "ENHANCE_YOUR_CALM") {
				t.Errorf("the client was not told: %v", err)
			}
			if err == nil {
				_ = res.Body.Close()
			}
			for range 2 {
				if got := x.status(sub, "m", nil); got != 201 {
					t.Errorf("on a new connection: %d", got)
				}
			}
			if s.Count() != c.accepted || len(s.Violations()) != 0 {
				t.Errorf("accepted %d, want %d; violations %q", s.Count(), c.accepted, s.Violations())
			}
		})
	}
}

func TestCertificates(t *testing.T) {
	for name, o := range map[string]Options{"unknown authority": {TLS: true, BadCertificate: true}, "wrong host": {HTTP2: true, WrongHost: true}} {
		t.Run(name, func(t *testing.T) {
			s := Start(t, o)
			_, err := newSender(t, s).send(limit(t), s.Subscribe(), "1", nil)
			var bad *tls.CertificateVerificationError
			if !errors.As(err, &bad) || s.Requests() != 0 {
				t.Errorf("got %v", err)
			}
		})
	}
}
