package sqlite

import (
	"fmt"
	"testing"

	"recado/storage"
)

// BenchmarkCountSilent counts them when they are as few as they should be, and when
// nobody's service worker ever reports anything.
func BenchmarkCountSilent(b *testing.B) {
	dir := b.TempDir()
	s := openDir(b, dir)
	populate(b, s, many)
	for _, every := range []int{100, 1} {
		_, err := raw(b, dir).Exec(`INSERT OR REPLACE INTO activity (subscription, last_sent_at, failures, unseen, unseen_since)
			SELECT key, 1, 0, CASE WHEN key % ? = 0 THEN 5 ELSE 0 END, 1 FROM subscription`, every)
		if err != nil {
			b.Fatal(err)
		}
		rule := storage.Silence{Now: benchTime, Receipts: true}
		b.Run(fmt.Sprintf("%d of %d", many/every, many), func(b *testing.B) {
			for b.Loop() {
				if n, err := s.CountSilent(b.Context(), rule); err != nil || n != many/every {
					b.Fatal(n, err)
				}
			}
		})
		b.Run(fmt.Sprintf("50 of %d silent", many/every), func(b *testing.B) {
			for b.Loop() {
				list, err := s.SubscriptionsPage(b.Context(), storage.SubscriptionFilter{Silent: &rule}, storage.Page{Limit: 50, After: many / 2})
				if err != nil || len(list) != 50 {
					b.Fatal(len(list), err)
				}
			}
		})
	}
}

// BenchmarkCountTarget counts what a page asks for while somebody writes.
func BenchmarkCountTarget(b *testing.B) {
	dir := b.TempDir()
	s := openDir(b, dir)
	populate(b, s, many)
	// A thousand have ended, so that counting has something to leave out.
	if _, err := raw(b, dir).Exec(`UPDATE subscription SET removed_at = 1, endpoint = NULL WHERE key % 200 = 0`); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		target storage.Target
		want   int
	}{
		{"everyone", storage.Target{}, 199_000},
		{"a category of all", storage.Target{Categories: []string{"all"}}, 199_000},
		{"two of five", storage.Target{Categories: []string{"c0", "c1"}}, 80_000},
		{"a category of all, and a fifth", storage.Target{Categories: []string{"all", "c1"}, Users: []string{"ana"}}, 199_000},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				n, err := s.CountTarget(b.Context(), c.target)
				if err != nil {
					b.Fatal(err)
				}
				if n != c.want {
					b.Fatalf("counted %d, want %d", n, c.want)
				}
			}
		})
	}
}
