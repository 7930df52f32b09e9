package console

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"

	"recado/server/live"
	"recado/storage"
)

// quietLog is storage in which nothing but the seq given is known.
type quietLog struct{ id uuid.UUID }

func (quietLog) Seqs(context.Context) (storage.Seqs, error) { return storage.Seqs{Latest: 7}, nil }

func (quietLog) ChangesAfter(_ context.Context, seq int64, _ storage.ChangeFilter, _ int) ([]storage.Change, int64, error) {
	return nil, max(seq, 7), nil
}

func (q quietLog) NotificationNames(_ context.Context, keys []int64) (map[int64]storage.NotificationName, error) {
	return map[int64]storage.NotificationName{keys[0]: {Key: keys[0], ID: q.id, Title: "title", Everyone: true}}, nil
}

func (quietLog) SubscriptionNames(context.Context, []int64) (map[int64]storage.SubscriptionName, error) {
	return nil, nil
}

// liveRig is the endpoint in a bubble: connections are pipes, on which time stands
// still while everyone waits.
type liveRig struct {
	*testing.T
	hub   *live.Hub
	conns chan net.Conn
	ended atomic.Bool // tokens
	end   func()      // of the hub; returns when all viewers have left
	web   *http.Server
}

func (r *liveRig) Accept() (net.Conn, error) {
	c, ok := <-r.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (r *liveRig) Close() error   { return nil }
func (r *liveRig) Addr() net.Addr { return &net.TCPAddr{} }

// inBubble runs test with an endpoint.
func inBubble(t *testing.T, test func(r *liveRig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &liveRig{T: t, conns: make(chan net.Conn)}
		r.hub = live.New(live.Options{Log: quietLog{uuid.New()}, Version: "1.2.3", Logger: slog.New(slog.DiscardHandler)})
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { defer close(done); r.hub.Run(ctx) }()
		r.end = func() { cancel(); <-done }
		r.web = &http.Server{
			// As the server has them: they are for requests, not for what those become.
			ReadTimeout: 30 * time.Second, WriteTimeout: 75 * time.Second,
			Handler: NewLiveLog(LiveOptions{
				Hub: r.hub, Origin: "https://recado.example",
				Fail:     func(w http.ResponseWriter, _ *http.Request, err error) { http.Error(w, err.Error(), 400) },
				Admitted: func(*http.Request) bool { return !r.ended.Load() },
			}),
		}
		go func() { _ = r.web.Serve(r) }()
		test(r)
		r.end()
		close(r.conns)
		_ = r.web.Close()
	})
}

// open is a connection that has been upgraded, with nothing that reads it.
func (r *liveRig) open() (net.Conn, *bufio.Reader) {
	r.Helper()
	client, server := net.Pipe()
	r.conns <- server
	_, err := io.WriteString(client, "GET /v1/deliveries/live HTTP/1.1\r\nHost: recado.example\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	r.ok(err)
	in := bufio.NewReader(client)
	res, err := http.ReadResponse(in, nil)
	r.ok(err)
	if res.StatusCode != http.StatusSwitchingProtocols || res.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		r.Fatalf("%s %v", res.Status, res.Header)
	}
	return client, in
}

func (r *liveRig) ok(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// dial is a browser's connection.
func (r *liveRig) dial() *websocket.Conn {
	r.Helper()
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		r.conns <- server
		return client, nil
	}}
	c, _, err := websocket.Dial(context.Background(), "ws://recado.example/", &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
	r.ok(err)
	return c
}

func (r *liveRig) viewers(want int) {
	r.Helper()
	synctest.Wait()
	if n := r.hub.Viewers(); n != want {
		r.Fatalf("%d viewers, want %d", n, want)
	}
}

func (r *liveRig) publish(seq int64) {
	r.hub.Publish(storage.Settled{Changes: []storage.Change{{Seq: seq, NotificationKey: 1, SubscriptionKey: 1, Status: storage.StatusSent, Event: storage.EventSent}}})
}

func TestWhoAnswersStays(t *testing.T) {
	inBubble(t, func(r *liveRig) {
		c := r.dial()
		defer c.CloseNow()
		frames := make(chan string, 100)
		go func() {
			for {
				_, text, err := c.Read(context.Background())
				if err != nil {
					close(frames)
					return
				}
				frames <- string(text)
			}
		}()
		if hello := <-frames; hello != `{"type":"hello","seq":7,"version":"1.2.3"}` {
			t.Errorf("first comes %s", hello)
		}
		time.Sleep(24 * time.Hour)
		r.viewers(1)
		r.publish(8)
		if f := <-frames; !strings.HasPrefix(f, `{"type":"deliveries","items":[{"event":"sent","at":`) {
			t.Errorf("then comes %s", f)
		}
		r.ok(c.Close(websocket.StatusNormalClosure, ""))
		r.viewers(0)
	})
}

// TestTheDeadAreDropped: who does not answer a ping is, and who takes nothing.
func TestTheDeadAreDropped(t *testing.T) {
	inBubble(t, func(r *liveRig) {
		deaf, in := r.open()
		go func() { _, _ = io.Copy(io.Discard, in) }()
		time.Sleep(39 * time.Second)
		r.viewers(1)
		time.Sleep(2 * time.Second)
		r.viewers(0)
		_ = deaf.Close()

		stalled, _ := r.open()
		time.Sleep(9 * time.Second)
		r.viewers(1)
		time.Sleep(2 * time.Second)
		r.viewers(0)
		_ = stalled.Close()

		gone, in := r.open()
		go func() { _, _ = io.Copy(io.Discard, in) }()
		time.Sleep(time.Second)
		_ = gone.Close()
		r.viewers(0)
	})
}

