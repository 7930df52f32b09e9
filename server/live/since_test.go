package live_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"recado/server/live"
	"recado/storage"
)

func TestSince(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 700)
		r.start()
		_, attempts := r.accept("many", storage.Target{})
		r.settleAll(attempts, storage.EventSent)               // 1 to 700
		r.settle(outcome(attempts[0], storage.EventDisplayed)) // 701
		for since, want := range map[int64]int{0: 700, 1: 700, 200: 501, 699: 2, 701: 0} {
			w := r.watch(storage.ChangeFilter{}, since)
			time.Sleep(time.Second)
			all := items(w.seen())
			ordered(t, all)
			if len(all) != want || want > 0 && (all[want-1].Event != "displayed" || all[0].Seq <= since) {
				t.Errorf("since %d: %d items, want %d", since, len(all), want)
			}
			if hello := w.seen()[0]; hello.Type != "hello" || hello.Seq != 701 {
				t.Errorf("since %d: first comes %+v", since, hello)
			}
		}
	})
}

// TestResume: a viewer that comes back, to the same server or to one that has been
// restarted, has missed nothing and sees nothing twice.
func TestResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 60)
		r.start()
		_, attempts := r.accept("x", storage.Target{})
		w := r.watch(storage.ChangeFilter{}, live.FromNow)
		time.Sleep(time.Second)
		var all []item
		for i, a := range attempts {
			r.settle(outcome(a, storage.EventSent))
			time.Sleep(time.Duration(i*7%40) * time.Millisecond)
			if i%10 != 9 {
				continue
			}
			if i == 29 {
				r.stop()
				r.start()
			}
			w.leave()
			all = append(all, items(w.seen())...)
			r.settle(outcome(a, storage.EventDisplayed))
			since := int64(0)
			if len(all) > 0 {
				since = all[len(all)-1].Seq
			}
			w = r.watch(storage.ChangeFilter{}, since)
		}
		time.Sleep(time.Second)
		all = append(all, items(w.seen())...)
		ordered(t, all)
		latest := map[string]string{}
		for _, i := range all {
			latest[i.Label] = i.Event
		}
		shown := 0
		for _, event := range latest {
			if event == "displayed" {
				shown++
			}
		}
		if len(latest) != 60 || shown != 6 {
			t.Errorf("%d devices were seen, %d of them in the end displayed", len(latest), shown)
		}
	})
}

// TestSinceWhatRetentionTook: who asks for what is kept no longer is told so first.
func TestSinceWhatRetentionTook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 3)
		r.start()
		_, attempts := r.accept("old", storage.Target{})
		r.settleAll(attempts, storage.EventSent) // 1, 2, 3
		time.Sleep(48 * time.Hour)
		_, attempts = r.accept("new", storage.Target{})
		r.settleAll(attempts[:2], storage.EventSent) // 4, 5
		keep := storage.Retention{Deliveries: 24 * time.Hour, Notifications: 24 * time.Hour, Keys: time.Hour}
		for more := true; more; {
			var err error
			more, err = r.store.Clean(t.Context(), time.Now(), keep)
			must(t, err)
		}
		for since, want := range map[int64]string{
			0: "hello 5, skipped null, sent 4, sent 5", 2: "hello 5, skipped null, sent 4, sent 5",
			3: "hello 5, sent 4, sent 5", 4: "hello 5, sent 5", live.FromNow: "hello 5",
			// Of a database that was restored from a backup: its seq are used again.
			5000: "hello 5, skipped null",
		} {
			w := r.watch(storage.ChangeFilter{}, since)
			time.Sleep(time.Second)
			if got := story(w.seen()); got != want {
				t.Errorf("since %d: %s, want %s", since, got, want)
			}
		}
		w := r.watch(storage.ChangeFilter{}, 5000)
		time.Sleep(time.Second)
		r.settle(outcome(attempts[2], storage.EventSent)) // 6
		time.Sleep(time.Second)
		if got, want := story(w.seen()), "hello 5, skipped null, sent 6, sent"; got != want {
			t.Errorf("then: %s, want %s", got, want)
		}
	})
}

