package api

import (
	"sync"

	"recado/storage"
)

// Watch tells those who wait for a notification's outcomes that there are new
// ones. The zero Watch is ready to use.
type Watch struct {
	mu      sync.Mutex
	waiting map[int64]map[chan struct{}]struct{} // by notification key
}

// Notify wakes who waits for one of these; it is called after the commit and
// never blocks.
func (w *Watch) Notify(progress []storage.Progress) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range progress {
		for ch := range w.waiting[p.NotificationKey] {
			select {
			case ch <- struct{}{}:
			default: // it has not looked at the last one yet, and will see this too
			}
		}
	}
}

// Register returns a channel that receives after each Notify of the key from now
// on; one value may stand for several. The function unregisters it.
func (w *Watch) Register(key int64) (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting == nil {
		w.waiting = map[int64]map[chan struct{}]struct{}{}
	}
	if w.waiting[key] == nil {
		w.waiting[key] = map[chan struct{}]struct{}{}
	}
	w.waiting[key][ch] = struct{}{}
	return ch, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.waiting[key], ch)
		if len(w.waiting[key]) == 0 {
			delete(w.waiting, key)
		}
	}
}
