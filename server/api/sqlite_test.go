package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"recado/storage"
	"recado/storage/sqlite"
)

// newSQLiteBench is a bench on a real store, with a key and two categories.
func newSQLiteBench(t *testing.T, change func(*Options)) (*bench, *sqlite.Store) {
	ctx := t.Context()
	store, err := sqlite.Open(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := store.AddKey(ctx, storage.VAPIDKey{ID: "k1", Public: publicKey(1), Private: make([]byte, 32), CreatedAt: time.Now()}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []storage.Category{{Name: "news", Public: true}, {Name: "ops"}} {
		if _, err := store.CreateCategory(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	for token, as := range testTokens() {
		as.Name, as.Style, as.CreatedAt = token, "recado", time.Now()
		as.Hash[0] = byte(as.Key) // any, as long as they differ; the keys will be 1 to 4 as well
		if _, err := store.CreateToken(ctx, as); err != nil {
			t.Fatal(err)
		}
	}
	return newBench(t, func(o *Options) {
		o.Subscriptions, o.Notifications, o.Catalog, o.History = store, store, store, store
		if change != nil {
			change(o)
		}
	}, false).listen(), store
}

// subscribed subscribes an endpoint and returns its id.
func (b *bench) subscribed(endpoint, more string) uuid.UUID {
	b.Helper()
	got := b.call("POST", "/api/subscribe", subscription(endpoint, more))
	var in struct{ ID uuid.UUID }
	if err := json.Unmarshal([]byte(got.body), &in); err != nil || got.StatusCode != 200 {
		b.Fatalf("subscribe: %d %s", got.StatusCode, got.body)
	}
	return in.ID
}

// deliver claims what is due and settles it as sent, as the engine would.
func deliver(t *testing.T, store *sqlite.Store, watch *Watch) {
	ctx := context.WithoutCancel(t.Context())
	for more := true; more; {
		claim, err := store.Claim(ctx, storage.ClaimRequest{Now: time.Now(), Limit: 100, Admit: func(string) time.Time { return time.Time{} }})
		if err != nil {
			t.Error(err)
			return
		}
		watch.Notify(claim.Settled.Progress)
		var outcomes []storage.Outcome
		for _, at := range claim.Attempts {
			outcomes = append(outcomes, storage.Outcome{NotificationKey: at.Notification.Key, SubscriptionKey: at.Subscription.Key,
				Lease: at.Lease, Event: storage.EventSent, At: time.Now(), Attempts: 1, Code: 201})
		}
		if len(outcomes) > 0 {
			settled, err := store.Settle(ctx, outcomes)
			if err != nil {
				t.Error(err)
				return
			}
			watch.Notify(settled.Progress)
		}
		more = claim.More
	}
}

// The whole of it on a real store: subscribe, notify and wait, unsubscribe.
func TestOnSQLite(t *testing.T) {
	var engine sync.WaitGroup
	t.Cleanup(engine.Wait)
	var b *bench
	var store *sqlite.Store
	b, store = newSQLiteBench(t, func(o *Options) {
		o.Wake = func() { engine.Go(func() { deliver(t, store, b.watch) }) }
	})
	b.want("the key", b.call("GET", "/api/subscribe", ""), 200, base64.RawURLEncoding.EncodeToString(publicKey(1)))
	b.want("the categories", b.call("GET", "/api/categories", ""), 200, `"name":"news"`)
	b.want("nobody yet", b.call("POST", "/api/notify", `{"title":"x"}`, asPublisher), 200, "0 notification(s) sent")

	id := b.subscribed(device, `"label":"Phone","categories":["news"]`)
	if again := b.subscribed(device, ""); again != id {
		t.Errorf("the same endpoint has the ids %s and %s", id, again)
	}
	b.subscribed(device+"2", "")
	moved := b.subscribed(device+"3", `"replaces":"`+device+`"`)
	if moved != id {
		t.Errorf("replaced, %s became %s", id, moved)
	}
	b.want("to all", b.call("POST", "/api/notify", `{"title":"x"}`, asPublisher), 200, "2 notification(s) sent")
	b.want("to a category", b.call("POST", "/api/notify", `{"title":"x","target":{"categories":["news"]}}`, asPublisher, asJSON), 200, `"targeted":1,"sent":1`)
	b.want("to a device", b.call("POST", "/api/notify", `{"title":"x","target":{"subscriptions":["`+id.String()+`"]}}`, asPublisher, asJSON), 200, `"targeted":1,"sent":1,"retrying":0,"failed":0,"gone":0,"expired":0,"canceled":0,"pending":0,"warnings":[]`)
	b.want("to nobody known", b.call("POST", "/api/notify", `{"title":"x","target":{"subscriptions":["`+uuid.NewString()+`"]}}`, asPublisher, asJSON), 200, `"warnings":["target.subscriptions: 1 of 1`)

	b.want("unsubscribe", b.call("POST", "/api/unsubscribe", `{"client_uuid":"`+id.String()+`"}`), 200, "unsubscribed")
	b.want("the other", b.call("POST", "/api/unsubscribe", `{"endpoint":"`+device+`2"}`), 200, "unsubscribed")
	b.want("again", b.call("POST", "/api/unsubscribe", `{"endpoint":"`+device+`2"}`), 200, "unsubscribed")
	b.want("nobody any more", b.call("POST", "/api/notify", `{"title":"x"}`, asPublisher), 200, "0 notification(s) sent")
}

func TestRefusedOnSQLite(t *testing.T) {
	b, _ := newSQLiteBench(t, nil)
	other := base64.RawURLEncoding.EncodeToString(publicKey(7))
	b.want("another server's key", b.call("POST", "/api/subscribe", subscription(device, `"public_key":"`+other+`"`)), 400, "public_key")
	b.want("an unknown category", b.call("POST", "/api/subscribe", subscription(device, `"categories":["nowhere"]`)), 400, "nowhere")
	b.want("a category that is not public", b.call("POST", "/api/subscribe", subscription(device, `"categories":["ops"]`)), 403, "ops")
	b.want("to an unknown category", b.call("POST", "/api/notify", `{"title":"x","target":{"categories":["nowhere"]}}`, asPublisher), 400, "nowhere")

	key := "Idempotency-Key: k"
	first := b.call("POST", "/api/notify?wait=0", `{"title":"x"}`, asPublisher, key)
	b.want("first", first, 202, "")
	again := b.call("POST", "/api/notify?wait=0", `{"title":"x"}`, asPublisher, key)
	if again.Header.Get("Location") != first.Header.Get("Location") {
		t.Errorf("repeated, it is %s and %s", first.Header.Get("Location"), again.Header.Get("Location"))
	}
	b.want("other bytes", b.call("POST", "/api/notify?wait=0", `{"title":"y"}`, asPublisher, key), 409, "Idempotency-Key")
	b.want("another publisher", b.call("POST", "/api/notify?wait=0", `{"title":"y"}`, "Authorization: Bearer admin", key), 202, "")

	b.want("the size of one form", b.call("POST", "/api/notify?wait=0", `{"body":"`+strings.Repeat("x", 3500)+`"}`, asPublisher), 202, "")
	b.subscribed(device, `"declarative":true`)
	b.want("of both", b.call("POST", "/api/notify?wait=0", `{"body":"`+strings.Repeat("x", 3500)+`"}`, asPublisher), 413, `"size":4500`)
}

func TestConcurrentIdempotencyOnSQLite(t *testing.T) {
	b, _ := newSQLiteBench(t, nil)
	locations := make([]string, 8)
	var all sync.WaitGroup
	for i := range locations {
		all.Go(func() {
			got := b.call("POST", "/api/notify?wait=0", `{"title":"x"}`, asPublisher, "Idempotency-Key: k")
			locations[i] = got.Header.Get("Location")
		})
	}
	all.Wait()
	for _, l := range locations {
		if l == "" || l != locations[0] {
			t.Errorf("notifications %q", locations)
			break
		}
	}
	if b.wakes.Load() != 1 {
		t.Errorf("woken %d times", b.wakes.Load())
	}
}
