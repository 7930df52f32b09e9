package browsertest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// serveArticle serves a page that a notification can open and returns its URL.
func serveArticle(t *testing.T) string {
	t.Helper()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!doctype html><title>Article</title><h1>Article</h1>")
	}))
	t.Cleanup(site.Close)
	return site.URL + "/article?id=7"
}

// wantNotify publishes message and compares the answer's text.
func wantNotify(t *testing.T, r *Recado, message, want string) {
	t.Helper()
	if status, body := r.Notify(message); status != http.StatusOK || body != want {
		t.Errorf("notify answers %d %q, want 200 %q", status, body, want)
	}
}

// stored is one subscription as the export command writes it.
type stored struct {
	ID       string `json:"id"`
	Endpoint string `json:"endpoint"`
	Label    string `json:"label"`
}

// subscriptions is what the server has, read through its own command line.
func subscriptions(t *testing.T, r *Recado) []stored {
	t.Helper()
	file := filepath.Join(t.TempDir(), "subscriptions.jsonl")
	r.Run("subscription", "export", file)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []stored
	for line := range strings.Lines(string(data)) {
		var s stored
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatalf("export line %q: %v", line, err)
		}
		all = append(all, s)
	}
	return all
}

// writeKey writes a new P-256 key as PEM.
func writeKey(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "vapid.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// The words of the subscriber's page that tests go by.
const (
	turnOn     = "Turn on notifications"
	turnOff    = "Turn off on this device"
	isOn       = "Notifications are on"
	isBlocked  = "Your browser blocks notifications from this page"
	checkAgain = "Check again"
	showTest   = "Show me a test"
	labelField = "This device is called"
)

// testSubscriber walks through all that a subscriber can meet, on the page of
// the real binary.
func testSubscriber(t *testing.T, f *Firefox, binary string) {
	r := StartRecado(t, binary, ForAutopush())
	article := serveArticle(t)
	before := f.Push.Endpoints()
	f.ConsoleErrors("")
	// endpoint is the one subscription of this page, empty when there is none.
	endpoint := func() string {
		for _, e := range f.Push.Endpoints() {
			if !slices.Contains(before, e) {
				return e
			}
		}
		return ""
	}
	// synced waits until the server has the browser's subscription and no other.
	synced := func(t *testing.T) stored {
		var all []stored
		waitUntil(t, "the server has this page's subscription alone", func() bool {
			all = subscriptions(t, r)
			return len(all) == 1 && all[0].Endpoint == endpoint()
		})
		return all[0]
	}
	// step is one thing after another: a step that could not be finished ends the walk.
	step := func(name string, test func(t *testing.T, f *Firefox)) {
		finished := false
		t.Run(name, func(t *testing.T) {
			f := f.For(t)
			f.ClearNotifications()
			test(t, f)
			for _, e := range f.ConsoleErrors(r.URL) {
				t.Errorf("in the browser's console: %s", e)
			}
			finished = true
		})
		if !finished {
			t.FailNow()
		}
	}

	step("a blocked permission is explained", func(t *testing.T, f *Firefox) {
		f.Navigate(r.URL + "/")
		f.SetPermission("notifications", "denied")
		f.Refresh()
		f.WaitText(isBlocked)
		Look(f, "blocked")
		f.SetPermission("notifications", "prompt")
		f.Refresh()
		f.WaitText(turnOn)
		Look(f, "new")
	})

	step("blocking the prompt is explained", func(t *testing.T, f *Firefox) {
		f.Press(turnOn)
		f.AnswerPrompt(false)
		f.WaitText(isBlocked)
		f.Press(checkAgain)
		f.WaitText(isBlocked)
		f.SetPermission("notifications", "prompt") // the page notices by itself
		f.WaitText(turnOn)
		if endpoint() != "" {
			t.Error("a blocked page is subscribed")
		}
	})

	step("subscribe by a click", func(t *testing.T, f *Firefox) {
		f.Press(turnOn)
		f.AnswerPrompt(true)
		f.WaitText(isOn)
		if s := synced(t); s.Label == "" {
			t.Error("the device has no label")
		}
	})

	step("notify", func(t *testing.T, f *Firefox) {
		wantNotify(t, r, `{"title": "Workshop opens", "body": "Carla has the keys.", "url": "`+article+`"}`, "1 notification(s) sent")
		n := f.WaitNotification(1)
		if n.Title != "Workshop opens" || n.Body != "Carla has the keys." || n.Icon != r.URL+"/icon-192.png" || n.Origin != r.URL || n.Silent {
			t.Errorf("notification is %+v", n)
		}
		if status, icon := r.Get("/icon-192.png"); status != http.StatusOK || !strings.HasPrefix(icon, "\x89PNG") {
			t.Errorf("the icon answers %d with %d bytes", status, len(icon))
		}
		tabs := f.Tabs()
		f.ClickNotification(n, "")
		if got := f.SwitchToNew(tabs...); got != article {
			t.Errorf("the click opened %s, want %s", got, article)
		}
		f.CloseTab()
		f.SwitchTo(tabs[0])
	})

	step("icon and actions of the message's own", func(t *testing.T, f *Firefox) {
		wantNotify(t, r, `{"title": "With everything", "icon": "`+r.URL+`/icon-512.png", "require_interaction": true, "lang": "pt-BR",
			"actions": [{"action": "open", "title": "Open it", "url": "`+article+`"}]}`, "1 notification(s) sent")
		n := f.WaitNotification(1)
		if n.Icon != r.URL+"/icon-512.png" || !n.RequireInteraction || n.Lang != "pt-BR" ||
			!slices.Equal(n.Actions, []NotificationAction{{"open", "Open it"}}) {
			t.Errorf("notification is %+v", n)
		}
		tabs := f.Tabs()
		f.ClickNotification(n, "open")
		if got := f.SwitchToNew(tabs...); got != article {
			t.Errorf("the action opened %s, want %s", got, article)
		}
		f.CloseTab()
		f.SwitchTo(tabs[0])
	})

	step("with no tab open", func(t *testing.T, f *Firefox) {
		f.CloseAll()
		wantNotify(t, r, `{"title": "Nobody looks", "body": "at the page"}`, "1 notification(s) sent")
		if n := f.WaitNotification(1); n.Title != "Nobody looks" {
			t.Errorf("notification is %+v", n)
		}
	})

	step("while the browser is closed", func(t *testing.T, f *Firefox) {
		f.Quit()
		f.Push.Wait(t, "the browser is gone", func() bool { return !f.Push.Connected() })
		wantNotify(t, r, `{"title": "Nobody is there"}`, "1 notification(s) sent")
		f.Restart()
		if n := f.WaitNotification(1); n.Title != "Nobody is there" {
			t.Errorf("notification is %+v", n)
		}
	})

	step("the same message twice is shown once", func(t *testing.T, f *Firefox) {
		wantNotify(t, r, `{"title": "Only once"}`, "1 notification(s) sent")
		f.WaitNotification(1)
		if !f.Push.Resend(endpoint()) {
			t.Fatal("nothing to send again")
		}
		both := f.WaitNotifications(2)
		if both[0].Silent || !both[1].Silent || both[0].Name != both[1].Name || both[0].Open || !both[1].Open {
			t.Errorf("notifications are %+v, want the second silent in the first one's place", both)
		}
	})

	step("missed messages are in Recent messages", func(t *testing.T, f *Firefox) {
		f.Navigate(r.URL + "/")
		f.WaitText(isOn)
		f.WaitText("Only once")
		text := f.Text()
		for _, title := range []string{"Recent messages", "Workshop opens", "Nobody looks", "Nobody is there", "Only once"} {
			if strings.Count(text, title) != 1 {
				t.Errorf("the page shows %q %d times, want once:\n%s", title, strings.Count(text, title), text)
			}
		}
		Look(f, "on")
	})

	step("a message arrives in the open page", func(t *testing.T, f *Firefox) {
		wantNotify(t, r, `{"title": "While you look"}`, "1 notification(s) sent")
		f.WaitText("While you look")
	})

	step("a test from the page", func(t *testing.T, f *Firefox) {
		f.Press(showTest)
		if n := f.WaitNotification(1); n.Title == "" || n.Icon != r.URL+"/icon-192.png" {
			t.Errorf("notification is %+v", n)
		}
	})

	step("the device's label", func(t *testing.T, f *Firefox) {
		f.Type(f.Field(labelField), "Ana · Pixel 8\ue007") // Enter
		waitUntil(t, "the server has the new label", func() bool {
			all := subscriptions(t, r)
			return len(all) == 1 && all[0].Label == "Ana · Pixel 8"
		})
	})

	step("another VAPID key", func(t *testing.T, f *Firefox) {
		id, old := synced(t).ID, endpoint()
		r.Run("keys", "import", writeKey(t))
		f.Refresh()
		f.Push.Wait(t, "the page has resubscribed", func() bool { e := endpoint(); return e != "" && e != old })
		f.WaitText(isOn)
		if s := synced(t); s.Label != "Ana · Pixel 8" {
			t.Errorf("subscription %s became %+v", id, s)
		}
		wantNotify(t, r, `{"title": "Under a new key"}`, "1 notification(s) sent")
		f.WaitText("Under a new key")
		if shown := f.WaitNotifications(1); len(shown) != 1 {
			t.Errorf("shown: %+v", shown)
		}
	})

	step("forgotten by the push service, with no tab open", func(t *testing.T, f *Firefox) {
		f.CloseAll()
		old := endpoint()
		f.Push.Forget()
		f.Push.Wait(t, "the worker has resubscribed", func() bool { e := endpoint(); return e != "" && e != old })
		if s := synced(t); s.Label != "Ana · Pixel 8" {
			t.Errorf("subscription became %+v", s)
		}
		wantNotify(t, r, `{"title": "Found again"}`, "1 notification(s) sent")
		f.WaitNotification(1)
	})

	step("in Portuguese", func(t *testing.T, f *Firefox) {
		f.Navigate(r.URL + "/")
		f.Press("Português")
		f.WaitFor("the page is in Portuguese", `return document.documentElement.lang.startsWith("pt")`, nil)
		Look(f, "on-pt")
		f.Press("English")
		f.WaitText(isOn)
	})

	step("unsubscribe", func(t *testing.T, f *Firefox) {
		f.Press(turnOff)
		f.WaitText(turnOn)
		f.Push.Wait(t, "the browser has unsubscribed", func() bool { return endpoint() == "" })
		if left := subscriptions(t, r); len(left) != 0 { // the push service would say "gone" in any case
			t.Errorf("the server still has %+v", left)
		}
		wantNotify(t, r, `{"title": "To nobody"}`, "0 notification(s) sent")
		f.Refresh()
		f.WaitText(turnOn)
	})

	if code := r.Stop(); code != 0 {
		t.Errorf("recado ended with code %d after SIGTERM", code)
	}
}
