package delivery_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"recado/server/delivery"
	"recado/server/push"
	"recado/storage"
)

// moody is a Sender that answers at random and remembers what it took.
type moody struct {
	mu      sync.Mutex
	random  *rand.Rand
	taken   map[string]int // notification id and endpoint → times answered 201
	offered map[string]int // the same → requests
	crashes map[string]int // how many crashes there had been when the process began that was the last to send it
	repeats []string
}

// process is the moody sender as one run of the server has it.
type process struct {
	*moody
	crashes int // before it began
}

func (m process) Send(ctx context.Context, _ *push.Key, to push.Target, msg push.Message) push.Result {
	m.mu.Lock()
	mood, wait := m.random.IntN(100), time.Duration(m.random.IntN(2000))*time.Millisecond
	m.mu.Unlock()
	select {
	case <-time.After(wait):
	case <-ctx.Done():
		return push.Result{Class: push.Retry, Reason: "cut off"}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var payload struct{ ID string }
	if err := json.Unmarshal(msg.Payload, &payload); err != nil {
		return push.Result{Class: push.Rejected, Code: 400, Reason: "not JSON"}
	}
	key := payload.ID + " " + to.Endpoint
	m.offered[key]++
	switch {
	case mood < 10:
		return push.Result{Class: push.Retry, Code: 503, Reason: "later"}
	case mood < 15:
		return push.Result{Class: push.Overloaded, Code: 429, RetryAfter: time.Duration(mood) * time.Second, Reason: "slow down"}
	case mood < 18:
		return push.Result{Class: push.Gone, Code: 410, Reason: "gone"}
	case mood < 21:
		return push.Result{Class: push.Rejected, Code: 400, Reason: "no"}
	case mood < 23:
		return push.Result{Class: push.Unauthorized, Code: 403, Reason: "who?"}
	}
	if m.taken[key] > 0 && m.moody.crashes[key] == m.crashes {
		m.repeats = append(m.repeats, key)
	}
	m.taken[key]++
	m.moody.crashes[key] = m.crashes
	return push.Result{Class: push.Sent, Code: 201}
}

// mortal is a Queue that a crash cuts off from storage.
type mortal struct {
	delivery.Queue
	dead atomic.Bool
}

var errDead = errors.New("the process is dead")

func (q *mortal) Claim(ctx context.Context, r storage.ClaimRequest) (storage.Claim, error) {
	if q.dead.Load() {
		return storage.Claim{}, errDead
	}
	return q.Queue.Claim(ctx, r)
}

func (q *mortal) Settle(ctx context.Context, o []storage.Outcome) (storage.Settled, error) {
	if q.dead.Load() {
		return storage.Settled{}, errDead
	}
	return q.Queue.Settle(ctx, o)
}

// world is what the property test plays with.
type world struct {
	*rig
	random  *rand.Rand
	sender  *moody
	crashes int
	jump    atomic.Int64 // of the wall clock, in ns
	mortal  *mortal
	live    map[uuid.UUID]int64 // id → internal key
	sent    []uuid.UUID
	due     map[uuid.UUID][]int64 // notification → who was there when it was accepted
	quit    map[int64]bool        // unsubscribed
	serial  int
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.jump.Load())) }

func (w *world) begin() {
	w.mortal = &mortal{Queue: w.store}
	w.queue = w.mortal
	w.options.Sender = process{w.sender, w.crashes}
	w.start()
}

func (w *world) step() {
	switch p := w.random.IntN(100); {
	case p < 30:
		w.subscribeOne()
	case p < 38:
		w.unsubscribeOne()
	case p < 60:
		w.publishOne()
	case p < 66:
		w.cancelOne()
	case p < 70:
		w.crashNow()
	case p < 73:
		w.stop()
		w.begin()
	case p < 78:
		w.jump.Add(int64(time.Duration(w.random.IntN(600)-200) * time.Second))
		w.engine.Wake()
	default:
		time.Sleep(time.Duration(w.random.IntN(5000)) * time.Millisecond)
	}
	for _, id := range w.sent {
		w.get(id) // checks the sum
	}
}

func (w *world) subscribeOne() {
	w.serial++
	service := fmt.Sprintf("push%d.example", w.random.IntN(3))
	id, err := w.store.Subscribe(context.Background(), w.now(), storage.Subscribe{
		Endpoint: fmt.Sprintf("https://%s/%d", service, w.serial), Service: service,
		P256dh: bytes.Repeat([]byte{4}, 65), Auth: make([]byte, 16),
	})
	must(w.t, err)
	s, err := w.store.Subscription(context.Background(), id)
	must(w.t, err)
	w.live[id] = s.Key
}

