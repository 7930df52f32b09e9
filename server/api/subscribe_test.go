package api

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

const device = "https://push.example/device"

func TestPublicKey(t *testing.T) {
	b := newBench(t, nil, false).listen()
	want := base64.RawURLEncoding.EncodeToString(publicKey(1))
	b.want("the key", b.call("GET", "/api/subscribe", "", "Content-Type: application/json"), 200, `{"public_key":"`+want+`"}`)
	b.store.key.ID = ""
	got := b.call("GET", "/api/subscribe", "")
	b.want("no key", got, 503, "VAPID key")
	if got.Header.Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
}

func TestSubscribe(t *testing.T) {
	b := newBench(t, nil, false).listen()
	first := b.call("POST", "/api/subscribe", subscription(device, `"label":"Phone","categories":["news","news"],"declarative":true,
		"public_key":"`+base64.URLEncoding.EncodeToString(publicKey(1))+`","replaces":"https://push.example/old","unknown":[{}]`))
	b.want("a new one", first, 200, `{"id":"`)
	var answer struct{ ID uuid.UUID }
	if err := json.Unmarshal([]byte(first.body), &answer); err != nil {
		t.Fatal(err)
	}
	s := b.store.last(device)
	if s.Service != "push.example" || len(s.P256dh) != 65 || len(s.Auth) != 16 || *s.Label != "Phone" || !*s.Declarative ||
		!slices.Equal(*s.Categories, []string{"news"}) || s.KeyID != "k1" || s.Replaces != "https://push.example/old" ||
		s.User != nil || !s.ExpiresAt.IsZero() || !strings.HasPrefix(s.UserAgent, "Go-http-client") {
		t.Errorf("stored %+v", s)
	}
	again := b.call("POST", "/api/subscribe", subscription(device, ""))
	if again.body != first.body {
		t.Errorf("the same endpoint again: %s, then %s", first.body, again.body)
	}
	if s = b.store.last(device); s.Label != nil || s.Categories != nil || s.Declarative != nil || s.KeyID != "" {
		t.Errorf("what was left out is not: %+v", s)
	}
	nulls := strings.Replace(subscription(device, `"label":null,"categories":null,"user":null,"declarative":null`),
		`"expirationTime":null`, `"expirationTime":1893456000000`, 1)
	b.want("nulls", b.call("POST", "/api/subscribe", nulls), 200, answer.ID.String())
	if s = b.store.last(device); s.Label != nil || !s.ExpiresAt.Equal(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("with nulls: %+v", s)
	}
}

func TestSubscribeRefused(t *testing.T) {
	b := newBench(t, nil, false).listen()
	good := subscription(device, "")
	tests := []struct {
		name, body string
		status     int
		text       string
	}{
		{"nothing", "", 400, "empty"},
		{"an empty object", "{}", 400, "endpoint is required"},
		{"null", "null", 400, "must be a JSON object"},
		{"a list", "[" + good + "]", 400, "must be a JSON object"},
		{"a string", `"x"`, 400, "must be a JSON object"},
		{"half of it", good[:40], 400, "not JSON"},
		{"two of it", good + good, 400, "not JSON"},
		{"garbage behind it", good + "x", 400, "not JSON"},
		{"not UTF-8", strings.Replace(good, "device", "\xff", 1), 400, "UTF-8"},
		{"no keys", `{"endpoint":"https://push.example/x"}`, 400, "keys.p256dh"},
		{"keys of the wrong type", `{"endpoint":"https://push.example/x","keys":"x"}`, 400, "keys holds a string where an object belongs"},
		{"a key of the wrong type", strings.Replace(good, `"`+goodAuth+`"`, "5", 1), 400, "keys.auth holds a number where a string belongs"},
		{"a short secret", strings.Replace(good, goodAuth, "AAAA", 1), 400, "keys.auth must be exactly 16 bytes"},
		{"a key off the curve", strings.Replace(good, goodKey(), base64.RawURLEncoding.EncodeToString(publicKey(1)), 1), 400, "keys.p256dh"},
		{"http", subscription("http://push.example/x", ""), 400, "endpoint must be an https URL"},
		{"another host", subscription("https://evil.example/x", ""), 400, "push.allowed_hosts"},
		{"an expiration as text", strings.Replace(good, "null", `"soon"`, 1), 400, "expirationTime holds a string where a number belongs"},
		{"an expiration past the calendar", strings.Replace(good, "null", "1e300", 1), 400, "expirationTime"},
		{"an expiration past numbers", strings.Replace(good, "null", "1e999", 1), 400, "expirationTime holds 1e999"},
		{"a long label", subscription(device, `"label":"`+strings.Repeat("ü", 101)+`"`), 400, "label must have at most 100 characters"},
		{"a label with NUL", subscription(device, `"label":"a\u0000b"`), 400, "label must not contain control characters"},
		{"two mistakes", subscription(device, `"label":"\n","public_key":"x"`), 400, "characters; public_key must be"},
		{"an unknown category", subscription(device, `"categories":["nowhere"]`), 400, `category \"nowhere\" does not exist`},
		{"an empty category", subscription(device, `"categories":[""]`), 400, "categories[0] must not be empty"},
		{"a category that is not public", subscription(device, `"categories":["news","ops"]`), 403, "invite"},
		{"categories of the wrong type", subscription(device, `"categories":[5]`), 400, "categories holds a number where a string belongs"},
		{"a user", subscription(device, `"user":"ana"`), 403, "user"},
		{"an invite", subscription(device, `"invite":"abc"`), 403, "invite"},
		{"a key of another server", subscription(device, `"public_key":"`+base64.RawURLEncoding.EncodeToString(publicKey(5))+`"`), 400, "public_key is not"},
	}
	for _, tt := range tests {
		b.want(tt.name, b.call("POST", "/api/subscribe", tt.body), tt.status, tt.text)
	}
	if len(b.store.subscriptions) != 0 {
		t.Errorf("stored %v", b.store.subscriptions)
	}
	if !slices.Equal(b.refused, []string{"evil.example"}) {
		t.Errorf("the operator heard of %v", b.refused)
	}
}

