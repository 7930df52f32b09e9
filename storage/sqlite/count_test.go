package sqlite

import (
	"testing"

	"recado/storage"
)

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
