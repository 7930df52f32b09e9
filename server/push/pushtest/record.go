package pushtest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Received is one request that was no violation.
type Received struct {
	At           time.Time
	Subscription *Subscription // nil for an unknown one
	Plaintext    []byte        // decrypted, without padding
	BodySize     int           // octets on the wire
	TTL          int           // seconds
	Urgency      string        // empty when not given
	Topic        string
	Header       http.Header
	Proto        string // HTTP/1.1 or HTTP/2.0
	VAPIDKey     string // base64url
	Status       int    // as answered; 0 = not at all
	Accepted     bool   // Status is 2xx
}

// Summary counts what came.
type Summary struct {
	Requests    int64 `json:"requests"`   // all, refused streams excepted
	Messages    int64 `json:"messages"`   // accepted
	Unique      int64 `json:"unique"`     // accepted, by subscription and message id
	Duplicates  int64 `json:"duplicates"` // accepted again
	Violations  int64 `json:"violations"`
	MaxInFlight int   `json:"max_in_flight"` // requests read and not yet answered
	Untracked   bool  `json:"untracked,omitempty"`
}

// Limits that keep a long run's memory flat. Past maxTracked messages (some
// 400 MB) duplicates are no longer looked for and Summary says so.
const (
	maxTracked    = 4 << 20
	maxFresh      = 1 << 18
	maxViolations = 1000
)

type digest [16]byte

// record is everything the service remembers.
type record struct {
	requests, accepted, unique, duplicates, violated atomic.Int64
	inFlight, maxInFlight                            atomic.Int64
	waiting                                          atomic.Int64

	mu         sync.Mutex
	received   []Received
	violations []string
	hook       func(Received)
	seen       map[digest]struct{}
	salts      map[digest]struct{}
	changed    chan struct{} // closed and renewed when a count rises
}

func (c *record) init() {
	c.seen, c.salts = map[digest]struct{}{}, map[digest]struct{}{}
	c.changed = make(chan struct{})
}

func (c *record) enter() {
	n := c.inFlight.Add(1)
	for {
		m := c.maxInFlight.Load()
		if n <= m || c.maxInFlight.CompareAndSwap(m, n) {
			return
		}
	}
}

func (c *record) leave() { c.inFlight.Add(-1) }

// fresh remembers a message's salt and key and tells whether both are new.
func (c *record) fresh(m sealed) bool {
	salt, key := digest(m.salt), hash(m.public)
	c.mu.Lock()
	defer c.mu.Unlock()
	_, oldSalt := c.salts[salt]
	_, oldKey := c.salts[key]
	if len(c.salts) >= 2*maxFresh {
		clear(c.salts)
	}
	c.salts[salt], c.salts[key] = struct{}{}, struct{}{}
	return !oldSalt && !oldKey
}

// note records a message, counts it, and calls the hook.
func (s *Server) note(m Received) {
	c := &s.record
	if m.Accepted && m.Subscription != nil && !s.options.SkipVerify {
		if c.track(m) && s.options.CheckDuplicates {
			s.violate("a message came twice to %s: %.200s", m.Subscription.ID, m.Plaintext)
		}
	}
	if s.options.SkipVerify {
		s.count(m)
		return
	}
	c.mu.Lock()
	if !s.options.CountOnly {
		c.received = append(c.received, m)
	}
	hook := c.hook
	c.mu.Unlock()
	s.count(m)
	if hook != nil {
		hook(m)
	}
}

func (s *Server) count(m Received) {
	if sub := m.Subscription; sub != nil {
		sub.requests.Add(1)
		if m.Accepted {
			sub.accepted.Add(1)
		}
	}
	if m.Accepted {
		s.record.accepted.Add(1)
	}
	s.record.requests.Add(1)
	s.record.announce()
}

// announce wakes those who wait; whoever begins to wait later sees the counts.
func (c *record) announce() {
	if c.waiting.Load() == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.changed)
	c.changed = make(chan struct{})
}

