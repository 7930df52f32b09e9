package server

import (
	"context"
	"sync"
	"time"
)

// healthAge is how long an answer about storage is good for: anyone may ask, and
// asking writes.
const healthAge = time.Second

// health remembers whether storage works.
type health struct {
	mu  sync.Mutex
	at  time.Time
	err error
}

// check returns why storage does not work, or nil, and whether that is news: who
// asks must not be able to fill the log.
func (h *health) check(ctx context.Context, ping func(context.Context) error, now time.Time) (news bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now.Sub(h.at).Abs() < healthAge {
		return false, h.err
	}
	worked := h.err == nil
	h.at, h.err = now, ping(context.WithoutCancel(ctx))
	return worked != (h.err == nil), h.err
}
