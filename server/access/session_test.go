package access

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"recado/storage"
)

// sessions is a store of sessions in memory, beside the tokens that they are of.
type sessions struct {
	tokens *tokens

	mu      sync.Mutex
	byHash  map[[32]byte]storage.Session
	touches int
	broken  bool
	revoked bool // the token is, by the time that its session is made
}

func newSessions(t *tokens) *sessions {
	return &sessions{tokens: t, byHash: map[[32]byte]storage.Session{}}
}

func (s *sessions) CreateSession(_ context.Context, n storage.Session) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.revoked {
		return storage.ErrNotFound
	}
	n.Key = int64(len(s.byHash) + 1)
	s.byHash[n.Hash] = n
	return nil
}

func (s *sessions) SessionByHash(ctx context.Context, hash [32]byte) (storage.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		return storage.Session{}, storage.ErrUnavailable
	}
	n, ok := s.byHash[hash]
	if !ok {
		return n, storage.ErrNotFound
	}
	if _, err := s.tokens.TokenByHash(ctx, n.Token.Hash); err != nil {
		return n, err
	}
	return n, nil
}

// TouchSession notes it, and yet reports that it could not.
func (s *sessions) TouchSession(_ context.Context, key int64, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.touches++
	for hash, n := range s.byHash {
		if n.Key == key {
			n.SeenAt = at
			s.byHash[hash] = n
		}
	}
	return errors.New("the disk is full")
}

func (s *sessions) EndSession(_ context.Context, hash [32]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byHash, hash)
	return nil
}

// lobby is an Authenticator where one can sign in.
type lobby struct {
	*Authenticator
	t        *testing.T
	tokens   *tokens
	sessions *sessions
	heard    [][32]byte
}

func newLobby(t *testing.T, open bool) *lobby {
	l := &lobby{t: t, tokens: newTokens()}
	l.sessions = newSessions(l.tokens)
	for _, scope := range []storage.Scope{storage.ScopeAdmin, storage.ScopeRead, storage.ScopePublish} {
		l.tokens.add(string(scope), storage.Token{Scope: scope, Name: string(scope)})
	}
	l.tokens.add("short", storage.Token{Scope: storage.ScopeAdmin, ExpiresAt: time.Now().Add(time.Hour)})
	l.Authenticator = newAuth(t, Options{Tokens: l.tokens, Sessions: l.sessions, Now: time.Now, OpenPublish: open,
		SignedIn: func(_ context.Context, hash [32]byte) { l.heard = append(l.heard, hash) }})
	return l
}

// signIn signs in and returns the cookie.
func (l *lobby) signIn(token string) *http.Cookie {
	l.t.Helper()
	w := httptest.NewRecorder()
	if err := l.SignIn(w, request("", "192.0.2.1:1"), token); err != nil {
		l.t.Fatalf("sign in with %s: %v", token, err)
	}
	return w.Result().Cookies()[0]
}

