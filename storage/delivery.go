package storage

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Status is what became of a delivery.
type Status uint8

// The numbers are stored: never change one.
const (
	StatusRetrying Status = 1
	StatusSent     Status = 2
	StatusFailed   Status = 3
	StatusGone     Status = 4
	StatusExpired  Status = 5
	StatusCanceled Status = 6
)

// Event is the latest change of a delivery: a status, or what its browser
// reported.
type Event uint8

// The numbers are stored: never change one. Up to EventCanceled they are those
// of Status.
const (
	EventRetrying  Event = 1
	EventSent      Event = 2
	EventFailed    Event = 3
	EventGone      Event = 4
	EventExpired   Event = 5
	EventCanceled  Event = 6
	EventDisplayed Event = 7
	EventClicked   Event = 8
	EventClosed    Event = 9
)

func (e Event) String() string {
	names := eventNames()
	if e == 0 || int(e) >= len(names) {
		return fmt.Sprintf("event(%d)", uint8(e))
	}
	return names[e]
}

// ParseEvent returns the event of that name; ok is false when there is none.
func ParseEvent(name string) (e Event, ok bool) {
	names := eventNames()
	i := slices.Index(names[1:], name) + 1
	return Event(i), i > 0
}

func eventNames() [EventClosed + 1]string {
	return [...]string{"", "retrying", "sent", "failed", "gone", "expired", "canceled", "displayed", "clicked", "closed"}
}

func (s Status) String() string { return Event(s).String() }

// EventSet is a set of events; the empty set stands for all of them.
type EventSet uint16

// Events returns the set of these.
func Events(events ...Event) EventSet {
	var set EventSet
	for _, e := range events {
		set |= 1 << e
	}
	return set
}

// Has reports whether the event is in the set.
func (s EventSet) Has(e Event) bool { return s == 0 || s&(1<<e) != 0 }

// Delivery is one notification to one subscription, once it has an outcome.
type Delivery struct {
	Change
	NotificationID uuid.UUID
	SubscriptionID uuid.UUID
	Label          string
	Service        string
}

// Change is how a delivery stands right after a change of it.
type Change struct {
	Seq             int64 // every change of any delivery has a new, higher one
	NotificationKey int64
	SubscriptionKey int64
	Status          Status
	Event           Event
	Attempts        int
	Code            int    // the push service's last answer; 0 = none
	Error           string // at most 1 KiB
	// At is when it got its Status: when it was sent, if it was.
	At          time.Time
	RetryAt     time.Time // zero unless retrying
	DisplayedAt time.Time
	ClickedAt   time.Time
	ClosedAt    time.Time
	Latency     time.Duration
}

// EventAt is when its Event happened.
func (c *Change) EventAt() time.Time {
	switch c.Event {
	case EventDisplayed:
		return c.DisplayedAt
	case EventClicked:
		return c.ClickedAt
	case EventClosed:
		return c.ClosedAt
	}
	return c.At
}

// ChangeFilter narrows changes; a zero field does not.
type ChangeFilter struct {
	Notification uuid.UUID
	Events       EventSet
	Category     string // name; of notifications to it, or to everyone
}

// Attempt is one delivery that the engine has claimed and must settle.
type Attempt struct {
	// Notification is shared by the attempts of one claim; read-only.
	Notification *Notification
	Subscription Recipient
	// Lease is what Settle needs to know the attempt by; 0 for a retry.
	Lease int64
	// Attempts counts the requests that were answered or failed before this one.
	Attempts int
}

// Recipient is what sending needs of a subscription.
type Recipient struct {
	Key         int64
	ID          uuid.UUID
	Endpoint    string
	P256dh      []byte
	Auth        []byte
	KeyID       string
	Service     string
	Declarative bool
	// Since is when the subscription got this endpoint and these keys.
	Since time.Time
}

// Outcome is what came of an Attempt, or a browser's receipt.
type Outcome struct {
	NotificationKey int64
	SubscriptionKey int64
	Lease           int64 // the Attempt's
	// Event is the new status, or displayed, clicked or closed for a receipt.
	Event    Event
	At       time.Time
	Attempts int
	Code     int
	Error    string
	RetryAt  time.Time // for retrying
	Latency  time.Duration
	// KeyID, when not empty, is the VAPID key that worked instead of the
	// subscription's own; it is kept for it.
	KeyID string
	// Service is the Recipient's. Statistics need it; without it, it is looked up.
	Service string
	// Since is the Recipient's. What the push service said of the subscription
	// itself (gone, KeyID) counts only while it still has the endpoint and keys
	// that were tried; without Since, while it got them before the request began
	// (At less Latency).
	Since time.Time
}

// Seqs says how far the changes of deliveries have come.
type Seqs struct {
	Latest int64 // the highest Seq of all; 0 = nothing has changed yet
	// Swept is the highest Seq of what retention has removed; 0 = nothing. After a
	// Seq that is not below it nothing is missing.
	Swept int64
}

// Progress is where a notification stands after a commit that touched it.
type Progress struct {
	NotificationKey int64
	State           State
	Counts          Counts
}

// Settled is what one commit changed.
type Settled struct {
	// Changes are in order of Seq. They leave out what changed nothing: a repeated
	// receipt, an outcome that came after sent.
	Changes  []Change
	Progress []Progress
	// Tallies count the changes. Their order means nothing, and two may be about the
	// same service and event.
	Tallies []Tally
}

// Tally is how many deliveries of one push service a commit changed in one way.
type Tally struct {
	Service string // host, or host:port
	Event   Event
	Count   int // at least 1
}

// ClaimRequest says what the engine has room for.
type ClaimRequest struct {
	Now time.Time
	// Limit is how many attempts the engine can take, at least 1; at most 500
	// are claimed.
	Limit int
	// After is the Key of the notification whose range was claimed last, so that
	// sending notifications take turns.
	After int64
	// Admit is asked once for each member, in order. A zero time takes it; any
	// other makes it retrying until then, in the same transaction: its push
	// service is paused or saturated, and the range goes on. It runs inside the
	// transaction and must not call the engine. nil takes everyone.
	Admit func(service string) time.Time
	// Runs says when repeating notifications are due; see Runs. It is asked inside
	// the transaction, with expressions that were checked when they were accepted.
	Runs Runs
}

// Runs computes the times of repeating notifications.
type Runs interface {
	// Next is the first run after t; zero = none any more.
	Next(repeat, timeZone string, t time.Time) time.Time
	// Last is the last run not after t, and after since; zero = none.
	Last(repeat, timeZone string, since, t time.Time) time.Time
}

// Claim is what was claimed, in one transaction.
type Claim struct {
	Attempts []Attempt
	// Last is the next request's After.
	Last int64
	// Settled holds the changes that the claim itself made: members deferred by
	// Admit, and those that expired, were canceled or lost their subscription.
	Settled Settled
	// More: something that is due now was left. It is false when nothing is.
	More bool
	// Next is when the next scheduled notification or retry is due; zero = none.
	// It is only set when More is false.
	Next time.Time
}
