package browsertest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Autopush is a push service as Mozilla runs it, on loopback: the WebSocket
// side that one Firefox keeps open, and the HTTP side of RFC 8030 that an
// application server posts to.
type Autopush struct {
	service

	server  *httptest.Server
	ctx     context.Context // ends with the test; sockets live under it
	sockets sync.WaitGroup

	// Guarded by service.mu.
	uaid     string  // the browser's name here; "" = it is to be given a new one
	socket   *socket // the browser's present connection, or nil
	channels map[string]*channel
	held     []func() // answers to registrations that are kept back; nil = none is
}

// Ack is what the browser said about a message it was given.
type Ack struct {
	ChannelID, Version string
	// Code: 100 delivered, 101 could not be decrypted, 102 not delivered; as
	// Nack: 302 the service worker's promise was rejected.
	Code int
	Nack bool
}

// StartAutopush starts a push service that ends with t.
func StartAutopush(t testing.TB) *Autopush {
	ctx, cancel := context.WithCancel(context.Background())
	p := &Autopush{ctx: ctx, channels: map[string]*channel{}}
	p.service = service{path: "/wpush/v2/", refused: http.StatusUnauthorized, deliver: p.deliver,
		changed: make(chan struct{}), tokens: map[string]*channel{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /wpush/v2/{token}", p.post)
	mux.HandleFunc("GET /{$}", p.accept)
	p.server = httptest.NewServer(mux)
	p.URL = p.server.URL
	t.Cleanup(func() {
		cancel()
		p.sockets.Wait()
		p.server.Close()
	})
	return p
}

// SocketURL is the browser's preference dom.push.serverURL.
func (p *Autopush) SocketURL() string { return "ws" + strings.TrimPrefix(p.URL, "http") + "/" }

// Acks lists what the browser acknowledged, oldest first. An ack comes before
// the service worker's handler has ended.
func (p *Autopush) Acks() []Ack {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.acks)
}

// Forget drops the connection and forgets the browser with all its
// subscriptions; their endpoints answer 410. When the browser comes back, which
// it does at once, it learns that by a new uaid and fires
// pushsubscriptionchange.
func (p *Autopush) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget()
	if p.socket != nil {
		p.socket.close()
	}
	p.notify()
}

// Drop closes the connection; the browser comes back at once.
func (p *Autopush) Drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.socket != nil {
		p.socket.close()
	}
}

// Hold keeps back the answers to registrations, so that a browser is in the middle
// of subscribing until [Autopush.Release].
func (p *Autopush) Hold() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = []func(){}
}

// Held is how many registrations wait for their answers.
func (p *Autopush) Held() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.held)
}

// Release answers what was kept back, and from now on at once.
func (p *Autopush) Release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, answer := range p.held {
		answer()
	}
	p.held = nil
	p.notify()
}

// Connected tells whether a browser is there.
func (p *Autopush) Connected() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.socket != nil
}

func (p *Autopush) forget() {
	p.uaid = ""
	for _, c := range p.channels {
		c.gone, c.queue = true, nil
	}
	clear(p.channels)
}