// with is a request with a cookie and headers, "Name: value".
func with(method string, c *http.Cookie, headers ...string) *http.Request {
	r := request("", "192.0.2.1:1")
	r.Method = method
	if c != nil {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	return r
}

func passed(http.ResponseWriter, *http.Request) {}

func (l *lobby) gate(scopes ...storage.Scope) http.Handler {
	return l.Gate(tell).RequireAny(http.HandlerFunc(passed), scopes...)
}

func TestSignIn(t *testing.T) {
	l := newLobby(t, false)
	for token, want := range map[string]int{"publish": 403, "nobody": 401} {
		var e *Error
		w := httptest.NewRecorder()
		if err := l.SignIn(w, request("", "192.0.2.1:1"), token); !errors.As(err, &e) || e.Status != want || len(w.Result().Cookies()) > 0 {
			t.Errorf("%s: %v, cookies %v", token, err, w.Result().Cookies())
		}
	}
	if len(l.heard) > 0 {
		t.Error("a failed sign-in was heard of")
	}
	c := l.signIn("admin")
	if c.Name != "recado_session" || len(c.Value) != 43 || c.Path != "/" || c.MaxAge != 30*24*3600 || c.Domain != "" ||
		!c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode {
		t.Errorf("the cookie: %+v", c)
	}
	if len(l.heard) != 1 || l.heard[0] != Hash("admin") {
		t.Error("the sign-in was not heard of")
	}
	if _, ok := l.sessions.byHash[Hash(c.Value)]; !ok || len(l.sessions.byHash) != 1 {
		t.Error("the session is not stored by its hash")
	}
	// Signing in again ends the session before.
	if err := l.SignIn(httptest.NewRecorder(), with("POST", c), "read"); err != nil {
		t.Fatal(err)
	}
	if _, ok := l.sessions.byHash[Hash(c.Value)]; ok || len(l.sessions.byHash) != 1 {
		t.Error("the session before goes on")
	}
	plain, err := New(Options{Tokens: l.tokens, Sessions: l.sessions, Now: time.Now, Origin: "http://localhost:8080"})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := plain.SignIn(w, request("", "192.0.2.1:1"), "admin"); err != nil || w.Result().Cookies()[0].Secure {
		t.Errorf("without https: %v, %v", err, w.Result().Cookies())
	}
}

// A cookie that the browser would drop is not given: the sentence says where to go.
func TestSignInWithoutTLS(t *testing.T) {
	l := newLobby(t, false)
	for origin, refused := range map[string]bool{
		"http://nas.lan:8080": true, "http://192.168.1.5": true, "http://localhost:8080": false, "http://127.0.0.1:8080": false, "http://[::1]": false,
		"https://nas.lan": false,
	} {
		r := with("POST", nil, "Origin: "+origin)
		_, r.Host, _ = strings.Cut(origin, "//")
		err := l.SignIn(httptest.NewRecorder(), r, "admin")
		var e *Error
		if got := errors.As(err, &e) && e.Status == 403 && strings.Contains(e.Message, "open it at https://recado.example"); got != refused || err != nil != refused {
			t.Errorf("%s: %v", origin, err)
		}
	}
}

func TestSignInWhileRevoked(t *testing.T) {
	l := newLobby(t, false)
	l.sessions.revoked = true
	var e *Error
	w := httptest.NewRecorder()
	if err := l.SignIn(w, request("", "192.0.2.1:1"), "admin"); !errors.As(err, &e) || e.Status != 401 || len(w.Result().Cookies()) > 0 {
		t.Errorf("%v, cookies %v", err, w.Result().Cookies())
	}
}

func TestFailedSignIns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLobby(t, false)
		for i := range 31 {
			var e *Error
			err := l.SignIn(httptest.NewRecorder(), request("", "192.0.2.1:1"), "guess")
			if want := map[bool]int{true: 401, false: 429}[i < 30]; !errors.As(err, &e) || e.Status != want {
				t.Fatalf("guess %d: %v", i, err)
			}
		}
		// They are counted together with those of other requests.
		if got := answer(l.gate(storage.ScopeRead), request("guess", "192.0.2.1:1")).StatusCode; got != 429 {
			t.Errorf("a wrong token elsewhere: %d", got)
		}
	})
}

func TestSessionScopes(t *testing.T) {
	l := newLobby(t, false)
	none, unknown := (*http.Cookie)(nil), &http.Cookie{Name: "recado_session", Value: "nobody's"}
	revoked, admin, read := l.signIn("short"), l.signIn("admin"), l.signIn("read")
	delete(l.tokens.byHash, Hash("short"))
	tests := []struct {
		name             string
		r                func(method string) *http.Request
		admin, read, pub int
	}{
		{"none", func(m string) *http.Request { return with(m, none) }, 401, 401, 401},
		{"an empty one", func(m string) *http.Request { return with(m, none, "Cookie: recado_session=") }, 401, 401, 401},
		{"unknown", func(m string) *http.Request { return with(m, unknown) }, 401, 401, 401},
		{"of a revoked token", func(m string) *http.Request { return with(m, revoked) }, 401, 401, 401},
		{"admin", func(m string) *http.Request { return with(m, admin) }, 200, 200, 200},
		{"read", func(m string) *http.Request { return with(m, read) }, 403, 200, 403},
		{"beside another scheme", func(m string) *http.Request { return with(m, read, "Authorization: Basic eDp5") }, 403, 200, 403},
		// The token decides, however good the session is.
		{"admin and a wrong token", func(m string) *http.Request { return with(m, admin, "Authorization: Bearer nobody") }, 401, 401, 401},
		{"admin and a read token", func(m string) *http.Request { return with(m, admin, "Authorization: Bearer read") }, 403, 200, 403},
		{"unknown and a good token", func(m string) *http.Request { return with(m, unknown, "Authorization: Bearer admin") }, 200, 200, 200},
	}
	for _, tt := range tests {
		for scope, want := range map[storage.Scope]int{storage.ScopeAdmin: tt.admin, storage.ScopeRead: tt.read, storage.ScopePublish: tt.pub} {
			res := answer(l.gate(scope), tt.r("POST"))
			if res.StatusCode != want || want == 401 && res.Header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s, where %s is needed: %d, want %d", tt.name, scope, res.StatusCode, want)
			}
		}
	}
	// A link that publishes takes a token, whoever follows it.
	for _, tt := range []struct {
		scopes []storage.Scope
		want   int
	}{
		{[]storage.Scope{storage.ScopePublish}, 401},
		{[]storage.Scope{storage.ScopeRead, storage.ScopePublish}, 200},
		{[]storage.Scope{storage.ScopeAdmin}, 200},
	} {
		if got := answer(l.gate(tt.scopes...), with("GET", admin)).StatusCode; got != tt.want {
			t.Errorf("GET where %v is needed: %d, want %d", tt.scopes, got, tt.want)
		}
	}
}

