package sqlstore

import (
	"context"
	"slices"
	"time"

	"recado/storage"
)

// Clean takes one small step of what retention asks for, at most 500 rows, and
// reports whether there may be more to do.
func (s *Store) Clean(ctx context.Context, now time.Time, keep storage.Retention) (more bool, err error) {
	steps := []func(*tx) (int64, error){
		func(t *tx) (int64, error) { return wipeKeys(t, now.Add(-keep.Keys)) },
		removeDeleted,
		func(t *tx) (int64, error) {
			return sweepDeliveries(t, now.Add(-min(keep.Deliveries, keep.Notifications)))
		},
		func(t *tx) (int64, error) { return deleteNotifications(t, now.Add(-keep.Notifications)) },
		func(t *tx) (int64, error) { return purgeSubscriptions(t, now.Add(-keep.Deliveries-keep.Keys)) },
		func(t *tx) (int64, error) { return forgetIdempotency(t, now.Add(-idempotencyAge)) },
		func(t *tx) (int64, error) { return forgetSessions(t, now.Add(-keep.Sessions)) },
		func(t *tx) (int64, error) { return forgetTallies(t, minuteSpan, now.Add(-2*time.Hour)) },
		func(t *tx) (int64, error) { return forgetTallies(t, hourSpan, now.Add(-8*24*time.Hour)) },
		digest, // the last: while much is sent there is always more
	}
	err = s.relaxed(ctx, "clean up", func(t *tx) error {
		for _, step := range steps {
			n, err := step(t)
			if err != nil {
				return err
			}
			if n > 0 {
				more = true
				return nil
			}
		}
		return nil
	})
	return more && err == nil, err
}

// wipeKeys ends the time in which gone subscriptions can be restored.
func wipeKeys(t *tx, before time.Time) (int64, error) {
	return t.exec(`UPDATE subscription SET endpoint = NULL, p256dh = NULL, auth = NULL WHERE key IN (
			SELECT key FROM subscription WHERE removed_at IS NOT NULL AND endpoint IS NOT NULL AND removed_at < ? LIMIT ?)`,
		millis(before), pageSize)
}

// sweepDeliveries deletes deliveries of a notification that ended before, and
// notes their highest seq. Its counts stay.
func sweepDeliveries(t *tx, before time.Time) (int64, error) {
	var key int64
	ok, err := found(t.row(`SELECT key FROM notification WHERE swept = 0 AND due_at < ? AND finished_at < ? ORDER BY due_at LIMIT 1`,
		millis(before), millis(before)).Scan(&key))
	if err != nil || !ok {
		return 0, err
	}
	taken, err := t.keys(`DELETE FROM delivery WHERE seq IN (SELECT seq FROM delivery WHERE notification = ? LIMIT ?) RETURNING seq`,
		key, pageSize)
	if err != nil {
		return 0, err
	}
	if len(taken) > 0 {
		highest := slices.Max(taken)
		if _, err := t.exec(`UPDATE counter SET value = ? WHERE name = 'swept' AND value < ?`, highest, highest); err != nil {
			return 0, err
		}
	}
	if len(taken) == pageSize {
		return pageSize, nil
	}
	return t.exec(`UPDATE notification SET swept = 1 WHERE key = ?`, key)
}

func deleteNotifications(t *tx, before time.Time) (int64, error) {
	return t.exec(`DELETE FROM notification WHERE key IN (
			SELECT key FROM notification WHERE swept = 1 AND finished_at < ? LIMIT ?)`, millis(before), pageSize)
}

// purgeSubscriptions deletes wiped tombstones that no delivery can name: an
// audience is read after its notification is due and holds only the living, so
// it is enough that every notification that still has deliveries became due
// after the removal.
func purgeSubscriptions(t *tx, before time.Time) (int64, error) {
	limit := millis(before)
	var oldest int64
	err := t.row(`SELECT min(due_at) FROM notification WHERE swept = 0 AND state <> 'scheduled'`).Scan(number{&oldest})
	if err != nil {
		return 0, err
	}
	if oldest != 0 {
		limit = min(limit, oldest)
	}
	const purged = ` IN (SELECT key FROM subscription WHERE removed_at IS NOT NULL AND endpoint IS NULL AND removed_at < ?
		ORDER BY removed_at LIMIT ?)`
	if _, err := t.exec(`DELETE FROM activity WHERE subscription`+purged, limit, pageSize); err != nil {
		return 0, err
	}
	return t.exec(`DELETE FROM subscription WHERE key`+purged, limit, pageSize)
}

func forgetIdempotency(t *tx, before time.Time) (int64, error) {
	return t.exec(`DELETE FROM idempotency WHERE (token, key) IN (
			SELECT token, key FROM idempotency WHERE created_at < ? LIMIT ?)`, millis(before), pageSize)
}
