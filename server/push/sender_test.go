package push

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"recado/server/push/pushtest"
)

var loopback = Policy{AllowedHosts: []string{"*"}, AllowPrivateNetworks: true, AllowHTTP: true}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a push service and a sender for it.
type world struct {
	service *pushtest.Server
	sender  *Sender
	key     *Key
}

func newWorld(t testing.TB, so pushtest.Options, o Options) *world {
	t.Helper()
	w := &world{service: pushtest.Start(t, so), key: newKey(t)}
	if o.Policy.AllowedHosts == nil {
		o.Policy = loopback
	}
	if o.Subject == "" {
		o.Subject = "mailto:operator@example.com"
	}
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Second
	}
	if o.RootCAs == nil {
		o.RootCAs = w.service.Pool()
	}
	w.sender = NewSender(o)
	t.Cleanup(w.sender.Close)
	return w
}

func (w *world) send(t testing.TB, sub *pushtest.Subscription, text string) Result {
	t.Helper()
	return w.sender.Send(t.Context(), w.key, target(sub), Message{Payload: []byte(text), TTL: time.Hour})
}

func target(sub *pushtest.Subscription) Target {
	return Target{sub.Endpoint, Keys{sub.P256dh, sub.Auth}}
}

// kindsOfService are the three ways in which a push service can be spoken to.
var kindsOfService = map[string]pushtest.Options{
	"http/1.1":         {},
	"http/1.1 and TLS": {TLS: true},
	"http/2":           {HTTP2: true},
}

func eachKind(t *testing.T, o Options, f func(*testing.T, *world)) {
	for name, kind := range kindsOfService {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, kind, o)
			f(t, w)
			for _, v := range w.service.Violations() {
				t.Error("violation:", v)
			}
		})
	}
}

func TestSend(t *testing.T) {
	eachKind(t, Options{}, func(t *testing.T, w *world) {
		sub := w.service.Subscribe()
		for _, n := range []int{0, 1, SafePayload, MaxPayload} {
			text := strings.Repeat("a", n)
			r := w.sender.Send(t.Context(), w.key, target(sub), Message{Payload: []byte(text), TTL: 90*time.Second + 999*time.Millisecond, Urgency: "high", Topic: "disk"})
			if r.Class != Sent || r.Code != 201 || r.Reason != "" || r.Latency <= 0 {
				t.Fatalf("%d bytes: %+v", n, r)
			}
			got := w.service.Received()
			m := got[len(got)-1]
			if string(m.Plaintext) != text || m.TTL != 90 || m.Urgency != "high" || m.Topic != "disk" || m.VAPIDKey != w.key.PublicString() {
				t.Errorf("%d bytes: got %d bytes, %+v", n, len(m.Plaintext), m)
			}
		}
		r := w.sender.Send(t.Context(), w.key, target(sub), Message{TTL: -time.Second, Urgency: "normal"})
		got := w.service.Received()
		if m := got[len(got)-1]; r.Class != Sent || m.TTL != 0 || m.Urgency != "" || m.Header.Get("Topic") != "" {
			t.Errorf("%+v, %+v", r, m)
		}
	})
}

func TestSendSpeaksHTTP2(t *testing.T) {
	w := newWorld(t, pushtest.Options{HTTP2: true}, Options{})
	w.send(t, w.service.Subscribe(), "x")
	if got := w.service.Received(); len(got) != 1 || got[0].Proto != "HTTP/2.0" {
		t.Errorf("%+v", got)
	}
}

func TestSendReusesItsToken(t *testing.T) {
	now := time.Now()
	w := newWorld(t, pushtest.Options{}, Options{Now: func() time.Time { return now }})
	sub := w.service.Subscribe()
	for range 3 {
		w.send(t, sub, "x")
	}
	now = now.Add(tokenUse)
	w.send(t, sub, "x")
	seen := map[string]int{}
	for _, m := range w.service.Received() {
		seen[m.Header.Get("Authorization")]++
	}
	if len(seen) != 2 {
		t.Errorf("%d tokens for 3 messages and one six hours later, want 2", len(seen))
	}
}

