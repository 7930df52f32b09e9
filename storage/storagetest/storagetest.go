// Package storagetest is the suite that every storage engine passes: it holds an
// engine to what package storage and the comments of its methods promise.
package storagetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

// Store is everything an engine does. Only this suite needs it in one piece:
// others declare the few methods that they use.
type Store interface {
	Close() error
	Ping(context.Context) error

	Subscribe(context.Context, time.Time, storage.Subscribe) (uuid.UUID, error)
	KnownEndpoint(context.Context, string) (bool, error)
	Unsubscribe(context.Context, time.Time, uuid.UUID) (bool, error)
	UnsubscribeEndpoint(context.Context, time.Time, string) (bool, error)
	RemoveSubscription(context.Context, time.Time, uuid.UUID) error
	RestoreSubscriptions(ctx context.Context, now time.Time, service string, since time.Time) (int, error)
	Subscription(context.Context, uuid.UUID) (storage.Subscription, error)
	EachSubscription(context.Context, storage.SubscriptionFilter, func(storage.Subscription) error) error
	CountSubscriptions(context.Context) (int, error)
	ImportSubscriptions(context.Context, time.Time, []storage.Subscribe) ([]storage.Imported, error)
	SubscriptionsPage(context.Context, storage.SubscriptionFilter, storage.Page) ([]storage.Subscription, error)
	ChangeSubscription(context.Context, uuid.UUID, storage.SubscriptionChange) (storage.Subscription, error)
	HasDeclarative(context.Context) (bool, error)
	CountTarget(context.Context, storage.Target) (int, error)
	CountSilent(context.Context, storage.Silence) (int, error)

	Categories(ctx context.Context, publicOnly bool) ([]storage.Category, error)
	CreateCategory(context.Context, storage.Category) (storage.Category, error)
	CategoriesByName(ctx context.Context, names []string) ([]storage.Category, error)
	Category(context.Context, uuid.UUID) (storage.Category, error)
	UpdateCategory(context.Context, storage.Category) (storage.Category, error)
	DeleteCategory(context.Context, uuid.UUID) error

	CreateInvite(context.Context, storage.Invite) (storage.Invite, error)
	Invites(context.Context) ([]storage.Invite, error)
	DeleteInvite(context.Context, uuid.UUID) error
	InviteByHash(ctx context.Context, hash [32]byte, now time.Time) (storage.Invite, error)

	Keys(context.Context) ([]storage.VAPIDKey, error)
	NewestKey(context.Context) (storage.VAPIDKey, error)
	AddKey(context.Context, storage.VAPIDKey) error
	RetireKey(ctx context.Context, id string) error
	Secret(ctx context.Context, name string, n int) ([]byte, error)

	CreateToken(context.Context, storage.Token) (storage.Token, error)
	Tokens(context.Context) ([]storage.Token, error)
	TokenByHash(context.Context, [32]byte) (storage.Token, error)
	TouchToken(ctx context.Context, key int64, at time.Time) error
	RevokeToken(context.Context, uuid.UUID) error

	CreateSession(context.Context, storage.Session) error
	SessionByHash(context.Context, [32]byte) (storage.Session, error)
	TouchSession(ctx context.Context, key int64, at time.Time) error
	EndSession(context.Context, [32]byte) error

	Accept(context.Context, storage.Notification, *storage.Idempotency) (storage.Accepted, error)
	Notification(context.Context, uuid.UUID) (storage.Notification, error)
	Notifications(context.Context, storage.NotificationFilter, storage.Page) ([]storage.Notification, error)
	Replace(context.Context, time.Time, storage.Notification) (storage.Notification, error)
	Cancel(context.Context, time.Time, uuid.UUID) (storage.Notification, error)
	Delete(context.Context, time.Time, uuid.UUID) (key int64, err error)
	DeliveriesOf(context.Context, uuid.UUID, storage.DeliveryFilter, storage.Page) ([]storage.Delivery, error)
	Deliveries(ctx context.Context, notificationKey, afterSubscription int64, limit int) ([]storage.Delivery, error)

	Resume(context.Context, time.Time) error
	Claim(context.Context, storage.ClaimRequest) (storage.Claim, error)
	Settle(context.Context, []storage.Outcome) (storage.Settled, error)
	Seqs(context.Context) (storage.Seqs, error)
	ChangesAfter(ctx context.Context, seq int64, f storage.ChangeFilter, limit int) (changes []storage.Change, through int64, err error)
	NotificationNames(ctx context.Context, keys []int64) (map[int64]storage.NotificationName, error)
	SubscriptionNames(ctx context.Context, keys []int64) (map[int64]storage.SubscriptionName, error)
	Clean(context.Context, time.Time, storage.Retention) (more bool, err error)
	Stats(context.Context, time.Time) (storage.Stats, error)
}

// Run runs the suite. open makes an empty store; it is closed by whoever opened
// it (t.Cleanup).
func Run(t *testing.T, open func(t *testing.T) Store) {
	Methods(t, open)
	t.Run("property", func(t *testing.T) { testProperty(t, open) })
}

// Methods runs the part of the suite that takes one method after the other.
func Methods(t *testing.T, open func(t *testing.T) Store) {
	for _, group := range [][]testCase{accessTests, sessionTests, subscriptionTests, audienceTests, notificationTests, queueTests, settleTests, retentionTests,
		repeatTests, listTests, categoryTests, changeTests, silenceTests} {
		for _, c := range group {
			t.Run(c.name, func(t *testing.T) { c.run(newSuite(t, open(t))) })
		}
	}
}

type testCase struct {
	name string
	run  func(*suite)
}

