package sqlstore

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"recado/storage"
)

// Categories lists the categories by name: all of them with the number of their
// living subscribers, or only the public ones, without it.
func (s *Store) Categories(ctx context.Context, publicOnly bool) ([]storage.Category, error) {
	list, err := s.categories(ctx, publicOnly)
	return list, s.fail("list the categories", err)
}

func (s *Store) categories(ctx context.Context, publicOnly bool) ([]storage.Category, error) {
	var list []storage.Category
	err := s.read(ctx, func(r scanner) error {
		var c storage.Category
		err := r.Scan(&c.Key, &c.ID, &c.Name, &c.Description, &c.Public)
		list = append(list, c)
		return err
	}, `SELECT key, id, name, description, public FROM category WHERE public >= ? ORDER BY name`, flag(publicOnly))
	if err != nil || publicOnly {
		return list, err
	}
	counts, err := s.subscribers(ctx)
	for i, c := range list {
		list[i].Subscribers = counts[c.Key]
	}
	return list, err
}

// subscribers counts the living members of every category: all members less the
// removed ones, so that both counts read indexes alone.
func (s *Store) subscribers(ctx context.Context) (map[int64]int, error) {
	counts := make(map[int64]int)
	count := func(sign int) func(scanner) error {
		return func(r scanner) error {
			var key int64
			var n int
			err := r.Scan(&key, &n)
			counts[key] = max(0, counts[key]+sign*n)
			return err
		}
	}
	err := s.read(ctx, count(1), `SELECT category, count(*) FROM member GROUP BY category`)
	for _, removed := range []string{`s.endpoint IS NULL`, `s.endpoint IS NOT NULL`} {
		if err != nil {
			break
		}
		// CROSS: begin with the removed, who are few.
		err = s.read(ctx, count(-1), `SELECT m.category, count(*) FROM subscription s CROSS JOIN member m
			WHERE m.subscription = s.key AND s.removed_at IS NOT NULL AND `+removed+` GROUP BY m.category`)
	}
	return counts, err
}

// Category finds one by its id, with the number of its living subscribers;
// storage.ErrNotFound.
func (s *Store) Category(ctx context.Context, id uuid.UUID) (storage.Category, error) {
	const do = "read the category"
	c := storage.Category{ID: id}
	err := s.readRow(ctx, `SELECT key, name, description, public FROM category WHERE id = ?`, id[:]).
		Scan(&c.Key, &c.Name, &c.Description, &c.Public)
	if err != nil {
		return storage.Category{}, s.fail(do, err)
	}
	counts, err := s.subscribers(ctx)
	if err != nil {
		return storage.Category{}, s.fail(do, err)
	}
	c.Subscribers = counts[c.Key]
	return c, nil
}

// CategoriesByName finds those that exist of the names, each once and in their
// order, without the number of their subscribers.
func (s *Store) CategoriesByName(ctx context.Context, names []string) ([]storage.Category, error) {
	var list []storage.Category
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			continue
		}
		c := storage.Category{Name: name}
		ok, err := found(s.readRow(ctx, `SELECT key, id, description, public FROM category WHERE name = ?`, name).
			Scan(&c.Key, &c.ID, &c.Description, &c.Public))
		if err != nil {
			return nil, s.fail("look the categories up", err)
		}
		if ok {
			list = append(list, c)
		}
	}
	return list, nil
}

// CreateCategory adds a category and gives it a Key, and an ID if it has none;
// storage.ErrExists when the name is taken.
func (s *Store) CreateCategory(ctx context.Context, c storage.Category) (storage.Category, error) {
	if c.ID == uuid.Nil {
		id, err := uuid.NewRandom()
		if err != nil {
			return storage.Category{}, s.fail("create a category", err)
		}
		c.ID = id
	}
	c.Subscribers = 0
	err := s.write(ctx, "create a category", func(t *tx) error {
		return t.row(`INSERT INTO category (id, name, description, public) VALUES (?, ?, ?, ?) RETURNING key`,
			c.ID[:], c.Name, c.Description, flag(c.Public)).Scan(&c.Key)
	})
	if err != nil {
		return storage.Category{}, err
	}
	return c, nil
}

