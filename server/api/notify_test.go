package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

const asJSON = "Accept: application/json"

func TestNotify(t *testing.T) {
	b := newBench(t, nil, false).listen()
	got := b.call("POST", "/api/notify?wait=0", `{"title":"Disk full","body":"sda1","url":"https://nas.lan/"}`, asPublisher)
	b.want("a publisher", got, 202, "0 notification(s) sent")
	n, ok := b.store.only()
	if !ok || n.Title != "Disk full" || n.Body != "sda1" || n.URL != "https://nas.lan/" {
		t.Fatalf("accepted %+v", n)
	}
	if n.TTL != 24*time.Hour || n.Urgency != "normal" || !n.Target.All() || n.TokenKey != 2 || n.ID.Version() != 7 ||
		!n.DueAt.Equal(n.CreatedAt) || !n.ScheduledAt.IsZero() || n.CreatedAt.Nanosecond()%1e6 != 0 {
		t.Errorf("accepted %+v", n)
	}
	if got.body != "0 notification(s) sent" || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("answered %q as %s", got.body, got.Header.Get("Content-Type"))
	}
	if got.Header.Get("Location") != "/v1/pushnotification/"+n.ID.String() {
		t.Errorf("Location %q", got.Header.Get("Location"))
	}
	if b.wakes.Load() != 1 {
		t.Errorf("the engine was woken %d times", b.wakes.Load())
	}
}

func TestNotifyEveryField(t *testing.T) {
	b := newBench(t, nil, false).listen()
	id := uuid.New()
	b.store.ids[device] = id
	at := time.Now().UTC().Add(time.Hour).Truncate(time.Second)
	got := b.call("POST", "/api/notify", `{"title":"T","body":"B","url":"https://a.example/","icon":"https://a.example/i","image":"https://a.example/m",
		"badge":"http://a.example/b","tag":"g","lang":"pt-BR","dir":"rtl","silent":true,"require_interaction":true,"renotify":true,"vibrate":[100,50],
		"actions":[{"action":"open","title":"Open","icon":"https://a.example/o","url":"https://a.example/u"},{"action":"no","title":"No"}],
		"data": {"a" : [1, {"b":null}]},"ttl":0,"urgency":"very-low","topic":"Az09-_","target":{"categories":["news","ops","news"],"users":["ana"],
		"subscriptions":["`+id.String()+`","`+uuid.NewString()+`"]},"scheduled_at":"`+at.In(time.FixedZone("", 7200)).Format(time.RFC3339)+`",
		"expires_at":"`+at.Add(time.Minute).Format(time.RFC3339)+`","repeat":"","time_zone":"UTC","id":"x","nonsense":1}`, asPublisher, asJSON)
	b.want("every field", got, 202, `"warnings":["`)
	n, _ := b.store.only()
	want := storage.Content{Title: "T", Body: "B", URL: "https://a.example/", Icon: "https://a.example/i", Image: "https://a.example/m",
		Badge: "http://a.example/b", Tag: "g", Lang: "pt-BR", Dir: "rtl", Silent: true, RequireInteraction: true, Renotify: true, Vibrate: []int{100, 50},
		Actions: []storage.Action{{Action: "open", Title: "Open", Icon: "https://a.example/o", URL: "https://a.example/u"}, {Action: "no", Title: "No"}},
		Data:    []byte(`{"a":[1,{"b":null}]}`)}
	if !reflect.DeepEqual(n.Content, want) {
		t.Errorf("content %+v", n.Content)
	}
	if n.TTL != 0 || n.Urgency != "very-low" || n.Topic != "Az09-_" || len(n.Target.Categories) != 2 || len(n.Target.Users) != 1 ||
		len(n.Target.Subscriptions) != 2 || !n.ScheduledAt.Equal(at) || !n.DueAt.Equal(at) || !n.ExpiresAt.Equal(at.Add(time.Minute)) {
		t.Errorf("accepted %+v", n)
	}
	if len(n.Warnings) != 3 || n.Warnings[0] != "time_zone has no effect without repeat" || !strings.Contains(n.Warnings[2], "1 of 2 are unknown") {
		t.Errorf("warnings %q", n.Warnings)
	}
}

