package server

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"recado/embed"
	"recado/server/access"
	"recado/server/config"
	"recado/server/push"
	"recado/server/push/pushtest"
	"recado/server/secrettest"
	"recado/storage"
	"recado/storage/sqlite"
)

// rig is a whole server on a database of its own, with a push service to send to.
type rig struct {
	t       *testing.T
	secrets *secrettest.Recorder // as desk's
	server  *server
	url     string
	store   *sqlite.Store
	push    *pushtest.Server
	admin   string // the tokens, by scope
	scopes  map[string]string
	key     string // the id of the first VAPID key
	// receipt is of a message that was delivered.
	receipt string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, secrets: secrettest.New(t), push: pushtest.Start(t, pushtest.Options{}), scopes: map[string]string{}}
	r.secrets.AtEnd(func() { received(r.secrets, r.push) })
	var err error
	r.store, err = sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "data"))
	must(t, err)
	t.Cleanup(func() { _ = r.store.Close() }) // a test may have closed it
	key, err := push.GenerateKey()
	must(t, err)
	r.secrets.Bytes("private key", key.Private())
	must(t, r.store.AddKey(t.Context(), storage.VAPIDKey{ID: key.ID(), Public: key.Public(), Private: key.Private(), CreatedAt: time.Now()}))
	r.key = key.ID()
	for _, scope := range []storage.Scope{storage.ScopeAdmin, storage.ScopePublish, storage.ScopeRead} {
		r.scopes[string(scope)] = r.token(storage.Token{Scope: scope})
	}
	r.admin = r.scopes["admin"]
	cfg := config.Default()
	cfg.Push.AllowedHosts = []string{"127.0.0.1"}
	cfg.Push.AllowPrivateNetworks, cfg.Push.AllowHTTP = true, true
	cfg.Webhooks = map[string]config.Webhook{
		"nas": {Title: "{{.host}}", Categories: []string{"door"}}, "signed": {Secret: "s"}, "fails": {Title: "{{.a.b}}"},
	}
	r.server, err = assemble(t.Context(), Options{
		Config: cfg, Store: r.store, Web: embed.Web(), Logger: r.secrets.Logger(), Out: io.Discard, Version: "1.2.3",
	})
	must(t, err)
	// For whom it counts requests no time goes by: so what an address has used up
	// does not come back while the test runs.
	now := time.Now()
	r.server.auth, err = access.New(access.Options{Tokens: r.store, Sessions: r.store, Now: func() time.Time { return now },
		Origin: cfg.BaseURL, ListenLoopback: true})
	must(t, err)
	r.run()
	r.url = startWeb(t, r.server)
	return r
}

// run runs the engine and the hub until the test ends.
func (r *rig) run() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := r.server.engine.Run(ctx); err != nil {
			r.t.Log("the engine ended:", err)
		}
	}()
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		r.server.hub.Run(ctx)
	}()
	r.t.Cleanup(func() {
		cancel()
		<-ended
		<-watched
		r.server.sender.Close()
	})
}

// token makes one, as the command line does.
func (r *rig) token(t storage.Token) string {
	r.t.Helper()
	secret, err := access.NewToken(access.StyleRecado)
	must(r.t, err)
	t.ID, t.Name, t.Style, t.Hash, t.CreatedAt = uuid.New(), "test "+string(t.Scope), access.StyleRecado, access.Hash(secret), time.Now()
	_, err = r.store.CreateToken(r.t.Context(), t)
	must(r.t, err)
	r.secrets.Secret("token", secret)
	return secret
}

// signIn makes a session of a scope's token, and returns its Cookie header.
func (r *rig) signIn(scope string) string {
	r.t.Helper()
	response, err := http.Post(r.url+"/v1/session", "application/json", strings.NewReader(object("token", r.scopes[scope])))
	must(r.t, err)
	must(r.t, response.Body.Close())
	cookies := response.Cookies()
	if len(cookies) != 1 {
		r.t.Fatalf("signing in: %s, cookies %v", response.Status, cookies)
	}
	return cookies[0].Name + "=" + cookies[0].Value
}

// forgetHealth has the next question about storage's health looked into, however
// soon it comes.
func (r *rig) forgetHealth() {
	r.server.storage.mu.Lock()
	defer r.server.storage.mu.Unlock()
	r.server.storage.at = time.Time{}
}

// field reads one field of a JSON object; text as it is, anything else as JSON.
func field(t *testing.T, body, name string) string {
	t.Helper()
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &object); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	var text string
	if json.Unmarshal(object[name], &text) == nil {
		return text
	}
	return string(object[name])
}

// subscription is a browser's subscription with more members, such as
// `"label": "x"`.
func (r *rig) subscription(more string) string {
	made := r.push.Subscribe()
	subscribed(r.secrets, made)
	body := string(made.JSON())
	if more != "" {
		body = body[:len(body)-1] + "," + more + "}"
	}
	return body
}
