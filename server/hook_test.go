package server

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"recado/server/config"
	"recado/storage"
)

// hooked is the notification that a request to /hook has made.
func (d *desk) hooked(got reply) storage.Notification {
	d.Helper()
	n, err := d.store.Notification(d.Context(), uuid.MustParse(d.made(got)))
	d.no(err)
	return n
}

// Every request in publishers/webhook/testdata, over HTTP, becomes what stands in its golden
// file.
func TestHookReplays(t *testing.T) {
	d := newDesk(t, nil)
	files, err := filepath.Glob("publishers/webhook/testdata/requests/*.json")
	d.no(err)
	if len(files) < 20 {
		t.Fatalf("%d files", len(files))
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		d.no(err)
		body, headers := string(raw), []string{"Content-Type: text/plain"}
		var whole struct {
			Method, Body string
			Headers      map[string]string
		}
		if json.Unmarshal(raw, &whole) == nil && whole.Method != "" {
			body, headers = whole.Body, nil
			for name, value := range whole.Headers {
				if name != "Content-Length" && name != "Host" && name != "Connection" && name != "Authorization" {
					headers = append(headers, name+": "+value)
				}
			}
		}
		golden, err := os.ReadFile(filepath.Join("publishers/webhook/testdata/golden", strings.TrimSuffix(filepath.Base(file), ".json")+".txt"))
		d.no(err)
		_, want, _ := strings.Cut(string(golden), "\n") // all but the sender
		got := d.want(file, d.ask("", "POST", "/hook/"+d.tokens["publish"], body, headers...), 202, `{"id":"`)
		n := d.hooked(got)
		told := fmt.Sprintf("title:   %s\nurl:     %s\nurgency: %s\ntag:     %s\n\n%s\n", n.Title, n.URL, n.Urgency, n.Tag, n.Body)
		if told != want || n.Renotify != (n.Tag != "") || !n.Target.All() {
			t.Errorf("%s:\n%s\nwant\n%s", file, told, want)
		}
	}
}

func TestHookTokens(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	const body = `{"title":"Disk full","message":"sda1"}`
	hook := func(token, query string, headers ...string) reply {
		return d.ask("", "POST", "/hook/"+token+query, body, headers...)
	}
	d.want("in the path", hook(d.tokens["publish"], ""), 202, "id")
	d.want("in the path, with a slash", hook(d.tokens["publish"]+"/", ""), 202, "id")
	d.want("as Bearer", d.ask("publish", "POST", "/hook", body), 202, "id")
	d.want("an admin's", hook(d.tokens["admin"], ""), 202, "id")
	d.want("a read token", hook(d.tokens["read"], ""), 403, "scope read")
	d.want("a wrong one beside a Bearer", d.ask("publish", "POST", "/hook/rcd_wrong", body), 401, "")
	d.want("none", d.ask("", "POST", "/hook", body), 401, "")
	d.want("a session", d.ask("", "POST", "/hook", body, d.signIn("admin"), "Sec-Fetch-Site: same-origin"), 401, "")
	d.want("with a GET", d.ask("publish", "GET", "/hook/x", ""), 405, "")

	for i := range 30 {
		hook(fmt.Sprintf("wrong%d", i), "", "X-Forwarded-For: 198.51.100.7")
	}
	d.want("after thirty wrong ones", hook("wrong", "", "X-Forwarded-For: 198.51.100.7"), 429, "")

	open := newDesk(t, func(c *config.Config) { c.Access.Publish = "open" })
	open.want("open publishing is no open hook", open.ask("", "POST", "/hook", body), 401, "")
}

func TestHookCategories(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, func(c *config.Config) {
		c.Webhooks = map[string]config.Webhook{"ops": {Categories: []string{"ops"}}, "gone": {Categories: []string{"nowhere"}}, "news": {Categories: []string{"news"}}}
	})
	for _, tt := range []struct {
		who, query string
		status     int
		want       string // categories, or a part of the message
	}{
		{"publish", "", 202, ""},
		{"publish", "?category=ops", 202, "ops"},
		{"publish", "?category=ops&category=news&category=ops", 202, "ops news"},
		{"publish", "?category=nowhere", 400, `category names the category \"nowhere\", which does not exist`},
		{"publish", "?category=", 400, "category[0] must not be empty"},
		{"publish", "?template=ops", 202, "ops"},
		{"publish", "?template=ops&category=news", 202, "news"},
		{"publish", "?template=gone", 400, `webhook.gone.categories names the category \"nowhere\"`},
		{"publish", "?template=nothing", 400, "there is no [webhook.nothing]"},
		{"publish", "?template=", 400, "template names"},
		{"news", "", 202, "news"},
		{"news", "?category=news", 202, "news"},
		{"news", "?category=ops", 403, `may not publish to the category \"ops\"`},
		{"news", "?category=news&category=ops", 403, `category \"ops\"`},
		{"news", "?template=ops", 403, `category \"ops\"`},
		{"news", "?template=news", 202, "news"},
		{"admin", "?category=board", 202, "board"},
	} {
		what := tt.who + " " + tt.query
		got := d.ask(tt.who, "POST", "/hook"+tt.query, `{"title":"x"}`)
		if tt.status != 202 {
			d.want(what, got, tt.status, tt.want)
			continue
		}
		if n := d.hooked(d.want(what, got, 202, "")); strings.Join(n.Target.Categories, " ") != tt.want {
			t.Errorf("%s: to %v, want %q", what, n.Target.Categories, tt.want)
		}
	}
}

