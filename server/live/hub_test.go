package live_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"recado/server/live"
	"recado/storage"
)

func TestViewerSeesWhatHappens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 2)
		r.start()
		_, old := r.accept("before", storage.Target{})
		r.settleAll(old, storage.EventSent)
		w := r.watch(storage.ChangeFilter{}, live.FromNow)
		synctest.Wait()
		n, attempts := r.accept("Disk full", storage.Target{})
		synctest.Wait() // it is shown as sending, before the rest comes
		// Sent and displayed right after each other: both are seen.
		r.settle(outcome(attempts[0], storage.EventSent))
		r.settle(outcome(attempts[1], storage.EventFailed), outcome(attempts[0], storage.EventDisplayed))
		time.Sleep(time.Second)
		if got, want := story(w.seen()), "hello 2, sending, sent 3, failed 4, displayed 5, sent"; got != want {
			t.Fatalf("the viewer saw: %s\nwant: %s", got, want)
		}
		seen := w.seen()
		if seen[0].Version != "v1.2.3" {
			t.Errorf("hello from %q", seen[0].Version)
		}
		all := items(seen)
		sent, displayed := all[0], all[2]
		if sent.Title != "Disk full" || sent.NotificationID != n.ID.String() || sent.Label != "device 1" || sent.Service != "push.example" ||
			sent.Status != "sent" || sent.Attempts != 1 || sent.SubscriptionID != attempts[0].Subscription.ID.String() ||
			!sent.At.Equal(*sent.SentAt) || sent.DisplayedAt != nil {
			t.Errorf("sent: %+v", sent)
		}
		if displayed.Status != "sent" || !displayed.At.Equal(*displayed.DisplayedAt) || !displayed.SentAt.Equal(*sent.SentAt) || displayed.Label != "device 1" {
			t.Errorf("displayed: %+v", displayed)
		}
		last := seen[len(seen)-1]
		if last.ID != n.ID.String() || last.Counts != (storage.Counts{Targeted: 2, Sent: 1, Failed: 1, Displayed: 1}) {
			t.Errorf("in the end: %+v", last)
		}
		// A repeated receipt, and an outcome after sent, are no events.
		r.settle(outcome(attempts[0], storage.EventDisplayed), outcome(attempts[0], storage.EventFailed))
		synctest.Wait() // so that what follows is one frame's
		r.settle(outcome(attempts[0], storage.EventClicked))
		r.settle(outcome(attempts[0], storage.EventClosed))
		time.Sleep(time.Second)
		if got, want := story(w.seen()[len(seen):]), "clicked 6, closed 7, sent"; got != want {
			t.Errorf("then the viewer saw: %s\nwant: %s", got, want)
		}
	})
}

func TestNothingIsDoneWithoutViewers(t *testing.T) {
	r := newRig(t, 3)
	r.log = untouched{r.store, t}
	r.start()
	_, attempts := r.accept("alone", storage.Target{})
	r.settleAll(attempts, storage.EventSent)
	if n := r.hub.Viewers(); n != 0 {
		t.Errorf("%d viewers", n)
	}
}

// untouched fails when it is asked anything.
type untouched struct {
	live.Log
	t *testing.T
}

func (u untouched) NotificationNames(context.Context, []int64) (map[int64]storage.NotificationName, error) {
	u.t.Error("names were looked up for nobody")
	return nil, nil
}

func TestFilters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1)
		for _, name := range []string{"ops", "news"} {
			_, err := r.store.CreateCategory(t.Context(), storage.Category{Name: name})
			must(t, err)
		}
		r.subscribe(1, "ops")
		r.start()
		first, toAll := r.accept("to all", storage.Target{})
		filters := map[string]storage.ChangeFilter{
			"all":             {},
			"first":           {Notification: first.ID},
			"unknown":         {Notification: uuid.New()},
			"sent":            {Events: storage.Events(storage.EventSent)},
			"reactions":       {Events: storage.Events(storage.EventDisplayed, storage.EventClicked)},
			"ops":             {Category: "ops"},
			"news":            {Category: "news"},
			"failed in ops":   {Category: "ops", Events: storage.Events(storage.EventFailed)},
			"sent of first":   {Notification: first.ID, Events: storage.Events(storage.EventSent)},
			"no such, to all": {Category: "nope"},
		}
		watchers := map[string]*watcher{}
		for name, f := range filters {
			watchers[name] = r.watch(f, live.FromNow)
		}
		synctest.Wait()
		_, toOps := r.accept("to ops", storage.Target{Categories: []string{"ops"}})
		r.settle(outcome(toAll[0], storage.EventSent))                                             // 1
		r.settle(outcome(toAll[1], storage.EventRetrying), outcome(toOps[0], storage.EventFailed)) // 2, 3
		r.settle(outcome(toAll[0], storage.EventDisplayed), outcome(toAll[0], storage.EventClicked), outcome(toAll[0], storage.EventClosed))
		time.Sleep(time.Second)
		for name, want := range map[string][]int64{
			"all": {1, 2, 3, 4, 5, 6}, "first": {1, 2, 4, 5, 6}, "unknown": nil, "sent": {1}, "reactions": {4, 5}, "ops": {1, 2, 3, 4, 5, 6},
			"news": {1, 2, 4, 5, 6}, "failed in ops": {3}, "sent of first": {1}, "no such, to all": {1, 2, 4, 5, 6},
		} {
			check := func(how string, w *watcher) {
				var got []int64
				for _, i := range items(w.seen()) {
					got = append(got, i.Seq)
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s, %s: seqs %v, want %v", name, how, got, want)
				}
			}
			check("live", watchers[name])
			for _, m := range watchers[name].seen() {
				if m.Type == "notification" && filters[name].Notification != uuid.Nil && m.ID != filters[name].Notification.String() {
					t.Errorf("%s: is told of %s", name, m.ID)
				}
			}
		}
		// From storage each is seen as it stands.
		for name, want := range map[string]string{"all": "hello 6, retrying 2, failed 3, closed 6", "sent": "hello 6", "ops": "hello 6, retrying 2, failed 3, closed 6",
			"news": "hello 6, retrying 2, closed 6", "failed in ops": "hello 6, failed 3", "unknown": "hello 6"} {
			late := r.watch(filters[name], 0)
			time.Sleep(time.Second)
			if got := story(late.seen()); got != want {
				t.Errorf("%s, from storage: %s, want %s", name, got, want)
			}
		}
	})
}

func TestFramesKeepTheirPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1300)
		r.start()
		w := r.watch(storage.ChangeFilter{}, live.FromNow)
		_, attempts := r.accept("many", storage.Target{})
		time.Sleep(time.Second)
		start := time.Now()
		r.settleAll(attempts, storage.EventSent)
		synctest.Wait()
		if seen := items(w.seen()); len(seen) == 0 {
			t.Error("the first frame waits")
		}
		time.Sleep(time.Second)
		late := r.watch(storage.ChangeFilter{}, 0)
		time.Sleep(time.Second)
		for name, w := range map[string]*watcher{"live": w, "from storage": late} {
			var last time.Time
			frames := 0
			for _, m := range w.seen() {
				if m.Type != "deliveries" {
					continue
				}
				frames++
				if len(m.Items) > 500 {
					t.Errorf("%s: a frame has %d items", name, len(m.Items))
				}
				if gap := m.at.Sub(last); gap < 50*time.Millisecond {
					t.Errorf("%s: a frame comes %v after the one before", name, gap)
				}
				last = m.at
			}
			ordered(t, items(w.seen()))
			if n := len(items(w.seen())); n != 1300 || frames > 7 {
				t.Errorf("%s: %d items in %d frames", name, n, frames)
			}
			if name == "live" && last.Sub(start) > 300*time.Millisecond {
				t.Errorf("the last frame came after %v", last.Sub(start))
			}
		}
	})
}

func TestProgressIsToldOnceARound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 30)
		r.start()
		w := r.watch(storage.ChangeFilter{}, live.FromNow)
		_, attempts := r.accept("many", storage.Target{})
		time.Sleep(time.Second)
		before := len(w.seen())
		for _, a := range attempts {
			r.settle(outcome(a, storage.EventSent))
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(time.Second)
		told := 0
		for _, m := range w.seen()[before:] {
			if m.Type == "notification" {
				told++
			}
		}
		if told < 5 || told > 7 { // 300 ms
			t.Errorf("it was told %d times", told)
		}
		if last := w.seen()[len(w.seen())-1]; last.Counts.Sent != 30 || last.State != "sent" {
			t.Errorf("in the end: %+v", last)
		}
	})
}

func TestSetFilter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 3)
		r.start()
		_, attempts := r.accept("x", storage.Target{})
		w := r.watch(storage.ChangeFilter{Events: storage.Events(storage.EventSent)}, live.FromNow)
		time.Sleep(time.Second)
		r.settle(outcome(attempts[0], storage.EventSent))   // 1
		r.settle(outcome(attempts[1], storage.EventFailed)) // 2
		time.Sleep(time.Second)
		w.viewer.SetFilter(storage.ChangeFilter{Events: storage.Events(storage.EventFailed, storage.EventDisplayed)})
		time.Sleep(time.Second)
		r.settle(outcome(attempts[2], storage.EventSent), outcome(attempts[2], storage.EventDisplayed), outcome(attempts[0], storage.EventClicked)) // 3, 4, 5
		time.Sleep(time.Second)
		w.viewer.SetFilter(storage.ChangeFilter{})
		w.viewer.SetFilter(storage.ChangeFilter{})
		time.Sleep(time.Second)
		r.settle(outcome(attempts[0], storage.EventClosed)) // 6
		time.Sleep(time.Second)
		var got []int64
		for _, i := range items(w.seen()) {
			got = append(got, i.Seq)
		}
		if !slices.Equal(got, []int64{1, 4, 6}) {
			t.Errorf("seqs %v, want 1, 4, 6", got)
		}
	})
}

func TestFullAndClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 0)
		r.start()
		var all []*live.Viewer
		for range live.MaxViewers {
			v, err := r.hub.Join(storage.ChangeFilter{}, live.FromNow)
			must(t, err)
			all = append(all, v)
		}
		if _, err := r.hub.Join(storage.ChangeFilter{}, live.FromNow); !errors.Is(err, live.ErrFull) {
			t.Errorf("one too many: %v", err)
		}
		if n := r.hub.Viewers(); n != live.MaxViewers {
			t.Errorf("%d viewers", n)
		}
		all[0].Leave()
		w := r.watch(storage.ChangeFilter{}, live.FromNow)
		time.Sleep(time.Second)
		for _, v := range all[1:] {
			v.Leave()
		}
		r.stop() // returns when the last has left
		if !errors.Is(w.err, live.ErrClosed) {
			t.Errorf("the viewer ended with %v", w.err)
		}
		if _, err := r.hub.Join(storage.ChangeFilter{}, live.FromNow); !errors.Is(err, live.ErrClosed) {
			t.Errorf("after the end: %v", err)
		}
		if n := r.hub.Viewers(); n != 0 {
			t.Errorf("%d viewers in the end", n)
		}
	})
}
