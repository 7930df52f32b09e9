package server

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"recado/server/config"
)

// members are the names in a JSON object.
func members(t *testing.T, body string) []string {
	t.Helper()
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &object); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	var names []string
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (d *desk) hasMembers(what, body, names string) {
	d.Helper()
	want := strings.Fields(names)
	slices.Sort(want)
	if got := members(d.T, body); !slices.Equal(got, want) {
		d.Errorf("%s has %q, want %q", what, got, want)
	}
}

const notificationMembers = `id state title body url icon image badge tag lang dir silent require_interaction renotify vibrate actions data
	ttl urgency topic target scheduled_at repeat time_zone expires_at parent_id next_at created_at started_at finished_at warnings counts`

func TestNotificationAsAResource(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	at := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	got := d.want("create", d.ask("publish", "POST", "/v1/pushnotification", `{"title":"Disk full","body":"sda1","url":"https://nas.lan/","vibrate":[100],
		"actions":[{"action":"open","title":"Open"}],"data":{"a":1},"ttl":60,"urgency":"high","topic":"disk","target":{"categories":["ops"],"users":["ana"]},
		"scheduled_at":"`+at.Format(time.RFC3339)+`","expires_at":null}`), 201, "")
	id := d.made(got)
	if got.Header.Get("Location") != "/v1/pushnotification/"+id || got.Header.Get("Content-Type") != "application/json" {
		t.Errorf("answered with %v", got.Header)
	}
	d.hasMembers("a notification", got.body, notificationMembers)
	for _, text := range []string{`"state":"scheduled","title":"Disk full","body":"sda1","url":"https://nas.lan/","icon":""`, `"vibrate":[100]`,
		`"actions":[{"action":"open","title":"Open","icon":"","url":""}],"data":{"a":1},"ttl":60,"urgency":"high","topic":"disk"`,
		`"target":{"categories":["ops"],"users":["ana"],"subscriptions":[]}`, `"scheduled_at":"` + at.Format("2006-01-02T15:04:05") + `.000Z"`,
		`"repeat":"","time_zone":"UTC","expires_at":null,"parent_id":null,"next_at":null,"created_at":"2`, `"started_at":null,"finished_at":null,"warnings":[]`,
		`"counts":{"targeted":0,"pending":0,`} {
		if !strings.Contains(got.body, text) {
			t.Errorf("%s is not in %s", text, got.body)
		}
	}
	one := d.want("get", d.ask("read", "GET", "/v1/pushnotification/"+id, ""), 200, "")
	if one.body != got.body {
		t.Errorf("read back it is %s", one.body)
	}
	d.want("replace", d.ask("publish", "PUT", "/v1/pushnotification/"+id, `{"title":"Other","scheduled_at":"`+at.Format(time.RFC3339)+`"}`), 200,
		`"title":"Other","body":"","url":"","icon":"","image":"","badge":"","tag":"","lang":"","dir":"","silent":false,"require_interaction":false,"renotify":false,"vibrate":[],"actions":[],"data":{},"ttl":86400,"urgency":"normal","topic":"","target":{"categories":[],"users":[],"subscriptions":[]}`)
	d.want("cancel", d.ask("publish", "POST", "/v1/pushnotification/"+id+"/cancel", ""), 200, `"state":"canceled"`)
	d.want("cancel again", d.ask("publish", "POST", "/v1/pushnotification/"+id+"/cancel", ""), 409, "ended")
	d.want("replace it now", d.ask("publish", "PUT", "/v1/pushnotification/"+id, `{"title":"x"}`), 409, "scheduled")
	if got := d.ask("publish", "DELETE", "/v1/pushnotification/"+id, ""); got.StatusCode != 204 || got.body != "" {
		t.Errorf("delete: %d %s", got.StatusCode, got.body)
	}
	for _, call := range []string{"GET ", "DELETE ", "POST /cancel", "GET /deliveries"} {
		method, rest, _ := strings.Cut(call, " ")
		d.want(call+" of a deleted one", d.ask("admin", method, "/v1/pushnotification/"+id+rest, ""), 404, "no such notification")
	}
	d.want("the list", d.ask("read", "GET", "/v1/pushnotification", ""), 200, `{"items":[],"next":null}`)
}

