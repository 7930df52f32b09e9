package browsertest

import (
	"encoding/json"
	"net/http"
	"testing"
)

// bound is one subscription and the key it is bound to, as /v1 tells it.
type bound struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	KeyID string `json:"key_id"`
}

// testRotation changes the server's VAPID key under a page that is subscribed, and
// under one that is in the middle of subscribing: nobody is lost and nobody is there
// twice. Autopush refuses what is signed with another key than was subscribed with.
func testRotation(t *testing.T, f *Firefox, binary string) {
	r := StartRecado(t, binary, ForAutopush())
	rotate := func() (id string) {
		t.Helper()
		status, body := r.Do(http.MethodPost, "/v1/keys/rotate", "")
		var key struct{ ID string }
		if err := json.Unmarshal([]byte(body), &key); err != nil || status != http.StatusCreated {
			t.Fatalf("rotate answers %d %s", status, body)
		}
		return key.ID
	}
	retire := func(id string, want int) {
		t.Helper()
		if status, body := r.Do(http.MethodDelete, "/v1/keys/"+id, ""); status != want {
			t.Errorf("retiring a key answers %d %s, want %d", status, body, want)
		}
	}
	wantOnly := func(key string) (only bound) {
		t.Helper()
		waitUntil(t, "the server has this page alone, bound to "+key, func() bool {
			var all struct{ Items []bound }
			_, body := r.Get("/v1/subscriptions")
			if err := json.Unmarshal([]byte(body), &all); err != nil {
				t.Fatalf("subscriptions are %s: %v", body, err)
			}
			if len(all.Items) == 1 {
				only = all.Items[0]
			}
			return len(all.Items) == 1 && only.KeyID == key
		})
		return only
	}
	arrives := func(title string) {
		t.Helper()
		f.ClearNotifications()
		wantNotify(t, r, `{"title": "`+title+`"}`, "1 notification(s) sent")
		if n := f.WaitNotification(1); n.Title != title {
			t.Errorf("notification is %+v", n)
		}
	}
	asks := func() {
		f.Push.Wait(t, "the browser asks for a subscription", func() bool { return f.Push.Held() == 1 })
	}

	f.Navigate(r.URL + "/")
	f.SetPermission("notifications", "granted")
	f.WaitText(turnOn)
	var keys struct{ Items []struct{ ID string } }
	if _, body := r.Get("/v1/keys"); json.Unmarshal([]byte(body), &keys) != nil || len(keys.Items) != 1 {
		t.Fatalf("keys are %s", body)
	}
	first := keys.Items[0].ID

	// In the moment of the rotation: the page has the key that was the newest.
	f.Push.Hold()
	f.Press(turnOn)
	asks()
	second := rotate()
	f.Push.Release()
	f.WaitText(isOn)
	one := wantOnly(first)
	arrives("Under the key of before")
	retire(first, http.StatusConflict)

	// At its next load the page moves, and keeps its place.
	f.Refresh()
	if two := wantOnly(second); two.ID != one.ID || two.Label != one.Label {
		t.Errorf("it was %+v and is %+v", one, two)
	}
	arrives("Under the key of today")
	retire(first, http.StatusNoContent)
	arrives("With the old key gone")

	// While it moves, the push service calls its old endpoint gone, and still it
	// comes back to its place.
	third := rotate()
	f.Push.Hold()
	f.Refresh()
	asks()
	wantNotify(t, r, `{"title": "To nobody"}`, "0 notification(s) sent")
	f.Push.Release()
	if three := wantOnly(third); three.ID != one.ID || three.Label != one.Label {
		t.Errorf("it was %+v and is %+v", one, three)
	}
	arrives("Moved in the middle")
	for _, complaint := range f.ConsoleErrors(r.URL) {
		t.Errorf("in the browser's console: %s", complaint)
	}
}
