package sqlstore

import (
	"context"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

// tokenColumns are those of token t, in the order of tokenInto.
const tokenColumns = `t.key, t.id, t.name, t.scope, t.categories, t.style, t.hash, t.created_at, t.expires_at, t.last_used_at`

func tokenInto(t *storage.Token) []any {
	return []any{&t.Key, &t.ID, &t.Name, &t.Scope, asJSON{&t.Categories}, &t.Style, sum{&t.Hash},
		instant{&t.CreatedAt}, instant{&t.ExpiresAt}, instant{&t.LastUsedAt}}
}

func scanToken(r scanner) (t storage.Token, err error) {
	err = r.Scan(tokenInto(&t)...)
	return t, err
}

// CreateToken adds a token and gives it a Key, and an ID if it has none;
// storage.ErrExists when its hash is there already,
// *storage.UnknownCategoryError.
func (s *Store) CreateToken(ctx context.Context, n storage.Token) (storage.Token, error) {
	err := s.write(ctx, "create a token", func(t *tx) error {
		if n.ID == uuid.Nil {
			id, err := uuid.NewRandom()
			if err != nil {
				return err
			}
			n.ID = id
		}
		if err := categoriesExist(t, n.Categories); err != nil {
			return err
		}
		categories, err := toJSON(n.Categories)
		if err != nil {
			return err
		}
		return t.row(`INSERT INTO token (id, name, scope, categories, style, hash, created_at, expires_at, last_used_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING key`,
			n.ID[:], n.Name, string(n.Scope), categories, n.Style, n.Hash[:],
			millis(n.CreatedAt), optional(millis(n.ExpiresAt)), optional(millis(n.LastUsedAt))).Scan(&n.Key)
	})
	if err != nil {
		return storage.Token{}, err
	}
	return n, nil
}

// Tokens lists all tokens in the order they were created, expired ones too.
func (s *Store) Tokens(ctx context.Context) ([]storage.Token, error) {
	var list []storage.Token
	err := s.read(ctx, func(r scanner) error {
		t, err := scanToken(r)
		list = append(list, t)
		return err
	}, `SELECT `+tokenColumns+` FROM token t ORDER BY t.key`)
	return list, s.fail("list the tokens", err)
}

// TokenByHash finds a token by its hash, expired or not; storage.ErrNotFound.
func (s *Store) TokenByHash(ctx context.Context, hash [32]byte) (storage.Token, error) {
	t, err := scanToken(s.readRow(ctx, `SELECT `+tokenColumns+` FROM token t WHERE t.hash = ?`, hash[:]))
	if err != nil {
		return storage.Token{}, s.fail("find the token", err)
	}
	return t, nil
}

// TouchToken notes when a token was last used; an unknown one is no error. A
// power cut may undo it.
func (s *Store) TouchToken(ctx context.Context, key int64, at time.Time) error {
	return s.relaxed(ctx, "note a token's use", func(t *tx) error {
		_, err := t.exec(`UPDATE token SET last_used_at = ? WHERE key = ?`, millis(at), key)
		return err
	})
}

// RevokeToken deletes a token; storage.ErrNotFound. What it published keeps its
// number.
func (s *Store) RevokeToken(ctx context.Context, id uuid.UUID) error {
	return s.write(ctx, "revoke the token", func(t *tx) error {
		n, err := t.exec(`DELETE FROM token WHERE id = ?`, id[:])
		if err == nil && n == 0 {
			err = storage.ErrNotFound
		}
		return err
	})
}