// suite is one store under test, with a clock and short words.
type suite struct {
	*testing.T
	Store
	ctx  context.Context
	now  time.Time
	subs int // subscribed so far
}

func newSuite(t *testing.T, s Store) *suite {
	return &suite{T: t, Store: s, ctx: t.Context(), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
}

func (s *suite) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func must[T any](s *suite) func(T, error) T {
	return func(v T, err error) T {
		s.Helper()
		s.ok(err)
		return v
	}
}

func (s *suite) key(id string) {
	s.Helper()
	s.ok(s.AddKey(s.ctx, storage.VAPIDKey{ID: id, Public: []byte("public " + id), Private: []byte("private " + id), CreatedAt: s.now}))
}

func (s *suite) category(name string) storage.Category {
	s.Helper()
	return must[storage.Category](s)(s.CreateCategory(s.ctx, storage.Category{Name: name, Public: true}))
}

// wish is a new subscription that nobody made before.
func (s *suite) wish(categories ...string) storage.Subscribe {
	s.subs++
	w := storage.Subscribe{
		Endpoint: fmt.Sprintf("https://push.example/%d", s.subs),
		P256dh:   slices.Repeat([]byte{byte(s.subs)}, 65),
		Auth:     slices.Repeat([]byte{byte(s.subs)}, 16),
		Service:  "push.example",
	}
	if categories != nil {
		w.Categories = &categories
	}
	return w
}

func (s *suite) subscribe(w storage.Subscribe) uuid.UUID {
	s.Helper()
	return must[uuid.UUID](s)(s.Subscribe(s.ctx, s.now, w))
}

// audience makes a key and n subscriptions to everything given.
func (s *suite) audience(n int, categories ...string) []uuid.UUID {
	s.Helper()
	if _, err := s.NewestKey(s.ctx); err != nil {
		s.key("k1")
	}
	ids := make([]uuid.UUID, n)
	for i := range ids {
		ids[i] = s.subscribe(s.wish(categories...))
	}
	return ids
}

func (s *suite) subscription(id uuid.UUID) storage.Subscription {
	s.Helper()
	return must[storage.Subscription](s)(s.Subscription(s.ctx, id))
}

func (s *suite) message() storage.Notification {
	return storage.Notification{
		ID:        uuid.Must(uuid.NewV7()),
		Content:   storage.Content{Title: "title"},
		TTL:       time.Hour,
		Urgency:   "normal",
		CreatedAt: s.now,
	}
}

func (s *suite) accept(n storage.Notification) storage.Notification {
	s.Helper()
	return must[storage.Accepted](s)(s.Accept(s.ctx, n, nil)).Notification
}

func (s *suite) notification(id uuid.UUID) storage.Notification {
	s.Helper()
	n := must[storage.Notification](s)(s.Notification(s.ctx, id))
	checkSum(s.T, n.Counts)
	return n
}

func checkSum(t *testing.T, c storage.Counts) {
	t.Helper()
	if c.Targeted != c.Pending+c.Retrying+c.Sent+c.Failed+c.Gone+c.Expired+c.Canceled || c.Pending < 0 || c.Retrying < 0 {
		t.Fatalf("the counts do not add up: %+v", c)
	}
}

func (s *suite) claim(limit int) storage.Claim {
	s.Helper()
	return s.claimAfter(limit, 0)
}

func (s *suite) claimAfter(limit int, after int64) storage.Claim {
	s.Helper()
	claim := must[storage.Claim](s)(s.Claim(s.ctx, storage.ClaimRequest{Now: s.now, Limit: limit, After: after, Admit: admitAll, Runs: every{}}))
	s.tallied(claim.Settled)
	return claim
}

func admitAll(string) time.Time { return time.Time{} }

func (s *suite) settle(outcomes ...storage.Outcome) storage.Settled {
	s.Helper()
	settled := must[storage.Settled](s)(s.Settle(s.ctx, outcomes))
	s.tallied(settled)
	return settled
}

// tallied holds a commit's tallies against its changes.
func (s *suite) tallied(settled storage.Settled) {
	s.Helper()
	counts := map[storage.Event]int{}
	for _, c := range settled.Changes {
		counts[c.Event]++
	}
	for _, t := range settled.Tallies {
		if t.Service == "" || t.Count < 1 {
			s.Errorf("a tally is %+v", t)
		}
		counts[t.Event] -= t.Count
	}
	for event, n := range counts {
		equal(s, "changes that are not tallied as "+event.String(), n, 0)
	}
}

func (s *suite) outcome(a storage.Attempt, e storage.Event) storage.Outcome {
	return storage.Outcome{
		NotificationKey: a.Notification.Key,
		SubscriptionKey: a.Subscription.Key,
		Lease:           a.Lease,
		Event:           e,
		At:              s.now,
		Attempts:        a.Attempts + 1,
		Since:           a.Subscription.Since,
	}
}

// outcomes gives every attempt of a claim the same outcome.
func (s *suite) outcomes(attempts []storage.Attempt, e storage.Event) []storage.Outcome {
	list := make([]storage.Outcome, len(attempts))
	for i, a := range attempts {
		list[i] = s.outcome(a, e)
	}
	return list
}

func (s *suite) deliveries(n storage.Notification) []storage.Delivery {
	s.Helper()
	return must[[]storage.Delivery](s)(s.Deliveries(s.ctx, n.Key, 0, 10000))
}

func equal[T comparable](s *suite, what string, got, want T) {
	s.Helper()
	if got != want {
		s.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

// recipients are the ids that were claimed, in order.
func recipients(attempts []storage.Attempt) []uuid.UUID {
	ids := make([]uuid.UUID, len(attempts))
	for i, a := range attempts {
		ids[i] = a.Subscription.ID
	}
	return ids
}
