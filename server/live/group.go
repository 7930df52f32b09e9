package live

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"recado/storage"
)

// maxPending bounds what waits for a filter's next frames: four seconds' worth.
const maxPending = 40_000

// group is the viewers that have the same filter.
type group struct {
	filter  storage.ChangeFilter
	members []member
	// pending is what they have not been given yet, in the order of seq.
	pending []*event
}

// member is a viewer, who has everything up to seq.
type member struct {
	*Viewer
	seq int64
}

// passes reports whether the filter lets an event pass.
func (g *group) passes(e *event) bool { return g.filter.Events.Has(e.Event) && g.about(e.of) }

// about reports whether the filter lets anything of a notification pass.
func (g *group) about(n *storage.NotificationName) bool {
	return (g.filter.Notification == uuid.Nil || g.filter.Notification == n.ID) &&
		(g.filter.Category == "" || n.Addresses(g.filter.Category))
}

// add keeps what passes for the next frames.
func (g *group) add(events []event) {
	for i := range events {
		if g.passes(&events[i]) {
			g.pending = append(g.pending, &events[i])
		}
	}
	if len(g.pending) > maxPending {
		g.lose(loss{})
	}
}

// lose gives up what is pending and tells of it, and of what was lost after that.
func (g *group) lose(after loss) {
	n := len(g.pending) + after.changes
	if after.changes > 0 && g.filter != (storage.ChangeFilter{}) {
		n = unknown // some of these would not have passed
	}
	through := after.through
	if last := len(g.pending) - 1; last >= 0 {
		through = max(through, g.pending[last].Seq)
	}
	g.pending = nil
	g.give(skipped(n), through)
}

// next is what the next frame holds.
func (g *group) next() []*event { return g.pending[:min(len(g.pending), frameItems)] }

// emit gives the members their next frame.
func (g *group) emit(names map[int64]storage.SubscriptionName) {
	events := g.next()
	if len(events) == 0 {
		return
	}
	shared, first, last := deliveries(events, names), events[0].Seq, events[len(events)-1].Seq
	for i := range g.members {
		m := &g.members[i]
		if m.seq < first {
			m.give(shared)
		} else if m.seq < last { // it has come from storage, in the midst of these
			m.give(deliveries(events[m.behind(events):], names))
		}
		m.seq = max(m.seq, last)
	}
	if g.pending = g.pending[len(events):]; len(g.pending) == 0 {
		g.pending = nil
	}
}

// behind counts those that the member has.
func (m *member) behind(events []*event) int {
	n, _ := slices.BinarySearchFunc(events, m.seq+1, func(e *event, seq int64) int { return cmp.Compare(e.Seq, seq) })
	return n
}

// give gives a frame to the members that do not have everything up to seq.
func (g *group) give(f frame, seq int64) {
	for _, m := range g.members {
		if m.seq < seq {
			m.give(f)
		}
	}
}