func TestHookBodies(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	hook := func(body string, headers ...string) reply { return d.ask("publish", "POST", "/hook", body, headers...) }
	d.want("nothing", hook(""), 400, "the body is empty")
	d.want("blanks", hook(" \n"), 400, "the body is empty")
	d.want("deep", hook(strings.Repeat(`{"a":`, 33)+"1"+strings.Repeat("}", 33)), 400, "nested deeper than 32")
	d.want("too large", hook(strings.Repeat("x", 1<<20+1)), 413, `"limit":1048576`)
	d.want("compressed", hook("x", "Content-Encoding: gzip"), 415, "")
	for name, body := range map[string]string{
		"a long text":  strings.Repeat("é ", 1<<20/3),
		"a long title": `{"title":"` + strings.Repeat("x", 1<<20-20) + `"}`,
		"a long tag":   `{"topic":"` + strings.Repeat("x", 1<<19) + `","title":"t","message":"` + strings.Repeat("\\u0001", 50000) + `m"}`,
		"NUL":          "{\"title\":\"a\\u0000b\",\"message\":\"\\u0000\"}",
		"no UTF-8":     "\xff\xfe\x00b",
		"broken JSON":  `{"title":`,
		"unknown ones": `{"title":"x","target":{"all":true},"nonsense":[{}]}`,
	} {
		n := d.hooked(d.want(name, hook(body), 202, ""))
		if size := len(n.Title) + len(n.Body); size == 0 || size > 3993 || strings.ContainsRune(n.Title+n.Body, 0) {
			t.Errorf("%s: %d bytes", name, size)
		}
	}
	n := d.hooked(hook(strings.Repeat("word ", 2000)))
	if !strings.HasSuffix(n.Body, "…") || len(n.Body) < 3500 || len(n.Warnings) == 0 {
		t.Errorf("a long text: %d bytes, %v", len(n.Body), n.Warnings)
	}
	first := d.made(hook(`{"title":"once"}`, "Idempotency-Key: k"))
	if again := d.made(hook(`{"title":"once"}`, "Idempotency-Key: k")); again != first {
		t.Errorf("%s, and again %s", first, again)
	}
	d.want("other bytes", hook(`{"title":"twice"}`, "Idempotency-Key: k"), 409, "")
}

func TestHookTemplates(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, func(c *config.Config) {
		c.Webhooks = map[string]config.Webhook{
			"nas": {Title: "{{.host}}: {{.event}}", Body: "line one\n{{.details.disk}}", URL: "https://nas.lan/{{.id}}", Urgency: "{{.level}}", Tag: "{{.host}}"},
			"git": {Secret: "It's a Secret to Everybody"}, "doorbell": {Title: "Someone is at the door"},
		}
	})
	n := d.hooked(d.want("nas", d.ask("publish", "POST", "/hook?template=nas", `{"host":"nas","event":"disk full","details":{"disk":"sda1"},"id":5,"level":"critical"}`), 202, ""))
	if n.Title != "nas: disk full" || n.Body != "line one\nsda1" || n.URL != "https://nas.lan/5" || n.Urgency != "high" || n.Tag != "nas" || !n.Renotify {
		t.Errorf("%+v", n.Content)
	}
	d.want("what fails", d.ask("publish", "POST", "/hook?template=nas", `{"host":"s3cret-name"}`), 400, `{"message":"webhook.nas: body, line 2: `)
	if n := d.hooked(d.ask("publish", "POST", "/hook?template=doorbell", "")); n.Title != "Someone is at the door" || n.Body != "" {
		t.Errorf("an empty request: %+v", n.Content)
	}

	sign := func(body string) string {
		mac := hmac.New(sha256.New, []byte("It's a Secret to Everybody"))
		mac.Write([]byte(body))
		return hex.EncodeToString(mac.Sum(nil))
	}
	const push = `{"ref":"refs/tags/v1","deleted":true,"repository":{"full_name":"a/b"},"sender":{"login":"a"}}`
	git := func(headers ...string) reply { return d.ask("publish", "POST", "/hook?template=git", push, headers...) }
	d.want("unsigned", git(), 403, "not signed with the secret of [webhook.git]")
	d.want("signed by another", git("X-Hub-Signature-256: sha256="+sign("x")), 403, "not signed")
	d.want("GitHub", git("X-Hub-Signature-256: sha256="+sign(push), "X-GitHub-Event: push"), 202, "")
	d.want("Gitea", git("X-Gitea-Signature: "+sign(push), "X-Gitea-Event: push"), 202, "")
	d.want("Forgejo", git("X-Forgejo-Signature: "+sign(push)), 202, "")
}

