package storagetest

import (
	"slices"
	"sync"
	"time"

	"recado/storage"
)

var settleTests = []testCase{
	{"outcomes", testOutcomes},
	{"seq", testSeq},
	{"settle twice", testSettleTwice},
	{"receipts", testReceipts},
	{"receipt before the outcome", testReceiptFirst},
	{"receipt in the same batch", testReceiptSameBatch},
	{"receipt ends a retry", testReceiptEndsRetry},
	{"late receipt of an expired one", testReceiptOfExpired},
	{"receipts for nothing", testReceiptsForNothing},
	{"gone", testGone},
	{"another key worked", testOtherKey},
	{"many at once", testSettleMany},
	{"writers at once", testWritersAtOnce},
	{"settle after a cancel", testSettleCanceled},
}

func testOutcomes(s *suite) {
	s.audience(5)
	n := s.accept(s.message())
	c := s.claim(10)
	events := []storage.Event{storage.EventSent, storage.EventFailed, storage.EventGone, storage.EventExpired, storage.EventRetrying}
	var outcomes []storage.Outcome
	for i, e := range events {
		o := s.outcome(c.Attempts[i], e)
		o.Code, o.Latency = 200+i, time.Duration(i)*time.Millisecond
		if e == storage.EventRetrying {
			o.RetryAt = s.now.Add(time.Minute)
		}
		outcomes = append(outcomes, o)
	}
	settled := s.settle(outcomes...)
	equal(s, "changes", len(settled.Changes), 5)
	want := storage.Counts{Targeted: 5, Sent: 1, Failed: 1, Gone: 1, Expired: 1, Retrying: 1}
	equal(s, "counts", s.notification(n.ID).Counts, want)
	equal(s, "progress", settled.Progress[0], storage.Progress{NotificationKey: n.Key, State: storage.Sending, Counts: want})
	for i, d := range s.deliveries(n) {
		equal(s, "change", settled.Changes[slices.IndexFunc(settled.Changes, func(c storage.Change) bool { return c.Seq == d.Seq })], d.Change)
		if d.Status != storage.Status(events[i]) || d.Event != events[i] || d.Code != 200+i || d.Attempts != 1 ||
			d.Latency != time.Duration(i)*time.Millisecond {
			s.Fatalf("delivery: %+v", d)
		}
	}
	equal(s, "nothing", len(s.settle().Changes), 0)
	unknown := s.outcome(c.Attempts[0], storage.EventSent)
	unknown.NotificationKey = 99
	equal(s, "unknown notification", len(s.settle(unknown).Changes), 0)
}

func testSeq(s *suite) {
	s.audience(30)
	var last int64
	for range 3 {
		s.accept(s.message())
		c := s.claim(100)
		for i, e := range []storage.Event{storage.EventSent, storage.EventDisplayed, storage.EventClicked} {
			for _, change := range s.settle(s.outcomes(c.Attempts[i:], e)...).Changes {
				if change.Seq <= last {
					s.Fatalf("seq %d after %d", change.Seq, last)
				}
				last = change.Seq
			}
		}
	}
}

// testSettleTwice: a batch whose commit was in doubt is given again.
func testSettleTwice(s *suite) {
	s.audience(4)
	n := s.accept(s.message())
	c := s.claim(10)
	batch := []storage.Outcome{
		s.outcome(c.Attempts[0], storage.EventSent),
		s.outcome(c.Attempts[1], storage.EventFailed),
		s.retryAt(c.Attempts[2], time.Minute),
	}
	s.settle(batch...)
	want := s.notification(n.ID)
	rows := s.deliveries(n)
	again := s.settle(batch...)
	equal(s, "changes", len(again.Changes), 0)
	equal(s, "counts", s.notification(n.ID).Counts, want.Counts)
	for i, d := range s.deliveries(n) {
		equal(s, "delivery", d, rows[i])
	}
	// The one that was not settled is still under its lease.
	s.ok(s.Resume(s.ctx, s.now))
	c2 := s.claim(10)
	equal(s, "claimed again", len(c2.Attempts), 1)
	equal(s, "who", c2.Attempts[0].Subscription.Key, c.Attempts[3].Subscription.Key)
	// An outcome that contradicts sent changes nothing.
	equal(s, "failed after sent", len(s.settle(s.outcome(c.Attempts[0], storage.EventFailed)).Changes), 0)
	equal(s, "sent after failed", len(s.settle(s.outcome(c.Attempts[1], storage.EventSent)).Changes), 1)
	equal(s, "counts", s.notification(n.ID).Counts, storage.Counts{Targeted: 4, Pending: 1, Retrying: 1, Sent: 2})
}