// track tells whether the subscription has accepted this message id before. A
// message without one is known by its plaintext.
func (c *record) track(m Received) (again bool) {
	var v struct{ ID string }
	if json.Unmarshal(m.Plaintext, &v) != nil || v.ID == "" {
		v.ID = string(m.Plaintext)
	}
	key := hash([]byte(m.Subscription.ID + v.ID))
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, again = c.seen[key]; again {
		c.duplicates.Add(1)
		return true
	}
	if len(c.seen) < maxTracked {
		c.seen[key] = struct{}{}
		c.unique.Add(1)
	}
	return false
}

func hash(b []byte) digest {
	sum := sha256.Sum256(b)
	return digest(sum[:16])
}

func (s *Server) violate(format string, args ...any) {
	c := &s.record
	c.violated.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.violations) < maxViolations {
		c.violations = append(c.violations, fmt.Sprintf(format, args...))
	}
}

// Received is every request that was no violation, in order, whatever its
// answer; nothing with CountOnly or SkipVerify.
func (s *Server) Received() []Received {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	return slices.Clone(s.record.received)
}

// Accepted is what of Received was accepted.
func (s *Server) Accepted() []Received {
	return slices.DeleteFunc(s.Received(), func(m Received) bool { return !m.Accepted })
}

// Count is the number of accepted messages.
func (s *Server) Count() int { return int(s.record.accepted.Load()) }

// CountOf is the number of messages accepted for one subscription.
func (s *Server) CountOf(sub *Subscription) int { return int(sub.accepted.Load()) }

// RequestsOf is the number of requests for one subscription that were no
// violation, whatever their answer.
func (s *Server) RequestsOf(sub *Subscription) int { return int(sub.requests.Load()) }

// Requests is the number of all requests, refused streams excepted.
func (s *Server) Requests() int { return int(s.record.requests.Load()) }

// MaxInFlight is the largest number of requests at one time that were read and
// not yet answered.
func (s *Server) MaxInFlight() int { return int(s.record.maxInFlight.Load()) }

// InFlight is the number of such requests now.
func (s *Server) InFlight() int { return int(s.record.inFlight.Load()) }

// Violations is what senders did wrong, at most 1000 of them.
func (s *Server) Violations() []string {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	return slices.Clone(s.record.violations)
}

// Summary is all counts.
func (s *Server) Summary() Summary {
	c := &s.record
	c.mu.Lock()
	untracked := len(c.seen) >= maxTracked
	c.mu.Unlock()
	return Summary{
		Requests: c.requests.Load(), Messages: c.accepted.Load(),
		Unique: c.unique.Load(), Duplicates: c.duplicates.Load(),
		Violations: c.violated.Load(), MaxInFlight: s.MaxInFlight(), Untracked: untracked,
	}
}

// OnReceive has f called for every request that was no violation, before the
// answer, by the goroutine that answers; nil ends it. Not with SkipVerify.
func (s *Server) OnReceive(f func(Received)) {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	s.record.hook = f
}

// Wait returns when n messages have been accepted since the start, or with the
// context's error.
func (s *Server) Wait(ctx context.Context, n int) error {
	return s.wait(ctx, "messages accepted", n, s.Count)
}

// WaitRequests returns when n requests have been judged since the start, whatever
// becomes of them, or with the context's error.
func (s *Server) WaitRequests(ctx context.Context, n int) error {
	return s.wait(ctx, "requests", n, s.Requests)
}

func (s *Server) wait(ctx context.Context, what string, n int, count func() int) error {
	c := &s.record
	c.waiting.Add(1)
	defer c.waiting.Add(-1)
	for {
		c.mu.Lock()
		changed := c.changed
		c.mu.Unlock()
		if count() >= n {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for %d %s, have %d: %w", n, what, count(), ctx.Err())
		case <-s.ctx.Done():
			return fmt.Errorf("wait for %d %s, have %d: the push service is closed", n, what, count())
		}
	}
}
