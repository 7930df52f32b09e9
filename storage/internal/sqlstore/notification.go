package sqlstore

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

// idempotencyAge is how long an Idempotency-Key is remembered.
const idempotencyAge = 24 * time.Hour

const notificationColumns = `SELECT key, id, state, content, target, ttl, urgency, topic, token, warnings, created_at,
	scheduled_at, due_at, expires_at, started_at, finished_at,
	targeted, retrying, sent, failed, gone, expired, canceled, displayed, clicked, closed,
	repeat, time_zone, parent FROM notification `

// deleted is the state of a notification that nobody sees any more, until its
// deliveries have been removed.
const deleted storage.State = "deleted"

func scanNotification(r scanner) (storage.Notification, error) {
	var n storage.Notification
	var ttl int64
	var parent uuid.NullUUID
	c := &n.Counts
	err := r.Scan(&n.Key, &n.ID, &n.State, asJSON{&n.Content}, asJSON{&n.Target}, &ttl, &n.Urgency, &n.Topic, &n.TokenKey,
		asJSON{&n.Warnings}, instant{&n.CreatedAt}, instant{&n.ScheduledAt}, instant{&n.DueAt}, instant{&n.ExpiresAt},
		instant{&n.StartedAt}, instant{&n.FinishedAt},
		&c.Targeted, &c.Retrying, &c.Sent, &c.Failed, &c.Gone, &c.Expired, &c.Canceled, &c.Displayed, &c.Clicked, &c.Closed,
		&n.Repeat, &n.TimeZone, &parent)
	n.ParentID = parent.UUID
	if n.Repeat != "" && n.State == storage.Scheduled {
		n.NextAt = n.DueAt
	}
	n.TTL = time.Duration(ttl) * time.Millisecond
	c.Pending = c.Targeted - c.Retrying - c.Sent - c.Failed - c.Gone - c.Expired - c.Canceled
	return n, err
}

// Accept stores a notification: once it has returned, the notification will be
// sent. It is scheduled when it repeats or its ScheduledAt is after its
// CreatedAt, and sending otherwise, to those who are subscribed now; that takes
// the same time for any number of them. NextAt is the first run of a repeating
// one. Key, State, DueAt and Counts are set here. With idem, the same
// key and body again answer the first notification. Errors:
// storage.ErrIdempotencyKey; *storage.UnknownCategoryError for a target's.
func (s *Store) Accept(ctx context.Context, n storage.Notification, idem *storage.Idempotency) (storage.Accepted, error) {
	var accepted storage.Accepted
	err := s.write(ctx, "accept the notification", func(t *tx) error {
		if idem != nil {
			first, err := replay(t, n, *idem)
			if err != nil {
				return err
			}
			if first != nil {
				accepted = storage.Accepted{Notification: *first, Replayed: true}
				return nil
			}
		}
		if err := categoriesExist(t, n.Target.Categories); err != nil {
			return err
		}
		key, err := insertNotification(t, n)
		if err != nil {
			return err
		}
		if err := address(t, key, n.Target); err != nil {
			return err
		}
		if idem != nil {
			_, err = t.exec(`INSERT INTO idempotency (token, key, body_hash, notification, created_at) VALUES (?, ?, ?, ?, ?)`,
				n.TokenKey, idem.Key, idem.BodyHash[:], key, millis(n.CreatedAt))
			if err != nil {
				return err
			}
		}
		accepted.Notification, err = scanNotification(t.row(notificationColumns+`WHERE key = ?`, key))
		return err
	})
	if err != nil {
		return storage.Accepted{}, err
	}
	return accepted, nil
}

// replay finds the notification that this token's Idempotency-Key has made. A
// row that counts no longer is deleted.
func replay(t *tx, n storage.Notification, idem storage.Idempotency) (*storage.Notification, error) {
	var hash []byte
	var key, created int64
	ok, err := found(t.row(`SELECT body_hash, notification, created_at FROM idempotency WHERE token = ? AND key = ?`,
		n.TokenKey, idem.Key).Scan(&hash, &key, &created))
	if err != nil || !ok {
		return nil, err
	}
	if n.CreatedAt.Sub(fromMillis(created)) < idempotencyAge {
		first, err := scanNotification(t.row(notificationColumns+`WHERE key = ? AND state <> 'deleted'`, key))
		ok, err := found(err)
		if err != nil {
			return nil, err
		}
		if ok && !bytes.Equal(hash, idem.BodyHash[:]) {
			return nil, storage.ErrIdempotencyKey
		}
		if ok {
			return &first, nil
		}
	}
	_, err = t.exec(`DELETE FROM idempotency WHERE token = ? AND key = ?`, n.TokenKey, idem.Key)
	return nil, err
}

// columns are what of a notification is written as JSON, and what follows from
// its times.
type columns struct {
	content, target, warnings string
	state                     storage.State
	due, high                 int64
}

// plan says how n is stored at a time: scheduled, or to be sent at once.
func plan(t *tx, n storage.Notification, now time.Time) (c columns, err error) {
	if c.content, err = toJSON(n.Content); err != nil {
		return c, fmt.Errorf("write its content as JSON: %w", err)
	}
	if c.target, err = toJSON(n.Target); err != nil {
		return c, err
	}
	if c.warnings, err = toJSON(n.Warnings); err != nil {
		return c, err
	}
	switch {
	case n.Repeat != "":
		// Without its first run it is found at the first claim.
		c.state, c.due = storage.Scheduled, cmp.Or(millis(n.NextAt), max(millis(now), millis(n.ScheduledAt)))
	case n.ScheduledAt.After(now):
		c.state, c.due = storage.Scheduled, millis(n.ScheduledAt)
	default:
		c.state, c.due = storage.Sending, millis(now)
		c.high, err = highestSubscription(t)
	}
	return c, err
}

