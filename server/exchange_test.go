package server

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"recado/server/config"
	"recado/server/push/pushtest"
	"recado/server/requestid"
)

// logbook is a log that a test reads, as lines of JSON.
type logbook struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(b)
}

func (l *logbook) handler(level slog.Level) slog.Handler {
	return requestid.Handler(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: level}))
}

func (l *logbook) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.String()
}

// lines are those with a message; all of a request with an id, if one is given.
func (l *logbook) lines(t *testing.T, msg, request string) (found []map[string]any) {
	t.Helper()
	for line := range strings.Lines(l.text()) {
		var fields map[string]any
		must(t, json.Unmarshal([]byte(line), &fields))
		if fields["msg"] == msg && (request == "" || fields["request"] == request) {
			found = append(found, fields)
		}
	}
	return found
}

func TestRequestIDs(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it is about concurrency")
	}
	behind := newDesk(t, nil) // listens on loopback: whoever connects is a proxy of this machine
	direct := newDesk(t, func(c *config.Config) { c.Listen = ":8080" })
	const given = "0192f0c8-5b1e.proxy_1"
	for _, c := range []struct {
		*desk
		header string
		taken  bool
	}{
		{behind, given, true},
		{behind, "", false},
		{behind, "two words", false},
		{behind, strings.Repeat("x", 65), false},
		{direct, given, false},
		{direct, "", false},
	} {
		for _, path := range []string{"/healthz", "/", "/v1/stats", "/nothing/here", "/api/subscribe/"} {
			got := c.ask("", "GET", path, "", "X-Request-Id: "+c.header).Header.Values("X-Request-Id")
			if len(got) != 1 || !requestid.Valid(got[0]) || (got[0] == c.header) != c.taken {
				t.Errorf("%s with %q: %q, taken should be %v", path, c.header, got, c.taken)
			}
		}
	}
}

// TestRequestsAreLogged follows requests through the log, and looks for what must
// never be in it.
func TestRequestsAreLogged(t *testing.T) {
	log := new(logbook)
	d := newDeskLogging(t, nil, log.handler(slog.LevelDebug))
	d.deliver()
	d.push.Always(&pushtest.Step{Status: http.StatusBadRequest, Body: []byte("no such thing")})
	subscription := d.made(d.ask("", "POST", "/api/subscribe", d.subscription("")))
	hook := d.want("hook", d.ask("", "POST", "/hook/"+d.tokens["publish"]+"?category=ops&secret=in-the-query", `{"title":"Disk full"}`), 202, "")
	got := d.want("failed", d.ask("publish", "POST", "/api/notify?wait=20s", `{"title":"Disk full"}`), 200, "0 notification(s) sent")
	id := strings.TrimPrefix(got.Header.Get("Location"), "/v1/pushnotification/")
	d.want("signed in", d.ask("", "POST", "/v1/session", object("token", d.tokens["admin"])), 204, "")
	d.want("nothing", d.ask("read", "GET", "/v1/stats/secret-in-the-path", ""), 404, "")
	d.ask("", "HEAD", "/admin", "")

	request := hook.Header.Get("X-Request-Id")
	lines := log.lines(t, "request", request)
	if len(lines) != 1 {
		t.Fatalf("%d lines of the hook's request", len(lines))
	}
	line := lines[0]
	if line["level"] != "DEBUG" || line["method"] != "POST" || line["route"] != "/hook/{token}" || line["status"] != 202.0 ||
		line["bytes"] != float64(len(hook.body)) || line["client"] != "127.0.0.1" || line["duration_ms"].(float64) <= 0 {
		t.Errorf("the hook's request is logged as %v", line)
	}
	accepted := log.lines(t, "accepted", request)
	if len(accepted) != 1 || !strings.Contains(hook.body, accepted[0]["notification"].(string)) {
		t.Errorf("what the hook's request made is logged as %v, it is %s", accepted, hook.body)
	}
	for _, route := range []string{`"route":"none","status":404`, `"method":"HEAD","route":"files","status":200`, `"route":"/v1/session","status":204`} {
		if !strings.Contains(log.text(), route) {
			t.Errorf("no line has %s", route)
		}
	}
	delivery := log.lines(t, "delivery", "")[0]
	if delivery["notification"] != id || delivery["service"] != strings.TrimPrefix(d.push.URL(), "http://") || delivery["outcome"] != "failed" ||
		delivery["status"] != 400.0 || delivery["attempt"] != 1.0 || delivery["error"] != "no such thing" {
		t.Errorf("a delivery is logged as %v", delivery)
	}
	secrets := []string{"in-the-query", "secret-in-the-path", subscription, "rcd_"}
	for _, token := range d.tokens {
		secrets = append(secrets, token)
	}
	for _, m := range d.push.Received() {
		secrets = append(secrets, m.Subscription.ID)
	}
	for _, secret := range secrets {
		if strings.Contains(log.text(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}

// TestFailuresAreLogged: a 5xx is worth a line at the usual level, and its problem
// says which.
func TestFailuresAreLogged(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it is about concurrency")
	}
	log := new(logbook)
	d := newDeskLogging(t, nil, log.handler(slog.LevelInfo))
	d.want("well", d.ask("admin", "GET", "/v1/tokens", ""), 200, "")
	d.want("wrong", d.ask("", "GET", "/v1/tokens", ""), 401, "")
	if log.text() != "" {
		t.Errorf("logged: %s", log.text())
	}
	d.no(d.store.Close())
	got := d.want("away", d.ask("admin", "GET", "/v1/tokens", ""), 503, "")
	id := got.Header.Get("X-Request-Id")
	if !strings.Contains(got.body, `"request_id":"`+id+`"`) {
		t.Errorf("the problem does not name request %s: %s", id, got.body)
	}
	lines := log.lines(t, "request", id)
	if len(lines) != 1 || lines[0]["level"] != "INFO" || lines[0]["status"] != 503.0 || lines[0]["route"] != "/v1/tokens" {
		t.Errorf("the failure is logged as %v", lines)
	}
	if why := log.lines(t, "a request failed", id); len(why) != 1 || why[0]["level"] != "ERROR" {
		t.Errorf("why is not in the log: %s", log.text())
	}
}
