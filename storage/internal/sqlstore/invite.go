package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

const selectInvites = `SELECT i.key, i.id, i.hash, i.user_name, i.uses, i.created_at, i.expires_at,
	(SELECT string_agg(c.name, char(10)) FROM invite_category l JOIN category c ON c.key = l.category WHERE l.invite = i.key)
	FROM invite i `

func scanInvite(r scanner) (key int64, i storage.Invite, err error) {
	var hash []byte
	var categories sql.NullString
	err = r.Scan(&key, &i.ID, &hash, &i.User, &i.Uses, instant{&i.CreatedAt}, instant{&i.ExpiresAt}, &categories)
	copy(i.Hash[:], hash)
	i.Categories = splitNames(categories)
	return key, i, err
}

// splitNames takes apart what string_agg has put together.
func splitNames(s sql.NullString) []string {
	if !s.Valid {
		return nil
	}
	names := strings.Split(s.String, "\n")
	slices.Sort(names)
	return names
}

// CreateInvite adds an invite and gives it an ID if it has none;
// storage.ErrExists when its hash is there already,
// *storage.UnknownCategoryError. It follows its categories when they are
// renamed, and loses those that are deleted.
func (s *Store) CreateInvite(ctx context.Context, i storage.Invite) (storage.Invite, error) {
	err := s.write(ctx, "create an invite", func(t *tx) error {
		if i.ID == uuid.Nil {
			id, err := uuid.NewRandom()
			if err != nil {
				return err
			}
			i.ID = id
		}
		i.Categories = slices.Compact(slices.Sorted(slices.Values(i.Categories)))
		if err := categoriesExist(t, i.Categories); err != nil {
			return err
		}
		var key int64
		err := t.row(`INSERT INTO invite (id, hash, user_name, uses, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING key`,
			i.ID[:], i.Hash[:], i.User, i.Uses, millis(i.CreatedAt), optional(millis(i.ExpiresAt))).Scan(&key)
		if err != nil {
			return err
		}
		for _, name := range i.Categories {
			_, err := t.exec(`INSERT INTO invite_category (invite, category) SELECT ?, key FROM category WHERE name = ?`, key, name)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return storage.Invite{}, err
	}
	return i, nil
}

// Invites lists all invites, newest first, those that have expired or are used
// up too.
func (s *Store) Invites(ctx context.Context) ([]storage.Invite, error) {
	var list []storage.Invite
	err := s.read(ctx, func(r scanner) error {
		_, i, err := scanInvite(r)
		list = append(list, i)
		return err
	}, selectInvites+`ORDER BY i.key DESC`)
	return list, s.fail("list the invites", err)
}

// DeleteInvite deletes an invite; storage.ErrNotFound. Who came by it stays.
func (s *Store) DeleteInvite(ctx context.Context, id uuid.UUID) error {
	return s.write(ctx, "delete the invite", func(t *tx) error {
		n, err := t.exec(`DELETE FROM invite WHERE id = ?`, id[:])
		if err == nil && n == 0 {
			err = storage.ErrNotFound
		}
		return err
	})
}

// InviteByHash finds an invite that can be used now; storage.ErrInvite when
// there is none, or it has expired or is used up. Subscribe asks again.
func (s *Store) InviteByHash(ctx context.Context, hash [32]byte, now time.Time) (storage.Invite, error) {
	_, i, err := usable(s.readRow(ctx, selectInvites+`WHERE i.hash = ?`, hash[:]), millis(now))
	if err != nil {
		return storage.Invite{}, s.fail("find the invite", err)
	}
	return i, nil
}

func usable(r scanner, now int64) (key int64, i storage.Invite, err error) {
	key, i, err = scanInvite(r)
	ok, err := found(err)
	if err == nil && (!ok || i.Uses < 1 || !i.ExpiresAt.IsZero() && now >= millis(i.ExpiresAt)) {
		err = storage.ErrInvite
	}
	return key, i, err
}

// invited makes a wish what its invite grants. key is the invite's, 0 without
// one.
func (b *subscriber) invited(w *storage.Subscribe) (key int64, i storage.Invite, err error) {
	if len(w.Invite) == 0 {
		return 0, i, nil
	}
	key, i, err = usable(b.row(selectInvites+`WHERE i.hash = ?`, w.Invite), b.now)
	if err != nil {
		return 0, i, fmt.Errorf("look at the invite: %w", err)
	}
	if i.User != "" {
		w.User = &i.User
	}
	if w.Categories == nil && len(i.Categories) > 0 {
		w.Categories = &i.Categories
	}
	return key, i, nil
}

// grants reports whether an invite gives a known subscription what it does not
// have: its user, or one of the categories that it is about to join.
func (b *subscriber) grants(i storage.Invite, known *row, joins []int64) (bool, error) {
	if i.User != "" && i.User != known.user {
		return true, nil
	}
	for _, category := range joins {
		var name string
		var member bool
		err := b.row(`SELECT name, EXISTS (SELECT 1 FROM member WHERE category = c.key AND subscription = ?)
			FROM category c WHERE key = ?`, known.key, category).Scan(&name, &member)
		if err != nil || !member && slices.Contains(i.Categories, name) {
			return true, err
		}
	}
	return false, nil
}

// useUp takes one use of an invite.
func (b *subscriber) useUp(invite int64) error {
	if invite == 0 {
		return nil
	}
	_, err := b.exec(`UPDATE invite SET uses = uses - 1 WHERE key = ?`, invite)
	return err
}
