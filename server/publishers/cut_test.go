package publishers

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCut(t *testing.T) {
	for _, tt := range []struct {
		name, s string
		size    int
		want    string
	}{
		{"short enough", "café", 5, "café"},
		{"in the middle", "abcdefgh", 6, "abc…"},
		{"a blank before the border", "abc defgh", 7, "abc…"},
		{"not within é", "ééé", 5, "é…"},
		{"an accent of its own", "abce\u0301xyz", 7, "abc…"},
		{"a family", "ab👨\u200d👩\u200d👧 home", 20, "ab…"},
		{"a skin tone", "ab👍🏽 good", 10, "ab…"},
		{"no room", "abcdefgh", 2, ""},
		{"room for nothing else", "abcdefgh", 3, "…"},
		{"accents alone", strings.Repeat("\u0301", 10), 9, "…"},
	} {
		if got := Cut(tt.s, tt.size); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestClip(t *testing.T) {
	for _, tt := range []struct {
		s    string
		max  int
		want string
	}{
		{"short", 10, "short"}, {"exactly ten", 11, "exactly ten"}, {"one two three four", 15, "one two three…"},
		{"onelongwordwithoutblanks", 10, "onelongwo…"}, {"ends, here", 6, "ends…"}, {"ééééé", 3, "éé…"},
	} {
		if got := Clip(tt.s, tt.max); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.s, got, tt.want)
		}
	}
}

func FuzzCut(f *testing.F) {
	f.Add("café au lait", 6)
	f.Add("👨\u200d👩\u200d👧", 12)
	f.Fuzz(func(t *testing.T, s string, size int) {
		got := Cut(s, size)
		if len(got) > max(size, 0) {
			t.Errorf("%d bytes of %d", len(got), size)
		}
		if utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Errorf("%q is not UTF-8", got)
		}
		if kept, cut := strings.CutSuffix(got, "…"); cut && !strings.HasPrefix(s, kept) {
			t.Errorf("%q became %q", s, got)
		}
	})
}
