package console_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"recado/embed"
	"recado/server/console"
)

func newConsole(t *testing.T, name string) *console.Console {
	t.Helper()
	c, err := console.New(console.Options{FS: embed.Web(), InstanceName: name, BaseURL: "https://push.example.org", Version: "1.2.3", OpenAPI: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// get asks the console; headers are pairs.
func get(h http.Handler, method, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestEveryFileIsServedInBothEncodings(t *testing.T) {
	c := newConsole(t, "recado")
	for _, path := range c.Files() {
		plain := get(c, "GET", path)
		if plain.Code != http.StatusOK || plain.Body.Len() == 0 || plain.Header().Get("Content-Type") == "" {
			t.Errorf("%s answers %d, %d bytes of %q", path, plain.Code, plain.Body.Len(), plain.Header().Get("Content-Type"))
		}
		if got := plain.Header().Get("Cache-Control"); got != "no-cache" {
			t.Errorf("%s: Cache-Control is %q", path, got)
		}
		head := get(c, "HEAD", path)
		if head.Code != http.StatusOK || head.Body.Len() != 0 || head.Header().Get("ETag") != plain.Header().Get("ETag") {
			t.Errorf("%s: HEAD answers %d with %d bytes", path, head.Code, head.Body.Len())
		}
		packed := get(c, "GET", path, "Accept-Encoding", "br, gzip;q=0.8")
		if packed.Header().Get("Content-Encoding") != "gzip" {
			continue
		}
		if packed.Header().Get("ETag") == plain.Header().Get("ETag") || packed.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: the encodings share a validator or do not vary", path)
		}
		r, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain.Body.Bytes()) {
			t.Errorf("%s: unpacks to something else: %v", path, err)
		}
	}
	if got := get(c, "GET", "/assets/recado.css", "Accept-Encoding", "gzip").Header().Get("Content-Encoding"); got != "gzip" {
		t.Errorf("the style is sent as %q", got)
	}
}

func TestUnchangedFileCostsA304(t *testing.T) {
	c := newConsole(t, "recado")
	for _, encoding := range []string{"identity", "gzip"} {
		tag := get(c, "GET", "/", "Accept-Encoding", encoding).Header().Get("ETag")
		again := get(c, "GET", "/", "Accept-Encoding", encoding, "If-None-Match", `"other", `+tag)
		if tag == "" || again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("%s: %q answers %d with %d bytes", encoding, tag, again.Code, again.Body.Len())
		}
	}
	renamed := get(newConsole(t, "other"), "GET", "/").Header().Get("ETag")
	if renamed == get(c, "GET", "/").Header().Get("ETag") {
		t.Error("another instance name, the same ETag")
	}
}

func TestGzipIsSentOnlyWhereItIsWanted(t *testing.T) {
	c := newConsole(t, "recado")
	for accept, want := range map[string]string{
		"": "", "identity": "", "br": "", "gzip": "gzip", "GZIP": "gzip", "x-gzip": "gzip", "*": "gzip", "gzip;q=0": "", "gzip; q=0.000": "",
		"*;q=0": "", "gzip;q=0, *": "", "*;q=0, gzip": "gzip", "deflate, gzip;q=1.0, *;q=0.5": "gzip", "gzip;q=x": "", ";;,,=": "",
	} {
		if got := get(c, "GET", "/", "Accept-Encoding", accept).Header().Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: %q, want %q", accept, got, want)
		}
	}
}

func TestOtherPathsAndMethods(t *testing.T) {
	c := newConsole(t, "recado")
	for _, path := range []string{"/index.html", "/assets/", "/assets", "/assets/index.html", "/assets/root/sw.js", "/../embed.go", "/assets/../sw.js", "/topic"} {
		if got := get(c, "GET", "http://recado"+path).Code; got != http.StatusNotFound {
			t.Errorf("%s answers %d", path, got)
		}
	}
	if w := get(c, "POST", "/"); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST answers %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
	if !slices.Contains(c.Files(), "/sw.js") || !slices.IsSorted(c.Files()) {
		t.Errorf("files: %v", c.Files())
	}
}

