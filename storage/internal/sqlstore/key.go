package sqlstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"recado/storage"
)

// Keys lists the VAPID keys, newest first, each with the number of living
// subscriptions bound to it.
func (s *Store) Keys(ctx context.Context) ([]storage.VAPIDKey, error) {
	var keys []storage.VAPIDKey
	err := s.read(ctx, func(r scanner) error {
		var k storage.VAPIDKey
		err := r.Scan(&k.ID, &k.Public, &k.Private, instant{&k.CreatedAt}, &k.Subscriptions)
		keys = append(keys, k)
		return err
	}, `SELECT id, public, private, created_at,
			(SELECT count(*) FROM subscription s WHERE s.vapid_key = k.key AND s.removed_at IS NULL)
		FROM vapid_key k ORDER BY key DESC`)
	return keys, s.fail("list the VAPID keys", err)
}

// NewestKey is the key that was added last, without its Subscriptions;
// storage.ErrNoKey when there is none.
func (s *Store) NewestKey(ctx context.Context) (storage.VAPIDKey, error) {
	var k storage.VAPIDKey
	err := s.readRow(ctx, `SELECT id, public, private, created_at FROM vapid_key ORDER BY key DESC LIMIT 1`).
		Scan(&k.ID, &k.Public, &k.Private, instant{&k.CreatedAt})
	if ok, err := found(err); err != nil || !ok {
		if err == nil {
			err = storage.ErrNoKey
		}
		return storage.VAPIDKey{}, s.fail("read the newest VAPID key", err)
	}
	return k, nil
}

// AddKey adds a key, which is the newest from then on, and by its CreatedAt too,
// which is moved on when the clock was behind; storage.ErrExists when its id is
// there already.
func (s *Store) AddKey(ctx context.Context, k storage.VAPIDKey) error {
	return s.write(ctx, "add a VAPID key", func(t *tx) error {
		_, err := t.exec(`INSERT INTO vapid_key (id, public, private, created_at)
			SELECT ?, ?, ?, max(?, COALESCE(max(created_at) + 1, 0)) FROM vapid_key`,
			k.ID, k.Public, k.Private, millis(k.CreatedAt))
		return err
	})
}

// RetireKey deletes a key; storage.ErrNotFound, or storage.ErrInUse when a
// living subscription is bound to it. Gone subscriptions that were bound to it
// can no longer be restored.
func (s *Store) RetireKey(ctx context.Context, id string) error {
	return s.write(ctx, "retire the VAPID key", func(t *tx) error {
		var key int64
		var used bool
		err := t.row(`SELECT key, EXISTS (SELECT 1 FROM subscription WHERE vapid_key = vapid_key.key AND removed_at IS NULL)
			FROM vapid_key WHERE id = ?`, id).Scan(&key, &used)
		if err != nil {
			return err
		}
		if used {
			return storage.ErrInUse
		}
		_, err = t.exec(`DELETE FROM vapid_key WHERE key = ?`, key)
		return err
	})
}

// Secret is n random octets of that name: made when it is first asked for, the
// same ever after, also for other processes.
func (s *Store) Secret(ctx context.Context, name string, n int) ([]byte, error) {
	const query = `SELECT value FROM secret WHERE name = ?`
	do := fmt.Sprintf("read the secret %q", name)
	var value []byte
	ok, err := found(s.readRow(ctx, query, name).Scan(&value))
	if err == nil && !ok {
		made := make([]byte, n)
		rand.Read(made) // never fails
		err = s.writer.run(ctx, false, func(t *tx) error {
			_, err := t.exec(`INSERT INTO secret (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING`, name, made)
			return errors.Join(err, t.row(query, name).Scan(&value))
		})
	}
	if err == nil && len(value) != n {
		err = fmt.Errorf("it has %d octets instead of %d", len(value), n)
	}
	return value, s.fail(do, err)
}
