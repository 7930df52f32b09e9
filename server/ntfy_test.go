package server

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"recado/server/access"
	"recado/server/config"
	"recado/storage"
)

// ntfyAnswer is what ntfy's publishers read of an answer.
type ntfyAnswer struct {
	ID, Event, Topic, Title, Message string
	Time, Expires                    int64
	Priority                         int
	Tags                             []string
	Code, HTTP                       int
	Error, Link                      string
}

func (d *desk) ntfy(got reply) ntfyAnswer {
	d.Helper()
	var a ntfyAnswer
	if err := json.Unmarshal([]byte(got.body), &a); err != nil {
		d.Fatalf("%d %s: %v", got.StatusCode, got.body, err)
	}
	return a
}

// refused checks one of ntfy's errors.
func (d *desk) refused(what string, got reply, status, code int) {
	d.Helper()
	a := d.ntfy(d.want(what, got, status, `"error":"`))
	if a.Code != code || a.HTTP != status || a.Error == "" || got.Header.Get("Content-Type") != "application/json" {
		d.Errorf("%s: %s, want code %d", what, got.body, code)
	}
}

// stored is the notification that an answer tells of.
func (d *desk) stored(id string) storage.Notification {
	d.Helper()
	parsed, err := uuid.Parse(id)
	d.no(err)
	n, err := d.store.Notification(d.Context(), parsed)
	d.no(err)
	return n
}

func (d *desk) categories() []string {
	d.Helper()
	all, err := d.store.Categories(d.Context(), false)
	d.no(err)
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = c.Name
	}
	return names
}

// No route's first segment is a topic, whatever else begins with it, and what is
// no topic is not there.
func TestNoRouteIsATopic(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	segments := reserved()
	for _, line := range append(d.server.routes(), d.server.nothing()...) {
		if !line.ofTopic() && !strings.HasPrefix(line.pattern, "/{$}") {
			segments = append(segments, strings.Split(line.pattern, "/")[1])
		}
	}
	slices.Sort(segments)
	segments = slices.Compact(segments)
	for _, must := range []string{"api", "push", "push_v1", "subscription", "v1", "healthz", "readyz", "health", "version", "message", "docs", "openapi.json", "sw.js", "manifest.webmanifest", "assets", "admin", "hook", "metrics"} {
		if !slices.Contains(segments, must) {
			t.Errorf("%s is not among %v", must, segments)
		}
	}
	before := d.categories()
	has := map[string]bool{} // routes of that method and path of one segment
	for _, line := range d.server.routes() {
		has[line.method+" "+line.pattern] = true
	}
	for _, segment := range segments {
		for _, method := range []string{"POST", "PUT"} {
			for _, path := range []string{"/" + segment, "/" + segment + "/"} {
				if has[method+" /"+segment] {
					continue
				}
				got := d.ask("publish", method, path, "text", "Content-Type: text/plain")
				if _, told := got.Header["Allow"]; got.StatusCode != 405 || !told {
					t.Errorf("%s %s: %d, Allow %q", method, path, got.StatusCode, got.Header.Values("Allow"))
				}
			}
		}
		for _, verb := range []string{"publish", "send", "trigger"} {
			if got := d.ask("publish", "GET", "/"+segment+"/"+verb, ""); got.StatusCode != 404 && got.StatusCode != 405 {
				t.Errorf("GET /%s/%s: %d %s", segment, verb, got.StatusCode, got.body)
			}
		}
		if !strings.Contains(segment, ".") {
			d.refused("the topic "+segment+" in JSON", d.ask("publish", "POST", "/", `{"topic":"`+segment+`"}`), 400, 40010)
		}
	}
	for _, path := range []string{"/a.b", "/a%20b", "/%C3%A4", "/" + strings.Repeat("a", 65), "/a,b", "/a%2Fb", "/~a"} {
		for _, who := range []string{"", "publish"} { // nobody is asked for a token there
			d.refused("POST "+path, d.ask(who, "POST", path, "text"), 404, 40401)
			d.refused("PUT "+path, d.ask(who, "PUT", path, "text"), 404, 40401)
			d.refused("GET "+path, d.ask(who, "GET", path+"/publish", ""), 404, 40401)
		}
	}
	for _, path := range []string{"/a/b", "/a/publish/c", "/a/json"} {
		d.want("PUT "+path, d.ask("publish", "PUT", path, "text"), 404, "nothing at this path")
	}
	if got := d.ask("publish", "GET", "/", ""); got.StatusCode != 200 || !strings.Contains(got.body, "<html") {
		t.Errorf("the page at /: %d", got.StatusCode)
	}
	if after := d.categories(); !slices.Equal(before, after) {
		t.Errorf("categories were made: %v", after)
	}
}

