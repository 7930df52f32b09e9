package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"recado/storage"
)

func TestHealth(t *testing.T) {
	var reasons []string
	b := newBench(t, func(o *Options) { o.Ready = func(context.Context) []string { return reasons } }, false).listen()
	for _, path := range []string{"/api", "/healthz", "/readyz"} {
		if got := b.call("GET", path, ""); got.StatusCode != 200 || got.body != "ok" {
			t.Errorf("%s: %d %q", path, got.StatusCode, got.body)
		}
	}
	reasons = []string{"storage cannot write", "the queue stands still"}
	for accept, want := range map[string]string{
		"":                 "not ready\nstorage cannot write\nthe queue stands still",
		"text/html, */*":   "not ready\nstorage cannot write\nthe queue stands still",
		"application/json": `{"message":"not ready: storage cannot write; the queue stands still","reasons":["storage cannot write","the queue stands still"]}`,
	} {
		got := b.call("GET", "/readyz", "", "Accept: "+accept)
		if got.StatusCode != 503 || got.body != want || got.Header.Get("Retry-After") == "" || !strings.Contains(strings.Join(got.Header.Values("Vary"), ","), "Accept") {
			t.Errorf("not ready, Accept %q: %d %q %v", accept, got.StatusCode, got.body, got.Header)
		}
	}
	reasons = nil
	if got := b.call("GET", "/readyz", "", "Accept: application/json"); got.StatusCode != 200 || got.body != `{"message":"ok","reasons":[]}` {
		t.Errorf("ready again: %d %s", got.StatusCode, got.body)
	}
}

func TestCategories(t *testing.T) {
	b := newBench(t, nil, false).listen()
	id := b.store.categories[0].ID.String()
	got := b.call("GET", "/api/categories", "")
	if want := `{"items":[{"id":"` + id + `","name":"news","description":"What is new"}]}`; got.body != want {
		t.Errorf("got %s, want %s", got.body, want)
	}
	b.store.categories = nil
	if got := b.call("GET", "/api/categories", ""); got.body != `{"items":[]}` {
		t.Errorf("without any: %s", got.body)
	}
}

func TestReceipt(t *testing.T) {
	b := newBench(t, nil, false).listen()
	for _, event := range []string{"displayed", "clicked", "closed"} {
		b.want(event, b.call("POST", "/api/receipt", `{"receipt":"good","event":"`+event+`","action":"open"}`, "Content-Type: text/plain;charset=UTF-8"), 204, "")
	}
	if len(b.reports) != 3 || b.reports[1].Event != storage.EventClicked || b.reports[1].NotificationKey != 7 ||
		b.reports[1].SubscriptionKey != 8 || b.reports[1].At.IsZero() {
		t.Errorf("reported %+v", b.reports)
	}
	for body, text := range map[string]string{
		`{"receipt":"bad","event":"clicked"}`: "receipt is not one",
		`{"event":"clicked"}`:                 "receipt is required",
		`{"receipt":"good"}`:                  "event must be",
		`{"receipt":"good","event":"sent"}`:   "event must be",
		`{"receipt":5}`:                       "receipt holds a number",
		``:                                    "empty",
	} {
		b.want(body, b.call("POST", "/api/receipt", body), 400, text)
	}
	b = newBench(t, func(o *Options) { o.Receipt = nil }, false).listen()
	b.want("receipts are off", b.call("POST", "/api/receipt", `{"receipt":"old","event":"clicked"}`), 204, "")
	b.want("and the event wrong", b.call("POST", "/api/receipt", `{"receipt":"old","event":"x"}`), 400, "event")
}

func TestNoRoute(t *testing.T) {
	b := newBench(t, nil, false).listen()
	b.want("no path", b.call("GET", "/api/nothing", ""), 404, "nothing at this path")
	got := b.call("PUT", "/api/notify", "{}")
	b.want("no method", got, 405, "PUT")
	if got.Header.Get("Allow") != "POST, OPTIONS" {
		t.Errorf("Allow %q", got.Header.Get("Allow"))
	}
}

