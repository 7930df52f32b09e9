package live_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"recado/server/live"
	"recado/storage"
)

// world plays with commits and viewers at random, and remembers what there was to
// be seen.
type world struct {
	*rig
	*rand.Rand
	categories []string
	notices    []*notice
	byKey      map[int64]*notice
	changes    []storage.Change // all of them, in the order of seq
	viewers    []*seer
	quiet      int64 // everything up to this seq has been shown to whoever may see it
	shown      int   // items that were checked
}

type notice struct {
	storage.Notification
	open    []storage.Attempt
	settled []storage.Attempt
	deleted bool
}

// seer is a viewer, with what it asked for when.
type seer struct {
	*watcher
	since  int64
	phases []phase
}

// phase is a filter that holds for what comes after from. Up to settled the viewer
// may still have been changing over to it: then the filter before may hold, too, and
// what has changed again may have been shown only as it stood later.
type phase struct {
	filter  storage.ChangeFilter
	from    int64
	settled int64
}

// TestNothingIsMissedOrRepeated: whatever is committed while viewers join, come back
// and change their filters, each is shown every change that it asked for, once and in
// the order of seq.
func TestNothingIsMissedOrRepeated(t *testing.T) {
	seeds, steps := 6, 600
	if testing.Short() {
		seeds, steps = 1, 150
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { play(t, uint64(seed), steps) })
		})
	}
}

func play(t *testing.T, seed uint64, steps int) {
	w := &world{rig: newRig(t, 5), Rand: rand.New(rand.NewPCG(seed, 7)), byKey: map[int64]*notice{}, categories: []string{"a", "b", "c"}}
	for _, name := range w.categories {
		_, err := w.store.CreateCategory(t.Context(), storage.Category{Name: name})
		must(t, err)
		w.subscribe(15, name)
	}
	w.start()
	w.publishOne()
	for range steps {
		w.step()
	}
	w.rest()
	for _, s := range w.viewers {
		w.check(s, math.MaxInt64)
	}
	t.Logf("%d changes, %d items shown", len(w.changes), w.shown)
	if w.shown < 10*steps {
		t.Error("not much of a test")
	}
}

func (w *world) step() {
	switch p := w.IntN(100); {
	case p < 10:
		w.publishOne()
	case p < 60:
		w.commitOne()
	case p < 70:
		w.join()
	case p < 80:
		w.resume()
	case p < 90:
		w.refilter()
	case p < 92:
		w.deleteOne()
	case p < 95:
		w.rest()
	default:
		time.Sleep(time.Duration(w.IntN(80)) * time.Millisecond)
	}
}

func (w *world) publishOne() {
	var target storage.Target
	switch w.IntN(3) {
	case 0:
		target.Categories = []string{w.categories[w.IntN(len(w.categories))]}
	case 1:
		target.Categories = w.categories[:2]
	}
	n := &notice{}
	n.Notification, n.open = w.accept(fmt.Sprint("message ", len(w.notices)), target)
	w.notices, w.byKey[n.Key] = append(w.notices, n), n
}

// pick is mostly a late one: the others are done.
func (w *world) pick() *notice {
	from := max(0, len(w.notices)-1-w.IntN(6))
	return w.notices[from+w.IntN(len(w.notices)-from)]
}

// commitOne settles some outcomes and receipts together.
func (w *world) commitOne() {
	n := w.pick()
	var outcomes []storage.Outcome
	for len(n.open) > 0 && w.IntN(6) > 0 {
		e := storage.EventSent
		if w.IntN(5) == 0 {
			e = storage.EventRetrying + storage.Event(w.IntN(6))
		}
		outcomes = append(outcomes, outcome(n.open[0], e))
		n.open, n.settled = n.open[1:], append(n.settled, n.open[0])
	}
	for len(n.settled) > 0 && w.IntN(3) > 0 {
		a := n.settled[w.IntN(len(n.settled))]
		outcomes = append(outcomes, outcome(a, storage.EventDisplayed+storage.Event(w.IntN(3))))
	}
	w.changes = append(w.changes, w.settle(outcomes...).Changes...)
}

func (w *world) deleteOne() {
	n := w.pick()
	if len(w.notices) < 5 || n.deleted {
		return
	}
	_, err := w.store.Delete(w.t.Context(), time.Now(), n.ID)
	must(w.t, err)
	n.deleted = true
}

func (w *world) filter() storage.ChangeFilter {
	var f storage.ChangeFilter
	if w.IntN(3) == 0 {
		f.Events = storage.EventSet(w.IntN(1<<10) &^ 1)
	}
	if w.IntN(3) == 0 {
		f.Category = w.categories[w.IntN(len(w.categories))]
	}
	if w.IntN(5) == 0 {
		f.Notification = w.pick().ID
	}
	return f
}

