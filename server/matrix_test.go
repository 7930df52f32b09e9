package server

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"recado/server/access"
	"recado/server/config"
	"recado/storage"
)

// caller is somebody who calls a route.
type caller struct {
	name    string
	token   string // "" = none
	cookie  string // "" = no session
	headers []string
	// scope is what the token or session has; empty = it is good for nothing.
	scope   storage.Scope
	foreign bool // the request comes from a page of another site
}

// matrix calls every line of the route table as everybody.
type matrix struct {
	*desk
	examples map[string]*openapi3.Operation
	version  func() int64      // changes with every commit to the database
	ids      map[string]string // that exist, by the path before them
	calls    int
}

// TestAccessMatrix derives from the route table who may call what, and calls it:
// without a token, with every kind of bad one, with each scope, in sessions that
// are good, foreign or over. What is refused leaves no trace in the database and
// reaches no push service.
func TestAccessMatrix(t *testing.T) {
	if testing.Short() {
		t.Skip("calls some three thousand times")
	}
	for _, isOpen := range []bool{false, true} {
		m := newMatrix(t, func(c *config.Config) {
			if isOpen {
				c.Access.Publish = "open"
			}
		})
		callers := m.callers()
		for _, c := range callers { // that each was used is noted now, and not again for a minute
			m.call(c, "GET", "/v1/stats", "")
		}
		for _, refused := range []bool{true, false} { // first what may not have an effect
			for _, line := range m.table() {
				for _, c := range callers {
					if isOpen && line.scope != open {
						continue // nothing else depends on it
					}
					if want := verdict(line, c, isOpen); (want != 0) == refused {
						m.try(line, c, want)
					}
				}
			}
		}
		if !isOpen && m.calls < 1500 {
			t.Errorf("%d calls only", m.calls)
		}
	}
}

func newMatrix(t *testing.T, change func(*config.Config)) *matrix {
	m := &matrix{desk: newDesk(t, change), examples: map[string]*openapi3.Operation{}, ids: map[string]string{}}
	readDocument(t, m.url, m.secrets).each(func(op string, o *openapi3.Operation) { m.examples[op] = o })
	m.version = m.commits()
	m.ids["/v1/pushnotification/"] = m.notification("publish", "")
	m.ids["/v1/pushnotification/categories/"] = m.made(m.ask("admin", "POST", "/v1/pushnotification/categories", `{"name":"lent"}`))
	m.ids["/v1/subscriptions/"] = m.made(m.ask("", "POST", "/subscription", m.subscription("")))
	m.ids["/subscription/"] = m.ids["/v1/subscriptions/"]
	m.ids["/v1/invites/"] = m.made(m.ask("admin", "POST", "/v1/invites", `{}`))
	m.ids["/v1/tokens/"] = m.made(m.ask("admin", "POST", "/v1/tokens", `{"name":"lent","scope":"read"}`))
	m.ids["/"] = "ops"
	m.want("rotate", m.ask("admin", "POST", "/v1/keys/rotate", ""), 201, "")
	keys, err := m.store.Keys(t.Context())
	m.no(err)
	for _, key := range keys { // the older one has the subscription; the newest is in use
		m.ids["/v1/keys/"] = key.ID
	}
	return m
}

// commits tells by SQLite's own count whether anything was written.
func (d *desk) commits() func() int64 {
	db, err := sql.Open("sqlite", filepath.Join(d.dir, "recado.db"))
	d.no(err)
	db.SetMaxOpenConns(1) // the count is a connection's
	d.Cleanup(func() { _ = db.Close() })
	return func() (n int64) {
		d.no(db.QueryRow("PRAGMA data_version").Scan(&n))
		return n
	}
}

// table is the route table, with what ends sessions at its end.
func (m *matrix) table() []route {
	table := m.server.routes()
	slices.SortStableFunc(table, func(a, b route) int {
		return cmp.Compare(strings.Index(a.pattern, "/v1/session"), strings.Index(b.pattern, "/v1/session"))
	})
	return table
}