func TestNotifyRefused(t *testing.T) {
	b := newBench(t, nil, false).listen()
	in := func(d time.Duration) string { return time.Now().Add(d).Format(time.RFC3339) }
	tests := []struct {
		name, body string
		status     int
		text       string
	}{
		{"nothing", "", 400, "empty"},
		{"blanks", " \n", 400, "empty"},
		{"an empty object", "{}", 400, "title or body is required"},
		{"nothing to show", `{"title":"","icon":"https://a.example/"}`, 400, "title or body is required"},
		{"a list", `[{"title":"x"}]`, 400, "must be a JSON object"},
		{"a title of the wrong type", `{"title":5}`, 400, `{"message":"title holds a number where a string belongs`},
		{"NUL", `{"title":"a\u0000"}`, 400, "title must not contain"},
		{"a relative url", `{"title":"x","url":"/x"}`, 400, "url must be an absolute http or https URL"},
		{"a script", `{"title":"x","url":"javascript:alert(1)"}`, 400, "url must be"},
		{"no host", `{"title":"x","icon":"https:///x"}`, 400, "icon must be"},
		{"data as an image", `{"title":"x","image":"data:image/png;base64,AA"}`, 400, "image must be"},
		{"badge", `{"title":"x","badge":"ftp://a.example/x"}`, 400, "badge must be"},
		{"dir", `{"title":"x","dir":"up"}`, 400, "dir must be auto, ltr or rtl"},
		{"lang", `{"title":"x","lang":"en\"<"}`, 400, "lang must be"},
		{"silent", `{"title":"x","silent":"yes"}`, 400, "silent holds a string where true or false belongs"},
		{"an action's icon", `{"actions":[{"icon":5}]}`, 400, `{"message":"actions.icon holds a number`},
		{"vibrate", `{"title":"x","vibrate":[-1]}`, 400, "vibrate must hold"},
		{"a long buzz", `{"title":"x","vibrate":[` + strings.Repeat("1,", 99) + `1]}`, 400, "vibrate must have at most 99"},
		{"half a millisecond", `{"title":"x","vibrate":[0.5]}`, 400, "vibrate holds 0.5 where a whole number belongs"},
		{"eleven actions", `{"title":"x","actions":[` + strings.Repeat(`{"action":"a","title":"b"},`, 10) + `{"action":"a","title":"b"}]}`, 400, "actions must have at most 10"},
		{"an action without a name", `{"title":"x","actions":[{"title":"b"}]}`, 400, "actions[0].action is required"},
		{"an action without a title", `{"title":"x","actions":[{"action":"b"}]}`, 400, "actions[0].title is required"},
		{"the same action twice", `{"title":"x","actions":[{"action":"b","title":"c"},{"action":"b","title":"c"}]}`, 400, "actions[1].action is the same"},
		{"an action's url", `{"title":"x","actions":[{"action":"b","title":"c","url":"x"}]}`, 400, "actions[0].url must be"},
		{"data as a list", `{"title":"x","data":[]}`, 400, "data must be an object"},
		{"a negative ttl", `{"title":"x","ttl":-1}`, 400, "ttl must be seconds from 0 to 2419200"},
		{"a long ttl", `{"title":"x","ttl":2419201}`, 400, "ttl must be"},
		{"a ttl of one and a half", `{"title":"x","ttl":1.5}`, 400, "ttl holds 1.5 where a whole number belongs"},
		{"a ttl beyond numbers", `{"title":"x","ttl":1` + strings.Repeat("0", 400) + `}`, 400, "ttl holds a number where"},
		{"urgency", `{"title":"x","urgency":"urgent"}`, 400, "urgency must be"},
		{"a long topic", `{"title":"x","topic":"` + strings.Repeat("a", 33) + `"}`, 400, "topic must be"},
		{"a topic of other characters", `{"title":"x","topic":"a b"}`, 400, "topic must be"},
		{"a target that is nobody", `{"title":"x","target":{"categories":[]}}`, 400, "target names nobody"},
		{"all and some", `{"title":"x","target":{"all":true,"users":["ana"]}}`, 400, "target must be either"},
		{"an unknown category", `{"title":"x","target":{"categories":["nowhere"]}}`, 400, `category \"nowhere\"`},
		{"an empty user", `{"title":"x","target":{"users":[""]}}`, 400, "target.users[0] must not"},
		{"no subscription's id", `{"title":"x","target":{"subscriptions":["` + uuid.NewString() + `","5"]}}`, 400, "target.subscriptions[1] must be"},
		{"a target's type", `{"title":"x","target":{"users":"ana"}}`, 400, "target.users holds a string where a list belongs"},
		{"no time", `{"title":"x","scheduled_at":"tomorrow"}`, 400, "scheduled_at must be a time"},
		{"over a year", `{"title":"x","scheduled_at":"` + in(400*24*time.Hour) + `"}`, 400, "scheduled_at must be at most a year"},
		{"expired", `{"title":"x","expires_at":"` + in(-time.Minute) + `"}`, 400, "expires_at must be in the future"},
		{"expired when due", `{"title":"x","scheduled_at":"` + in(time.Hour) + `","expires_at":"` + in(time.Minute) + `"}`, 400, "expires_at must be"},
		{"repeat", `{"title":"x","repeat":"daily"}`, 400, "repeat must be five fields"},
		{"repeat of another type", `{"title":"x","repeat":60}`, 400, "repeat holds a number where a string belongs"},
		{"a time zone", `{"title":"x","repeat":"0 8 * * *","time_zone":"Lisbon"}`, 400, "time_zone is unknown"},
		{"a time zone of nothing", `{"title":"x","time_zone":"Lisbon"}`, 400, "time_zone is unknown"},
		{"a run too late", `{"title":"x","repeat":"0 8 * * *","expires_at":"` + time.Now().Add(2*time.Second).Format(time.RFC3339) + `"}`, 400, "repeat does not come due before expires_at"},
		{"several at once", `{"dir":"up","ttl":-1}`, 400, "; "},
		{"too large for a message", `{"body":"` + strings.Repeat("x", 3994) + `"}`, 413, `"size":3994,"limit":3993`},
		{"too large for a request", `{"body":"` + strings.Repeat("x", 64<<10) + `"}`, 413, `"limit":65536`},
	}
	for _, tt := range tests {
		b.want(tt.name, b.call("POST", "/api/notify", tt.body, asPublisher), tt.status, tt.text)
	}
	for _, wait := range []string{"x", "-1", "-5s", "NaN", "1e3", "5 s"} {
		b.want("wait "+wait, b.call("POST", "/api/notify?wait="+strings.ReplaceAll(wait, " ", "%20"), `{"title":"x"}`, asPublisher), 400, "wait must be")
	}
	if len(b.store.notifications) != 0 || b.wakes.Load() != 0 {
		t.Errorf("accepted %v, woke %d", b.store.notifications, b.wakes.Load())
	}
}