func (s *suite) receipt(a storage.Attempt, e storage.Event, after time.Duration) storage.Outcome {
	return storage.Outcome{NotificationKey: a.Notification.Key, SubscriptionKey: a.Subscription.Key, Event: e, At: s.now.Add(after)}
}

func testReceipts(s *suite) {
	s.audience(1)
	n := s.accept(s.message())
	a := s.claim(10).Attempts[0]
	s.settle(s.outcome(a, storage.EventSent))
	for i, e := range []storage.Event{storage.EventDisplayed, storage.EventClicked, storage.EventClosed} {
		at := time.Duration(i+1) * time.Second
		equal(s, "first", len(s.settle(s.receipt(a, e, at)).Changes), 1)
		equal(s, "repeated", len(s.settle(s.receipt(a, e, at+time.Hour)).Changes), 0)
	}
	d := s.deliveries(n)[0]
	if d.Status != storage.StatusSent || d.Event != storage.EventClosed || d.DisplayedAt != s.now.Add(time.Second) ||
		d.ClickedAt != s.now.Add(2*time.Second) || d.ClosedAt != s.now.Add(3*time.Second) || d.At != s.now {
		s.Fatalf("delivery: %+v", d)
	}
	got := s.notification(n.ID)
	equal(s, "counts", got.Counts, storage.Counts{Targeted: 1, Sent: 1, Displayed: 1, Clicked: 1, Closed: 1})
	equal(s, "finished at", got.FinishedAt, s.now)
}

// testReceiptFirst: a receipt proves that it was sent.
func testReceiptFirst(s *suite) {
	s.audience(2)
	n := s.accept(s.message())
	c := s.claim(10)
	early := s.settle(s.receipt(c.Attempts[0], storage.EventDisplayed, 0))
	equal(s, "changes", len(early.Changes), 1)
	equal(s, "counts", early.Progress[0].Counts, storage.Counts{Targeted: 2, Pending: 1, Sent: 1, Displayed: 1})

	late := s.outcome(c.Attempts[0], storage.EventSent)
	late.Code, late.Latency = 201, 20*time.Millisecond
	equal(s, "late outcome", len(s.settle(late, s.outcome(c.Attempts[1], storage.EventSent)).Changes), 1)
	d := s.deliveries(n)[0]
	if d.Status != storage.StatusSent || d.Event != storage.EventDisplayed || d.Code != 201 || d.Attempts != 1 || d.Latency != 20*time.Millisecond {
		s.Fatalf("delivery: %+v", d)
	}
	equal(s, "state", s.notification(n.ID).State, storage.Sent)
	s.ok(s.Resume(s.ctx, s.now))
	equal(s, "claimed again", len(s.claim(10).Attempts), 0)
}

func testReceiptSameBatch(s *suite) {
	s.audience(3)
	n := s.accept(s.message())
	c := s.claim(10)
	settled := s.settle(
		s.outcome(c.Attempts[0], storage.EventSent), s.receipt(c.Attempts[0], storage.EventDisplayed, 0),
		s.receipt(c.Attempts[1], storage.EventDisplayed, 0), s.retryAt(c.Attempts[1], time.Minute),
		s.outcome(c.Attempts[2], storage.EventFailed), s.receipt(c.Attempts[2], storage.EventClicked, 0), s.receipt(c.Attempts[2], storage.EventClicked, 0),
	)
	equal(s, "changes", len(settled.Changes), 5)
	got := s.notification(n.ID)
	equal(s, "counts", got.Counts, storage.Counts{Targeted: 3, Sent: 3, Displayed: 2, Clicked: 1})
	equal(s, "state", got.State, storage.Sent)
	for _, d := range s.deliveries(n) {
		if d.Status != storage.StatusSent || !d.RetryAt.IsZero() {
			s.Fatalf("delivery: %+v", d)
		}
	}
}

