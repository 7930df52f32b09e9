package storagetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

var queueTests = []testCase{
	{"turns", testTurns},
	{"many notifications", testManyNotifications},
	{"paused service", testPaused},
	{"retries", testRetries},
	{"retries share", testRetriesShare},
	{"deferred retry", testDeferredRetry},
	{"deferred first try", testDeferredFirstTry},
	{"deadlines", testDeadlines},
	{"removed before a retry", testRemovedBeforeRetry},
	{"resume", testResume},
	{"resume in parts", testResumeInParts},
	{"resume after changes", testResumeAfterChanges},
}

// testTurns: one message to a few does not wait for one to many.
func testTurns(s *suite) {
	s.category("few")
	s.audience(60)
	large := s.accept(s.message())
	few := s.audience(2, "few")
	small := s.message()
	small.Target.Categories = []string{"few"}
	small = s.accept(small)

	first := s.claimAfter(10, 0)
	equal(s, "first", first.Last, large.Key)
	equal(s, "first claimed", len(first.Attempts), 10)
	equal(s, "more", first.More, true)
	second := s.claimAfter(10, first.Last)
	if got := recipients(second.Attempts[:2]); !slices.Equal(got, few) || second.Attempts[0].Notification.ID != small.ID {
		s.Fatalf("second: %v", got)
	}
	equal(s, "second claimed", len(second.Attempts), 10)
	equal(s, "the rest is the large one's", second.Attempts[9].Notification.ID, large.ID)
	third := s.claimAfter(500, second.Last)
	equal(s, "third claimed", len(third.Attempts), 42)
	equal(s, "more", third.More, false)
}

func testManyNotifications(s *suite) {
	s.audience(2)
	for range 50 {
		s.accept(s.message())
	}
	claimed, after := make(map[int64]int), int64(0)
	for more := true; more; {
		c := s.claimAfter(500, after)
		for _, a := range c.Attempts {
			claimed[a.Notification.Key]++
		}
		more, after = c.More, c.Last
	}
	equal(s, "notifications", len(claimed), 50)
	for key, n := range claimed {
		equal(s, fmt.Sprintf("attempts of %d", key), n, 2)
	}
}

func (s *suite) claimAdmitting(limit int, admit func(string) time.Time) storage.Claim {
	s.Helper()
	return must[storage.Claim](s)(s.Claim(s.ctx, storage.ClaimRequest{Now: s.now, Limit: limit, Admit: admit}))
}

// testPaused: members of a paused service are put off, and the range goes on.
func testPaused(s *suite) {
	s.key("k1")
	for i := range 40 {
		w := s.wish()
		w.Service = []string{"paused.example", "quick.example"}[i%2]
		s.subscribe(w)
	}
	until := s.now.Add(time.Minute)
	n := s.accept(s.message())
	admit := func(service string) time.Time {
		if service == "paused.example" {
			return until
		}
		return time.Time{}
	}
	c := s.claimAdmitting(30, admit)
	equal(s, "claimed", len(c.Attempts), 20)
	equal(s, "put off", len(c.Settled.Changes), 20)
	for _, change := range c.Settled.Changes {
		if change.Event != storage.EventRetrying || change.RetryAt != until || change.Attempts != 0 {
			s.Fatalf("put off: %+v", change)
		}
	}
	want := storage.Counts{Targeted: 40, Pending: 20, Retrying: 20}
	equal(s, "counts", s.notification(n.ID).Counts, want)
	equal(s, "progress", c.Settled.Progress[0].Counts, want)
	equal(s, "more", c.More, false)
	equal(s, "next", c.Next, until)
	s.settle(s.outcomes(c.Attempts, storage.EventSent)...)

	s.now = until
	c = s.claimAdmitting(30, admit) // still paused, now until the same time: not due again at once
	if len(c.Attempts) > 0 || len(c.Settled.Changes) > 0 || !c.Next.After(s.now) {
		s.Fatalf("still paused: %+v", c)
	}
	s.now = s.now.Add(time.Second)
	c = s.claim(30)
	equal(s, "claimed later", len(c.Attempts), 20)
	s.settle(s.outcomes(c.Attempts, storage.EventSent)...)
	equal(s, "state", s.notification(n.ID).State, storage.Sent)
}

func (s *suite) retryAt(a storage.Attempt, after time.Duration) storage.Outcome {
	o := s.outcome(a, storage.EventRetrying)
	o.RetryAt, o.Code, o.Error = s.now.Add(after), 503, "busy"
	return o
}