func TestNotifyScopes(t *testing.T) {
	b := newBench(t, nil, false).listen()
	tests := []struct {
		name, token, target string
		status              int
		text                string
	}{
		{"no token", "", `null`, 401, "token"},
		{"a wrong one", "x", `null`, 401, "token"},
		{"a reader", "read", `null`, 403, "scope"},
		{"an admin", "admin", `{"categories":["ops"]}`, 202, ""},
		{"a limited one to everyone", "news", `null`, 403, "news"},
		{"a limited one to all", "news", `{"all":true}`, 403, "news"},
		{"a limited one elsewhere", "news", `{"categories":["news","ops"]}`, 403, "news"},
		{"a limited one to a user as well", "news", `{"categories":["news"],"users":["ana"]}`, 403, "news"},
		{"a limited one to a device", "news", `{"subscriptions":["` + uuid.NewString() + `"]}`, 403, "news"},
		{"a limited one at home", "news", `{"categories":["news"]}`, 202, ""},
	}
	for _, tt := range tests {
		headers := []string{}
		if tt.token != "" {
			headers = append(headers, "Authorization: Bearer "+tt.token)
		}
		got := b.call("POST", "/api/notify?wait=0", `{"title":"x","target":`+tt.target+`}`, headers...)
		b.want(tt.name, got, tt.status, tt.text)
		if tt.status == 401 && got.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: 401 without WWW-Authenticate", tt.name)
		}
	}
}

