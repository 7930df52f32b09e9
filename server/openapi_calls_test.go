package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"recado/server/push/pushtest"
	"recado/storage"
)

// The good requests, and the bad ones that are an operation's own.

func asJSON() map[string]string { return map[string]string{"Accept": "application/json"} }

func (d *documented) subscribing(r *rig) {
	must(d.t, r.category("door", true))
	must(d.t, r.category("ops", false))
	d.do(call{op: "GET /api", want: 200})
	d.do(call{op: "GET /api/subscribe", want: 200})
	d.do(call{op: "GET /api/categories", want: 200})
	post := func(body, token string, want int) string {
		d.t.Helper()
		return d.do(call{op: "POST /api/subscribe", body: body, token: token, want: want})
	}
	var key struct {
		PublicKey string `json:"public_key"`
	}
	must(d.t, json.Unmarshal([]byte(d.do(call{op: "GET /api/subscribe", want: 200})), &key))
	id := field(d.t, post(r.subscription(`"label":"Phone","categories":["door"],"declarative":false,"public_key":"`+key.PublicKey+`","expirationTime":4102444800000`), "", 200), "id")
	post(r.subscription(`"user":"ana","categories":["ops"]`), r.admin, 200)
	post(r.subscription(`"replaces":"`+id+`"`), "", 200)
	post(r.subscription(`"user":"ana"`), "", 403)
	post(r.subscription(`"invite":"nonsense"`), "", 403)
	post(r.subscription(`"categories":["ops"]`), "", 403)
	post(r.subscription(`"categories":["nothing"]`), "", 400)
	post(`{"endpoint":"https://push.example.org/x","keys":{}}`, "", 400)

	leave := func(body string, want int) {
		d.t.Helper()
		d.do(call{op: "POST /api/unsubscribe", body: body, want: want})
	}
	leave(object("client_uuid", id), 200)
	leave(object("client_uuid", uuid.NewString(), "endpoint", r.push.Subscribe().Endpoint), 200)
	leave(`{}`, 400)

	report := func(body string, want int) {
		d.t.Helper()
		d.do(call{op: "POST /api/receipt", body: body, want: want})
	}
	r.receipt = d.receipt(r)
	report(object("receipt", r.receipt, "event", "displayed"), 204)
	report(object("receipt", r.receipt, "event", "clicked", "action", "open"), 204)
	report(object("receipt", r.receipt, "event", "exploded"), 400)
	report(object("receipt", "nonsense", "event", "closed"), 400)
}

// receipt publishes, and returns what a device got.
func (d *documented) receipt(r *rig) string {
	d.t.Helper()
	d.do(call{op: "POST /api/notify", token: r.admin, body: `{"title":"receipt"}`, want: 200})
	for _, got := range r.push.Received() {
		if receipt := field(d.t, string(got.Plaintext), "receipt"); receipt != "" {
			return receipt
		}
	}
	d.t.Fatal("no message has a receipt")
	return ""
}

func (r *rig) category(name string, public bool) error {
	_, err := r.store.CreateCategory(r.t.Context(), storage.Category{ID: uuid.New(), Name: name, Description: "About " + name, Public: public})
	return err
}

// everything is a body with every field that a notification may have, and more.
func everything(more ...any) string {
	return object(append([]any{
		"title", "Door", "body", "open", "url", "https://home.example/", "icon", "https://home.example/i.png",
		"image", "https://home.example/m.png", "badge", "https://home.example/b.png", "tag", "door", "lang", "en", "dir", "ltr",
		"silent", false, "require_interaction", true, "renotify", true, "vibrate", []int{100, 50}, "data", map[string]any{"a": 1},
		"ttl", 60, "urgency", "high", "topic", "door", "expires_at", inTwoDays(), "time_zone", "Europe/Lisbon",
		"actions", []map[string]string{{"action": "open", "title": "Open", "icon": "https://home.example/i.png", "url": "https://home.example/"}},
	}, more...)...)
}

func inTwoDays() string { return time.Now().Add(48 * time.Hour).UTC().Format(time.RFC3339) }

func inAnHour() string { return time.Now().Add(time.Hour).UTC().Format(time.RFC3339) }

