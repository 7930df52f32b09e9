package server

import (
	"slices"
	"strings"
	"testing"

	"recado/server/config"
)

// Every route says who may call it; that it is closed to the others is for
// TestAccessMatrix to show.
func TestEveryRouteHasAScope(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	known := []scope{public, subscribe, open, publish, read, readOwn, admin}
	// What may be read without the read scope, or changed with less than admin.
	less := map[string]scope{
		"POST /v1/pushnotification": publish, "PUT /v1/pushnotification/{id}": publish, "DELETE /v1/pushnotification/{id}": publish,
		"POST /v1/pushnotification/preview": publish, "POST /v1/pushnotification/{id}/cancel": publish, "GET /v1/pushnotification/{id}": readOwn, "GET /v1/pushnotification/{id}/deliveries": readOwn,
		"GET /v1/session": public, "POST /v1/session": public, "DELETE /v1/session": public,
		"GET /v1/invites": admin, "GET /v1/tokens": admin, "GET /v1/keys": admin,
		"POST /push_v1": publish, "POST /push": open, "POST /api/notify": open, "GET /v1/health": public,
		"GET /v1/webhooks": admin,
	}
	table := d.server.routes()
	if len(table) < 40 {
		t.Fatalf("%d routes only", len(table))
	}
	for _, r := range table {
		if !slices.Contains(known, r.scope) {
			t.Errorf("%s %s has no scope that is known: %q", r.method, r.pattern, r.scope)
			continue
		}
		want, special := less[r.method+" "+r.pattern]
		switch {
		case special:
		case !strings.HasPrefix(r.pattern, "/v1/"):
			want = r.scope
		case r.method == "GET":
			want = read
		default:
			want = admin
		}
		if r.scope != want {
			t.Errorf("%s %s has the scope %q, want %q", r.method, r.pattern, r.scope, want)
		}
	}
}

// A trailing slash makes no difference on any route.
func TestTrailingSlashes(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	for _, r := range d.server.routes() {
		if r.pattern == "/{$}" || r.method == "OPTIONS" || r.pattern == "/v1/keys/rotate" || r.pattern == "/v1/stats" || r.pattern == "/metrics" {
			continue
		}
		path := strings.NewReplacer("{id}", nobody(), "{categoryId}", nobody(), "{topic}", "a.b").Replace(r.pattern)
		without, with := d.ask("admin", r.method, path, ""), d.ask("admin", r.method, path+"/", "")
		if without.StatusCode != with.StatusCode || without.body != with.body {
			t.Errorf("%s %s: %d %s and %d %s", r.method, path, without.StatusCode, without.body, with.StatusCode, with.body)
		}
	}
}

func TestWrongMethods(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	id := nobody()
	for call, allow := range map[string]string{
		"POST /push/x":                           "GET, HEAD",
		"PUT /push/x/y":                          "GET, HEAD",
		"GET /push":                              "POST",
		"GET /push/":                             "POST",
		"GET /push_v1":                           "POST",
		"POST /push_v1/x":                        "GET, HEAD",
		"PUT /healthz":                           "GET, HEAD",
		"POST /readyz":                           "GET, HEAD",
		"DELETE /":                               "GET, HEAD, POST, PUT",
		"DELETE /topic":                          "POST, PUT",
		"PATCH /topic/":                          "POST, PUT",
		"POST /topic/publish":                    "GET, HEAD",
		"GET /message":                           "POST",
		"PUT /message/":                          "POST",
		"POST /version":                          "GET, HEAD",
		"PUT /health":                            "GET, HEAD",
		"POST /v1/health":                        "GET, HEAD",
		"DELETE /subscription":                   "GET, HEAD, POST",
		"GET /subscription/" + id:                "DELETE",
		"PUT /api/notify":                        "POST",
		"DELETE /v1/pushnotification":            "GET, HEAD, POST",
		"DELETE /v1/pushnotification/categories": "GET, HEAD, POST",
		"DELETE /v1/pushnotification/categories/":    "GET, HEAD, POST",
		"GET /v1/pushnotification/preview":           "POST",
		"PUT /v1/pushnotification/preview":           "POST",
		"PUT /v1/pushnotification/categories":        "GET, HEAD, POST",
		"PATCH /v1/pushnotification/categories":      "GET, HEAD, POST",
		"GET /v1/pushnotification/categories/" + id:  "DELETE, PUT",
		"PATCH /v1/pushnotification/" + id:           "DELETE, GET, HEAD, PUT",
		"GET /v1/pushnotification/" + id + "/cancel": "POST",
		"PUT /v1/subscriptions/" + id:                "DELETE, GET, HEAD, PATCH",
		"POST /v1/subscriptions":                     "GET, HEAD",
		"GET /v1/tokens/" + id:                       "DELETE",
		"GET /v1/keys/rotate":                        "POST",
		"DELETE /v1/keys/rotate":                     "POST",
		"PUT /v1/session":                            "DELETE, GET, HEAD, POST",
		"POST /v1/stats":                             "GET, HEAD",
		"POST /openapi.json":                         "GET, HEAD",
	} {
		method, path, _ := strings.Cut(call, " ")
		got := d.want(call, d.ask("admin", method, path, ""), 405, "")
		if got.Header.Get("Allow") != allow {
			t.Errorf("%s: Allow %q, want %q", call, got.Header.Get("Allow"), allow)
		}
	}
	for _, call := range []string{"GET /push/x", "GET /v1", "GET /v1/nothing", "POST /v1/nothing", "GET /api/nothing", "GET /nothing", "GET /nothing/", "GET /topic/json", "POST /topic/x", "PUT /topic/publish/x", "POST /v1/pushnotification/" + id + "/x"} {
		method, path, _ := strings.Cut(call, " ")
		d.want(call, d.ask("admin", method, path, ""), 404, "nothing at this path")
	}
	if got := d.ask("read", "HEAD", "/v1/pushnotification", ""); got.StatusCode != 200 || got.body != "" {
		t.Errorf("HEAD: %d %q", got.StatusCode, got.body)
	}
}

