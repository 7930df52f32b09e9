package delivery_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"recado/server/delivery"
	"recado/storage"
)

// announced is a Queue that expects everyone to be told of a commit before the
// next one begins.
type announced struct {
	*rig
	delivery.Queue
	committed        int // changes so far
	claimed, settled int // of these, by whom
	late             int // commits that began before the one before was told
}

func (q *announced) begins() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.changes) != q.committed {
		q.late++
	}
}

func (q *announced) count(s storage.Settled, by *int) {
	*by += len(s.Changes)
	q.committed += len(s.Changes)
}

func (q *announced) told(s storage.Settled) {
	for range 10 {
		runtime.Gosched() // whoever waits for its turn takes it, if it can
	}
	q.rig.settled(s)
}

func (q *announced) Claim(ctx context.Context, r storage.ClaimRequest) (storage.Claim, error) {
	q.begins()
	c, err := q.Queue.Claim(ctx, r)
	q.count(c.Settled, &q.claimed)
	return c, err
}

func (q *announced) Settle(ctx context.Context, o []storage.Outcome) (storage.Settled, error) {
	q.begins()
	s, err := q.Queue.Settle(ctx, o)
	q.count(s, &q.settled)
	return s, err
}

// TestSettledIsToldInOrder: claims change deliveries too, beside the settler, and
// so do receipts; whoever is told sees all of it in the order of seq.
func TestSettledIsToldInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{random: rand.New(rand.NewPCG(3, 1)), live: map[uuid.UUID]int64{}, due: map[uuid.UUID][]int64{}, quit: map[int64]bool{}}
		w.sender = &moody{random: rand.New(rand.NewPCG(3, 2)), taken: map[string]int{}, offered: map[string]int{}, crashes: map[string]int{}}
		w.rig = newRig(t)
		w.options.Concurrency = 16
		for range 40 {
			w.subscribeOne()
		}
		q := &announced{rig: w.rig, Queue: w.store}
		w.queue, w.options.OnSettled = q, q.told
		w.options.Sender = process{w.sender, 0}
		w.start()
		for range 10 {
			w.publishOne()
			time.Sleep(time.Duration(w.random.IntN(3000)) * time.Millisecond)
			w.mu.Lock()
			latest := w.changes[len(w.changes)/2:]
			w.mu.Unlock()
			for _, c := range latest[:min(10, len(latest))] {
				go func() { // until it is durable
					_ = w.engine.Report(context.Background(), storage.Outcome{
						NotificationKey: c.NotificationKey, SubscriptionKey: c.SubscriptionKey, Event: storage.EventDisplayed, At: time.Now(),
					})
				}()
			}
		}
		time.Sleep(4 * time.Hour)
		w.stop()
		if q.late > 0 {
			t.Errorf("%d commits began before the one before was told", q.late)
		}
		for i, c := range w.changes[1:] {
			if c.Seq <= w.changes[i].Seq {
				t.Fatalf("seq %d was told after %d", c.Seq, w.changes[i].Seq)
			}
		}
		if q.claimed < 10 || q.settled < 200 {
			t.Errorf("claims made %d changes, the settler %d: not much of a test", q.claimed, q.settled)
		}
	})
}
