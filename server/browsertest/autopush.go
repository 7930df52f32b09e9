package browsertest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Autopush is a push service as Mozilla runs it, on loopback: the WebSocket
// side that one Firefox keeps open, and the HTTP side of RFC 8030 that an
// application server posts to. It checks what a strict push service checks, the
// VAPID signature included, and keeps all it was given for tests to look at.
type Autopush struct {
	URL string // http://127.0.0.1:PORT, the origin of every endpoint

	server  *httptest.Server
	ctx     context.Context // ends with the test; sockets live under it
	sockets sync.WaitGroup

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced at every change of what follows
	uaid     string        // the browser's name here; "" = it is to be given a new one
	socket   *socket       // the browser's present connection, or nil
	channels map[string]*channel
	tokens   map[string]*channel // also those that are gone
	acks     []Ack
}

// channel is one push subscription of the browser.
type channel struct {
	id, token, key string // key: VAPID public key, base64url, "" = none
	gone           bool
	answers        []int  // status codes for the next posts, overriding our own
	pushes         []Push // every post, oldest first
	queue          []*message
}

// message is one accepted push on its way to the browser.
type message struct {
	version, topic string
	body           []byte
	expires        time.Time
	sent           bool // over the present socket
}

// Push is one request that was posted to an endpoint.
type Push struct {
	Status int // what it was answered
	Header http.Header
	Body   []byte
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
	p := &Autopush{ctx: ctx, changed: make(chan struct{}),
		channels: map[string]*channel{}, tokens: map[string]*channel{}}
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

// Endpoints lists the endpoints of all live subscriptions, in no order.
func (p *Autopush) Endpoints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var endpoints []string
	for _, c := range p.channels {
		endpoints = append(endpoints, p.endpoint(c.token))
	}
	return endpoints
}

// Pushes lists what was posted to an endpoint, refused posts among them,
// oldest first.
func (p *Autopush) Pushes(endpoint string) []Push {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.tokens[tokenOf(endpoint)]; c != nil {
		return slices.Clone(c.pushes)
	}
	return nil
}

// Acks lists what the browser acknowledged, oldest first. An ack comes before
// the service worker's handler has ended.
func (p *Autopush) Acks() []Ack {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.acks)
}

// Answer makes the next posts to endpoint get these status codes, one each,
// without delivering them. 404 and 410 leave the browser's subscription alone.
func (p *Autopush) Answer(endpoint string, codes ...int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.tokens[tokenOf(endpoint)]; c != nil {
		c.answers = append(c.answers, codes...)
	}
}

// Resend delivers the last accepted message of endpoint to the browser once
// more, as a push service may: the same body under a new version. It reports
// whether there was one.
func (p *Autopush) Resend(endpoint string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.tokens[tokenOf(endpoint)]
	if c == nil || c.gone {
		return false
	}
	for _, push := range slices.Backward(c.pushes) {
		if push.Status == http.StatusCreated {
			p.enqueue(c, &message{body: push.Body, expires: time.Now().Add(time.Hour)})
			return true
		}
	}
	return false
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

// Wait waits until done, asked again at every change, is true, and fails the
// test with what when that takes too long. done must use p's exported methods
// only.
func (p *Autopush) Wait(t testing.TB, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), stepTimeout)
	defer cancel()
	for {
		p.mu.Lock()
		changed := p.changed
		p.mu.Unlock()
		if done() {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("push service: waited in vain until %s; acks: %+v", what, p.Acks())
		}
	}
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

// notify wakes every Wait; the caller holds p.mu.
func (p *Autopush) notify() {
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *Autopush) endpoint(token string) string { return p.URL + "/wpush/v2/" + token }

func tokenOf(endpoint string) string { return endpoint[strings.LastIndexByte(endpoint, '/')+1:] }

func randomHex() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
