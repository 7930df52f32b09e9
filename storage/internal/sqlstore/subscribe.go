package sqlstore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

// Subscribe stores a subscription and returns its public id. The same endpoint
// again answers the same id; a tombstone comes back to life with its id and
// Key. Whom the operator removed keeps no more than that. Errors: *storage.UnknownCategoryError, storage.ErrNoKey,
// storage.ErrInvite, storage.ErrExists when the ID belongs to another endpoint.
func (s *Store) Subscribe(ctx context.Context, now time.Time, w storage.Subscribe) (uuid.UUID, error) {
	var id uuid.UUID
	err := s.write(ctx, "subscribe", func(t *tx) (err error) {
		id, _, err = (&subscriber{tx: t, now: millis(now)}).put(w)
		return err
	})
	if err != nil {
		return uuid.Nil, err
	}
	return id, nil
}

// ImportSubscriptions is Subscribe for each of a batch, in one transaction. A
// refused one is told in its Imported; an error means that none was stored.
func (s *Store) ImportSubscriptions(ctx context.Context, now time.Time, batch []storage.Subscribe) ([]storage.Imported, error) {
	var imported []storage.Imported
	err := s.write(ctx, "import subscriptions", func(t *tx) error {
		imported = make([]storage.Imported, len(batch))
		sub := &subscriber{tx: t, now: millis(now)}
		for i, w := range batch {
			id, updated, err := sub.put(w)
			if err != nil && !refused(err) {
				return err
			}
			imported[i] = storage.Imported{ID: id, Updated: updated, Err: err}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return imported, nil
}

// refused tells a wish that cannot be granted from a storage that fails. put
// returns such an error before it has written anything.
func refused(err error) bool {
	var unknown *storage.UnknownCategoryError
	return errors.As(err, &unknown) || errors.Is(err, storage.ErrExists) || errors.Is(err, storage.ErrNoKey) ||
		errors.Is(err, storage.ErrInvite)
}

// subscriber stores subscriptions in one transaction, and remembers the
// categories and keys that it has looked up there.
type subscriber struct {
	*tx
	now        int64
	categories map[string]int64
	keys       map[string]int64
}

// row is what a stored subscription contributes to its next form.
type row struct {
	key          int64
	id           uuid.UUID
	endpoint     sql.NullString
	p256dh, auth []byte
	vapidKey     sql.NullInt64
	declarative  bool
	label, user  string
	userAgent    string
	removed      bool
	why          storage.Removal
}

const rowColumns = `SELECT key, id, endpoint, p256dh, auth, vapid_key, declarative, label, user_name, user_agent,
	removed_at IS NOT NULL, removed FROM subscription `

func scanRow(s scanner) (*row, error) {
	var r row
	ok, err := found(s.Scan(&r.key, &r.id, &r.endpoint, &r.p256dh, &r.auth, &r.vapidKey, &r.declarative,
		&r.label, &r.user, &r.userAgent, &r.removed, &r.why))
	if err != nil || !ok {
		return nil, err
	}
	return &r, nil
}

func (b *subscriber) byEndpoint(endpoint string) (*row, error) {
	hash := sha256.Sum256([]byte(endpoint))
	return scanRow(b.row(rowColumns+`WHERE endpoint_hash = ?`, hash[:]))
}

// replaced finds the subscription that Replaces names, by id or by endpoint.
func (b *subscriber) replaced(name string) (*row, error) {
	if name == "" {
		return nil, nil
	}
	var r *row
	id, err := uuid.Parse(name)
	if err == nil {
		r, err = scanRow(b.row(rowColumns+`WHERE id = ?`, id[:]))
	} else {
		r, err = b.byEndpoint(name)
	}
	if err != nil || r.stranger() {
		return nil, err // the place of whom the operator removed is nobody's
	}
	return r, nil
}

// stranger: nobody, or somebody whom the operator removed.
func (r *row) stranger() bool { return r == nil || r.why == storage.RemovedByOperator }

func (b *subscriber) put(w storage.Subscribe) (id uuid.UUID, updated bool, err error) {
	stored, err := b.byEndpoint(w.Endpoint)
	if err != nil {
		return uuid.Nil, false, err
	}
	old, err := b.replaced(w.Replaces)
	if err != nil {
		return uuid.Nil, false, err
	}
	known := stored
	if stored.stranger() {
		known = nil
	}
	own := w.Categories != nil // an invite's are joined beside those that a device has
	invite, given, err := b.invited(&w)
	if err != nil {
		return uuid.Nil, false, err
	}
	categories, err := b.categoryKeys(w.Categories)
	if err != nil {
		return uuid.Nil, false, err
	}
	vapidKey, err := b.vapidKey(w.KeyID, known)
	if err != nil {
		return uuid.Nil, false, err
	}
	switch {
	case old != nil:
		if stored != nil && stored.key != old.key {
			// Two rows become one: the browser must not get everything twice.
			if err := b.giveUpEndpoint(stored); err != nil {
				return uuid.Nil, false, err
			}
		}
	case known != nil:
		old = known
	case stored != nil && w.ID == stored.id:
		// An import of what the operator had removed: the same row and id, and
		// nothing else of what it was.
		old, own = stored, true
		old.label, old.user, old.userAgent, old.declarative = "", "", "", false
	default:
		if stored != nil { // a stranger gets an id that nobody knows yet
			if err := b.giveUpEndpoint(stored); err != nil {
				return uuid.Nil, false, err
			}
		}
		id, err := b.insert(w, vapidKey, categories)
		if err != nil {
			return uuid.Nil, false, err
		}
		return id, false, b.useUp(invite)
	}
	uses := known == nil // to sync again takes none, unless it brings something new
	if !uses {
		if uses, err = b.grants(given, old, categories); err != nil {
			return uuid.Nil, false, err
		}
	}
	if uses {
		if err := b.useUp(invite); err != nil {
			return uuid.Nil, false, err
		}
	}
	if err := b.update(old, w, vapidKey); err != nil {
		return uuid.Nil, false, err
	}
	return old.id, known != nil, b.join(old.key, categories, own)
}

func (b *subscriber) insert(w storage.Subscribe, vapidKey int64, categories []int64) (uuid.UUID, error) {
	id := w.ID
	if id == uuid.Nil {
		var err error
		if id, err = uuid.NewRandom(); err != nil {
			return uuid.Nil, err
		}
	} else {
		var taken bool
		if err := b.row(`SELECT EXISTS (SELECT 1 FROM subscription WHERE id = ?)`, id[:]).Scan(&taken); err != nil {
			return uuid.Nil, err
		}
		if taken {
			return uuid.Nil, storage.ErrExists
		}
	}
	hash := sha256.Sum256([]byte(w.Endpoint))
	_, err := b.exec(`INSERT INTO subscription (id, endpoint, endpoint_hash, p256dh, auth, expires_at, service,
			declarative, vapid_key, label, user_name, user_agent, created_at, seen_at, changed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id[:], w.Endpoint, hash[:], w.P256dh, w.Auth, optional(millis(w.ExpiresAt)), w.Service,
		flag(given(w.Declarative, false)), vapidKey, given(w.Label, ""), given(w.User, ""), w.UserAgent,
		b.now, b.now, b.now)
	if err != nil || len(categories) == 0 {
		return id, err
	}
	// Asked only now, as RETURNING would cost every import of thousands.
	var key int64
	if err := b.row(`SELECT key FROM subscription WHERE id = ?`, id[:]).Scan(&key); err != nil {
		return uuid.Nil, err
	}
	return id, b.join(key, categories, false)
}

func given[T any](p *T, otherwise T) T {
	if p != nil {
		return *p
	}
	return otherwise
}

// update gives a stored subscription what w says, and life if it had none.
func (b *subscriber) update(r *row, w storage.Subscribe, vapidKey int64) error {
	if w.UserAgent != "" {
		r.userAgent = w.UserAgent
	}
	hash := sha256.Sum256([]byte(w.Endpoint))
	same := !r.removed && r.endpoint.String == w.Endpoint && bytes.Equal(r.p256dh, w.P256dh) && bytes.Equal(r.auth, w.Auth)
	_, err := b.exec(`UPDATE subscription SET endpoint = ?, endpoint_hash = ?, p256dh = ?, auth = ?, expires_at = ?,
			service = ?, declarative = ?, vapid_key = ?, label = ?, user_name = ?, user_agent = ?, seen_at = ?,
			changed_at = CASE WHEN ? THEN changed_at ELSE ? END, removed_at = NULL, removed = '' WHERE key = ?`,
		w.Endpoint, hash[:], w.P256dh, w.Auth, optional(millis(w.ExpiresAt)),
		w.Service, flag(given(w.Declarative, r.declarative)), vapidKey, given(w.Label, r.label), given(w.User, r.user),
		r.userAgent, b.now, same, b.now, r.key)
	return err
}

// giveUpEndpoint takes a subscription out of the audience because another one
// takes over its endpoint.
func (b *subscriber) giveUpEndpoint(r *row) error {
	why := storage.RemovedByUser
	if r.stranger() {
		why = r.why
	}
	_, err := b.exec(`UPDATE subscription SET endpoint = NULL, endpoint_hash = NULL, p256dh = NULL, auth = NULL,
			removed_at = COALESCE(removed_at, ?), removed = ? WHERE key = ?`,
		b.now, string(why), r.key)
	return err
}

// join makes the categories those of a subscription, or adds them to it.
func (b *subscriber) join(subscription int64, categories []int64, replace bool) error {
	if replace {
		if _, err := b.exec(`DELETE FROM member WHERE subscription = ?`, subscription); err != nil {
			return err
		}
	}
	for _, c := range categories {
		if _, err := b.exec(`INSERT INTO member (category, subscription) VALUES (?, ?) ON CONFLICT DO NOTHING`, c, subscription); err != nil {
			return err
		}
	}
	return nil
}

func (b *subscriber) categoryKeys(names *[]string) ([]int64, error) {
	if names == nil {
		return nil, nil
	}
	var keys []int64
	for _, name := range *names {
		key, ok := b.categories[name]
		if !ok {
			var err error
			if key, err = categoryKey(b.tx, name); err != nil {
				return nil, err
			}
			if b.categories == nil {
				b.categories = make(map[string]int64)
			}
			b.categories[name] = key
		}
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// vapidKey is the key of the VAPID key to bind to: the one named, that of the
// known endpoint, or the newest.
func (b *subscriber) vapidKey(id string, known *row) (int64, error) {
	if id == "" && known != nil && known.vapidKey.Valid {
		return known.vapidKey.Int64, nil
	}
	if key, ok := b.keys[id]; ok {
		return key, nil
	}
	query, args := `SELECT key FROM vapid_key WHERE id = ?`, []any{id}
	if id == "" {
		query, args = `SELECT key FROM vapid_key ORDER BY key DESC LIMIT 1`, nil
	}
	var key int64
	ok, err := found(b.row(query, args...).Scan(&key))
	if err != nil {
		return 0, err
	}
	if !ok {
		return 0, storage.ErrNoKey
	}
	if b.keys == nil {
		b.keys = make(map[string]int64)
	}
	b.keys[id] = key
	return key, nil
}