func (w *world) any() (uuid.UUID, bool) {
	for id := range w.live {
		return id, true
	}
	return uuid.Nil, false
}

func (w *world) unsubscribeOne() {
	id, ok := w.any()
	if !ok {
		return
	}
	_, err := w.store.Unsubscribe(context.Background(), w.now(), id)
	must(w.t, err)
	w.quit[w.live[id]] = true
	delete(w.live, id)
}

func (w *world) publishOne() {
	now := w.now()
	n := w.publish(func(n *storage.Notification) {
		n.CreatedAt, n.DueAt = now, now
		n.TTL = time.Duration(w.random.IntN(7200)) * time.Second
		if id, ok := w.any(); ok && w.random.IntN(3) == 0 {
			n.Target.Subscriptions = []uuid.UUID{id}
		}
	})
	w.sent = append(w.sent, n.ID)
	if !n.Target.All() {
		w.due[n.ID] = []int64{w.live[n.Target.Subscriptions[0]]}
		return
	}
	for id, key := range w.live {
		if s, err := w.store.Subscription(context.Background(), id); err == nil && s.RemovedAt.IsZero() {
			w.due[n.ID] = append(w.due[n.ID], key)
		}
	}
}

func (w *world) cancelOne() {
	if len(w.sent) == 0 {
		return
	}
	n, err := w.store.Cancel(context.Background(), w.now(), w.sent[w.random.IntN(len(w.sent))])
	if errors.Is(err, storage.ErrEnded) {
		return
	}
	must(w.t, err)
	w.engine.Stop(n.Key)
}

// crashNow loses everything that is not stored, as kill -9 does.
func (w *world) crashNow() {
	w.mortal.dead.Store(true)
	w.crashes++
	w.stop()
	w.begin()
}

// check holds the promises at the end, when everything has come to rest.
func (w *world) check() {
	for _, id := range w.sent {
		n := w.get(id)
		if n.FinishedAt.IsZero() || n.Counts.Pending != 0 || n.Counts.Retrying != 0 {
			w.t.Errorf("%s never ended: %s with %+v", id, n.State, n.Counts)
		}
		if n.State == storage.CanceledState {
			continue
		}
		all, err := w.store.Deliveries(context.Background(), n.Key, 0, 10000)
		must(w.t, err)
		has := map[int64]bool{}
		for _, d := range all {
			has[d.SubscriptionKey] = true
		}
		for _, key := range w.due[id] {
			if !has[key] && !w.quit[key] && !w.wasGone(key) {
				w.t.Errorf("%s lost its delivery to subscription %d", id, key)
			}
		}
	}
	if len(w.sender.repeats) > 0 {
		w.t.Errorf("%d messages went out twice without a crash, first %s", len(w.sender.repeats), w.sender.repeats[0])
	}
}

func (w *world) wasGone(key int64) bool {
	for id, k := range w.live {
		if k == key {
			s, err := w.store.Subscription(context.Background(), id)
			return err == nil && !s.RemovedAt.IsZero()
		}
	}
	return true
}

// TestPromisesHold plays at random with subscribers, publishers, push services,
// crashes and the clock, and checks after each step that the counts add up, and
// in the end that everything has come to rest, nothing was lost and nothing was
// sent twice without a crash in between.
func TestPromisesHold(t *testing.T) {
	seeds, steps := 6, 300
	if testing.Short() {
		seeds, steps = 1, 60
	}
	for seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { play(t, uint64(seed), steps) })
		})
	}
}

func play(t *testing.T, seed uint64, steps int) {
	w := &world{
		random: rand.New(rand.NewPCG(seed, 1)), live: map[uuid.UUID]int64{},
		due: map[uuid.UUID][]int64{}, quit: map[int64]bool{},
	}
	w.sender = &moody{random: rand.New(rand.NewPCG(seed, 2)), taken: map[string]int{}, offered: map[string]int{}, crashes: map[string]int{}}
	w.rig = newRig(t)
	w.options.Now = w.now
	w.options.Concurrency = 16
	w.options.Grace = time.Second
	w.options.Retry = delivery.RetryPolicy{Base: 2 * time.Second, Max: 15 * time.Minute}
	w.begin()
	for range steps {
		w.step()
	}
	time.Sleep(4 * time.Hour) // longer than any TTL
	w.stop()
	w.check()
	var offered, taken int
	for key, n := range w.sender.offered {
		offered += n
		taken += w.sender.taken[key]
	}
	t.Logf("%d notifications, %d subscriptions, %d requests, %d taken, %d crashes", len(w.sent), w.serial, offered, taken, w.crashes)
}