// What is not there is 404, whatever was asked of it.
func TestUnknownIDs(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	for _, id := range []string{nobody(), "5", "x", "%00", "categories", strings.ToUpper(nobody()), "{" + nobody() + "}", strings.Repeat("a", 4000)} {
		for _, call := range []struct{ method, path, body string }{
			{"GET", "/v1/pushnotification/ID", ""},
			{"PUT", "/v1/pushnotification/ID", `{"title":"x"}`},
			{"DELETE", "/v1/pushnotification/ID", ""},
			{"POST", "/v1/pushnotification/ID/cancel", ""},
			{"GET", "/v1/pushnotification/ID/deliveries", ""},
			{"PUT", "/v1/pushnotification/categories/ID", `{"name":"x"}`},
			{"DELETE", "/v1/pushnotification/categories/ID", ""},
			{"GET", "/v1/subscriptions/ID", ""},
			{"PATCH", "/v1/subscriptions/ID", `{"label":"x"}`},
			{"DELETE", "/v1/subscriptions/ID", ""},
			{"DELETE", "/v1/invites/ID", ""},
			{"DELETE", "/v1/tokens/ID", ""},
			{"DELETE", "/v1/keys/ID", ""},
			{"DELETE", "/subscription/ID", ""},
		} {
			path := strings.Replace(call.path, "ID", id, 1)
			if id == "categories" && path == "/v1/pushnotification/categories" {
				continue // the list of them
			}
			d.want(call.method+" "+path, d.ask("admin", call.method, path, call.body), 404, "")
		}
	}
}

// What is no JSON object that can be read is refused alike everywhere.
func TestBadBodies(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	id := d.notification("publish", "")
	var category, subscription string
	category = d.made(d.ask("admin", "POST", "/v1/pushnotification/categories", `{"name":"x"}`))
	subscription = d.made(d.ask("", "POST", "/subscription", d.subscription("")))
	for _, call := range []string{
		"POST /v1/pushnotification", "POST /v1/pushnotification/preview", "PUT /v1/pushnotification/" + id,
		"POST /v1/pushnotification/categories", "PUT /v1/pushnotification/categories/" + category,
		"PATCH /v1/subscriptions/" + subscription, "POST /v1/invites", "POST /v1/tokens", "POST /v1/session",
		"POST /api/notify", "POST /api/subscribe", "POST /subscription", "POST /push", "POST /push_v1",
	} {
		method, path, _ := strings.Cut(call, " ")
		wrongType := 400
		if strings.HasPrefix(path, "/v1") {
			wrongType = 422
		}
		for _, bad := range []struct {
			name, body string
			status     int
		}{
			{"nothing", "", 400},
			{"blanks", " \n ", 400},
			{"no JSON", `{"title":`, 400},
			{"more after it", `{} {}`, 400},
			{"a comment", `{/**/}`, 400},
			{"not UTF-8", "{\"title\":\"\xff\"}", 400},
			{"deep", `{"data":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`, 400},
			{"a bomb", strings.Repeat(`[`, 60000), 400},
			{"a list", `[]`, wrongType},
			{"null", `null`, wrongType},
			{"a string", `"{}"`, wrongType},
			{"large", `{"title":"` + strings.Repeat("x", 70000) + `"}`, 413},
		} {
			got := d.want(call+", "+bad.name, d.ask("admin", method, path, bad.body), bad.status, "")
			if bad.status == 413 && !strings.Contains(got.body, `"limit":65536`) {
				t.Errorf("%s: no limit in %s", call, got.body)
			}
		}
		d.want(call+", a form", d.ask("admin", method, path, "a=b", "Content-Type: application/x-www-form-urlencoded"), 415, "")
		d.want(call+", XML", d.ask("admin", method, path, "<a/>", "Content-Type: application/xml"), 415, "")
	}
}

func TestOpenPublishing(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, func(c *config.Config) { c.Access.Publish = "open" })
	d.want("notify", d.ask("", "POST", "/api/notify?wait=0", `{"title":"x"}`), 202, "")
	d.want("push", d.ask("", "POST", "/push/?wait=0", `{"message":"x"}`), 202, "")
	d.want("push of another site's page", d.ask("", "POST", "/push/?wait=0", `{"message":"x"}`, "Sec-Fetch-Site: cross-site", "Origin: https://evil.example"), 403, "")
	d.want("push_v1", d.ask("", "POST", "/push_v1/", `{}`), 401, "")
	d.want("v1", d.ask("", "POST", "/v1/pushnotification", `{"title":"x"}`), 401, "")
}