// publishing asks the two routes that publish and tell what became of it.
func (d *documented) publishing(r *rig) {
	limited := r.token(storage.Token{Scope: storage.ScopePublish, Categories: []string{"door"}})
	id := field(d.t, d.do(call{op: "POST /api/subscribe", body: r.subscription(""), want: 200}), "id")
	full := everything("repeat", "0 8 * * 1-5", "scheduled_at", inAnHour(), "target",
		map[string]any{"all": false, "categories": []string{"door"}, "users": []string{"ana"}, "subscriptions": []string{id}})
	for _, c := range []call{
		{op: "POST /api/notify", body: full, header: asJSON(), want: 202},
		{op: "POST /api/notify", body: object("title", "Hello", "target", map[string]any{"all": true}), want: 200},
		{op: "POST /api/notify", body: object("title", "Hello"), header: asJSON(), query: "?wait=10s", want: 200},
		{op: "POST /api/notify", body: object("title", "Hello"), query: "?wait=0", want: 202},
		{op: "POST /api/notify", body: object("title", "once"), header: map[string]string{"Idempotency-Key": "k"}, want: 200},
		{op: "POST /api/notify", body: object("title", "twice"), header: map[string]string{"Idempotency-Key": "k"}, want: 409},
		{op: "POST /api/notify", body: object("title", ""), want: 400},
		{op: "POST /api/notify", body: object("title", "Hello", "ttl", "x"), want: 400},
		{op: "POST /api/notify", body: object("body", strings.Repeat("x", 4000)), want: 413},
		{op: "POST /api/notify", body: object("title", "Hello"), token: limited, want: 403},
		{op: "POST /push", body: object("title", "Hello", "body", "World", "url", "https://home.example/"), want: 200},
		{op: "POST /push", body: object("message", "Hello"), header: asJSON(), query: "?wait=0", want: 202},
		{op: "POST /push", body: object("message", "once"), header: map[string]string{"Idempotency-Key": "p"}, want: 200},
		{op: "POST /push", body: object("message", "twice"), header: map[string]string{"Idempotency-Key": "p"}, want: 409},
		{op: "POST /push", body: `{}`, want: 400},
		{op: "POST /push", body: object("message", strings.Repeat("x", 4000)), want: 413},
		{op: "POST /push", body: object("message", "Hello"), token: limited, want: 403},
	} {
		if c.token == "" {
			c.token = r.scopes["publish"]
		}
		d.do(c)
	}
}

func (d *documented) secondSpelling(r *rig) {
	d.do(call{op: "GET /subscription", want: 200})
	post := func(body string, want int) string {
		d.t.Helper()
		return d.do(call{op: "POST /subscription", body: body, want: want})
	}
	id := field(d.t, post(r.subscription(""), 201), "id")
	post(object("subscription_token", json.RawMessage(r.subscription(""))), 201)
	post(object("subscription_token", r.subscription("")), 201)
	post(object("subscription_token", "nonsense"), 400)
	post(object("subscription_token", json.RawMessage(r.subscription(`"user":"ana"`))), 403)
	d.do(call{op: "DELETE /subscription/{id}", id: id, want: 204})
	d.do(call{op: "DELETE /subscription/{id}", id: id, want: 404})

	test := func(body string, want int) {
		d.t.Helper()
		d.do(call{op: "POST /push_v1", token: r.scopes["publish"], body: body, want: want})
	}
	test(object("sub_token", json.RawMessage(r.subscription("")), "title", "Hello", "body", "World", "url", "https://home.example/"), 200)
	test(object("sub_token", r.subscription("")), 200)
	test(object("sub_token", "nonsense"), 400)
	test(object("sub_token", r.subscription(""), "body", strings.Repeat("x", 4000)), 413)
	gone := r.push.Subscribe()
	gone.Remove()
	test(object("sub_token", string(gone.JSON())), 502)
}

