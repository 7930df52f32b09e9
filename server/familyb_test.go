package server

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"recado/server/push/pushtest"
)

func quoted(text string) string {
	raw, _ := json.Marshal(text)
	return string(raw)
}

func TestFamilyBSubscribe(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	if key := d.ask("", "GET", "/subscription/", ""); key.body != d.ask("", "GET", "/api/subscribe", "").body || !strings.HasPrefix(key.body, `{"public_key":"B`) {
		t.Errorf("the key: %s", key.body)
	}
	token := d.subscription(`"label":"Phone"`)
	bare := d.made(d.want("bare", d.ask("", "POST", "/subscription/", token), 201, `"id"`))
	for name, body := range map[string]string{
		"an object":       `{"subscription_token":` + token + `}`,
		"a string":        `{"subscription_token":` + quoted(token) + `}`,
		"beside others":   `{"categories":["news"],"subscription_token":` + quoted(token) + `,"nonsense":1}`,
		"spaces in it":    `{"subscription_token":` + quoted(" \n"+token+"\n") + `}`,
		"bare with null":  `{"subscription_token":null,` + token[1:],
		"as /api does it": token,
	} {
		if id := d.made(d.want(name, d.ask("", "POST", "/subscription", body), 201, "")); id != bare {
			t.Errorf("%s: another id", name)
		}
	}
	d.want("what it is now", d.ask("read", "GET", "/v1/subscriptions/"+bare, ""), 200, `"label":"Phone","user":"","categories":["news"]`)
	for name, tt := range map[string]struct{ body, text string }{
		"nothing":              {`{}`, "subscription_token is required"},
		"a number":             {`{"subscription_token":5}`, "subscription_token must be"},
		"a string of nothing":  {`{"subscription_token":""}`, "subscription_token"},
		"a string of no JSON":  {`{"subscription_token":"x"}`, "subscription_token"},
		"half":                 {`{"subscription_token":"{\"endpoint\":"}`, "subscription_token cannot be read"},
		"a list":               {`{"subscription_token":[]}`, "subscription_token must be"},
		"twice a string":       {`{"subscription_token":` + quoted(quoted(token)) + `}`, "subscription_token must be"},
		"deep in a string":     {`{"subscription_token":` + quoted(`{"x":`+strings.Repeat("[", 40)) + `}`, "nested deeper"},
		"no endpoint":          {`{"subscription_token":{}}`, "endpoint is required"},
		"an endpoint's type":   {`{"subscription_token":{"endpoint":5}}`, "endpoint holds a number"},
		"another host":         {strings.Replace(token, d.push.URL(), "https://evil.example", 1), "push.allowed_hosts"},
		"a short auth":         {`{"subscription_token":` + withKey(token, "auth", "AAAA") + `}`, "keys.auth"},
		"a key off the curve":  {`{"subscription_token":` + withKey(token, "p256dh", "BAAA") + `}`, "keys.p256dh"},
		"an unknown category":  {`{"subscription_token":` + token + `,"categories":["x"]}`, `category \"x\"`},
		"another server's key": {`{"subscription_token":` + token + `,"public_key":"B` + strings.Repeat("A", 86) + `"}`, "public_key"},
	} {
		d.want(name, d.ask("", "POST", "/subscription/", tt.body), 400, tt.text)
	}
	d.want("a category that is not public", d.ask("", "POST", "/subscription/", `{"subscription_token":`+token+`,"categories":["ops"]}`), 403, "ops")
	d.want("a user", d.ask("", "POST", "/subscription/", `{"subscription_token":`+token+`,"user":"ana"}`), 403, "user")
	d.want("both as admin", d.ask("admin", "POST", "/subscription/", `{"subscription_token":`+token+`,"user":"ana","categories":["ops"]}`), 201, "")

	if got := d.ask("", "DELETE", "/subscription/"+bare+"/", ""); got.StatusCode != 204 || got.body != "" {
		t.Errorf("DELETE: %d %q", got.StatusCode, got.body)
	}
	d.want("again", d.ask("", "DELETE", "/subscription/"+bare, ""), 404, "no such subscription")
}

// withKey is a subscription with another of its keys.
func withKey(token, name, value string) string {
	var s struct {
		Endpoint string            `json:"endpoint"`
		Keys     map[string]string `json:"keys"`
	}
	_ = json.Unmarshal([]byte(token), &s) // it is ours
	s.Keys[name] = value
	raw, _ := json.Marshal(s)
	return string(raw)
}