func TestNtfyPublish(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	for _, tt := range []struct {
		name, method, path, body string
		headers                  []string
		want                     ntfyAnswer
	}{
		{"a text", "POST", "/ops", "Backup done", nil, ntfyAnswer{Topic: "ops", Message: "Backup done"}},
		{"with a slash", "PUT", "/ops/", "Backup done", nil, ntfyAnswer{Topic: "ops", Message: "Backup done"}},
		{"nothing", "POST", "/ops", "", nil, ntfyAnswer{Topic: "ops", Message: "triggered"}},
		{"the query alone, as Sonarr does", "POST", "/ops?title=Grabbed&message=S01E02&priority=4&tags=tv,arrow_down", "", nil,
			ntfyAnswer{Topic: "ops", Title: "Grabbed", Message: "S01E02", Priority: 4, Tags: []string{"tv", "arrow_down"}}},
		{"GET", "GET", "/ops/publish?t=a&m=b", "", nil, ntfyAnswer{Topic: "ops", Title: "a", Message: "b"}},
		{"GET send", "GET", "/ops/send/?m=b", "", nil, ntfyAnswer{Topic: "ops", Message: "b"}},
		{"GET trigger", "GET", "/ops/trigger", "", nil, ntfyAnswer{Topic: "ops", Message: "triggered"}},
		{"JSON", "POST", "/", `{"topic":"ops","message":"b","title":"a","priority":2,"tags":["x"]}`, nil,
			ntfyAnswer{Topic: "ops", Title: "a", Message: "b", Priority: 2, Tags: []string{"x"}}},
		{"JSON by PUT, with headers and a byte order mark", "PUT", "/?p=2", "\ufeff" + `{"topic":"ops","message":"b"}`, []string{"X-Title: a"},
			ntfyAnswer{Topic: "ops", Title: "a", Message: "b", Priority: 2}},
		{"the character NUL", "POST", "/?t=a%00b", `{"topic":"ops","message":"b"}`, nil, ntfyAnswer{Topic: "ops", Title: "a\x00b", Message: "b"}},
		{"JSON to a topic is text", "POST", "/ops", `{"a":1}`, nil, ntfyAnswer{Topic: "ops", Message: `{"a":1}`}},
	} {
		got := d.want(tt.name, d.ask("publish", tt.method, tt.path, tt.body, append(tt.headers, "Content-Type: text/plain")...), 200, `"event":"message"`)
		a := d.ntfy(got)
		n := d.stored(a.ID)
		tt.want.ID, tt.want.Event, tt.want.Time, tt.want.Expires = a.ID, "message", n.CreatedAt.Unix(), n.CreatedAt.Add(24*time.Hour).Unix()
		if fmt.Sprint(a) != fmt.Sprint(tt.want) || got.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s:\n got %+v\nwant %+v", tt.name, a, tt.want)
		}
		if !slices.Equal(n.Target.Categories, []string{"ops"}) || n.Body != strings.TrimSpace(a.Message) || n.Title != strings.ReplaceAll(a.Title, "\x00", "") && len(a.Tags) == 0 || n.TokenKey == 0 {
			t.Errorf("%s: stored %+v", tt.name, n)
		}
	}
	all, err := d.store.Notifications(t.Context(), storage.NotificationFilter{}, storage.Page{Limit: 100})
	d.no(err)
	before := len(all)
	if got := d.ask("publish", "HEAD", "/ops/publish?m=no", ""); got.StatusCode != 200 || got.body != "" {
		t.Errorf("HEAD: %d %s", got.StatusCode, got.body)
	}
	if all, err = d.store.Notifications(t.Context(), storage.NotificationFilter{}, storage.Page{Limit: 100}); err != nil || len(all) != before {
		t.Errorf("HEAD published: %d, %v", len(all)-before, err)
	}
	d.want("health", d.ask("", "GET", "/v1/health", ""), 200, `{"healthy":true}`)
}

