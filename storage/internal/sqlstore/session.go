package sqlstore

import (
	"context"
	"time"

	"recado/storage"
)

// CreateSession adds a session of n.Token, of which only the Key is looked at;
// storage.ErrNotFound when that token is not there, storage.ErrExists when the
// hash is.
func (s *Store) CreateSession(ctx context.Context, n storage.Session) error {
	return s.write(ctx, "create a session", func(t *tx) error {
		added, err := t.exec(`INSERT INTO session (hash, token, created_at, seen_at) SELECT ?, key, ?, ? FROM token WHERE key = ?`,
			n.Hash[:], millis(n.CreatedAt), millis(n.SeenAt), n.Token.Key)
		if err == nil && added == 0 {
			err = storage.ErrNotFound
		}
		return err
	})
}

// SessionByHash finds a session and its token by the session's hash, whatever
// their age; storage.ErrNotFound.
func (s *Store) SessionByHash(ctx context.Context, hash [32]byte) (storage.Session, error) {
	found := storage.Session{Hash: hash}
	into := append([]any{&found.Key, instant{&found.CreatedAt}, instant{&found.SeenAt}}, tokenInto(&found.Token)...)
	err := s.readRow(ctx, `SELECT s.key, s.created_at, s.seen_at, `+tokenColumns+`
		FROM session s JOIN token t ON t.key = s.token WHERE s.hash = ?`, hash[:]).Scan(into...)
	return found, s.fail("find the session", err)
}

// TouchSession notes when a session, and with it its token, was last used; an
// unknown one is no error. A power cut may undo it.
func (s *Store) TouchSession(ctx context.Context, key int64, at time.Time) error {
	return s.relaxed(ctx, "note a session's use", func(t *tx) error {
		if _, err := t.exec(`UPDATE session SET seen_at = ? WHERE key = ?`, millis(at), key); err != nil {
			return err
		}
		_, err := t.exec(`UPDATE token SET last_used_at = ? WHERE key = (SELECT token FROM session WHERE key = ?)`, millis(at), key)
		return err
	})
}

// EndSession deletes a session; an unknown one is no error.
func (s *Store) EndSession(ctx context.Context, hash [32]byte) error {
	return s.write(ctx, "end the session", func(t *tx) error {
		_, err := t.exec(`DELETE FROM session WHERE hash = ?`, hash[:])
		return err
	})
}

func forgetSessions(t *tx, before time.Time) (int64, error) {
	return t.exec(`DELETE FROM session WHERE key IN (SELECT key FROM session WHERE seen_at < ? LIMIT ?)`, millis(before), pageSize)
}
