package access

import (
	"context"
	"encoding/binary"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

// tokens is a store of tokens in memory.
type tokens struct {
	mu      sync.Mutex
	byHash  map[[32]byte]storage.Token
	touches map[int64]int
	lookups int
	err     error // of every call
}

func newTokens() *tokens {
	return &tokens{byHash: map[[32]byte]storage.Token{}, touches: map[int64]int{}}
}

// add stores a token and returns its key.
func (s *tokens) add(token string, t storage.Token) int64 {
	t.Key, t.ID, t.Hash = int64(len(s.byHash)+1), uuid.New(), Hash(token)
	s.byHash[t.Hash] = t
	return t.Key
}

func (s *tokens) TokenByHash(_ context.Context, hash [32]byte) (storage.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lookups++
	if s.err != nil {
		return storage.Token{}, s.err
	}
	t, ok := s.byHash[hash]
	if !ok {
		return storage.Token{}, storage.ErrNotFound
	}
	return t, nil
}

func (s *tokens) TouchToken(_ context.Context, key int64, _ time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.touches[key]++
	return errors.New("the disk is full")
}

// newAuth is New, at https://recado.example.
func newAuth(t *testing.T, o Options) *Authenticator {
	t.Helper()
	o.Origin = "https://recado.example"
	a, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func request(token, remote string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	r.RemoteAddr = remote
	return r
}

// answer runs h and tells status and headers.
func answer(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func tell(w http.ResponseWriter, _ *http.Request, err error) {
	var e *Error
	if !errors.As(err, &e) {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("WWW-Authenticate", e.Challenge)
	w.Header().Set("Retry-After", strconv.Itoa(int(e.RetryAfter/time.Second)))
	w.WriteHeader(e.Status)
}

func TestNewToken(t *testing.T) {
	shapes := map[string]string{
		StyleRecado: `^rcd_[0-9A-Za-z]{43}$`,
		StyleNtfy:   `^tk_[0-9A-Za-z]{29}$`,
		StyleGotify: `^A[0-9A-Za-z]{14}$`,
		"":          `^rcd_[0-9A-Za-z]{43}$`,
	}
	for style, shape := range shapes {
		token, err := NewToken(style)
		if err != nil || !regexp.MustCompile(shape).MatchString(token) || !unguessable(token) {
			t.Errorf("NewToken(%q) = %q, %v", style, token, err)
		}
	}
	if _, err := NewToken("pushover"); err == nil {
		t.Error("an unknown style made a token")
	}
	for _, weak := range []string{"", "secret", "rcd_short", "Abcdefghijklmn!", "tk_" + strings.Repeat("x", 28) + "-"} {
		if unguessable(weak) {
			t.Errorf("unguessable(%q)", weak)
		}
	}
}

// What senders ask of a token before they send anything.
func TestTokensPassTheirSendersChecks(t *testing.T) {
	for sender, check := range map[string]struct {
		style string
		good  func(token string) bool
	}{
		"gatus to ntfy":      {StyleNtfy, func(s string) bool { return strings.HasPrefix(s, "tk_") && len(s) == 32 }},
		"shoutrrr to Gotify": {StyleGotify, func(s string) bool { return len(s) == 15 && s[0] == 'A' && strings.Trim(s, base62+"._-") == "" }},
		"a path or a query":  {StyleRecado, func(s string) bool { return url.PathEscape(s) == s && url.QueryEscape(s) == s }},
	} {
		for range 100 {
			if token, err := NewToken(check.style); err != nil || !check.good(token) {
				t.Fatalf("%s refuses %q, %v", sender, token, err)
			}
		}
	}
}

// A biased choice of characters would show: with % 62 alone the first eight are
// a quarter more frequent.
func TestRandomBase62IsUniform(t *testing.T) {
	const n = 620_000
	counts := map[rune]int{}
	for _, c := range randomBase62(n) {
		counts[c]++
	}
	if len(counts) != 62 {
		t.Fatalf("%d different characters", len(counts))
	}
	for c, got := range counts {
		if got < n/62*94/100 || got > n/62*106/100 { // six standard deviations
			t.Errorf("%c came %d times, about %d expected", c, got, n/62)
		}
	}
}

func TestRequire(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	store := newTokens()
	store.add("admin", storage.Token{Scope: storage.ScopeAdmin})
	store.add("read", storage.Token{Scope: storage.ScopeRead})
	store.add("publish", storage.Token{Scope: storage.ScopePublish, Categories: []string{"ops"}})
	store.add("past", storage.Token{Scope: storage.ScopeAdmin, ExpiresAt: now})
	store.add("future", storage.Token{Scope: storage.ScopePublish, ExpiresAt: now.Add(time.Second)})
	tests := []struct {
		name, header string
		closed, open int
		challenge    string
	}{
		{"no token", "", 401, 200, `Bearer realm="recado"`},
		{"another scheme", "Basic cmVjYWRvOmFkbWlu", 401, 200, `Bearer realm="recado"`},
		{"nothing after the scheme", "Bearer  ", 401, 200, `Bearer realm="recado"`},
		{"wrong", "Bearer nobody", 401, 401, `invalid_token`},
		{"expired", "Bearer past", 401, 401, `invalid_token`},
		{"too narrow", "Bearer read", 403, 403, `insufficient_scope`},
		{"publish", "Bearer publish", 200, 200, ""},
		{"not expired yet", "Bearer future", 200, 200, ""},
		{"admin", "Bearer admin", 200, 200, ""},
		{"scheme in any case", "bEARER admin", 200, 200, ""},
	}
	for _, open := range []bool{false, true} {
		a := newAuth(t, Options{Tokens: store, Now: func() time.Time { return now }, OpenPublish: open})
		var granted Grant
		h := a.Gate(tell).Publish(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			granted = GrantFrom(r.Context())
		}))
		for _, tt := range tests {
			r := request("", "192.0.2.1:4321")
			if tt.header != "" {
				r.Header.Set("Authorization", tt.header)
			}
			granted = Grant{TokenKey: -1}
			res := answer(h, r)
			want := tt.closed
			if open {
				want = tt.open
			}
			if res.StatusCode != want || want != 200 && !strings.Contains(res.Header.Get("WWW-Authenticate"), tt.challenge) {
				t.Errorf("open %v, %s: %d %q, want %d", open, tt.name, res.StatusCode, res.Header.Get("WWW-Authenticate"), want)
			}
			if want == 200 && tt.closed == 401 && (granted.TokenKey != 0 || granted.Scope != "") {
				t.Errorf("%s was granted %+v without a token", tt.name, granted)
			}
			if tt.name == "publish" && (len(granted.Categories) != 1 || granted.TokenID == uuid.Nil || granted.TokenKey == 0) {
				t.Errorf("granted %+v", granted)
			}
		}
		// Open publishing opens nothing else.
		h = a.Gate(tell).Require(storage.ScopeAdmin, http.NotFoundHandler())
		if got := answer(h, request("", "192.0.2.1:1")).StatusCode; got != 401 {
			t.Errorf("open %v: an admin route without a token: %d", open, got)
		}
	}
}

func TestRequireAny(t *testing.T) {
	store := newTokens()
	for _, scope := range []storage.Scope{storage.ScopeAdmin, storage.ScopeRead, storage.ScopePublish} {
		store.add(string(scope), storage.Token{Scope: scope})
	}
	gate := newAuth(t, Options{Tokens: store, Now: time.Now, OpenPublish: true}).Gate(tell)
	passed := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	either := gate.RequireAny(passed, storage.ScopeRead, storage.ScopePublish)
	for token, want := range map[string]int{"": 401, "admin": 200, "read": 200, "publish": 200, "nobody": 401} {
		r := request("", "192.0.2.1:1")
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		if got := answer(either, r).StatusCode; got != want {
			t.Errorf("%q: %d, want %d", token, got, want)
		}
	}
	r := request("", "192.0.2.1:1")
	r.Header.Set("Authorization", "Bearer read")
	res := answer(gate.RequireAny(passed, storage.ScopePublish, storage.ScopeAdmin), r)
	if challenge := res.Header.Get("WWW-Authenticate"); res.StatusCode != 403 || !strings.Contains(challenge, `scope="publish admin"`) {
		t.Errorf("too narrow: %d %s", res.StatusCode, challenge)
	}
}

func TestFinding(t *testing.T) {
	store := newTokens()
	store.add("publish", storage.Token{Scope: storage.ScopePublish})
	a := newAuth(t, Options{Tokens: store, Now: time.Now})
	inQuery := func(r *http.Request) (string, bool) { return r.URL.Query().Get("token"), r.URL.Query().Has("token") }
	h := a.Gate(tell).Finding(inQuery).Require(storage.ScopePublish, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for _, tt := range []struct {
		query, bearer string
		want          int
	}{
		{"", "", 401}, {"?token=publish", "", 200}, {"", "publish", 200}, {"?token=publish", "wrong", 200}, {"?token=wrong", "publish", 401}, {"?token=", "publish", 401},
	} {
		r := request(tt.bearer, "192.0.2.1:1")
		r.URL.RawQuery = strings.TrimPrefix(tt.query, "?")
		if got := answer(h, r).StatusCode; got != tt.want {
			t.Errorf("%q with the Bearer %q: %d, want %d", tt.query, tt.bearer, got, tt.want)
		}
	}
	for range 30 { // wrong ones are counted, wherever they stand
		r := request("", "192.0.2.2:1")
		r.URL.RawQuery = "token=wrong"
		answer(h, r)
	}
	if got := answer(h, request("wrong", "192.0.2.2:1")).StatusCode; got != 429 {
		t.Errorf("after thirty wrong ones: %d", got)
	}
}

func TestNewInvite(t *testing.T) {
	a, b := NewInvite(), NewInvite()
	if len(a) != 22 || a == b || strings.Trim(a+b, base62) != "" {
		t.Errorf("invites %q and %q", a, b)
	}
}

func TestStoreTrouble(t *testing.T) {
	store := newTokens()
	store.err = storage.ErrUnavailable
	a := newAuth(t, Options{Tokens: store, Now: time.Now})
	h := a.Gate(tell).Require(storage.ScopeRead, http.NotFoundHandler())
	for range 40 { // no failure of the token: never limited
		if got := answer(h, request("x", "192.0.2.1:1")).StatusCode; got != 503 {
			t.Fatalf("got %d", got)
		}
	}
}

func TestOptional(t *testing.T) {
	store := newTokens()
	store.add("admin", storage.Token{Scope: storage.ScopeAdmin})
	var granted Grant
	h := newAuth(t, Options{Tokens: store, Now: time.Now}).Gate(tell).Optional(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		granted = GrantFrom(r.Context())
	}))
	if got := answer(h, request("", "192.0.2.1:1")).StatusCode; got != 200 || granted.Admin() {
		t.Errorf("without a token: %d, %+v", got, granted)
	}
	if got := answer(h, request("admin", "192.0.2.1:1")).StatusCode; got != 200 || !granted.Admin() {
		t.Errorf("with one: %d, %+v", got, granted)
	}
	if got := answer(h, request("wrong", "192.0.2.1:1")).StatusCode; got != 401 {
		t.Errorf("with a wrong one: %d", got)
	}
}

func TestTouchedOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newTokens()
		key := store.add("admin", storage.Token{Scope: storage.ScopeAdmin})
		other := store.add("fresh", storage.Token{Scope: storage.ScopeAdmin, LastUsedAt: time.Now()})
		h := newAuth(t, Options{Tokens: store, Now: time.Now}).Gate(tell).Require(storage.ScopeRead, http.NotFoundHandler())
		for range 121 { // two minutes, both ends included
			answer(h, request("admin", "192.0.2.1:1"))
			answer(h, request("fresh", "192.0.2.1:1"))
			time.Sleep(time.Second)
		}
		if store.touches[key] != 3 || store.touches[other] != 2 {
			t.Errorf("touched %v", store.touches)
		}
	})
}

func TestFailedTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newTokens()
		good, err := NewToken(StyleRecado)
		if err != nil {
			t.Fatal(err)
		}
		store.add(good, storage.Token{Scope: storage.ScopeAdmin})
		store.add("chosen", storage.Token{Scope: storage.ScopeAdmin})
		a := newAuth(t, Options{Tokens: store, Now: time.Now})
		h := a.Gate(tell).Require(storage.ScopeRead, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		status := func(token, from string) int { return answer(h, request(token, from)).StatusCode }
		for i := range 30 {
			if got := status("wrong"+strconv.Itoa(i), "192.0.2.1:1"); got != 401 {
				t.Fatalf("wrong token %d: %d", i, got)
			}
		}
		res := answer(h, request("wrong", "192.0.2.1:2"))
		if res.StatusCode != 429 || res.Header.Get("Retry-After") != "2" {
			t.Errorf("one too many: %d, Retry-After %q", res.StatusCode, res.Header.Get("Retry-After"))
		}
		// A token that somebody chose might be guessed, so it is not even looked at.
		looked := store.lookups
		if got := status("chosen", "192.0.2.1:1"); got != 429 || store.lookups != looked {
			t.Errorf("a weak token from a limited address: %d, looked up %v", got, store.lookups != looked)
		}
		if got := status(good, "192.0.2.1:1"); got != 200 {
			t.Errorf("a strong token from a limited address: %d", got)
		}
		wrong, _ := NewToken(StyleRecado)
		if got := status(wrong, "192.0.2.1:1"); got != 429 {
			t.Errorf("a wrong token of the right shape: %d", got)
		}
		if got := status("chosen", "192.0.2.2:1"); got != 200 {
			t.Errorf("another address: %d", got)
		}
		time.Sleep(2 * time.Second)
		if got := status("chosen", "192.0.2.1:1"); got != 200 {
			t.Errorf("after Retry-After: %d", got)
		}
	})
}