func TestCORS(t *testing.T) {
	const site = "https://site.example"
	tests := []struct {
		name    string
		origins []string
		origin  string
		want    string
	}{
		{"nobody", nil, site, ""},
		{"a listed site", []string{"http://localhost:3000", site}, site, site},
		{"another site", []string{site}, "https://site.example.evil.example", ""},
		{"another scheme", []string{site}, "http://site.example", ""},
		{"another port", []string{site}, "https://site.example:8443", ""},
		{"any", []string{"*"}, site, "*"},
		{"a file under any", []string{"*"}, "null", "*"},
		{"a file", []string{site}, "null", ""},
		{"no page at all", []string{"*"}, "", ""},
	}
	for _, tt := range tests {
		b := newBench(t, func(o *Options) { o.CORSOrigins = tt.origins }, false).listen()
		for _, call := range []struct {
			method, path string
			status       int
		}{{"GET", "/api/subscribe", 200}, {"POST", "/api/notify", 401}, {"POST", "/api/unsubscribe", 400}, {"GET", "/api/nothing", 404}} {
			headers := []string{"Content-Type: application/json"}
			if tt.origin != "" {
				headers = append(headers, "Origin: "+tt.origin)
			}
			got := b.call(call.method, call.path, "", headers...)
			h := got.Header
			if got.StatusCode != call.status || h.Get("Access-Control-Allow-Origin") != tt.want || !strings.Contains(strings.Join(h.Values("Vary"), ","), "Origin") {
				t.Errorf("%s, %s: %d %v", tt.name, call.path, got.StatusCode, h)
			}
			if exposed := h.Get("Access-Control-Expose-Headers"); (exposed == "Location, Retry-After") != (tt.want != "") {
				t.Errorf("%s: exposed %q", tt.name, exposed)
			}
			if h.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s: with credentials", tt.name)
			}
			if tt.origin == "" {
				continue
			}
			got = b.call("OPTIONS", call.path, "", "Origin: "+tt.origin, "Access-Control-Request-Method: "+call.method, "Access-Control-Request-Headers: content-type")
			h = got.Header
			if got.StatusCode != 204 || got.body != "" || h.Get("Access-Control-Allow-Origin") != tt.want {
				t.Errorf("%s: preflight %d %v", tt.name, got.StatusCode, h)
			}
			if tt.want != "" && (h.Get("Access-Control-Allow-Methods") != "GET, POST" || h.Get("Access-Control-Max-Age") == "" ||
				h.Get("Access-Control-Allow-Headers") != "Content-Type, Authorization, Idempotency-Key") {
				t.Errorf("%s: preflight %v", tt.name, h)
			}
		}
	}
	b := newBench(t, nil, false).listen()
	if got := b.call("OPTIONS", "/api/notify", ""); got.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("an OPTIONS that is no preflight: %d", got.StatusCode)
	}
	if _, err := New(Options{CORSOrigins: []string{"site.example"}}); err == nil {
		t.Error("an origin without a scheme was taken")
	}
}

func TestContentTypes(t *testing.T) {
	b := newBench(t, nil, false).listen()
	for contentType, status := range map[string]int{
		"application/json":                  202,
		"application/json; charset=utf-8":   202,
		"application/problem+json":          202,
		"text/plain":                        202,
		"text/plain;charset=UTF-8":          202,
		"application/octet-stream":          202,
		"":                                  202,
		"nonsense;;":                        202,
		"application/x-www-form-urlencoded": 202, // curl -d
		"multipart/form-data; boundary=x":   415,
		"text/xml":                          415,
		"application/xml":                   415,
		"application/atom+xml":              415,
		"text/html":                         415,
		"image/png":                         415,
	} {
		b.want(contentType, b.call("POST", "/api/notify?wait=0", `{"title":"x"}`, asPublisher, "Content-Type: "+contentType), status, "")
	}
	b.want("a form", b.call("POST", "/api/notify?wait=0", `title=x`, asPublisher, "Content-Type: application/x-www-form-urlencoded"), 415, "application/json")
	b.want("compressed", b.call("POST", "/api/notify?wait=0", `{"title":"x"}`, asPublisher, "Content-Encoding: gzip"), 415, "Content-Encoding")
}

