package server

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"slices"
	"strings"
	"testing"

	"recado/server/access"
	"recado/storage"
)

type gotifyAnswer struct {
	ID, AppID        int64
	Title, Message   string
	Priority         int
	Date             string
	Extras           map[string]any
	Error            string
	ErrorCode        int
	ErrorDescription string
}

func (d *desk) gotify(got reply) gotifyAnswer {
	d.Helper()
	var a gotifyAnswer
	if err := json.Unmarshal([]byte(got.body), &a); err != nil || got.Header.Get("Content-Type") != "application/json" {
		d.Fatalf("%d %s: %v", got.StatusCode, got.body, err)
	}
	if got.StatusCode >= 400 && (a.ErrorCode != got.StatusCode || a.Error == "" || a.ErrorDescription == "") {
		d.Errorf("no error of Gotify's: %d %s", got.StatusCode, got.body)
	}
	return a
}

func TestGotifyMessage(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	d.deliver()
	d.want("subscribe", d.ask("admin", "POST", "/api/subscribe", d.subscription(`"categories":["news"]`)), 200, "")
	var parts bytes.Buffer
	form := multipart.NewWriter(&parts)
	for name, value := range map[string]string{"title": "Disk full", "message": "sda1", "priority": "8"} {
		d.no(form.WriteField(name, value))
	}
	d.no(form.Close())
	last := int64(0)
	for i, tt := range []struct{ name, path, media, body string }{
		{"JSON", "/message", "application/json", `{"title":"Disk full","message":"sda1","priority":8}`},
		{"a form", "/message/", "application/x-www-form-urlencoded", "title=Disk+full&message=sda1&priority=8"},
		{"curl -F", "/message", form.FormDataContentType(), parts.String()},
		{"the query", "/message?title=Disk+full&message=sda1&priority=8", "application/x-www-form-urlencoded", ""},
	} {
		a := d.gotify(d.want(tt.name, d.ask("publish", "POST", tt.path, tt.body, "Content-Type: "+tt.media), 200, ""))
		if a.Title != "Disk full" || a.Message != "sda1" || a.Priority != 8 || a.ID <= last || a.AppID == 0 || len(a.Date) != 24 {
			t.Errorf("%s: %+v", tt.name, a)
		}
		last = a.ID
		d.no(d.push.Wait(t.Context(), i+1))
		got := d.push.Received()[i]
		if text := string(got.Plaintext); !strings.HasPrefix(text, `{"title":"Disk full","body":"sda1","url":"",`) || got.Urgency != "high" {
			t.Errorf("%s: %s, urgency %s", tt.name, text, got.Urgency)
		}
	}
	a := d.gotify(d.ask("publish", "POST", "/message", `{"message":"**a** [b](https://b.lan)","extras":{"client::display":{"contentType":"text/markdown"},
		"client::notification":{"click":{"url":"https://nas.lan/"},"bigImageUrl":"https://nas.lan/g.png"}}}`))
	if a.Extras["client::display"] == nil || a.Priority != 5 {
		t.Errorf("answered %+v", a)
	}
	d.no(d.push.Wait(t.Context(), 5))
	want := `{"title":"recado","body":"a b (https://b.lan)","url":"https://nas.lan/","image":"https://nas.lan/g.png",`
	if got := d.push.Received()[4]; !strings.HasPrefix(string(got.Plaintext), want) || got.Urgency == "high" {
		t.Errorf("%s", got.Plaintext)
	}
	d.want("long", d.ask("publish", "POST", "/message", `{"message":"`+strings.Repeat("x", 1<<19)+`"}`), 200, "x…")
	got := d.want("too long", d.ask("publish", "POST", "/message", strings.Repeat("x", 1<<20+1)), 413, "")
	d.gotify(got)
}