func TestLimits(t *testing.T) {
	for kind, perMinute := range map[Kind]int{Requests: 6000, Subscribes: 600} {
		synctest.Test(t, func(t *testing.T) {
			a := newAuth(t, Options{Tokens: newTokens(), Now: time.Now})
			h := a.Gate(tell).Limit(kind, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			for i := range perMinute {
				// Any address of the /64 is the same client.
				if got := answer(h, request("", "[2001:db8:0:1::"+strconv.FormatInt(int64(i), 16)+"]:1")).StatusCode; got != 200 {
					t.Fatalf("request %d: %d", i, got)
				}
			}
			res := answer(h, request("", "[2001:db8:0:1::]:1"))
			if res.StatusCode != 429 || res.Header.Get("Retry-After") != "1" {
				t.Errorf("one too many: %d, Retry-After %q", res.StatusCode, res.Header.Get("Retry-After"))
			}
			if got := answer(h, request("", "[2001:db8:0:2::]:1")).StatusCode; got != 200 {
				t.Errorf("another /64: %d", got)
			}
			time.Sleep(time.Minute)
			if got := answer(h, request("", "[2001:db8:0:1::]:1")).StatusCode; got != 200 {
				t.Errorf("a minute later: %d", got)
			}
		})
	}
}

// Requests that are turned away for the want of a token count as well.
func TestMissingTokensAreLimited(t *testing.T) {
	now := time.Now()
	a := newAuth(t, Options{Tokens: newTokens(), Now: func() time.Time { return now }})
	h := a.Gate(tell).Require(storage.ScopeRead, http.NotFoundHandler())
	for range 6000 {
		answer(h, request("", "192.0.2.1:1"))
	}
	if got := answer(h, request("", "192.0.2.1:1")).StatusCode; got != 429 {
		t.Errorf("got %d", got)
	}
}

func TestLimiterIsBounded(t *testing.T) {
	now := time.Now()
	l := newLimiter(30)
	l.size = 100
	busy := netip.MustParseAddr("192.0.2.1")
	for range 30 {
		l.take(busy, now)
	}
	// It stays empty-handed while addresses come that have nothing to hide.
	for i := range 500 {
		now = now.Add(20 * time.Millisecond)
		var a [4]byte
		binary.BigEndian.PutUint32(a[:], 0x0a000000+uint32(i))
		l.take(netip.AddrFrom4(a), now)
		now = now.Add(20 * time.Millisecond)
		l.take(busy, now)
	}
	if len(l.buckets) != 100 || l.used.Len() != 100 {
		t.Errorf("remembers %d addresses, %d in the list", len(l.buckets), l.used.Len())
	}
	if _, ok := l.buckets[busy]; !ok {
		t.Error("the busiest address was forgotten")
	}
}

func TestEvictionPrefersFullBuckets(t *testing.T) {
	now := time.Now()
	l := newLimiter(60)
	l.size = 3
	empty, full := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	for range 60 {
		l.take(empty, now)
	}
	l.take(full, now.Add(time.Second))
	l.take(netip.MustParseAddr("192.0.2.3"), now.Add(3*time.Second))
	l.take(netip.MustParseAddr("192.0.2.4"), now.Add(3*time.Second))
	if _, ok := l.buckets[empty]; !ok {
		t.Error("the limited address was forgotten before the one that had recovered")
	}
	if _, ok := l.buckets[full]; ok {
		t.Error("the recovered address is still there")
	}
}

// However many addresses there are, and each of them may be new, what is remembered
// of them stays small.
func TestLimiterMemory(t *testing.T) {
	addresses := 1_000_000
	if testing.Short() {
		addresses = 100_000
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	l, now, before := newLimiter(30), time.Now(), heap()
	for i := range addresses {
		var a [16]byte
		a[0] = 0x20
		binary.BigEndian.PutUint32(a[4:], uint32(i)) // a /64 each
		l.take(netip.AddrFrom16(a), now)
	}
	if after := heap(); after > before+4<<20 {
		t.Errorf("%d addresses are remembered in %d KiB", addresses, (after-before)>>10)
	}
	runtime.KeepAlive(l)
}