func TestSendAnswers(t *testing.T) {
	eachKind(t, Options{}, func(t *testing.T, w *world) {
		sub := w.service.Subscribe()
		for _, c := range []struct {
			step pushtest.Step
			want Result
		}{
			{pushtest.Step{Status: 200}, Result{Class: Sent, Code: 200}},
			{pushtest.Step{Status: 410}, Result{Class: Gone, Code: 410, Reason: "410 Gone"}},
			{pushtest.Step{Status: 403, Body: []byte("not yours " + sub.Endpoint)}, Result{Class: Unauthorized, Code: 403, Reason: "not yours …"}},
			{pushtest.Step{Status: 400, Body: []byte(`{"message":"bad"}`)}, Result{Class: Rejected, Code: 400, Reason: "bad"}},
			{pushtest.Step{Status: 429, RetryAfter: "7"}, Result{Class: Overloaded, Code: 429, Reason: "429 Too Many Requests", RetryAfter: 7 * time.Second}},
			{pushtest.Step{Status: 503, RetryAfter: "soon"}, Result{Class: Retry, Code: 503, Reason: "503 Service Unavailable"}},
		} {
			sub.Script(c.step)
			got := w.send(t, sub, "x")
			if got.Latency = 0; got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		}
	})
}

func TestSendFollowsNoRedirect(t *testing.T) {
	eachKind(t, Options{}, func(t *testing.T, w *world) {
		sub, other := w.service.Subscribe(), w.service.Subscribe()
		for _, code := range []int{301, 302, 303, 307, 308} {
			sub.Script(pushtest.Step{Status: code, Header: http.Header{"Location": {other.Endpoint}}})
			if r := w.send(t, sub, "x"); r.Class != Rejected || r.Code != code || r.Reason == "" {
				t.Errorf("%+v", r)
			}
		}
		if n := w.service.RequestsOf(other); n != 0 {
			t.Errorf("%d redirects were followed", n)
		}
	})
}

func TestSendHang(t *testing.T) {
	eachKind(t, Options{Timeout: time.Second}, func(t *testing.T, w *world) {
		sub := w.service.Subscribe()
		sub.Script(pushtest.Step{Hang: true})
		r := w.send(t, sub, "x")
		if r.Class != Retry || r.Code != 0 || r.Reason != errNoAnswer.Error() || r.Latency > 3*time.Second {
			t.Errorf("%+v", r)
		}
		ctx, cancel := context.WithCancel(t.Context())
		sub.Script(pushtest.Step{Hang: true, Before: cancel})
		if r := w.sender.Send(ctx, w.key, target(sub), Message{}); r.Class != Retry || r.Code != 0 || r.Reason == errNoAnswer.Error() {
			t.Errorf("canceled by the caller: %+v", r)
		}
		if r := w.send(t, sub, "x"); r.Class != Sent {
			t.Errorf("afterwards: %+v", r)
		}
	})
}

// Once the status is known, a body that never ends changes nothing.
func TestSendDrip(t *testing.T) {
	eachKind(t, Options{}, func(t *testing.T, w *world) {
		w.sender.answerTime = 100 * time.Millisecond
		sub := w.service.Subscribe()
		for code, want := range map[int]Class{201: Sent, 500: Retry, 410: Gone} {
			sub.Script(pushtest.Step{Status: code, Drip: 20 * time.Millisecond})
			start := time.Now()
			if r := w.send(t, sub, "x"); r.Class != want || r.Code != code {
				t.Errorf("%d: %+v", code, r)
			}
			if d := time.Since(start); d > 4*time.Second {
				t.Errorf("%d: held for %s", code, d)
			}
		}
		if r := w.send(t, sub, "x"); r.Class != Sent {
			t.Errorf("afterwards: %+v", r)
		}
	})
}

func TestSendGiantAnswer(t *testing.T) {
	eachKind(t, Options{}, func(t *testing.T, w *world) {
		sub := w.service.Subscribe()
		w.send(t, sub, "warm up")
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for code, want := range map[int]Class{201: Sent, 503: Retry} {
			sub.Script(pushtest.Step{Status: code, Giant: 50 << 20})
			if r := w.send(t, sub, "x"); r.Class != want || r.Code != code || len(r.Reason) > maxReason {
				t.Errorf("%+v", r)
			}
		}
		runtime.ReadMemStats(&after)
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
			t.Errorf("%d bytes were allocated for 100 MB of answers", grown)
		}
		if r := w.send(t, sub, "x"); r.Class != Sent {
			t.Errorf("afterwards: %+v", r)
		}
	})
}