func TestGotifyTokens(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	secret, err := access.NewToken(access.StyleGotify)
	d.no(err)
	_, err = d.store.CreateToken(t.Context(), storage.Token{Name: "gotify", Scope: storage.ScopePublish, Style: access.StyleGotify, Hash: access.Hash(secret)})
	d.no(err)
	for _, tt := range []struct {
		name, query, header string
		status              int
	}{
		{"query", "?token=" + secret, "", 200},
		{"header", "", "X-Gotify-Key: " + secret, 200},
		{"Bearer", "", "Authorization: Bearer " + secret, 200},
		{"none", "", "", 401},
		{"an empty one", "?token=", "", 401},
		{"Basic", "", "Authorization: Basic " + secret, 401},
		{"wrong in the query", "?token=wrong", "Authorization: Bearer " + secret, 401},
		{"wrong in the header", "", "X-Gotify-Key: wrong", 401},
		{"of another scope", "?token=" + d.tokens["read"], "", 403},
	} {
		var headers []string
		if tt.header != "" {
			headers = append(headers, tt.header)
		}
		d.gotify(d.want(tt.name, d.ask("", "POST", "/message"+tt.query, `{"message":"x"}`, headers...), tt.status, ""))
	}
	d.want("the key elsewhere", d.ask("", "POST", "/api/notify?token="+secret, `{"title":"x"}`, "X-Gotify-Key: "+secret), 401, "")
}

// A token that is limited to categories publishes to those alone.
func TestGotifyCategories(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	for _, tt := range []struct {
		who, query string
		want       []string // nil = refused
	}{
		{"publish", "", []string{}},
		{"publish", "?category=ops&category=news", []string{"ops", "news"}},
		{"news", "", []string{"news"}},
		{"news", "?category=news", []string{"news"}},
		{"news", "?category=ops", nil},
		{"news", "?category=news&category=ops", nil},
	} {
		got := d.ask(tt.who, "POST", "/message"+tt.query, `{"message":"x"}`)
		if tt.want == nil {
			d.gotify(d.want(tt.who+tt.query, got, 403, ""))
			continue
		}
		d.want(tt.who+tt.query, got, 200, "")
		all, err := d.store.Notifications(t.Context(), storage.NotificationFilter{}, storage.Page{Limit: 1})
		d.no(err)
		if !slices.Equal(all[0].Target.Categories, tt.want) && len(tt.want) > 0 || all[0].Target.All() != (len(tt.want) == 0) {
			t.Errorf("%s%s: to %v", tt.who, tt.query, all[0].Target)
		}
	}
	d.gotify(d.want("an unknown one", d.ask("publish", "POST", "/message?category=nothing", `{"message":"x"}`), 400, "nothing"))
}

func TestGotifyErrors(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	d.gotify(d.want("no message", d.ask("publish", "POST", "/message", `{"title":"x"}`), 400, "'message' is required"))
	d.gotify(d.want("no JSON", d.ask("publish", "POST", "/message", `{"message":`), 400, ""))
	d.gotify(d.want("deep JSON", d.ask("publish", "POST", "/message", `{"message":"x","extras":`+strings.Repeat(`{"a":`, 40)+"1"+strings.Repeat("}", 41)), 400, "deeper than 32"))
	d.want("brackets in a form", d.ask("publish", "POST", "/message", "message="+strings.Repeat("[", 40), "Content-Type: application/x-www-form-urlencoded"), 200, "")
	d.want("version", d.ask("", "GET", "/version", ""), 200, `{"version":"1.2.3","commit":"","buildDate":""}`)
	d.want("health", d.ask("", "GET", "/health", ""), 200, `{"health":"green","database":"green"}`)
	d.no(d.store.Close())
	d.gotify(d.want("storage is away", d.ask("publish", "POST", "/message", `{"message":"x"}`), 503, ""))
	d.server.storage.mu.Lock()
	d.server.storage.at = d.server.storage.at.Add(-60e9)
	d.server.storage.mu.Unlock()
	if got := d.ask("", "GET", "/health", ""); got.StatusCode != 503 || got.body != `{"health":"orange","database":"red"}` || got.Header.Get("Retry-After") == "" {
		t.Errorf("health without storage: %d %s", got.StatusCode, got.body)
	}
}