// notifications are asked for, changed and removed as resources.
func (d *documented) notifications(r *rig) {
	const all, one = "/v1/pushnotification", "/v1/pushnotification/{id}"
	create := func(body string, want int, header ...string) string {
		d.t.Helper()
		c := call{op: "POST " + all, token: r.scopes["publish"], body: body, want: want}
		if len(header) > 0 {
			c.header = map[string]string{"Idempotency-Key": header[0]}
		}
		return d.do(c)
	}
	device := field(d.t, d.do(call{op: "POST /api/subscribe", body: r.subscription(`"categories":["door"]`), want: 200}), "id")
	target := map[string]any{"categories": []string{"door"}, "users": []string{"ana"}, "subscriptions": []string{device}}
	sent := field(d.t, create(everything("target", target), 201), "id")
	scheduled := field(d.t, create(everything("target", target, "repeat", "0 8 * * 1-5", "scheduled_at", inAnHour()), 201), "id")
	create(object("title", "Hello", "target", map[string]any{"all": true}), 201, "v1")
	create(object("title", "Hello", "target", map[string]any{"all": true}), 200, "v1")
	create(object("title", "Other"), 409, "v1")
	create(object("title", "Hello", "ttl", -1, "urgency", "loud", "nonsense", 1), 422)
	create(object("body", "no title"), 422)
	create(object("title", "Hello", "body", strings.Repeat("x", 4000)), 413)
	create(object("title", "Hello", "body", strings.Repeat("x", 3000)), 201)
	limited := r.token(storage.Token{Scope: storage.ScopePublish, Categories: []string{"door"}})
	d.do(call{op: "POST " + all, token: limited, body: object("title", "Hello"), want: 403})

	d.do(call{op: "POST " + all + "/preview", token: r.scopes["publish"], body: everything("target", target, "repeat", "0 9 * * 1-5", "time_zone", "Europe/Lisbon"), want: 200})
	d.do(call{op: "POST " + all + "/preview", token: r.scopes["publish"], body: object("ttl", -1), want: 422})
	d.do(call{op: "POST " + all + "/preview", token: limited, body: object("title", "Hello"), want: 403})

	r.settled(sent)
	for _, query := range []string{"", "?limit=1", "?state=scheduled,sent&category=door", "?parent=" + sent} {
		d.do(call{op: "GET " + all, token: r.scopes["read"], query: query, want: 200})
	}
	next := field(d.t, d.do(call{op: "GET " + all, token: r.scopes["read"], query: "?limit=1", want: 200}), "next")
	d.do(call{op: "GET " + all, token: r.scopes["read"], query: "?limit=1&after=" + next, want: 200})
	d.do(call{op: "GET " + all, token: r.scopes["read"], query: "?state=nonsense", want: 422})
	d.do(call{op: "GET " + all, token: r.scopes["read"], query: "?parent=nonsense", want: 422})

	d.do(call{op: "GET " + one, id: sent, token: r.scopes["read"], want: 200})
	d.do(call{op: "GET " + one, id: sent, token: r.scopes["publish"], want: 200})
	d.do(call{op: "GET " + one, id: sent, token: limited, want: 403})

	for _, query := range []string{"", "?limit=1", "?status=sent&subscription=" + device} {
		d.do(call{op: "GET " + one + "/deliveries", id: sent, token: r.scopes["read"], query: query, want: 200})
	}
	d.deliveries(r)
	d.do(call{op: "GET " + one + "/deliveries", id: sent, token: limited, want: 403})
	d.do(call{op: "GET " + one + "/deliveries", id: sent, token: r.scopes["read"], query: "?status=nonsense", want: 422})

	put := func(id, body string, want int) {
		d.t.Helper()
		d.do(call{op: "PUT " + one, id: id, token: r.scopes["publish"], body: body, want: want})
	}
	put(scheduled, everything("target", target, "repeat", "0 9 * * 1-5", "scheduled_at", inAnHour()), 200)
	put(scheduled, object("title", "Later", "scheduled_at", inAnHour(), "target", map[string]any{"all": true}), 200)
	put(scheduled, object("title", "Hello", "ttl", -1), 422)
	put(scheduled, object("title", "Hello", "scheduled_at", inAnHour(), "body", strings.Repeat("x", 4000)), 413)
	put(sent, object("title", "Hello"), 409)
	d.do(call{op: "POST " + one + "/cancel", id: scheduled, token: r.scopes["publish"], want: 200})
	d.do(call{op: "POST " + one + "/cancel", id: scheduled, token: r.scopes["publish"], want: 409})
	d.do(call{op: "DELETE " + one, id: scheduled, token: r.scopes["publish"], want: 204})
	d.do(call{op: "DELETE " + one, id: scheduled, token: r.scopes["publish"], want: 404})
	d.existing[one] = field(d.t, create(object("title", "Later", "scheduled_at", inAnHour()), 201), "id")
}

