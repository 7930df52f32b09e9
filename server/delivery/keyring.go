package delivery

import (
	"context"
	"fmt"
	"sync"
	"time"

	"recado/server/push"
	"recado/storage"
)

// Keys is where the VAPID keys are kept.
type Keys interface {
	// Keys returns all of them, newest first.
	Keys(ctx context.Context) ([]storage.VAPIDKey, error)
}

// keysMaxAge bounds how often refused subscriptions make it look for other keys.
const keysMaxAge = time.Second

// keyring keeps parsed VAPID keys. A key never changes under its id, so only one
// that is not known yet, imported while the server runs, makes it look again.
type keyring struct {
	store Keys
	now   func() time.Time

	mu       sync.Mutex
	loadedAt time.Time
	byID     map[string]*push.Key
	newest   []*push.Key // newest first
}

// key returns the key with that id, or nil when there is none.
func (k *keyring) key(ctx context.Context, id string) (*push.Key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if key := k.byID[id]; key != nil {
		return key, nil
	}
	// A subscription is always bound to a key that is stored: this happens once
	// for each key.
	if err := k.load(ctx); err != nil {
		return nil, err
	}
	return k.byID[id], nil
}

// other returns the newest key but the one with that id, or nil.
func (k *keyring) other(ctx context.Context, id string) (*push.Key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.now().Sub(k.loadedAt).Abs() >= keysMaxAge {
		if err := k.load(ctx); err != nil {
			return nil, err
		}
	}
	for _, key := range k.newest {
		if key.ID() != id {
			return key, nil
		}
	}
	return nil, nil
}

func (k *keyring) load(ctx context.Context) error {
	stored, err := k.store.Keys(ctx)
	if err != nil {
		return fmt.Errorf("read VAPID keys: %w", err)
	}
	byID, newest := make(map[string]*push.Key, len(stored)), make([]*push.Key, 0, len(stored))
	for _, s := range stored {
		key, err := push.NewKey(s.Private)
		if err != nil {
			return fmt.Errorf("VAPID key %s in storage: %w", s.ID, err)
		}
		byID[s.ID] = key
		newest = append(newest, key)
	}
	k.byID, k.newest, k.loadedAt = byID, newest, k.now()
	return nil
}