// Where no token is needed, a cookie neither helps nor harms, not even from a
// page of another site.
func TestSessionsWhereNoneIsNeeded(t *testing.T) {
	l := newLobby(t, true)
	var granted Grant
	look := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { granted = GrantFrom(r.Context()) })
	gate := l.Gate(tell)
	for name, h := range map[string]http.Handler{"optional": gate.Optional(look), "limited": gate.Limit(Requests, look), "open": gate.Publish(look)} {
		for _, c := range []*http.Cookie{l.signIn("read"), l.signIn("admin"), {Name: "recado_session", Value: "old"}} {
			for _, from := range []string{"same-origin", "cross-site"} {
				if got := answer(h, with("POST", c, "Sec-Fetch-Site: "+from)).StatusCode; got != 200 || granted.Scope != "" {
					t.Errorf("%s, %s: %d, %+v", name, from, got, granted)
				}
			}
		}
	}
}

func TestForeignPages(t *testing.T) {
	l := newLobby(t, false)
	c := l.signIn("admin")
	tests := []struct {
		name    string
		headers []string
		want    int
	}{
		{"no browser", nil, 200},
		{"own page", []string{"Sec-Fetch-Site: same-origin", "Origin: https://recado.example"}, 200},
		{"typed", []string{"Sec-Fetch-Site: none"}, 200},
		{"own page, through a proxy with another Host", []string{"Origin: https://recado.example"}, 200},
		{"own page, at another address than base_url", []string{"Origin: https://example.com"}, 200}, // httptest's Host
		{"another site", []string{"Sec-Fetch-Site: cross-site", "Origin: https://evil.example"}, 403},
		{"another subdomain", []string{"Sec-Fetch-Site: same-site", "Origin: https://blog.recado.example"}, 403},
		{"an old browser", []string{"Origin: https://evil.example"}, 403},
		{"another port", []string{"Origin: https://recado.example:8443"}, 403},
		{"without TLS", []string{"Origin: http://recado.example"}, 403},
		{"a sandbox", []string{"Origin: null"}, 403},
	}
	for _, tt := range tests {
		if got := answer(l.gate(storage.ScopeAdmin), with("POST", c, tt.headers...)).StatusCode; got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
		// A token has nothing to do with it; nor has what only reads.
		if got := answer(l.gate(storage.ScopeAdmin), with("POST", c, append(tt.headers, "Authorization: Bearer admin")...)).StatusCode; got != 200 {
			t.Errorf("%s with a token: %d", tt.name, got)
		}
		if got := answer(l.gate(storage.ScopeAdmin), with("GET", c, tt.headers...)).StatusCode; got != 200 {
			t.Errorf("%s reads: %d", tt.name, got)
		}
		// Nobody is signed in or out by another page.
		other := l.signIn("read")
		for what, err := range map[string]error{
			"sign in":  l.SignIn(httptest.NewRecorder(), with("POST", nil, tt.headers...), "admin"),
			"sign out": l.SignOut(httptest.NewRecorder(), with("DELETE", other, tt.headers...)),
		} {
			var e *Error
			if refused := errors.As(err, &e) && e.Status == 403; refused != (tt.want == 403) {
				t.Errorf("%s, %s: %v", tt.name, what, err)
			}
		}
	}
}

func TestSignOut(t *testing.T) {
	l := newLobby(t, false)
	c := l.signIn("admin")
	for range 2 {
		w := httptest.NewRecorder()
		if err := l.SignOut(w, with("DELETE", c)); err != nil {
			t.Fatal(err)
		}
		if gone := w.Result().Cookies(); len(gone) != 1 || gone[0].MaxAge >= 0 || gone[0].Value != "" || gone[0].Path != "/" {
			t.Errorf("the cookie stays: %v", gone)
		}
		if got := answer(l.gate(storage.ScopeRead), with("GET", c)).StatusCode; got != 401 {
			t.Errorf("signed out: %d", got)
		}
	}
	if err := l.SignOut(httptest.NewRecorder(), with("DELETE", nil)); err != nil {
		t.Error(err)
	}
}

