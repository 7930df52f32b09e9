package live_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"recado/server/live"
	"recado/storage"
)

// drain takes everything that waits for a viewer, until nothing comes for a second.
func drain(t *testing.T, v *live.Viewer) []message {
	t.Helper()
	w := &watcher{t: t, viewer: v, done: make(chan struct{}), news: make(chan struct{})}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	w.run(ctx)
	return w.seen()
}

// TestTwentyStall: each of the twenty that watch sees everything, once and in
// order; each of the twenty that have stalled is told how much it has missed.
func TestTwentyStall(t *testing.T) {
	n := 5000
	if testing.Short() {
		n = 300
	}
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, n)
		r.start()
		var watching []*watcher
		var stalled []*live.Viewer
		for range 20 {
			watching = append(watching, r.watch(storage.ChangeFilter{}, live.FromNow))
			stalled = append(stalled, r.stall(storage.ChangeFilter{}))
		}
		_, attempts := r.accept("many", storage.Target{})
		r.settleAll(attempts, storage.EventSent)
		r.settleAll(attempts, storage.EventDisplayed)
		time.Sleep(5 * time.Second)
		for i, w := range watching {
			all := items(w.seen())
			ordered(t, all)
			if len(all) != 2*n {
				t.Errorf("viewer %d saw %d items, want %d", i, len(all), 2*n)
			}
			for _, m := range w.seen() {
				if m.Type == "skipped" {
					t.Errorf("viewer %d was told that it missed %v", i, *m.Count)
				}
			}
			w.leave()
		}
		for i, v := range stalled {
			missed, all := 0, []item{}
			for _, m := range drain(t, v) {
				if m.Type == "skipped" {
					missed += *m.Count
					if len(all) > 0 {
						t.Errorf("stalled viewer %d is told late", i)
					}
				}
				all = append(all, m.Items...)
			}
			ordered(t, all)
			if missed+len(all) != 2*n || len(all) > 0 && all[len(all)-1].Seq != r.seq() {
				t.Errorf("stalled viewer %d was told of %d and shown %d of %d", i, missed, len(all), 2*n)
			}
			if n == 5000 && missed == 0 {
				t.Errorf("stalled viewer %d has missed nothing", i)
			}
		}
		if n == 5000 && r.hub.Skipped() == 0 {
			t.Error("nothing was counted as skipped")
		}
	})
}

// stall returns a viewer that has joined its group, and takes nothing any more.
func (r *rig) stall(f storage.ChangeFilter) *live.Viewer {
	r.t.Helper()
	v, err := r.hub.Join(f, live.FromNow)
	must(r.t, err)
	if _, err := v.Next(r.t.Context()); err != nil { // hello
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(r.t.Context(), time.Second)
	defer cancel()
	if _, err := v.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		r.t.Fatal(err)
	}
	return v
}

// TestMemoryIsBounded: viewers that have stalled keep no more than one buffer for
// each filter, and a little for themselves.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("measures memory")
	}
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 500)
		r.start()
		n, _ := r.accept("x", storage.Target{})
		var stalled []*live.Viewer
		for i := range 300 {
			var f storage.ChangeFilter
			if i < 3 {
				f.Events = storage.Events(storage.EventSent, storage.EventClosed-storage.Event(i))
			}
			stalled = append(stalled, r.stall(f))
		}
		before := heap()
		var seq int64
		for range 40 {
			for range 4 {
				changes := make([]storage.Change, 5000)
				for i := range changes {
					seq++
					changes[i] = storage.Change{Seq: seq, NotificationKey: n.Key, SubscriptionKey: seq%500 + 1, Status: storage.StatusSent, Event: storage.EventSent}
				}
				r.hub.Publish(storage.Settled{Changes: changes})
			}
			time.Sleep(time.Second)
		}
		time.Sleep(10 * time.Second)
		if grown := heap() - before; grown > 4*(2<<20)+300*(20<<10) {
			t.Errorf("the heap grew by %d KiB", grown>>10)
		} else {
			t.Logf("the heap grew by %d KiB; %d deliveries were skipped", grown>>10, r.hub.Skipped())
		}
		for _, v := range stalled {
			v.Leave()
		}
	})
}

