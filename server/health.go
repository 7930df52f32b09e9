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

func (h *health) check(ctx context.Context, ping func(context.Context) error, now time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now.Sub(h.at).Abs() >= healthAge {
		h.at, h.err = now, ping(context.WithoutCancel(ctx))
	}
	return h.err
}