func (w *world) join() {
	s := &seer{since: live.FromNow, phases: []phase{{filter: w.filter()}}}
	if w.IntN(3) > 0 {
		s.since = w.Int64N(w.seq() + 1)
	}
	s.watcher = w.watch(s.phases[0].filter, s.since)
	w.viewers = append(w.viewers, s)
}

// resume: a connection breaks, and its viewer comes back with the last seq that it
// has seen.
func (w *world) resume() {
	if len(w.viewers) == 0 {
		return
	}
	s := w.viewers[w.IntN(len(w.viewers))]
	s.leave()
	since := max(s.since, 0)
	if seen := s.seen(); s.since == live.FromNow && len(seen) > 0 {
		since = seen[0].Seq
	}
	all := items(s.seen())
	if len(all) > 0 {
		since = all[len(all)-1].Seq
		w.check(s, since)
	}
	filter := s.phases[len(s.phases)-1].filter
	*s = seer{w.watch(filter, since), since, []phase{{filter: filter}}}
}

func (w *world) refilter() {
	if len(w.viewers) == 0 {
		return
	}
	s := w.viewers[w.IntN(len(w.viewers))]
	if s.phases[len(s.phases)-1].settled == 0 {
		return // it is still changing over
	}
	f := w.filter()
	s.phases = append(s.phases, phase{filter: f, from: w.quiet})
	s.viewer.SetFilter(f)
}

// rest waits until everything has been shown.
func (w *world) rest() {
	time.Sleep(5 * time.Second)
	w.quiet = w.seq()
	for _, s := range w.viewers {
		if last := &s.phases[len(s.phases)-1]; last.settled == 0 {
			last.settled = w.quiet
		}
	}
}

func (w *world) passes(f storage.ChangeFilter, c storage.Change) bool {
	n := w.byKey[c.NotificationKey]
	to := storage.NotificationName{Everyone: n.Target.All(), Categories: n.Target.Categories}
	return (f.Notification == uuid.Nil || f.Notification == n.ID) && f.Events.Has(c.Event) && (f.Category == "" || to.Addresses(f.Category))
}

// check holds what a viewer was shown against what it asked for. It has been shown
// everything up to seq.
func (w *world) check(s *seer, seq int64) {
	w.t.Helper()
	all := items(s.seen())
	ordered(w.t, all)
	w.shown += len(all)
	shown := map[int64]item{}
	for _, i := range all {
		shown[i.Seq] = i
	}
	for _, m := range s.seen() {
		if m.Type == "skipped" {
			w.t.Errorf("something was skipped")
		}
		if m.Type == "hello" && s.since == live.FromNow {
			s.phases[0].from = m.Seq
		}
	}
	if s.since != live.FromNow {
		s.phases[0].from = s.since
	}
	for i, c := range w.changes {
		item, was := shown[c.Seq]
		delete(shown, c.Seq)
		if may, must := w.expect(s, i); was && !may || !was && must && c.Seq <= seq {
			w.t.Errorf("%v with seq %d: shown %v; since %d, phases %+v", c.Event, c.Seq, was, s.since, s.phases)
		}
		if n := w.byKey[c.NotificationKey]; was && (item.Event != c.Event.String() || item.NotificationID != n.ID.String() ||
			item.Title != n.Content.Title || item.Status != c.Status.String()) {
			w.t.Errorf("shown %+v, was %+v", item, c)
		}
	}
	if len(shown) > 0 {
		w.t.Errorf("%d items never happened: %v", len(shown), shown)
	}
}

// expect says whether a change may be shown to a viewer, and whether it must be.
func (w *world) expect(s *seer, i int) (may, must bool) {
	c := w.changes[i]
	at := len(s.phases) - 1
	for at >= 0 && s.phases[at].from >= c.Seq {
		at--
	}
	if at < 0 {
		return false, false
	}
	p := s.phases[at]
	may = w.passes(p.filter, c)
	must = may && !w.byKey[c.NotificationKey].deleted
	if p.settled != 0 && c.Seq > p.settled {
		return may, must
	}
	if at > 0 {
		before := w.passes(s.phases[at-1].filter, c)
		may, must = may || before, must && before
	}
	for _, later := range w.changes[i+1:] {
		if p.settled != 0 && later.Seq > p.settled {
			break
		}
		if later.NotificationKey == c.NotificationKey && later.SubscriptionKey == c.SubscriptionKey {
			must = false
		}
	}
	return may, must
}
