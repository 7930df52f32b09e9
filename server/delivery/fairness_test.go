package delivery_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"recado/server/delivery"
	"recado/server/push/pushtest"
	"recado/storage"
)

func TestAServiceAt429DoesNotDelayTheOther(t *testing.T) {
	if testing.Short() {
		t.Skip("two thousand messages")
	}
	const half = 1000
	good := pushtest.Start(t, pushtest.Options{HTTP2: true, CountOnly: true})
	bad := pushtest.Start(t, pushtest.Options{HTTP2: true, CountOnly: true})
	bad.Always(&pushtest.Step{Status: 429, RetryAfter: "3600"})
	r := newRig(t, good, bad)
	g, b := good.SubscribeN(half, true), bad.SubscribeN(half, true)
	mixed := make([]*pushtest.Subscription, 0, 2*half)
	for i := range half {
		mixed = append(mixed, g[i], b[i])
	}
	r.subscribe(mixed...)
	r.start()
	n := r.until(r.publish(nil).ID, func(n storage.Notification) bool {
		return n.Counts.Sent == half && n.Counts.Retrying == half
	})
	if bad.Requests() > 100 {
		t.Errorf("the service that asked to be left alone got %d requests", bad.Requests())
	}
	if n.State != storage.Sending || good.Count() != half {
		t.Errorf("%s, %d sent", n.State, good.Count())
	}
}

func TestAServiceThatHangsDoesNotDelayTheOther(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a stall of a second")
	}
	const half = 2000
	good := pushtest.Start(t, pushtest.Options{HTTP2: true, CountOnly: true})
	hangs := pushtest.Start(t, pushtest.Options{HTTP2: true, CountOnly: true})
	hangs.Always(&pushtest.Step{Hang: true})
	r := newRig(t, good, hangs)
	r.timeout = 10 * time.Minute // longer than the test: it only ends because nobody waits for it
	r.options.Grace = time.Millisecond
	g, h := good.SubscribeN(half, true), hangs.SubscribeN(half, true)
	mixed := make([]*pushtest.Subscription, 0, 2*half)
	for i := range half {
		mixed = append(mixed, h[i], g[i])
	}
	r.subscribe(mixed...)
	r.start()
	r.until(r.publish(nil).ID, func(n storage.Notification) bool { return n.Counts.Sent == half })
}

func TestOneDeviceIsNotStuckBehindMany(t *testing.T) {
	if testing.Short() {
		t.Skip("a large audience")
	}
	const many = 50_000
	s := pushtest.Start(t, pushtest.Options{HTTP2: true, CountOnly: true, SkipVerify: true})
	r := newRig(t, s)
	ids := r.subscribe(s.SubscribeN(many, true)...)
	r.start()
	large := r.publish(nil)
	r.until(large.ID, func(n storage.Notification) bool { return n.Counts.Sent > 2000 })
	for range 5 {
		before := r.get(large.ID).Counts.Sent
		n := r.finished(r.publish(func(n *storage.Notification) {
			n.Target.Subscriptions = []uuid.UUID{ids[many-1]}
		}).ID)
		if n.Counts.Sent != 1 {
			t.Fatalf("counts %+v", n.Counts)
		}
		after := r.get(large.ID)
		if !after.FinishedAt.IsZero() {
			t.Fatal("the large one has ended: nothing was shown")
		}
		// It waits for what is in memory already and for one turn, not for the rest.
		if passed := after.Counts.Sent - before; passed > 10_000 {
			t.Errorf("%d others went first", passed)
		}
	}
	_, err := r.store.Cancel(t.Context(), time.Now(), large.ID)
	must(t, err)
	r.engine.Stop(large.Key)
	r.finished(large.ID)
}

// stopAt keeps every request from the nth on waiting until goOn is closed.
func stopAt(s *pushtest.Server, nth int32) (reached, goOn chan struct{}) {
	var seen atomic.Int32
	reached, goOn = make(chan struct{}), make(chan struct{})
	s.Decide(func(*pushtest.Subscription) *pushtest.Step {
		n := seen.Add(1)
		if n < nth {
			return nil
		}
		return &pushtest.Step{Before: func() {
			if n == nth {
				close(reached)
			}
			<-goOn
		}}
	})
	return reached, goOn
}

func TestCancelInTheMiddle(t *testing.T) {
	s := pushtest.Start(t, pushtest.Options{HTTP2: true, CountOnly: true})
	r := newRig(t, s)
	r.options.Concurrency = 8
	// Its clock stands still: however long cancelling takes, nothing has stalled, and the
	// range does not go on without what waits.
	at := time.Now().Add(time.Minute)
	r.options.Now = func() time.Time { return at }
	r.subscribe(s.SubscribeN(3000, true)...)
	reached, goOn := stopAt(s, 700)
	r.start()
	n := r.publish(nil)
	<-reached
	_, err := r.store.Cancel(t.Context(), time.Now(), n.ID)
	must(t, err)
	r.engine.Stop(n.Key)
	close(goOn)
	n = r.finished(n.ID)
	c := n.Counts
	if n.State != storage.CanceledState || c.Sent != s.Count() || c.Canceled == 0 || c.Pending != 0 || c.Targeted == 3000 {
		t.Errorf("%s with %+v after %d messages", n.State, c, s.Count())
	}
	if s.Count() > 2500 {
		t.Errorf("%d were sent", s.Count())
	}
}