func TestPageSaysWhoItIsWithoutTrustingTheName(t *testing.T) {
	const name = `A "B" <script>alert(1)</script> & Söhne`
	page := get(newConsole(t, name), "GET", "/").Body.String()
	if strings.Contains(page, "<script>alert") {
		t.Error("the name is markup on the page")
	}
	for _, want := range []string{`data-base="https://push.example.org"`, `data-version="1.2.3"`, `data-instance="A &#34;B&#34; &lt;script&gt;`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestPagesAndWorkerNameOnlyWhatExists(t *testing.T) {
	c := newConsole(t, "recado")
	address := regexp.MustCompile(`(?:src|href)="(/[^"]*)"|importScripts\("([^"]+)"\)|"(/[a-z0-9-]+\.(?:png|svg))"|"(/sw\.js)"`)
	count := 0
	for _, path := range c.Files() {
		content := get(c, "GET", path).Body.String()
		if !strings.HasSuffix(path, ".js") && path != "/" && !strings.HasSuffix(path, ".webmanifest") {
			continue
		}
		for _, m := range address.FindAllStringSubmatch(content, -1) {
			count++
			target := m[1] + m[2] + m[3] + m[4]
			if !slices.Contains(c.Files(), target) {
				t.Errorf("%s names %s, which is not served", path, target)
			}
		}
	}
	if count < 12 {
		t.Errorf("only %d addresses were found", count)
	}
}

func TestManifest(t *testing.T) {
	c := newConsole(t, `Ana's "push"`)
	for target, start := range map[string]string{
		"/manifest.webmanifest":                    "/",
		"/manifest.webmanifest?invite=a%26b%3D%22": "/?invite=a%26b%3D%22",
	} {
		w := get(c, "GET", target)
		if got := w.Header().Get("Content-Type"); got != "application/manifest+json" {
			t.Errorf("%s: Content-Type is %q", target, got)
		}
		var m struct {
			ID, Name, Display, Scope string
			StartURL                 string `json:"start_url"`
			Icons                    []struct{ Src, Sizes, Purpose string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		if m.ID != "/" || m.Name != `Ana's "push"` || m.Display != "standalone" || m.Scope != "/" || m.StartURL != start || len(m.Icons) != 3 {
			t.Errorf("%s: %+v", target, m)
		}
		for _, icon := range m.Icons {
			if got := get(c, "GET", icon.Src); got.Code != http.StatusOK || got.Header().Get("Content-Type") != "image/png" {
				t.Errorf("icon %s answers %d", icon.Src, got.Code)
			}
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	c := newConsole(t, "recado")
	secure := console.SecurityHeaders("https://push.example.org")(c)
	h := get(secure, "GET", "/").Header()
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
		"Strict-Transport-Security": "max-age=31536000",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	policy := h.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "object-src 'none'", "img-src 'self'", "connect-src 'self'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %s: %s", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "data:") {
		t.Errorf("the policy is not strict: %s", policy)
	}
	// other places' pictures belong to notifications, not to pages
	if got := get(secure, "GET", "/sw.js").Header().Get("Content-Security-Policy"); !strings.Contains(got, "img-src https: http:") {
		t.Errorf("the worker's policy is %s", got)
	}
	plain := console.SecurityHeaders("http://localhost:8080")(c)
	for _, name := range []string{"Strict-Transport-Security", "Cross-Origin-Opener-Policy"} {
		if got := get(plain, "GET", "/").Header().Get(name); got != "" {
			t.Errorf("on http %s is %q", name, got)
		}
	}
}

func TestNewRefusesWhatItCannotServe(t *testing.T) {
	for name, tree := range map[string]fstest.MapFS{
		"no page":      {"a.js": {Data: []byte("1")}},
		"bad template": {"index.html": {Data: []byte("{{.Nothing}}")}},
		"bad syntax":   {"index.html": {Data: []byte("{{")}},
		"unknown kind": {"index.html": {}, "film.mkv": {}},
	} {
		if _, err := console.New(console.Options{FS: tree}); err == nil || !strings.Contains(err.Error(), "prepare the frontend") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}