func TestOpenPublish(t *testing.T) {
	b := newBench(t, func(o *Options) { o.CORSOrigins = []string{"https://site.example"} }, true).listen()
	const body = `{"title":"x"}`
	b.want("a script", b.call("POST", "/api/notify?wait=0", body), 202, "")
	if n, _ := b.store.only(); n.TokenKey != 0 {
		t.Errorf("token %d", n.TokenKey)
	}
	b.want("a wrong token", b.call("POST", "/api/notify?wait=0", body, "Authorization: Bearer x"), 401, "token")
	b.want("a reader's token", b.call("POST", "/api/notify?wait=0", body, "Authorization: Bearer read"), 403, "scope")
	b.want("a page of any site, without a preflight", b.call("POST", "/api/notify?wait=0", body, "Content-Type: text/plain",
		"Origin: https://evil.example", "Sec-Fetch-Site: cross-site"), 403, "access.cors_origins")
	b.want("a page of any site whose name leads here by now", b.call("POST", "/api/notify?wait=0", body, "Host: evil.example",
		"Origin: http://evil.example", "Sec-Fetch-Site: same-origin"), 403, "access.cors_origins")
	b.want("a browser that names no origin", b.call("POST", "/api/notify?wait=0", body, "Sec-Fetch-Site: cross-site"), 403, "access.cors_origins")
	b.want("a page of a listed site", b.call("POST", "/api/notify?wait=0", body, "Origin: https://site.example", "Sec-Fetch-Site: cross-site"), 202, "")
	b.want("the server's own page", b.call("POST", "/api/notify?wait=0", body, "Origin: https://recado.example"), 202, "")
	b.want("with a token of its own", b.call("POST", "/api/notify?wait=0", body, "Origin: https://evil.example", asPublisher), 202, "")
	b = newBench(t, func(o *Options) { o.CORSOrigins = []string{"*"} }, true).listen()
	b.want("a page of any site, when all are listed", b.call("POST", "/api/notify?wait=0", body, "Origin: https://evil.example"), 202, "")
}

func TestSizes(t *testing.T) {
	b := newBench(t, nil, false).listen()
	notify := func(n int) reply {
		return b.call("POST", "/api/notify?wait=0", `{"body":"`+strings.Repeat("x", n)+`"}`, asPublisher, asJSON)
	}
	b.want("safe", notify(2641), 202, `"warnings":[]`)
	b.want("not safe", notify(2642), 202, "Firefox on Android may refuse it")
	b.want("the most", notify(3993), 202, "Firefox")
	b.want("more", notify(3994), 413, `"size":3994,"limit":3993`)
	b.store.declarative = true
	b.want("the declarative form counts", notify(2994), 413, `"size":3994,"limit":3993`)
	b.want("and fits", notify(2993), 202, "Firefox")
}

func TestIdempotency(t *testing.T) {
	b := newBench(t, nil, false).listen()
	notify := func(body, key string) reply {
		return b.call("POST", "/api/notify?wait=0", body, asPublisher, "Idempotency-Key: "+key)
	}
	first := notify(`{"title":"x"}`, "k")
	again := notify(`{"title":"x"}`, "k")
	b.want("again", again, 202, "")
	if first.Header.Get("Location") != again.Header.Get("Location") || b.wakes.Load() != 1 {
		t.Errorf("%s, then %s; woken %d times", first.Header.Get("Location"), again.Header.Get("Location"), b.wakes.Load())
	}
	b.want("other bytes", notify(`{"title":"y"}`, "k"), 409, "Idempotency-Key")
	b.want("the longest key", notify(`{"title":"x"}`, strings.Repeat("k", 255)), 202, "")
	b.want("a longer key", notify(`{"title":"x"}`, strings.Repeat("k", 256)), 400, "Idempotency-Key must have at most 255")
}

