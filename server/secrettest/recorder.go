// Package secrettest finds secrets where they must not be: in a log, in an answer
// that tells of an error, on a page, among metrics.
//
// A test's rig lets its server log to a Recorder, tells it each secret that comes
// into being and each text that leaves the server and may hold none. When the test
// ends everything is searched for every secret, whenever it came and in whatever
// encoding, and the test fails for what is found.
package secrettest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Recorder keeps what is to be searched. All methods may be called at any time
// from any goroutine.
type Recorder struct {
	t testing.TB

	mu      sync.Mutex
	secrets map[string]string // their kinds
	texts   map[text]bool
	size    int
	log     bytes.Buffer
	late    []func()
}

type text struct{ where, text string }

// shortest is the length of the shortest secret that is searched for: anything
// shorter stands somewhere by chance.
const shortest = 10

// maxText is how much of one text is kept.
const maxText = 1 << 20

// New returns a Recorder that searches when the test ends, after all cleanups that
// are registered later.
func New(t testing.TB) *Recorder {
	t.Helper()
	r := &Recorder{t: t, secrets: map[string]string{}, texts: map[text]bool{}}
	t.Cleanup(r.search)
	return r
}

// Secret makes value known as one; kind says what it is.
func (r *Recorder) Secret(kind, value string) {
	if len(value) < shortest {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets[value] = kind
}

// Bytes is Secret for what is no text: it is looked for as hexadecimal digits and
// as base64.
func (r *Recorder) Bytes(kind string, value []byte) {
	r.Secret(kind, string(value))
	r.Secret(kind+" as hexadecimal digits", hex.EncodeToString(value))
	for _, e := range []*base64.Encoding{base64.RawURLEncoding, base64.RawStdEncoding} {
		r.Secret(kind+" as base64", e.EncodeToString(value))
	}
}

// Endpoint makes a push service's URL known as a secret, and what of it lets
// somebody send: it may be named without its origin.
func (r *Recorder) Endpoint(endpoint string) {
	r.Secret("endpoint", endpoint)
	if u, err := url.Parse(endpoint); err == nil {
		path := strings.TrimSuffix(u.Path, "/")
		r.Secret("endpoint's path", path)
		r.Secret("endpoint's last part", path[strings.LastIndex(path, "/")+1:])
		r.Secret("endpoint's query", u.RawQuery)
	}
}

// Text is something that may hold no secret.
func (r *Recorder) Text(where, s string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	kept := text{where, s[:min(len(s), maxText)]}
	if !r.texts[kept] {
		r.texts[kept], r.size = true, r.size+len(kept.text)
	}
}

// Size is how much is kept, in bytes.
func (r *Recorder) Size() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.size + r.log.Cap()
}

// Answer is what a server answered to a request. Cookies that it sets are secrets;
// what it says is searched if the request only read, or was refused.
func (r *Recorder) Answer(res *http.Response, body string) {
	for _, c := range res.Cookies() {
		r.Secret("session", c.Value)
	}
	if res.StatusCode < 400 && res.Request.Method != http.MethodGet {
		return // what was made may be shown to whom it was made for
	}
	header := res.Header.Clone()
	for _, name := range []string{"Set-Cookie", "Date", "X-Request-Id"} { // the last two would make each answer another one
		header.Del(name)
	}
	said := []string{res.Status}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		said = append(said, name+": "+strings.Join(header[name], ", "))
	}
	r.Text("an answer to "+res.Request.Method, body)
	r.Text("the head of an answer to "+res.Request.Method, strings.Join(said, "\n"))
}

// AtEnd has f called before the search, for what can be told only then.
func (r *Recorder) AtEnd(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.late = append(r.late, f)
}

// Write adds to the log.
func (r *Recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Write(p)
}

// Log is everything that was logged so far.
func (r *Recorder) Log() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.String()
}

// Logger writes everything there is to the log, from debug up.
func (r *Recorder) Logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(io.Writer(r), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (r *Recorder) search() {
	r.mu.Lock()
	late := r.late
	r.mu.Unlock()
	for _, f := range late {
		f()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, found := range find(r.secrets, append(slices.Collect(maps.Keys(r.texts)), text{"the log", r.log.String()})) {
		r.t.Error(found)
	}
}

// find says which of the secrets, by value and with their kinds, stand in a text.
func find(secrets map[string]string, texts []text) (found []string) {
	for value, kind := range secrets {
		for _, form := range forms(value) {
			i := slices.IndexFunc(texts, func(t text) bool { return strings.Contains(t.text, form) })
			if i < 0 {
				continue
			}
			found = append(found, "a secret ("+kind+") stands in "+texts[i].where+": "+around(texts[i].text, form))
			break
		}
	}
	slices.Sort(found)
	return found
}

// forms are how a value may be written.
func forms(value string) []string {
	quoted, _ := json.Marshal(value) // a string: cannot fail
	all := []string{value, strings.Trim(string(quoted), `"`), url.QueryEscape(value), url.PathEscape(value)}
	slices.Sort(all)
	return slices.Compact(all)
}

// around is the line in which a form stands, and not all of a long one.
func around(s, form string) string {
	at := strings.Index(s, form)
	from := max(strings.LastIndexByte(s[:at], '\n')+1, at-200)
	line, _, _ := strings.Cut(s[from:], "\n")
	return line[:min(len(line), 600)]
}
