package api

import (
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

// partOf is the answer of a page of a list that is short enough to be read whole;
// id is what an item is known by.
func partOf[T any](q *query, list string, all []T, id func(T) string) (listBody[T], error) {
	limit, after := q.limit(), q.after(list)
	start := 0
	if after != "" {
		if start = slices.IndexFunc(all, func(item T) bool { return id(item) == after }) + 1; start == 0 {
			q.badCursor() // or it is gone: only starting again can be right
		}
	}
	if err := q.err(); err != nil {
		return listBody[T]{}, err
	}
	all = all[start:]
	if len(all) <= limit {
		return listBody[T]{Items: listed(all)}, nil
	}
	return listBody[T]{Items: all[:limit], Next: cursor(list, id(all[limit-1]))}, nil
}

// each is what item makes of every row.
func each[S, T any](rows []S, item func(*S) T) []T {
	items := make([]T, len(rows))
	for i := range rows {
		items[i] = item(&rows[i])
	}
	return items
}
