package sqlstore

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"

	"recado/storage"
)

// EachSubscription calls fn for every subscription that the filter lets pass, in
// order of Key, until fn fails; it returns fn's error. fn may use the Store: no
// transaction is open while it runs.
func (s *Store) EachSubscription(ctx context.Context, f storage.SubscriptionFilter, fn func(storage.Subscription) error) error {
	query, args := listQuery(subscriptionColumns, f, false)
	page := make([]storage.Subscription, 0, pageSize)
	for after := int64(0); ; after = page[pageSize-1].Key {
		page = page[:0]
		err := s.read(ctx, func(r scanner) error {
			sub, err := scanSubscription(r)
			page = append(page, sub)
			return err
		}, query, append(slices.Clone(args), after, pageSize)...)
		if err != nil {
			return s.fail("list the subscriptions", err)
		}
		for _, sub := range page {
			if !matches(f.Query, sub.Label, sub.User, sub.Service, sub.UserAgent) {
				continue
			}
			if err := fn(sub); err != nil {
				return err
			}
		}
		if len(page) < pageSize {
			return nil
		}
	}
}

// SubscriptionsPage lists the subscriptions that the filter lets pass, the
// newest (by Key) first.
func (s *Store) SubscriptionsPage(ctx context.Context, f storage.SubscriptionFilter, p storage.Page) ([]storage.Subscription, error) {
	const do = "list the subscriptions"
	if f.Query != "" {
		list, err := s.search(ctx, f, p)
		return list, s.fail(do, err)
	}
	var list []storage.Subscription
	query, args := listQuery(subscriptionColumns, f, true)
	err := s.read(ctx, func(r scanner) error {
		sub, err := scanSubscription(r)
		list = append(list, sub)
		return err
	}, query, append(args, after(p), p.Limit)...)
	return list, s.fail(do, err)
}

// errFull ends a search.
var errFull = errors.New("the page is full")

// search looks at one after the other: SQL does not know the case of all the
// world's letters.
func (s *Store) search(ctx context.Context, f storage.SubscriptionFilter, p storage.Page) ([]storage.Subscription, error) {
	var keys []int64
	query, args := listQuery(`SELECT s.key, s.label, s.user_name, s.service, s.user_agent FROM `, f, true)
	err := s.read(ctx, func(r scanner) error {
		var key int64
		var label, user, service, agent string
		if err := r.Scan(&key, &label, &user, &service, &agent); err != nil {
			return err
		}
		if matches(f.Query, label, user, service, agent) {
			keys = append(keys, key)
		}
		if len(keys) == p.Limit {
			return errFull
		}
		return nil
	}, query, append(args, after(p), -1)...)
	if err != nil && !errors.Is(err, errFull) {
		return nil, err
	}
	list := make([]storage.Subscription, 0, len(keys))
	for _, key := range keys {
		sub, err := scanSubscription(s.readRow(ctx, subscriptionColumns+subscriptionTable+`WHERE s.key = ?`, key))
		if ok, err := found(err); err != nil || !ok {
			if err != nil {
				return nil, err
			}
			continue // purged just now
		}
		list = append(list, sub)
	}
	return list, nil
}

func matches(query, label, user, service, agent string) bool {
	if query == "" {
		return true
	}
	query = strings.ToLower(query)
	has := func(text string) bool { return strings.Contains(strings.ToLower(text), query) }
	return has(label) || has(user) || has(service) || has(browserOf(agent))
}

// listQuery is the statement for one page; the last key seen and the length of
// the page come after its arguments.
func listQuery(columns string, f storage.SubscriptionFilter, down bool) (query string, args []any) {
	var q strings.Builder
	q.WriteString(columns)
	key := `s.key` // of the index that the page is read from
	switch {
	case f.Category != "":
		key = `m.subscription`
		q.WriteString(`category c JOIN member m ON m.category = c.key JOIN subscription s ON s.key = m.subscription ` +
			subscriptionJoins + `WHERE c.name = ? AND `)
		args = append(args, f.Category)
	case f.Silent != nil:
		// CROSS: begin with the silent, who are few.
		key = `y.subscription`
		q.WriteString(`activity y CROSS JOIN subscription s LEFT JOIN vapid_key k ON k.key = s.vapid_key WHERE y.subscription = s.key AND `)
	default:
		q.WriteString(subscriptionTable + `WHERE `)
	}
	if f.Silent != nil {
		where, more := silent(*f.Silent)
		q.WriteString(where + ` AND `)
		args = append(args, more...)
	}
	if f.Removed {
		q.WriteString(`s.removed_at IS NOT NULL`)
	} else {
		q.WriteString(`s.removed_at IS NULL`)
	}
	if f.User != "" {
		q.WriteString(` AND s.user_name = ? AND s.user_name <> ''`)
		args = append(args, f.User)
	}
	if f.Service != "" {
		q.WriteString(` AND s.service = ?`)
		args = append(args, f.Service)
	}
	if f.KeyID != "" {
		q.WriteString(` AND s.vapid_key = (SELECT key FROM vapid_key WHERE id = ?)`)
		args = append(args, f.KeyID)
	}
	if down {
		q.WriteString(` AND ` + key + ` < ? ORDER BY ` + key + ` DESC LIMIT ?`)
	} else {
		q.WriteString(` AND ` + key + ` > ? ORDER BY ` + key + ` LIMIT ?`)
	}
	return q.String(), args
}

// ChangeSubscription gives a living subscription what is not nil. Errors:
// storage.ErrNotFound, *storage.UnknownCategoryError.
func (s *Store) ChangeSubscription(ctx context.Context, id uuid.UUID, c storage.SubscriptionChange) (storage.Subscription, error) {
	err := s.write(ctx, "change the subscription", func(t *tx) error {
		var key int64
		var label, user string
		err := t.row(`SELECT key, label, user_name FROM subscription WHERE id = ? AND removed_at IS NULL`, id[:]).
			Scan(&key, &label, &user)
		if err != nil {
			return err
		}
		b := &subscriber{tx: t}
		categories, err := b.categoryKeys(c.Categories)
		if err != nil {
			return err
		}
		_, err = t.exec(`UPDATE subscription SET label = ?, user_name = ? WHERE key = ?`, given(c.Label, label), given(c.User, user), key)
		if err != nil || c.Categories == nil {
			return err
		}
		return b.join(key, categories, true)
	})
	if err != nil {
		return storage.Subscription{}, err
	}
	return s.Subscription(ctx, id)
}