func TestNotificationRefused(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	id := d.notification("publish", "")
	for _, call := range []string{"POST /v1/pushnotification", "PUT /v1/pushnotification/" + id} {
		method, path, _ := strings.Cut(call, " ")
		for body, fields := range map[string]string{
			`{}`:                               "title",
			`{"title":null}`:                   "title",
			`{"title":5}`:                      "title",
			`{"body":"x"}`:                     "title",
			`{"title":"x","titel":"y"}`:        "titel",
			`{"title":"x","Body":"y"}`:         "Body",
			`{"title":"x","id":"y"}`:           "id",
			`{"title":"x","counts":{}}`:        "counts",
			`{"title":"x","state":"sent"}`:     "state",
			`{"title":"x","target":5}`:         "target",
			`{"title":"x","target":{}}`:        "target",
			`{"title":"x","target":{"al":1}}`:  "target.al",
			`{"title":"x","target":{"all":1}}`: "target.all",
			`{"title":"x","target":{"users":"ana","categories":[5]}}`: "target.categories[0] target.users",
			`{"title":"x","target":{"categories":["nowhere"]}}`:       "target.categories",
			`{"title":"x","target":{"subscriptions":["x"]}}`:          "target.subscriptions[0]",
			`{"title":"x","target":{"subscriptions":["x","` + nobody() + `",""],"users":["ana","","a\nb"],"categories":["ops","` + strings.Repeat("x", 101) + `","ops",""]}}`: "target.categories[1] target.categories[3] target.subscriptions[0] target.subscriptions[2] target.users[1] target.users[2]",
			`{"title":"x","target":{"users":[` + strings.Repeat("5,", 30) + `5]}}`:                                                                                            "target.users[0] target.users[10] target.users[11] target.users[12] target.users[13] target.users[14] target.users[15] target.users[16] target.users[17] target.users[18] target.users[19] target.users[1] target.users[2] target.users[3] target.users[4] target.users[5] target.users[6] target.users[7] target.users[8] target.users[9]",
			`{"title":"x","target":{"users":[` + strings.Repeat(`"ana",`, 1000) + `"ana"],"subscriptions":["x"]}}`:                                                            "target.subscriptions[0] target.users",
			`{"title":"x","target":{"categories":[` + strings.Repeat(`"",`, 1000) + `""],"all":true}}`:                                                                        "target target.categories",
			`{"title":"x","target":{"subscriptions":[` + strings.Repeat(`"`+nobody()+`",`, 1000) + `"x"]}}`:                                                                   "target.subscriptions",
			`{"title":"x","actions":[{"title":5},{"action":"a","title":"b","url":"x"}]}`:                                                                                      "actions[0].action actions[0].title actions[1].url",
			`{"title":"x","vibrate":[1,"2",3.5]}`:                                                          "vibrate[1] vibrate[2]",
			`{"title":"x","ttl":"1","urgency":"urgent","topic":"a b","url":"x","dir":"up"}`:                "dir topic ttl urgency url",
			`{"title":"x","data":[]}`:                                                                      "data",
			`{"title":"x","scheduled_at":"tomorrow","expires_at":5}`:                                       "expires_at scheduled_at",
			`{"title":"x","scheduled_at":"` + time.Now().Add(367*24*time.Hour).Format(time.RFC3339) + `"}`: "scheduled_at",
			`{"title":"x","repeat":"* * * * * *"}`:                                                         "repeat",
			`{"title":"x","repeat":"0 0 30 2 *"}`:                                                          "repeat",
			`{"title":"x","repeat":"0 8 * * *","time_zone":"Mars/Base"}`:                                   "time_zone",
			`{"title":"x","time_zone":"Mars/Base"}`:                                                        "time_zone",
		} {
			got := d.want(call+" "+body, d.ask("publish", method, path, body), 422, "")
			var p struct {
				Errors []struct{ Field, Message string }
			}
			d.no(json.Unmarshal([]byte(got.body), &p))
			var names []string
			for _, e := range p.Errors {
				names = append(names, e.Field)
				if e.Message == "" {
					t.Errorf("%s: %s has no message", body, e.Field)
				}
			}
			slices.Sort(names)
			if strings.Join(names, " ") != fields {
				t.Errorf("%s %s: errors about %q, want %q", call, body, names, fields)
			}
		}
		d.want("does not fit", d.ask("publish", method, path, `{"title":"x","body":"`+strings.Repeat("x", 4000)+`"}`), 413, `"limit":3993`)
	}
	d.want("just fits", d.ask("publish", "POST", "/v1/pushnotification", `{"title":"x","body":"`+strings.Repeat("x", 3000)+`"}`), 201, "Firefox on Android")
}

