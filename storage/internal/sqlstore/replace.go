package sqlstore

import (
	"context"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

// Replace gives a notification that is still scheduled another content, target
// and time; n.ID names it. It keeps its Key, CreatedAt and TokenKey, and is sent
// at once when it is not to be scheduled any more, as Accept has it. A run that
// a repeating one has made is never made again. Errors: storage.ErrNotFound;
// storage.ErrEnded when it is no longer scheduled; *storage.UnknownCategoryError.
func (s *Store) Replace(ctx context.Context, now time.Time, n storage.Notification) (storage.Notification, error) {
	var replaced storage.Notification
	err := s.write(ctx, "replace the notification", func(t *tx) error {
		key, state, err := findNotification(t, n.ID)
		if err != nil {
			return err
		}
		if state != storage.Scheduled {
			return storage.ErrEnded
		}
		if err := categoriesExist(t, n.Target.Categories); err != nil {
			return err
		}
		if err := rewrite(t, key, n, now); err != nil {
			return err
		}
		replaced, err = scanNotification(t.row(notificationColumns+`WHERE key = ?`, key))
		return err
	})
	if err != nil {
		return storage.Notification{}, err
	}
	return replaced, nil
}

func findNotification(t *tx, id uuid.UUID) (key int64, state storage.State, err error) {
	err = t.row(`SELECT key, state FROM notification WHERE id = ? AND state <> 'deleted'`, id[:]).Scan(&key, &state)
	return key, state, err
}

func rewrite(t *tx, key int64, n storage.Notification, now time.Time) error {
	c, err := plan(t, n, now)
	if err != nil {
		return err
	}
	_, err = t.exec(`UPDATE notification SET state = ?, content = ?, target = ?, ttl = ?, urgency = ?, topic = ?, warnings = ?,
			scheduled_at = ?, due_at = ?, expires_at = ?, high = ?, repeat = ?, time_zone = ?, everyone = ? WHERE key = ?`,
		string(c.state), c.content, c.target, n.TTL.Milliseconds(), n.Urgency, n.Topic, c.warnings,
		optional(millis(n.ScheduledAt)), c.due, optional(millis(n.ExpiresAt)), c.high, n.Repeat, n.TimeZone,
		flag(n.Target.All()), key)
	if err != nil {
		return err
	}
	if _, err := t.exec(`DELETE FROM addressed WHERE notification = ?`, key); err != nil {
		return err
	}
	return address(t, key, n.Target)
}

// Delete removes a notification with its deliveries; storage.ErrNotFound.
// Nobody sees it from then on, nobody else is claimed for it, and outcomes that
// still come are ignored; Clean removes its rows. The runs of a repeating one
// stay. The engine wants to know the key of what it may be sending.
func (s *Store) Delete(ctx context.Context, now time.Time, id uuid.UUID) (key int64, err error) {
	err = s.write(ctx, "delete the notification", func(t *tx) (err error) {
		if key, _, err = findNotification(t, id); err != nil {
			return err
		}
		_, err = t.exec(`UPDATE notification SET state = 'deleted', finished_at = COALESCE(finished_at, ?) WHERE key = ?`,
			millis(now), key)
		return err
	})
	if err != nil {
		return 0, err
	}
	return key, nil
}

// removeDeleted removes deliveries of a deleted notification, and with the last
// of them itself.
func removeDeleted(t *tx) (int64, error) {
	var key int64
	ok, err := found(t.row(`SELECT key FROM notification WHERE state = 'deleted' LIMIT 1`).Scan(&key))
	if err != nil || !ok {
		return 0, err
	}
	n, err := t.exec(`DELETE FROM delivery WHERE seq IN (SELECT seq FROM delivery WHERE notification = ? LIMIT ?)`, key, pageSize)
	if err != nil || n == pageSize {
		return n, err
	}
	if _, err := t.exec(`DELETE FROM lease WHERE notification = ?`, key); err != nil {
		return 0, err
	}
	return t.exec(`DELETE FROM notification WHERE key = ?`, key)
}