// What arrives is what the message says, and nothing is too long.
func TestNtfyDelivery(t *testing.T) {
	d := newDesk(t, nil)
	d.deliver()
	d.want("subscribe", d.ask("admin", "POST", "/api/subscribe", d.subscription(`"categories":["ops"]`)), 200, "")
	d.want("subscribe", d.ask("admin", "POST", "/api/subscribe", d.subscription(`"categories":["board"]`)), 200, "")
	d.want("publish", d.ask("publish", "POST", "/ops", "**sda1** at 95 %", "Title: Disk full", "Priority: max", "Tags: warning", "Markdown: yes",
		"Click: https://nas.lan/", "Attach: https://nas.lan/graph.png", "Actions: view, Open, https://nas.lan/disks; http, Clean, https://nas.lan/clean",
		"X-Sequence-ID: disk"), 200, "")
	d.want("a long one", d.ask("publish", "POST", "/ops", strings.Repeat("é", 1<<18), "Title: Log"), 200, "")
	d.want("a long title", d.ask("publish", "POST", "/", `{"topic":"ops","title":"`+strings.Repeat("x", 1<<19)+`","message":"b"}`), 200, "")
	d.refused("too long", d.ask("publish", "POST", "/ops", strings.Repeat("x", 1<<20+1)), 413, 41301)
	d.no(d.push.Wait(t.Context(), 3))
	if d.push.Count() != 3 {
		t.Errorf("%d messages, the other category got some", d.push.Count())
	}
	texts := map[string]map[string]any{}
	for _, m := range d.push.Received() {
		var p map[string]any
		d.no(json.Unmarshal(m.Plaintext, &p))
		delete(p, "id")
		delete(p, "receipt")
		title, _ := p["title"].(string)
		texts[title[:3]] = p
	}
	want := `{"actions":[{"action":"action-1","title":"Open","url":"https://nas.lan/disks"}],"body":"sda1 at 95 %","data":{"tags":["warning"]},` +
		`"image":"https://nas.lan/graph.png","renotify":true,"require_interaction":true,"tag":"disk","title":"⚠️ Disk full","url":"https://nas.lan/"}`
	if got, _ := json.Marshal(texts["⚠"]); string(got) != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if body, _ := texts["Log"]["body"].(string); !strings.HasPrefix(body, "éé") || !strings.HasSuffix(body, "é…") || len(body) < 3000 {
		t.Errorf("the long one: %d bytes, %.20q", len(body), body)
	}
	if title, _ := texts["xxx"]["title"].(string); !strings.HasSuffix(title, "x…") || texts["xxx"]["body"] != "b" {
		t.Errorf("the long title: %.20q", title)
	}
	if v := d.push.Violations(); len(v) > 0 {
		t.Error(v)
	}
}

func TestNtfyScheduling(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	for _, how := range []string{"Delay: 30m", "X-In: 30 minutes", fmt.Sprintf("At: %d", time.Now().Add(30*time.Minute).Unix())} {
		a := d.ntfy(d.want(how, d.ask("publish", "POST", "/ops", "later", how), 200, ""))
		n := d.stored(a.ID)
		if in := time.Until(n.ScheduledAt); n.State != storage.Scheduled || in < 29*time.Minute || in > 31*time.Minute || a.Time != n.ScheduledAt.Unix() {
			t.Errorf("%s: %s, scheduled in %s, told %d", how, n.State, in, a.Time)
		}
	}
	d.refused("never", d.ask("publish", "POST", "/ops", "later", "Delay: whenever"), 400, 40004)
	d.refused("in two years", d.ask("publish", "POST", "/ops?delay=17520h", "later"), 400, 40006)
}

