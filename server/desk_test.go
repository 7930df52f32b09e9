package server

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"recado/embed"
	"recado/server/access"
	"recado/server/config"
	"recado/server/push/pushtest"
	"recado/server/secrettest"
	"recado/storage"
	"recado/storage/sqlite"
)

// desk is a whole server on a database of its own, asked over HTTP.
type desk struct {
	*testing.T
	server *server
	store  *sqlite.Store
	push   *pushtest.Server
	url    string
	dir    string // the data directory
	// secrets fails the test for any that is logged, or told to who must not know.
	secrets *secrettest.Recorder
	tokens  map[string]string // by name: the scopes, and "news", limited to that category
}

// oneByOne is for tests that ask one thing after the other: the race detector, which
// makes storage many times slower, would find nothing in them.
func oneByOne(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("one request after the other")
	}
}

// newDesk starts it; change may be nil. Nothing is sent unless deliver is called.
func newDesk(t *testing.T, change func(*config.Config)) *desk {
	t.Helper()
	return newDeskLogging(t, change, slog.DiscardHandler)
}

// newDeskLogging is newDesk with a log that a test reads.
func newDeskLogging(t *testing.T, change func(*config.Config), log slog.Handler) *desk {
	t.Helper()
	d := &desk{T: t, secrets: secrettest.New(t), push: pushtest.Start(t, pushtest.Options{}), dir: t.TempDir(), tokens: map[string]string{}}
	d.secrets.AtEnd(func() { received(d.secrets, d.push) })
	store, err := sqlite.Open(t.Context(), d.dir)
	d.no(err)
	d.store = store
	t.Cleanup(func() { _ = store.Close() })
	key, err := newKey()
	d.no(err)
	d.secrets.Bytes("private key", key.Private)
	key.CreatedAt = time.Now()
	d.no(store.AddKey(t.Context(), key))
	for _, c := range []storage.Category{{Name: "news", Public: true}, {Name: "ops"}, {Name: "board"}} {
		_, err := store.CreateCategory(t.Context(), c)
		d.no(err)
	}
	d.token("admin", storage.ScopeAdmin)
	d.token("publish", storage.ScopePublish)
	d.token("other", storage.ScopePublish)
	d.token("read", storage.ScopeRead)
	d.token("news", storage.ScopePublish, "news")
	cfg := config.Default()
	cfg.BaseURL = "https://recado.example"
	cfg.Push.AllowedHosts = []string{"127.0.0.1"}
	cfg.Push.AllowPrivateNetworks, cfg.Push.AllowHTTP = true, true
	if change != nil {
		change(&cfg)
	}
	d.server, err = assemble(t.Context(), Options{
		Config: cfg, Store: store, Web: embed.Web(), Logger: slog.New(slog.NewMultiHandler(d.secrets.Logger().Handler(), log)), Out: io.Discard, Version: "1.2.3",
	})
	d.no(err)
	d.url = startWeb(t, d.server)
	t.Cleanup(d.server.sender.Close)
	return d
}

// startWeb serves as Run does, until the test ends.
func startWeb(t *testing.T, s *server) (url string) {
	config := s.httpServer(s.handler())
	web := httptest.NewUnstartedServer(nil)
	web.Config = &config
	all := newConnections(mostConnections)
	all.watch(web.Config)
	web.Listener = limited{web.Listener, all}
	web.Start()
	t.Cleanup(web.Close)
	return web.URL
}

// received tells of the secrets in what a push service got.
func received(secrets *secrettest.Recorder, service *pushtest.Server) {
	for _, m := range service.Received() {
		var message struct{ Receipt string }
		_ = json.Unmarshal(m.Plaintext, &message) // else it holds none
		secrets.Secret("receipt", message.Receipt)
		secrets.Secret("VAPID token", m.Header.Get("Authorization"))
		secrets.Secret("VAPID token", jwtIn(m.Header.Get("Authorization")))
	}
}

// jwtIn is t= of an Authorization as RFC 8292 §3 has it.
func jwtIn(authorization string) string {
	_, rest, _ := strings.Cut(authorization, "t=")
	token, _, _ := strings.Cut(rest, ",")
	return token
}

// subscribed tells of the secrets of a browser's subscription.
func subscribed(secrets *secrettest.Recorder, s *pushtest.Subscription) {
	secrets.Endpoint(s.Endpoint)
	secrets.Bytes("p256dh", s.P256dh)
	secrets.Bytes("auth", s.Auth)
}

