package sqlstore

import (
	"context"
	"time"

	"recado/storage"
)

// Settle stores outcomes and receipts, in one transaction, and returns what they
// changed. An error means that none was stored: the same batch may be given
// again, and if it was stored nevertheless nothing happens twice. Outcomes of
// unknown notifications are ignored, and retrying becomes canceled when the
// notification has been. About 500 at a time are best.
func (s *Store) Settle(ctx context.Context, outcomes []storage.Outcome) (storage.Settled, error) {
	var settled storage.Settled
	if len(outcomes) == 0 {
		return settled, nil
	}
	err := s.write(ctx, "settle deliveries", func(t *tx) error {
		l, err := newLedger(t)
		if err != nil {
			return err
		}
		l.changes = make([]storage.Change, 0, len(outcomes))
		for i := range outcomes {
			if err := l.settle(&outcomes[i]); err != nil {
				return err
			}
		}
		settled, err = l.close(time.Time{})
		return err
	})
	if err != nil {
		return storage.Settled{}, err
	}
	return settled, nil
}

func (l *ledger) settle(o *storage.Outcome) error {
	n, err := l.note(o.NotificationKey)
	if err != nil || n.missing {
		return err
	}
	if o.Event == storage.EventRetrying && n.state == storage.CanceledState {
		// It was under way when the notification was canceled.
		ended := *o
		ended.Event, ended.RetryAt = storage.EventCanceled, time.Time{}
		o = &ended
	}
	if o.Event == storage.EventGone || o.KeyID != "" {
		if err := l.settleSubscription(o); err != nil {
			return err
		}
	}
	if o.Lease != 0 && o.Event < storage.EventDisplayed && n.counts.Pending > 0 {
		return l.first(*o)
	}
	// What came before it in the batch comes first.
	if err := l.flush(); err != nil {
		return err
	}
	old, err := l.delivery(o.NotificationKey, o.SubscriptionKey)
	if err != nil {
		return err
	}
	return l.merge(old, *o)
}

// settleSubscription applies what the push service said of the subscription
// itself, unless that has got another endpoint or other keys meanwhile: then
// the answer was about the old ones.
func (l *ledger) settleSubscription(o *storage.Outcome) error {
	from, to := millis(o.Since), millis(o.Since)
	if o.Since.IsZero() {
		from, to = 0, millis(o.At.Add(-o.Latency))
	}
	if o.KeyID != "" {
		_, err := l.exec(`UPDATE subscription SET vapid_key = (SELECT key FROM vapid_key WHERE id = ?)
			WHERE key = ? AND changed_at >= ? AND changed_at <= ? AND EXISTS (SELECT 1 FROM vapid_key WHERE id = ?)`,
			o.KeyID, o.SubscriptionKey, from, to, o.KeyID)
		if err != nil {
			return err
		}
	}
	if o.Event != storage.EventGone {
		return nil
	}
	_, err := l.exec(`UPDATE subscription SET removed_at = ?, removed = ?
		WHERE key = ? AND removed_at IS NULL AND changed_at >= ? AND changed_at <= ?`,
		millis(o.At), string(storage.RemovedGone), o.SubscriptionKey, from, to)
	return err
}