func testReceiptEndsRetry(s *suite) {
	s.audience(2)
	n := s.accept(s.message())
	c := s.claim(10)
	s.settle(s.retryAt(c.Attempts[0], time.Minute), s.retryAt(c.Attempts[1], time.Minute))
	s.settle(s.receipt(c.Attempts[0], storage.EventDisplayed, 0))
	s.now = s.now.Add(time.Minute)
	c = s.claim(10)
	equal(s, "claimed", len(c.Attempts), 1)
	// The other one's comes while its retry is under way.
	s.settle(s.receipt(c.Attempts[0], storage.EventDisplayed, 0))
	equal(s, "changes", len(s.settle(s.retryAt(c.Attempts[0], time.Minute)).Changes), 0)
	s.now = s.now.Add(time.Hour)
	equal(s, "claimed later", len(s.claim(10).Attempts), 0)
	equal(s, "counts", s.notification(n.ID).Counts, storage.Counts{Targeted: 2, Sent: 2, Displayed: 2})
}

func testReceiptOfExpired(s *suite) {
	s.audience(1)
	n := s.accept(s.message())
	a := s.claim(10).Attempts[0]
	s.settle(s.outcome(a, storage.EventExpired))
	equal(s, "state", s.notification(n.ID).State, storage.ExpiredState)
	s.settle(s.receipt(a, storage.EventDisplayed, time.Minute))
	got := s.notification(n.ID)
	equal(s, "state then", got.State, storage.Sent)
	equal(s, "finished at", got.FinishedAt, s.now)
	equal(s, "counts", got.Counts, storage.Counts{Targeted: 1, Sent: 1, Displayed: 1})
}

// testReceiptsForNothing: a receipt for what was never claimed counts nowhere.
func testReceiptsForNothing(s *suite) {
	s.audience(3)
	n := s.accept(s.message())
	a := s.claim(1).Attempts[0]
	for _, m := range []struct{ notification, subscription int64 }{{99, 1}, {n.Key, 99}, {n.Key, a.Subscription.Key + 1}} {
		o := s.receipt(a, storage.EventDisplayed, 0)
		o.NotificationKey, o.SubscriptionKey = m.notification, m.subscription
		equal(s, "changes", len(s.settle(o).Changes), 0)
	}
	equal(s, "counts", s.notification(n.ID).Counts, storage.Counts{Targeted: 1, Pending: 1})
}

// testGone: an answer about an endpoint that is no longer the subscription's
// does not remove it.
func testGone(s *suite) {
	ids := s.audience(3)
	s.accept(s.message())
	c := s.claim(10)
	s.now = s.now.Add(time.Second)
	for _, id := range ids[:2] {
		w := s.wish()
		w.Replaces = id.String()
		s.subscribe(w)
	}
	outcomes := s.outcomes(c.Attempts, storage.EventGone)
	// Without Since, the time at which the request began has to do.
	outcomes[1].Since, outcomes[1].Latency = time.Time{}, time.Millisecond
	s.settle(outcomes...)
	equal(s, "the replaced", s.subscription(ids[0]).RemovedAt.IsZero(), true)
	equal(s, "the replaced, by time", s.subscription(ids[1]).RemovedAt.IsZero(), true)
	equal(s, "the other", s.subscription(ids[2]).Removed, storage.RemovedGone)
	s.settle(outcomes...)
	equal(s, "count", must[int](s)(s.CountSubscriptions(s.ctx)), 2)

	s.accept(s.message())
	outcomes = s.outcomes(s.claim(10).Attempts[:1], storage.EventGone)
	outcomes[0].Since, outcomes[0].At = time.Time{}, s.now.Add(time.Second)
	s.settle(outcomes...)
	equal(s, "gone, by time", s.subscription(ids[0]).Removed, storage.RemovedGone)
}

func testOtherKey(s *suite) {
	s.key("k1")
	s.key("k2")
	id := s.subscribe(s.wish())
	s.accept(s.message())
	o := s.outcome(s.claim(10).Attempts[0], storage.EventSent)
	o.KeyID = "k1"
	s.settle(o)
	equal(s, "key", s.subscription(id).KeyID, "k1")
	s.accept(s.message())
	a := s.claim(10).Attempts[0]
	equal(s, "recipient's key", a.Subscription.KeyID, "k1")
	o = s.outcome(a, storage.EventSent)
	o.KeyID = "nope"
	s.settle(o)
	equal(s, "key kept", s.subscription(id).KeyID, "k1")
}

