package api

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"recado/server/access"
	"recado/storage"
)

// bench is a server of these routes, and everything around it.
type bench struct {
	*testing.T
	store   *fake
	watch   *Watch
	handler http.Handler
	api     *API
	url     string
	log     *bytes.Buffer
	wakes   atomic.Int32
	reports []storage.Outcome
	refused []string
	stopped []int64
}

type inviteStore = Invites

// noInvites knows none.
type noInvites struct{ inviteStore }

func (noInvites) InviteByHash(context.Context, [32]byte, time.Time) (storage.Invite, error) {
	return storage.Invite{}, storage.ErrInvite
}

// The tokens that every bench knows.
var _ access.Tokens = tokens{}

type tokens map[string]storage.Token

func (s tokens) TokenByHash(_ context.Context, hash [32]byte) (storage.Token, error) {
	for token, t := range s {
		if access.Hash(token) == hash {
			return t, nil
		}
	}
	return storage.Token{}, storage.ErrNotFound
}

func (s tokens) TouchToken(context.Context, int64, time.Time) error { return nil }

func testTokens() tokens {
	return tokens{
		"admin":   {Key: 1, ID: uuid.New(), Scope: storage.ScopeAdmin},
		"publish": {Key: 2, ID: uuid.New(), Scope: storage.ScopePublish},
		"news":    {Key: 3, ID: uuid.New(), Scope: storage.ScopePublish, Categories: []string{"news"}},
		"read":    {Key: 4, ID: uuid.New(), Scope: storage.ScopeRead},
	}
}

const goodAuth = "AAAAAAAAAAAAAAAAAAAAAA"

// parseSubscription stands for the push package's policy: push.example and what
// is below it are allowed.
func parseSubscription(endpoint, p256dh, auth string) (Parsed, error) {
	rest, ok := strings.CutPrefix(endpoint, "https://")
	host, _, _ := strings.Cut(rest, "/")
	if !ok || host == "" {
		return Parsed{}, &FieldError{"endpoint", "must be an https URL"}
	}
	if host != "push.example" {
		return Parsed{}, &HostError{Host: host}
	}
	p, err := base64.RawURLEncoding.DecodeString(p256dh)
	if err != nil {
		return Parsed{}, &FieldError{"keys.p256dh", "must be base64url"}
	}
	if _, err := ecdh.P256().NewPublicKey(p); err != nil {
		return Parsed{}, &FieldError{"keys.p256dh", "must be a point on the curve P-256"}
	}
	a, err := base64.RawURLEncoding.DecodeString(auth)
	if err != nil || len(a) != 16 {
		return Parsed{}, &FieldError{"keys.auth", "must be exactly 16 bytes"}
	}
	return Parsed{Service: host, P256dh: p, Auth: a}, nil
}

// newBench serves the routes as the server does, changed by change.
func newBench(t *testing.T, change func(*Options), open bool) *bench {
	b := &bench{T: t, store: newFake(), watch: new(Watch), log: new(bytes.Buffer)}
	o := Options{
		Subscriptions: b.store, Notifications: b.store, Catalog: b.store,
		Now:               time.Now,
		Log:               slog.New(slog.NewTextHandler(b.log, nil)),
		Origin:            "https://recado.example",
		TTL:               24 * time.Hour,
		ParseSubscription: parseSubscription,
		RefusedHost:       func(_ context.Context, host string) { b.refused = append(b.refused, host) },
		KeyID:             func(public []byte) string { return "k" + string('0'+public[1]) },
		Size: func(n *storage.Notification, declarative bool) int {
			if declarative {
				return len(n.Body) + 1000
			}
			return len(n.Body)
		},
		CheckRepeat: func(repeat, timeZone string) error {
			if strings.Count(repeat, " ") != 4 {
				return &FieldError{"repeat", "must be five fields"}
			}
			if timeZone != "" && timeZone != "UTC" {
				return &FieldError{"time_zone", "is unknown"}
			}
			return nil
		},
		NextRun: func(_, _ string, t time.Time) time.Time { return t.Add(time.Hour) },
		Invites: noInvites{},
		Wake:    func() { b.wakes.Add(1) },
		Stop:    func(key int64) { b.stopped = append(b.stopped, key) },
		Changed: b.watch.Register,
		Receipt: func(receipt string) (int64, int64, bool) { return 7, 8, receipt == "good" },
		Report: func(_ context.Context, o storage.Outcome) error {
			b.reports = append(b.reports, o)
			return b.store.err
		},
		Ready: func(context.Context) []string { return nil },
	}
	if change != nil {
		change(&o)
	}
	a, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	b.api = a
	auth, err := access.New(access.Options{Tokens: testTokens(), Now: time.Now, Origin: "https://recado.example", OpenPublish: open})
	if err != nil {
		t.Fatal(err)
	}
	gate := auth.Gate(a.Fail)
	mux := http.NewServeMux()
	public := func(pattern string, h http.HandlerFunc) {
		mux.Handle(pattern, gate.Limit(access.Requests, h))
	}
	public("GET /api", a.Hello)
	public("GET /api/subscribe", a.PublicKey)
	mux.Handle("POST /api/subscribe", gate.Limit(access.Subscribes, gate.Optional(http.HandlerFunc(a.Subscribe))))
	mux.Handle("POST /api/notify", gate.Publish(http.HandlerFunc(a.Notify)))
	public("POST /api/unsubscribe", a.Unsubscribe)
	public("GET /api/categories", a.Categories)
	public("POST /api/receipt", a.Receipt)
	public("GET /readyz", a.Readyz)
	public("GET /healthz", a.Healthz)
	public("GET /api/nothing", a.NotFound)
	mux.Handle("PUT /api/notify", a.MethodNotAllowed("POST", "OPTIONS"))
	b.handler = a.CORS(mux)
	return b
}

// listen serves over a real connection.
func (b *bench) listen() *bench {
	s := httptest.NewServer(b.handler)
	b.Cleanup(s.Close)
	b.url = s.URL
	return b
}

type reply struct {
	*http.Response
	body string
}

// call sends a request; headers are "Name: value".
func (b *bench) call(method, path, body string, headers ...string) reply {
	b.Helper()
	r, err := http.NewRequest(method, b.url+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if r.Header.Set(name, value); name == "Host" {
			r.Host = value
		}
	}
	var res *http.Response
	if b.url == "" {
		w := httptest.NewRecorder()
		b.handler.ServeHTTP(w, r)
		res = w.Result()
	} else if res, err = http.DefaultClient.Do(r); err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	return reply{res, string(raw)}
}

// want checks a status, and that the body holds a text.
func (b *bench) want(name string, got reply, status int, text string) {
	b.Helper()
	if got.StatusCode != status || !strings.Contains(got.body, text) {
		b.Errorf("%s: %d %s, want %d with %q", name, got.StatusCode, got.body, status, text)
	}
	if got.StatusCode >= 400 {
		var e struct{ Message string }
		if err := json.Unmarshal([]byte(got.body), &e); err != nil || e.Message == "" {
			b.Errorf("%s: the error has no message: %s", name, got.body)
		}
	}
}

const asPublisher = "Authorization: Bearer publish"

func goodKey() string {
	key, _ := ecdh.P256().NewPrivateKey(append(make([]byte, 31), 1))
	return base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes())
}

// subscription is a good one with more fields.
func subscription(endpoint, more string) string {
	if more != "" {
		more = "," + more
	}
	return `{"endpoint":"` + endpoint + `","expirationTime":null,"keys":{"p256dh":"` + goodKey() + `","auth":"` + goodAuth + `"}` + more + `}`
}
