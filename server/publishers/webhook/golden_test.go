package webhook

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// headers are what the senders of the payloads in testdata/requests send with them,
// where it matters.
var headers = map[string][]string{
	"alertmanager-firing.json":              {"User-Agent: Alertmanager/0.27.0", "Content-Type: application/json"},
	"forgejo-pullrequest.json":              {"X-Forgejo-Event: pull_request", "X-Gitea-Event: pull_request", "X-Gogs-Event: pull_request", "X-GitHub-Event: pull_request"},
	"gitea-push.json":                       {"X-Gitea-Event: push", "X-Gitea-Event-Type: push", "X-Gogs-Event: push", "X-GitHub-Event: push"},
	"github-issues-opened.json":             {"X-GitHub-Event: issues", "User-Agent: GitHub-Hookshot/044aadd"},
	"github-push.json":                      {"X-GitHub-Event: push", "User-Agent: GitHub-Hookshot/044aadd"},
	"github-workflow_run-completed.json":    {"X-GitHub-Event: workflow_run", "User-Agent: GitHub-Hookshot/044aadd"},
	"grafana-firing.json":                   {"User-Agent: Grafana", "Content-Type: application/json"},
	"jellyfin-itemadded.json":               {"Content-Type: text/plain; charset=utf-8"},
	"proxmox-webhook-recommended-body.json": {"Content-Type: application/json"},
	"radarr-health.json":                    {"User-Agent: Radarr/5.2.6.8376 (alpine 3.18.5)", "Content-Type: application/json"},
	"radarr-test.json":                      {"User-Agent: Radarr/5.2.6.8376 (alpine 3.18.5)", "Content-Type: application/json"},
	"sonarr-download.json":                  {"User-Agent: Sonarr/4.0.0.748 (alpine 3.18.5)", "Content-Type: application/json"},
	"synology-custom-webhook-json.json":     {"Content-Type: application/json"},
	"uptimekuma-down.json":                  {"User-Agent: axios/0.28.1", "Content-Type: application/json"},
	"uptimekuma-test.json":                  {"User-Agent: axios/0.28.1", "Content-Type: application/json"},
	"watchtower-via-gotify.json":            {"User-Agent: Go-http-client/1.1", "Content-Type: application/json"},
}

// request reads one of testdata/requests: a whole request, or a payload alone.
func request(t testing.TB, name string) Request {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "requests", name))
	if err != nil {
		t.Fatal(err)
	}
	r := Request{Header: http.Header{}, Body: raw}
	var whole struct {
		Method, Path, Body string
		Headers            map[string]string
	}
	if json.Unmarshal(raw, &whole) == nil && whole.Method != "" {
		r.Body = []byte(whole.Body)
		for key, value := range whole.Headers {
			r.Header.Set(key, value)
		}
	}
	for _, h := range headers[name] {
		key, value, _ := strings.Cut(h, ": ")
		r.Header.Set(key, value)
	}
	return r
}

func written(m Message) string {
	return fmt.Sprintf("sender:  %s\ntitle:   %s\nurl:     %s\nurgency: %s\ntag:     %s\n\n%s\n", m.Sender, m.Title, m.URL, m.Urgency, m.Tag, m.Body)
}

func requests(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "requests", "*.json"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d requests, %v", len(files), err)
	}
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	return files
}

// What real requests read like on a lock screen.
func TestGolden(t *testing.T) {
	for _, name := range requests(t) {
		m, err := Read(request(t, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		golden := filepath.Join("testdata", "golden", strings.TrimSuffix(name, ".json")+".txt")
		if *update {
			if err := os.WriteFile(golden, []byte(written(m)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got := written(m); got != string(want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
		check(t, name, m)
	}
}

// Nothing but the payload is needed, whatever its Content-Type.
func TestPayloadsAloneAreRecognised(t *testing.T) {
	for _, name := range requests(t) {
		whole := request(t, name)
		want, err := Read(whole)
		if err != nil {
			t.Fatal(err)
		}
		for _, contentType := range []string{"", "application/json", "text/plain", "application/x-www-form-urlencoded", "application/octet-stream", "nonsense"} {
			r := Request{Body: whole.Body, Header: http.Header{"Content-Type": {contentType}}}
			got, err := Read(r)
			got.Sender, want.Sender = "", ""
			if err != nil || got != want {
				t.Errorf("%s as %q: %+v, %v", name, contentType, got, err)
			}
		}
		if got, err := Read(Request{Body: whole.Body}); err != nil || got.Title == "" {
			t.Errorf("%s without any header: %+v, %v", name, got, err)
		}
	}
}

// check is what every message promises.
func check(t testing.TB, name string, m Message) {
	t.Helper()
	if m.Title == "" || utf8.RuneCountInString(m.Title) > maxTitle || strings.Contains(m.Title, "\n") {
		t.Errorf("%s: the title %q", name, m.Title)
	}
	for _, text := range []string{m.Title, m.Body} {
		if text != clean(text) || !utf8.ValidString(text) {
			t.Errorf("%s: %q is not clean", name, text)
		}
	}
	switch m.Urgency {
	case veryLow, low, normal, high:
	default:
		t.Errorf("%s: the urgency %q", name, m.Urgency)
	}
	if m.URL != webURL(m.URL) || m.URL != "" && m.URL[:4] != "http" {
		t.Errorf("%s: the url %q", name, m.URL)
	}
}
