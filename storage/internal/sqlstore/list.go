package sqlstore

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"github.com/google/uuid"

	"recado/storage"
)

// after is where a page that goes down from p.After begins.
func after(p storage.Page) int64 {
	if p.After == 0 {
		return math.MaxInt64
	}
	return p.After
}

// Notifications lists those that the filter lets pass, scheduled and delivered
// alike, the newest (by Key) first. A category that does not exist has none.
func (s *Store) Notifications(ctx context.Context, f storage.NotificationFilter, p storage.Page) ([]storage.Notification, error) {
	const do = "list the notifications"
	query, args := `WHERE key < ? AND state <> 'deleted' ORDER BY key DESC LIMIT ?`, []any{after(p), p.Limit}
	states := slices.Compact(slices.Sorted(slices.Values(f.States)))
	var category int64
	if f.Category != "" {
		ok, err := found(s.readRow(ctx, `SELECT key FROM category WHERE name = ?`, f.Category).Scan(&category))
		if err != nil || !ok {
			return nil, s.fail(do, err)
		}
	}
	switch {
	case f.Parent != uuid.Nil:
		query, args = listRuns(f.Parent, states, category, p)
	case f.Category != "":
		query, args = listAddressed(states, category, p)
	case len(states) > 0:
		query, args = listStates(states, p)
	}
	var list []storage.Notification
	err := s.read(ctx, func(r scanner) error {
		n, err := scanNotification(r)
		list = append(list, n)
		return err
	}, notificationColumns+query, args...)
	slices.SortFunc(list, func(a, b storage.Notification) int { return cmp.Compare(b.Key, a.Key) })
	return list, s.fail(do, err)
}

// inState says as a condition that a notification has a state. The state stands
// in the text, because that is how an index is found that holds no others.
func inState(state storage.State) string {
	switch state {
	case storage.Scheduled, storage.Sending, storage.Sent, storage.CanceledState, storage.ExpiredState:
		return `state = '` + string(state) + `'`
	}
	return `FALSE`
}

// listed wraps selects of keys, each in the order of an index: the engine merges
// them and stops at the limit. The order is for the caller to restore.
func listed(selects []string, args []any, p storage.Page) (string, []any) {
	return `WHERE key IN (SELECT key FROM (` + strings.Join(selects, ` UNION ALL `) + ` ORDER BY key DESC LIMIT ?))`,
		append(args, p.Limit)
}

func listStates(states []storage.State, p storage.Page) (string, []any) {
	var selects []string
	var args []any
	for _, state := range states {
		selects = append(selects, `SELECT key FROM notification WHERE `+inState(state)+` AND key < ?`)
		args = append(args, after(p))
	}
	return listed(selects, args, p)
}

// listRuns lists the runs of a repeating one. Later ones are due later, so that the
// index by parent and due time has them in order.
func listRuns(parent uuid.UUID, states []storage.State, category int64, p storage.Page) (string, []any) {
	conditions := []string{`state <> 'deleted'`}
	if len(states) > 0 {
		conditions = nil
	}
	for _, state := range states {
		conditions = append(conditions, inState(state))
	}
	where := `WHERE parent = ? AND key < ? AND (` + strings.Join(conditions, ` OR `) + `)`
	args := []any{parent[:], after(p)}
	if category != 0 {
		where += ` AND (everyone = 1 OR EXISTS (SELECT 1 FROM addressed WHERE category = ? AND notification = notification.key))`
		args = append(args, category)
	}
	return where + ` ORDER BY due_at DESC LIMIT ?`, append(args, p.Limit)
}