// deliveries asks for a page that is not the last.
func (d *documented) deliveries(r *rig) {
	d.t.Helper()
	id := field(d.t, d.do(call{op: "POST /v1/pushnotification", token: r.admin, body: object("title", "To all"), want: 201}), "id")
	r.settled(id)
	c := call{op: "GET /v1/pushnotification/{id}/deliveries", id: id, token: r.scopes["read"], query: "?limit=1", want: 200}
	next := field(d.t, d.do(c), "next")
	c.query += "&after=" + next
	d.do(c)
}

// settled waits until nothing of a notification is pending.
func (r *rig) settled(id string) {
	r.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		n, err := r.store.Notification(r.t.Context(), uuid.MustParse(id))
		must(r.t, err)
		if !n.FinishedAt.IsZero() {
			return
		}
		time.Sleep(5 * time.Millisecond) // the server tells only who published with ?wait=
	}
	r.t.Fatalf("notification %s is not sent", id)
}

// resources are what operators keep.
func (d *documented) resources(r *rig) {
	d.categories(r)
	d.subscriptions(r)
	d.sessions(r)
	for _, list := range []string{"/v1/pushnotification/categories", "/v1/subscriptions", "/v1/invites", "/v1/tokens", "/v1/keys"} {
		switch list {
		case "/v1/invites":
			d.invites(r)
		case "/v1/tokens":
			d.tokens(r)
		case "/v1/keys":
			d.keys(r)
		}
		next := field(d.t, d.do(call{op: "GET " + list, token: r.admin, query: "?limit=1", want: 200}), "next")
		d.do(call{op: "GET " + list, token: r.admin, query: "?after=" + next, want: 200})
	}
}

func (d *documented) categories(r *rig) {
	const all, one = "/v1/pushnotification/categories", "/v1/pushnotification/categories/{categoryId}"
	made := field(d.t, d.do(call{op: "POST " + all, token: r.admin, body: object("name", "garden", "description", "Outside", "public", true), want: 201}), "id")
	d.do(call{op: "POST " + all, token: r.admin, body: object("name", "garden"), want: 409})
	d.do(call{op: "POST " + all, token: r.admin, body: object("name", ""), want: 422})
	d.do(call{op: "PUT " + one, id: made, token: r.admin, body: object("name", "yard", "description", "Outside", "public", false), want: 200})
	d.do(call{op: "PUT " + one, id: made, token: r.admin, body: object("name", "door"), want: 409})
	d.do(call{op: "PUT " + one, id: made, token: r.admin, body: object("name", 1), want: 422})
	id := field(d.t, d.do(call{op: "POST /v1/pushnotification", token: r.admin,
		body: object("title", "Later", "scheduled_at", inAnHour(), "target", map[string]any{"categories": []string{"yard"}}), want: 201}), "id")
	d.do(call{op: "DELETE " + one, id: made, token: r.admin, want: 409})
	d.do(call{op: "POST /v1/pushnotification/{id}/cancel", id: id, token: r.admin, want: 200})
	d.do(call{op: "DELETE " + one, id: made, token: r.admin, want: 204})
}