func (m *matrix) callers() []caller {
	gone, past := m.secret(storage.Token{Name: "gone", Scope: storage.ScopeAdmin}), m.secret(storage.Token{Name: "past", Scope: storage.ScopeAdmin})
	m.tokens["gone"], m.tokens["past"] = gone, past
	goneSession, pastSession := m.session("gone"), m.session("past")
	m.revoke("gone")
	m.expire("past")
	unknown, err := access.NewToken("")
	m.no(err)
	all := []caller{
		{name: "nobody"},
		{name: "with a wrong token", token: unknown},
		{name: "with a revoked token", token: gone},
		{name: "with an expired token", token: past},
		{name: "with another scheme", headers: []string{"Authorization: Digest " + m.tokens["admin"]}},
		{name: "in a session that nobody has", cookie: "recado_session=" + unknown},
		{name: "with a token as session", cookie: "recado_session=" + m.tokens["admin"]},
		{name: "in a session of a revoked token", cookie: goneSession},
		{name: "in a session of an expired token", cookie: pastSession},
		{name: "with a wrong token in a good session", token: unknown, cookie: m.session("admin")},
	}
	for _, scope := range []storage.Scope{storage.ScopeAdmin, storage.ScopePublish, storage.ScopeRead} {
		all = append(all, caller{name: "with a token to " + string(scope), token: m.tokens[string(scope)], scope: scope})
		if scope == storage.ScopePublish {
			continue // signs nobody in
		}
		session := caller{cookie: m.session(string(scope)), scope: scope}
		for name, headers := range map[string][]string{
			"":                             nil, // a program with a cookie
			" from its own page":           {"Sec-Fetch-Site: same-origin", "Origin: https://recado.example"},
			" from its own page, long ago": {"Origin: https://recado.example"},
			" from another site":           {"Sec-Fetch-Site: cross-site", "Origin: https://evil.example"},
			" from another site, long ago": {"Origin: https://evil.example"},
			" from another subdomain":      {"Sec-Fetch-Site: same-site", "Origin: https://blog.recado.example"},
			" from a sandbox":              {"Sec-Fetch-Site: cross-site", "Origin: null"},
		} {
			session.name, session.headers = "in a session to "+string(scope)+name, headers
			session.foreign = strings.Contains(name, "another") || strings.Contains(name, "sandbox")
			all = append(all, session)
		}
	}
	return all
}

// verdict is how a caller is refused; 0 = let in.
func verdict(line route, c caller, publishIsOpen bool) int {
	sessions := !line.ofTopic() && line.pattern != "/{$}" && !strings.HasPrefix(line.pattern, "/hook") && line.pattern != "/message"
	inSession := c.cookie != "" && c.token == "" && sessions
	nobody := c.token == "" && !inSession
	if line.pattern == "/v1/session" && c.foreign && line.method != "GET" {
		return http.StatusForbidden
	}
	switch {
	case line.scope == public:
		return 0
	case line.scope == subscribe || line.scope == open && publishIsOpen:
		// Sessions count for nothing here: a bad token is refused, and one too narrow.
		if c.token != "" && c.scope == "" {
			return http.StatusUnauthorized
		}
		if c.token != "" && line.scope == open && !slices.Contains(opens(open), string(c.scope)) {
			return http.StatusForbidden
		}
		if line.scope == open && c.foreign && c.token == "" {
			return http.StatusForbidden // no page may have its visitors publish, unless access.cors_origins names it
		}
		return 0
	case nobody && (line.ofTopic() || line.pattern == "/{$}"):
		return http.StatusForbidden // as ntfy says it
	case nobody:
		return http.StatusUnauthorized
	case inSession && c.foreign && line.method != "GET":
		return http.StatusForbidden
	case c.scope == "":
		return http.StatusUnauthorized
	case !slices.Contains(opens(line.scope), string(c.scope)):
		return http.StatusForbidden
	case c.foreign && line.pattern == "/v1/deliveries/live":
		return http.StatusForbidden // a WebSocket, which knows no CORS
	}
	return 0
}

