package storagetest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

var notificationTests = []testCase{
	{"accept", testAccept},
	{"idempotency", testIdempotency},
	{"idempotency at once", testIdempotencyAtOnce},
	{"scheduled", testScheduled},
	{"cancel scheduled", testCancelScheduled},
	{"cancel sending", testCancelSending},
	{"cancel many", testCancelMany},
	{"deliveries", testDeliveries},
}

func testAccept(s *suite) {
	s.category("ops")
	n := storage.Notification{
		ID: uuid.Must(uuid.NewV7()),
		Content: storage.Content{
			Title: "Disk full", Body: "sda1", URL: "https://nas.example/", Vibrate: []int{100, 50}, Silent: true,
			Actions: []storage.Action{{Action: "open", Title: "Open", URL: "https://nas.example/open"}},
			Data:    json.RawMessage(`{"a":[1,2]}`),
		},
		TTL: 90 * time.Second, Urgency: "high", Topic: "disk", TokenKey: 7, Warnings: []string{"long"},
		Target:    storage.Target{Categories: []string{"ops"}, Users: []string{"ana"}, Subscriptions: []uuid.UUID{uuid.New()}},
		CreatedAt: s.now, ExpiresAt: s.now.Add(time.Hour),
	}
	accepted := must[storage.Accepted](s)(s.Accept(s.ctx, n, nil))
	got := s.notification(n.ID)
	if !reflect.DeepEqual(accepted.Notification, got) || accepted.Replayed {
		s.Fatalf("accepted %+v\nstored %+v", accepted, got)
	}
	want := n
	want.Key, want.State, want.DueAt = got.Key, storage.Sending, s.now
	if got.Key == 0 || !reflect.DeepEqual(got, want) {
		s.Fatalf("stored %+v\nwant   %+v", got, want)
	}
	n.ID, n.Target.Categories = uuid.New(), []string{"nope"}
	_, err := s.Accept(s.ctx, n, nil)
	s.unknownCategory(err, "nope")
	_, err = s.Notification(s.ctx, n.ID)
	s.is(err, storage.ErrNotFound)
	_, err = s.Accept(s.ctx, storage.Notification{ID: got.ID, CreatedAt: s.now}, nil)
	s.is(err, storage.ErrExists)
}

func testIdempotency(s *suite) {
	idem := &storage.Idempotency{Key: "k", BodyHash: [32]byte{1}}
	n := s.message()
	n.TokenKey = 1
	first := must[storage.Accepted](s)(s.Accept(s.ctx, n, idem))
	equal(s, "first", first.Replayed, false)

	again := n
	again.ID, again.CreatedAt = uuid.New(), s.now.Add(23*time.Hour)
	replay := must[storage.Accepted](s)(s.Accept(s.ctx, again, idem))
	if !replay.Replayed || replay.Notification.ID != n.ID {
		s.Fatalf("replayed: %+v", replay)
	}
	_, err := s.Accept(s.ctx, again, &storage.Idempotency{Key: "k", BodyHash: [32]byte{2}})
	s.is(err, storage.ErrIdempotencyKey)

	for _, fresh := range []struct {
		token int64
		key   string
		after time.Duration
	}{{2, "k", 0}, {1, "other", 0}, {1, "k", 24 * time.Hour}} {
		n := s.message()
		n.TokenKey, n.CreatedAt = fresh.token, s.now.Add(fresh.after)
		a := must[storage.Accepted](s)(s.Accept(s.ctx, n, &storage.Idempotency{Key: fresh.key, BodyHash: [32]byte{3}}))
		equal(s, fmt.Sprintf("%+v replayed", fresh), a.Replayed, false)
	}
}

func testIdempotencyAtOnce(s *suite) {
	const n = 8
	var ids [n]uuid.UUID
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			a, err := s.Accept(s.ctx, s.message(), &storage.Idempotency{Key: "k"})
			if err != nil {
				s.Error(err)
			}
			ids[i] = a.Notification.ID
		})
	}
	wg.Wait()
	equal(s, "different notifications", len(slices.Compact(ids[:])), 1)
}

func testScheduled(s *suite) {
	ids := s.audience(2)
	n := s.message()
	n.ScheduledAt = s.now.Add(time.Hour)
	n = s.accept(n)
	equal(s, "state", n.State, storage.Scheduled)
	equal(s, "due", n.DueAt, n.ScheduledAt)
	c := s.claim(10)
	equal(s, "claimed too early", len(c.Attempts), 0)
	equal(s, "more", c.More, false)
	equal(s, "next", c.Next, n.ScheduledAt)

	// The audience is who is subscribed when it is due.
	must[bool](s)(s.Unsubscribe(s.ctx, s.now, ids[0]))
	ids = append(ids[1:], s.audience(1)...)
	s.now = n.ScheduledAt
	c = s.claim(10)
	if got := recipients(c.Attempts); !slices.Equal(got, ids) {
		s.Fatalf("claimed %v, want %v", got, ids)
	}
	equal(s, "started", s.notification(n.ID).StartedAt, s.now)
	equal(s, "state", s.notification(n.ID).State, storage.Sending)

	past := s.message()
	past.ScheduledAt = s.now
	equal(s, "scheduled for now", s.accept(past).State, storage.Sending)
}