func TestIdempotency(t *testing.T) {
	d := newDesk(t, nil)
	key := "Idempotency-Key: k1"
	first := d.want("first", d.ask("publish", "POST", "/v1/pushnotification", `{"title":"x"}`, key), 201, "")
	again := d.want("again", d.ask("publish", "POST", "/v1/pushnotification/", `{"title":"x"}`, key), 200, "")
	if d.made(first) != d.made(again) || first.Header.Get("Location") != again.Header.Get("Location") {
		t.Error("the same bytes made two")
	}
	d.want("other bytes", d.ask("publish", "POST", "/v1/pushnotification", `{"title": "x"}`, key), 409, "Idempotency-Key")
	d.want("another token", d.ask("other", "POST", "/v1/pushnotification", `{"title": "x"}`, key), 201, "")
	d.want("a long key", d.ask("publish", "POST", "/v1/pushnotification", `{"title":"x"}`, "Idempotency-Key: "+strings.Repeat("k", 256)), 422, "Idempotency-Key")
	d.want("a bad one is not remembered", d.ask("publish", "POST", "/v1/pushnotification", `{}`, "Idempotency-Key: k2"), 422, "")
	d.want("so it can be put right", d.ask("publish", "POST", "/v1/pushnotification", `{"title":"x"}`, "Idempotency-Key: k2"), 201, "")

	ids, statuses := make([]string, 8), make([]int, 8)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			got := d.ask("publish", "POST", "/v1/pushnotification", `{"title":"x"}`, "Idempotency-Key: k3")
			ids[i], statuses[i] = d.made(got), got.StatusCode
		})
	}
	all.Wait()
	slices.Sort(statuses)
	if len(slices.Compact(ids)) != 1 || statuses[0] != 200 || statuses[6] != 200 || statuses[7] != 201 {
		t.Errorf("at once: %v %v", ids, statuses)
	}
}

// Whose notification it is, and who may do what with it.
func TestWhoMayTouchNotifications(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	d.token("news too", "publish", "news")
	mine := d.notification("publish", "")
	limited := d.notification("news", `,"target":{"categories":["news"]}`)
	for _, tt := range []struct {
		who, method, path, body string
		status                  int
	}{
		{"read", "GET", mine, "", 200},
		{"admin", "GET", mine, "", 200},
		{"publish", "GET", mine, "", 200},
		{"other", "GET", mine, "", 403},
		{"other", "GET", mine + "/deliveries", "", 403},
		{"publish", "GET", mine + "/deliveries", "", 200},
		{"read", "GET", mine + "/deliveries", "", 200},
		{"read", "PUT", mine, `{"title":"x"}`, 403},
		{"read", "POST", mine + "/cancel", "", 403},
		{"read", "DELETE", mine, "", 403},
		{"news", "GET", limited, "", 200},
		{"news too", "GET", limited, "", 403},
		{"news too", "PUT", limited, `{"title":"x","target":{"categories":["news"]}}`, 403},
		{"news too", "POST", limited + "/cancel", "", 403},
		{"news too", "DELETE", limited, "", 403},
		{"news", "POST", mine + "/cancel", "", 403},
		{"news", "DELETE", mine, "", 403},
		{"news", "PUT", limited, `{"title":"x"}`, 403},
		{"news", "PUT", limited, `{"title":"x","target":{"categories":["news","ops"]}}`, 403},
		{"news", "PUT", limited, `{"title":"x","scheduled_at":"` + time.Now().Add(time.Hour).Format(time.RFC3339) + `","target":{"categories":["news"]}}`, 200},
		{"news", "POST", "", `{"title":"x"}`, 403},
		{"news", "POST", "", `{"title":"x","target":{"categories":["ops"]}}`, 403},
		{"news", "POST", "", `{"title":"x","target":{"categories":["news"],"users":["ana"]}}`, 403},
		{"news", "GET", "", "", 403},
		{"other", "POST", mine + "/cancel", "", 200},
		{"other", "DELETE", limited, "", 204},
		{"admin", "DELETE", mine, "", 204},
	} {
		d.want(tt.who+" "+tt.method+" "+tt.path, d.ask(tt.who, tt.method, strings.TrimSuffix("/v1/pushnotification/"+tt.path, "/"), tt.body), tt.status, "")
	}
}

// page reads one page of a list and returns the ids and the next cursor.
func (d *desk) page(path string) (ids []string, next string) {
	d.Helper()
	got := d.want(path, d.ask("admin", "GET", path, ""), 200, "")
	d.hasMembers(path, got.body, "items next")
	var in struct {
		Items []map[string]any
		Next  *string
	}
	d.no(json.Unmarshal([]byte(got.body), &in))
	if in.Items == nil {
		d.Errorf("%s: items are null", path)
	}
	for _, item := range in.Items {
		for _, name := range []string{"id", "subscription_id"} {
			if id, ok := item[name].(string); ok {
				ids = append(ids, id)
			}
		}
	}
	if in.Next != nil {
		next = *in.Next
	}
	return ids, next
}