// try calls a route, and looks what came of it.
func (m *matrix) try(line route, c caller, want int) {
	m.Helper()
	path := strings.NewReplacer("{$}", "", "{token}", c.token).Replace(line.pattern)
	if before, _, variable := strings.Cut(path, "{"); variable {
		// What is let in finds nothing there, so that the next one may try.
		id := nobody()
		if want != 0 || line.ofTopic() {
			id = cmp.Or(m.ids[before], "nobody has said what is at "+before)
		}
		path = fill(path, id)
	}
	if line.scope == open {
		path += "?wait=0" // nothing is sent here
	}
	before := m.version()
	got := m.call(c, line.method, path, m.body(line))
	what := fmt.Sprintf("%s %s, %s", line.method, path, c.name)
	switch refused := got.StatusCode == http.StatusUnauthorized || got.StatusCode == http.StatusForbidden; {
	case want == 0 && (refused || got.StatusCode >= 500 || got.StatusCode == http.StatusTooManyRequests):
		m.Errorf("%s: %d %s", what, got.StatusCode, got.body)
	case want != 0:
		m.want(what, got, want, "")
		if m.version() != before || len(m.push.Received()) > 0 {
			m.Errorf("%s: refused with %d, and yet something was written or sent", what, got.StatusCode)
		}
		if len(got.Cookies()) > 0 {
			m.Errorf("%s: refused, and given %v", what, got.Cookies())
		}
	}
}

// body is one that the route would do something for.
func (m *matrix) body(line route) string {
	switch line.pattern {
	case "/v1/session":
		return object("token", m.tokens["read"])
	case "/push_v1":
		return `{"sub_token":` + m.subscription("") + `}`
	case "/subscription", "/api/subscribe":
		return m.subscription("")
	}
	if o := m.examples[line.method+" "+strings.TrimSuffix(line.pattern, "{$}")]; o != nil {
		return sample(m.T, o)
	}
	return ""
}

// call is ask as somebody, from an address of its own: each may be wrong thirty
// times a minute.
func (m *matrix) call(c caller, method, path, body string) reply {
	m.Helper()
	m.calls++
	headers := append(slices.Clone(c.headers), fmt.Sprintf("X-Forwarded-For: 10.%d.%d.%d", m.calls>>16, m.calls>>8&255, m.calls&255))
	if c.token != "" {
		headers = append(headers, "Authorization: Bearer "+c.token)
	}
	if c.cookie != "" {
		headers = append(headers, "Cookie: "+c.cookie)
	}
	return m.ask("", method, path, body, headers...)
}

// session is the cookie of a session of a token.
func (m *matrix) session(who string) string {
	return strings.TrimPrefix(m.signIn(who), "Cookie: ")
}

func (d *desk) revoke(name string) {
	d.Helper()
	list, err := d.store.Tokens(d.Context())
	d.no(err)
	i := slices.IndexFunc(list, func(t storage.Token) bool { return t.Name == name })
	d.no(d.store.RevokeToken(d.Context(), list[i].ID))
}

// expire has a token's time end now.
func (m *matrix) expire(name string) {
	m.Helper()
	db, err := sql.Open("sqlite", filepath.Join(m.dir, "recado.db"))
	m.no(err)
	defer db.Close()
	_, err = db.ExecContext(context.WithoutCancel(m.Context()), "UPDATE token SET expires_at = ? WHERE name = ?", time.Now().UnixMilli(), name)
	m.no(err)
}

