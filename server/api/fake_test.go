package api

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

// fake is a store in memory, for what a real one cannot do in a test: fail on
// request, or change while nothing else moves.
type fake struct {
	mu            sync.Mutex
	subscriptions map[string]storage.Subscribe // by endpoint
	ids           map[string]uuid.UUID
	removed       map[uuid.UUID]bool
	notifications map[uuid.UUID]storage.Notification
	idempotent    map[string]storage.Idempotency
	byKey         map[string]uuid.UUID
	categories    []storage.Category
	key           storage.VAPIDKey
	declarative   bool
	targeted      int
	asked         int   // category names that were looked up
	err           error // of every call
}

func newFake() *fake {
	return &fake{
		subscriptions: map[string]storage.Subscribe{},
		ids:           map[string]uuid.UUID{},
		removed:       map[uuid.UUID]bool{},
		notifications: map[uuid.UUID]storage.Notification{},
		idempotent:    map[string]storage.Idempotency{},
		byKey:         map[string]uuid.UUID{},
		categories: []storage.Category{
			{ID: uuid.New(), Name: "news", Description: "What is new", Public: true},
			{ID: uuid.New(), Name: "ops"},
		},
		key: storage.VAPIDKey{ID: "k1", Public: publicKey(1)},
	}
}

// publicKey looks like a VAPID public key.
func publicKey(n byte) []byte { return append([]byte{4, n}, make([]byte, 63)...) }

func (f *fake) lock() func() { f.mu.Lock(); return f.mu.Unlock }

func (f *fake) known(names []string) error {
	for _, name := range names {
		if !slices.ContainsFunc(f.categories, func(c storage.Category) bool { return c.Name == name }) {
			return &storage.UnknownCategoryError{Name: name}
		}
	}
	return nil
}

func (f *fake) Subscribe(_ context.Context, _ time.Time, s storage.Subscribe) (uuid.UUID, error) {
	defer f.lock()()
	if f.err != nil {
		return uuid.Nil, f.err
	}
	if f.key.ID == "" || s.KeyID != "" && s.KeyID != f.key.ID {
		return uuid.Nil, storage.ErrNoKey
	}
	if s.Categories != nil {
		if err := f.known(*s.Categories); err != nil {
			return uuid.Nil, err
		}
	}
	id, ok := f.ids[s.Endpoint]
	if !ok {
		id = uuid.New()
	}
	f.ids[s.Endpoint], f.subscriptions[s.Endpoint] = id, s
	return id, nil
}

func (f *fake) KnownEndpoint(_ context.Context, endpoint string) (bool, error) {
	defer f.lock()()
	_, ok := f.ids[endpoint]
	return ok, f.err
}

func (f *fake) Subscription(_ context.Context, id uuid.UUID) (storage.Subscription, error) {
	defer f.lock()()
	for endpoint, other := range f.ids {
		if other == id {
			s := storage.Subscription{ID: id, Endpoint: endpoint}
			if f.removed[id] {
				s.RemovedAt = time.Unix(1, 0)
			}
			return s, f.err
		}
	}
	return storage.Subscription{}, storage.ErrNotFound
}

func (f *fake) Unsubscribe(_ context.Context, _ time.Time, id uuid.UUID) (bool, error) {
	defer f.lock()()
	f.removed[id] = true
	return true, f.err
}

func (f *fake) UnsubscribeEndpoint(_ context.Context, _ time.Time, endpoint string) (bool, error) {
	defer f.lock()()
	f.removed[f.ids[endpoint]] = true
	return true, f.err
}

func (f *fake) Accept(_ context.Context, n storage.Notification, idem *storage.Idempotency) (storage.Accepted, error) {
	defer f.lock()()
	if f.err != nil {
		return storage.Accepted{}, f.err
	}
	if err := f.known(n.Target.Categories); err != nil {
		return storage.Accepted{}, err
	}
	if idem != nil {
		if before, ok := f.idempotent[idem.Key]; ok {
			if before.BodyHash != idem.BodyHash {
				return storage.Accepted{}, storage.ErrIdempotencyKey
			}
			return storage.Accepted{Notification: f.notifications[f.byKey[idem.Key]], Replayed: true}, nil
		}
		f.idempotent[idem.Key], f.byKey[idem.Key] = *idem, n.ID
	}
	n.Key, n.State = int64(len(f.notifications)+1), storage.Sending
	if !n.ScheduledAt.IsZero() {
		n.State = storage.Scheduled
	}
	f.notifications[n.ID] = n
	return storage.Accepted{Notification: n}, nil
}

func (f *fake) Replayed(_ context.Context, _ int64, idem storage.Idempotency, _ time.Time) (storage.Notification, bool, error) {
	defer f.lock()()
	before, ok := f.idempotent[idem.Key]
	switch {
	case f.err != nil || !ok:
		return storage.Notification{}, false, f.err
	case before.BodyHash != idem.BodyHash:
		return storage.Notification{}, false, storage.ErrIdempotencyKey
	}
	return f.notifications[f.byKey[idem.Key]], true, nil
}

func (f *fake) Notification(_ context.Context, id uuid.UUID) (storage.Notification, error) {
	defer f.lock()()
	n, ok := f.notifications[id]
	if !ok {
		return n, storage.ErrNotFound
	}
	return n, f.err
}

func (f *fake) HasDeclarative(context.Context) (bool, error) {
	defer f.lock()()
	return f.declarative, f.err
}

func (f *fake) CountTarget(context.Context, storage.Target) (int, error) {
	defer f.lock()()
	return f.targeted, f.err
}

func (f *fake) Categories(_ context.Context, publicOnly bool) ([]storage.Category, error) {
	defer f.lock()()
	list := slices.Clone(f.categories)
	return slices.DeleteFunc(list, func(c storage.Category) bool { return publicOnly && !c.Public }), f.err
}

func (f *fake) CategoriesByName(_ context.Context, names []string) ([]storage.Category, error) {
	defer f.lock()()
	f.asked += len(names)
	list := slices.Clone(f.categories)
	return slices.DeleteFunc(list, func(c storage.Category) bool { return !slices.Contains(names, c.Name) }), f.err
}

func (f *fake) NewestKey(context.Context) (storage.VAPIDKey, error) {
	defer f.lock()()
	if f.key.ID == "" {
		return f.key, storage.ErrNoKey
	}
	return f.key, f.err
}

// settle gives the only notification that there is its counts.
func (f *fake) settle(c storage.Counts, finished bool) int64 {
	defer f.lock()()
	for id, n := range f.notifications {
		if n.Counts = c; finished {
			n.FinishedAt, n.State = n.CreatedAt, storage.Sent
		}
		f.notifications[id] = n
		return n.Key
	}
	return 0
}

// only returns the one notification that was accepted.
func (f *fake) only() (storage.Notification, bool) {
	defer f.lock()()
	for _, n := range f.notifications {
		return n, len(f.notifications) == 1
	}
	return storage.Notification{}, false
}

func (f *fake) last(endpoint string) storage.Subscribe {
	defer f.lock()()
	return f.subscriptions[endpoint]
}
