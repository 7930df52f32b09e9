package sqlstore

import (
	"time"

	"recado/storage"
)

// delivery is a row of the delivery table. Times are milliseconds, 0 = none.
type delivery struct {
	seq          int64
	notification int64
	subscription int64
	status       storage.Status
	event        storage.Event
	attempts     int
	code         int
	error        string
	at           int64
	dueAt        int64 // 0 while an attempt is under way
	latency      int64
	displayedAt  int64
	clickedAt    int64
	closedAt     int64
}

// change is the delivery as whoever is told of its change sees it.
func (d *delivery) change() storage.Change {
	return storage.Change{
		Seq: d.seq, NotificationKey: d.notification, SubscriptionKey: d.subscription, Status: d.status, Event: d.event,
		Attempts: d.attempts, Code: d.code, Error: d.error, At: fromMillis(d.at), RetryAt: fromMillis(d.dueAt),
		DisplayedAt: fromMillis(d.displayedAt), ClickedAt: fromMillis(d.clickedAt), ClosedAt: fromMillis(d.closedAt),
		Latency: time.Duration(d.latency) * time.Millisecond,
	}
}

// effect is what an outcome does to a delivery.
type effect uint8

const (
	nothing effect = iota
	// filled: what was not known of it is known now; nobody needs to hear of it.
	filled
	// changed: it has a new event, so it gets a new seq.
	changed
)

// merge is what becomes of a delivery when an outcome or a receipt comes in. old
// is nil when there is no row yet. It is the whole rule: sent wins over every
// other status whenever it comes, a receipt proves sent and counts once, and an
// outcome that comes a second time does nothing.
func merge(old *delivery, o storage.Outcome) (delivery, effect) {
	if o.Event >= storage.EventDisplayed {
		return mergeReceipt(old, o)
	}
	d := first(o)
	if old == nil {
		return d, changed
	}
	d.displayedAt, d.clickedAt, d.closedAt = old.displayedAt, old.clickedAt, old.closedAt
	switch {
	case old.status == storage.StatusSent:
		return mergeAfterSent(*old, o)
	case d.status == storage.StatusSent:
		return d, changed
	case old.status != storage.StatusRetrying:
		return *old, nothing
	case d.status == storage.StatusRetrying && old.dueAt == d.dueAt && old.attempts >= d.attempts:
		return *old, nothing // settled again
	case (d.status == storage.StatusRetrying || d.status == storage.StatusCanceled) &&
		old.attempts == d.attempts && d.code == 0 && d.error == "":
		// Put off or ended without another request: why it was retried stays true.
		d.code, d.error, d.latency = old.code, old.error, old.latency
	}
	return d, changed
}

// first is the row of a delivery's first outcome.
func first(o storage.Outcome) delivery {
	d := delivery{
		notification: o.NotificationKey,
		subscription: o.SubscriptionKey,
		status:       storage.Status(o.Event),
		event:        o.Event,
		attempts:     o.Attempts,
		code:         o.Code,
		error:        o.Error,
		at:           millis(o.At),
		latency:      o.Latency.Milliseconds(),
	}
	if d.status == storage.StatusRetrying {
		if d.dueAt = millis(o.RetryAt); d.dueAt == 0 {
			d.dueAt = d.at // no due time would mean that an attempt is under way
		}
	}
	return d
}

// mergeAfterSent fills in what a receipt, which came first, could not know. The
// attempts also tell that the outcome has been settled.
func mergeAfterSent(d delivery, o storage.Outcome) (delivery, effect) {
	was := d
	d.attempts = max(d.attempts, o.Attempts)
	if o.Event == storage.EventSent {
		if d.code == 0 {
			d.code = o.Code
		}
		if d.latency == 0 {
			d.latency = o.Latency.Milliseconds()
		}
	}
	if d == was {
		return d, nothing
	}
	return d, filled
}

func mergeReceipt(old *delivery, o storage.Outcome) (delivery, effect) {
	d := delivery{notification: o.NotificationKey, subscription: o.SubscriptionKey}
	if old != nil {
		d = *old
	}
	at := millis(o.At)
	var when *int64
	switch o.Event {
	case storage.EventDisplayed:
		when = &d.displayedAt
	case storage.EventClicked:
		when = &d.clickedAt
	case storage.EventClosed:
		when = &d.closedAt
	default:
		return d, nothing
	}
	if *when != 0 {
		return d, nothing
	}
	*when = at
	d.event = o.Event
	if d.status != storage.StatusSent {
		d.status, d.at, d.dueAt, d.code, d.error = storage.StatusSent, at, 0, 0, ""
	}
	return d, changed
}
