package sqlstore

import (
	"context"

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
	// All members less the removed ones: both counts read indexes alone.
	counts := make(map[int64]int)
	count := func(sign int) func(scanner) error {
		return func(r scanner) error {
			var key int64
			var n int
			err := r.Scan(&key, &n)
			counts[key] += sign * n
			return err
		}
	}
	err = s.read(ctx, count(1), `SELECT category, count(*) FROM member GROUP BY category`)
	for _, removed := range []string{`s.endpoint IS NULL`, `s.endpoint IS NOT NULL`} {
		if err != nil {
			break
		}
		// CROSS: begin with the removed, who are few.
		err = s.read(ctx, count(-1), `SELECT m.category, count(*) FROM subscription s CROSS JOIN member m
			WHERE m.subscription = s.key AND s.removed_at IS NOT NULL AND `+removed+` GROUP BY m.category`)
	}
	for i, c := range list {
		list[i].Subscribers = max(0, counts[c.Key])
	}
	return list, err
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
