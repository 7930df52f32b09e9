package server

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"recado/server/config"
)

// indiscreet is a push service that says back whatever it is sent: status and form
// of its answer are in the endpoint's path, /STATUS/FORM/SECRET.
func indiscreet(w http.ResponseWriter, r *http.Request) {
	_, rest, _ := strings.Cut(r.URL.Path, "/")
	status, form, _ := strings.Cut(rest, "/")
	form, _, _ = strings.Cut(form, "/")
	code, _ := strconv.Atoi(status)
	all := fmt.Sprintf("http://%s%s %s %s", r.Host, r.RequestURI, r.RequestURI, r.Header.Get("Authorization"))
	for _, name := range []string{"X-WNS-Error-Description", "X-WNS-Status", "Location", "Link", "WWW-Authenticate"} {
		w.Header().Set(name, all)
	}
	switch form {
	case "json":
		text, _ := json.Marshal(all) // a string: cannot fail
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		fmt.Fprintf(w, `{"message":%s,"error":{"message":%s}}`, text, text)
	case "html":
		w.WriteHeader(code)
		fmt.Fprintf(w, "<html><title>%s</title><a href=%q>%s</a>", all, all, url.QueryEscape(all))
	case "garbage":
		c, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_, _ = io.WriteString(c, all+"\r\n\r\n")
			_ = c.Close()
		}
	default:
		w.WriteHeader(code)
		_, _ = io.WriteString(w, all)
	}
}

// TestNoSecretLeavesTheServer does everything, and has everything fail, with a log
// at debug level. desk then searches the log, all pages, what was read by those who
// may read, and what was told to those who were refused.
func TestNoSecretLeavesTheServer(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for messages to expire")
	}
	d := newDesk(t, func(c *config.Config) {
		c.Push.AllowedHosts = []string{"*"}
		c.Push.RetryBase, c.Push.RetryMax, c.Push.Timeout = 10*time.Millisecond, 100*time.Millisecond, 2*time.Second
		c.Webhooks = map[string]config.Webhook{"nas": {Title: "{{.a.b}}", Secret: "the secret of a webhook"}}
	})
	d.secrets.Secret("webhook's secret", "the secret of a webhook")
	d.deliver()
	d.show()
	d.subscribeEverywhere()
	w := d.watch("read", "")
	for range 3 {
		d.want("notify", d.ask("publish", "POST", "/api/notify?wait=1s", `{"title":"Disk full","ttl":2}`), 202, "")
	}
	d.react()
	d.useTokensBadly()
	d.readEverything(w)
	d.panics()
	d.withoutStorage()
	for _, word := range []string{"level=ERROR", "level=WARN", "this is a bug", "something that nobody foresaw"} {
		if !strings.Contains(d.secrets.Log(), word) {
			t.Errorf("the log has no %s: what is searched is not what happened", word)
		}
	}
}

// subscribeEverywhere subscribes at push services of every kind of trouble, and at
// one that takes what it gets.
func (d *desk) subscribeEverywhere() {
	d.Helper()
	plain, secure := httptest.NewServer(http.HandlerFunc(indiscreet)), httptest.NewUnstartedServer(http.HandlerFunc(indiscreet))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // of clients that do not trust it
	secure.StartTLS()
	denying := httptest.NewServer(http.HandlerFunc(indiscreet))
	d.Cleanup(denying.Close)
	d.Cleanup(plain.Close)
	d.Cleanup(secure.Close)
	origins := []string{
		secure.URL,                        // nobody vouches for it
		"https" + plain.URL[len("http"):], // speaks no TLS
		"http" + secure.URL[len("https"):],
		"https://nowhere.invalid", // has no address
		"http://127.0.0.1:1",      // is not there
	}
	var endpoints []string
	for i, origin := range origins {
		endpoints = append(endpoints, fmt.Sprintf("%s/201/text/%s%d", origin, longSecret, i))
	}
	for _, status := range []int{301, 307, 400, 404, 410, 413, 429, 500, 503} {
		for _, form := range []string{"text", "json", "html", "garbage"} {
			endpoints = append(endpoints, fmt.Sprintf("%s/%d/%s/%s%d?auth=%s", plain.URL, status, form, longSecret, len(endpoints), longSecret))
		}
	}
	for i := range 12 { // enough in a row for an alert
		endpoints = append(endpoints, fmt.Sprintf("%s/403/%s/%s%d", denying.URL, []string{"text", "json"}[i%2], longSecret, i))
	}
	for _, endpoint := range endpoints {
		s := d.push.Subscribe()
		subscribed(d.secrets, s)
		d.secrets.Endpoint(endpoint)
		body := strings.Replace(string(s.JSON()), strconv.Quote(s.Endpoint), strconv.Quote(endpoint), 1)
		d.want(endpoint, d.ask("", "POST", "/api/subscribe", body), 200, "")
	}
	d.want("one that works", d.ask("", "POST", "/api/subscribe", d.subscription(`"label":"Phone"`)), 200, "")
	for _, test := range endpoints[:20:20] {
		s := d.push.Subscribe()
		d.ask("publish", "POST", "/push_v1", `{"sub_token":`+strings.Replace(string(s.JSON()), strconv.Quote(s.Endpoint), strconv.Quote(test), 1)+`}`)
	}
}

// longSecret is what makes the endpoints of this test ones that nobody guesses.
const longSecret = "gAAAAABmGh-0_kS3cr3tPartOfAnEndpoint"

