package console

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"recado/server/live"
)

// How long a viewer may take.
const (
	pingEvery   = 30 * time.Second
	pongWithin  = 10 * time.Second
	writeWithin = 10 * time.Second // one frame
	closeWithin = time.Second      // to answer that the log ends
)

// maxMessage is how large a message of a viewer may be, in bytes.
const maxMessage = 4 << 10

// fullRetry is when to come back when there are too many viewers.
const fullRetry = 10 * time.Second

// Refusal says why a request did not become a viewer of the live log.
type Refusal struct {
	// Status is 400, 403, 426 or 503.
	Status     int
	Message    string
	Fields     []FieldError  // of the query, that a 400 is about
	RetryAfter time.Duration // of a 503
}

// FieldError says what is wrong with a field; Message follows its name.
type FieldError struct{ Field, Message string }

func (r *Refusal) Error() string { return r.Message }

func (r *Refusal) add(field, message string) {
	r.Fields = append(r.Fields, FieldError{field, message})
	r.Message = strings.TrimPrefix(r.Message+"; "+field+" "+message, "; ")
}

// LiveOptions are what LiveLog is made of; all are required.
type LiveOptions struct {
	Hub *live.Hub
	// Origin is the server's own, as browsers write it: pages of others are refused.
	Origin string
	// Fail answers what is refused: the error is a *Refusal.
	Fail func(http.ResponseWriter, *http.Request, error)
	// Admitted reports whether the token or session of a request that was let in is
	// good still.
	Admitted func(*http.Request) bool
}

// LiveLog is the endpoint of the live delivery log, a WebSocket (RFC 6455). Who may
// watch has been decided before it is asked.
type LiveLog struct{ o LiveOptions }

// NewLiveLog returns the endpoint. Its viewers leave when the hub ends.
func NewLiveLog(o LiveOptions) *LiveLog { return &LiveLog{o} }

// ServeHTTP makes a viewer of the request, and returns when it has left.
func (l *LiveLog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v, err := l.admit(w, r)
	if err != nil {
		l.o.Fail(w, r, err)
		return
	}
	defer v.Leave()
	// The origin has been compared, with what the operator says rather than with
	// what the client calls this host. No compression: it would cost more than all
	// that it compresses.
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return // it has been answered: this connection cannot be a WebSocket
	}
	conn.SetReadLimit(maxMessage)
	c := &connection{Conn: conn, viewer: v}
	c.serve(func() bool { return l.o.Admitted(r) })
}

// admit checks a request, and counts the viewer that it asks to be.
func (l *LiveLog) admit(w http.ResponseWriter, r *http.Request) (*live.Viewer, error) {
	// A program that is no browser sends no Origin.
	if origin := r.Header.Get("Origin"); origin != "" && origin != l.o.Origin {
		return nil, &Refusal{Status: http.StatusForbidden, Message: "only pages of " + l.o.Origin + " (base_url) may watch, not of " + origin}
	}
	filter, since, err := liveQuery(r.URL.Query())
	if err != nil {
		return nil, err
	}
	if err := handshake(w, r); err != nil {
		return nil, err
	}
	v, err := l.o.Hub.Join(filter, since)
	switch {
	case errors.Is(err, live.ErrFull):
		return nil, &Refusal{Status: http.StatusServiceUnavailable, RetryAfter: fullRetry, Message: "too many are watching: try again later"}
	case err != nil:
		return nil, &Refusal{Status: http.StatusServiceUnavailable, RetryAfter: fullRetry, Message: "the server is shutting down: try again later"}
	}
	return v, nil
}