// listAddressed lists those to a category or to everyone. Most notifications are
// sent: if those are not asked for, the states are the narrower way in.
func listAddressed(states []storage.State, category int64, p storage.Page) (string, []any) {
	var selects, conditions []string
	var args []any
	for _, state := range states {
		conditions = append(conditions, inState(state))
	}
	if len(states) > 0 && !slices.Contains(states, storage.Sent) {
		for _, condition := range conditions {
			selects = append(selects, `SELECT key FROM notification WHERE `+condition+` AND key < ? AND (+everyone = 1
				OR EXISTS (SELECT 1 FROM addressed WHERE category = ? AND notification = notification.key))`)
			args = append(args, after(p), category)
		}
		return listed(selects, args, p)
	}
	if len(states) == 0 {
		conditions = []string{`state <> 'deleted'`}
	}
	either := `(` + strings.Join(conditions, ` OR `) + `)`
	// The two are apart: an index for either, and none is in both.
	selects = append(selects,
		`SELECT a.notification AS key FROM addressed a CROSS JOIN notification n ON n.key = a.notification
			WHERE a.category = ? AND a.notification < ? AND `+either,
		`SELECT key FROM notification WHERE everyone = 1 AND key < ? AND `+strings.ReplaceAll(either, `state`, `+state`))
	return listed(selects, append(args, category, after(p), after(p)), p)
}

const selectDeliveries = `SELECT d.seq, d.notification, n.id, d.subscription, s.id, COALESCE(s.label, ''), COALESCE(s.service, ''), d.status,
		COALESCE(d.event, d.status), d.attempts, d.code, COALESCE(d.error, ''), d.at, d.due_at, d.displayed_at,
		d.clicked_at, d.closed_at, d.latency
	FROM delivery d JOIN notification n ON n.key = d.notification LEFT JOIN subscription s ON s.key = d.subscription
	WHERE d.notification = ? AND n.state <> 'deleted' AND `

// Deliveries lists a notification's deliveries in order of SubscriptionKey, at
// most limit of those after afterSubscription.
func (s *Store) Deliveries(ctx context.Context, notificationKey, afterSubscription int64, limit int) ([]storage.Delivery, error) {
	list, err := s.listDeliveries(ctx, `d.subscription > ? ORDER BY d.subscription LIMIT ?`, notificationKey, afterSubscription, limit)
	return list, s.fail("list the deliveries", err)
}

// DeliveriesOf lists a notification's deliveries that the filter lets pass, the
// highest SubscriptionKey (which Page.After means) first: an order that no
// change of a delivery disturbs. storage.ErrNotFound when there is no such
// notification.
func (s *Store) DeliveriesOf(ctx context.Context, id uuid.UUID, f storage.DeliveryFilter, p storage.Page) ([]storage.Delivery, error) {
	const do = "list the deliveries"
	var key int64
	err := s.readRow(ctx, `SELECT key FROM notification WHERE id = ? AND state <> 'deleted'`, id[:]).Scan(&key)
	if err != nil {
		return nil, s.fail(do, err)
	}
	where, args := `d.subscription < ?`, []any{key, after(p)}
	if f.Subscription != uuid.Nil {
		where += ` AND d.subscription = (SELECT key FROM subscription WHERE id = ?)`
		args = append(args, f.Subscription[:])
	}
	switch {
	case f.Status == storage.StatusSent:
		where += ` AND +d.status = 2`
	case f.Status != 0 && f.Subscription == uuid.Nil:
		where += ` AND d.status = ? AND d.status <> 2` // as the index of those says it
		args = append(args, int64(f.Status))
	case f.Status != 0:
		where += ` AND +d.status = ?`
		args = append(args, int64(f.Status))
	}
	list, err := s.listDeliveries(ctx, where+` ORDER BY d.subscription DESC LIMIT ?`, append(args, p.Limit)...)
	return list, s.fail(do, err)
}

func (s *Store) listDeliveries(ctx context.Context, where string, args ...any) ([]storage.Delivery, error) {
	var list []storage.Delivery
	err := s.read(ctx, func(r scanner) error {
		d, err := scanListed(r)
		list = append(list, d)
		return err
	}, selectDeliveries+where, args...)
	return list, err
}