// The tests of waiting let no socket take part, so that their time is their own.
func TestWaiting(t *testing.T) {
	type step struct {
		after    time.Duration
		counts   storage.Counts
		finished bool
	}
	tests := []struct {
		name, query string
		steps       []step
		status      int
		text        string
		took        time.Duration
	}{
		{"all sent", "", []step{{time.Second, storage.Counts{Targeted: 3, Sent: 3}, true}}, 200, "3 notification(s) sent", time.Second},
		{"nobody", "", []step{{0, storage.Counts{}, true}}, 200, "0 notification(s) sent", 0},
		{"one retrying", "", []step{{time.Second, storage.Counts{Targeted: 3, Sent: 2, Retrying: 1}, false}}, 202, "2 notification(s) sent", 5 * time.Second},
		{"in steps", "?wait=10", []step{
			{time.Second, storage.Counts{Targeted: 2, Sent: 1, Pending: 1}, false},
			{8 * time.Second, storage.Counts{Targeted: 2, Sent: 1, Gone: 1}, true},
		}, 200, "1 notification(s) sent", 9 * time.Second},
		{"too late", "?wait=2s", []step{{3 * time.Second, storage.Counts{Targeted: 1, Sent: 1}, true}}, 202, "0 notification(s) sent", 2 * time.Second},
		{"at most half a minute", "?wait=1h", nil, 202, "0 notification(s) sent", 30 * time.Second},
		{"not at all", "?wait=0", []step{{time.Second, storage.Counts{Targeted: 1, Sent: 1}, true}}, 202, "0 notification(s) sent", 0},
		{"not at all, in seconds", "?wait=0s", nil, 202, "0 notification(s) sent", 0},
		{"in milliseconds", "?wait=100ms", nil, 202, "0 notification(s) sent", 100 * time.Millisecond},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, nil, false)
			var steps sync.WaitGroup
			defer steps.Wait()
			steps.Go(func() {
				for _, s := range tt.steps {
					time.Sleep(s.after)
					synctest.Wait() // the handler has got as far as it can
					key := b.store.settle(s.counts, s.finished)
					b.watch.Notify([]storage.Progress{{NotificationKey: key}})
				}
			})
			start := time.Now()
			got := b.call("POST", "/api/notify"+tt.query, `{"title":"x"}`, asPublisher)
			took := time.Since(start)
			b.want(tt.name, got, tt.status, tt.text)
			if took != tt.took {
				t.Errorf("%s: answered after %v, want %v", tt.name, took, tt.took)
			}
			if len(b.watch.waiting) != 0 {
				t.Errorf("%s: still registered", tt.name)
			}
		})
	}
}

func TestScheduledDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil, false)
		start := time.Now()
		at := start.Add(time.Hour).Format(time.RFC3339)
		b.want("scheduled", b.call("POST", "/api/notify", `{"title":"x","scheduled_at":"`+at+`"}`, asPublisher), 202, "0 notification(s) sent")
		if time.Since(start) != 0 {
			t.Error("it waited")
		}
		n, _ := b.store.only()
		if n.State != storage.Scheduled {
			t.Errorf("state %s", n.State)
		}
		past := start.Add(-time.Hour).Format(time.RFC3339)
		b.want("in the past", b.call("POST", "/api/notify?wait=0", `{"title":"x","scheduled_at":"`+past+`"}`, asPublisher), 202, "")
		for _, n := range b.store.notifications {
			if !n.ScheduledAt.IsZero() && n.State != storage.Scheduled {
				t.Errorf("the past is not now: %+v", n)
			}
		}
	})
}

func TestAnswerAsJSON(t *testing.T) {
	b := newBench(t, nil, false).listen()
	c := storage.Counts{Targeted: 28, Sent: 2, Failed: 4, Gone: 5, Expired: 6, Canceled: 7, Retrying: 1, Pending: 3}
	b.watch = nil
	body := `{"title":"x"}`
	key := "Idempotency-Key: k"
	b.call("POST", "/api/notify?wait=0", body, asPublisher, key)
	b.store.settle(c, false)
	got := b.call("POST", "/api/notify?wait=1ms", body, asPublisher, key, asJSON)
	n, _ := b.store.only()
	want := `{"id":"` + n.ID.String() + `","message":"2 notification(s) sent","targeted":28,"sent":2,"retrying":1,"failed":4,"gone":5,"expired":6,"canceled":7,"pending":3,"warnings":[]}`
	b.want("as JSON", got, 202, want)
	if got.Header.Get("Content-Type") != "application/json" || !strings.Contains(strings.Join(got.Header.Values("Vary"), ","), "Accept") {
		t.Errorf("headers %v", got.Header)
	}
	for accept, isJSON := range map[string]bool{
		"*/*": false, "text/plain": false, "application/json;q=0": false, "application/*": false,
		"application/json, text/plain, */*": true, "text/html, Application/JSON;q=0.5": true,
	} {
		got := b.call("POST", "/api/notify?wait=0", body, asPublisher, "Accept: "+accept)
		if json.Valid([]byte(got.body)) != isJSON {
			t.Errorf("Accept %s: %s", accept, got.body)
		}
	}
}