func TestDecode(t *testing.T) {
	nested := func(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }
	tests := []struct{ name, body, text string }{
		{"the deepest", `{"x":` + nested(31) + `}`, ""},
		{"deeper", `{"x":` + nested(32) + `}`, "nested deeper than 32"},
		{"never closed", strings.Repeat(`{"x":`, 20000), "nested deeper than 32"},
		{"brackets in a string", `{"x":"` + strings.Repeat("[{", 50) + `"}`, ""},
		{"brackets after an escaped quote", `{"x":"\"` + strings.Repeat("[", 50) + `\\"}`, ""},
		{"side by side", `{"x":[` + strings.Repeat("{},", 50) + `{}]}`, ""},
		{"a byte order mark", "\xef\xbb\xbf{}", ""},
		{"a number", "5", "must be a JSON object"},
		{"false", "false", "must be a JSON object"},
		{"a comment", "{} // x", "not JSON"},
		{"an open string", `{"x":"`, "not JSON"},
	}
	for _, tt := range tests {
		err := unmarshal([]byte(strings.TrimPrefix(tt.body, "\xef\xbb\xbf")), new(struct{ X any }))
		if tt.text == "" && err != nil || tt.text != "" && (err == nil || !strings.Contains(err.Error(), tt.text)) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.text)
		}
	}
	b := newBench(t, nil, false).listen()
	b.want("a byte order mark", b.call("POST", "/api/notify?wait=0", "\xef\xbb\xbf{\"title\":\"x\"}", asPublisher), 202, "")
	got := b.call("POST", "/api/notify", strings.Repeat(" ", 70000), asPublisher)
	b.want("large", got, 413, `"size":70000,"limit":65536`)
	r, _ := http.NewRequest("POST", b.url+"/api/notify", struct{ *strings.Reader }{strings.NewReader(strings.Repeat(" ", 70000))})
	r.ContentLength = -1
	r.Header.Set("Authorization", "Bearer publish")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 413 {
		t.Errorf("large, in chunks: %d", res.StatusCode)
	}
}

// depthOf is tooDeep's oracle, by the parser.
func depthOf(v any) int {
	deepest := 0
	switch v := v.(type) {
	case map[string]any:
		for _, e := range v {
			deepest = max(deepest, depthOf(e))
		}
	case []any:
		for _, e := range v {
			deepest = max(deepest, depthOf(e))
		}
	default:
		return 0
	}
	return deepest + 1
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"title":"x","target":{"users":["ana"]}}`))
	f.Add([]byte(`{"x":"\\\"[[[","y":[[{}]]}`))
	f.Add([]byte(strings.Repeat("[", 33) + strings.Repeat("]", 33)))
	f.Add([]byte("{\"title\":\"\xff\"}"))
	f.Fuzz(func(t *testing.T, body []byte) {
		var in notificationBody
		err := unmarshal(body, &in)
		if e, known := explain(err); err != nil && (!known || e.Status != 400 || len(e.Message) > 500) {
			t.Errorf("%q: %v", body, err)
		}
		if err == nil && !json.Valid(body) {
			t.Errorf("%q was taken for JSON", body)
		}
		var v any
		if json.Unmarshal(body, &v) == nil {
			if deep := depthOf(v) > depthLimit; deep && !tooDeep(body) {
				t.Errorf("%q is too deep, and was let in", body)
			}
		}
	})
}
