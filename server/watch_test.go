package server

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"recado/storage"
)

// show runs the hub until the test ends, or the function is called.
func (d *desk) show() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); d.server.hub.Run(ctx) }()
	stop = func() { cancel(); <-ended }
	d.Cleanup(stop)
	return stop
}

// watcher is a viewer of the live log.
type watcher struct {
	*desk
	*websocket.Conn
}

// dial asks for the live log; header is as in ask.
func (d *desk) dial(who, query string, headers ...string) (*watcher, *http.Response, error) {
	d.Helper()
	header := http.Header{}
	if who != "" {
		header.Set("Authorization", "Bearer "+d.tokens[who])
	}
	for _, h := range headers {
		if name, value, ok := strings.Cut(h, ": "); ok {
			header.Set(name, value)
		}
	}
	c, res, err := websocket.Dial(d.Context(), d.url+"/v1/deliveries/live"+query, &websocket.DialOptions{HTTPHeader: header})
	if err != nil {
		return nil, res, err
	}
	c.SetReadLimit(-1)
	d.Cleanup(func() { _ = c.CloseNow() })
	return &watcher{d, c}, res, nil
}

func (d *desk) watch(who, query string, headers ...string) *watcher {
	d.Helper()
	w, _, err := d.dial(who, query, headers...)
	d.no(err)
	return w
}

type liveFrame struct {
	Type   string
	Seq    int64
	Items  []map[string]any
	State  string
	Counts map[string]int
}

func (w *watcher) next() liveFrame {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), 30*time.Second)
	defer cancel()
	_, text, err := w.Read(ctx)
	w.no(err)
	w.secrets.Text("the live log", string(text))
	var f liveFrame
	w.no(json.Unmarshal(text, &f))
	return f
}

// items reads until n have come.
func (w *watcher) items(n int) []map[string]any {
	w.Helper()
	var all []map[string]any
	for len(all) < n {
		all = append(all, w.next().Items...)
	}
	return all
}

// TestWatch follows a notification from the publisher's request to the browser's
// receipt.
func TestWatch(t *testing.T) {
	d := newDesk(t, nil)
	d.show()
	d.deliver()
	d.made(d.ask("", "POST", "/api/subscribe", d.subscription(`"label":"Phone"`)))
	w := d.watch("read", "")
	if f := w.next(); f.Type != "hello" || f.Seq != 0 {
		t.Fatalf("first comes %+v", f)
	}
	d.want("stats", d.ask("read", "GET", "/v1/stats", ""), 200, `"viewers":1`)
	id := d.made(d.ask("publish", "POST", "/v1/pushnotification", `{"title":"Disk <full>"}`))
	sent := w.items(1)[0]
	receipt := d.push.Received()[0].Plaintext
	var message struct{ Receipt string }
	d.no(json.Unmarshal(receipt, &message))
	for _, event := range []string{"displayed", "displayed", "clicked"} {
		d.want(event, d.ask("", "POST", "/api/receipt", `{"receipt":"`+message.Receipt+`","event":"`+event+`"}`), 204, "")
	}
	reactions := w.items(2)
	var list struct{ Items []map[string]any }
	d.no(json.Unmarshal([]byte(d.ask("read", "GET", "/v1/pushnotification/"+id+"/deliveries", "").body), &list))
	var events []any
	for _, item := range append([]map[string]any{sent}, reactions...) {
		events = append(events, item["event"])
		if item["title"] != "Disk <full>" || item["label"] != "Phone" || item["notification_id"] != id || item["at"] == nil {
			t.Errorf("item: %v", item)
		}
	}
	if !slices.Equal(events, []any{"sent", "displayed", "clicked"}) {
		t.Errorf("events %v", events)
	}
	// It is the delivery, word for word.
	last := reactions[1]
	for _, name := range []string{"event", "at", "title"} {
		delete(last, name)
	}
	if !reflect.DeepEqual(last, list.Items[0]) {
		t.Errorf("the item: %v\nthe delivery: %v", last, list.Items[0])
	}
	// Who comes later, and by a session, begins with how it stands.
	late := d.watch("", "?since=0&event=clicked", d.signIn("read"), "Origin: https://recado.example")
	if f := late.next(); f.Type != "hello" || f.Seq != 3 {
		t.Errorf("first comes %+v", f)
	}
	if item := late.items(1)[0]; item["event"] != "clicked" || item["seq"] != 3.0 {
		t.Errorf("item: %v", item)
	}
}

func TestWatchRefusals(t *testing.T) {
	d := newDesk(t, nil)
	d.show()
	for _, c := range []struct {
		who, query, header string
		status             int
		detail             string
	}{
		{"", "", "", 401, "a token is needed"},
		{"publish", "", "", 403, "this needs read"},
		{"read", "", "Origin: https://evil.example", 403, "only pages of https://recado.example (base_url) may watch"},
		{"read", "", "Origin: null", 403, "base_url"},
		{"read", "", "Origin: http://recado.example", 403, "base_url"},
		{"read", "", "Origin: " + d.url, 403, "base_url"}, // as the client calls this host
		{"read", "?since=-1&event=sent,exploded&notification=x", "", 422, "since must be"},
		{"read", "?since=99999999999999999999", "", 422, "since must be"},
		{"read", "?event=sent,", "", 422, "event must be some of retrying, sent"},
	} {
		_, res, err := d.dial(c.who, c.query, c.header)
		if err == nil {
			t.Errorf("%+v may watch", c)
			continue
		}
		body := make([]byte, 1024)
		n, _ := res.Body.Read(body)
		d.want(c.query+c.header, reply{res, string(body[:n])}, c.status, c.detail)
	}
	d.want("no WebSocket", d.ask("read", "GET", "/v1/deliveries/live", ""), 426, "WebSocket")
	for _, good := range [][]string{{"admin", "Origin: https://recado.example"}, {"read", ""}} {
		d.watch(good[0], "", good[1]).next()
	}
}

func TestTooManyWatch(t *testing.T) {
	d := newDesk(t, nil)
	d.show()
	for range 1000 {
		v, err := d.server.hub.Join(storage.ChangeFilter{}, 0)
		d.no(err)
		defer v.Leave()
	}
	_, res, err := d.dial("read", "")
	if err == nil || res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") != "10" ||
		res.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("one too many: %v, %v", res, err)
	}
}

func TestWatchersAreToldOfTheEnd(t *testing.T) {
	d := newDesk(t, nil)
	stop := d.show()
	w := d.watch("read", "")
	w.next()
	go stop() // waits for the viewer to have left
	_, _, err := w.Read(t.Context())
	if websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("the connection ended with %v", err)
	}
	if _, res, err := d.dial("read", ""); err == nil || res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("after the end: %v, %v", res, err)
	}
}
