package server

import (
	"container/list"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
)

// mostConnections is how many clients may be connected at once: a slow one costs
// some 30 KiB, over TLS 60, so all together stay below what a small machine has.
const mostConnections = 4096

// connections holds a server to as many as there may be. When all are taken, a new
// one gets the place of the one that has kept the server waiting the longest: for
// a first byte, for the rest of a request, or for another one. So a million
// browsers that tell of a message and stay connected, or somebody who opens
// thousands and sends a byte a second, turn nobody away who has something to ask.
// One whose request has come in full is left alone until it is answered, and a
// WebSocket until it ends; only when there are no others, new ones are refused.
type connections struct {
	most int

	mu      sync.Mutex
	open    int
	waiting *list.List // of *connection, the longest waiting first
}

// connection is one of them.
type connection struct {
	net.Conn
	all    *connections
	place  *list.Element // among those waited for; nil = something is being done for it
	doing  int           // requests that have come in full
	closed bool
}

func newConnections(most int) *connections {
	return &connections{most: most, waiting: list.New()}
}

// count is how many there are.
func (a *connections) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.open
}

// limited is a listener whose connections are counted.
type limited struct {
	net.Listener
	all *connections
}

func (l limited) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if admitted := l.all.admit(c); admitted != nil {
			return admitted, nil
		}
		_ = c.Close() // nobody has said anything yet
	}
}

// admit counts a connection; nil = there is no place, and none to be had.
func (a *connections) admit(c net.Conn) *connection {
	a.mu.Lock()
	var last *connection
	if a.open >= a.most {
		if a.waiting.Len() == 0 {
			a.mu.Unlock()
			return nil
		}
		last = a.waiting.Front().Value.(*connection)
		a.forget(last)
	}
	admitted := &connection{Conn: c, all: a}
	admitted.place = a.waiting.PushBack(admitted)
	a.open++
	a.mu.Unlock()
	if last != nil {
		_ = last.Conn.Close() // whoever reads from it hears of that
	}
	return admitted
}

// forget takes a connection out of the account, once.
func (a *connections) forget(c *connection) {
	if c.closed {
		return
	}
	c.closed = true
	a.open--
	if c.place != nil {
		a.waiting.Remove(c.place)
		c.place = nil
	}
}

func (c *connection) Close() error {
	c.all.mu.Lock()
	c.all.forget(c)
	c.all.mu.Unlock()
	return c.Conn.Close()
}

// begin notes that something is being done for the connection.
func (c *connection) begin() {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	c.doing++
	if c.place != nil {
		c.all.waiting.Remove(c.place)
		c.place = nil
	}
}

// end undoes begin; the connection is waited for from now on.
func (c *connection) end() {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	if c.doing--; c.doing == 0 && !c.closed {
		c.place = c.all.waiting.PushBack(c)
	}
}

// connectionOf finds ours below what net/http has.
func connectionOf(c net.Conn) (*connection, bool) {
	if over, ok := c.(*tls.Conn); ok {
		c = over.NetConn()
	}
	ours, ok := c.(*connection)
	return ours, ok
}

// watch has a server tell what it does for its connections.
func (a *connections) watch(s *http.Server) {
	s.Handler = answering(s.Handler)
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, connectionKey{}, c)
	}
}

type connectionKey struct{}

// answering notes from when to when something is being done for a request: from the
// last byte of its body to the last of the answer, or of the WebSocket that it became.
func answering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _ := r.Context().Value(connectionKey{}).(net.Conn)
		ours, ok := connectionOf(c)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		one := &request{of: ours}
		defer one.end()
		if r.Body == nil || r.Body == http.NoBody {
			one.begin()
		} else {
			r.Body = &body{r.Body, one}
		}
		next.ServeHTTP(w, r)
	})
}

// request is one of a connection.
type request struct {
	of    *connection
	begun atomic.Bool
}

// begin counts once, however often the end of a body is read.
func (r *request) begin() {
	if !r.begun.Swap(true) {
		r.of.begin()
	}
}

// end ends what was begun, be it only now; nothing begins after it.
func (r *request) end() {
	r.begin() // one that was answered before all of it had come
	r.of.end()
}

// body tells when it has been read to its end.
type body struct {
	io.ReadCloser
	of *request
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.of.begin()
	}
	return n, err
}
