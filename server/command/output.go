package command

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

// table writes rows under a heading, in columns as wide as they need.
type table struct{ w *tabwriter.Writer }

func newTable(w io.Writer, heading ...string) *table {
	t := &table{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	t.row(heading...)
	return t
}

func (t *table) row(cells ...string) {
	for i, cell := range cells {
		cells[i] = visible(cell)
	}
	fmt.Fprintln(t.w, strings.Join(cells, "\t"))
}

func (t *table) flush() error { return t.w.Flush() }

// visible makes text that strangers chose safe for a terminal and a column.
func visible(s string) string {
	if s == "" {
		return "-"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, s)
}

// jsonList writes a JSON array, one item a line, without holding it in memory.
type jsonList struct {
	w io.Writer
	n int
}

func (l *jsonList) add(item any) error {
	before := ",\n "
	if l.n == 0 {
		before = "[\n "
	}
	l.n++
	data, err := json.Marshal(item)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(l.w, "%s%s", before, data)
	return err
}

func (l *jsonList) end() error {
	closing := "\n]\n"
	if l.n == 0 {
		closing = "[]\n"
	}
	_, err := io.WriteString(l.w, closing)
	return err
}

// when writes a time for people.
func when(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04")
}

// stamp writes a time for machines; nil stands for none.
func stamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format("2006-01-02T15:04:05.000Z")
	return &s
}

// parseTime reads a moment as an operator writes it; sign is where a bare
// duration lies from now on: -1 in the past, +1 in the future.
func parseTime(text string, now time.Time, sign time.Duration) (time.Time, error) {
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(sign * d), nil
	}
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(form, text, now.Location()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("must be a time such as 2026-01-31T12:00:00Z or 2026-01-31, or a duration such as 48h, not %q", text)
}