// A stranger's list costs no look-up for each of its names.
func TestManyCategories(t *testing.T) {
	b := newBench(t, nil, false).listen()
	names := func(n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf(`"nowhere%d"`, i)
		}
		return subscription(device, `"categories":[`+strings.Join(list, ",")+`]`)
	}
	b.want("too many", b.call("POST", "/api/subscribe", names(1001)), 400, "categories must have at most 1000 entries")
	b.want("as many as may be", b.call("POST", "/api/subscribe", names(1000)), 400, `category \"nowhere0\" does not exist`)
	if b.store.asked > 1 {
		t.Errorf("%d names were looked up", b.store.asked)
	}
}

func TestSubscribeByAdmin(t *testing.T) {
	b := newBench(t, func(o *Options) { o.InviteOnly = true }, false).listen()
	body := subscription(device, `"user":"ana","categories":["ops"]`)
	b.want("without a token", b.call("POST", "/api/subscribe", body), 403, "user")
	b.want("with a publisher's", b.call("POST", "/api/subscribe", body, asPublisher), 403, "user")
	b.want("with a wrong one", b.call("POST", "/api/subscribe", body, "Authorization: Bearer x"), 401, "token")
	b.want("with an admin's", b.call("POST", "/api/subscribe", body, "Authorization: Bearer admin"), 200, "id")
	if s := b.store.last(device); s.User == nil || *s.User != "ana" {
		t.Errorf("stored %+v", s)
	}
	// Its browser comes to sync, and must not lose its user by it.
	b.want("its browser", b.call("POST", "/api/subscribe", subscription(device, `"user":""`)), 200, "id")
	if s := b.store.last(device); s.User != nil {
		t.Errorf("the user was changed to %q", *s.User)
	}
}

func TestSubscribeByInvite(t *testing.T) {
	b := newBench(t, func(o *Options) { o.InviteOnly = true }, false).listen()
	b.want("a stranger", b.call("POST", "/api/subscribe", subscription(device, "")), 403, "invite")
	old := "https://push.example/old"
	id := uuid.New()
	b.store.ids[old] = id
	b.want("one that is known", b.call("POST", "/api/subscribe", subscription(old, "")), 200, "id")
	b.want("in place of an unknown one", b.call("POST", "/api/subscribe", subscription(device, `"replaces":"`+uuid.NewString()+`"`)), 403, "invite")
	b.want("in place of a known endpoint", b.call("POST", "/api/subscribe", subscription(device+"1", `"replaces":"`+old+`"`)), 200, "id")
	b.want("in place of a known id", b.call("POST", "/api/subscribe", subscription(device+"2", `"replaces":"`+id.String()+`"`)), 200, "id")
	b.store.removed[id] = true
	b.want("in place of a removed one", b.call("POST", "/api/subscribe", subscription(device+"3", `"replaces":"`+id.String()+`"`)), 403, "invite")
}

