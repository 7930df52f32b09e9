package sqlstore

import (
	"context"

	"recado/storage"
)

// silent is the condition of storage.Silence on activity y. Its first part is that
// of the index activity_silent, word for word, so that the index can be used.
func silent(rule storage.Silence) (where string, args []any) {
	const some = `(y.failures >= 3 OR y.unseen >= 3) AND `
	if !rule.Receipts {
		return some + `y.failures >= 3`, nil
	}
	return some + `(y.failures >= 3 OR y.unseen_since <= ?)`, []any{millis(rule.Now.Add(-storage.SilentAfter))}
}

// CountSilent counts the living subscriptions that are silent: all less the removed
// ones, so that both counts read indexes alone.
func (s *Store) CountSilent(ctx context.Context, rule storage.Silence) (int, error) {
	where, args := silent(rule)
	const removed = `(SELECT count(*) FROM subscription s CROSS JOIN activity y
		WHERE y.subscription = s.key AND s.removed_at IS NOT NULL AND s.endpoint IS `
	var n int
	err := s.readRow(ctx, `SELECT (SELECT count(*) FROM activity y WHERE `+where+`) - `+
		removed+`NULL AND `+where+`) - `+removed+`NOT NULL AND `+where+`)`, append(append(args, args...), args...)...).Scan(&n)
	return n, s.fail("count the silent subscriptions", err)
}