// insertNotification leaves it to the caller to say what n addresses.
func insertNotification(t *tx, n storage.Notification) (key int64, err error) {
	c, err := plan(t, n, n.CreatedAt)
	if err != nil {
		return 0, err
	}
	err = t.row(`INSERT INTO notification (id, state, content, target, ttl, urgency, topic, token, warnings, created_at,
			scheduled_at, due_at, expires_at, high, repeat, time_zone, parent, everyone)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING key`,
		n.ID[:], string(c.state), c.content, c.target, n.TTL.Milliseconds(), n.Urgency, n.Topic, n.TokenKey, c.warnings,
		millis(n.CreatedAt), optional(millis(n.ScheduledAt)), c.due, optional(millis(n.ExpiresAt)), c.high,
		n.Repeat, n.TimeZone, parentOf(n), flag(n.Target.All())).Scan(&key)
	return key, err
}

func parentOf(n storage.Notification) any {
	if n.ParentID == uuid.Nil {
		return nil
	}
	return n.ParentID[:]
}

// address notes the categories that a notification's target names. It is for
// these, and not for later ones of the same names.
func address(t *tx, key int64, target storage.Target) error {
	for _, name := range target.Categories {
		_, err := t.exec(`INSERT INTO addressed (category, notification) SELECT key, ? FROM category WHERE name = ?
			ON CONFLICT DO NOTHING`, key, name)
		if err != nil {
			return err
		}
	}
	return nil
}

// highestSubscription is the end of an audience: later subscribers do not get
// what became due before them.
func highestSubscription(t *tx) (int64, error) {
	var high int64
	err := t.row(`SELECT COALESCE(max(key), 0) FROM subscription`).Scan(&high)
	return high, err
}

// Notification finds one by its id; storage.ErrNotFound.
func (s *Store) Notification(ctx context.Context, id uuid.UUID) (storage.Notification, error) {
	n, err := scanNotification(s.readRow(ctx, notificationColumns+`WHERE id = ? AND state <> 'deleted'`, id[:]))
	if err != nil {
		return storage.Notification{}, s.fail("read the notification", err)
	}
	return n, nil
}

// Cancel stops a notification that is scheduled or sending: nobody else is
// claimed for it, and its retries become due at once, so that the next claim
// ends them. What is being sent is for the engine to settle. Errors:
// storage.ErrNotFound, storage.ErrEnded. When it returns an error that is
// neither, the notification may have been stopped.
func (s *Store) Cancel(ctx context.Context, now time.Time, id uuid.UUID) (storage.Notification, error) {
	const do = "cancel the notification"
	var n storage.Notification
	err := s.write(ctx, do, func(t *tx) error {
		var key int64
		if err := t.row(`SELECT key FROM notification WHERE id = ? AND state <> 'deleted'`, id[:]).Scan(&key); err != nil {
			return err
		}
		if err := cancel(t, key, now); err != nil {
			return err
		}
		var err error
		n, err = scanNotification(t.row(notificationColumns+`WHERE key = ?`, key))
		return err
	})
	if err != nil {
		return storage.Notification{}, err
	}
	return n, s.fail(do, s.hasten(ctx, now, n.Key))
}

// hasten makes the retries of a canceled notification due, so that the next
// claims end them: in steps, because there may be as many as subscriptions. If
// this is cut short, the rest ends when it becomes due.
func (s *Store) hasten(ctx context.Context, now time.Time, key int64) error {
	// status <> 2 is said for the index of what was not sent.
	const retrying = `notification = ? AND status = 1 AND status <> 2 AND subscription > ? `
	for from, more := int64(0), true; more; {
		to := int64(math.MaxInt64)
		err := s.writer.run(ctx, false, func(t *tx) error {
			var err error
			more, err = found(t.row(`SELECT subscription FROM delivery WHERE `+retrying+`ORDER BY subscription LIMIT 1 OFFSET ?`,
				key, from, 10*pageSize-1).Scan(&to))
			if err != nil {
				return err
			}
			_, err = t.exec(`UPDATE delivery SET due_at = ? WHERE `+retrying+`AND subscription <= ? AND due_at > ?`,
				millis(now), key, from, to, millis(now))
			return err
		})
		if err != nil {
			return err
		}
		from = to
	}
	return nil
}

func cancel(t *tx, key int64, now time.Time) error {
	l, err := newLedger(t)
	if err != nil {
		return err
	}
	n, err := l.note(key)
	if err != nil {
		return err
	}
	if n.state != storage.Scheduled && n.state != storage.Sending {
		return storage.ErrEnded
	}
	n.state, n.dirty = storage.CanceledState, true
	_, err = l.close(now)
	return err
}

func scanListed(r scanner) (storage.Delivery, error) {
	var d storage.Delivery
	var subscription uuid.NullUUID
	var latency int64
	err := r.Scan(&d.Seq, &d.NotificationKey, &d.NotificationID, &d.SubscriptionKey, &subscription, &d.Label, &d.Service,
		&d.Status, &d.Event, &d.Attempts, &d.Code, &d.Error, instant{&d.At}, instant{&d.RetryAt}, instant{&d.DisplayedAt},
		instant{&d.ClickedAt}, instant{&d.ClosedAt}, &latency)
	d.SubscriptionID = subscription.UUID
	d.Latency = time.Duration(latency) * time.Millisecond
	return d, err
}
