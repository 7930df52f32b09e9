package api

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

// Subscriptions is where subscriptions are kept.
type Subscriptions interface {
	// Subscribe stores one, and returns the id that its endpoint has from then on.
	// *storage.UnknownCategoryError, storage.ErrNoKey, storage.ErrUnavailable.
	Subscribe(ctx context.Context, now time.Time, s storage.Subscribe) (uuid.UUID, error)
	// KnownEndpoint reports whether the endpoint has subscribed before.
	KnownEndpoint(ctx context.Context, endpoint string) (bool, error)
	// Subscription finds one, also a removed one; storage.ErrNotFound.
	Subscription(ctx context.Context, id uuid.UUID) (storage.Subscription, error)
	// Unsubscribe and UnsubscribeEndpoint end one and wipe its keys; false when
	// there was none. Doing it twice is no error.
	Unsubscribe(ctx context.Context, now time.Time, id uuid.UUID) (bool, error)
	UnsubscribeEndpoint(ctx context.Context, now time.Time, endpoint string) (bool, error)
}

// Notifications is where notifications are kept.
type Notifications interface {
	// Accept makes a notification durable, or finds the one that the same
	// idempotency key made; of several at once one makes it and the others find it.
	// storage.ErrIdempotencyKey, *storage.UnknownCategoryError,
	// storage.ErrUnavailable.
	Accept(ctx context.Context, n storage.Notification, idem *storage.Idempotency) (storage.Accepted, error)
	// Replayed finds what the same idempotency key and body have made before, if
	// that still counts; storage.ErrIdempotencyKey, storage.ErrUnavailable.
	Replayed(ctx context.Context, tokenKey int64, idem storage.Idempotency, now time.Time) (n storage.Notification, ok bool, err error)
	// Notification finds one as it stands now; storage.ErrNotFound.
	Notification(ctx context.Context, id uuid.UUID) (storage.Notification, error)
	// HasDeclarative reports whether any subscription takes the declarative form.
	HasDeclarative(ctx context.Context) (bool, error)
	// CountTarget counts the living subscriptions that a target means now, each
	// once. What does not exist is nobody.
	CountTarget(ctx context.Context, t storage.Target) (int, error)
}

// Catalog is what anyone may know: the categories and the key to subscribe with.
type Catalog interface {
	Categories(ctx context.Context, publicOnly bool) ([]storage.Category, error)
	// CategoriesByName returns those of the names that exist, without counts.
	CategoriesByName(ctx context.Context, names []string) ([]storage.Category, error)
	// NewestKey is the VAPID key that browsers are to subscribe with;
	// storage.ErrNoKey.
	NewestKey(ctx context.Context) (storage.VAPIDKey, error)
}

// History is where notifications go on after they were accepted. Lists go from
// the newest to the oldest.
type History interface {
	Notifications(ctx context.Context, f storage.NotificationFilter, p storage.Page) ([]storage.Notification, error)
	// Replace replaces the scheduled notification with n's ID; storage.ErrNotFound,
	// storage.ErrEnded when it is not scheduled any more,
	// *storage.UnknownCategoryError.
	Replace(ctx context.Context, now time.Time, n storage.Notification) (storage.Notification, error)
	// Cancel ends one; storage.ErrNotFound, storage.ErrEnded.
	Cancel(ctx context.Context, now time.Time, id uuid.UUID) (storage.Notification, error)
	// Delete removes one, with its deliveries, and returns its key;
	// storage.ErrNotFound.
	Delete(ctx context.Context, now time.Time, id uuid.UUID) (int64, error)
	// DeliveriesOf lists a notification's by subscription key, the newest first;
	// storage.ErrNotFound.
	DeliveriesOf(ctx context.Context, id uuid.UUID, f storage.DeliveryFilter, p storage.Page) ([]storage.Delivery, error)
}

// CategoryAdmin changes the categories.
type CategoryAdmin interface {
	// CreateCategory gives c an id; storage.ErrExists when the name is taken.
	CreateCategory(ctx context.Context, c storage.Category) (storage.Category, error)
	// UpdateCategory replaces the one with c's ID; storage.ErrNotFound,
	// storage.ErrExists, storage.ErrInUse.
	UpdateCategory(ctx context.Context, c storage.Category) (storage.Category, error)
	// DeleteCategory: storage.ErrNotFound; storage.ErrInUse while a scheduled
	// notification addresses it alone.
	DeleteCategory(ctx context.Context, id uuid.UUID) error
}

// Directory is the subscriptions as an operator sees them.
type Directory interface {
	// SubscriptionsPage lists them, the newest first.
	SubscriptionsPage(ctx context.Context, f storage.SubscriptionFilter, p storage.Page) ([]storage.Subscription, error)
	// ChangeSubscription: storage.ErrNotFound, *storage.UnknownCategoryError.
	ChangeSubscription(ctx context.Context, id uuid.UUID, c storage.SubscriptionChange) (storage.Subscription, error)
	// RemoveSubscription ends one; storage.ErrNotFound.
	RemoveSubscription(ctx context.Context, now time.Time, id uuid.UUID) error
	// CountSilent counts the living ones that are silent.
	CountSilent(ctx context.Context, rule storage.Silence) (int, error)
}

// Invites is where invites are kept.
type Invites interface {
	// CreateInvite gives i an id; *storage.UnknownCategoryError.
	CreateInvite(ctx context.Context, i storage.Invite) (storage.Invite, error)
	Invites(ctx context.Context) ([]storage.Invite, error)
	DeleteInvite(ctx context.Context, id uuid.UUID) error // storage.ErrNotFound
	// InviteByHash finds one that is good now; storage.ErrInvite.
	InviteByHash(ctx context.Context, hash [32]byte, now time.Time) (storage.Invite, error)
}