func TestTheEndOfAToken(t *testing.T) {
	inBubble(t, func(r *liveRig) {
		ended := r.readAll(r.dial())
		time.Sleep(time.Hour)
		r.viewers(1)
		r.ended.Store(true)
		if err := <-ended; websocket.CloseStatus(err) != websocket.StatusPolicyViolation || !strings.Contains(err.Error(), "has ended") {
			t.Errorf("it ended with %v", err)
		}
		r.viewers(0)
	})
}

// readAll reads until the end, which it tells.
func (r *liveRig) readAll(c *websocket.Conn) <-chan error {
	ended := make(chan error, 1)
	go func() {
		for {
			if _, _, err := c.Read(context.Background()); err != nil {
				ended <- err
				return
			}
		}
	}()
	return ended
}

// TestTheEndDoesNotWait: for those who are there, and not for those who are not.
func TestTheEndDoesNotWait(t *testing.T) {
	inBubble(t, func(r *liveRig) {
		there := r.dial()
		stalled, _ := r.open() // not even hello can be written
		deaf, in := r.open()   // reads, and answers nothing
		go func() { _, _ = io.Copy(io.Discard, in) }()
		_, _, err := there.Read(context.Background())
		r.ok(err)
		r.viewers(3)
		said := r.readAll(there)
		start := time.Now()
		r.end()
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("it took %v", took)
		}
		if err := <-said; websocket.CloseStatus(err) != websocket.StatusGoingAway {
			t.Errorf("who was there was told %v", err)
		}
		r.viewers(0)
		_ = stalled.Close()
		_ = deaf.Close()
	})
}

// TestNonsense: what is no filter ends the connection, and says why.
func TestNonsense(t *testing.T) {
	for _, c := range []struct {
		name, text string
		kind       websocket.MessageType
		want       websocket.StatusCode
	}{
		{"binary", `{"type":"filter"}`, websocket.MessageBinary, websocket.StatusUnsupportedData},
		{"no JSON", `hello`, websocket.MessageText, websocket.StatusPolicyViolation},
		{"no UTF-8", "\xff", websocket.MessageText, websocket.StatusPolicyViolation},
		{"nothing", "", websocket.MessageText, websocket.StatusPolicyViolation},
		{"another type", `{"type":"hello"}`, websocket.MessageText, websocket.StatusPolicyViolation},
		{"an unknown event", `{"type":"filter","event":["exploded"]}`, websocket.MessageText, websocket.StatusPolicyViolation},
		{"too long", `{"type":"filter","category":"` + strings.Repeat("x", 5000) + `"}`, websocket.MessageText, websocket.StatusMessageTooBig},
	} {
		inBubble(t, func(r *liveRig) {
			conn := r.dial()
			ended := r.readAll(conn)
			r.ok(conn.Write(context.Background(), c.kind, []byte(c.text)))
			if err := <-ended; websocket.CloseStatus(err) != c.want {
				t.Errorf("%s: it ended with %v", c.name, err)
			}
			r.viewers(0)
		})
	}
}

func TestFilterMessages(t *testing.T) {
	id := uuid.New()
	for text, want := range map[string]storage.ChangeFilter{
		`{"type":"filter"}`: {},
		`{"type":"filter","notification":null,"event":null,"category":null}`: {},
		`{"type":"filter","notification":"","event":[],"category":""}`:       {},
		` {"category":"ops","event":["sent","closed"],"notification":"` + id.String() + `","type":"filter"} `: {
			Notification: id, Category: "ops", Events: storage.Events(storage.EventSent, storage.EventClosed)},
	} {
		if got, err := liveMessage([]byte(text)); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, bad := range []string{`{"type":"filter"}x`, `{"type":"filter"}{}`, `{"type":"filter","events":["sent"]}`, `{"type":"filter","event":"sent"}`,
		`{"type":"filter","notification":"x"}`, `{"type":"filter","notification":"{` + id.String() + `}"}`, `[]`, `null`, `{}`} {
		if got, err := liveMessage([]byte(bad)); err == nil {
			t.Errorf("%s is taken as %+v", bad, got)
		}
	}
}

func FuzzLiveMessage(f *testing.F) {
	f.Add([]byte(`{"type":"filter","notification":null,"event":["sent"],"category":"ops"}`))
	f.Add([]byte(`{"type":"filter","event":[null]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, err := liveMessage(text); err != nil && len(err.Error()) > 120 {
			t.Errorf("%q: %d bytes do not fit into a close frame: %v", text, len(err.Error()), err)
		}
	})
}

func TestLiveQueries(t *testing.T) {
	q := func(s string) (storage.ChangeFilter, int64, error) {
		r, err := http.NewRequest("GET", "/?"+s, nil)
		if err != nil {
			t.Fatal(err)
		}
		return liveQuery(r.URL.Query())
	}
	if f, since, err := q(""); err != nil || f != (storage.ChangeFilter{}) || since != live.FromNow {
		t.Errorf("nothing: %+v, %d, %v", f, since, err)
	}
	if f, since, err := q("since=0&event=sent,%20clicked&category=ops"); err != nil || since != 0 || f.Category != "ops" || f.Events != storage.Events(storage.EventSent, storage.EventClicked) {
		t.Errorf("some: %+v, %d, %v", f, since, err)
	}
	_, _, err := q("since=1.5&event=x&notification=00000000-0000-0000-0000-000000000000")
	var no *Refusal
	if !errors.As(err, &no) || no.Status != http.StatusBadRequest || len(no.Fields) != 3 || no.Fields[0].Field != "since" {
		t.Errorf("all wrong: %+v", err)
	}
}