// What may have been processed is reported, never sent again by itself.
func TestSendLostAnswer(t *testing.T) {
	eachKind(t, Options{}, func(t *testing.T, w *world) {
		sub := w.service.Subscribe()
		w.send(t, sub, "a connection to reuse")
		sub.Script(pushtest.Step{Status: 201, Reset: true})
		if r := w.send(t, sub, "x"); r.Class != Retry || r.Code != 0 || r.Reason == "" {
			t.Errorf("%+v", r)
		}
		if n := w.service.RequestsOf(sub); n != 2 {
			t.Errorf("%d requests, want 2", n)
		}
	})
}

func TestSendAgainWhatWasNotProcessed(t *testing.T) {
	refused := pushtest.Step{RefuseStream: true}
	goaway := pushtest.Step{RefuseStream: true, GoAway: true}
	for name, c := range map[string]struct {
		steps []pushtest.Step
		want  Class
	}{
		"refused once":  {[]pushtest.Step{refused}, Sent},
		"goaway once":   {[]pushtest.Step{goaway}, Sent},
		"refused twice": {[]pushtest.Step{refused, refused}, Retry},
		"goaway twice":  {[]pushtest.Step{goaway, goaway}, Retry},
		"calm":          {[]pushtest.Step{{Reset: true, GoAway: true}}, Retry},
		"last stream":   {[]pushtest.Step{{GoAway: true}}, Sent},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, pushtest.Options{HTTP2: true}, Options{})
			sub := w.service.Subscribe()
			w.send(t, sub, "a connection to reuse")
			sub.Script(c.steps...)
			start := time.Now()
			if r := w.send(t, sub, "x"); r.Class != c.want {
				t.Errorf("%+v", r)
			}
			if d := time.Since(start); d > 900*time.Millisecond {
				t.Errorf("held for %s", d)
			}
			if r := w.send(t, sub, "y"); r.Class != Sent {
				t.Errorf("afterwards: %+v", r)
			}
			want := 2
			if c.want == Sent {
				want = 3
			}
			if n := w.service.CountOf(sub); n != want {
				t.Errorf("%d messages accepted, want %d", n, want)
			}
		})
	}
}

func TestSendTLSFailures(t *testing.T) {
	for name, so := range map[string]pushtest.Options{
		"authority": {HTTP2: true, BadCertificate: true},
		"host":      {HTTP2: true, WrongHost: true},
	} {
		w := newWorld(t, so, Options{})
		r := w.send(t, w.service.Subscribe(), "x")
		if r.Class != Retry || r.Code != 0 || !strings.Contains(r.Reason, "certificate") {
			t.Errorf("%s: %+v", name, r)
		}
		if n := w.service.Requests(); n != 0 {
			t.Errorf("%s: %d requests", name, n)
		}
	}
}

func TestSendConnectionRefused(t *testing.T) {
	w := newWorld(t, pushtest.Options{}, Options{})
	sub := w.service.Subscribe()
	w.service.Close()
	if r := w.send(t, sub, "x"); r.Class != Retry || r.Code != 0 || !strings.Contains(r.Reason, "no answer") || strings.Contains(r.Reason, sub.ID) {
		t.Errorf("%+v", r)
	}
}

