package live

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"recado/storage"
)

const (
	// MaxViewers is how many may watch at a time.
	MaxViewers = 1000
	// pace is how far apart a viewer's frames with deliveries are.
	pace = 50 * time.Millisecond
	// frameItems is how many deliveries a frame holds at most.
	frameItems = 500
)

var (
	// ErrFull: MaxViewers are watching.
	ErrFull = errors.New("too many viewers")
	// ErrClosed: the hub has ended.
	ErrClosed = errors.New("the live log has ended")
)

// Log is what the hub needs of storage.
type Log interface {
	// Seqs reads how far the changes of deliveries have come.
	Seqs(ctx context.Context) (storage.Seqs, error)
	// ChangesAfter reads how deliveries stand that have changed after seq, in the
	// order of their latest changes. It looks at limit of them and returns those that
	// the filter lets pass; these are all up to through. When nothing more has changed,
	// through is the latest seq of all, or seq if that is higher.
	ChangesAfter(ctx context.Context, seq int64, f storage.ChangeFilter, limit int) (changes []storage.Change, through int64, err error)
	// NotificationNames reads the names of those that there are, by their keys.
	NotificationNames(ctx context.Context, keys []int64) (map[int64]storage.NotificationName, error)
	// SubscriptionNames does, removed ones included.
	SubscriptionNames(ctx context.Context, keys []int64) (map[int64]storage.SubscriptionName, error)
}

// Options are what a Hub is made of; all are required.
type Options struct {
	Log     Log
	Version string // of the server, for those who join
	Logger  *slog.Logger
}

// Hub shows commits to viewers; see the package comment. Make one with New, run it
// once.
type Hub struct {
	o       Options
	queue   *queue
	viewers atomic.Int64
	lost    atomic.Int64
	calls   chan func()   // for Run's goroutine, between rounds
	ended   chan struct{} // closed when Run ends
	left    chan struct{} // receives when a viewer has left

	// Only Run's goroutine touches what follows.

	groups map[storage.ChangeFilter]*group
	seq    int64 // groups have been given everything up to it
	names  names
}

// New returns a hub that is not running yet.
func New(o Options) *Hub {
	return &Hub{
		o: o, queue: newQueue(), calls: make(chan func()), ended: make(chan struct{}), left: make(chan struct{}, 1),
		groups: make(map[storage.ChangeFilter]*group), names: names{log: o.Log},
	}
}

// Publish tells of a commit. Commits come in the order of seq, from one goroutine
// at a time. It never blocks; what it is given must not change any more.
func (h *Hub) Publish(s storage.Settled) {
	if h.viewers.Load() > 0 {
		h.queue.put(s)
	}
}

// Viewers is how many are watching.
func (h *Hub) Viewers() int { return int(h.viewers.Load()) }

// Skipped is how many deliveries viewers were not shown because they or the hub
// could not keep up, as far as they were counted.
func (h *Hub) Skipped() int64 { return h.lost.Load() }

func (h *Hub) count(lost int) {
	if lost != unknown {
		h.lost.Add(int64(lost))
	}
}

// Run shows what is published until ctx ends; then all viewers are told ErrClosed.
// It returns when the last of them has left.
func (h *Hub) Run(ctx context.Context) {
	timer := time.NewTimer(pace)
	timer.Stop()
	added := h.queue.added // nil between rounds that are too close to each other
	for running := true; running; {
		select {
		case <-ctx.Done():
			running = false
		case call := <-h.calls:
			call()
		case <-added:
			h.round(ctx)
			added = nil
			timer.Reset(pace)
		case <-timer.C:
			if added = h.queue.added; h.backlog() {
				poke(added)
			}
		}
	}
	close(h.ended)
	for h.viewers.Load() > 0 {
		<-h.left
	}
}