// Pages neither skip nor repeat while new ones arrive, and end.
func TestPages(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	d.deliver()
	everything := d.made(d.ask("publish", "POST", "/v1/pushnotification", `{"title":"x"}`))
	makers := map[string]func(i int) string{
		"/v1/pushnotification": func(int) string { return d.notification("publish", "") },
		"/v1/pushnotification/categories": func(i int) string {
			return d.made(d.ask("admin", "POST", "/v1/pushnotification/categories", fmt.Sprintf(`{"name":"c%d"}`, i)))
		},
		"/v1/subscriptions": func(int) string { return d.made(d.ask("", "POST", "/subscription", d.subscription(""))) },
		"/v1/invites":       func(int) string { return d.made(d.ask("admin", "POST", "/v1/invites", `{}`)) },
		"/v1/tokens": func(i int) string {
			return d.made(d.ask("admin", "POST", "/v1/tokens", fmt.Sprintf(`{"name":"t%d","scope":"read"}`, i)))
		},
		"/v1/keys": func(int) string { return d.made(d.ask("admin", "POST", "/v1/keys/rotate", "")) },
	}
	var cursors []string
	for path, make := range makers {
		before, _ := d.page(path + "?limit=500")
		var want []string
		for i := range 7 {
			want = append([]string{make(i)}, want...) // the newest first
		}
		want = append(want, before...)
		var got []string
		ids, next := d.page(path + "?limit=3")
		total := len(want)
		for i := 10; ; i++ {
			got = append(got, ids...)
			if next == "" {
				break
			}
			if i < 13 {
				make(i) // new ones do not disturb
				total++
			}
			cursors = append(cursors, path+" "+next)
			ids, next = d.page(path + "?limit=3&after=" + url.QueryEscape(next))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d items %v, want %d %v", path, len(got), got, len(want), want)
		}
		if ids, next := d.page(fmt.Sprintf("%s?limit=%d", path, total)); len(ids) != total || next != "" {
			t.Errorf("%s: a page that just holds all has %d items and next %q", path, len(ids), next)
		}
		for _, limit := range []string{"0", "501", "-1", "x", "1.5"} {
			d.want(path+" limit "+limit, d.ask("admin", "GET", path+"?limit="+limit, ""), 422, `"field":"limit"`)
		}
		for _, after := range []string{"x", "AAAA", "bm90aWZpY2F0aW9uczo", "bm90aWZpY2F0aW9uczoteA", "%00", strings.Repeat("A", 5000)} {
			d.want(path+" after "+after, d.ask("admin", "GET", path+"?after="+after, ""), 422, `"field":"after"`)
		}
	}
	for _, c := range cursors {
		path, cursor, _ := strings.Cut(c, " ")
		for other := range makers {
			if other != path {
				d.want("another list's cursor", d.ask("admin", "GET", other+"?after="+cursor, ""), 422, `"field":"after"`)
			}
		}
	}
	d.want("both wrong", d.ask("read", "GET", "/v1/pushnotification?limit=0&after=x&state=new", ""), 422,
		`"errors":[{"field":"state","message":"must be scheduled, sending, sent, canceled or expired"},{"field":"limit"`)
	d.want("a bad status", d.ask("read", "GET", "/v1/pushnotification/"+everything+"/deliveries?status=new&subscription=x", ""), 422, `"field":"subscription"`)
}

func TestDeliveriesAndStats(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	d.deliver()
	var ids []string
	for range 5 {
		ids = append([]string{d.made(d.ask("", "POST", "/subscription", d.subscription(`"label":"Phone"`)))}, ids...)
	}
	got := d.want("sent", d.ask("publish", "POST", "/api/notify?wait=10s", `{"title":"x"}`), 200, "5 notification(s) sent")
	at := got.Header.Get("Location")
	d.want("it", d.ask("read", "GET", at, ""), 200, `"counts":{"targeted":5,"pending":0,"retrying":0,"sent":5,`)
	var all []string
	page, next := d.page(at + "/deliveries?limit=2")
	for all = append(all, page...); next != ""; all = append(all, page...) {
		page, next = d.page(at + "/deliveries?limit=2&after=" + next)
	}
	if !slices.Equal(all, ids) {
		t.Errorf("deliveries to %v, want %v", all, ids)
	}
	one := d.want("one of them", d.ask("read", "GET", at+"/deliveries?status=sent&subscription="+ids[0], ""), 200, `"label":"Phone","service":"127.0.0.1`)
	var in struct{ Items []json.RawMessage }
	d.no(json.Unmarshal([]byte(one.body), &in))
	if len(in.Items) != 1 {
		t.Fatalf("deliveries to one: %s", one.body)
	}
	d.hasMembers("a delivery", string(in.Items[0]), `seq notification_id subscription_id label service status attempts code error retry_at
		sent_at displayed_at clicked_at closed_at latency_ms`)
	for _, text := range []string{`"status":"sent","attempts":1,"code":201,"error":"","retry_at":null,"sent_at":"2`, `"displayed_at":null,"clicked_at":null,"closed_at":null,"latency_ms":`} {
		if !strings.Contains(one.body, text) {
			t.Errorf("%s is not in %s", text, one.body)
		}
	}
	d.want("none failed", d.ask("read", "GET", at+"/deliveries?status=failed", ""), 200, `{"items":[],"next":null}`)

	d.ask("", "POST", "/subscription", strings.Replace(d.subscription(""), d.push.URL(), "https://evil.example", 1))
	stats := d.want("stats", d.ask("read", "GET", "/v1/stats", ""), 200, `"subscriptions":5`)
	d.hasMembers("stats", stats.body, "totals rate queue services refused_hosts alerts subscriptions silent database viewers version")
	for _, text := range []string{`"totals":{"hour":{"canceled":0,"clicked":0,"closed":0,"displayed":0,"expired":0,"failed":0,"gone":0,"retrying":0,"sent":5}`,
		`"queue":{"depth":0,"oldest_due_at":null}`, `"state":"ok","until":null,"error":"","totals":{"hour":`,
		`"refused_hosts":[{"host":"evil.example","count":1,"last_at":"2`, `"alerts":[]`, `"database":{"bytes":`, `"viewers":0,"version":"1.2.3"`} {
		if !strings.Contains(stats.body, text) {
			t.Errorf("%s is not in %s", text, stats.body)
		}
	}
}