func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// blocked keeps the hub waiting for names.
type blocked struct {
	live.Log
	wait sync.Mutex
}

func (b *blocked) NotificationNames(ctx context.Context, keys []int64) (map[int64]storage.NotificationName, error) {
	b.wait.Lock()
	defer b.wait.Unlock()
	return b.Log.NotificationNames(ctx, keys)
}

// TestHubFallsBehind: when the hub itself cannot keep up, nobody waits for it, and
// all are told. Who has not come as far yet reads it from storage.
func TestHubFallsBehind(t *testing.T) {
	r := newRig(t, 2)
	log := &blocked{Log: r.store}
	r.log = log
	r.start()
	all := r.watch(storage.ChangeFilter{}, live.FromNow)
	some := r.watch(storage.ChangeFilter{Events: storage.Events(storage.EventSent)}, live.FromNow)
	n, attempts := r.accept("x", storage.Target{})
	for _, w := range []*watcher{all, some} { // both are in their groups
		w.until(func(m []message) bool { return len(m) == 2 })
	}
	log.wait.Lock()
	r.settle(outcome(attempts[0], storage.EventSent)) // 1: the hub has taken it, and waits
	flood := storage.Settled{Changes: make([]storage.Change, 10_000)}
	seq := int64(1)
	for range 6 {
		changes := flood.Changes
		for i := range changes {
			seq++
			changes[i] = storage.Change{Seq: seq, NotificationKey: n.Key, SubscriptionKey: 1, Status: storage.StatusSent, Event: storage.EventSent}
		}
		r.hub.Publish(storage.Settled{Changes: append([]storage.Change(nil), changes...)})
	}
	log.wait.Unlock()
	for _, w := range []*watcher{all, some} {
		w.reach(seq)
		var missed []int
		for _, m := range w.seen() {
			if m.Type == "skipped" && m.Count != nil {
				missed = append(missed, *m.Count)
			} else if m.Type == "skipped" {
				missed = append(missed, -1)
			}
		}
		want := 60_001 - len(items(w.seen()))
		if w == some {
			want = -1
		}
		if len(missed) != 1 || missed[0] != want {
			t.Errorf("told of %v, want %d", missed, want)
		}
		ordered(t, items(w.seen()))
	}
}

var errBroken = errors.New("broken")

// broken cannot look up names at times.
type broken struct {
	live.Log
	mu           sync.Mutex
	notification error
	subscription error
}

func (b *broken) set(notification, subscription error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notification, b.subscription = notification, subscription
}

func (b *broken) NotificationNames(ctx context.Context, keys []int64) (map[int64]storage.NotificationName, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.notification != nil {
		return nil, b.notification
	}
	return b.Log.NotificationNames(ctx, keys)
}

func (b *broken) SubscriptionNames(ctx context.Context, keys []int64) (map[int64]storage.SubscriptionName, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.subscription != nil {
		return nil, b.subscription
	}
	return b.Log.SubscriptionNames(ctx, keys)
}

func TestStorageFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 4)
		log := &broken{Log: r.store}
		r.log = log
		r.start()
		w := r.watch(storage.ChangeFilter{}, live.FromNow)
		synctest.Wait()
		_, attempts := r.accept("x", storage.Target{})
		time.Sleep(time.Second)
		for i, errs := range [][2]error{{errBroken, nil}, {nil, errBroken}, {nil, nil}} {
			log.set(errs[0], errs[1])
			r.settle(outcome(attempts[i], storage.EventSent))
			time.Sleep(time.Second)
		}
		if got, want := story(w.seen()), "hello 0, sending, skipped 1, skipped 1, sent 3, sending"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		log.set(nil, errBroken)
		late := r.watch(storage.ChangeFilter{}, 0)
		<-late.done
		if !errors.Is(late.err, errBroken) {
			t.Errorf("a replay that cannot be read ends with %v", late.err)
		}
	})
}
