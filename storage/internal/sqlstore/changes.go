package sqlstore

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"recado/storage"
)

// Seqs reads how far the changes of deliveries have come.
func (s *Store) Seqs(ctx context.Context) (storage.Seqs, error) {
	var q storage.Seqs
	err := s.readRow(ctx, `SELECT (SELECT value FROM counter WHERE name = 'seq'), (SELECT value FROM counter WHERE name = 'swept')`).
		Scan(&q.Latest, &q.Swept)
	return q, s.fail("read the latest seq", err)
}

// The page ends at the row that the limit falls on, or at the latest seq of all
// when there are not so many. One statement, so that both are of the same moment:
// a delivery that changes after it gets a seq beyond the page.
const selectPageEnd = `SELECT COALESCE(
	(SELECT seq FROM delivery WHERE seq > ? ORDER BY seq LIMIT 1 OFFSET ?),
	(SELECT value FROM counter WHERE name = 'seq'))`

const selectChanges = `SELECT ` + deliveryColumns + ` FROM delivery d
	WHERE seq > ? AND seq <= ? AND (? >> COALESCE(event, status)) & 1 = 1
		AND EXISTS (SELECT 1 FROM notification n WHERE n.key = d.notification AND n.state <> 'deleted'
			AND (? = 0 OR n.id = ?)
			AND (? = 0 OR n.everyone = 1 OR EXISTS (SELECT 1 FROM addressed a JOIN category c ON c.key = a.category
				WHERE a.notification = n.key AND c.name = ?)))
	ORDER BY seq`

// ChangesAfter reads how deliveries stand that have changed after seq, in the order
// of their latest changes. It looks at limit of them and returns those that the
// filter lets pass; these are all up to through. When nothing more has changed,
// through is the latest seq of all, or seq if that is higher.
func (s *Store) ChangesAfter(ctx context.Context, seq int64, f storage.ChangeFilter, limit int) (changes []storage.Change, through int64, err error) {
	const do = "read the changes of deliveries"
	if err := s.readRow(ctx, selectPageEnd, seq, limit-1).Scan(&through); err != nil {
		return nil, 0, s.fail(do, err)
	}
	if through <= seq {
		return nil, seq, nil
	}
	events := int64(f.Events)
	if events == 0 {
		events = -1
	}
	err = s.read(ctx, func(r scanner) error {
		d, err := scanDelivery(r)
		if err == nil {
			changes = append(changes, d.change())
		}
		return err
	}, selectChanges, seq, through, events,
		flag(f.Notification != uuid.Nil), f.Notification[:], flag(f.Category != ""), f.Category)
	if err != nil {
		return nil, 0, s.fail(do, err)
	}
	return changes, through, nil
}

var (
	selectNotificationNames = `SELECT key, id, content, everyone FROM notification
		WHERE key IN ` + someKeys + ` AND state <> 'deleted'`
	selectAddressedNames = `SELECT a.notification, c.name FROM addressed a JOIN category c ON c.key = a.category
		WHERE a.notification IN ` + someKeys
	selectSubscriptionNames = `SELECT key, id, label, service FROM subscription WHERE key IN ` + someKeys
	selectSubscriptionRange = `SELECT key, id, label, service FROM subscription WHERE key >= ? AND key <= ?`
)

// NotificationNames reads the names of those that there are, by their keys.
func (s *Store) NotificationNames(ctx context.Context, keys []int64) (map[int64]storage.NotificationName, error) {
	names := make(map[int64]storage.NotificationName, len(keys))
	err := eachChunk(keys, func(args []any) error {
		err := s.read(ctx, func(r scanner) error {
			var n storage.NotificationName
			var content struct{ Title string }
			err := r.Scan(&n.Key, &n.ID, asJSON{&content}, &n.Everyone)
			n.Title = content.Title
			names[n.Key] = n
			return err
		}, selectNotificationNames, args...)
		if err != nil {
			return err
		}
		return s.read(ctx, func(r scanner) error {
			var key int64
			var category string
			err := r.Scan(&key, &category)
			if n, ok := names[key]; ok {
				n.Categories = append(n.Categories, category)
				names[key] = n
			}
			return err
		}, selectAddressedNames, args...)
	})
	if err != nil {
		return nil, s.fail("read the names of notifications", err)
	}
	return names, nil
}

// SubscriptionNames reads the names of those that there are, removed ones
// included, by their keys.
func (s *Store) SubscriptionNames(ctx context.Context, keys []int64) (map[int64]storage.SubscriptionName, error) {
	names := make(map[int64]storage.SubscriptionName, len(keys))
	scan := func(r scanner) error {
		var n storage.SubscriptionName
		err := r.Scan(&n.Key, &n.ID, &n.Label, &n.Service)
		names[n.Key] = n
		return err
	}
	var err error
	if len(keys) > 0 && dense(keys) {
		err = s.read(ctx, scan, selectSubscriptionRange, slices.Min(keys), slices.Max(keys))
	} else {
		err = eachChunk(keys, func(args []any) error { return s.read(ctx, scan, selectSubscriptionNames, args...) })
	}
	if err != nil {
		return nil, s.fail("read the names of subscriptions", err)
	}
	return names, nil
}