func TestFilters(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	news := d.notification("publish", `,"target":{"categories":["news"]}`)
	ops := d.notification("publish", `,"target":{"categories":["ops"]}`)
	all := d.notification("publish", "")
	d.ask("publish", "POST", "/v1/pushnotification/"+ops+"/cancel", "")
	for path, want := range map[string][]string{
		"":                                 {all, ops, news},
		"?state=scheduled":                 {all, news},
		"?state=canceled":                  {ops},
		"?state=canceled,scheduled":        {all, ops, news},
		"?state=canceled&state=sent":       {ops},
		"?state=sent":                      nil,
		"?category=ops":                    {all, ops},
		"?category=news":                   {all, news},
		"?category=news&state=canceled":    nil,
		"?state=scheduled&category=ops":    {all},
		"?category=nowhere&state=canceled": nil,
		"?parent=" + all:                   nil,
	} {
		if got, _ := d.page("/v1/pushnotification" + path); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}

// Every run is a notification of its own; here the first is an hour away.
func TestRepeating(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	d.deliver()
	got := d.want("create", d.ask("publish", "POST", "/v1/pushnotification", `{"title":"x","repeat":"0 8 * * 1","time_zone":"Europe/Lisbon"}`), 201,
		`"repeat":"0 8 * * 1","time_zone":"Europe/Lisbon"`)
	var n struct {
		State  string
		NextAt time.Time `json:"next_at"`
	}
	d.no(json.Unmarshal([]byte(got.body), &n))
	lisbon, err := time.LoadLocation("Europe/Lisbon")
	d.no(err)
	if next := n.NextAt.In(lisbon); n.State != "scheduled" || next.Hour() != 8 || next.Weekday() != time.Monday || !next.After(time.Now()) {
		t.Errorf("%s, next at %s", n.State, next)
	}
	d.want("by notify", d.ask("publish", "POST", "/api/notify", `{"title":"x","repeat":"0 8 * * *"}`), 202, "")
	from := time.Now().Add(100 * 24 * time.Hour).UTC()
	d.want("not before", d.ask("publish", "PUT", "/v1/pushnotification/"+d.made(got), `{"title":"x","repeat":"0 8 * * *","scheduled_at":"`+from.Format(time.RFC3339)+`"}`),
		200, `"next_at":"`+from.Add(16*time.Hour).Format("2006-01-"))
	d.want("never", d.ask("publish", "POST", "/v1/pushnotification", `{"title":"x","repeat":"0 8 1 1 *","expires_at":"`+time.Now().Add(time.Second).Format(time.RFC3339)+`"}`), 422, "")
	d.want("cancel", d.ask("publish", "POST", "/v1/pushnotification/"+d.made(got)+"/cancel", ""), 200, `"state":"canceled"`)
}

func TestCategories(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	const path = "/v1/pushnotification/categories"
	got := d.want("create", d.ask("admin", "POST", path, `{"name":"Notícias","description":"What is new","public":true}`), 201,
		`"name":"Notícias","description":"What is new","public":true,"subscribers":0`)
	id := d.made(got)
	d.hasMembers("a category", got.body, "id name description public subscribers")
	if got.Header.Get("Location") != path+"/"+id {
		t.Errorf("Location %q", got.Header.Get("Location"))
	}
	d.made(d.ask("", "POST", "/subscription", d.subscription(`"categories":["Notícias"]`)))
	d.want("list", d.ask("read", "GET", path, ""), 200, `"name":"Notícias","description":"What is new","public":true,"subscribers":1`)
	d.want("public ones", d.ask("", "GET", "/api/categories", ""), 200, `"name":"Notícias","description":"What is new"}`)
	d.want("taken", d.ask("admin", "POST", path, `{"name":"Notícias"}`), 409, "already")
	d.want("rename", d.ask("admin", "PUT", path+"/"+id, `{"name":"News 2"}`), 200, `"name":"News 2","description":"","public":false,"subscribers":1`)
	d.want("rename to a taken one", d.ask("admin", "PUT", path+"/"+id, `{"name":"ops"}`), 409, "already")
	n := d.notification("publish", `,"target":{"categories":["News 2"]}`)
	d.want("in use", d.ask("admin", "DELETE", path+"/"+id, ""), 409, "scheduled")
	d.want("cancel", d.ask("publish", "POST", "/v1/pushnotification/"+n+"/cancel", ""), 200, "")
	d.want("delete", d.ask("admin", "DELETE", path+"/"+id, ""), 204, "")
	d.want("again", d.ask("admin", "DELETE", path+"/"+id, ""), 404, "no such category")
	for body, field := range map[string]string{
		`{}`:                          "name",
		`{"name":""}`:                 "name",
		`{"name":" x"}`:               "name",
		`{"name":"a\nb"}`:             "name",
		`{"name":5}`:                  "name",
		`{"name":"x","public":"yes"}`: "public",
		`{"name":"x","nam":"y"}`:      "nam",
		`{"name":"x","id":"y"}`:       "id",
		`{"name":"` + strings.Repeat("x", 101) + `"}`:                   "name",
		`{"name":"x","description":"` + strings.Repeat("x", 501) + `"}`: "description",
	} {
		d.want(body, d.ask("admin", "POST", path, body), 422, `"errors":[{"field":"`+field+`"`)
	}
}

func TestSubscriptions(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	id := d.made(d.ask("admin", "POST", "/subscription", d.subscription(`"label":"Phone","user":"ana","categories":["news","ops"]`)))
	d.made(d.ask("", "POST", "/subscription", d.subscription(`"label":"Tablet"`)))
	got := d.want("one", d.ask("read", "GET", "/v1/subscriptions/"+id, ""), 200, `"label":"Phone","user":"ana","categories":["news","ops"],"service":"127.0.0.1`)
	d.hasMembers("a subscription", got.body, "id label user categories service user_agent key_id created_at seen_at last_sent_at last_displayed_at failures removed_at")
	if strings.Contains(got.body, d.push.URL()) {
		t.Errorf("the endpoint is told: %s", got.body)
	}
	for path, n := range map[string]int{"": 2, "?category=ops": 1, "?user=ana": 1, "?user=bob": 0, "?q=PHO": 1, "?q=127": 2, "?service=x": 0, "?q=tab&category=ops": 0} {
		if ids, _ := d.page("/v1/subscriptions" + path); len(ids) != n {
			t.Errorf("%s: %d, want %d", path, len(ids), n)
		}
	}
	d.want("change", d.ask("admin", "PATCH", "/v1/subscriptions/"+id, `{"label":"Old phone","categories":["board"]}`), 200, `"label":"Old phone","user":"ana","categories":["board"]`)
	d.want("nothing", d.ask("admin", "PATCH", "/v1/subscriptions/"+id, `{}`), 200, `"label":"Old phone","user":"ana","categories":["board"]`)
	d.want("empty", d.ask("admin", "PATCH", "/v1/subscriptions/"+id, `{"user":"","categories":[]}`), 200, `"user":"","categories":[]`)
	for body, field := range map[string]string{
		`{"label":5}`: "label", `{"label":"` + strings.Repeat("x", 101) + `"}`: "label", `{"categories":["x"]}`: "categories",
		`{"categories":"ops"}`: "categories", `{"categories":[5]}`: "categories[0]", `{"endpoint":"x"}`: "endpoint", `{"seen_at":null}`: "seen_at",
	} {
		d.want(body, d.ask("admin", "PATCH", "/v1/subscriptions/"+id, body), 422, `"errors":[{"field":"`+field+`"`)
	}
	d.want("remove", d.ask("admin", "DELETE", "/v1/subscriptions/"+id, ""), 204, "")
	d.want("again", d.ask("admin", "DELETE", "/v1/subscriptions/"+id, ""), 404, "no such subscription")
	d.want("change it", d.ask("admin", "PATCH", "/v1/subscriptions/"+id, `{"label":"x"}`), 404, "no such subscription")
	d.want("look at it", d.ask("read", "GET", "/v1/subscriptions/"+id, ""), 200, `"removed_at":"2`)
	if ids, _ := d.page("/v1/subscriptions"); len(ids) != 1 {
		t.Errorf("%d are left", len(ids))
	}
}

// invite makes an invite and returns its secret.
func (d *desk) invite(body string) string {
	d.Helper()
	got := d.want("invite", d.ask("admin", "POST", "/v1/invites", body), 201, `"url":"https://recado.example/?invite=`)
	var in struct{ URL string }
	d.no(json.Unmarshal([]byte(got.body), &in))
	u, err := url.Parse(in.URL)
	d.no(err)
	secret := u.Query().Get("invite")
	d.secrets.Secret("invite", secret)
	return secret
}

func TestInvites(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, func(c *config.Config) { c.Access.Subscribe = "invite" })
	secret := d.invite(`{"user":"ana","categories":["ops"],"uses":1}`)
	list := d.want("list", d.ask("admin", "GET", "/v1/invites", ""), 200, `"user":"ana","categories":["ops"],"uses":1,"created_at":"2`)
	if strings.Contains(list.body, secret) || strings.Contains(list.body, "url") {
		t.Errorf("the secret is listed: %s", list.body)
	}
	phone := d.subscription("")
	with := func(s, more string) string { return s[:len(s)-1] + "," + more + "}" }
	d.want("without", d.ask("", "POST", "/api/subscribe", phone), 403, "invite")
	d.want("with another", d.ask("", "POST", "/api/subscribe", with(phone, `"invite":"x"`)), 403, "invite")
	d.want("another user", d.ask("", "POST", "/api/subscribe", with(phone, `"invite":"`+secret+`","user":"bob"`)), 403, "user")
	d.want("another category", d.ask("", "POST", "/api/subscribe", with(phone, `"invite":"`+secret+`","categories":["board"]`)), 403, "board")
	d.want("an unknown category", d.ask("", "POST", "/api/subscribe", with(phone, `"invite":"`+secret+`","categories":["x"]`)), 400, `category \"x\"`)
	id := d.made(d.want("with it", d.ask("", "POST", "/api/subscribe", with(phone, `"invite":"`+secret+`","user":"ana"`)), 200, ""))
	one := func() string { return d.ask("read", "GET", "/v1/subscriptions/"+id, "").body }
	if !strings.Contains(one(), `"user":"ana","categories":["ops"]`) {
		t.Errorf("subscribed as %s", one())
	}
	d.want("used up", d.ask("", "POST", "/api/subscribe", with(d.subscription(""), `"invite":"`+secret+`"`)), 403, "invite")
	d.want("listed as such", d.ask("admin", "GET", "/v1/invites", ""), 200, `"uses":0`)
	d.want("a sync needs none", d.ask("", "POST", "/api/subscribe", phone), 200, id)
	d.want("a sync with the old one", d.ask("", "POST", "/api/subscribe", with(phone, `"invite":"`+secret+`"`)), 200, id)
	if !strings.Contains(one(), `"user":"ana","categories":["ops"]`) {
		t.Errorf("synced, it is %s", one())
	}

	// Who chooses among the public ones leaves no other.
	d.want("choose", d.ask("", "POST", "/api/subscribe", with(phone, `"categories":["news"]`)), 200, id)
	if !strings.Contains(one(), `"categories":["news","ops"]`) {
		t.Errorf("having chosen, it is %s", one())
	}
	d.want("choose none", d.ask("", "POST", "/api/subscribe", with(phone, `"categories":[]`)), 200, id)
	if !strings.Contains(one(), `"categories":["ops"]`) {
		t.Errorf("having chosen none, it is %s", one())
	}
	again := d.invite(`{"categories":["ops","board"]}`)
	d.want("what an invite grants is its to leave", d.ask("", "POST", "/api/subscribe", with(phone, `"invite":"`+again+`","categories":["board"]`)), 200, id)
	if !strings.Contains(one(), `"user":"ana","categories":["board"]`) {
		t.Errorf("invited again, it is %s", one())
	}
	tablet := d.subscription(`"replaces":"` + id + `","categories":["news"]`)
	d.want("another endpoint takes its place", d.ask("", "POST", "/api/subscribe", tablet), 200, id)
	if !strings.Contains(one(), `"user":"ana","categories":["board","news"]`) {
		t.Errorf("moved, it is %s", one())
	}

	gone := d.invite(`{"expires_at":"` + time.Now().Add(time.Hour).Format(time.RFC3339) + `"}`)
	ids, _ := d.page("/v1/invites?limit=1")
	d.want("delete", d.ask("admin", "DELETE", "/v1/invites/"+ids[0], ""), 204, "")
	d.want("again", d.ask("admin", "DELETE", "/v1/invites/"+ids[0], ""), 404, "no such invite")
	d.want("deleted", d.ask("", "POST", "/api/subscribe", with(d.subscription(""), `"invite":"`+gone+`"`)), 403, "invite")
	for body, field := range map[string]string{
		`{"uses":0}`: "uses", `{"uses":"1"}`: "uses", `{"uses":1.5}`: "uses", `{"user":5}`: "user", `{"categories":["x"]}`: "categories",
		`{"categories":["ops",""]}`: "categories[1]", `{"expires_at":"2020-01-01T00:00:00Z"}`: "expires_at", `{"secret":"x"}`: "secret", `{"url":"x"}`: "url",
	} {
		d.want(body, d.ask("admin", "POST", "/v1/invites", body), 422, `"errors":[{"field":"`+field+`"`)
	}
}

