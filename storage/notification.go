package storage

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// State is a notification's state; see the package comment.
type State string

const (
	Scheduled     State = "scheduled"
	Sending       State = "sending"
	Sent          State = "sent"
	CanceledState State = "canceled"
	ExpiredState  State = "expired"
)

// Notification is one message to publish, now or later.
type Notification struct {
	Key   int64     // internal; grows, never reused
	ID    uuid.UUID // version 7
	State State
	Content
	// TTL is how long a push service may keep it, from DueAt on; 0 s to 28 days.
	TTL     time.Duration
	Urgency string // very-low, low, normal, high
	Topic   string // RFC 8030 §5.4; empty = none
	Target  Target
	// TokenKey is the token that published it; 0 = none (open access).
	TokenKey int64
	Warnings []string

	// Repeat is a five-field cron expression in TimeZone; empty = once. A
	// repeating notification stays scheduled and is never sent itself: each run is
	// a notification of its own with ParentID.
	Repeat   string
	TimeZone string    // IANA name; UTC when empty
	ParentID uuid.UUID // the repeating notification that this is a run of; uuid.Nil = none
	// NextAt is a repeating one's next run; zero = none any more. Whoever stores
	// the notification sets it to the first run.
	NextAt time.Time

	CreatedAt   time.Time
	ScheduledAt time.Time // zero = at once; of a repeating one: not before
	// DueAt is when it is, or was, to be sent; TTL counts from here.
	DueAt      time.Time
	ExpiresAt  time.Time // zero = none
	StartedAt  time.Time // zero until the first claim
	FinishedAt time.Time // zero until nothing is pending or retrying
	Counts     Counts
}

// Content is what the person sees.
type Content struct {
	Title              string          `json:"title"`
	Body               string          `json:"body"`
	URL                string          `json:"url"`
	Icon               string          `json:"icon"`
	Image              string          `json:"image"`
	Badge              string          `json:"badge"`
	Tag                string          `json:"tag"`
	Lang               string          `json:"lang"`
	Dir                string          `json:"dir"`
	Silent             bool            `json:"silent"`
	RequireInteraction bool            `json:"require_interaction"`
	Renotify           bool            `json:"renotify"`
	Vibrate            []int           `json:"vibrate"`
	Actions            []Action        `json:"actions"`
	Data               json.RawMessage `json:"data,omitempty"` // a JSON object, or nil
}

// Action is a button on a notification.
type Action struct {
	Action string `json:"action"`
	Title  string `json:"title"`
	Icon   string `json:"icon"`
	URL    string `json:"url"`
}

// Target is the audience: the union of the three, each subscription once,
// resolved when it is sent. All three empty = everyone.
type Target struct {
	Categories    []string    `json:"categories"` // names
	Users         []string    `json:"users"`
	Subscriptions []uuid.UUID `json:"subscriptions"`
}

// All reports whether the target is everyone.
func (t Target) All() bool {
	return len(t.Categories) == 0 && len(t.Users) == 0 && len(t.Subscriptions) == 0
}

// Counts says how far a notification is. Targeted grows until the audience is
// fully read, and is always the sum of Pending to Canceled.
type Counts struct {
	Targeted  int `json:"targeted"`
	Pending   int `json:"pending"`
	Retrying  int `json:"retrying"`
	Sent      int `json:"sent"`
	Failed    int `json:"failed"`
	Gone      int `json:"gone"`
	Expired   int `json:"expired"`
	Canceled  int `json:"canceled"`
	Displayed int `json:"displayed"`
	Clicked   int `json:"clicked"`
	Closed    int `json:"closed"`
}

// Idempotency ties a notification to a publisher's Idempotency-Key: unique for
// the token for 24 hours.
type Idempotency struct {
	Key      string   // as sent, at most 255 characters
	BodyHash [32]byte // SHA-256 of what makes the request what it is
}

// Accepted is the answer to a publish that is now durable.
type Accepted struct {
	Notification Notification
	// Replayed: the same Idempotency-Key and body came before; nothing new was
	// made, Notification is that one.
	Replayed bool
}

// NotificationFilter narrows a list; a zero field does not.
type NotificationFilter struct {
	States   []State
	Category string    // name; targeted by it, or by everyone's
	Parent   uuid.UUID // only the runs of this repeating one
}

// DeliveryFilter narrows a notification's deliveries; a zero field does not.
type DeliveryFilter struct {
	Status       Status
	Subscription uuid.UUID
}

// Page is where a list goes on: After is the last row's internal key of the page
// before, 0 = from the start; Limit is at least 1. Lists go from the newest to
// the oldest, so that what is new while someone pages neither moves nor repeats
// a row.
type Page struct {
	After int64
	Limit int
}
