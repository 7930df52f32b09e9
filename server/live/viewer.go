package live

import (
	"context"
	"sync"
	"time"

	"recado/storage"
)

// A viewer's buffer: what the hub has given it and it has not taken.
const (
	maxFrames = 256
	maxBytes  = 2 << 20 // or one frame, if that is larger
)

// FromNow is the since of a viewer that wants nothing of the past.
const FromNow = -1

// Viewer is someone who watches. Its owner takes frames with Next, by one
// goroutine, and in the end calls Leave.
type Viewer struct {
	hub   *Hub
	ready chan struct{} // receives when there may be something for Next

	// Only Next's goroutine touches these.

	filter   storage.ChangeFilter
	seq      int64 // while it is not attached: everything up to it was shown or was not asked for
	begun    int64 // everything after it has been or will be published; unknown before hello
	swept    int64 // what retention had removed when it was looked at last
	attached bool  // to the group of its filter, which gives it frames
	rested   time.Time

	mu     sync.Mutex
	wanted *storage.ChangeFilter // instead of filter; nil = the same
	frames []frame
	bytes  int
	missed bool // frames were lost that came before these
	lost   int  // that many deliveries
}

// Join lets someone watch what the filter lets pass: after the seq since, or
// FromNow. ErrFull, or ErrClosed.
func (h *Hub) Join(f storage.ChangeFilter, since int64) (*Viewer, error) {
	v := &Viewer{hub: h, ready: make(chan struct{}, 1), filter: f, seq: since, begun: unknown}
	if h.viewers.Add(1) > MaxViewers {
		v.Leave()
		return nil, ErrFull
	}
	select {
	case <-h.ended:
		v.Leave()
		return nil, ErrClosed
	default:
		return v, nil
	}
}

// Leave ends a viewer. Nothing of it may be called any more.
func (v *Viewer) Leave() {
	// It fails when the hub has ended, which is as good.
	_ = v.detach(context.Background())
	v.hub.viewers.Add(-1)
	poke(v.hub.left)
}

// Ended is closed when the hub has ended.
func (v *Viewer) Ended() <-chan struct{} { return v.hub.ended }

// SetFilter changes what is shown from here on: frames that are waiting come
// first. Any goroutine may call it; it never blocks.
func (v *Viewer) SetFilter(f storage.ChangeFilter) {
	v.mu.Lock()
	v.wanted = &f
	v.mu.Unlock()
	poke(v.ready)
}

// Next returns the next frame as soon as there is one. Its bytes are shared: they
// must not be changed. Errors: ErrClosed, the context's, or storage's when it cannot
// be read.
func (v *Viewer) Next(ctx context.Context) ([]byte, error) {
	for {
		select {
		case <-v.hub.ended:
			return nil, ErrClosed
		default:
		}
		if err := v.refilter(ctx); err != nil {
			return nil, err
		}
		if text := v.pop(); text != nil {
			return text, nil
		}
		if !v.attached {
			if err := v.catchUp(ctx); err != nil {
				return nil, err
			}
			continue
		}
		select {
		case <-v.ready:
		case <-v.hub.ended:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// refilter takes the filter that is wanted now. What the old one let pass is in
// the buffer or was shown; the new one goes on where that ends.
func (v *Viewer) refilter(ctx context.Context) error {
	v.mu.Lock()
	wanted := v.wanted
	v.wanted = nil
	v.mu.Unlock()
	if wanted == nil || *wanted == v.filter {
		return nil
	}
	if err := v.detach(ctx); err != nil {
		return err
	}
	v.filter = *wanted
	return nil
}

func (v *Viewer) pop() []byte {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.missed {
		lost := v.lost
		v.missed, v.lost = false, 0
		if lost == 0 {
			lost = unknown // only where notifications stand
		}
		return skipped(lost).text
	}
	if len(v.frames) == 0 {
		return nil
	}
	f := v.frames[0]
	v.frames[0] = frame{}
	v.frames = v.frames[1:]
	v.bytes -= len(f.text)
	return f.text
}

// give puts a frame into the buffer. When that is full, what is in it is lost: the
// latest is what a viewer wants to see, and those that have stalled keep the same
// frames.
func (v *Viewer) give(f frame) {
	v.mu.Lock()
	if full := len(v.frames) >= maxFrames || v.bytes+len(f.text) > maxBytes; full && len(v.frames) > 0 {
		for _, old := range v.frames {
			v.lost = sum(v.lost, old.items)
			if !old.gap {
				v.hub.count(old.items)
			}
		}
		v.missed, v.frames, v.bytes = true, nil, 0
	}
	if f.gap {
		v.hub.count(f.items)
	}
	v.frames, v.bytes = append(v.frames, f), v.bytes+len(f.text)
	v.mu.Unlock()
	poke(v.ready)
}
