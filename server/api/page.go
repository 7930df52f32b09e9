package api

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"recado/storage"
)

const (
	defaultLimit = 50
	maxLimit     = 500
)

// listBody is one page of a list, newest first.
type listBody[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"` // null at the end
}

// query is what stands behind the path, and what is wrong with it.
type query struct {
	url.Values
	problems
}

func readQuery(r *http.Request) *query { return &query{Values: r.URL.Query()} }

// err is everything that was wrong; nil when nothing was.
func (q *query) err() error { return badFields(q.problems) }

// limit is how many items a page has.
func (q *query) limit() int {
	text := q.Get("limit")
	if text == "" {
		return defaultLimit
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLimit {
		q.add("limit", fmt.Sprintf("must be a number from 1 to %d", maxLimit))
		return defaultLimit
	}
	return n
}

// flag is true or false; left out, it is false.
func (q *query) flag(name string) bool {
	switch q.Get(name) {
	case "true":
		return true
	case "", "false":
	default:
		q.add(name, "must be true or false")
	}
	return false
}

// cursor is where a page of a list ended, opaque to clients. It names its list,
// so that one of another list is not mistaken.
func cursor(list, position string) *string {
	c := base64.RawURLEncoding.EncodeToString([]byte(list + ":" + position))
	return &c
}

// after is the position of the page before; "" = from the start.
func (q *query) after(list string) string {
	text := q.Get("after")
	if text == "" {
		return ""
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	position, mine := strings.CutPrefix(string(raw), list+":")
	if err != nil || !mine || position == "" {
		q.badCursor()
		return ""
	}
	return position
}

func (q *query) badCursor() { q.add("after", "must be the next of a page of this list") }

// page reads limit and after of a list that storage pages. One more than asked for
// is read, to see whether there is a next page.
func (q *query) page(list string) storage.Page {
	p := storage.Page{Limit: q.limit() + 1}
	if position := q.after(list); position != "" {
		key, err := strconv.ParseInt(position, 10, 64)
		if err != nil || key < 1 || strconv.FormatInt(key, 10) != position {
			q.badCursor()
		}
		p.After = key
	}
	return p
}

// pageOf is the answer of a page that storage read as p says.
func pageOf[S, T any](list string, p storage.Page, rows []S, key func(*S) int64, item func(*S) T) listBody[T] {
	var next *string
	if len(rows) >= p.Limit {
		rows = rows[:p.Limit-1]
		next = cursor(list, strconv.FormatInt(key(&rows[len(rows)-1]), 10))
	}
	return listBody[T]{Items: each(rows, item), Next: next}
}

// place is where an item stands in a list that is read whole: at falls from item to
// item, and id tells those apart that have the same.
type place struct {
	at int64
	id string
}

func (p place) String() string { return strconv.FormatInt(p.at, 10) + "." + p.id }

func (p place) compare(other place) int {
	return cmp.Or(cmp.Compare(p.at, other.at), strings.Compare(p.id, other.id))
}

// place is after, of a list that is read whole.
func (q *query) place(list string) (p place, given bool) {
	position := q.after(list)
	if position == "" {
		return place{}, false
	}
	at, id, _ := strings.Cut(position, ".")
	n, err := strconv.ParseInt(at, 10, 64)
	if p = (place{n, id}); err != nil || id == "" || p.String() != position {
		q.badCursor()
	}
	return p, true
}

// partOf is the answer of a page of a list that is short enough to be read whole,
// each row at its place. Where the page before ended is known from the row itself,
// or from its place when it has been deleted since.
func partOf[S, T any](q *query, list string, rows []S, at func(*S) place, item func(*S) T) (listBody[T], error) {
	limit := q.limit()
	after, given := q.place(list)
	if err := q.err(); err != nil {
		return listBody[T]{}, err
	}
	if given {
		start := slices.IndexFunc(rows, func(row S) bool { return at(&row) == after }) + 1
		if start == 0 {
			start = slices.IndexFunc(rows, func(row S) bool { return at(&row).compare(after) < 0 })
		}
		if start < 0 {
			start = len(rows)
		}
		rows = rows[start:]
	}
	var next *string
	if len(rows) > limit {
		rows = rows[:limit]
		next = cursor(list, at(&rows[limit-1]).String())
	}
	return listBody[T]{Items: each(rows, item), Next: next}, nil
}

// each is what item makes of every row.
func each[S, T any](rows []S, item func(*S) T) []T {
	items := make([]T, len(rows))
	for i := range rows {
		items[i] = item(&rows[i])
	}
	return items
}