func TestTokens(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	got := d.want("create", d.ask("admin", "POST", "/v1/tokens", `{"name":" Grafana ","scope":"publish","categories":["ops"],"style":"ntfy","expires_at":"`+
		time.Now().Add(time.Hour).Format(time.RFC3339)+`"}`), 201, `"name":"Grafana","scope":"publish","categories":["ops"],"style":"ntfy"`)
	d.hasMembers("a new token", got.body, "id token name scope categories style created_at expires_at last_used_at")
	var in struct{ ID, Token string }
	d.no(json.Unmarshal([]byte(got.body), &in))
	d.tokens["made"] = in.Token
	if !strings.HasPrefix(in.Token, "tk_") || len(in.Token) != 32 {
		t.Errorf("the token is %q", in.Token)
	}
	d.want("it works", d.ask("made", "POST", "/api/notify?wait=0", `{"title":"x","target":{"categories":["ops"]}}`), 202, "")
	list := d.want("list", d.ask("admin", "GET", "/v1/tokens", ""), 200, in.ID)
	if strings.Contains(list.body, in.Token) || strings.Contains(list.body, `"token"`) || !strings.Contains(list.body, `"last_used_at":"2`) {
		t.Errorf("listed: %s", list.body)
	}
	d.want("revoke", d.ask("admin", "DELETE", "/v1/tokens/"+in.ID, ""), 204, "")
	d.want("again", d.ask("admin", "DELETE", "/v1/tokens/"+in.ID, ""), 404, "no such token")
	d.want("it is over", d.ask("made", "POST", "/api/notify?wait=0", `{"title":"x"}`), 401, "")
	d.want("everything wrong", d.ask("admin", "POST", "/v1/tokens", `{"name":"","scope":"all","categories":["ops"],"style":"x","expires_at":"2020-01-01T00:00:00Z","extra":1}`), 422, "")
	for body, field := range map[string]string{
		`{"scope":"read"}`:                                     "name",
		`{"name":"config","scope":"admin"}`:                    "name",
		`{"name":"a\u0000","scope":"admin"}`:                   "name",
		`{"name":"x"}`:                                         "scope",
		`{"name":"x","scope":5}`:                               "scope",
		`{"name":"x","scope":"read","categories":["ops"]}`:     "categories",
		`{"name":"x","scope":"publish","categories":["nope"]}`: "categories",
		`{"name":"x","scope":"read","style":"rcd"}`:            "style",
		`{"name":"x","scope":"read","token":"mine"}`:           "token",
	} {
		d.want(body, d.ask("admin", "POST", "/v1/tokens", body), 422, `"errors":[{"field":"`+field+`"`)
	}
}

