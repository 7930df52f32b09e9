//go:build unix

package sqlite

import (
	"fmt"
	"testing"

	"recado/storage"
)

// seedHistory makes 100,000 notifications, the last of which has as many
// deliveries as asked for: by SQL, because nobody sends that many for a
// benchmark. One in a thousand failed; one in a hundred notifications was
// canceled, some are still scheduled.
func seedHistory(b *testing.B, deliveries int) (*Store, storage.Notification) {
	dir := b.TempDir()
	s := openDir(b, dir)
	populate(b, s, 10_000)
	db := raw(b, dir)
	const count = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) `
	for _, fill := range []struct {
		query string
		args  []any
	}{
		{count + `INSERT INTO notification (id, state, content, target, ttl, urgency, topic, token, warnings, created_at, due_at, finished_at, everyone)
			SELECT randomblob(16), CASE WHEN i % 100 = 0 THEN 'canceled' WHEN i % 10000 = 7 THEN 'scheduled' ELSE 'sent' END,
				'{"title":"Disk full","body":"sda1 at 95 % on the NAS in the cellar","url":"https://nas.lan/","data":{"a":1}}',
				CASE WHEN i % 3 = 0 THEN '{}' ELSE '{"categories":["c' || (i % 5) || '"]}' END, 86400000, 'normal', '', 1, 'null', i, i, i, i % 3 = 0
			FROM n`, []any{100_000}},
		{count + `INSERT INTO subscription (id, endpoint, endpoint_hash, p256dh, auth, service, vapid_key, label, created_at, seen_at, changed_at)
			SELECT randomblob(16), 'https://updates.push.services.mozilla.example/wpush/v2/' || hex(randomblob(64)), randomblob(32), zeroblob(65), zeroblob(16),
				'updates.push.services.mozilla.example', 1, 'phone ' || i, i, i, i FROM n`, []any{deliveries - 10_000}},
		{`INSERT INTO addressed SELECT c.key, n.key FROM notification n, json_each(n.target, '$.categories') j JOIN category c ON c.name = j.value`, nil},
		{count + `INSERT INTO delivery (seq, notification, subscription, status, attempts, code, at, latency)
			SELECT i, 100000, i, CASE WHEN i % 1000 = 0 THEN 3 ELSE 2 END, 1, 201, i, 20 FROM n`, []any{deliveries}},
		{`UPDATE counter SET value = ? WHERE name = 'seq'`, []any{deliveries}},
	} {
		if _, err := db.Exec(fill.query, fill.args...); err != nil {
			b.Fatal(err)
		}
	}
	list, err := s.Notifications(b.Context(), storage.NotificationFilter{}, storage.Page{Limit: 1})
	if err != nil || len(list) != 1 {
		b.Fatal(err)
	}
	return s, list[0]
}

// BenchmarkPages reads pages from the start, the middle and the end of long
// lists.
func BenchmarkPages(b *testing.B) {
	const deliveries = 1_000_000
	s, n := seedHistory(b, deliveries)
	for _, f := range []storage.NotificationFilter{
		{}, {States: []storage.State{storage.Scheduled}}, {States: []storage.State{storage.Sent, storage.CanceledState}},
		{Category: "c1"}, {Category: "c1", States: []storage.State{storage.CanceledState}},
		{Category: "c1", States: []storage.State{storage.Sent}},
	} {
		b.Run(fmt.Sprintf("50 of 100000 notifications %v %s", f.States, f.Category), func(b *testing.B) {
			i := int64(0)
			for b.Loop() {
				i++
				p := storage.Page{Limit: 50, After: 1 + i*33_331%100_000}
				if _, err := s.Notifications(b.Context(), f, p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	for _, f := range []storage.DeliveryFilter{{}, {Status: storage.StatusFailed}, {Status: storage.StatusSent}, {Status: storage.StatusExpired}} {
		b.Run(fmt.Sprintf("500 of 1000000 deliveries %v", f.Status), func(b *testing.B) {
			i := int64(0)
			for b.Loop() {
				i++
				p := storage.Page{Limit: 500, After: 1 + i*333_331%deliveries}
				if _, err := s.DeliveriesOf(b.Context(), n.ID, f, p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("statistics", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Stats(b.Context(), benchTime); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("one of 2000 digested", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Clean(b.Context(), benchTime, storage.Retention{Deliveries: 1 << 62, Notifications: 1 << 62, Keys: 1 << 62, Sessions: 1 << 62}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
