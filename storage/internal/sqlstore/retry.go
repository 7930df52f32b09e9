package sqlstore

import (
	"cmp"

	"recado/storage"
)

// retry is a due retry with its recipient; alive is false when the subscription
// has ended.
type retry struct {
	old   delivery
	to    storage.Recipient
	alive bool
}

// retries claims due retries: when fresh ranges wait too, up to half the room.
func (c *claimer) retries(others bool) error {
	keep, limit := 0, c.budget
	if others {
		// Of an odd room the one goes to either, so that room for one starves
		// neither.
		keep = (c.room + int(c.seq&1)) / 2
		limit = c.budget / 2
	}
	if c.room == keep {
		return nil
	}
	limit = min(limit, max(2*(c.room-keep), claimAtLeast))
	due, err := c.dueRetries(limit)
	if err != nil {
		return err
	}
	for i := range due {
		if c.room <= keep {
			return nil
		}
		if err := c.retry(&due[i]); err != nil {
			return err
		}
	}
	return nil
}

func (c *claimer) dueRetries(limit int) ([]retry, error) {
	var due []retry
	err := c.each(func(row scanner) error {
		var r retry
		var key, vapidKey, since int64
		var endpoint, service *string
		var declarative *bool
		err := row.Scan(&r.old.seq, &r.old.notification, &r.old.subscription, &r.old.attempts,
			number{&key}, &r.to.ID, &endpoint, &r.to.P256dh, &r.to.Auth, number{&vapidKey}, &service, &declarative,
			number{&since})
		if r.alive = err == nil && key != 0; r.alive {
			r.to.Key, r.to.Endpoint, r.to.KeyID = key, *endpoint, c.audience.keyIDs[vapidKey]
			r.to.Service, r.to.Declarative, r.to.Since = *service, *declarative, fromMillis(since)
		}
		due = append(due, r)
		return err
	}, `SELECT d.seq, d.notification, d.subscription, d.attempts, `+recipientColumns+` FROM delivery d
		LEFT JOIN subscription s ON s.key = d.subscription AND s.removed_at IS NULL
		WHERE d.status = 1 AND d.due_at <= ? ORDER BY d.due_at LIMIT ?`, c.now, limit)
	return due, err
}

func (c *claimer) retry(r *retry) error {
	c.budget--
	w, err := c.work(r.old.notification)
	if err != nil {
		return err
	}
	if w == nil {
		_, err := c.exec(`DELETE FROM delivery WHERE seq = ?`, r.old.seq)
		return err
	}
	o := c.verdict(w, r.to.Service, r.alive, r.old.attempts)
	switch o.Event {
	case 0:
		c.room--
		c.out.Attempts = append(c.out.Attempts, storage.Attempt{
			Notification: &w.Notification, Subscription: r.to, Attempts: r.old.attempts,
		})
		// No due time: an attempt is under way.
		_, err = c.exec(`UPDATE delivery SET due_at = NULL WHERE seq = ?`, r.old.seq)
	case storage.EventRetrying:
		// It was retrying and still is: nothing to tell anyone.
		_, err = c.exec(`UPDATE delivery SET due_at = ? WHERE seq = ?`, millis(o.RetryAt), r.old.seq)
	default:
		o.SubscriptionKey, o.Attempts = r.old.subscription, r.old.attempts
		err = c.end(r.old.notification, o)
	}
	return err
}

// end gives a delivery that has a row its last outcome.
func (c *claimer) end(notification int64, o storage.Outcome) error {
	if err := c.flush(); err != nil {
		return err
	}
	old, err := c.delivery(notification, o.SubscriptionKey)
	if err != nil {
		return err
	}
	if old != nil {
		o.Code = cmp.Or(o.Code, old.code)
		o.Error = cmp.Or(o.Error, old.error)
	}
	return c.merge(old, o)
}