func TestKeys(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	first, _ := d.page("/v1/keys")
	d.made(d.ask("", "POST", "/subscription", d.subscription("")))
	d.want("list", d.ask("admin", "GET", "/v1/keys", ""), 200, `"subscriptions":1}`)
	d.want("the only one", d.ask("admin", "DELETE", "/v1/keys/"+first[0], ""), 409, "newest")
	got := d.want("rotate", d.ask("admin", "POST", "/v1/keys/rotate", ""), 201, `"subscriptions":0`)
	d.hasMembers("a key", got.body, "id public_key created_at subscriptions")
	var in struct {
		ID        string
		PublicKey string `json:"public_key"`
	}
	d.no(json.Unmarshal([]byte(got.body), &in))
	d.want("browsers get it", d.ask("", "GET", "/api/subscribe", ""), 200, in.PublicKey)
	d.want("in use", d.ask("admin", "DELETE", "/v1/keys/"+first[0], ""), 409, "subscriptions")
	d.want("the newest", d.ask("admin", "DELETE", "/v1/keys/"+in.ID, ""), 409, "newest")
	d.made(d.ask("admin", "POST", "/v1/keys/rotate", ""))
	d.want("unused", d.ask("admin", "DELETE", "/v1/keys/"+in.ID, ""), 204, "")
	d.want("again", d.ask("admin", "DELETE", "/v1/keys/"+in.ID, ""), 404, "no such key")
}

// A notification that is canceled or deleted while it is sent is not sent further.
func TestStopReachesTheEngine(t *testing.T) {
	d := newDesk(t, nil)
	d.made(d.ask("", "POST", "/subscription", d.subscription("")))
	canceled := d.made(d.ask("publish", "POST", "/v1/pushnotification", `{"title":"x"}`))
	deleted := d.made(d.ask("publish", "POST", "/v1/pushnotification", `{"title":"x"}`))
	d.want("cancel", d.ask("publish", "POST", "/v1/pushnotification/"+canceled+"/cancel", ""), 200, `"state":"canceled"`)
	d.want("delete", d.ask("publish", "DELETE", "/v1/pushnotification/"+deleted, ""), 204, "")
	d.deliver()
	d.want("another one is sent", d.ask("publish", "POST", "/api/notify?wait=10s", `{"title":"x"}`), 200, "1 notification(s) sent")
	if n := d.push.Count(); n != 1 {
		t.Errorf("%d messages were sent", n)
	}
	d.want("still gone", d.ask("admin", "GET", "/v1/pushnotification/"+uuid.MustParse(deleted).String(), ""), 404, "")
}
