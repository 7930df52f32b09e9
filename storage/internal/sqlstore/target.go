package sqlstore

import (
	"context"
	"math/bits"

	"github.com/google/uuid"

	"recado/storage"
)

// CountTarget counts the living subscriptions that a target means now, each once.
// What the target names and does not exist is nobody.
func (s *Store) CountTarget(ctx context.Context, target storage.Target) (int, error) {
	if target.All() {
		return s.CountSubscriptions(ctx)
	}
	n, err := s.countTarget(ctx, target)
	return n, s.fail("count the subscriptions of a target", err)
}

func (s *Store) countTarget(ctx context.Context, target storage.Target) (int, error) {
	categories, err := s.CategoriesByName(ctx, target.Categories)
	if err != nil {
		return 0, err
	}
	if len(categories) == 1 && len(target.Users)+len(target.Subscriptions) == 0 {
		return s.countMembers(ctx, categories[0].Key)
	}
	var members keySet
	for _, c := range categories {
		if err := s.readKeys(ctx, members.add, `SELECT subscription FROM member WHERE category = ?`, c.Key); err != nil {
			return 0, err
		}
	}
	if len(categories) > 0 {
		for _, removed := range []string{`endpoint IS NULL`, `endpoint IS NOT NULL`} {
			err := s.readKeys(ctx, members.remove, `SELECT key FROM subscription WHERE removed_at IS NOT NULL AND `+removed)
			if err != nil {
				return 0, err
			}
		}
	}
	for _, user := range target.Users {
		err := s.readKeys(ctx, members.add, `SELECT key FROM subscription WHERE user_name = ? AND user_name <> '' AND removed_at IS NULL`, user)
		if err != nil {
			return 0, err
		}
	}
	err = s.addListed(ctx, &members, target.Subscriptions)
	return members.size(), err
}

// countMembers counts the living members of a category: all of them less the
// removed ones, so that the counts read indexes alone.
func (s *Store) countMembers(ctx context.Context, category int64) (int, error) {
	const removed = `SELECT count(*) FROM subscription s CROSS JOIN member m
		WHERE m.category = ? AND m.subscription = s.key AND s.removed_at IS NOT NULL AND s.endpoint IS `
	var n int
	err := s.readRow(ctx, `SELECT (SELECT count(*) FROM member WHERE category = ?) - (`+removed+`NULL) - (`+removed+`NOT NULL)`,
		category, category, category).Scan(&n)
	return n, err
}

func (s *Store) addListed(ctx context.Context, to *keySet, ids []uuid.UUID) error {
	for _, id := range ids {
		err := s.readKeys(ctx, to.add, `SELECT key FROM subscription WHERE id = ? AND removed_at IS NULL`, id[:])
		if err != nil {
			return err
		}
	}
	return nil
}

// readKeys calls f with each of a column of keys.
func (s *Store) readKeys(ctx context.Context, f func(int64), query string, args ...any) error {
	return s.read(ctx, func(r scanner) error {
		var key int64
		err := r.Scan(&key)
		f(key)
		return err
	}, query, args...)
}

// keySet is a set of keys, a bit for each that there could be: 25 KB for 200,000
// subscriptions.
type keySet []uint64

func (k *keySet) add(key int64) {
	at := int(key / 64)
	if at >= len(*k) {
		*k = append(*k, make([]uint64, max(at+1, 2*len(*k))-len(*k))...)
	}
	(*k)[at] |= 1 << (key % 64)
}

func (k *keySet) remove(key int64) {
	if at := int(key / 64); at < len(*k) {
		(*k)[at] &^= 1 << (key % 64)
	}
}

func (k keySet) size() (n int) {
	for _, word := range k {
		n += bits.OnesCount64(word)
	}
	return n
}
