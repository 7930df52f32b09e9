package browsertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	webpush "github.com/SherClockHolmes/webpush-go"
)

// selfPage is a page with a service worker that needs no recado, and the key
// pair that pushes to it.
type selfPage struct {
	url, private, public string
	closed, changed      chan struct{}
}

func serveSelf(t *testing.T) *selfPage {
	t.Helper()
	private, public, err := webpush.GenerateVAPIDKeys()
	if err != nil {
		t.Fatal(err)
	}
	s := &selfPage{private: private, public: public,
		closed: make(chan struct{}, 16), changed: make(chan struct{}, 16)}
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir("testdata/self")))
	mux.HandleFunc("/opened", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!doctype html><title>Opened</title>opened")
	})
	mux.HandleFunc("/closed", func(http.ResponseWriter, *http.Request) { s.closed <- struct{}{} })
	mux.HandleFunc("/changed", func(http.ResponseWriter, *http.Request) { s.changed <- struct{}{} })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// send pushes one message and returns the push service's status.
func (s *selfPage) send(t *testing.T, sub *webpush.Subscription, message map[string]any) int {
	t.Helper()
	payload, err := json.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := webpush.SendNotificationWithContext(t.Context(), payload, sub, &webpush.Options{
		Subscriber: "test@example.com", VAPIDPublicKey: s.public, VAPIDPrivateKey: s.private, TTL: 60})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// subscribe presses the page's button and reads the subscription it prints.
func (s *selfPage) subscribe(t *testing.T, f *Firefox) *webpush.Subscription {
	t.Helper()
	f.Click("#subscribe")
	var printed string
	f.WaitFor("the page prints its subscription", `return document.getElementById("out").textContent`, &printed)
	sub := new(webpush.Subscription)
	if err := json.Unmarshal([]byte(printed), sub); err != nil {
		t.Fatalf("the page says %q", printed)
	}
	return sub
}

func await(t *testing.T, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(stepTimeout):
		t.Fatalf("waited in vain for %s", what)
	}
}

// testItself proves the tools of this package, without recado.
func testItself(t *testing.T, f *Firefox) {
	s := serveSelf(t)
	f.Navigate(s.url + "/?key=" + s.public)

	f.Click("#subscribe")
	f.AnswerPrompt(true)
	sub := s.subscribe(t, f)
	if !strings.HasPrefix(sub.Endpoint, f.Push.URL+"/wpush/v2/") {
		t.Fatalf("endpoint is %q", sub.Endpoint)
	}

	message := map[string]any{"title": "Olá", "body": "the body", "url": s.url + "/opened", "tag": "a"}
	if status := s.send(t, sub, message); status != http.StatusCreated {
		t.Fatalf("push service answers %d", status)
	}
	n := f.WaitNotification(1)
	if n.Title != "Olá" || n.Body != "the body" || n.Icon != s.url+"/icon.svg" ||
		n.Origin != s.url || n.Silent || !n.Open || len(n.Actions) != 1 {
		t.Errorf("notification is %+v", n)
	}

	t.Run("duplicate under one tag", func(t *testing.T) {
		f := f.For(t)
		if !f.Push.Resend(sub.Endpoint) {
			t.Fatal("nothing to send again")
		}
		both := f.WaitNotifications(2)
		if both[0].Open || !both[1].Open || both[0].Name != both[1].Name {
			t.Errorf("notifications are %+v", both)
		}
		f.Push.Wait(t, "both are acknowledged", func() bool { return len(f.Push.Acks()) == 2 })
		for _, ack := range f.Push.Acks() {
			if ack.Code != 100 {
				t.Errorf("ack is %+v", ack)
			}
		}
	})

	t.Run("click", func(t *testing.T) {
		f := f.For(t)
		page := f.Tabs()[0]
		f.ClickNotification(f.WaitNotification(2), "")
		if got := f.SwitchToNew(page); got != s.url+"/opened" {
			t.Errorf("click opened %s", got)
		}
		f.CloseTab()
		f.SwitchTo(page)

		message["tag"] = "b"
		s.send(t, sub, message)
		f.ClickNotification(f.WaitNotification(3), "more")
		if got := f.SwitchToNew(page); got != s.url+"/opened?more" {
			t.Errorf("the action opened %s", got)
		}
		f.CloseTab()
		f.SwitchTo(page)
	})

	t.Run("close", func(t *testing.T) {
		f := f.For(t)
		message["tag"] = "c"
		s.send(t, sub, message)
		f.CloseNotification(f.WaitNotification(4))
		await(t, "notificationclose", s.closed)
	})

	t.Run("queued while away", func(t *testing.T) {
		f := f.For(t)
		f.Quit()
		f.Push.Wait(t, "the browser is gone", func() bool { return !f.Push.Connected() })
		s.send(t, sub, message)
		f.Restart()
		if n := f.WaitNotification(1); n.Title != "Olá" {
			t.Errorf("notification is %+v", n)
		}
	})

	t.Run("forgotten by the push service", func(t *testing.T) {
		f := f.For(t)
		f.Push.Forget()
		await(t, "pushsubscriptionchange", s.changed)
		if status := s.send(t, sub, message); status != http.StatusGone {
			t.Errorf("the old endpoint answers %d, want 410", status)
		}
	})

	t.Run("permission denied", func(t *testing.T) {
		f := f.For(t)
		f.Navigate(serveSelf(t).url + "/?key=" + s.public)
		f.SetPermission("notifications", "denied")
		f.Click("#subscribe")
		f.WaitFor("the page sees the refusal", `return document.getElementById("out").textContent === "denied"`, nil)
	})

	t.Run("prompt blocked", func(t *testing.T) {
		f := f.For(t)
		f.Navigate(serveSelf(t).url + "/?key=" + s.public)
		f.Click("#subscribe")
		f.AnswerPrompt(false)
		f.WaitFor("the page sees the refusal", `return document.getElementById("out").textContent === "denied"`, nil)
	})
}