func testRetries(s *suite) {
	s.audience(1)
	n := s.accept(s.message())
	a := s.claim(10).Attempts[0]
	for attempt := 1; attempt <= 3; attempt++ {
		equal(s, "attempts before", a.Attempts, attempt-1)
		settled := s.settle(s.retryAt(a, time.Minute))
		equal(s, "changes", len(settled.Changes), 1)
		equal(s, "counts", settled.Progress[0].Counts, storage.Counts{Targeted: 1, Retrying: 1})
		early := s.claim(10)
		equal(s, "claimed early", len(early.Attempts), 0)
		equal(s, "next", early.Next, s.now.Add(time.Minute))
		s.now = s.now.Add(time.Minute)
		c := s.claim(10)
		equal(s, "claimed", len(c.Attempts), 1)
		equal(s, "next under way", c.Next.IsZero() && !c.More, true)
		a = c.Attempts[0]
		equal(s, "lease of a retry", a.Lease, 0)
		equal(s, "claimed twice", len(s.claim(10).Attempts), 0)
	}
	s.settle(s.outcome(a, storage.EventSent))
	d := s.deliveries(n)[0]
	if d.Status != storage.StatusSent || d.Attempts != 4 || d.Error != "" || !d.RetryAt.IsZero() {
		s.Fatalf("delivery: %+v", d)
	}
	equal(s, "state", s.notification(n.ID).State, storage.Sent)
}

// testRetriesShare: retries leave room to fresh ranges.
func testRetriesShare(s *suite) {
	s.audience(40)
	old := s.accept(s.message())
	var outcomes []storage.Outcome
	for _, a := range s.claim(100).Attempts {
		outcomes = append(outcomes, s.retryAt(a, time.Second))
	}
	s.settle(outcomes...)
	s.now = s.now.Add(time.Second)
	fresh := s.accept(s.message())
	c := s.claim(20)
	by := make(map[int64]int)
	for _, a := range c.Attempts {
		by[a.Notification.Key]++
	}
	if by[old.Key] != 10 || by[fresh.Key] != 10 || !c.More {
		s.Fatalf("claimed %d retries and %d fresh", by[old.Key], by[fresh.Key])
	}
	for s.claim(500).More {
	}
	equal(s, "retrying", s.notification(old.ID).Counts.Retrying, 40)
}

func testDeferredRetry(s *suite) {
	s.audience(1)
	n := s.accept(s.message())
	s.settle(s.retryAt(s.claim(10).Attempts[0], time.Second))
	before := s.deliveries(n)[0]
	s.now = s.now.Add(time.Second)
	until := s.now.Add(time.Minute)
	c := s.claimAdmitting(10, func(string) time.Time { return until })
	if len(c.Attempts) > 0 || len(c.Settled.Changes) > 0 || c.More || c.Next != until {
		s.Fatalf("claim: %+v", c)
	}
	after := s.deliveries(n)[0]
	equal(s, "retry at", after.RetryAt, until)
	after.RetryAt = before.RetryAt
	equal(s, "otherwise", after, before)
}

// testDeferredFirstTry: who was only put off has not had a try yet.
func testDeferredFirstTry(s *suite) {
	s.audience(1)
	n := s.message()
	n.TTL = 0
	s.accept(n)
	until := s.now.Add(30 * time.Second)
	equal(s, "put off", len(s.claimAdmitting(10, func(string) time.Time { return until }).Settled.Changes), 1)
	s.now = until
	equal(s, "tried", len(s.claim(10).Attempts), 1)
}

func testDeadlines(s *suite) {
	start := s.now
	for _, c := range []struct {
		name         string
		ttl          time.Duration
		expires      time.Duration // 0 = never
		claim        time.Duration // when the first claim comes
		fresh, retry bool          // whether it is tried then, and again a second later
	}{
		{"in time", time.Hour, 0, 0, true, true},
		{"just in time", time.Hour, 0, time.Hour - time.Millisecond, true, false},
		{"after its TTL", time.Hour, 0, time.Hour, false, false},
		{"TTL 0 is tried once", 0, 0, time.Minute - time.Millisecond, true, false},
		{"TTL 0, too late", 0, 0, time.Minute, false, false},
		{"expires before its TTL", time.Hour, time.Minute, time.Minute - time.Millisecond, true, false},
		{"has expired", time.Hour, time.Minute, time.Minute, false, false},
		{"TTL 0, expired", 0, time.Second, time.Second, false, false},
	} {
		s.now = start
		if c.name == "in time" {
			s.audience(1)
		}
		n := s.message()
		n.TTL = c.ttl
		if c.expires > 0 {
			n.ExpiresAt = s.now.Add(c.expires)
		}
		n = s.accept(n)
		s.now = start.Add(c.claim)
		claim := s.claim(10)
		equal(s, c.name+": tried", len(claim.Attempts) == 1, c.fresh)
		if c.fresh {
			s.settle(s.retryAt(claim.Attempts[0], time.Second))
			s.now = s.now.Add(time.Second)
			claim = s.claim(10)
			equal(s, c.name+": tried again", len(claim.Attempts) == 1, c.retry)
		}
		if c.retry {
			s.settle(s.outcome(claim.Attempts[0], storage.EventSent))
			equal(s, c.name+": state", s.notification(n.ID).State, storage.Sent)
			continue
		}
		if len(claim.Settled.Changes) != 1 || claim.Settled.Changes[0].Event != storage.EventExpired {
			s.Fatalf("%s: %+v", c.name, claim.Settled)
		}
		got := s.notification(n.ID)
		if got.State != storage.ExpiredState || got.FinishedAt != s.now || got.Counts != (storage.Counts{Targeted: 1, Expired: 1}) {
			s.Fatalf("%s: %+v", c.name, got)
		}
	}
}