// A topic is a category, made when a token that may publish to any needs it.
func TestNtfyTopics(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	before := d.categories()
	d.refused("no message", d.ask("publish", "POST", "/garden", "x", "Priority: 9"), 400, 40007)
	d.refused("another's category", d.ask("news", "POST", "/garden", "x"), 403, 40301)
	d.refused("another's, that exists", d.ask("news", "POST", "/ops", "x"), 403, 40301)
	d.refused("another's in JSON", d.ask("news", "PUT", "/", `{"topic":"ops"}`), 403, 40301)
	d.refused("another's by GET", d.ask("news", "GET", "/ops/trigger", ""), 403, 40301)
	if after := d.categories(); !slices.Equal(before, after) {
		t.Errorf("refused requests made %v", after)
	}
	d.want("its own", d.ask("news", "POST", "/news", "x"), 200, "")
	for range 2 {
		d.want("a new one", d.ask("publish", "POST", "/garden", "x"), 200, "")
	}
	d.want("of an admin", d.ask("admin", "POST", "/", `{"topic":"Garden"}`), 200, "")
	after := d.categories()
	if slices.Sort(before); !slices.Equal(after, append([]string{"Garden"}, insert(before, "garden")...)) {
		t.Errorf("categories %v", after)
	}
	c, err := d.store.CategoriesByName(t.Context(), []string{"garden", "news"})
	d.no(err)
	if c[0].Public {
		t.Error("anyone may join a topic")
	}
	d.no(d.store.DeleteCategory(t.Context(), c[1].ID))
	d.refused("its own, which was deleted", d.ask("news", "POST", "/news", "x"), 403, 40301)
	// Several at once, all for the same new topic.
	answers := make(chan reply, 8)
	for range cap(answers) {
		go func() { answers <- d.ask("publish", "POST", "/at-once", "x") }()
	}
	for range cap(answers) {
		d.want("at once", <-answers, 200, "")
	}
}

func insert(sorted []string, s string) []string {
	at, _ := slices.BinarySearch(sorted, s)
	return slices.Insert(slices.Clone(sorted), at, s)
}

