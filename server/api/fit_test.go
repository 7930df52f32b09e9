package api

import (
	"encoding/json"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"recado/server/access"
	"recado/storage"
)

// jsonSize is what a notification takes as JSON, which is close to what is sent.
func jsonSize(n *storage.Notification, declarative bool) int {
	b, _ := json.Marshal(n.Content) // strings and JSON: cannot fail
	if declarative {
		return len(b) + 1000
	}
	return len(b)
}

func TestFit(t *testing.T) {
	long := func(s string, bytes int) string { return strings.Repeat(s, bytes/len(s)) }
	all := storage.Content{Title: "T", Body: "B", URL: "https://e.example/", Icon: "https://e.example/i", Image: "https://e.example/m",
		Tag: "t", Data: json.RawMessage(`{"a":1}`), Actions: []storage.Action{{Action: "a", Title: "A"}}}
	with := func(change func(*storage.Content)) storage.Content {
		c := all
		change(&c)
		return c
	}
	for _, tt := range []struct {
		name string
		in   storage.Content
		kept func(c *storage.Content) bool
	}{
		{"a long body", with(func(c *storage.Content) { c.Body = long("x", 1<<20) }), func(c *storage.Content) bool {
			return len(c.Body) > 3000 && c.Title == "T" && c.URL != "" && c.Image != "" && c.Actions != nil
		}},
		{"of four bytes each", with(func(c *storage.Content) { c.Body = long("😀", 5000) }), func(c *storage.Content) bool { return len(c.Body) > 3000 }},
		{"that is escaped", with(func(c *storage.Content) { c.Body = long("\x01", 5000) }), func(c *storage.Content) bool { return len(c.Body) > 500 }},
		{"a long title", with(func(c *storage.Content) { c.Title = long("x", 1<<20) }), func(c *storage.Content) bool { return len(c.Title) >= titleKept && c.Body == "B" }},
		{"both", with(func(c *storage.Content) { c.Title, c.Body = long("x", 1<<19), long("y", 1<<19) }), func(c *storage.Content) bool {
			return len(c.Title) == titleKept && len(c.Body) > 3000
		}},
		{"a body and more than enough beside it", with(func(c *storage.Content) {
			c.Body, c.Image, c.Data = long("x", 5000), "https://e.example/"+long("m", 2000), json.RawMessage(`{"a":"`+long("d", 2000)+`"}`)
		}), func(c *storage.Content) bool {
			return c.Data == nil && c.Image != "" && len(c.Body) > 1000 && len(c.Actions) == 1 && c.URL != ""
		}},
		{"a url that leaves no room", with(func(c *storage.Content) { c.URL = "https://e.example/" + long("u", 5000) }), func(c *storage.Content) bool {
			return c.URL == "" && c.Title == "T" && c.Body == "B" && c.Tag == "t"
		}},
		{"a tag that leaves none", with(func(c *storage.Content) { c.Tag = long("t", 5000) }), func(c *storage.Content) bool { return c.Tag == "" && c.Body == "B" }},
	} {
		for _, declarative := range []bool{false, true} {
			b := newBench(t, func(o *Options) { o.Size = jsonSize }, false)
			b.store.declarative = declarative
			n := storage.Notification{Content: tt.in}
			if err := b.api.fit(t.Context(), &n); err != nil {
				t.Fatal(err)
			}
			if size := jsonSize(&n, declarative); size > payloadLimit || !declarative && !tt.kept(&n.Content) || len(n.Warnings) != 1 {
				t.Errorf("%s: %d bytes, %v: %.1000s", tt.name, size, n.Warnings, n.Body)
			}
			if !utf8.ValidString(n.Title) || !utf8.ValidString(n.Body) {
				t.Errorf("%s: a character was cut in two", tt.name)
			}
		}
	}
	b := newBench(t, func(o *Options) { o.Size = jsonSize }, false)
	n := storage.Notification{Content: with(func(c *storage.Content) { c.Body = long("x", 3500) })}
	if err := b.api.fit(t.Context(), &n); err != nil || len(n.Body) != 3500 || len(n.Warnings) > 0 {
		t.Errorf("what fits was changed: %v %d %v", err, len(n.Body), n.Warnings)
	}
	b.store.err = storage.ErrUnavailable
	if err := b.api.fit(t.Context(), &n); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("storage is away: %v", err)
	}
}

func TestAudience(t *testing.T) {
	limited := access.Grant{Scope: storage.ScopePublish, Categories: []string{"news", "ops"}}
	for _, tt := range []struct {
		name  string
		grant access.Grant
		ask   string
		want  string // "refused", or the categories
	}{
		{"everyone", access.Grant{Scope: storage.ScopePublish}, "", ""},
		{"some", access.Grant{Scope: storage.ScopePublish}, "a,b,a", "a,b"},
		{"an admin", access.Grant{Scope: storage.ScopeAdmin}, "a", "a"},
		{"a limited token names none", limited, "", "news,ops"},
		{"its own", limited, "ops", "ops"},
		{"others", limited, "ops,a", "refused"},
	} {
		target, err := audience(tt.grant, strings.FieldsFunc(tt.ask, func(r rune) bool { return r == ',' }))
		got := strings.Join(target.Categories, ",")
		if err != nil {
			got = "refused"
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestReadBytes(t *testing.T) {
	for size, ok := range map[int]bool{0: true, maxPublished: true, maxPublished + 1: false} {
		for _, told := range []bool{true, false} {
			r := httptest.NewRequest("POST", "/", strings.NewReader(strings.Repeat("x", size)))
			if !told {
				r.ContentLength = -1
			}
			body, err := readBytes(httptest.NewRecorder(), r, maxPublished)
			var e *Error
			if ok != (err == nil) || ok && len(body) != size || !ok && (!errors.As(err, &e) || e.Status != 413 || e.Limit != maxPublished) {
				t.Errorf("%d bytes: %d, %v", size, len(body), err)
			}
		}
	}
}
