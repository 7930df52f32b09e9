package browsertest

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestChromiumPush walks through a subscriber's life in Chromium: the browser's
// own subscription, decryption, service worker and notifications.
func TestChromiumPush(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser is no short test")
	}
	gcm := StartGCM(t)
	c := StartChromium(t, WithGCM(gcm))
	r := startRecadoReaching(t, gcm, map[string]string{"instance_name": "Oficina Aurora"})
	article := serveArticle(t)
	c.Permit(r.URL, "notifications", "granted")
	page := c.Open(t, 390, 844, false)

	page.Navigate(r.URL + "/")
	page.Press(turnOn)
	page.WaitText(isOn)
	endpoint := oneEndpoint(t, gcm)
	if all := subscriptions(t, r); len(all) != 1 || all[0].Endpoint != endpoint || all[0].Label == "" {
		t.Fatalf("the server has %+v, want %s", all, endpoint)
	}

	wantNotify(t, r, `{"title": "Workshop opens", "body": "Carla has the keys.", "url": "`+article+`",
		"actions": [{"action": "map", "title": "Show the way", "url": "`+article+`&map"}]}`, "1 notification(s) sent")
	n := c.Desktop.WaitTitled(t, "Workshop opens", 1)
	if n.Title != "Workshop opens" || n.Body != "Carla has the keys." || "http://"+n.Site != r.URL || n.Silent ||
		len(n.Actions) != 1 || n.Actions[0].Title != "Show the way" {
		t.Errorf("notification is %+v", n)
	}
	r.waitCount("displayed", 1)

	if !gcm.Resend(endpoint) {
		t.Fatal("nothing to send again")
	}
	if again := c.Desktop.WaitTitled(t, "Workshop opens", 2); again.ID != n.ID || !again.Silent {
		t.Errorf("a repeated message is %+v, want it silent in the place of %+v", again, n)
	}

	c.Desktop.Click(n, "")
	c.WaitPage(article)
	r.waitCount("clicked", 1)

	wantNotify(t, r, `{"title": "With a button", "actions": [{"action": "map", "title": "Show the way", "url": "`+article+`&map"}]}`, "1 notification(s) sent")
	c.Desktop.Click(c.Desktop.WaitTitled(t, "With a button", 1), "Show the way")
	c.WaitPage(article + "&map")
	r.waitCount("clicked", 1)

	wantNotify(t, r, `{"title": "Not now"}`, "1 notification(s) sent")
	c.Desktop.Close(c.Desktop.WaitTitled(t, "Not now", 1))
	r.waitCount("closed", 1)

	r.Run("keys", "import", writeKey(t))
	page.Navigate(r.URL + "/")
	page.WaitText(isOn)
	gcm.Wait(t, "the page has resubscribed", func() bool {
		all := gcm.Endpoints()
		return len(all) == 1 && all[0] != endpoint
	})
	waitUntil(t, "the server knows it", func() bool {
		all := subscriptions(t, r)
		return len(all) == 1 && all[0].Endpoint == gcm.Endpoints()[0]
	})
	wantNotify(t, r, `{"title": "Under a new key"}`, "1 notification(s) sent")
	c.Desktop.WaitTitled(t, "Under a new key", 1)
	r.waitCount("displayed", 1)

	page.Press(turnOff)
	page.WaitText(turnOn)
	gcm.Wait(t, "the browser has unsubscribed", func() bool { return len(gcm.Endpoints()) == 0 })
	if left := subscriptions(t, r); len(left) != 0 {
		t.Errorf("the server still has %+v", left)
	}
	for _, problem := range page.Problems() {
		t.Errorf("in the console: %s", problem)
	}
}

// oneEndpoint is the one subscription that the browser has.
func oneEndpoint(t *testing.T, g *GCM) string {
	t.Helper()
	all := g.Endpoints()
	if len(all) != 1 {
		t.Fatalf("the browser has the subscriptions %q, want one", all)
	}
	return all[0]
}

// waitCount waits until the newest notification's count of this name is n.
func (r *Recado) waitCount(name string, n int) {
	r.t.Helper()
	var body string
	waitUntil(r.t, "the count of "+name+" is right", func() bool {
		var status int
		if status, body = r.Get("/v1/pushnotification?limit=1"); status != http.StatusOK {
			r.t.Fatalf("the list of notifications answers %d %s", status, body)
		}
		var list struct {
			Items []struct{ Counts map[string]int }
		}
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			r.t.Fatal(err)
		}
		return len(list.Items) == 1 && list.Items[0].Counts[name] == n
	})
	if strings.Contains(body, `"failed":1`) {
		r.t.Errorf("something failed: %s", body)
	}
}
