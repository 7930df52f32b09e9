package storagetest

import (
	"time"

	"recado/storage"
)

var retentionTests = []testCase{
	{"wipe keys", testWipeKeys},
	{"sweep", testSweep},
	{"purge", testPurge},
	{"clean keeps", testCleanKeeps},
	{"forget idempotency keys", testForgetIdempotency},
}

const day = 24 * time.Hour

var keep = storage.Retention{Deliveries: 30 * day, Notifications: 365 * day, Keys: 7 * day, Sessions: 30 * day}

// clean cleans until there is nothing to do, and counts the steps.
func (s *suite) clean() (steps int) {
	s.Helper()
	for must[bool](s)(s.Clean(s.ctx, s.now, keep)) {
		if steps++; steps > 1000 {
			s.Fatal("cleaning does not end")
		}
	}
	return steps
}

func testWipeKeys(s *suite) {
	ids := s.audience(2)
	s.accept(s.message())
	s.settle(s.outcomes(s.claim(10).Attempts[:1], storage.EventGone)...)
	s.now = s.now.Add(7 * day)
	s.clean()
	equal(s, "still there", s.subscription(ids[0]).Endpoint != "", true)
	s.now = s.now.Add(time.Millisecond)
	s.clean()
	got := s.subscription(ids[0])
	if got.Endpoint != "" || got.P256dh != nil || got.Auth != nil || got.Removed != storage.RemovedGone {
		s.Fatal("the keys are still there")
	}
	equal(s, "the living", s.subscription(ids[1]).Endpoint != "", true)
	equal(s, "restored", must[int](s)(s.RestoreSubscriptions(s.ctx, s.now, "", time.Time{})), 0)
}

func testSweep(s *suite) {
	s.audience(1)
	batch := make([]storage.Subscribe, 1199)
	for i := range batch {
		batch[i] = s.wish()
	}
	must[[]storage.Imported](s)(s.ImportSubscriptions(s.ctx, s.now, batch))
	n := s.accept(s.message())
	var a storage.Attempt
	for more := true; more; {
		c := s.claim(500)
		a = c.Attempts[0]
		s.settle(s.outcomes(c.Attempts, storage.EventSent)...)
		more = c.More
	}
	s.now = s.now.Add(30 * day)
	s.clean()
	equal(s, "too early", len(s.deliveries(n)), 1200)
	s.now = s.now.Add(time.Millisecond)
	must[bool](s)(s.Clean(s.ctx, s.now, keep))
	equal(s, "after one step", len(s.deliveries(n)), 700)
	s.clean()
	equal(s, "deliveries", len(s.deliveries(n)), 0)
	want := storage.Counts{Targeted: 1200, Sent: 1200}
	equal(s, "counts", s.notification(n.ID).Counts, want)

	// Its receipts come too late to count.
	s.settle(s.receipt(a, storage.EventDisplayed, 0), s.outcome(a, storage.EventSent))
	equal(s, "counts", s.notification(n.ID).Counts, want)

	s.now = s.now.Add(335 * day)
	s.clean()
	_, err := s.Notification(s.ctx, n.ID)
	s.is(err, storage.ErrNotFound)

	// seq goes on although the rows that had it are gone.
	s.accept(s.message())
	settled := s.settle(s.outcomes(s.claim(1).Attempts, storage.EventSent)...)
	equal(s, "seq", settled.Changes[0].Seq > 1200, true)
}

func testPurge(s *suite) {
	ids := s.audience(2)
	long := s.message()
	long.TTL = 60 * day
	long = s.accept(long)
	c := s.claim(10)
	s.settle(s.retryAt(c.Attempts[0], 50*day), s.outcome(c.Attempts[1], storage.EventSent))
	must[bool](s)(s.Unsubscribe(s.ctx, s.now, ids[1]))
	s.now = s.now.Add(40 * day)
	s.clean()
	equal(s, "named by a delivery", s.subscription(ids[1]).Removed, storage.RemovedByUser)
	s.now = s.now.Add(10 * day)
	c = s.claim(10)
	s.settle(s.outcomes(c.Attempts, storage.EventSent)...)
	equal(s, "state", s.notification(long.ID).State, storage.Sent)
	s.now = s.now.Add(31 * day)
	s.clean()
	_, err := s.Subscription(s.ctx, ids[1])
	s.is(err, storage.ErrNotFound)
	equal(s, "the living", s.subscription(ids[0]).ID, ids[0])
	equal(s, "count", must[int](s)(s.CountSubscriptions(s.ctx)), 1)
}

// testCleanKeeps: what has not ended stays, however old it is.
func testCleanKeeps(s *suite) {
	s.audience(2)
	n := s.accept(s.message())
	c := s.claim(10)
	s.settle(s.outcome(c.Attempts[0], storage.EventSent))
	scheduled := s.message()
	scheduled.ScheduledAt = s.now.Add(1000 * day)
	scheduled = s.accept(scheduled)
	s.now = s.now.Add(999 * day)
	s.clean()
	equal(s, "deliveries", len(s.deliveries(n)), 1)
	equal(s, "state", s.notification(n.ID).State, storage.Sending)
	equal(s, "scheduled", s.notification(scheduled.ID).State, storage.Scheduled)
	s.settle(s.outcome(c.Attempts[1], storage.EventSent))
	equal(s, "state", s.notification(n.ID).State, storage.Sent)
}

func testForgetIdempotency(s *suite) {
	must[storage.Accepted](s)(s.Accept(s.ctx, s.message(), &storage.Idempotency{Key: "k"}))
	s.now = s.now.Add(day + time.Millisecond)
	equal(s, "steps", s.clean(), 1)
	// A clock that was set back does not find it again.
	s.now = s.now.Add(-time.Hour)
	a := must[storage.Accepted](s)(s.Accept(s.ctx, s.message(), &storage.Idempotency{Key: "k"}))
	equal(s, "replayed", a.Replayed, false)
}