func testRemovedBeforeRetry(s *suite) {
	ids := s.audience(1)
	n := s.accept(s.message())
	s.settle(s.retryAt(s.claim(10).Attempts[0], time.Second))
	must[bool](s)(s.Unsubscribe(s.ctx, s.now, ids[0]))
	s.now = s.now.Add(time.Second)
	c := s.claim(10)
	if len(c.Attempts) > 0 || len(c.Settled.Changes) != 1 || c.Settled.Changes[0].Event != storage.EventGone || c.Settled.Changes[0].Error == "" {
		s.Fatalf("claim: %+v", c)
	}
	equal(s, "counts", s.notification(n.ID).Counts, storage.Counts{Targeted: 1, Gone: 1})
	equal(s, "why it was removed", s.subscription(ids[0]).Removed, storage.RemovedByUser)
}

// testResume: what was in flight comes again, and only that.
func testResume(s *suite) {
	s.audience(5)
	n := s.accept(s.message())
	c := s.claim(4)
	s.settle(s.outcome(c.Attempts[1], storage.EventSent), s.retryAt(c.Attempts[2], time.Second))
	s.now = s.now.Add(time.Second)
	under := s.claim(1) // the retry is under way
	equal(s, "retry claimed", under.Attempts[0].Subscription.Key, c.Attempts[2].Subscription.Key)

	for range 2 { // a crash while resuming changes nothing
		s.ok(s.Resume(s.ctx, s.now))
		again := s.claim(3)
		var keys []int64
		for _, a := range again.Attempts {
			keys = append(keys, a.Subscription.Key)
		}
		want := []int64{c.Attempts[0].Subscription.Key, c.Attempts[3].Subscription.Key, c.Attempts[2].Subscription.Key}
		if !slices.Equal(keys, want) {
			s.Fatalf("claimed again %v, want %v", keys, want)
		}
		equal(s, "attempts of the retry", again.Attempts[2].Attempts, 1)
	}
	s.ok(s.Resume(s.ctx, s.now))
	for more := true; more; {
		claim := s.claim(500)
		s.settle(s.outcomes(claim.Attempts, storage.EventSent)...)
		more = claim.More
	}
	got := s.notification(n.ID)
	equal(s, "counts", got.Counts, storage.Counts{Targeted: 5, Sent: 5})
	equal(s, "state", got.State, storage.Sent)
	s.ok(s.Resume(s.ctx, s.now))
	equal(s, "nothing left", len(s.claim(10).Attempts), 0)
}

// testResumeInParts: an engine with little room takes a lease over bit by bit.
func testResumeInParts(s *suite) {
	ids := s.audience(10)
	s.accept(s.message())
	s.claim(10)
	s.ok(s.Resume(s.ctx, s.now))
	var got []uuid.UUID
	for more := true; more; {
		c := s.claim(3)
		got = append(got, recipients(c.Attempts)...)
		more = c.More
	}
	if !slices.Equal(got, ids) {
		s.Fatalf("claimed again %d, want %d", len(got), len(ids))
	}
	s.ok(s.Resume(s.ctx, s.now)) // parts are leases like any other
	equal(s, "and again", len(s.claim(500).Attempts), 10)
}

// testResumeAfterChanges: an old lease meets a removal, an end, a cancel.
func testResumeAfterChanges(s *suite) {
	ids := s.audience(3)
	n := s.accept(s.message())
	canceled := s.accept(s.message())
	expired := s.message()
	expired.ExpiresAt = s.now.Add(time.Second)
	expired = s.accept(expired)
	equal(s, "claimed", len(s.claim(500).Attempts), 9)
	must[bool](s)(s.Unsubscribe(s.ctx, s.now, ids[1]))
	must[storage.Notification](s)(s.Cancel(s.ctx, s.now, canceled.ID))
	s.now = s.now.Add(time.Second)
	s.ok(s.Resume(s.ctx, s.now))
	c := s.claim(500)
	if got := recipients(c.Attempts); !slices.Equal(got, []uuid.UUID{ids[0], ids[2]}) {
		s.Fatalf("claimed again %d", len(got))
	}
	equal(s, "counts", s.notification(n.ID).Counts, storage.Counts{Targeted: 3, Pending: 2, Gone: 1})
	equal(s, "canceled", s.notification(canceled.ID).Counts, storage.Counts{Targeted: 3, Canceled: 3})
	equal(s, "expired", s.notification(expired.ID).Counts, storage.Counts{Targeted: 3, Gone: 1, Expired: 2})
	equal(s, "state of the expired", s.notification(expired.ID).State, storage.ExpiredState)
	equal(s, "changes", len(c.Settled.Changes), 7)
}