func TestUnsubscribe(t *testing.T) {
	b := newBench(t, nil, false).listen()
	id, other := uuid.New(), uuid.New()
	b.store.ids[device], b.store.ids[device+"2"] = id, other
	tests := []struct {
		name, body string
		status     int
		text       string
	}{
		{"by id", `{"client_uuid":"` + id.String() + `"}`, 200, `{"message":"unsubscribed"}`},
		{"by endpoint", `{"endpoint":"` + device + `2"}`, 200, `{"message":"unsubscribed"}`},
		{"unknown", `{"client_uuid":"` + uuid.NewString() + `"}`, 200, "unsubscribed"},
		{"no id at all", `{"client_uuid":"x"}`, 200, "unsubscribed"},
		{"neither", `{}`, 400, `{"message":"client_uuid is required"}`},
		{"nothing", ``, 400, `{"message":"client_uuid is required"}`},
		{"null", `{"client_uuid":null}`, 400, `{"message":"client_uuid is required"}`},
		{"a number", `{"client_uuid":5}`, 400, "client_uuid holds a number"},
	}
	for _, tt := range tests {
		b.want(tt.name, b.call("POST", "/api/unsubscribe", tt.body), tt.status, tt.text)
	}
	if !b.store.removed[id] || !b.store.removed[other] {
		t.Error("not unsubscribed")
	}
}

func TestSubscribesAreLimited(t *testing.T) {
	b := newBench(t, nil, false)
	limited := 0
	for range 700 {
		if got := b.call("POST", "/api/subscribe", "{}"); got.StatusCode == 429 {
			if limited++; got.Header.Get("Retry-After") == "" {
				t.Fatal("429 without Retry-After")
			}
		}
	}
	if limited < 50 || limited > 100 {
		t.Errorf("%d of 700 were refused", limited)
	}
	b.want("another route", b.call("GET", "/api/categories", ""), 200, "items")
}

func TestStorageTrouble(t *testing.T) {
	b := newBench(t, nil, false).listen()
	for _, err := range []error{fmt.Errorf("subscribe: %w", storage.ErrUnavailable), fmt.Errorf("secret detail of %s", device)} {
		b.store.err = err
		for path, body := range map[string]string{
			"/api/subscribe":   subscription(device, ""),
			"/api/notify":      `{"title":"x"}`,
			"/api/unsubscribe": `{"client_uuid":"` + uuid.NewString() + `"}`,
			"/api/receipt":     `{"receipt":"good","event":"clicked"}`,
		} {
			got := b.call("POST", path, body, asPublisher)
			b.want(path, got, 503, "again later")
			if got.Header.Get("Retry-After") == "" || strings.Contains(got.body, "secret") {
				t.Errorf("%s: Retry-After %q, %s", path, got.Header.Get("Retry-After"), got.body)
			}
		}
	}
	if !strings.Contains(b.log.String(), "/api/notify") {
		t.Error("what nobody foresaw is not in the log")
	}
}

func FuzzSubscribe(f *testing.F) {
	f.Add(subscription(device, `"label":"x","categories":["news"],"replaces":"x"`))
	f.Add(subscription(device, `"public_key":"`+base64.RawURLEncoding.EncodeToString(publicKey(1))+`","expirationTime":1e12`))
	f.Add(`{"endpoint":5,"keys":[]}`)
	f.Add(strings.Repeat("[", 100))
	f.Fuzz(func(t *testing.T, body string) {
		b := newBench(t, nil, false)
		r := httptest.NewRequest("POST", "/api/subscribe", strings.NewReader(body))
		w := httptest.NewRecorder()
		b.handler.ServeHTTP(w, r)
		switch w.Code {
		case 200:
			for _, s := range b.store.subscriptions {
				if len(s.P256dh) != 65 || len(s.Auth) != 16 || s.User != nil || s.Endpoint == "" {
					t.Errorf("%q was stored as %+v", body, s)
				}
			}
		case 400, 403, 413:
			if !json.Valid(w.Body.Bytes()) {
				t.Errorf("%q was answered with %s", body, w.Body)
			}
		default:
			t.Errorf("%q was answered with %d", body, w.Code)
		}
	})
}
