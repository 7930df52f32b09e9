package pushtest

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Step is how one request is answered. The zero value is the normal 201.
// A request that is a violation gets its own answer instead, and an unknown or
// removed subscription its 404 or 410; a step is spent on it all the same.
type Step struct {
	Status     int         // 0 = 201, or no answer at all with Hang, Reset or RefuseStream
	Header     http.Header // added to the answer
	Body       []byte
	RetryAfter string        // the Retry-After header, seconds or a date
	Delay      time.Duration // before the answer, once the message is recorded
	Hang       bool          // no answer until the client leaves or the service closes
	Drip       time.Duration // the headers, then a byte of Body (or bytes without end) every Drip
	Giant      int64         // octets of answer body

	// Reset: HTTP/1.1, the TCP connection is reset; HTTP/2, RST_STREAM with
	// INTERNAL_ERROR, or with GoAway the whole connection.
	Reset bool
	// GoAway: HTTP/2, GOAWAY with NO_ERROR that still includes this stream,
	// which is answered; HTTP/1.1, Connection: close. With Reset, GOAWAY with
	// ENHANCE_YOUR_CALM and the connection ends at once, unanswered. With
	// RefuseStream, GOAWAY that does not include this stream.
	GoAway bool
	// RefuseStream: HTTP/2, RST_STREAM with REFUSED_STREAM (RFC 9113 section
	// 8.7: not processed, safe to send again), the message is neither judged
	// nor recorded; HTTP/1.1, the connection closes unanswered.
	RefuseStream bool

	Before func() // called when the message is recorded, before Delay and answer
	After  func() // called when the answer, or what stands for it, is out
}

// answered is the status that goes into Received: 0 = none.
func (p *Step) answered() int {
	switch {
	case p == nil:
		return http.StatusCreated
	case p.Status != 0:
		return p.Status
	case p.Hang || p.Reset || p.RefuseStream:
		return 0
	}
	return http.StatusCreated
}

// script is a queue of steps and what follows them.
type script struct {
	active atomic.Bool // spares the usual request the lock
	mu     sync.Mutex
	steps  []Step
	always *Step
	decide func(*Subscription) *Step
}

func (c *script) change(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
	c.active.Store(len(c.steps) > 0 || c.always != nil || c.decide != nil)
}

func (c *script) next(sub *Subscription) *Step {
	if c == nil || !c.active.Load() {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.steps) > 0 {
		p := c.steps[0]
		c.steps = c.steps[1:]
		return &p
	}
	if c.always == nil && c.decide != nil {
		return c.decide(sub)
	}
	return c.always
}

// Script adds answers for the next requests to the whole service, in order;
// after them it is as Always says. A subscription's own script goes first.
func (s *Server) Script(steps ...Step) {
	s.script.change(func() { s.script.steps = append(s.script.steps, steps...) })
}

// Always answers every request so, until changed; nil is the normal 201.
func (s *Server) Always(step *Step) { s.script.change(func() { s.script.always = copyOf(step) }) }

// Decide asks f for the step of every request that no script and no Always
// covers; nil is the normal 201. The subscription is nil for an unknown one. f
// is called by one goroutine at a time and must not call the service.
func (s *Server) Decide(f func(*Subscription) *Step) {
	s.script.change(func() { s.script.decide = f })
}

// Script is Server.Script for requests to this subscription.
func (sub *Subscription) Script(steps ...Step) {
	c := sub.ownScript()
	c.change(func() { c.steps = append(c.steps, steps...) })
}

// Always is Server.Always for requests to this subscription.
func (sub *Subscription) Always(step *Step) {
	c := sub.ownScript()
	c.change(func() { c.always = copyOf(step) })
}

func (sub *Subscription) ownScript() *script {
	sub.script.CompareAndSwap(nil, &script{})
	return sub.script.Load()
}

func (s *Server) step(sub *Subscription) *Step {
	if sub != nil {
		if p := sub.script.Load().next(sub); p != nil {
			return p
		}
	}
	return s.script.next(sub)
}

func copyOf(p *Step) *Step {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}
