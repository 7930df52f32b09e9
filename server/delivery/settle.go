package delivery

import (
	"context"
	"fmt"
	"sync"
	"time"

	"recado/storage"
)

const (
	// maxUnsettled bounds the outcomes that a crash can lose beside those whose
	// request is still under way.
	maxUnsettled = 500
	// settleAt: so many wait, and they are committed at once. Half the bound, so
	// that the next batch gathers while this one is written.
	settleAt = maxUnsettled / 2
	// settleAfter is how long an outcome waits for company.
	settleAfter = 50 * time.Millisecond
)

// settler is the one writer of outcomes and receipts: it gathers them and
// commits them together.
type settler struct {
	store   func([]storage.Outcome) error // all or none
	onFail  func(error)                   // storage fails (once), or works again (nil)
	places  chan struct{}                 // one for each unsettled outcome
	arrived chan struct{}
	flush   chan struct{}
	quit    chan struct{}
	ended   chan struct{} // run has returned

	mu     sync.Mutex
	buffer []unsettled
	err    error // why the last commit failed
}

type unsettled struct {
	storage.Outcome
	done chan<- error // for receipts: told the end; nil otherwise
}

func newSettler(store func([]storage.Outcome) error, onFail func(error)) *settler {
	return &settler{
		store:   store,
		onFail:  onFail,
		places:  make(chan struct{}, maxUnsettled),
		arrived: make(chan struct{}, 1),
		flush:   make(chan struct{}, 1),
		quit:    make(chan struct{}),
		ended:   make(chan struct{}),
	}
}

// submit hands over the outcome of an attempt. It waits while maxUnsettled are
// unsettled already; when ctx ends first, the outcome is lost and the next run
// makes the attempt again.
func (s *settler) submit(ctx context.Context, o storage.Outcome) {
	select {
	case s.places <- struct{}{}:
	default:
		select {
		case s.places <- struct{}{}:
		case <-ctx.Done():
			return
		}
	}
	s.put(unsettled{Outcome: o})
}

// report hands over a receipt and waits until it is durable. idle says whether
// it would wait for company that is not coming.
func (s *settler) report(ctx context.Context, o storage.Outcome, idle func() bool) error {
	if err := s.failing(); err != nil {
		return fmt.Errorf("store receipt: %w", err)
	}
	select {
	case s.places <- struct{}{}:
	case <-s.quit:
		return fmt.Errorf("store receipt: %w: shutting down", storage.ErrUnavailable)
	case <-ctx.Done():
		return ctx.Err()
	}
	done := make(chan error, 1)
	s.put(unsettled{o, done})
	if idle() {
		s.hurry()
	}
	select {
	case err := <-done:
		return err
	case <-s.ended:
		return fmt.Errorf("store receipt: %w: shut down", storage.ErrUnavailable)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *settler) put(u unsettled) {
	s.mu.Lock()
	s.buffer = append(s.buffer, u)
	n := len(s.buffer)
	s.mu.Unlock()
	if n == 1 {
		poke(s.arrived)
	}
	if n >= settleAt {
		s.hurry()
	}
}

// hurry commits what is there without waiting for more.
func (s *settler) hurry() { poke(s.flush) }

// close ends run once everything submitted is stored. Nothing may be submitted
// after it.
func (s *settler) close() { close(s.quit) }

// failing returns why outcomes cannot be stored, or nil.
func (s *settler) failing() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// run commits until close.
func (s *settler) run() {
	defer close(s.ended)
	for open := true; open; {
		select {
		case <-s.flush:
		case <-s.arrived:
			open = s.gather()
		case <-s.quit:
			open = false
		}
		s.commit()
	}
}

// gather waits for company; false when closing.
func (s *settler) gather() bool {
	wait := time.NewTimer(settleAfter)
	defer wait.Stop()
	select {
	case <-s.flush:
	case <-wait.C:
	case <-s.quit:
		return false
	}
	return true
}

// commit stores what is there, and keeps trying until it is stored or the
// settler is closed. Receipts are not kept: their browsers are told and may
// report again, and nothing that was sent depends on them.
func (s *settler) commit() {
	batch := s.take()
	for delay := shortestRetry; len(batch) > 0; delay = min(2*delay, longestRetry) {
		err := s.store(outcomes(batch))
		if err == nil {
			s.concluded(nil)
			s.free(batch, nil)
			return
		}
		if batch = s.dropReceipts(batch, err); len(batch) == 0 {
			return
		}
		s.concluded(err)
		s.dropBuffered(err)
		if !s.pause(delay) {
			s.free(batch, err) // the next run sends them again
			return
		}
	}
}

func (s *settler) pause(d time.Duration) bool {
	wait := time.NewTimer(d)
	defer wait.Stop()
	select {
	case <-wait.C:
		return true
	case <-s.quit:
		return false
	}
}

func (s *settler) take() []unsettled {
	s.mu.Lock()
	defer s.mu.Unlock()
	batch := s.buffer
	s.buffer = make([]unsettled, 0, settleAt)
	return batch
}

func (s *settler) concluded(err error) {
	s.mu.Lock()
	before := s.err
	s.err = err
	s.mu.Unlock()
	if (before == nil) != (err == nil) {
		s.onFail(err)
	}
}

func (s *settler) free(batch []unsettled, err error) {
	for _, u := range batch {
		if u.done != nil {
			u.done <- err
		}
		<-s.places
	}
}

// dropReceipts answers the receipts of a batch that failed and returns the rest.
func (s *settler) dropReceipts(batch []unsettled, err error) []unsettled {
	var kept, receipts []unsettled
	for _, u := range batch {
		if u.done != nil {
			receipts = append(receipts, u)
		} else {
			kept = append(kept, u)
		}
	}
	s.free(receipts, fmt.Errorf("store receipt: %w", err))
	return kept
}

// dropBuffered is dropReceipts for those that came while storage was failing.
func (s *settler) dropBuffered(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buffer = s.dropReceipts(s.buffer, err)
}

func outcomes(batch []unsettled) []storage.Outcome {
	out := make([]storage.Outcome, len(batch))
	for i, u := range batch {
		out[i] = u.Outcome
	}
	return out
}