func testSettleMany(s *suite) {
	s.audience(1)
	batch := make([]storage.Subscribe, 999)
	for i := range batch {
		batch[i] = s.wish()
	}
	must[[]storage.Imported](s)(s.ImportSubscriptions(s.ctx, s.now, batch))
	n := s.accept(s.message())
	var outcomes []storage.Outcome
	for more := true; more; {
		c := s.claim(500)
		outcomes = append(outcomes, s.outcomes(c.Attempts, storage.EventSent)...)
		more = c.More
	}
	equal(s, "outcomes", len(outcomes), 1000)
	early := s.receipt(storage.Attempt{Notification: &n, Subscription: storage.Recipient{Key: outcomes[504].SubscriptionKey}}, storage.EventDisplayed, 0)
	s.settle(early)
	settled := s.settle(outcomes...)
	equal(s, "changes", len(settled.Changes), 999)
	for i := 1; i < len(settled.Changes); i++ {
		if settled.Changes[i].Seq <= settled.Changes[i-1].Seq {
			s.Fatal("changes are not in order of seq")
		}
	}
	equal(s, "counts", s.notification(n.ID).Counts, storage.Counts{Targeted: 1000, Sent: 1000, Displayed: 1})
	equal(s, "deliveries", len(s.deliveries(n)), 1000)
}

// testWritersAtOnce: methods may be called by many at once.
func testWritersAtOnce(s *suite) {
	s.audience(20)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for range 5 {
				n := s.message()
				if _, err := s.Accept(s.ctx, n, nil); err != nil {
					s.Error(err)
				}
				if _, err := s.Notification(s.ctx, n.ID); err != nil {
					s.Error(err)
				}
				w := storage.Subscribe{Endpoint: "https://push.example/1", P256dh: []byte{1}, Auth: []byte{byte(i)}, Service: "push.example"}
				if _, err := s.Subscribe(s.ctx, s.now, w); err != nil {
					s.Error(err)
				}
			}
		})
	}
	sent := 0
	wg.Go(func() {
		for sent < 400 && !s.Failed() {
			c, err := s.Claim(s.ctx, storage.ClaimRequest{Now: s.now, Limit: 50, Admit: admitAll})
			if err != nil {
				s.Error(err)
				return
			}
			if _, err := s.Settle(s.ctx, s.outcomes(c.Attempts, storage.EventSent)); err != nil {
				s.Error(err)
				return
			}
			sent += len(c.Attempts)
		}
	})
	wg.Wait()
	equal(s, "sent", sent, 400)
}

// testSettleCanceled: what was under way when its notification was canceled is
// not tried again.
func testSettleCanceled(s *suite) {
	s.audience(3)
	n := s.accept(s.message())
	c := s.claim(10)
	s.settle(s.retryAt(c.Attempts[1], time.Second), s.retryAt(c.Attempts[2], time.Second))
	s.now = s.now.Add(time.Second)
	again := s.claim(10).Attempts
	must[storage.Notification](s)(s.Cancel(s.ctx, s.now, n.ID))
	off := s.retryAt(again[1], time.Minute) // put off: no other request
	off.Attempts, off.Code, off.Error = again[1].Attempts, 0, ""
	batch := []storage.Outcome{s.retryAt(c.Attempts[0], time.Minute), s.retryAt(again[0], time.Minute), off}
	settled := s.settle(batch...)
	equal(s, "changes", len(settled.Changes), 3)
	for _, change := range settled.Changes {
		if change.Event != storage.EventCanceled || !change.RetryAt.IsZero() || change.Code != 503 || change.Error != "busy" {
			s.Fatalf("change: %+v", change)
		}
	}
	equal(s, "the caller's", batch[0].Event, storage.EventRetrying)
	for _, d := range s.deliveries(n) {
		if d.Status != storage.StatusCanceled || !d.RetryAt.IsZero() || d.Code != 503 || d.Error != "busy" {
			s.Fatalf("delivery: %+v", d)
		}
	}
	got := s.notification(n.ID)
	equal(s, "finished", got.FinishedAt, s.now)
	equal(s, "counts", got.Counts, storage.Counts{Targeted: 3, Canceled: 3})
	equal(s, "settled again", len(s.settle(batch...).Changes), 0)
	if c := s.claim(10); c.More || !c.Next.IsZero() {
		s.Fatalf("something is left: %+v", c)
	}
}
