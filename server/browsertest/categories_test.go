package browsertest

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
)

// listed is one subscription as the list command shows it.
type listed struct {
	User       string   `json:"user"`
	Categories []string `json:"categories"`
}

// waitListed waits until the server has one subscription, with these categories.
func waitListed(f *Firefox, r *Recado, categories ...string) listed {
	f.t.Helper()
	var all []listed
	waitUntil(f.t, "the server has one device with its categories", func() bool {
		all = nil
		if err := json.Unmarshal([]byte(r.Run("subscription", "list", "--json")), &all); err != nil {
			f.t.Fatal(err)
		}
		return len(all) == 1 && slices.Equal(all[0].Categories, categories)
	})
	return all[0]
}

// isChecked reports whether the page's checkbox or switch of this name is on.
func isChecked(f *Firefox, name string) bool {
	f.t.Helper()
	var on bool
	f.Script(`return document.querySelector("input[aria-label='" + arguments[0] + "']").checked`, &on, name)
	return on
}

// wantAudience publishes to each category and compares whom it reaches: this
// one device, or nobody.
func wantAudience(t *testing.T, f *Firefox, r *Recado, reaches map[string]bool) {
	t.Helper()
	f.ClearNotifications()
	for category, reached := range reaches {
		want := "0 notification(s) sent"
		if reached {
			want = "1 notification(s) sent"
		}
		target, err := json.Marshal(map[string]any{"title": "For " + category, "target": map[string]any{"categories": []string{category}}})
		if err != nil {
			t.Fatal(err)
		}
		wantNotify(t, r, string(target), want)
		if !reached {
			continue
		}
		if n := f.WaitNotification(1); n.Title != "For "+category {
			t.Errorf("notification is %+v", n)
		}
		f.ClearNotifications()
	}
}

// testCategories chooses categories when turning on and changes them later, on
// the page of the real binary.
func testCategories(t *testing.T, f *Firefox, binary string) {
	r := StartRecado(t, binary, ForAutopush())
	r.Run("category", "add", "Events", "--public", "--description", "Open evenings and courses")
	r.Run("category", "add", "Printer", "--public")
	r.Run("category", "add", "Staff")

	f.Navigate(r.URL + "/")
	f.SetPermission("notifications", "granted")
	f.WaitText("Open evenings and courses")
	if !isChecked(f, "Events") || !isChecked(f, "Printer") {
		t.Error("what is offered is not chosen at first")
	}
	var offered int
	if f.Script(`return document.querySelectorAll(".option").length`, &offered); offered != 2 {
		t.Errorf("the page offers %d categories, want the 2 public ones:\n%s", offered, f.Text())
	}
	f.ClickElement(f.Field("Printer"))
	f.Press(turnOn)
	f.WaitText(isOn)
	waitListed(f, r, "Events")
	wantAudience(t, f, r, map[string]bool{"Events": true, "Printer": false, "Staff": false})

	f.ClickElement(f.Field("Printer"))
	waitListed(f, r, "Events", "Printer")
	f.ClickElement(f.Field("Events"))
	waitListed(f, r, "Printer")
	wantAudience(t, f, r, map[string]bool{"Events": false, "Printer": true})

	// the choice outlives a load, and a server that has lost this device
	f.Refresh()
	f.WaitText(isOn)
	f.Field("Events")
	if isChecked(f, "Events") || !isChecked(f, "Printer") {
		t.Error("the choice is gone after a load")
	}
	waitListed(f, r, "Printer")
	for _, s := range subscriptions(t, r) {
		r.Run("subscription", "remove", s.ID)
	}
	f.Refresh()
	waitListed(f, r, "Printer")
	wantAudience(t, f, r, map[string]bool{"Events": false, "Printer": true})

	// one that the operator takes away is gone from the page, and no obstacle
	r.Run("category", "remove", "Printer")
	f.Refresh()
	f.WaitText("Open evenings and courses")
	f.ClickElement(f.Field("Events"))
	waitListed(f, r, "Events")

	f.Press(turnOff)
	f.WaitText(turnOn)
	if left := subscriptions(t, r); len(left) != 0 {
		t.Errorf("the server still has %+v", left)
	}
}

// testInvite follows an invite link on a server that takes nobody without one.
func testInvite(t *testing.T, f *Firefox, binary string) {
	r := StartRecado(t, binary, ForAutopush(map[string]string{"access.subscribe": "invite"}))
	r.Run("category", "add", "Events", "--public")
	r.Run("category", "add", "Printer", "--public")
	r.Run("category", "add", "Staff")
	status, body := r.Do(http.MethodPost, "/v1/invites", `{"user": "ana", "categories": ["Events", "Staff"], "uses": 1}`)
	var invite struct{ ID, URL string }
	if err := json.Unmarshal([]byte(body), &invite); err != nil || status != http.StatusCreated {
		t.Fatalf("POST /v1/invites answers %d %s", status, body)
	}

	f.Navigate(r.URL + "/")
	f.SetPermission("notifications", "granted")
	f.Press(turnOn)
	f.WaitText("This server needs an invite")

	f.Navigate(invite.URL)
	f.WaitText("You are invited")
	Look(f, "invited")
	f.Press(turnOn)
	f.WaitText(isOn)
	if s := waitListed(f, r, "Events", "Staff"); s.User != "ana" {
		t.Errorf("subscription is %+v, want ana's", s)
	}
	if f.URL() != r.URL+"/" {
		t.Errorf("a used invite stays in the address: %s", f.URL())
	}
	wantAudience(t, f, r, map[string]bool{"Events": true, "Staff": true, "Printer": false})
	wantNotify(t, r, `{"title": "For ana", "target": {"users": ["ana"]}}`, "1 notification(s) sent")

	// a choice of one's own leaves what only the invite gives
	f.Refresh()
	f.WaitText("Your invite chose for you")
	f.ClickElement(f.Field("Printer"))
	waitListed(f, r, "Printer", "Staff")
	f.Refresh()
	f.WaitText(isOn)
	if s := waitListed(f, r, "Printer", "Staff"); s.User != "ana" {
		t.Errorf("subscription is %+v, want ana's", s)
	}

	// it was good for one device
	f.Press(turnOff)
	f.WaitText(turnOn)
	f.Navigate(invite.URL)
	f.Press(turnOn)
	f.WaitText("This invite does not work")
	Look(f, "badinvite")
	f.Press("Go on without the invite")
	f.Press(turnOn)
	f.WaitText("This server needs an invite")
	if left := subscriptions(t, r); len(left) != 0 {
		t.Errorf("the server has %+v", left)
	}
}
