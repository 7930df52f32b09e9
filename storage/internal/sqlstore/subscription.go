package sqlstore

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

// pageSize is how many rows a long list or a long change takes at a time.
const pageSize = 500

// KnownEndpoint reports whether a subscription has that endpoint: a living one,
// or one that is gone or left by itself. Whom the operator removed is not known
// any more.
func (s *Store) KnownEndpoint(ctx context.Context, endpoint string) (bool, error) {
	hash := sha256.Sum256([]byte(endpoint))
	var known bool
	err := s.readRow(ctx, `SELECT EXISTS (SELECT 1 FROM subscription WHERE endpoint_hash = ? AND removed <> ?)`,
		hash[:], string(storage.RemovedByOperator)).Scan(&known)
	return known, s.fail("look an endpoint up", err)
}

// Unsubscribe removes a subscription at its browser's wish and wipes its
// endpoint and keys at once. It reports whether there was anything to remove.
func (s *Store) Unsubscribe(ctx context.Context, now time.Time, id uuid.UUID) (bool, error) {
	return s.remove(ctx, now, `id = ?`, id[:])
}

// UnsubscribeEndpoint is Unsubscribe by endpoint.
func (s *Store) UnsubscribeEndpoint(ctx context.Context, now time.Time, endpoint string) (bool, error) {
	hash := sha256.Sum256([]byte(endpoint))
	return s.remove(ctx, now, `endpoint_hash = ?`, hash[:])
}

// RemoveSubscription removes a subscription at the operator's wish, with its
// endpoint, keys, user and categories; also one that is gone or has left, so
// that it is known no longer. storage.ErrNotFound when it is removed already.
func (s *Store) RemoveSubscription(ctx context.Context, now time.Time, id uuid.UUID) error {
	return s.write(ctx, "remove the subscription", func(t *tx) error {
		var key int64
		err := t.row(`UPDATE subscription SET endpoint = NULL, p256dh = NULL, auth = NULL, user_name = '',
				removed_at = COALESCE(removed_at, ?), removed = ?
			WHERE id = ? AND removed <> ? RETURNING key`,
			millis(now), string(storage.RemovedByOperator), id[:], string(storage.RemovedByOperator)).Scan(&key)
		if err != nil {
			return err
		}
		_, err = t.exec(`DELETE FROM member WHERE subscription = ?`, key)
		return err
	})
}

// remove also takes the keys of one that is gone: it must not be restored.
func (s *Store) remove(ctx context.Context, now time.Time, where string, arg any) (bool, error) {
	var n int64
	err := s.write(ctx, "unsubscribe", func(t *tx) (err error) {
		n, err = t.exec(`UPDATE subscription SET endpoint = NULL, p256dh = NULL, auth = NULL,
				removed_at = COALESCE(removed_at, ?), removed = ?
			WHERE `+where+` AND (removed_at IS NULL OR endpoint IS NOT NULL)`, millis(now), string(storage.RemovedByUser), arg)
		return err
	})
	return n > 0, err
}

// RestoreSubscriptions brings subscriptions back to life that a push service
// called gone at or after since: those of one service, or of any. It returns
// how many; after an error some may have been restored.
func (s *Store) RestoreSubscriptions(ctx context.Context, now time.Time, service string, since time.Time) (int, error) {
	total := 0
	for {
		var n int64
		err := s.write(ctx, "restore subscriptions", func(t *tx) (err error) {
			n, err = t.exec(`UPDATE subscription SET removed_at = NULL, removed = '', changed_at = ? WHERE key IN (
					SELECT key FROM subscription WHERE removed_at IS NOT NULL AND endpoint IS NOT NULL
						AND removed_at >= ? AND removed = ? AND vapid_key IS NOT NULL AND (? = '' OR service = ?) LIMIT ?)`,
				millis(now), millis(since), string(storage.RemovedGone), service, service, pageSize)
			return err
		})
		total += int(n)
		if err != nil || n < pageSize {
			return total, err
		}
	}
}

// The categories come as one text, so that a page is one statement.
const subscriptionColumns = `SELECT s.key, s.id, s.endpoint, s.p256dh, s.auth, s.expires_at, s.service, s.declarative,
	k.id, s.label, s.user_name, s.user_agent, s.created_at, s.seen_at, s.removed_at, s.removed,
	(SELECT string_agg(c.name, char(10)) FROM member m JOIN category c ON c.key = m.category WHERE m.subscription = s.key),
	y.last_sent_at, y.last_displayed_at, y.failures
	FROM `
const (
	subscriptionJoins = `LEFT JOIN vapid_key k ON k.key = s.vapid_key LEFT JOIN activity y ON y.subscription = s.key `
	subscriptionTable = `subscription s ` + subscriptionJoins
)

func scanSubscription(r scanner) (storage.Subscription, error) {
	var s storage.Subscription
	var endpoint, keyID, categories sql.NullString
	var failures int64
	err := r.Scan(&s.Key, &s.ID, &endpoint, &s.P256dh, &s.Auth, instant{&s.ExpiresAt}, &s.Service, &s.Declarative,
		&keyID, &s.Label, &s.User, &s.UserAgent, instant{&s.CreatedAt}, instant{&s.SeenAt}, instant{&s.RemovedAt},
		&s.Removed, &categories, instant{&s.LastSentAt}, instant{&s.LastDisplayedAt}, number{&failures})
	s.Endpoint, s.KeyID, s.Failures = endpoint.String, keyID.String, int(failures)
	s.Categories = splitNames(categories)
	return s, err
}

// Subscription finds one by its public id, removed or not; storage.ErrNotFound.
func (s *Store) Subscription(ctx context.Context, id uuid.UUID) (storage.Subscription, error) {
	sub, err := scanSubscription(s.readRow(ctx, subscriptionColumns+subscriptionTable+`WHERE s.id = ?`, id[:]))
	if err != nil {
		return storage.Subscription{}, s.fail("read the subscription", err)
	}
	return sub, nil
}

// CountSubscriptions counts the living ones.
func (s *Store) CountSubscriptions(ctx context.Context) (int, error) {
	var n int
	err := s.readRow(ctx, `SELECT count(*) FROM subscription WHERE removed_at IS NULL`).Scan(&n)
	return n, s.fail("count the subscriptions", err)
}

// HasDeclarative reports whether a living subscription takes Declarative Web
// Push.
func (s *Store) HasDeclarative(ctx context.Context) (bool, error) {
	var has bool
	err := s.readRow(ctx, `SELECT EXISTS (SELECT 1 FROM subscription WHERE declarative = 1 AND removed_at IS NULL)`).Scan(&has)
	return has, s.fail("look for declarative subscriptions", err)
}
