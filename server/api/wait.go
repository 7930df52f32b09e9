package api

import (
	"context"
	"time"

	"recado/storage"
)

const (
	defaultWait = 5 * time.Second
	maxWait     = 30 * time.Second
)

// parseWait reads how long to wait for outcomes: a Go duration, or seconds.
func parseWait(s string) (time.Duration, error) {
	if s == "" {
		return defaultWait, nil
	}
	wait, err := time.ParseDuration(s)
	if err != nil {
		wait, err = time.ParseDuration(s + "s")
	}
	if err != nil || wait < 0 {
		return 0, &FieldError{"wait", "must be a duration such as 10s, at most 30s; 0 does not wait"}
	}
	return min(wait, maxWait), nil
}

// await returns the notification as it stands when it has nothing more to wait
// for, or when the time, the publisher's patience or the server's end. It cannot
// fail: what is accepted is accepted.
func (a *API) await(ctx context.Context, n storage.Notification, wait time.Duration) storage.Notification {
	if wait <= 0 || n.State == storage.Scheduled {
		return n
	}
	// Registered before the first look, so that no commit goes unseen.
	changed, release := a.o.Changed(n.Key)
	defer release()
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for {
		latest, err := a.o.Notifications.Notification(ctx, n.ID)
		if err != nil { // deleted, storage in trouble, or the publisher gone
			return n
		}
		if n = latest; settled(&n) {
			return n
		}
		select {
		case <-changed:
		case <-timeout.C:
			return n
		case <-ctx.Done():
			return n
		case <-a.o.Stopping:
			return n
		}
	}
}

// settled: the audience is read, and nothing of it pending or retrying.
func settled(n *storage.Notification) bool {
	return !n.FinishedAt.IsZero() && n.Counts.Pending == 0 && n.Counts.Retrying == 0
}
