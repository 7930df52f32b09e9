package storage

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// Subscription is one browser's (or UnifiedPush app's) push endpoint with its
// keys. Endpoint, P256dh and Auth are a capability: they never leave the server
// but for an export, and never reach a log.
type Subscription struct {
	// Key is the internal key: it grows with every new subscription, is never
	// reused and never shown.
	Key int64
	// ID is public, and the right to unsubscribe.
	ID uuid.UUID

	Endpoint string
	P256dh   []byte // 65 octets, uncompressed P-256 point
	Auth     []byte // 16 octets
	// ExpiresAt is the browser's expirationTime; zero = none.
	ExpiresAt time.Time
	// Service is the push service: host, or host:port when the port is not the
	// scheme's own.
	Service string
	// Declarative: the browser shows Declarative Web Push by itself.
	Declarative bool
	// KeyID is the VAPID key it was subscribed with.
	KeyID string

	Label      string
	User       string
	Categories []string // names, sorted
	UserAgent  string

	CreatedAt time.Time
	SeenAt    time.Time // last time its browser came to sync
	// RemovedAt is zero while the subscription lives.
	RemovedAt time.Time
	Removed   Removal

	// What its deliveries say of it; it follows them by the time until Clean has
	// been called again.
	LastSentAt      time.Time // zero = never, or not within what is kept
	LastDisplayedAt time.Time
	Failures        int // deliveries that failed since the last that was sent
}

// Removal says why a subscription ended.
type Removal string

const (
	// RemovedGone: the push service answered 404 or 410. Its keys are kept for
	// seven days, so that RestoreSubscriptions can undo a provider's mistake.
	RemovedGone Removal = "gone"
	// RemovedByUser: its browser unsubscribed. The keys are wiped at once.
	RemovedByUser Removal = "unsubscribed"
	// RemovedByOperator: keys are wiped at once.
	RemovedByOperator Removal = "removed"
)

// Subscribe is a wish to store a subscription. The endpoint and its keys have
// been checked. A nil pointer keeps what is stored, or leaves it empty.
type Subscribe struct {
	// ID is kept when it is not uuid.Nil and the endpoint is new (import).
	ID          uuid.UUID
	Endpoint    string
	P256dh      []byte
	Auth        []byte
	ExpiresAt   time.Time
	Service     string
	UserAgent   string
	Label       *string
	User        *string
	Categories  *[]string // names; an unknown one is *UnknownCategoryError
	Declarative *bool
	// KeyID is the VAPID key it was subscribed with; empty: what is stored for a
	// known endpoint, otherwise the newest. An unknown id is ErrNoKey.
	KeyID string
	// Invite, when not empty, is the SHA-256 of the invite's secret: its user is
	// set, its categories are allowed, and joined when Categories is nil. It is
	// used up by one, unless the endpoint is known (KnownEndpoint) and it grants
	// nothing new. ErrInvite when it is unknown, expired or used up.
	Invite []byte
	// Replaces is the id or the endpoint of the subscription that this one takes
	// the place of: that one's id, label, user and categories go on with the new
	// endpoint and keys. Unknown: ignored.
	Replaces string
}

// Imported is what became of one Subscribe of an import.
type Imported struct {
	ID      uuid.UUID
	Updated bool  // the endpoint was known
	Err     error // refused: *UnknownCategoryError, ErrExists (the id belongs to another endpoint) or ErrNoKey
}

// SubscriptionFilter narrows a list; a zero field does not.
type SubscriptionFilter struct {
	Category string
	User     string
	Service  string
	KeyID    string // of the VAPID key
	// Query is looked for in label, user, service and what the browser is called
	// ("Firefox 140 on Android"), whatever its case.
	Query string
	// Silent leaves only those that are silent by this rule.
	Silent *Silence
	// Removed lists tombstones instead of living subscriptions.
	Removed bool
}

// SilentAfter is how long what was sent may go unseen.
const SilentAfter = 7 * 24 * time.Hour

// Silence is the rule for who has stopped receiving: a living subscription is
// silent when its last three deliveries or more have failed, or, if messages carry
// receipts, when three or more were sent to it since it last displayed one (or
// ever), the first of them seven days ago.
type Silence struct {
	Now      time.Time
	Receipts bool // messages carry receipts
}

// Category is a named group that subscriptions join and notifications address.
type Category struct {
	Key         int64
	ID          uuid.UUID
	Name        string
	Description string
	// Public: anyone may join it. Otherwise it takes an invite or an admin.
	Public      bool
	Subscribers int
}

// MissingCategories are the wanted names that none of the categories has.
func MissingCategories(wanted []string, categories []Category) []string {
	var missing []string
	for _, name := range wanted {
		if !slices.ContainsFunc(categories, func(c Category) bool { return c.Name == name }) {
			missing = append(missing, name)
		}
	}
	return missing
}

// SubscriptionChange is what an operator changes; nil keeps.
type SubscriptionChange struct {
	Label      *string
	User       *string
	Categories *[]string // names; an unknown one is *UnknownCategoryError
}

// Invite lets whoever holds its secret subscribe.
type Invite struct {
	ID         uuid.UUID
	Hash       [32]byte // SHA-256 of the secret in its url
	User       string
	Categories []string // names
	Uses       int      // left; 0 = used up
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero = never
}