// react tells of messages, truly and not.
func (d *desk) react() {
	d.Helper()
	for _, m := range d.push.Received() {
		var message struct{ Receipt string }
		d.no(json.Unmarshal(m.Plaintext, &message))
		for _, receipt := range []string{message.Receipt, message.Receipt + "x", message.Receipt[:len(message.Receipt)-1]} {
			d.ask("", "POST", "/api/receipt", object("receipt", receipt, "event", "displayed"))
			d.ask("", "POST", "/api/receipt", object("receipt", receipt, "event", "exploded"))
		}
	}
}

// useTokensBadly has tokens, cookies and endpoints stand where they are refused.
func (d *desk) useTokensBadly() {
	d.Helper()
	session := d.signIn("read")
	for _, token := range []string{d.tokens["read"], d.tokens["news"], d.tokens["publish"] + "x"} {
		basic := base64.RawURLEncoding.EncodeToString([]byte("Bearer " + token))
		d.secrets.Secret("token as ?auth=", basic)
		for _, path := range []string{"/hook/" + token, "/hook/" + token + "/x", "/" + token, "/" + token + "/x", "/ops?auth=" + basic, "/message?token=" + token, "/v1/tokens/" + token, "/v1/x" + token, "/subscription/" + token, "//hook/" + token + "/..", "/hook/" + token + "?template=nas"} {
			for _, method := range []string{"GET", "POST", "DELETE"} {
				d.ask("", method, path, `{"title":"x"`, "Authorization: Bearer "+token, session, "X-Gotify-Key: "+token)
			}
		}
	}
	for _, body := range []string{
		strings.Replace(d.subscription(""), `"auth":"`, `"auth":"x`, 1), strings.Replace(d.subscription(""), `"p256dh":"`, `"p256dh":"x`, 1),
		strings.Replace(d.subscription(""), `http://`, `ftp://`, 1), strings.Replace(d.subscription(""), `http://`, `http://user:pass@`, 1), strings.Replace(d.subscription(""), `127.0.0.1`, `%zz`, 1),
		d.subscription(`"categories":["nothing"]`), d.subscription(`"user":"ana"`), d.subscription(`"label":5`), d.subscription(`"invite":"x"`), d.subscription(`"replaces":"nobody"`), d.subscription("") + "}",
	} {
		for _, path := range []string{"/api/subscribe", "/subscription", "/api/unsubscribe"} {
			d.ask("", "POST", path, body)
		}
		d.ask("publish", "POST", "/push_v1", `{"sub_token":`+body+`}`)
	}
	d.ask("", "POST", "/v1/session", object("token", d.tokens["publish"]))
	d.ask("", "POST", "/v1/session", object("token", d.tokens["admin"], "x", d.tokens["admin"]))
}

// readEverything reads what can be read: with the admin's token, and as anyone.
func (d *desk) readEverything(w *watcher) {
	d.Helper()
	var page struct{ Items []struct{ ID string } }
	d.no(json.Unmarshal([]byte(d.ask("read", "GET", "/v1/pushnotification", "").body), &page))
	for _, line := range d.server.routes() {
		if line.method == http.MethodGet && line.pattern != "/v1/deliveries/live" {
			id := nobody()
			if strings.HasPrefix(line.pattern, "/v1/pushnotification/") {
				id = page.Items[0].ID
			}
			d.ask("admin", "GET", fill(line.pattern, id)+"?limit=500", "")
		}
	}
	stats := d.want("stats", d.ask("read", "GET", "/v1/stats", ""), 200, "")
	if !strings.Contains(stats.body, `"alerts":[{`) {
		d.Errorf("there is no alert: %s", stats.body)
	}
	deliveries := d.want("deliveries", d.ask("read", "GET", "/v1/pushnotification/"+page.Items[len(page.Items)-1].ID+"/deliveries?limit=500", ""), 200, "")
	for _, word := range []string{"cannot be resolved", "certificate is not valid", "no secure connection", "redirects", `"code":400`, `"code":403`} {
		if !strings.Contains(deliveries.body, word) {
			d.Errorf("no delivery says %q: %.3000s", word, deliveries.body)
		}
	}
	for range 3 {
		w.next() // is searched
	}
}

// panics has a handler fail as none should.
func (d *desk) panics() {
	web := httptest.NewServer(d.server.logPanics(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("something that nobody foresaw") })))
	defer web.Close()
	web.Config.ErrorLog = log.New(d.secrets, "", 0)
	r, err := http.NewRequestWithContext(d.Context(), "POST", web.URL+"/hook/"+d.tokens["publish"], strings.NewReader(d.subscription("")))
	d.no(err)
	r.Header.Set("Authorization", "Bearer "+d.tokens["admin"])
	if res, err := http.DefaultClient.Do(r); err == nil {
		_ = res.Body.Close()
		d.Errorf("a panic is answered with %s", res.Status)
	}
}

// withoutStorage asks everything once more when nothing can be looked up.
func (d *desk) withoutStorage() {
	d.no(d.store.Close())
	for _, line := range d.server.routes() {
		if line.pattern != "/v1/deliveries/live" {
			path := strings.ReplaceAll(line.pattern, "{token}", d.tokens["publish"])
			d.ask("admin", line.method, fill(path, nobody()), cmp.Or(map[string]string{"/api/subscribe": d.subscription(""), "/subscription": d.subscription("")}[line.pattern], `{}`))
		}
	}
}
