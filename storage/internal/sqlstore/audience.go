package sqlstore

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"recado/storage"
)

// recipientColumns is on the hot path: each column costs for every delivery.
const recipientColumns = `s.key, s.id, s.endpoint, s.p256dh, s.auth, s.vapid_key, s.service, s.declarative, s.changed_at`

// audience reads a notification's audience in the order of subscription keys,
// from its cursor up to high.
type audience struct {
	*tx
	keyIDs map[int64]string // VAPID key ids by key
}

func newAudience(t *tx) (*audience, error) {
	a := &audience{tx: t, keyIDs: make(map[int64]string)}
	return a, t.each(func(r scanner) error {
		var key int64
		var id string
		err := r.Scan(&key, &id)
		a.keyIDs[key] = id
		return err
	}, `SELECT key, id FROM vapid_key`)
}

func (a *audience) scan(r scanner) (storage.Recipient, error) {
	var to storage.Recipient
	var vapidKey, since int64
	err := r.Scan(&to.Key, &to.ID, &to.Endpoint, &to.P256dh, &to.Auth, number{&vapidKey}, &to.Service, &to.Declarative, &since)
	to.KeyID, to.Since = a.keyIDs[vapidKey], fromMillis(since)
	return to, err
}

func (a *audience) list(capacity int, query string, args ...any) ([]storage.Recipient, error) {
	list := make([]storage.Recipient, 0, capacity)
	err := a.each(func(r scanner) error {
		to, err := a.scan(r)
		list = append(list, to)
		return err
	}, query, args...)
	return list, err
}

// part is a piece of an audience.
type part struct {
	members []storage.Recipient // living, in order of Key
	last    int64               // everyone up to here has been read
	done    bool                // and there is nobody after it
}

const (
	selectAll = `SELECT ` + recipientColumns + ` FROM subscription s
		WHERE s.key > ? AND s.key <= ? AND s.removed_at IS NULL ORDER BY s.key LIMIT ?`
	selectCategory = `SELECT ` + recipientColumns + ` FROM member m JOIN subscription s ON s.key = m.subscription
		WHERE m.category = ? AND m.subscription > ? AND m.subscription <= ? AND s.removed_at IS NULL
		ORDER BY m.subscription LIMIT ?`
	selectUser = `SELECT ` + recipientColumns + ` FROM subscription s
		WHERE s.user_name = ? AND s.user_name <> '' AND s.key > ? AND s.key <= ? AND s.removed_at IS NULL
		ORDER BY s.key LIMIT ?`
	// The keys alone, for a union.
	selectCategoryKeys = `SELECT subscription FROM member WHERE category = ? AND subscription > ? AND subscription <= ?
		ORDER BY subscription LIMIT ?`
	selectUserKeys = `SELECT key FROM subscription WHERE user_name = ? AND user_name <> '' AND key > ? AND key <= ?
		ORDER BY key LIMIT ?`
)

// next reads the next members of a notification's target after the cursor, at
// most limit.
func (a *audience) next(notification int64, target storage.Target, cursor, high int64, limit int) (part, error) {
	sources, err := a.sources(notification, target, cursor, high)
	if err != nil {
		return part{}, err
	}
	var members []storage.Recipient
	switch {
	case target.All():
		members, err = a.list(limit, selectAll, cursor, high, limit)
	case len(sources) == 0:
		return part{last: cursor, done: true}, nil
	case len(sources) == 1 && sources[0].whole != "":
		members, err = a.list(limit, sources[0].whole, sources[0].arg, cursor, high, limit)
	default:
		return a.union(sources, cursor, high, limit)
	}
	if err != nil {
		return part{}, err
	}
	p := part{members: members, last: cursor, done: len(members) < limit}
	if len(members) > 0 {
		p.last = members[len(members)-1].Key
	}
	return p, nil
}

// source is one of the sets that a target is the union of.
type source struct {
	whole, keys string // statements for its members, and for their keys alone
	arg         any
	listed      []int64 // or the keys themselves, ascending
}

// sources resolves a target. Its categories are those that it named when it was
// accepted, whatever has their names now. What does not exist (any more) is nobody.
func (a *audience) sources(notification int64, target storage.Target, cursor, high int64) ([]source, error) {
	var sources []source
	if len(target.Categories) > 0 {
		categories, err := a.keys(`SELECT category FROM addressed WHERE notification = ?`, notification)
		if err != nil {
			return nil, err
		}
		for _, key := range categories {
			sources = append(sources, source{whole: selectCategory, keys: selectCategoryKeys, arg: key})
		}
	}
	for _, user := range target.Users {
		sources = append(sources, source{whole: selectUser, keys: selectUserKeys, arg: user})
	}
	if len(target.Subscriptions) > 0 {
		listed, err := a.listed(target.Subscriptions, cursor, high)
		if err != nil {
			return nil, err
		}
		sources = append(sources, source{listed: listed})
	}
	return sources, nil
}

func (a *audience) listed(ids []uuid.UUID, cursor, high int64) ([]int64, error) {
	var keys []int64
	for _, id := range ids {
		var key int64
		ok, err := found(a.row(`SELECT key FROM subscription WHERE id = ?`, id[:]).Scan(&key))
		if err != nil {
			return nil, err
		}
		if ok && key > cursor && key <= high {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys, nil
}

// union merges what each source has next. Each is read by its own index: asked
// in one statement, the engine would sort all the rest at every claim.
func (a *audience) union(sources []source, cursor, high int64, limit int) (part, error) {
	var keys []int64
	end := high // up to here every source has been read
	for _, src := range sources {
		next := src.listed
		if src.keys != "" {
			var err error
			if next, err = a.tx.keys(src.keys, src.arg, cursor, high, limit); err != nil {
				return part{}, err
			}
		}
		if len(next) >= limit {
			next = next[:limit]
			end = min(end, next[limit-1])
		}
		keys = append(keys, next...)
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	beyond, _ := slices.BinarySearchFunc(keys, end, func(k, end int64) int { return cmp.Compare(k, end+1) })
	p := part{last: end, done: end == high}
	if keys = keys[:beyond]; len(keys) > limit {
		keys = keys[:limit]
		p.last, p.done = keys[limit-1], false
	}
	var err error
	p.members, err = a.living(keys)
	return p, err
}

var selectKeys = `SELECT ` + recipientColumns + ` FROM subscription s
	WHERE s.key IN ` + someKeys + ` AND s.removed_at IS NULL ORDER BY s.key`

// living reads those of the ascending keys whose subscriptions live, in order.
func (a *audience) living(keys []int64) ([]storage.Recipient, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	if dense(keys) {
		first, last := keys[0], keys[len(keys)-1]
		all, err := a.list(len(keys), selectAll, first-1, last, last-first+1)
		return slices.DeleteFunc(all, func(r storage.Recipient) bool {
			_, ok := slices.BinarySearch(keys, r.Key)
			return !ok
		}), err
	}
	list := make([]storage.Recipient, 0, len(keys))
	err := eachChunk(keys, func(args []any) error {
		some, err := a.list(keysAtOnce, selectKeys, args...)
		list = append(list, some...)
		return err
	})
	return list, err
}