// Tokens is where tokens are kept.
type Tokens interface {
	// CreateToken gives t an id; *storage.UnknownCategoryError.
	CreateToken(ctx context.Context, t storage.Token) (storage.Token, error)
	Tokens(ctx context.Context) ([]storage.Token, error)
	RevokeToken(ctx context.Context, id uuid.UUID) error // storage.ErrNotFound
}

// Keys is where the VAPID keys are kept.
type Keys interface {
	Keys(ctx context.Context) ([]storage.VAPIDKey, error) // newest first
	// AddKey adds one, which is the newest from then on.
	AddKey(ctx context.Context, k storage.VAPIDKey) error
	// RetireKey deletes one; storage.ErrNotFound, storage.ErrInUse while
	// subscriptions are bound to it.
	RetireKey(ctx context.Context, id string) error
}

// Stats is what storage counts.
type Stats interface {
	Stats(ctx context.Context, now time.Time) (storage.Stats, error)
}

// Parsed is what checking a push endpoint and its keys finds out. The endpoint
// itself is stored as its browser writes it, which is how it comes back to
// unsubscribe.
type Parsed struct {
	Service string // host, or host:port
	P256dh  []byte
	Auth    []byte
}

// Options is what the API needs. Every field without a remark is required.
type Options struct {
	Subscriptions Subscriptions
	Notifications Notifications
	Catalog       Catalog
	History       History
	CategoryAdmin CategoryAdmin
	Directory     Directory
	Invites       Invites
	Tokens        Tokens
	Sessions      Sessions
	Keys          Keys
	Stats         Stats
	Now           func() time.Time
	Log           *slog.Logger

	// Origin is the server's own, as browsers write it: base_url.
	Origin string
	// CORSOrigins are the other sites whose pages may call; "*" = any.
	CORSOrigins []string
	// InviteOnly: a new subscription takes an invite.
	InviteOnly bool
	// TTL is of a notification that names none.
	TTL time.Duration

	// ParseSubscription checks what a browser sends. Its error is a *FieldError,
	// a *HostError, or any other whose text is safe to show to the client.
	ParseSubscription func(endpoint, p256dh, auth string) (Parsed, error)
	// RefusedHost hears of a push service that the configuration leaves out; nil =
	// nobody does.
	RefusedHost func(ctx context.Context, host string)
	// SendTest sends one message now; when it was not taken, why is a sentence for
	// the client.
	SendTest func(ctx context.Context, t TestPush) (ok bool, why string)
	// NewKey makes a VAPID key.
	NewKey func() (storage.VAPIDKey, error)
	// Live is what the running server knows.
	Live func() LiveStats
	// ReservedToken is the name of the token that the configuration makes: no other
	// may be given it, and it cannot be revoked.
	ReservedToken string
	// TakenTopic reports whether no topic may have that name, since routes begin with
	// it.
	TakenTopic func(topic string) bool
	// Version is recado's own.
	Version string
	// Webhooks are those of the configuration, by name.
	Webhooks map[string]Webhook
	// TemplatesFailed hears that a webhook's templates do not work on what came, unless
	// that is known.
	TemplatesFailed func(ctx context.Context, webhook string, err error)
	// KeyID is the id that a VAPID public key, 65 bytes, has or would have.
	KeyID func(public []byte) string

	// CheckRepeat checks when a notification is to be repeated. Its error is a
	// *FieldError about repeat or time_zone.
	CheckRepeat func(repeat, timeZone string) error
	// NextRun is the first run after t; zero = none.
	NextRun func(repeat, timeZone string, t time.Time) time.Time

	// Size is how many bytes of payload a notification takes, in one of the two
	// forms.
	Size func(n *storage.Notification, declarative bool) int
	// Wake tells the engine that there is something to send. It does not block.
	Wake func()
	// Stop tells the engine that a notification was canceled or deleted, so that
	// nothing of it is sent any more. It does not block.
	Stop func(notificationKey int64)
	// Changed returns a channel that receives after every commit that touches the
	// notification from now on; several may be one. The function gives it back.
	// See Watch.
	Changed func(notificationKey int64) (<-chan struct{}, func())
	// QR draws an address as a QR code, an SVG picture.
	QR func(address string) ([]byte, error)
	// Stopping is closed when the server stops: who waits for outcomes is then
	// answered at once. nil = never.
	Stopping <-chan struct{}

	// Receipt reads a receipt; ok is false for one that was never given out. nil:
	// receipts are off, and stale ones are ignored.
	Receipt func(receipt string) (notificationKey, subscriptionKey int64, ok bool)
	// Report takes a browser's report, and returns when it is stored.
	Report func(ctx context.Context, o storage.Outcome) error

	// Ready lists the reasons not to be; none = ready.
	Ready func(ctx context.Context) []string
}

// API is the handlers, each a method that is an http.HandlerFunc. They expect
// that access has let the request in and left its grant in the context.
type API struct {
	o     Options
	cors  cors
	pages pages // what pages may publish while everyone may

	received received   // by webhooks of the configuration
	revoking sync.Mutex // held while a token is revoked
}

// New returns the API. The error is about CORSOrigins or Origin.
func New(o Options) (*API, error) {
	pages, err := newPages(o.Origin, o.CORSOrigins)
	if err != nil {
		return nil, err
	}
	return &API{o: o, cors: newCORS(o.CORSOrigins), pages: pages}, nil
}

// now is the time in the precision that is stored and shown.
func (a *API) now() time.Time { return a.o.Now().UTC().Truncate(time.Millisecond) }