func TestFamilyBPush(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	d.deliver()
	d.made(d.ask("", "POST", "/subscription", d.subscription("")))
	d.want("a message", d.ask("publish", "POST", "/push/", `{"message":"hello","nonsense":1}`), 200, "1 notification(s) sent")
	got := d.want("all of it", d.ask("publish", "POST", "/push", `{"title":"T","body":"B","message":"M","url":"https://a.example/"}`, "Accept: application/json"), 200, `"sent":1`)
	one := d.want("stored", d.ask("read", "GET", got.Header.Get("Location"), ""), 200, `"title":"T","body":"B","url":"https://a.example/"`)
	if !strings.Contains(one.body, `"finished_at":"`) {
		t.Errorf("not finished: %s", one.body)
	}
	first := d.ask("publish", "POST", "/push", `{"message":"x"}`, "Idempotency-Key: k")
	again := d.ask("publish", "POST", "/push/", `{"message":"x"}`, "Idempotency-Key: k")
	if first.Header.Get("Location") != again.Header.Get("Location") {
		t.Error("the same key made two")
	}
	d.want("other bytes", d.ask("publish", "POST", "/push/", `{"message":"y"}`, "Idempotency-Key: k"), 409, "Idempotency-Key")
	d.want("nothing", d.ask("publish", "POST", "/push", `{}`), 400, "required")
	d.want("a number", d.ask("publish", "POST", "/push", `{"message":5}`), 400, "message holds a number")
	d.want("too long", d.ask("publish", "POST", "/push", `{"message":"`+strings.Repeat("x", 5000)+`"}`), 413, `"limit":3993`)
	d.want("a bad wait", d.ask("publish", "POST", "/push?wait=x", `{"message":"x"}`), 400, "wait")
	d.want("limited to a category", d.ask("news", "POST", "/push", `{"message":"x"}`), 403, "news")
}

func TestFamilyBTest(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	good := d.push.Subscribe()
	token := string(good.JSON())
	d.want("an object", d.ask("publish", "POST", "/push_v1/", `{"sub_token":`+token+`}`), 200, `{"success":true}`)
	d.want("a string", d.ask("publish", "POST", "/push_v1", `{"sub_token":`+quoted(token)+`,"title":"T","body":"B","url":"https://a.example/"}`), 200, `{"success":true}`)
	messages := d.push.Accepted()
	if len(messages) != 2 {
		t.Fatalf("%d messages arrived", len(messages))
	}
	if text := string(messages[0].Plaintext); !strings.Contains(text, `"title":"recado","body":"Push Test v1"`) {
		t.Errorf("the first says %s", text)
	}
	if text := string(messages[1].Plaintext); !strings.Contains(text, `"title":"T","body":"B","url":"https://a.example/"`) {
		t.Errorf("the second says %s", text)
	}
	d.want("not stored", d.ask("read", "GET", "/v1/pushnotification", ""), 200, `{"items":[],"next":null}`)
	for name, tt := range map[string]struct{ body, text string }{
		"nothing":       {`{}`, `{"failed":"sub_token is required"}`},
		"null":          {`{"sub_token":null}`, `{"failed":"sub_token is required"}`},
		"no JSON in it": {`{"sub_token":"x"}`, `{"failed":"sub_token`},
		"no JSON":       {`x`, `{"failed":"the body`},
		"a title":       {`{"sub_token":` + token + `,"title":5}`, `{"failed":"title`},
		"a url":         {`{"sub_token":` + token + `,"url":"x"}`, `{"failed":"url`},
		"auth":          {`{"sub_token":` + withKey(token, "auth", "AAAA") + `}`, `{"failed":"keys.auth`},
		"another host":  {`{"sub_token":` + strings.Replace(token, d.push.URL(), "https://evil.example", 1) + `}`, `push.allowed_hosts`},
	} {
		d.want(name, d.ask("publish", "POST", "/push_v1", tt.body), 400, tt.text)
	}
	d.want("too long", d.ask("publish", "POST", "/push_v1", `{"sub_token":`+token+`,"body":"`+strings.Repeat("x", 5000)+`"}`), 413, `"limit":3993`)
	for status, text := range map[int]string{410: "", 403: "", 429: "", 500: ""} {
		d.push.Always(&pushtest.Step{Status: status})
		got := d.want("refused with "+strconv.Itoa(status), d.ask("publish", "POST", "/push_v1", `{"sub_token":`+token+`}`), 502, `{"failed":"`+text)
		if strings.Contains(got.body, good.Endpoint) {
			t.Errorf("the endpoint is told: %s", got.body)
		}
	}
	d.want("limited to a category", d.ask("news", "POST", "/push_v1/", `{"sub_token":`+token+`}`), 403, `"message":"a token that is limited to categories may not`)
	d.want("without a token", d.ask("", "POST", "/push_v1", `{"sub_token":`+token+`}`), 401, "")
}