// The operator sees what failed, and can try templates on what came.
func TestWebhookPreview(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, func(c *config.Config) {
		c.Webhooks = map[string]config.Webhook{"nas": {Title: "{{.host}}", Body: "{{.a.b}}", Categories: []string{"ops"}, Secret: ""}, "git": {Secret: "s3cret"}}
	})
	list := func() map[string]map[string]any {
		t.Helper()
		var page struct{ Items []map[string]any }
		d.no(json.Unmarshal([]byte(d.want("list", d.ask("admin", "GET", "/v1/webhooks", ""), 200, "").body), &page))
		byName := map[string]map[string]any{}
		for _, item := range page.Items {
			byName[fmt.Sprint(item["name"])] = item
		}
		return byName
	}
	before := list()
	if len(before) != 2 || before["nas"]["last_received_at"] != nil || before["nas"]["title"] != "{{.host}}" || before["git"]["has_secret"] != true || fmt.Sprint(before["nas"]["categories"]) != "[ops]" {
		t.Errorf("%v", before)
	}
	preview := func(body string) reply { return d.ask("admin", "POST", "/v1/webhooks/preview", body) }
	d.want("nothing has come", preview(`{"name":"nas"}`), 422, `"field":"payload"`)
	d.want("unknown", preview(`{"name":"x"}`), 422, `"field":"name"`)

	d.want("fails", d.ask("publish", "POST", "/hook?template=nas", `{"host":"nas","n":1}`, "User-Agent: Thing/1"), 400, "")
	after := list()["nas"]
	if after["last_received_at"] == nil || after["last_error"] == "" || !strings.Contains(fmt.Sprint(after["last_error"]), "body, line 1") {
		t.Errorf("%v", after)
	}
	d.want("fails here too", preview(`{"name":"nas"}`), 422, `{"field":"body","message":"fails in line 1: at`)
	d.want("a better one", preview(`{"name":"nas","body":"{{.n}} of {{.host}}","urgency":"low"}`), 200, `"title":"nas","body":"1 of nas","url":"","urgency":"low","tag":"","received_at":"`)
	d.want("no name", preview(`{"title":"{{.a}}","payload":{"a":"x"}}`), 200, `{"sender":"","title":"x","body":"","url":"","urgency":"normal","tag":"","received_at":null}`)
	d.want("a text", preview(`{"title":"{{.text}}","payload":"Backup done"}`), 200, `"title":"Backup done"`)
	d.want("no template", preview(`{"payload":{"heartbeat":null,"monitor":null,"msg":"Testing"}}`), 200, `{"sender":"Uptime Kuma","title":"Test from Uptime Kuma"`)
	d.want("two bad ones", preview(`{"title":"{{","tag":"\n{{end}}","payload":{}}`), 422, `{"field":"tag","message":"fails in line 2: `)
	d.want("a bad payload", preview(`{"payload":""}`), 422, `"field":"payload"`)
	d.want("for admins", d.ask("read", "POST", "/v1/webhooks/preview", `{}`), 403, "")
	d.want("in a session", d.ask("", "GET", "/v1/webhooks", "", d.signIn("admin")), 200, "")
	for _, item := range list() {
		if strings.Contains(fmt.Sprint(item), "s3cret") {
			t.Errorf("the secret is shown: %v", item)
		}
	}
	if n := d.hooked(d.ask("publish", "POST", "/hook?category=ops", `{"title":"x"}`)); n.Title != "x" {
		t.Errorf("%+v", n)
	}
}

// logTo has another server answer, on the same database, that writes a log of
// everything.
func (d *desk) logTo(log io.Writer) {
	d.Helper()
	o := d.server.Options
	o.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s, err := assemble(d.Context(), o)
	d.no(err)
	d.url = startWeb(d.T, s)
	d.Cleanup(s.sender.Close)
}

// A token in the path is in no log, whatever happens.
func TestHookTokensAreNotLogged(t *testing.T) {
	oneByOne(t)
	var log bytes.Buffer
	d := newDesk(t, func(c *config.Config) { c.Webhooks = map[string]config.Webhook{"nas": {Title: "{{.a.b}}"}} })
	token := d.tokens["publish"]
	d.logTo(&log)
	for _, path := range []string{"/hook/" + token, "/hook/" + token + "/", "/hook/" + token + "?template=nas", "/hook/" + token + "/x", "//hook/" + token, "/hook/x" + token} {
		for _, method := range []string{"POST", "GET", "PUT"} {
			got := d.ask("", method, path, `{"a":"payload-text"}`)
			if strings.Contains(got.body, token) {
				t.Errorf("%s %s: %s", method, path, got.body)
			}
		}
	}
	d.no(d.store.Close())
	if got := d.ask("", "POST", "/hook/"+token, "x"); got.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("without storage: %d", got.StatusCode)
	}
	if strings.Contains(log.String(), token) || strings.Contains(log.String(), "payload-text") || !strings.Contains(log.String(), "webhook=nas") {
		t.Errorf("the log: %s", log.String())
	}
}
