package delivery

import (
	"context"
	"log/slog"
	"time"

	"recado/storage"
)

const (
	janitorEvery = time.Hour
	janitorFirst = time.Minute      // after the start, which has other things to do
	janitorQuiet = 10 * time.Second // after the last delivery
	janitorRest  = 50 * time.Millisecond
)

// Cleaner removes what is kept no longer and brings what is derived from
// deliveries up to date, in small steps.
type Cleaner interface {
	// Clean makes one small step; more says that there is more to do.
	Clean(ctx context.Context, now time.Time, r storage.Retention) (more bool, err error)
}

// Janitor cleans once an hour, and when deliveries have come to rest: in small
// steps with a rest after each, so that deliveries never wait for it. Make one
// with NewJanitor.
type Janitor struct {
	Cleaner   Cleaner
	Retention storage.Retention
	Now       func() time.Time
	Log       *slog.Logger
	stirred   chan struct{}
}

// NewJanitor returns a janitor that is not running yet.
func NewJanitor(c Cleaner, r storage.Retention, now func() time.Time, log *slog.Logger) *Janitor {
	return &Janitor{Cleaner: c, Retention: r, Now: now, Log: log, stirred: make(chan struct{}, 1)}
}

// Stir says that deliveries have changed. It never blocks.
func (j *Janitor) Stir() { poke(j.stirred) }

// Run cleans until ctx ends.
func (j *Janitor) Run(ctx context.Context) {
	at := time.Now().Add(janitorFirst)
	next := time.NewTimer(janitorFirst)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-j.stirred: // not before it is quiet, unless the hour is over
			next.Reset(min(janitorQuiet, time.Until(at)))
			continue
		case <-next.C:
		}
		j.clean(ctx)
		at = time.Now().Add(janitorEvery)
		next.Reset(janitorEvery)
	}
}

func (j *Janitor) clean(ctx context.Context) {
	for {
		more, err := j.Cleaner.Clean(ctx, j.Now(), j.Retention)
		if err != nil && ctx.Err() == nil {
			j.Log.Warn("removing what retention no longer keeps failed; next try in an hour", "error", err)
		}
		if err != nil || !more || !rest(ctx, janitorRest) {
			return
		}
	}
}

// rest waits for d; false when ctx has ended.
func rest(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