func testCancelScheduled(s *suite) {
	s.audience(1)
	n := s.message()
	n.ScheduledAt = s.now.Add(time.Hour)
	n = s.accept(n)
	got := must[storage.Notification](s)(s.Cancel(s.ctx, s.now, n.ID))
	if got.State != storage.CanceledState || got.FinishedAt != s.now {
		s.Fatalf("canceled: %+v", got)
	}
	s.now = n.ScheduledAt
	equal(s, "claimed", len(s.claim(10).Attempts), 0)
	_, err := s.Cancel(s.ctx, s.now, n.ID)
	s.is(err, storage.ErrEnded)
	_, err = s.Cancel(s.ctx, s.now, uuid.New())
	s.is(err, storage.ErrNotFound)
}

// testCancelSending: some sent, one in flight, one retrying, the rest unread.
func testCancelSending(s *suite) {
	s.audience(6)
	n := s.accept(s.message())
	c := s.claim(3)
	retrying := s.outcome(c.Attempts[1], storage.EventRetrying)
	retrying.RetryAt, retrying.Code = s.now.Add(time.Minute), 503
	s.settle(s.outcome(c.Attempts[0], storage.EventSent), retrying)

	got := must[storage.Notification](s)(s.Cancel(s.ctx, s.now, n.ID))
	equal(s, "state", got.State, storage.CanceledState)
	equal(s, "finished", got.FinishedAt.IsZero(), true)
	equal(s, "targeted", got.Counts.Targeted, 3)

	ended := s.claim(10)
	equal(s, "claimed", len(ended.Attempts), 0)
	if len(ended.Settled.Changes) != 1 || ended.Settled.Changes[0].Event != storage.EventCanceled || ended.Settled.Changes[0].Code != 503 {
		s.Fatalf("settled: %+v", ended.Settled)
	}
	s.settle(s.outcome(c.Attempts[2], storage.EventCanceled))
	got = s.notification(n.ID)
	equal(s, "state", got.State, storage.CanceledState)
	equal(s, "finished", got.FinishedAt, s.now)
	equal(s, "counts", got.Counts, storage.Counts{Targeted: 3, Sent: 1, Canceled: 2})
	_, err := s.Cancel(s.ctx, s.now, n.ID)
	s.is(err, storage.ErrEnded)

	done := s.accept(s.message())
	s.settle(s.outcomes(s.claim(10).Attempts, storage.EventSent)...)
	_, err = s.Cancel(s.ctx, s.now, done.ID)
	s.is(err, storage.ErrEnded)
}

// testCancelMany: all retries of a canceled notification end at once, and no
// other's.
func testCancelMany(s *suite) {
	n := 5003 // more than one step takes
	if testing.Short() {
		n = 20
	}
	s.key("k1")
	batch := make([]storage.Subscribe, n)
	for i := range batch {
		batch[i] = s.wish()
	}
	must[[]storage.Imported](s)(s.ImportSubscriptions(s.ctx, s.now, batch))
	canceled, other := s.accept(s.message()), s.accept(s.message())
	for more := true; more; {
		c := s.claim(500)
		outcomes := make([]storage.Outcome, len(c.Attempts))
		for i, a := range c.Attempts {
			outcomes[i] = s.retryAt(a, time.Minute)
		}
		s.settle(outcomes...)
		more = c.More
	}
	must[storage.Notification](s)(s.Cancel(s.ctx, s.now, canceled.ID))
	for more := true; more; {
		c := s.claim(500)
		equal(s, "claimed", len(c.Attempts), 0)
		more = c.More
	}
	equal(s, "counts", s.notification(canceled.ID).Counts, storage.Counts{Targeted: n, Canceled: n})
	equal(s, "finished", s.notification(canceled.ID).FinishedAt, s.now)
	equal(s, "counts of the other", s.notification(other.ID).Counts, storage.Counts{Targeted: n, Retrying: n})
}

func testDeliveries(s *suite) {
	s.key("k1")
	w := s.wish()
	w.Label = new("phone")
	s.subscribe(w)
	s.audience(2)
	n := s.accept(s.message())
	c := s.claim(10)
	o := s.outcome(c.Attempts[0], storage.EventRetrying)
	o.Code, o.Error, o.RetryAt, o.Latency = 503, "busy", s.now.Add(time.Minute), 1500*time.Millisecond
	seq := s.settle(o).Changes[0].Seq
	s.settle(s.outcome(c.Attempts[2], storage.EventSent))

	got := s.deliveries(n)
	equal(s, "rows", len(got), 2)
	want := storage.Delivery{
		Change: storage.Change{
			Seq: seq, NotificationKey: n.Key, SubscriptionKey: c.Attempts[0].Subscription.Key, Status: storage.StatusRetrying,
			Event: storage.EventRetrying, Attempts: 1, Code: 503, Error: "busy", At: s.now, RetryAt: s.now.Add(time.Minute),
			Latency: 1500 * time.Millisecond,
		},
		NotificationID: n.ID, SubscriptionID: c.Attempts[0].Subscription.ID, Label: "phone", Service: "push.example",
	}
	equal(s, "delivery", got[0], want)
	page := must[[]storage.Delivery](s)(s.Deliveries(s.ctx, n.Key, 0, 1))
	equal(s, "page", len(page), 1)
	page = must[[]storage.Delivery](s)(s.Deliveries(s.ctx, n.Key, page[0].SubscriptionKey, 1))
	equal(s, "second page", page[0], got[1])
	equal(s, "of nothing", len(must[[]storage.Delivery](s)(s.Deliveries(s.ctx, 99, 0, 10))), 0)
}
