package browsertest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// service is what the push services of this package have in common: the
// subscriptions by their tokens, and what an application server posts to them.
// It checks what a strict push service checks, the VAPID signature included, and
// keeps all it was given for tests to look at.
type service struct {
	URL string // the origin of every endpoint

	path    string         // of an endpoint, before its token
	refused int            // what a post signed with another VAPID key is answered
	deliver func(*channel) // gives the browser what waits for it, if it is there; mu is held

	mu      sync.Mutex
	changed chan struct{}       // closed and replaced at every change of what follows
	tokens  map[string]*channel // also those that are gone
	acks    []Ack
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
	ttl            time.Duration
	expires        time.Time
	sent           bool // over the present connection
}

// Push is one request that was posted to an endpoint.
type Push struct {
	Status int // what it was answered
	Header http.Header
	Body   []byte
}

// Pushes lists what was posted to an endpoint, refused posts among them,
// oldest first.
func (s *service) Pushes(endpoint string) []Push {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.tokens[tokenOf(endpoint)]; c != nil {
		return slices.Clone(c.pushes)
	}
	return nil
}

// Endpoints lists the endpoints of all live subscriptions, in no order.
func (s *service) Endpoints() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var endpoints []string
	for _, c := range s.tokens {
		if !c.gone {
			endpoints = append(endpoints, s.endpoint(c.token))
		}
	}
	return endpoints
}

// Answer makes the next posts to endpoint get these status codes, one each,
// without delivering them. 404 and 410 leave the browser's subscription alone.
func (s *service) Answer(endpoint string, codes ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.tokens[tokenOf(endpoint)]; c != nil {
		c.answers = append(c.answers, codes...)
	}
}

// Resend delivers the last accepted message of endpoint to the browser once
// more, as a push service may: the same body under a new version. It reports
// whether there was one.
func (s *service) Resend(endpoint string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.tokens[tokenOf(endpoint)]
	if c == nil || c.gone {
		return false
	}
	for _, push := range slices.Backward(c.pushes) {
		if push.Status == http.StatusCreated {
			s.enqueue(c, &message{body: push.Body, ttl: time.Hour})
			return true
		}
	}
	return false
}

// Wait waits until done, asked again at every change, is true, and fails the
// test with what when that takes too long. done must use exported methods only.
func (s *service) Wait(t testing.TB, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), stepTimeout)
	defer cancel()
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if done() {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			s.mu.Lock()
			defer s.mu.Unlock()
			t.Fatalf("push service: waited in vain until %s; acks: %+v", what, s.acks)
		}
	}
}

// notify wakes every Wait; the caller holds s.mu.
func (s *service) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// enqueue accepts m for c under a new version; the caller holds s.mu.
func (s *service) enqueue(c *channel, m *message) {
	m.version, m.expires = randomHex(), time.Now().Add(m.ttl)
	if m.topic != "" { // RFC 8030 §5.4: the newer one replaces what still waits
		c.queue = slices.DeleteFunc(c.queue, func(old *message) bool { return old.topic == m.topic && !old.sent })
	}
	c.queue = append(c.queue, m)
	s.deliver(c)
	s.notify()
}

// expire drops what a browser that is away does not get any more (RFC 8030
// §5.2: TTL 0 is for one that is there now); the caller holds s.mu.
func (c *channel) expire(now time.Time) {
	c.queue = slices.DeleteFunc(c.queue, func(m *message) bool { return !m.expires.After(now) })
}

func (s *service) endpoint(token string) string { return s.URL + s.path + token }

func tokenOf(endpoint string) string { return endpoint[strings.LastIndexByte(endpoint, '/')+1:] }

func randomHex() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