// A token that is limited to categories publishes to no other, whichever way it
// asks, and touches nothing that is not its own. Every route that takes a publish
// token has to say here what would be outside.
func TestLimitedTokensStayInside(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it is about concurrency")
	}
	m := newMatrix(t, nil)
	limited := caller{name: "limited to news", token: m.tokens["news"]}
	m.call(limited, "GET", "/v1/stats", "")
	own := m.ids["/v1/pushnotification/"] // everyone's, made by another token
	everyone, ops, both := `{"title":"x","body":"x"}`, `{"title":"x","target":{"categories":["ops"]}}`, `{"title":"x","target":{"categories":["news","ops"]}}`
	user, one := `{"title":"x","target":{"categories":["news"],"users":["ana"]}}`, `{"title":"x","target":{"categories":["news"],"subscriptions":["`+m.ids["/subscription/"]+`"]}}`
	outside := map[string][]string{
		"POST /api/notify":                         {everyone, ops, both, user, one},
		"POST /push":                               {everyone},
		"POST /push_v1":                            {`{"sub_token":` + m.subscription("") + `}`},
		"POST /v1/pushnotification":                {everyone, ops, both, user, one},
		"POST /v1/pushnotification/preview":        {everyone, ops, both, user, one},
		"PUT /v1/pushnotification/{id}":            {`{"title":"x","target":{"categories":["news"]}}`},
		"DELETE /v1/pushnotification/{id}":         {""},
		"POST /v1/pushnotification/{id}/cancel":    {""},
		"GET /v1/pushnotification/{id}":            {""},
		"GET /v1/pushnotification/{id}/deliveries": {""},
		"POST /hook":                               {everyone},
		"POST /hook/{token}":                       {everyone},
		"POST /message":                            {`{"message":"x"}`},
		"POST /{$}":                                {`{"topic":"ops","message":"x"}`, `{"topic":"made","message":"x"}`},
		"PUT /{$}":                                 {`{"topic":"ops","message":"x"}`},
		"POST /{topic}":                            {"x"},
		"PUT /{topic}":                             {"x"},
		"GET /{topic}/publish":                     {""},
		"GET /{topic}/send":                        {""},
		"GET /{topic}/trigger":                     {""},
	}
	for _, line := range m.server.routes() {
		if !slices.Contains(opens(line.scope), "publish") {
			continue
		}
		bodies, said := outside[line.method+" "+line.pattern]
		if !said {
			t.Errorf("%s %s takes a publish token, and this test does not know what is outside of its categories", line.method, line.pattern)
		}
		path := strings.NewReplacer("{$}", "", "{token}", limited.token, "{id}", own, "{topic}", "ops").Replace(line.pattern)
		if strings.HasPrefix(path, "/hook") || path == "/message" {
			path += "?category=ops" // naming none means its own there
		}
		for _, body := range bodies {
			before := m.version()
			what := line.method + " " + path + " " + body
			m.want(what, m.call(limited, line.method, path, body), 403, "")
			if m.version() != before || len(m.push.Received()) > 0 {
				t.Errorf("%s: refused, and yet something was written or sent", what)
			}
		}
	}
}

// Thirty wrong tokens a minute from one address, wherever they were tried, and no
// more; a right one is still let in. Who connects from elsewhere cannot write
// another address into X-Forwarded-For, and all of an IPv6 /64 is one.
func TestWrongTokensOfOneAddress(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it is about concurrency")
	}
	everywhere := []string{"/api/notify?wait=0", "/push", "/push_v1", "/v1/pushnotification", "/v1/tokens", "/hook", "/hook/rcd_wrong", "/message", "/", "/topic", "/api/subscribe"}
	for name, c := range map[string]struct {
		listen    string
		forwarded func(i int) string
		other     string // an address that has done nothing; empty = there is none
	}{
		"whatever it says in X-Forwarded-For": {"0.0.0.0:8080", func(i int) string { return fmt.Sprintf("198.51.100.%d", i) }, ""},
		"what it says itself, behind a proxy": {"127.0.0.1:8080", func(i int) string { return fmt.Sprintf("203.0.113.%d, 198.51.100.1", i) }, "203.0.113.1"},
		"within a /64":                        {"127.0.0.1:8080", func(i int) string { return fmt.Sprintf("2001:db8:0:1:%x::%x", i, i*i) }, "2001:db8:0:2::1"},
	} {
		d := newDesk(t, func(cfg *config.Config) { cfg.Listen = c.listen })
		wrong := func(i int, from string) reply {
			return d.ask("", "POST", everywhere[i%len(everywhere)], `{}`, "Authorization: Bearer rcd_wrong", "X-Forwarded-For: "+from)
		}
		for i := range 30 {
			d.want(name, wrong(i, c.forwarded(i)), 401, "")
		}
		for i := range everywhere {
			if got := d.want(name, wrong(i, c.forwarded(100+i)), 429, ""); got.Header.Get("Retry-After") != "2" {
				t.Errorf("%s: Retry-After is %q", name, got.Header.Get("Retry-After"))
			}
		}
		d.want(name, d.ask("read", "GET", "/v1/stats", "", "X-Forwarded-For: "+c.forwarded(0)), 200, "")
		if c.other != "" {
			d.want(name, wrong(0, c.other), 401, "")
		}
	}
}
