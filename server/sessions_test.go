package server

import (
	"slices"
	"strings"
	"testing"
	"time"

	"recado/server/access"
	"recado/server/config"
	"recado/storage"
)

// signIn signs in with a token, and returns the header that carries the session.
func (d *desk) signIn(who string) string {
	d.Helper()
	got := d.want("sign in", d.ask("", "POST", "/v1/session", `{"token":"`+d.tokens[who]+`"}`), 204, "")
	cookies := got.Cookies()
	if len(cookies) != 1 || cookies[0].Name != "recado_session" {
		d.Fatalf("cookies: %v", cookies)
	}
	return "Cookie: recado_session=" + cookies[0].Value
}

func TestSessionRoutes(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	d.want("nobody", d.ask("", "GET", "/v1/session", ""), 204, "")
	d.want("nobody leaves", d.ask("", "DELETE", "/v1/session", ""), 204, "")
	for body, status := range map[string]int{
		`{"token":"nobody"}`:                      401,
		`{"token":"` + d.tokens["publish"] + `"}`: 403,
		`{}`:           422,
		`{"token":""}`: 422,
		`{"token":5}`:  422,
		`{"token":"` + d.tokens["admin"] + `","x":1}`: 422,
		`{`: 400,
	} {
		if got := d.want(body, d.ask("", "POST", "/v1/session", body), status, ""); len(got.Cookies()) > 0 {
			t.Errorf("%s: %v", body, got.Cookies())
		}
	}
	d.want("a publish token", d.ask("", "POST", "/v1/session", `{"token":"`+d.tokens["publish"]+`"}`), 403, "a publish token cannot sign in")
	got := d.want("sign in", d.ask("", "POST", "/v1/session", `{"token":"`+d.tokens["admin"]+`"}`), 204, "")
	set := got.Header.Get("Set-Cookie")
	for _, part := range []string{"; Path=/", "; Max-Age=2592000", "; HttpOnly", "; Secure", "; SameSite=Strict"} {
		if !strings.Contains(set, part) {
			t.Errorf("Set-Cookie has no %q: %s", part, set)
		}
	}
	if got.Header.Get("Cache-Control") != "no-store" {
		t.Error("the answer may be stored")
	}
	cookie, _, _ := strings.Cut(set, ";")
	cookie = "Cookie: " + cookie
	who := d.want("who", d.ask("", "GET", "/v1/session", "", cookie), 200, `{"scope":"admin","name":"admin"}`)
	if again := who.Header.Get("Set-Cookie"); again != set {
		t.Errorf("a visit renews the cookie as %q", again)
	}
	d.want("leave", d.ask("", "DELETE", "/v1/session", "", cookie), 204, "")
	d.want("gone", d.ask("", "GET", "/v1/session", "", cookie), 204, "")
	d.want("gone", d.ask("", "GET", "/v1/stats", "", cookie), 401, "the session has ended: sign in again")
}

func TestSessionEndsWithItsToken(t *testing.T) {
	d := newDesk(t, nil)
	mine, theirs := d.signIn("admin"), d.signIn("read")
	list, err := d.store.Tokens(t.Context())
	d.no(err)
	i := slices.IndexFunc(list, func(token storage.Token) bool { return token.Name == "read" })
	d.want("before", d.ask("", "GET", "/v1/stats", "", theirs), 200, "")
	d.want("revoke", d.ask("", "DELETE", "/v1/tokens/"+list[i].ID.String(), "", mine), 204, "")
	d.want("after", d.ask("", "GET", "/v1/stats", "", theirs), 401, "")
	d.want("who", d.ask("", "GET", "/v1/session", "", theirs), 204, "")
	d.want("the other", d.ask("", "GET", "/v1/stats", "", mine), 200, "")
}

// A session that nobody used for 30 days has ended; one that is used is noted and
// its cookie renewed.
func TestOldSessions(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	token, err := d.store.TokenByHash(t.Context(), access.Hash(d.tokens["read"]))
	d.no(err)
	for name, age := range map[string]time.Duration{"idle": access.SessionIdle, "used": access.SessionIdle - time.Minute} {
		at := time.Now().Add(-age)
		d.no(d.store.CreateSession(t.Context(), storage.Session{Hash: access.Hash(name), Token: token, CreatedAt: at, SeenAt: at}))
	}
	d.want("idle", d.ask("", "GET", "/v1/stats", "", "Cookie: recado_session=idle"), 401, "")
	got := d.want("used", d.ask("", "GET", "/v1/stats", "", "Cookie: recado_session=used"), 200, "")
	if set := got.Header.Get("Set-Cookie"); !strings.HasPrefix(set, "recado_session=used; Path=/; Max-Age=2592000") {
		t.Errorf("Set-Cookie: %q", set)
	}
	s, err := d.store.SessionByHash(t.Context(), access.Hash("used"))
	if d.no(err); time.Since(s.SeenAt) > time.Minute || time.Since(s.Token.LastUsedAt) > time.Minute {
		t.Errorf("seen at %v, its token used at %v", s.SeenAt, s.Token.LastUsedAt)
	}
}

// Cookies are Secure only where browsers reach the server by https.
func TestSessionsWithoutTLS(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, func(c *config.Config) { c.BaseURL = "http://localhost:8080" })
	got := d.ask("", "POST", "/v1/session", `{"token":"`+d.tokens["admin"]+`"}`)
	if set := got.Header.Get("Set-Cookie"); set == "" || strings.Contains(set, "Secure") {
		t.Errorf("Set-Cookie: %q", set)
	}
}