// deliver runs the engine until the test ends.
func (d *desk) deliver() {
	ctx, cancel := context.WithCancel(context.WithoutCancel(d.Context()))
	ended := make(chan error, 1)
	go func() { ended <- d.server.engine.Run(ctx) }()
	d.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			d.Error(err)
		}
	})
}

func (d *desk) no(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func (d *desk) token(name string, scope storage.Scope, categories ...string) {
	d.Helper()
	d.tokens[name] = d.secret(storage.Token{Name: name, Scope: scope, Categories: categories})
}

// secret makes a token and returns what it is sent as.
func (d *desk) secret(t storage.Token) string {
	d.Helper()
	secret, err := access.NewToken("")
	d.no(err)
	t.Style, t.Hash, t.CreatedAt = access.StyleRecado, access.Hash(secret), time.Now()
	_, err = d.store.CreateToken(d.Context(), t)
	d.no(err)
	d.secrets.Secret("token", secret)
	return secret
}

type reply struct {
	*http.Response
	body string
}

// ask sends a request as who, the name of a token or "" for none; headers are
// "Name: value".
func (d *desk) ask(who, method, path, body string, headers ...string) reply {
	d.Helper()
	r, err := http.NewRequestWithContext(d.Context(), method, d.url+path, strings.NewReader(body))
	d.no(err)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+d.tokens[who])
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(r)
	d.no(err)
	return d.read(res)
}

func (d *desk) read(res *http.Response) reply {
	d.Helper()
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	d.no(err)
	d.secrets.Answer(res, string(raw))
	return reply{res, string(raw)}
}

// want checks a reply's status, and that its body holds a text; and, of an error,
// that it is told as its family tells errors.
func (d *desk) want(what string, got reply, status int, text string) reply {
	d.Helper()
	if got.StatusCode != status || !strings.Contains(got.body, text) {
		d.Errorf("%s: %d %s, want %d with %s", what, got.StatusCode, got.body, status, text)
	}
	if got.StatusCode < 400 {
		return got
	}
	if strings.HasPrefix(got.Request.URL.Path, "/v1") {
		var p struct {
			Type, Title, Detail string
			Status              int
			Errors              []struct{ Field, Message string }
		}
		if json.Unmarshal([]byte(got.body), &p) != nil || p.Type == "" || p.Title == "" || p.Detail == "" || p.Status != got.StatusCode ||
			got.Header.Get("Content-Type") != "application/problem+json" || (p.Errors != nil) != (p.Status == 422 && !strings.HasPrefix(p.Detail, "the body ")) {
			d.Errorf("%s: no good problem: %s %s", what, got.Header.Get("Content-Type"), got.body)
		}
	} else if !slices.ContainsFunc([]string{`"message":"`, `{"failed":"`, `,"errorDescription":"`, `,"http":` + strconv.Itoa(got.StatusCode) + `,"error":"`},
		func(form string) bool { return strings.Contains(got.body, form) }) {
		d.Errorf("%s: no message: %s", what, got.body)
	}
	for name, statuses := range map[string][]int{"Allow": {405}, "Retry-After": {429, 503}, "WWW-Authenticate": {401}} {
		for _, s := range statuses {
			if s == got.StatusCode && len(got.Header.Values(name)) == 0 {
				d.Errorf("%s: %d without %s", what, s, name)
			}
		}
	}
	return got
}

// made is the id of what a POST answered.
func (d *desk) made(got reply) string {
	d.Helper()
	var in struct{ ID string }
	if json.Unmarshal([]byte(got.body), &in) != nil || in.ID == "" || got.StatusCode >= 300 {
		d.Fatalf("nothing was made: %d %s", got.StatusCode, got.body)
	}
	return in.ID
}

// subscription is a browser's, with more members.
func (d *desk) subscription(more string) string {
	made := d.push.Subscribe()
	subscribed(d.secrets, made)
	body := string(made.JSON())
	if more != "" {
		body = body[:len(body)-1] + "," + more + "}"
	}
	return body
}

// notification makes one that stays scheduled.
func (d *desk) notification(who, more string) string {
	d.Helper()
	at := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	return d.made(d.ask(who, "POST", "/v1/pushnotification", `{"title":"Disk full","scheduled_at":"`+at+`"`+more+`}`))
}

func nobody() string { return uuid.NewString() }
