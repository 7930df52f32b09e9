package delivery

import (
	"context"
	"log/slog"
	"time"

	"recado/storage"
)

const (
	janitorEvery = time.Hour
	janitorFirst = time.Minute // after the start, which has other things to do
	janitorRest  = 50 * time.Millisecond
)

// Cleaner removes what is kept no longer, in small steps.
type Cleaner interface {
	// Clean makes one step of at most some 500 rows; more says that there is more
	// to do.
	Clean(ctx context.Context, now time.Time, r storage.Retention) (more bool, err error)
}

// Janitor removes what Retention no longer keeps: once an hour, in small steps
// with a rest after each, so that deliveries never wait for it.
type Janitor struct {
	Cleaner   Cleaner
	Retention storage.Retention
	Now       func() time.Time
	Log       *slog.Logger
}

// Run cleans until ctx ends.
func (j *Janitor) Run(ctx context.Context) {
	for wait := janitorFirst; rest(ctx, wait); wait = janitorEvery {
		j.clean(ctx)
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