// sweeping takes what is old just before the second page is read.
type sweeping struct {
	live.Log
	store interface {
		Clean(context.Context, time.Time, storage.Retention) (bool, error)
	}
	pages int
}

func (s *sweeping) ChangesAfter(ctx context.Context, seq int64, f storage.ChangeFilter, limit int) ([]storage.Change, int64, error) {
	if s.pages++; s.pages == 2 {
		for more := true; more; {
			more, _ = s.store.Clean(ctx, time.Now(), storage.Retention{Deliveries: time.Hour, Notifications: time.Hour, Keys: time.Hour})
		}
	}
	return s.Log.ChangesAfter(ctx, seq, f, limit)
}

func TestRetentionTakesMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 600)
		r.log = &sweeping{Log: r.store, store: r.store}
		r.start()
		_, attempts := r.accept("old", storage.Target{})
		r.settleAll(attempts, storage.EventSent) // 1 to 600
		time.Sleep(2 * time.Hour)
		_, attempts = r.accept("new", storage.Target{})
		r.settleAll(attempts[:1], storage.EventSent) // 601
		w := r.watch(storage.ChangeFilter{}, 0)
		time.Sleep(time.Second)
		seen := w.seen()
		if len(seen) != 4 || len(seen[1].Items) != 500 || story(seen[2:]) != "skipped null, sent 601" {
			t.Errorf("%d frames, with %d items", len(seen), len(items(seen)))
		}
	})
}

// TestJoinDuringABacklog: the group that a viewer joins has more waiting than a
// frame holds, and the viewer has some of it from storage.
func TestJoinDuringABacklog(t *testing.T) {
	n := 2600
	if testing.Short() {
		n = 700
	}
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, n)
		r.start()
		first := r.watch(storage.ChangeFilter{}, live.FromNow)
		_, attempts := r.accept("many", storage.Target{})
		time.Sleep(time.Second)
		r.settleAll(attempts, storage.EventSent)
		var late []*watcher
		for i := range int64(12) {
			late = append(late, r.watch(storage.ChangeFilter{}, i*r.seq()/12), r.watch(storage.ChangeFilter{}, live.FromNow))
			time.Sleep(10 * time.Millisecond)
			r.settle(outcome(attempts[i], storage.EventDisplayed))
		}
		time.Sleep(5 * time.Second)
		for i, w := range append(late, first) {
			seen := w.seen()
			all, since := items(seen), seen[0].Seq
			ordered(t, all)
			if i < len(late) && i%2 == 0 {
				since = int64(i/2) * (int64(n) + int64(i/2)) / 12
			}
			at := map[int64]bool{}
			for _, item := range all {
				at[item.Seq] = true
			}
			for seq := since + 1; seq <= r.seq(); seq++ {
				superseded := seq <= 12 && w != first && since < 12 // has been displayed since
				if !at[seq] && !superseded {
					t.Fatalf("viewer %d, since %d, misses %d of %d", i, since, seq, r.seq())
				}
			}
			if all[0].Seq <= since {
				t.Fatalf("viewer %d, since %d, sees %d", i, since, all[0].Seq)
			}
		}
	})
}

// TestSetFilterDuringABacklog: what the old filter has waiting is not lost when the
// new one lets it pass too.
func TestSetFilterDuringABacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1400)
		r.start()
		w := r.watch(storage.ChangeFilter{}, live.FromNow)
		_, attempts := r.accept("many", storage.Target{})
		time.Sleep(time.Second)
		r.settleAll(attempts, storage.EventSent)
		for i := range 4 {
			w.viewer.SetFilter(storage.ChangeFilter{Events: storage.Events(storage.EventSent, storage.EventClosed-storage.Event(i))})
			time.Sleep(20 * time.Millisecond)
		}
		time.Sleep(5 * time.Second)
		all := items(w.seen())
		ordered(t, all)
		if len(all) != 1400 {
			t.Errorf("%d items, want 1400", len(all))
		}
	})
}