// handshake refuses what is no request for a WebSocket (RFC 6455 §4.2.1), in the
// form that other errors have.
func handshake(w http.ResponseWriter, r *http.Request) error {
	if !names(r.Header, "Connection", "upgrade") || !names(r.Header, "Upgrade", "websocket") {
		// RFC 9110 §15.5.22
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "websocket")
		return &Refusal{Status: http.StatusUpgradeRequired, Message: "this is a WebSocket: the request must ask for an upgrade"}
	}
	if r.Header.Get("Sec-WebSocket-Version") != "13" {
		w.Header().Set("Sec-WebSocket-Version", "13") // RFC 6455 §4.4
		return &Refusal{Status: http.StatusUpgradeRequired, Message: "only version 13 of the WebSocket protocol is spoken here"}
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(r.Header.Get("Sec-WebSocket-Key")))
	if err != nil || len(key) != 16 || len(r.Header.Values("Sec-WebSocket-Key")) != 1 {
		return &Refusal{Status: http.StatusBadRequest, Message: "Sec-WebSocket-Key must be 16 bytes in base64"}
	}
	return nil
}

// names reports whether a header, which is a list, has the word in it.
func names(h http.Header, name, word string) bool {
	for part := range strings.SplitSeq(strings.Join(h.Values(name), ","), ",") {
		if strings.EqualFold(strings.TrimSpace(part), word) {
			return true
		}
	}
	return false
}

// connection is a viewer's.
type connection struct {
	*websocket.Conn
	viewer *live.Viewer
	// open ends, and the connection with it, a little after serve wants to end: what
	// is being said may be finished.
	open context.Context
}

// farewell is why this side ends a connection.
type farewell struct {
	websocket.StatusCode
	reason string // at most 123 bytes
}

func (f *farewell) Error() string { return f.reason }

func goingAway() *farewell {
	return &farewell{websocket.StatusGoingAway, "the server is shutting down"}
}

// serve shows the viewer what there is until it or the hub goes away. Three run:
// this one writes, one reads and one pings.
func (c *connection) serve(admitted func() bool) {
	ctx, stop := context.WithCancelCause(context.Background())
	open, cut := context.WithCancel(context.Background())
	c.open = open
	var others sync.WaitGroup
	others.Go(func() { stop(c.read()) })
	others.Go(func() { stop(c.ping(ctx, admitted)) })
	context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(closeWithin, cut)
		context.AfterFunc(open, func() { timer.Stop() })
	})
	stop(c.write(ctx))
	var last *farewell
	if errors.As(context.Cause(ctx), &last) {
		_ = c.Close(last.StatusCode, last.reason)
	}
	_ = c.CloseNow()
	cut()
	others.Wait()
}

// write sends frames as they come.
func (c *connection) write(ctx context.Context) error {
	for {
		text, err := c.viewer.Next(ctx)
		switch {
		case errors.Is(err, live.ErrClosed):
			return goingAway()
		case err != nil && ctx.Err() == nil:
			return &farewell{websocket.StatusTryAgainLater, "storage cannot be read"}
		case err == nil:
			err = c.send(text)
		}
		if err != nil {
			return err
		}
	}
}

func (c *connection) send(text []byte) error {
	ctx, cancel := context.WithTimeout(c.open, writeWithin)
	defer cancel()
	return c.Write(ctx, websocket.MessageText, text)
}

// read takes the viewer's messages.
func (c *connection) read() error {
	for {
		kind, text, err := c.Read(c.open)
		if err != nil {
			return err
		}
		if kind != websocket.MessageText {
			return &farewell{websocket.StatusUnsupportedData, "only text is understood"}
		}
		f, err := liveMessage(text)
		if err != nil {
			return &farewell{websocket.StatusPolicyViolation, err.Error()}
		}
		c.viewer.SetFilter(f)
	}
}

// ping asks every 30 seconds whether the viewer is there, and may be there.
func (c *connection) ping(ctx context.Context, admitted func() bool) error {
	every := time.NewTicker(pingEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.viewer.Ended(): // however long a write may be taking
			return goingAway()
		case <-every.C:
		}
		if !admitted() {
			return &farewell{websocket.StatusPolicyViolation, "the token or session has ended"}
		}
		if err := c.pong(); err != nil {
			return err
		}
	}
}

// pong asks for one.
func (c *connection) pong() error {
	ctx, cancel := context.WithTimeout(c.open, pongWithin)
	defer cancel()
	return c.Ping(ctx)
}