func (d *documented) subscriptions(r *rig) {
	const all, one = "/v1/subscriptions", "/v1/subscriptions/{id}"
	id := field(d.t, d.do(call{op: "POST /api/subscribe", token: r.admin, body: r.subscription(`"label":"Phone","user":"ana"`), want: 200}), "id")
	d.do(call{op: "GET " + all, token: r.scopes["read"], query: "?category=door&user=ana&service=127.0.0.1&key=none&q=phone&silent=false", want: 200})
	d.do(call{op: "GET " + all, token: r.scopes["read"], query: "?silent=true", want: 200})
	d.do(call{op: "GET " + all, token: r.scopes["read"], query: "?silent=1", want: 422})
	d.do(call{op: "GET " + one, id: id, token: r.scopes["read"], want: 200})
	d.do(call{op: "PATCH " + one, id: id, token: r.admin, body: object("label", "Tablet", "user", "bia", "categories", []string{"ops"}), want: 200})
	d.do(call{op: "PATCH " + one, id: id, token: r.admin, body: object("categories", []string{"nothing"}), want: 422})
	d.do(call{op: "DELETE " + one, id: id, token: r.admin, want: 204})
}

func (d *documented) invites(r *rig) {
	made := d.do(call{op: "POST /v1/invites", token: r.admin, want: 201,
		body: object("user", "carla", "categories", []string{"ops"}, "uses", 2, "expires_at", inAnHour())})
	d.do(call{op: "POST /v1/invites", token: r.admin, body: `{}`, want: 201})
	d.do(call{op: "POST /v1/invites", token: r.admin, body: object("uses", 0), want: 422})
	_, secret, _ := strings.Cut(field(d.t, made, "url"), "?invite=")
	d.do(call{op: "POST /api/subscribe", body: r.subscription(`"invite":"` + secret + `"`), want: 200})
	id := field(d.t, d.do(call{op: "POST /v1/invites", token: r.admin, body: `{}`, want: 201}), "id")
	d.do(call{op: "DELETE /v1/invites/{id}", id: id, token: r.admin, want: 204})
}

func (d *documented) tokens(r *rig) {
	made := d.do(call{op: "POST /v1/tokens", token: r.admin, want: 201,
		body: object("name", "grafana", "scope", "publish", "categories", []string{"ops"}, "style", "ntfy", "expires_at", inAnHour())})
	d.do(call{op: "POST /v1/tokens", token: r.admin, body: object("name", "x", "scope", "root"), want: 422})
	d.do(call{op: "DELETE /v1/tokens/{id}", id: field(d.t, made, "id"), token: r.admin, want: 204})
	reserved, err := r.store.CreateToken(d.t.Context(), storage.Token{Name: ConfigToken, Scope: storage.ScopeAdmin, Style: "recado", CreatedAt: time.Now()})
	must(d.t, err)
	d.do(call{op: "DELETE /v1/tokens/{id}", id: reserved.ID.String(), token: r.admin, want: 409})
}

func (d *documented) sessions(r *rig) {
	const op = "/v1/session"
	d.do(call{op: "GET " + op, want: 204})
	signedIn := map[string]string{"Cookie": r.signIn("read")}
	d.do(call{op: "POST " + op, body: object("token", r.admin), header: signedIn, want: 204})
	d.do(call{op: "POST " + op, body: object("token", "rcd_wrong"), want: 401})
	d.do(call{op: "POST " + op, body: object("token", r.scopes["publish"]), want: 403})
	signedIn["Cookie"] = r.signIn("admin")
	d.do(call{op: "GET " + op, header: signedIn, want: 200})
	d.do(call{op: "DELETE " + op, header: map[string]string{"Cookie": signedIn["Cookie"], "Sec-Fetch-Site": "same-site"}, want: 403})
	d.do(call{op: "DELETE " + op, header: signedIn, want: 204})
	d.do(call{op: "DELETE " + op, want: 204})
}

func (d *documented) keys(r *rig) {
	old := field(d.t, d.do(call{op: "POST /v1/keys/rotate", token: r.admin, want: 201}), "id")
	d.do(call{op: "POST /v1/keys/rotate", token: r.admin, want: 201})
	d.do(call{op: "DELETE /v1/keys/{id}", id: old, token: r.admin, want: 204})
	d.do(call{op: "DELETE /v1/keys/{id}", id: r.key, token: r.admin, want: 409})
}