// A site at another port or subdomain may add cookies of the same name before ours.
func TestCookiesOfOthersSignNobodyOut(t *testing.T) {
	l := newLobby(t, false)
	c, h := l.signIn("admin"), l.gate(storage.ScopeRead)
	among := func(before int) *http.Request {
		r := httptest.NewRequest("GET", "/", nil)
		for range before {
			r.AddCookie(&http.Cookie{Name: c.Name, Value: "planted"})
		}
		r.AddCookie(&http.Cookie{Name: c.Name, Value: ""})
		r.AddCookie(c)
		return r
	}
	for before, want := range map[int]int{0: 200, 1: 200, 3: 200, 1000: 401} { // but no thousand look-ups
		if got := answer(h, among(before)).StatusCode; got != want {
			t.Errorf("after %d others: %d, want %d", before, got, want)
		}
	}
	w := httptest.NewRecorder()
	if _, ok, err := l.Session(w, among(1)); !ok || err != nil || w.Result().Cookies()[0].Value != c.Value {
		t.Errorf("%v, %v, %v", ok, err, w.Result().Cookies())
	}
	if err := l.SignOut(httptest.NewRecorder(), among(1)); err != nil {
		t.Fatal(err)
	}
	if got := answer(h, with("GET", c)).StatusCode; got != 401 {
		t.Errorf("signed out: %d", got)
	}
}

func TestSessionsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLobby(t, false)
		idle, used, short := l.signIn("admin"), l.signIn("read"), l.signIn("short")
		h := l.gate(storage.ScopeRead)
		ask := func(c *http.Cookie) int { return answer(h, with("GET", c)).StatusCode }
		time.Sleep(time.Hour - time.Second)
		if got := ask(short); got != 200 {
			t.Errorf("before its token expires: %d", got)
		}
		time.Sleep(time.Second)
		if got := ask(short); got != 401 {
			t.Errorf("after: %d", got)
		}
		for range 29 {
			time.Sleep(24 * time.Hour)
			ask(used)
		}
		time.Sleep(23*time.Hour - time.Second) // 30 days less a second
		copied := *idle
		if _, ok, err := l.Session(httptest.NewRecorder(), with("GET", &copied)); !ok || err != nil {
			t.Errorf("after almost 30 days: %v, %v", ok, err)
		}
		// That was a use; so once more.
		time.Sleep(SessionIdle)
		if _, ok, err := l.Session(httptest.NewRecorder(), with("GET", idle)); ok || err != nil {
			t.Errorf("after 30 days without use: %v, %v", ok, err)
		}
		if got := ask(used); got != 401 {
			t.Errorf("used for a month, then not: %d", got)
		}
	})
}

// A session slides: what is noted is its use, once in five minutes, and the cookie
// lasts as long. That the note could not be made is nobody's concern.
func TestSessionSlides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLobby(t, false)
		c := l.signIn("admin")
		h := l.gate(storage.ScopeRead)
		renewed := 0
		for range 15 * 60 { // fifteen minutes
			res := answer(h, with("GET", c))
			if res.StatusCode != 200 {
				t.Fatal(res.Status)
			}
			for _, again := range res.Cookies() {
				renewed++
				if again.Value != c.Value || again.MaxAge != c.MaxAge || !again.HttpOnly || !again.Secure || again.SameSite != http.SameSiteStrictMode {
					t.Errorf("renewed as %v", again)
				}
			}
			time.Sleep(time.Second)
		}
		if l.sessions.touches != 2 || renewed != 2 {
			t.Errorf("noted %d times, renewed %d times", l.sessions.touches, renewed)
		}
	})
}

func TestBrokenSessionStore(t *testing.T) {
	l := newLobby(t, false)
	c := l.signIn("admin")
	l.sessions.broken = true
	if got := answer(l.gate(storage.ScopeRead), with("GET", c)).StatusCode; got != 503 {
		t.Errorf("got %d", got)
	}
}

// Sessions that have ended are requests without a token, and counted.
func TestEndedSessionsAreLimited(t *testing.T) {
	now := time.Now()
	a := newAuth(t, Options{Tokens: newTokens(), Sessions: newSessions(newTokens()), Now: func() time.Time { return now }})
	h := a.Gate(tell).Require(storage.ScopeRead, http.NotFoundHandler())
	c := &http.Cookie{Name: "recado_session", Value: "old"}
	for range 6000 {
		answer(h, with("GET", c))
	}
	if got := answer(h, with("GET", c)).StatusCode; got != 429 {
		t.Errorf("got %d", got)
	}
}

func TestUsesAreBounded(t *testing.T) {
	u, now := newUses(time.Minute), time.Now()
	for key := range int64(5000) {
		now = now.Add(time.Second)
		u.due(key, time.Time{}, now)
	}
	if len(u.noted) > maxUses {
		t.Errorf("%d uses are remembered", len(u.noted))
	}
	if u.due(4999, time.Time{}, now) || !u.due(4999, time.Time{}, now.Add(-time.Second)) {
		t.Error("a fresh use is noted again, or a clock that was set back is not noticed")
	}
}