// UpdateCategory replaces the name, the description and Public of the category
// with that ID. What addresses a renamed one goes with it: its subscriptions and
// invites, notifications that are scheduled or sending, and tokens; what has been
// sent keeps the name in its target, and is found by the new one. Errors:
// storage.ErrNotFound, storage.ErrExists when the name is taken.
func (s *Store) UpdateCategory(ctx context.Context, c storage.Category) (storage.Category, error) {
	err := s.write(ctx, "change the category", func(t *tx) error {
		var before string
		if err := t.row(`SELECT key, name FROM category WHERE id = ?`, c.ID[:]).Scan(&c.Key, &before); err != nil {
			return err
		}
		_, err := t.exec(`UPDATE category SET name = ?, description = ?, public = ? WHERE key = ?`,
			c.Name, c.Description, flag(c.Public), c.Key)
		if err != nil || c.Name == before {
			return err
		}
		return errors.Join(renameTargets(t, before, c), renameInTokens(t, before, c.Name))
	})
	if err != nil {
		return storage.Category{}, err
	}
	return s.Category(ctx, c.ID)
}

// renameTargets carries a category's new name into the targets of what is still
// to be sent to it.
func renameTargets(t *tx, before string, c storage.Category) error {
	for _, state := range []storage.State{storage.Scheduled, storage.Sending} {
		targets, err := addressing(t, state, c.Key)
		if err != nil {
			return err
		}
		for key, target := range targets {
			replaceName(target.Categories, before, c.Name)
			text, err := toJSON(target)
			if err != nil {
				return err
			}
			if _, err := t.exec(`UPDATE notification SET target = ? WHERE key = ?`, text, key); err != nil {
				return err
			}
		}
	}
	return nil
}

// addressing finds the notifications of a state that address a category, with
// their targets.
func addressing(t *tx, state storage.State, category int64) (map[int64]storage.Target, error) {
	targets := make(map[int64]storage.Target)
	err := t.each(func(r scanner) error {
		var key int64
		var target storage.Target
		err := r.Scan(&key, asJSON{&target})
		targets[key] = target
		return err
	}, `SELECT key, target FROM notification WHERE `+inState(state)+`
			AND EXISTS (SELECT 1 FROM addressed WHERE category = ? AND notification = notification.key)`, category)
	return targets, err
}

func renameInTokens(t *tx, before, name string) error {
	limited := make(map[int64][]string)
	err := t.each(func(r scanner) error {
		n, err := scanToken(r)
		if slices.Contains(n.Categories, before) {
			limited[n.Key] = n.Categories
		}
		return err
	}, `SELECT `+tokenColumns+` FROM token t`)
	if err != nil {
		return err
	}
	for key, names := range limited {
		replaceName(names, before, name)
		text, err := toJSON(names)
		if err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE token SET categories = ? WHERE key = ?`, text, key); err != nil {
			return err
		}
	}
	return nil
}

func replaceName(names []string, before, after string) {
	for i := range names {
		if names[i] == before {
			names[i] = after
		}
	}
}

// DeleteCategory deletes a category; its subscriptions stay. What addressed it
// keeps the name in its target, and reaches nobody by that, not even when there
// is a category of that name again. Errors: storage.ErrNotFound;
// storage.ErrInUse while a scheduled notification has nobody else to address.
func (s *Store) DeleteCategory(ctx context.Context, id uuid.UUID) error {
	return s.write(ctx, "delete the category", func(t *tx) error {
		var key int64
		if err := t.row(`SELECT key FROM category WHERE id = ?`, id[:]).Scan(&key); err != nil {
			return err
		}
		targets, err := addressing(t, storage.Scheduled, key)
		if err != nil {
			return err
		}
		for notification, target := range targets {
			if len(target.Users) > 0 || len(target.Subscriptions) > 0 {
				continue
			}
			var others bool
			err := t.row(`SELECT EXISTS (SELECT 1 FROM addressed WHERE notification = ? AND category <> ?)`,
				notification, key).Scan(&others)
			if err != nil {
				return err
			}
			if !others {
				return storage.ErrInUse
			}
		}
		_, err = t.exec(`DELETE FROM category WHERE key = ?`, key)
		return err
	})
}

// categoryKey is the key of the category of that name, or
// *storage.UnknownCategoryError.
func categoryKey(t *tx, name string) (int64, error) {
	var key int64
	ok, err := found(t.row(`SELECT key FROM category WHERE name = ?`, name).Scan(&key))
	if err == nil && !ok {
		err = &storage.UnknownCategoryError{Name: name}
	}
	return key, err
}

func categoriesExist(t *tx, names []string) error {
	for _, name := range names {
		if _, err := categoryKey(t, name); err != nil {
			return err
		}
	}
	return nil
}