func (d *documented) watching(r *rig) {
	const op = "GET /v1/deliveries/live"
	upgrade := func(more ...string) map[string]string {
		header := map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
		for i := 0; i < len(more); i += 2 {
			header[more[i]] = more[i+1]
		}
		return header
	}
	token := r.scopes["read"]
	d.do(call{op: op, token: token, header: upgrade(), want: 101})
	d.do(call{op: op, token: token, header: upgrade(), want: 101,
		query: "?since=1&event=sent,displayed&category=ops&notification=" + uuid.NewString()})
	d.do(call{op: op, token: token, header: upgrade("Sec-WebSocket-Key", "x"), want: 400})
	d.do(call{op: op, token: token, header: upgrade("Origin", "https://other.example"), want: 403})
	d.do(call{op: op, token: token, header: upgrade("Sec-WebSocket-Version", "8"), want: 426})
	d.do(call{op: op, token: token, want: 426})
	for _, query := range []string{"?since=x", "?since=-1", "?event=exploded", "?notification=x"} {
		d.do(call{op: op, token: token, header: upgrade(), query: query, want: 422})
	}
}

// hooks sends webhooks, and tries templates on what came.
func (d *documented) hooks(r *rig) {
	limited := r.token(storage.Token{Scope: storage.ScopePublish, Categories: []string{"door"}})
	for _, op := range []string{"POST /hook", "POST /hook/{token}"} {
		for _, c := range []call{
			{query: "?category=door&category=ops", body: object("title", "Disk full", "message", "sda1"), want: 202},
			{query: "?template=nas", body: object("host", "nas"), want: 202},
			{query: "?template=fails", body: object("host", "nas"), want: 400},
			{query: "?template=nothing", body: object("host", "nas"), want: 400},
			{query: "?template=signed", body: object("host", "nas"), want: 403},
			{query: "?category=ops", body: object("host", "nas"), token: limited, want: 403},
			{body: object("host", "nas"), header: map[string]string{"Idempotency-Key": "hook" + op}, want: 202},
			{body: object("host", "pi"), header: map[string]string{"Idempotency-Key": "hook" + op}, want: 409},
		} {
			if c.op = op; c.token == "" {
				c.token = r.scopes["publish"]
			}
			d.do(c)
		}
	}
	next := field(d.t, d.do(call{op: "GET /v1/webhooks", token: r.admin, query: "?limit=1", want: 200}), "next")
	d.do(call{op: "GET /v1/webhooks", token: r.admin, query: "?after=" + next, want: 200})
	preview := func(body string, want int) {
		d.t.Helper()
		d.do(call{op: "POST /v1/webhooks/preview", token: r.admin, body: body, want: want})
	}
	preview(object("name", "nas"), 200)
	preview(object("title", "{{.a}}", "body", "b", "url", "https://nas.lan/", "urgency", "high", "tag", "t", "payload", map[string]any{"a": "x"}), 200)
	preview(object("name", "nas", "title", "{{", "body", "{{end}}"), 422)
	preview(object("name", "signed"), 422)
}

// operating asks how the server is doing, once it has something to tell: a push
// service that refuses its key, and one that is not allowed.
func (d *documented) operating(r *rig) {
	d.do(call{op: "POST /api/subscribe", want: 400,
		body: strings.ReplaceAll(r.subscription(""), "http://127.0.0.1:", "http://127.0.0.2:")})
	r.push.Always(&pushtest.Step{Status: http.StatusForbidden})
	for range 12 {
		d.do(call{op: "POST /api/notify", token: r.admin, body: object("title", "Hello"), query: "?wait=0", want: 202})
	}
	r.push.Always(nil)
	d.do(call{op: "GET /v1/stats", token: r.scopes["read"], want: 200})
	d.do(call{op: "GET /metrics", token: r.scopes["read"], want: 200})
	d.do(call{op: "GET /healthz", want: 200})
	d.do(call{op: "GET /readyz", want: 200})
	d.do(call{op: "GET /readyz", header: map[string]string{"Accept": "application/json"}, want: 200})
	for _, op := range []string{"GET /docs", "GET /openapi.json"} {
		_, header := d.plain("GET", strings.Fields(op)[1], nil)
		d.do(call{op: op, want: 200})
		d.do(call{op: op, header: map[string]string{"If-None-Match": header.Get("ETag")}, want: 304})
	}
}