func TestNtfyTokens(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	secret, err := access.NewToken(access.StyleNtfy)
	d.no(err)
	_, err = d.store.CreateToken(t.Context(), storage.Token{Name: "ntfy", Scope: storage.ScopePublish, Style: access.StyleNtfy,
		Hash: access.Hash(secret), CreatedAt: time.Now()})
	d.no(err)
	basic := func(user, password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	raw := base64.RawURLEncoding.EncodeToString
	for _, tt := range []struct {
		name, query, authorization string
		status, code               int
	}{
		{"Bearer", "", "Bearer " + secret, 200, 0},
		{"Basic", "", basic("anyone", secret), 200, 0},
		{"Basic without a user", "", basic("", secret), 200, 0},
		{"Basic without a password", "", basic(secret, ""), 200, 0},
		{"in the query", "?auth=" + raw([]byte("Bearer "+secret)), "", 200, 0},
		{"Basic in the query", "?auth=" + raw([]byte(basic("", secret))), "", 200, 0},
		{"in padded base64", "?auth=" + strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte(basic("a", secret))), "+", "%2B"), "", 200, 0},
		{"the query before the header", "?auth=" + raw([]byte("Bearer "+secret)), "Bearer wrong", 200, 0},
		{"none", "", "", 403, 40301},
		{"another scheme", "", "Digest x", 403, 40301},
		{"an empty one", "", basic("", ""), 403, 40301},
		{"wrong", "", "Bearer wrong", 401, 40101},
		{"wrong in Basic", "", basic(secret, "wrong"), 401, 40101},
		{"wrong in the query", "?auth=" + raw([]byte("Bearer wrong")), "Bearer " + secret, 401, 40101},
		{"nonsense in the query", "?auth=%25%25", "", 401, 40101},
		{"of another scope", "", "Bearer " + d.tokens["read"], 403, 40301},
	} {
		for _, call := range []struct{ method, path, body string }{{"POST", "/ops", "x"}, {"PUT", "/", `{"topic":"ops"}`}, {"GET", "/ops/trigger", ""}} {
			var headers []string
			if tt.authorization != "" {
				headers = append(headers, "Authorization: "+tt.authorization)
			}
			got := d.ask("", call.method, call.path+tt.query, call.body, headers...)
			what := tt.name + ", " + call.method
			if tt.status == 200 {
				d.want(what, got, 200, "")
				continue
			}
			d.refused(what, got, tt.status, tt.code)
			if a := d.ntfy(got); tt.name == "none" && a.Error != "forbidden" || tt.name == "wrong" && a.Error != "unauthorized" {
				t.Errorf("%s: %s", what, got.body)
			}
		}
	}
	// A session is a page's, and a page of another site must not publish with a GET.
	session := d.signIn("admin")
	d.refused("a session", d.ask("", "GET", "/ops/trigger", "", session), 403, 40301)
	d.refused("a session", d.ask("", "POST", "/ops", "x", session), 403, 40301)
	d.want("a session at /message", d.ask("", "POST", "/message", `{"message":"x"}`, session), 401, `"errorCode":401`)
	// Elsewhere these count for nothing.
	d.want("Basic elsewhere", d.ask("", "POST", "/api/notify", `{"title":"x"}`, "Authorization: "+basic("", secret)), 401, "")
	d.want("the query elsewhere", d.ask("", "POST", "/api/notify?auth="+raw([]byte("Bearer "+secret)), `{"title":"x"}`), 401, "")
}

// access.publish = "open" frees two other routes, not these.
func TestNtfyIsNotOpen(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, func(c *config.Config) { c.Access.Publish = "open" })
	d.refused("POST", d.ask("", "POST", "/ops", "x"), 403, 40301)
	d.refused("GET", d.ask("", "GET", "/ops/trigger", ""), 403, 40301)
	d.refused("JSON", d.ask("", "POST", "/", `{"topic":"ops"}`), 403, 40301)
	d.want("Gotify", d.ask("", "POST", "/message", `{"message":"x"}`), 401, `"errorCode":401`)
	if got := d.ask("", "POST", "/ops", "x", "Sec-Fetch-Site: cross-site", "Origin: https://evil.example"); got.StatusCode != http.StatusForbidden {
		t.Errorf("a page of another site: %d", got.StatusCode)
	}
}

func TestNtfyErrors(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	for _, tt := range []struct {
		name, method, path, body string
		status, code             int
	}{
		{"no JSON", "POST", "/", "text", 400, 40017},
		{"nothing", "POST", "/", "", 400, 40017},
		{"deep JSON", "POST", "/", `{"topic":"ops","x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, 400, 40017},
		{"not UTF-8", "POST", "/", "{\"topic\":\"ops\",\"message\":\"\xff\"}", 400, 40017},
		{"no topic", "POST", "/", `{"message":"x"}`, 400, 40009},
		{"actions", "POST", "/ops?actions=dance", "x", 400, 40018},
		{"icon", "POST", "/ops?icon=x", "x", 400, 40021},
		{"attach", "POST", "/ops?attach=x", "x", 400, 40013},
		{"encoded", "POST", "/ops", "x", 415, 41501},
	} {
		var headers []string
		if tt.status == 415 {
			headers = append(headers, "Content-Encoding: gzip")
		}
		d.refused(tt.name, d.ask("publish", tt.method, tt.path, tt.body, headers...), tt.status, tt.code)
	}
	d.no(d.store.Close())
	got := d.ask("publish", "POST", "/ops", "x")
	d.refused("storage is away", got, 503, 50301)
}
