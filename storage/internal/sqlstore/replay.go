package sqlstore

import (
	"context"
	"time"

	"recado/storage"
)

// Replayed finds what the same Idempotency-Key and body have made before now; ok
// is false when they have made nothing, or nothing that still counts. With it a
// repeated request is answered as the first was, also when that would not be
// accepted any more; Accept looks again, for requests that come at once. Errors:
// storage.ErrIdempotencyKey when it was another body.
func (s *Store) Replayed(ctx context.Context, tokenKey int64, idem storage.Idempotency, now time.Time) (n storage.Notification, ok bool, err error) {
	const do = "look for an earlier request"
	// Nearly all keys are new: only the others wait for the writer.
	var known bool
	err = s.readRow(ctx, `SELECT EXISTS (SELECT 1 FROM idempotency WHERE token = ? AND key = ?)`, tokenKey, idem.Key).Scan(&known)
	if err != nil || !known {
		return storage.Notification{}, false, s.fail(do, err)
	}
	err = s.write(ctx, do, func(t *tx) error {
		first, err := replay(t, storage.Notification{TokenKey: tokenKey, CreatedAt: now}, idem)
		if ok = err == nil && first != nil; ok {
			n = *first
		}
		return err
	})
	if err != nil {
		return storage.Notification{}, false, err
	}
	return n, ok, nil
}