func TestCanceledRetriesEnd(t *testing.T) {
	r, s, _ := one(t)
	s.Always(&pushtest.Step{Status: 503, RetryAfter: "3600"})
	r.start()
	n := r.publish(nil)
	r.until(n.ID, func(n storage.Notification) bool { return n.Counts.Retrying == 1 })
	_, err := r.store.Cancel(t.Context(), time.Now(), n.ID)
	must(t, err)
	r.engine.Stop(n.Key)
	if n = r.finished(n.ID); n.Counts.Canceled != 1 || s.Requests() != 1 {
		t.Errorf("%+v after %d requests", n.Counts, s.Requests())
	}
}

func TestWhoComesAndGoesInTheMiddle(t *testing.T) {
	s := pushtest.Start(t, pushtest.Options{HTTP2: true})
	r := newRig(t, s)
	r.options.Concurrency = 4
	subs := s.SubscribeN(1500, true)
	ids := r.subscribe(subs...)
	reached, goOn := stopAt(s, 100)
	r.start()
	n := r.publish(nil)
	<-reached
	for _, i := range []int{50, 300, 499, 501, 1400} { // sent, claimed, and not yet claimed
		_, err := r.store.Unsubscribe(t.Context(), time.Now(), ids[i])
		must(t, err)
	}
	late := s.Subscribe()
	r.subscribe(late)
	close(goOn)
	n = r.finished(n.ID)
	if s.CountOf(late) != 0 {
		t.Error("who subscribed after it was published got it")
	}
	if s.CountOf(subs[1400]) != 0 {
		t.Error("who had unsubscribed long before its turn got it")
	}
	if n.Counts.Targeted < 1495 || n.Counts.Targeted > 1500 || n.Counts.Sent+n.Counts.Gone != n.Counts.Targeted {
		t.Errorf("counts %+v", n.Counts)
	}
	if n = r.finished(r.publish(nil).ID); n.Counts.Sent != 1496 {
		t.Errorf("the next one: %+v", n.Counts)
	}
	r.clean(s)
}

func TestAWaveOfGoneRaisesAnAlert(t *testing.T) {
	s := pushtest.Start(t, pushtest.Options{HTTP2: true, CountOnly: true})
	r := newRig(t, s)
	subs := s.SubscribeN(300, true)
	for _, sub := range subs[:100] {
		sub.Remove()
	}
	r.subscribe(subs...)
	r.start()
	n := r.finished(r.publish(nil).ID)
	if n.Counts.Gone != 100 || n.Counts.Sent != 200 {
		t.Errorf("counts %+v", n.Counts)
	}
	if a := r.engine.Alerts(); len(a) != 1 || a[0].Kind != delivery.AlertGone {
		t.Errorf("alerts %+v", a)
	}
}

// fullDisk fails to store outcomes while it is full.
type fullDisk struct {
	delivery.Queue
	full  atomic.Bool
	tried chan struct{}
	once  sync.Once
}

func (q *fullDisk) Settle(ctx context.Context, o []storage.Outcome) (storage.Settled, error) {
	if q.full.Load() {
		q.once.Do(func() { close(q.tried) })
		return storage.Settled{}, fmt.Errorf("settle: %w", storage.ErrUnavailable)
	}
	return q.Queue.Settle(ctx, o)
}

func TestAFullDiskStopsSendingAndLosesNothing(t *testing.T) {
	s := pushtest.Start(t, pushtest.Options{HTTP2: true, CheckDuplicates: true})
	r := newRig(t, s)
	disk := &fullDisk{Queue: r.store, tried: make(chan struct{})}
	disk.full.Store(true)
	r.queue = disk
	r.subscribe(s.SubscribeN(3000, true)...)
	r.start()
	n := r.publish(nil)
	<-disk.tried
	err := r.engine.Report(t.Context(), storage.Outcome{NotificationKey: n.Key, SubscriptionKey: 1, Event: storage.EventDisplayed, At: time.Now()})
	if err == nil {
		t.Error("a receipt was taken that could not be stored")
	}
	if h := r.engine.Health(); len(h) == 0 {
		t.Error("the engine calls itself healthy")
	}
	if got, most := s.Requests(), 500+2*r.options.Concurrency; got > most {
		t.Errorf("%d messages went out unrecorded, at most %d may", got, most)
	}
	disk.full.Store(false)
	n = r.finished(n.ID)
	if n.Counts.Sent != 3000 || s.Count() != 3000 {
		t.Errorf("%+v after %d messages", n.Counts, s.Count())
	}
	if h := r.engine.Health(); len(h) != 0 {
		t.Errorf("the engine still complains: %v", h)
	}
	if a := r.engine.Alerts(); len(a) != 1 || a[0].Kind != delivery.AlertStorage {
		t.Errorf("alerts %+v", a)
	}
	r.clean(s)
}

func TestShutdownInTheMiddleLosesAndRepeatsNothing(t *testing.T) {
	s := pushtest.Start(t, pushtest.Options{HTTP2: true, CheckDuplicates: true})
	r := newRig(t, s)
	r.subscribe(s.SubscribeN(3000, true)...)
	r.start()
	n := r.publish(nil)
	for round := 1; round < 4; round++ {
		must(t, s.Wait(t.Context(), 600*round))
		r.stop()
		c := r.get(n.ID).Counts
		if c.Sent != s.Count() {
			t.Errorf("%d stored, %d sent", c.Sent, s.Count())
		}
		r.start()
	}
	n = r.finished(n.ID)
	if n.Counts.Sent != 3000 || s.Count() != 3000 {
		t.Errorf("%+v after %d messages", n.Counts, s.Count())
	}
	r.clean(s)
}
