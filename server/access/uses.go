package access

import (
	"context"
	"maps"
	"sync"
	"time"
)

// uses remembers when the use of what has a key was last noted, so that it is
// noted once in a while and not every time.
type uses struct {
	every time.Duration

	mu    sync.Mutex
	noted map[int64]time.Time
}

func newUses(every time.Duration) *uses {
	return &uses{every: every, noted: map[int64]time.Time{}}
}

// maxUses is how many uses are remembered before the old ones are dropped.
const maxUses = 1000

// due reports whether a use is to be noted now, to one caller only; stored is
// when that was last done, as far as storage knows. A clock that was set back
// makes it due as well.
func (u *uses) due(key int64, stored, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	last, ok := u.noted[key]
	if !ok {
		last = stored
	}
	if u.fresh(last, now) {
		return false
	}
	if len(u.noted) >= maxUses {
		maps.DeleteFunc(u.noted, func(_ int64, at time.Time) bool { return !u.fresh(at, now) })
	}
	u.noted[key] = now
	return true
}

func (u *uses) fresh(at, now time.Time) bool {
	since := now.Sub(at)
	return since >= 0 && since < u.every
}

const noteTimeout = time.Second

// note notes a use. It does not fail: that the note is missing is no reason to
// turn anybody away, and a broken store shows itself in what it is needed for.
func note(ctx context.Context, touch func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	defer cancel()
	_ = touch(ctx)
}
