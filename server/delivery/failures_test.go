package delivery_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"recado/server/delivery"
	"recado/server/push"
	"recado/storage"
)

// These tests inject failures with a Sender of their own, in a bubble of
// synctest: time passes when nothing else can happen.

// sendFunc is a Sender; n counts its calls from 1.
type sendFunc struct {
	calls *atomic.Int64
	send  func(ctx context.Context, n int64) push.Result
}

func (s sendFunc) Send(ctx context.Context, _ *push.Key, _ push.Target, _ push.Message) push.Result {
	return s.send(ctx, s.calls.Add(1))
}

func sending(send func(ctx context.Context, n int64) push.Result) sendFunc {
	return sendFunc{calls: new(atomic.Int64), send: send}
}

func takes(d time.Duration) sendFunc {
	return sending(func(ctx context.Context, _ int64) push.Result {
		select {
		case <-time.After(d):
			return push.Result{Class: push.Sent, Code: 201}
		case <-ctx.Done():
			return push.Result{Class: push.Retry, Reason: "cut off"}
		}
	})
}

// brittle is a Queue that fails when told to.
type brittle struct {
	delivery.Queue
	settles, claims atomic.Bool // fail
	claimed         atomic.Pointer[func(storage.Claim)]
}

func (q *brittle) Settle(ctx context.Context, o []storage.Outcome) (storage.Settled, error) {
	if q.settles.Load() {
		return storage.Settled{}, fmt.Errorf("settle: %w", storage.ErrUnavailable)
	}
	return q.Queue.Settle(ctx, o)
}

func (q *brittle) Claim(ctx context.Context, r storage.ClaimRequest) (storage.Claim, error) {
	if q.claims.Load() {
		return storage.Claim{}, fmt.Errorf("claim: %w", storage.ErrUnavailable)
	}
	c, err := q.Queue.Claim(ctx, r)
	if f := q.claimed.Load(); f != nil && len(c.Attempts) > 0 {
		(*f)(c)
	}
	return c, err
}

func newBrittleRig(t *testing.T, n int, s sendFunc) (*rig, *brittle) {
	t.Helper()
	r := newRig(t)
	q := &brittle{Queue: r.store}
	r.queue, r.options.Sender = q, s
	batch := make([]storage.Subscribe, n)
	for i := range batch {
		batch[i] = storage.Subscribe{
			Endpoint: fmt.Sprintf("https://push.example/%d", i), Service: "push.example",
			P256dh: bytes.Repeat([]byte{4}, 65), Auth: make([]byte, 16),
		}
	}
	_, err := r.store.ImportSubscriptions(context.Background(), time.Now(), batch)
	must(t, err)
	return r, q
}

func (r *rig) report(n storage.Notification) error {
	return r.engine.Report(context.Background(), storage.Outcome{NotificationKey: n.Key, SubscriptionKey: 1, Event: storage.EventDisplayed, At: time.Now()})
}

func TestAReceiptThatCannotBeStoredStopsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, q := newBrittleRig(t, 1, takes(time.Millisecond))
		r.start()
		n := r.finished(r.publish(nil).ID)
		q.settles.Store(true)
		if err := r.report(n); err == nil {
			t.Error("it was taken")
		}
		q.settles.Store(false)
		if err := r.report(n); err != nil {
			t.Errorf("the next one: %v", err)
		}
		r.finished(r.publish(nil).ID)
	})
}

func TestAClaimThatFailsIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, q := newBrittleRig(t, 1, takes(time.Millisecond))
		r.start()
		synctest.Wait()
		q.claims.Store(true)
		n := r.publish(nil)
		time.Sleep(time.Minute)
		if len(r.engine.Health()) == 0 {
			t.Error("the engine calls itself healthy")
		}
		q.claims.Store(false)
		r.finished(n.ID)
		if h := r.engine.Health(); len(h) != 0 {
			t.Errorf("the engine still complains: %v", h)
		}
	})
}

// hung is a Queue whose Claim does not return while it hangs.
type hung struct {
	delivery.Queue
	goOn chan struct{}
}

func (h *hung) Claim(ctx context.Context, r storage.ClaimRequest) (storage.Claim, error) {
	<-h.goOn
	return h.Queue.Claim(ctx, r)
}

func TestAQueueThatStandsStillIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := newBrittleRig(t, 1, takes(time.Millisecond))
		h := &hung{Queue: r.queue, goOn: make(chan struct{})}
		r.queue = h
		n := r.publish(nil)
		r.start()
		time.Sleep(time.Minute)
		if reasons := r.engine.Health(); len(reasons) != 0 {
			t.Errorf("too early: %v", reasons)
		}
		time.Sleep(time.Second)
		if reasons := r.engine.Health(); len(reasons) != 1 || !strings.HasPrefix(reasons[0], "queue: deliveries are overdue by more than 60 s") {
			t.Errorf("after 61 s: %v", reasons)
		}
		close(h.goOn)
		r.finished(n.ID)
		if reasons := r.engine.Health(); len(reasons) != 0 {
			t.Errorf("it goes on, and still: %v", reasons)
		}
	})
}

func TestShutdownEndsWhileStorageFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, q := newBrittleRig(t, 3000, sending(func(_ context.Context, n int64) push.Result {
			time.Sleep(50 * time.Millisecond)
			if n == 10 { // and what waits for it is shed
				return push.Result{Class: push.Overloaded, Code: 429, RetryAfter: time.Minute}
			}
			return push.Result{Class: push.Sent, Code: 201}
		}))
		q.settles.Store(true)
		r.options.Grace = 200 * time.Millisecond
		r.start()
		r.publish(nil)
		time.Sleep(5 * time.Second)
		began := time.Now()
		r.stop()
		if took := time.Since(began); took > 500*time.Millisecond {
			t.Errorf("it took %v", took)
		}
	})
}

func TestAttemptsAreNotForgottenInAPausedLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := make(chan struct{})
		r, q := newBrittleRig(t, 1, sending(func(_ context.Context, n int64) push.Result {
			if n == 1 {
				<-answer
				return push.Result{Class: push.Overloaded, Code: 429, RetryAfter: time.Second}
			}
			return push.Result{Class: push.Sent, Code: 201}
		}))
		r.start()
		first := r.publish(func(n *storage.Notification) { n.TTL = 0 }) // its failure leaves no retry behind
		synctest.Wait()
		between := func(storage.Claim) { // the claim is made, its attempts are not queued yet
			q.claimed.Store(nil)
			close(answer)
			for r.engine.Services()[0].State != delivery.ServicePaused {
				runtime.Gosched() // the bubble's time stands still while a claim is made
			}
		}
		q.claimed.Store(&between)
		second := r.publish(nil)
		if n := r.finished(second.ID); n.Counts.Sent != 1 {
			t.Errorf("counts %+v", n.Counts)
		}
		if n := r.finished(first.ID); n.Counts.Expired != 1 {
			t.Errorf("the first: %+v", n.Counts)
		}
	})
}

func TestAFewFailuresDoNotSlowAFanOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := newBrittleRig(t, 5000, sending(func(_ context.Context, n int64) push.Result {
			time.Sleep(5 * time.Millisecond)
			if n%100 == 0 {
				return push.Result{Class: push.Retry, Code: 503}
			}
			return push.Result{Class: push.Sent, Code: 201}
		}))
		r.options.Concurrency = 256
		r.start()
		n := r.finished(r.publish(nil).ID)
		if n.Counts.Sent != 5000 {
			t.Fatalf("counts %+v", n.Counts)
		}
		again := 0
		for _, e := range r.events(n) {
			if e == storage.EventRetrying {
				again++
			}
		}
		if again > 200 { // one in a hundred failed
			t.Errorf("%d deliveries were put off", again)
		}
	})
}

func TestAKeyThatWasCutOffIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := newBrittleRig(t, 1, sending(func(ctx context.Context, n int64) push.Result {
			switch n {
			case 1:
				return push.Result{Class: push.Unauthorized, Code: 403}
			case 2: // the other key, and the shutdown comes
				<-ctx.Done()
				return push.Result{Class: push.Retry, Reason: "cut off"}
			}
			return push.Result{Class: push.Sent, Code: 201}
		}))
		other, err := push.GenerateKey()
		must(t, err)
		r.addKey(other)
		r.options.Grace = time.Second
		r.start()
		n := r.publish(nil)
		synctest.Wait()
		r.stop()
		r.start()
		if n = r.finished(n.ID); n.Counts.Sent != 1 {
			t.Errorf("counts %+v", n.Counts)
		}
	})
}

// counting counts the claims.
type counting struct {
	delivery.Queue
	claims atomic.Int64
}

func (q *counting) Claim(ctx context.Context, r storage.ClaimRequest) (storage.Claim, error) {
	q.claims.Add(1)
	return q.Queue.Claim(ctx, r)
}

// longestSleep is how soon a running engine notices that the clock has jumped.
const longestSleep = 30 * time.Second

func TestAClockThatIsSetBackIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := newBrittleRig(t, 1, takes(time.Millisecond))
		q := &counting{Queue: r.store}
		r.queue = q
		var jump atomic.Int64
		r.options.Now = func() time.Time { return time.Now().Add(time.Duration(jump.Load())) }
		r.start()
		far := time.Now().Add(24 * time.Hour)
		r.publish(func(n *storage.Notification) { n.ScheduledAt = far })
		time.Sleep(5 * time.Minute)
		before := q.claims.Load()
		jump.Store(-int64(time.Hour))
		time.Sleep(longestSleep + time.Second)
		synctest.Wait()
		if q.claims.Load() == before {
			t.Error("nobody looked what is due now")
		}
		before = q.claims.Load()
		time.Sleep(time.Hour)
		if n := q.claims.Load() - before; n > 1 {
			t.Errorf("%d claims in an hour in which nothing was due", n)
		}
	})
}
