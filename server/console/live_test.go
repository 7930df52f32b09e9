package console_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/coder/websocket"

	"recado/embed"
	"recado/server/console"
)

// liveLog plays the operator's side of a server: a session, statistics, and a
// live log whose events a test makes.
type liveLog struct {
	*httptest.Server
	mu        sync.Mutex
	signedOut bool
	silent    bool // sockets stay open, and nothing comes
	rate      int  // what the statistics say
	items     []map[string]any
	sockets   map[*websocket.Conn]bool
	asked     []string // since, of every socket
}

func newLiveLog(t *testing.T) *liveLog {
	t.Helper()
	l := &liveLog{sockets: map[*websocket.Conn]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/session", l.session)
	mux.HandleFunc("GET /v1/stats", l.stats)
	mux.HandleFunc("GET /v1/deliveries/live", l.live)
	nothing := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"items":[],"next":null}`) }
	mux.HandleFunc("GET /v1/pushnotification/categories", nothing)
	mux.HandleFunc("GET /v1/pushnotification/{id}/deliveries", nothing)
	l.Server = httptest.NewUnstartedServer(nil)
	baseURL := "http://" + l.Listener.Addr().String()
	pages, err := console.New(console.Options{FS: embed.Web(), InstanceName: "Oficina Aurora", BaseURL: baseURL, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle("/", pages)
	l.Config.Handler = console.SecurityHeaders(baseURL)(mux)
	l.Start()
	t.Cleanup(l.Close)
	t.Cleanup(l.cut)
	return l
}

func (l *liveLog) session(w http.ResponseWriter, _ *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.signedOut {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	fmt.Fprint(w, `{"scope":"admin","name":"first"}`)
}

func (l *liveLog) stats(w http.ResponseWriter, _ *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	none := `{"sent":0,"displayed":0}`
	fmt.Fprintf(w, `{"totals":{"hour":%s,"day":%s,"week":%s},"rate":{"sent":%d},"queue":{"depth":7,"oldest_due_at":null},
		"services":[],"refused_hosts":[],"alerts":[],"subscriptions":3,"database":{"bytes":1},"viewers":1,"version":"test"}`, none, none, none, l.rate)
}

func (l *liveLog) live(w http.ResponseWriter, r *http.Request) {
	socket, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	l.mu.Lock()
	since, replays := r.URL.Query()["since"]
	l.asked = append(l.asked, strings.Join(since, ""))
	l.write(socket, map[string]any{"type": "hello", "seq": len(l.items), "version": "test"})
	if replays {
		after, _ := strconv.Atoi(since[0])
		l.show(socket, l.items[after:])
	}
	l.sockets[socket] = true
	l.mu.Unlock()
	ctx := socket.CloseRead(context.WithoutCancel(r.Context()))
	<-ctx.Done()
	l.mu.Lock()
	delete(l.sockets, socket)
	l.mu.Unlock()
}

// show needs the lock.
func (l *liveLog) show(socket *websocket.Conn, items []map[string]any) {
	for some := range slices.Chunk(items, 500) {
		l.write(socket, map[string]any{"type": "deliveries", "items": some})
	}
}

// write needs the lock.
func (l *liveLog) write(socket *websocket.Conn, frame map[string]any) {
	if l.silent {
		return
	}
	content, _ := json.Marshal(frame)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = socket.Write(ctx, websocket.MessageText, content)
}

// happen makes events, of devices that are called by their seq.
func (l *liveLog) happen(count int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	from := len(l.items)
	for range count {
		seq := len(l.items) + 1
		l.items = append(l.items, map[string]any{
			"event": "sent", "at": time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), "seq": seq, "title": "Door left open",
			"notification_id": "0192c5a0-0000-7000-8000-000000000001", "subscription_id": fmt.Sprintf("5b0f7f0e-4f3c-4a63-9a57-%012d", seq),
			"label": fmt.Sprint("Device ", seq), "service": "fcm.googleapis.com", "status": "sent", "attempts": 1, "code": 201, "error": "",
			"retry_at": nil, "sent_at": time.Now().UTC(), "displayed_at": nil, "clicked_at": nil, "closed_at": nil, "latency_ms": 71,
		})
	}
	for socket := range l.sockets {
		l.show(socket, l.items[from:])
	}
}

// cut breaks every connection without a word.
func (l *liveLog) cut() {
	l.mu.Lock()
	sockets := l.sockets
	l.sockets = map[*websocket.Conn]bool{}
	l.mu.Unlock()
	for socket := range sockets {
		socket.CloseNow()
	}
}

func (l *liveLog) set(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
}

func (l *liveLog) since() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.asked)
}

const (
	pill    = `document.querySelector(".pill")?.textContent`
	devices = `[...document.querySelectorAll(".log-body .dev")].map((e) => e.textContent.replace("Device ", "")).join(" ")`
	rows    = `document.querySelector(".log")?.getAttribute("aria-rowcount")`
)

func (tb *tab) shows(expression, want string) {
	tb.t.Helper()
	tb.until(expression + " === " + quote(want))
}

func (tb *tab) key(key string) {
	tb.t.Helper()
	tb.js(`document.dispatchEvent(new KeyboardEvent("keydown", {key: ` + quote(key) + `, bubbles: true, cancelable: true}))`)
}

func TestLiveLog(t *testing.T) {
	browser := startBrowser(t)
	for name, check := range map[string]func(*testing.T, *liveLog, *tab){
		"shows what was before and goes on":     liveGoesOn,
		"resumes without gap or repeat":         liveResumes,
		"asks for the latest after a long time": liveLeavesGap,
		"holds the view for who reads":          liveHolds,
		"opens a story by its address":          liveOpensStory,
		"replaces a socket that looks dead":     liveSuspects,
		"ends with the session":                 liveEnds,
	} {
		t.Run(name, func(t *testing.T) {
			l := newLiveLog(t)
			l.happen(3)
			tb := open(t, browser, view{name: name, width: 1280, height: 900})
			tb.do(chromedp.Navigate(l.URL + "/admin"))
			tb.shows(pill, "Live")
			tb.shows(devices, "3 2 1")
			check(t, l, tb)
			if got := tb.js(`problems.join("; ")`); got != "" {
				t.Error("scripts failed:", got)
			}
		})
	}
}

func liveGoesOn(t *testing.T, l *liveLog, tb *tab) {
	l.happen(2)
	tb.shows(devices, "5 4 3 2 1")
	if got := l.since(); !slices.Equal(got, []string{"", "0"}) {
		t.Errorf("asked since %q, want the present and then what was before", got)
	}
	tb.until(`document.querySelector(".rate").innerText.includes("71` + "\u00a0" + `ms")`)
}

func liveResumes(t *testing.T, l *liveLog, tb *tab) {
	l.cut()
	l.happen(2)
	tb.shows(devices, "5 4 3 2 1")
	l.happen(1)
	tb.shows(devices, "6 5 4 3 2 1")
	if got := l.since(); got[len(got)-1] != "3" {
		t.Errorf("asked since %q, want to go on after 3", got)
	}
}

func liveLeavesGap(t *testing.T, l *liveLog, tb *tab) {
	l.cut()
	l.happen(6000)
	tb.until(devices + `.startsWith("6003 6002")`)
	tb.shows(rows, "505") // 500, the gap, 3, the head
	tb.js(`scrollTo(0, 1e6)`)
	tb.until(`document.querySelector(".log-gap")?.textContent.includes("5,500")`)
	tb.press("load them")
	tb.shows(rows, "5505") // of a large gap the latest 5,000 come first
	tb.until(`document.querySelector(".log-gap") === null`)
	tb.js(`scrollTo(0, 1e6)`)
	tb.press("load them")
	tb.shows(rows, "6004")
}

func liveHolds(t *testing.T, l *liveLog, tb *tab) {
	tb.key(" ")
	tb.shows(pill, "Paused")
	l.happen(2)
	tb.shows(pill, "Paused, 2 new")
	tb.shows(devices, "3 2 1")
	tb.js(`document.querySelector(".pill").click()`)
	tb.shows(devices, "5 4 3 2 1")
	l.happen(40)
	tb.until(devices + `.startsWith("45 ")`)
	tb.js(`scrollTo(0, 300)`)
	l.happen(1)
	tb.shows(pill, "Paused, 1 new")
	tb.js(`scrollTo(0, 0)`)
	tb.shows(pill, "Live")
	tb.until(devices + `.startsWith("46 ")`)
	tb.key("j")
	tb.key("j")
	tb.shows(`document.activeElement.textContent`, "Device 45")
	tb.js(`document.activeElement.click()`)
	tb.shows(`document.querySelector(".drawer h2").textContent`, "Device 45")
	l.happen(1)
	tb.shows(pill, "Paused, 1 new")
	tb.key("Escape")
	tb.until(`document.querySelector(".drawer") === null`)
	tb.key("Escape") // the keyboard still stood on the row
	tb.shows(pill, "Live")
}

func liveOpensStory(t *testing.T, l *liveLog, tb *tab) {
	tb.do(chromedp.Navigate("about:blank"))
	tb.do(chromedp.Navigate(l.URL + "/admin#/live/story/0192c5a0-0000-7000-8000-000000000001/5b0f7f0e-4f3c-4a63-9a57-000000000002"))
	tb.shows(pill, "Paused")
	tb.shows(devices, "3 2 1") // what was before is there, though the view stands still from the beginning
	tb.shows(`document.querySelector(".log-row.on .dev").textContent`, "Device 2")
	l.happen(1)
	tb.shows(pill, "Paused, 1 new")
	tb.press("Close")
	tb.shows(devices, "4 3 2 1")
	tb.shows(`location.hash`, "#/live")
}

func liveSuspects(t *testing.T, l *liveLog, tb *tab) {
	l.set(func() { l.silent = true })
	l.happen(1)
	// Eleven seconds later the statistics tell that something does happen.
	tb.js(`(() => { const now = Date.now; Date.now = () => now() + 11000; })()`)
	l.set(func() { l.rate, l.silent = 5, false })
	tb.js(`document.dispatchEvent(new Event("visibilitychange", {bubbles: true}))`)
	tb.shows(devices, "4 3 2 1")
	tb.shows(pill, "Live")
}

func liveEnds(t *testing.T, l *liveLog, tb *tab) {
	l.set(func() { l.signedOut = true })
	l.cut()
	tb.until(`document.querySelector("input[name=token]") !== null`)
	tb.shows(`String(document.querySelector(".log"))`, "null")
}