// call runs f between two rounds, and returns when it has.
func (h *Hub) call(ctx context.Context, f func()) error {
	done := make(chan struct{})
	select {
	case h.calls <- func() { f(); close(done) }:
		<-done
		return nil
	case <-h.ended:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// backlog reports whether a group has something left for another frame.
func (h *Hub) backlog() bool {
	for _, g := range h.groups {
		if len(g.pending) > 0 {
			return true
		}
	}
	return false
}

// round takes what was published to the groups, and gives each its next frame.
func (h *Hub) round(ctx context.Context) {
	commits, lost := h.queue.take()
	if lost.changes > 0 {
		h.seq = lost.through
		h.lose(lost)
	}
	latest, err := h.stage(ctx, commits)
	if err != nil {
		h.fail(ctx, err, commits)
		return
	}
	if err := h.emit(ctx); err != nil {
		h.fail(ctx, err, nil)
		return
	}
	for _, f := range latest {
		for _, g := range h.groups {
			if g.about(f.of) {
				g.give(f.frame, math.MaxInt64)
			}
		}
	}
}

// update is a frame of where a notification stands.
type update struct {
	frame
	of *storage.NotificationName
}

// stage brings commits into the groups' backlogs, and returns where their
// notifications stand after the last of them.
func (h *Hub) stage(ctx context.Context, commits []storage.Settled) ([]update, error) {
	n, touched := 0, make(map[int64]storage.Progress)
	for _, c := range commits {
		n += len(c.Changes)
		for _, p := range c.Progress {
			touched[p.NotificationKey] = p
		}
	}
	if len(h.groups) == 0 {
		h.advance(commits)
		return nil, nil
	}
	of, err := h.notifications(ctx, commits, touched)
	if err != nil {
		return nil, err
	}
	events := make([]event, 0, n)
	for _, commit := range commits {
		for i := range commit.Changes {
			c := &commit.Changes[i]
			if name := of[c.NotificationKey]; name != nil { // otherwise it has been deleted
				events = append(events, event{*c, name})
			}
		}
	}
	for _, g := range h.groups {
		g.add(events)
	}
	h.advance(commits)
	var updates []update
	for key, p := range touched {
		if name := of[key]; name != nil {
			f, err := progress(name.ID, p)
			if err != nil {
				return nil, err
			}
			updates = append(updates, update{f, name})
		}
	}
	slices.SortFunc(updates, func(a, b update) int { return cmp.Compare(a.of.Key, b.of.Key) })
	return updates, nil
}

func (h *Hub) advance(commits []storage.Settled) {
	for _, c := range commits {
		if n := len(c.Changes); n > 0 {
			h.seq = c.Changes[n-1].Seq
		}
	}
}

// notifications looks up the names of all that commits touch.
func (h *Hub) notifications(ctx context.Context, commits []storage.Settled, touched map[int64]storage.Progress) (map[int64]*storage.NotificationName, error) {
	of := make(map[int64]*storage.NotificationName)
	for key := range touched {
		of[key] = nil
	}
	for _, commit := range commits {
		for i := range commit.Changes {
			of[commit.Changes[i].NotificationKey] = nil
		}
	}
	return of, nameNotifications(ctx, h.o.Log, of)
}

// emit gives each group its next frame.
func (h *Hub) emit(ctx context.Context) error {
	var heads [][]*event
	for _, g := range h.groups {
		heads = append(heads, g.next())
	}
	named, err := h.names.of(ctx, heads)
	if err != nil {
		return err
	}
	for _, g := range h.groups {
		g.emit(named)
	}
	return nil
}

// fail gives up what could not be shown because storage could not be read: all
// that the groups have, and the commits.
func (h *Hub) fail(ctx context.Context, err error, commits []storage.Settled) {
	if ctx.Err() != nil {
		return
	}
	h.o.Logger.Warn("viewers of the live log miss deliveries: their names cannot be read", "error", err)
	var lost loss
	for _, c := range commits {
		lost.add(c.Changes)
	}
	h.advance(commits)
	h.lose(lost)
}

func (h *Hub) lose(lost loss) {
	for _, g := range h.groups {
		g.lose(lost)
	}
}