// A publisher that goes away, and a server that stops, lose nothing.
func TestWaitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopping := make(chan struct{})
		b := newBench(t, func(o *Options) { o.Stopping = stopping }, false)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		r := httptest.NewRequestWithContext(ctx, "POST", "/api/notify", strings.NewReader(`{"title":"x"}`))
		r.Header.Set("Authorization", "Bearer publish")
		start := time.Now()
		b.handler.ServeHTTP(httptest.NewRecorder(), r)
		if _, ok := b.store.only(); !ok || time.Since(start) != time.Second {
			t.Errorf("accepted %v after %v", ok, time.Since(start))
		}
		time.AfterFunc(time.Second, func() { close(stopping) })
		start = time.Now()
		b.want("stopping", b.call("POST", "/api/notify", `{"title":"y"}`, asPublisher), 202, "0 notification(s) sent")
		if time.Since(start) != time.Second {
			t.Errorf("answered after %v", time.Since(start))
		}
	})
}

func TestWatch(t *testing.T) {
	var w Watch
	w.Notify([]storage.Progress{{NotificationKey: 1}}) // nobody waits
	one, release := w.Register(1)
	also, releaseAlso := w.Register(1)
	two, releaseTwo := w.Register(2)
	w.Notify([]storage.Progress{{NotificationKey: 1}, {NotificationKey: 1}, {NotificationKey: 3}})
	for _, ch := range []<-chan struct{}{one, also} {
		select {
		case <-ch:
		default:
			t.Error("not woken")
		}
	}
	select {
	case <-two:
		t.Error("woken by another notification")
	case <-one:
		t.Error("woken twice at once")
	default:
	}
	release()
	release()
	releaseAlso()
	releaseTwo()
	if len(w.waiting) != 0 {
		t.Errorf("left over: %v", w.waiting)
	}
}

func FuzzNotify(f *testing.F) {
	f.Add([]byte(`{"title":"x","actions":[{"action":"a","title":"b"}],"data":{"a":1},"target":{"users":["ana"]}}`))
	f.Add([]byte(`{"title":"x","ttl":1e3,"vibrate":[1],"topic":"a","scheduled_at":"2030-01-01T00:00:00Z","expires_at":"2031-01-01T00:00:00.5+01:00"}`))
	f.Add([]byte(`{"url":"http://[::1%25a]/","lang":"x","dir":"auto","data":null,"target":{"all":true}}`))
	f.Add([]byte("\xef\xbb\xbf{\"body\":\"\\ud800\"}"))
	f.Fuzz(func(t *testing.T, body []byte) {
		b := newBench(t, nil, true)
		w := httptest.NewRecorder()
		b.handler.ServeHTTP(w, httptest.NewRequest("POST", "/api/notify?wait=0", bytes.NewReader(body)))
		n, ok := b.store.only()
		switch w.Code {
		case 202:
			if !ok || n.TTL < 0 || n.TTL > maxTTL*time.Second || n.Urgency == "" || n.Title+n.Body+n.URL == "" ||
				n.Data != nil && (n.Data[0] != '{' || !json.Valid(n.Data)) || !n.ExpiresAt.IsZero() && !n.ExpiresAt.After(n.DueAt) {
				t.Errorf("%q was accepted as %+v", body, n)
			}
		case 400, 413:
			if ok || !json.Valid(w.Body.Bytes()) {
				t.Errorf("%q was answered with %s", body, w.Body)
			}
		default:
			t.Errorf("%q was answered with %d %s", body, w.Code, w.Body)
		}
	})
}
