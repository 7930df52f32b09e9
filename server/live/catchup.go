package live

import (
	"context"
	"time"

	"recado/storage"
)

// catchUp makes one step towards the viewer's group: greets, reads a page, or
// joins the group.
func (v *Viewer) catchUp(ctx context.Context) error {
	if v.begun == unknown {
		return v.greet(ctx)
	}
	if err := v.rest(ctx); err != nil {
		return err
	}
	if v.seq >= v.begun {
		if err := v.attach(ctx); v.attached || err != nil {
			return err
		}
	}
	return v.page(ctx)
}

// greet says hello, and where the viewer begins. The viewer has been counted before:
// what is committed from here on will be published to it.
func (v *Viewer) greet(ctx context.Context) error {
	now, err := v.hub.o.Log.Seqs(ctx)
	if err != nil {
		return err
	}
	v.begun, v.swept = now.Latest, now.Swept
	v.give(hello(now.Latest, v.hub.o.Version))
	switch {
	case v.seq == FromNow:
		v.seq = now.Latest
	case v.seq > now.Latest: // of a database that has been replaced by an older one
		v.seq = now.Latest
		v.give(skipped(unknown))
	case v.seq < now.Swept:
		v.give(skipped(unknown))
	}
	return nil
}

// rest keeps the frames of the past as far apart as others.
func (v *Viewer) rest(ctx context.Context) error {
	wait := time.Until(v.rested.Add(pace))
	if wait <= 0 {
		return nil
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-v.hub.ended:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// page shows the next deliveries that are stored.
func (v *Viewer) page(ctx context.Context) error {
	log := v.hub.o.Log
	changes, through, err := log.ChangesAfter(ctx, v.seq, v.filter, frameItems)
	if err != nil {
		return err
	}
	now, err := log.Seqs(ctx)
	if err != nil {
		return err
	}
	if now.Swept > v.swept && now.Swept > v.seq { // meanwhile, and maybe before it was read
		v.give(skipped(unknown))
	}
	v.swept, v.seq = now.Swept, through
	f, err := replay(ctx, log, changes)
	if err != nil || f.items == 0 {
		return err
	}
	v.give(f)
	v.rested = time.Now()
	return nil
}

// replay makes a frame of changes that were read.
func replay(ctx context.Context, log Log, changes []storage.Change) (frame, error) {
	of := make(map[int64]*storage.NotificationName)
	var keys []int64
	for i := range changes {
		of[changes[i].NotificationKey] = nil
		keys = append(keys, changes[i].SubscriptionKey)
	}
	if err := nameNotifications(ctx, log, of); err != nil {
		return frame{}, err
	}
	to, err := log.SubscriptionNames(ctx, keys)
	if err != nil {
		return frame{}, err
	}
	var events []*event
	for _, c := range changes {
		if name := of[c.NotificationKey]; name != nil { // otherwise it has been deleted
			events = append(events, &event{c, name})
		}
	}
	return deliveries(events, to), nil
}

// attach joins the group of the viewer's filter, unless that has been given more
// than the viewer has.
func (v *Viewer) attach(ctx context.Context) error {
	return v.hub.call(ctx, func() { v.attached = v.hub.admit(v) })
}

// detach leaves the group, if it is in one; v.seq is then how far it has come.
func (v *Viewer) detach(ctx context.Context) error {
	if !v.attached {
		return nil
	}
	return v.hub.call(ctx, func() {
		v.seq, v.attached = v.hub.dismiss(v), false
	})
}

func (h *Hub) admit(v *Viewer) bool {
	g := h.groups[v.filter]
	if g == nil {
		g = &group{filter: v.filter}
	}
	if v.seq < h.given(g) {
		return false
	}
	g.members = append(g.members, member{v, v.seq})
	h.groups[v.filter] = g
	return true
}

// dismiss takes a viewer out of its group and returns up to which seq it was given
// everything.
func (h *Hub) dismiss(v *Viewer) int64 {
	g := h.groups[v.filter]
	for i, m := range g.members {
		if m.Viewer == v {
			g.members[i] = g.members[len(g.members)-1]
			g.members = g.members[:len(g.members)-1]
			if len(g.members) == 0 {
				delete(h.groups, v.filter)
			}
			if len(h.groups) == 0 {
				h.names.known = nil
			}
			return max(m.seq, h.given(g))
		}
	}
	return v.seq
}

// given is up to which seq a group has been given everything.
func (h *Hub) given(g *group) int64 {
	if len(g.pending) > 0 {
		return g.pending[0].Seq - 1
	}
	return h.seq
}