func TestSendRefusesByItself(t *testing.T) {
	w := newWorld(t, pushtest.Options{}, Options{})
	sub := w.service.Subscribe()
	good := target(sub)
	for name, c := range map[string]struct {
		key  *Key
		to   Target
		size int
	}{
		"no key":       {nil, good, 0},
		"no target":    {w.key, Target{}, 0},
		"bad endpoint": {w.key, Target{"ftp://x.example/" + sub.ID, good.Keys}, 0},
		"bad keys":     {w.key, Target{good.Endpoint, Keys{good.Keys.P256dh, nil}}, 0},
		"too large":    {w.key, good, MaxPayload + 1},
	} {
		r := w.sender.Send(t.Context(), c.key, c.to, Message{Payload: make([]byte, c.size)})
		if r.Class != Rejected || r.Code != 0 || r.Reason == "" || strings.Contains(r.Reason, sub.ID) {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if n := w.service.Requests(); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// keep is a transport that answers 201 and keeps the request.
type keep struct {
	last atomic.Pointer[http.Request]
	err  error
}

func (k *keep) RoundTrip(r *http.Request) (*http.Response, error) {
	k.last.Store(r)
	if k.err != nil {
		return nil, k.err
	}
	return &http.Response{StatusCode: 201, Body: http.NoBody}, nil
}

func TestWindowsCachePolicy(t *testing.T) {
	k := &keep{}
	s := NewSender(Options{Policy: vendors, Transport: k})
	keys := newBrowser(t).keys()
	for _, c := range []struct {
		endpoint string
		ttl      time.Duration
		want     string
	}{
		{"https://wns2-par02p.notify.windows.com/w/?token=BQ", 0, "no-cache"},
		{"https://wns2-par02p.notify.windows.com/w/?token=BQ", time.Hour, "cache"},
		{"https://fcm.googleapis.com/fcm/send/x", 0, ""},
	} {
		s.Send(t.Context(), newKey(t), Target{c.endpoint, keys}, Message{TTL: c.ttl})
		r := k.last.Load()
		got := ""
		for name, values := range r.Header { // spelled as WNS does, not as net/http would
			if name == "X-WNS-Cache-Policy" {
				got = strings.Join(values, ",")
			}
		}
		if got != c.want {
			t.Errorf("%s, TTL %s: %q, want %q", c.endpoint, c.ttl, got, c.want)
		}
		if r.URL.String() != c.endpoint || r.Header.Get("User-Agent") != "recado" {
			t.Errorf("%s, %v", r.URL, r.Header)
		}
	}
}

func TestFailureReasons(t *testing.T) {
	endpoint := "https://fcm.googleapis.com/fcm/send/SECRETSECRETSECRET"
	keys := newBrowser(t).keys()
	for _, c := range []struct {
		err  error
		want string
	}{
		{errors.New("odd " + endpoint + "\x00"), "no answer from the push service: odd …"},
		{&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "fcm.googleapis.com"}}, "the host name cannot be resolved: no such host"},
		{&net.OpError{Op: "read", Err: &timeoutError{}}, errNoAnswer.Error()},
	} {
		s := NewSender(Options{Policy: vendors, Transport: &keep{err: c.err}})
		if r := s.Send(t.Context(), newKey(t), Target{endpoint, keys}, Message{}); r.Class != Retry || r.Code != 0 || r.Reason != c.want {
			t.Errorf("%+v, want %q", r, c.want)
		}
	}
}

type timeoutError struct{}

func (*timeoutError) Error() string   { return "i/o timeout" }
func (*timeoutError) Timeout() bool   { return true }
func (*timeoutError) Temporary() bool { return true }

// A new connection learns how many requests the service takes at a time only
// after the first ones; what was refused for that comes back as Retry and is
// sent again here, and nothing is accepted twice.
func TestManySendersTogether(t *testing.T) {
	for _, streams := range []uint32{1, 10, 100} {
		t.Run(fmt.Sprint(streams, " streams"), func(t *testing.T) { manySendersTogether(t, streams) })
	}
}

func manySendersTogether(t *testing.T, streams uint32) {
	n := 2000
	if testing.Short() {
		n = 300
	}
	var connections, retries atomic.Int32
	w := newWorld(t, pushtest.Options{HTTP2: true, MaxConcurrentStreams: streams}, Options{
		Timeout: 20 * time.Second,
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			connections.Add(1)
			return (&net.Dialer{}).DialContext(ctx, network, address)
		},
	})
	work := make(chan *pushtest.Subscription)
	var senders sync.WaitGroup
	for range 256 {
		senders.Go(func() {
			for sub := range work {
				r := w.send(t, sub, `{"id":"`+sub.ID+`"}`)
				for ; r.Class == Retry; r = w.send(t, sub, `{"id":"`+sub.ID+`"}`) {
					retries.Add(1)
				}
				if r.Class != Sent {
					t.Errorf("%+v", r)
				}
			}
		})
	}
	for _, sub := range w.service.SubscribeN(n, true) {
		work <- sub
	}
	close(work)
	senders.Wait()
	if got := w.service.Summary(); got.Unique != int64(n) || got.Duplicates != 0 || got.Violations != 0 {
		t.Errorf("%+v %q", got, w.service.Violations())
	}
	t.Logf("%d connections, %d retries", connections.Load(), retries.Load())
	// How many net/http opens before the first has said what it takes depends on
	// who runs first; more than one a request at a time would be a leak.
	if streams == 100 && connections.Load() > 256 {
		t.Errorf("%d connections for 256 requests at a time", connections.Load())
	}
}

func BenchmarkSend(b *testing.B) {
	w := newWorld(b, pushtest.Options{HTTP2: true, SkipVerify: true, CountOnly: true}, Options{})
	to, payload := target(w.service.Subscribe()), bytes.Repeat([]byte("x"), 150)
	b.SetParallelism(32)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if r := w.sender.Send(b.Context(), w.key, to, Message{Payload: payload}); r.Class != Sent {
				b.Errorf("%+v", r)
			}
		}
	})
}
