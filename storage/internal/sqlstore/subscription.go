package sqlstore

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

// pageSize is how many rows a long list or a long change takes at a time.
const pageSize = 500

// KnownEndpoint reports whether a subscription, living or removed, has that
// endpoint.
func (s *Store) KnownEndpoint(ctx context.Context, endpoint string) (bool, error) {
	hash := sha256.Sum256([]byte(endpoint))
	var known bool
	err := s.readRow(ctx, `SELECT EXISTS (SELECT 1 FROM subscription WHERE endpoint_hash = ?)`, hash[:]).Scan(&known)
	return known, s.fail("look an endpoint up", err)
}

// Unsubscribe removes a subscription at its browser's wish and wipes its
// endpoint and keys at once. It reports whether there was anything to remove.
func (s *Store) Unsubscribe(ctx context.Context, now time.Time, id uuid.UUID) (bool, error) {
	return s.remove(ctx, "unsubscribe", now, storage.RemovedByUser, `id = ?`, id[:])
}

// UnsubscribeEndpoint is Unsubscribe by endpoint.
func (s *Store) UnsubscribeEndpoint(ctx context.Context, now time.Time, endpoint string) (bool, error) {
	hash := sha256.Sum256([]byte(endpoint))
	return s.remove(ctx, "unsubscribe", now, storage.RemovedByUser, `endpoint_hash = ?`, hash[:])
}

// RemoveSubscription removes a subscription at the operator's wish and wipes its
// endpoint and keys at once; storage.ErrNotFound.
func (s *Store) RemoveSubscription(ctx context.Context, now time.Time, id uuid.UUID) error {
	const do = "remove the subscription"
	ok, err := s.remove(ctx, do, now, storage.RemovedByOperator, `id = ?`, id[:])
	if err == nil && !ok {
		err = s.fail(do, storage.ErrNotFound)
	}
	return err
}

// remove also takes the keys of one that is gone: it must not be restored.
func (s *Store) remove(ctx context.Context, do string, now time.Time, why storage.Removal, where string, arg any) (bool, error) {
	var n int64
	err := s.write(ctx, do, func(t *tx) (err error) {
		n, err = t.exec(`UPDATE subscription SET endpoint = NULL, p256dh = NULL, auth = NULL,
				removed_at = COALESCE(removed_at, ?), removed = ?
			WHERE `+where+` AND (removed_at IS NULL OR endpoint IS NOT NULL)`, millis(now), string(why), arg)
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
	(SELECT string_agg(c.name, char(10)) FROM member m JOIN category c ON c.key = m.category WHERE m.subscription = s.key)
	FROM `
const subscriptionTable = `subscription s LEFT JOIN vapid_key k ON k.key = s.vapid_key `

func scanSubscription(r scanner) (storage.Subscription, error) {
	var s storage.Subscription
	var endpoint, keyID, categories sql.NullString
	err := r.Scan(&s.Key, &s.ID, &endpoint, &s.P256dh, &s.Auth, instant{&s.ExpiresAt}, &s.Service, &s.Declarative,
		&keyID, &s.Label, &s.User, &s.UserAgent, instant{&s.CreatedAt}, instant{&s.SeenAt}, instant{&s.RemovedAt},
		&s.Removed, &categories)
	s.Endpoint, s.KeyID = endpoint.String, keyID.String
	if categories.Valid {
		s.Categories = strings.Split(categories.String, "\n")
		slices.Sort(s.Categories)
	}
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

// EachSubscription calls fn for every subscription that the filter lets pass, in
// order of Key, until fn fails; it returns fn's error. fn may use the Store: no
// transaction is open while it runs.
func (s *Store) EachSubscription(ctx context.Context, f storage.SubscriptionFilter, fn func(storage.Subscription) error) error {
	query, args := listQuery(f)
	page := make([]storage.Subscription, 0, pageSize)
	for after := int64(0); ; after = page[pageSize-1].Key {
		page = page[:0]
		err := s.read(ctx, func(r scanner) error {
			sub, err := scanSubscription(r)
			page = append(page, sub)
			return err
		}, query, append(slices.Clone(args), after, pageSize)...)
		if err != nil {
			return s.fail("list the subscriptions", err)
		}
		for _, sub := range page {
			if err := fn(sub); err != nil {
				return err
			}
		}
		if len(page) < pageSize {
			return nil
		}
	}
}

// listQuery is the statement for one page; the last key seen and the length of
// the page come after its arguments.
func listQuery(f storage.SubscriptionFilter) (query string, args []any) {
	var q strings.Builder
	q.WriteString(subscriptionColumns)
	key := `s.key` // of the index that the page is read from
	if f.Category != "" {
		key = `m.subscription`
		q.WriteString(`category c JOIN member m ON m.category = c.key JOIN subscription s ON s.key = m.subscription
			LEFT JOIN vapid_key k ON k.key = s.vapid_key WHERE c.name = ? AND `)
		args = append(args, f.Category)
	} else {
		q.WriteString(subscriptionTable + `WHERE `)
	}
	if f.Removed {
		q.WriteString(`s.removed_at IS NOT NULL`)
	} else {
		q.WriteString(`s.removed_at IS NULL`)
	}
	if f.User != "" {
		q.WriteString(` AND s.user_name = ? AND s.user_name <> ''`)
		args = append(args, f.User)
	}
	if f.Service != "" {
		q.WriteString(` AND s.service = ?`)
		args = append(args, f.Service)
	}
	q.WriteString(` AND ` + key + ` > ? ORDER BY ` + key + ` LIMIT ?`)
	return q.String(), args
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
