package browsertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestOperator walks through the operator's page in either browser, while both
// are subscribed: what one of them sends arrives in both.
func TestOperator(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser is no short test")
	}
	gcm, push := StartGCM(t), StartAutopush(t)
	chromium, firefox := StartChromium(t, WithGCM(gcm)), StartFirefox(t, push)
	r := startRecadoReaching(t, gcm, ForAutopush())
	chromium.Permit(r.URL, "notifications", "granted")
	o := &office{r: r, article: serveArticle(t)}

	chrome, fox := chromium.Open(t, 1280, 800, false), firefox.OpenTab()
	first := chromium.Open(t, 1280, 800, false)
	SignIn(first, r.URL, r.Token)
	first.WaitText("Nothing has been delivered yet")
	t.Run("Empty", func(t *testing.T) { lookAtAll(first.Bound(t), o) })

	fox.Navigate(r.URL + "/")
	firefox.SetPermission("notifications", "granted")
	o.devices = []device{
		{tab: chrome, press: func(t *testing.T, title string) {
			chromium.Desktop.Click(chromium.Desktop.WaitTitled(t, title, 1), "")
		}},
		{tab: fox, press: func(t *testing.T, title string) {
			f := firefox.For(t)
			shown := f.Notifications()
			f.ClickNotification(shown[slices.IndexFunc(shown, func(n Notification) bool { return n.Title == title })], "")
		}},
	}
	for i := range o.devices {
		o.devices[i].subscribe(r)
	}
	t.Run("Chromium", func(t *testing.T) {
		testOperator(t, o, first.Bound(t))
		lookAtAll(first.Bound(t), o)
	})
	t.Run("Firefox", func(t *testing.T) {
		testOperator(t, o, firefox.OpenTab().Bound(t))
	})
}

// office is what the operator has to do with.
type office struct {
	r       *Recado
	article string
	devices []device
}

// device is a browser that is subscribed.
type device struct {
	tab   Tab // shows the subscriber's page
	label string
	press func(t *testing.T, title string) // presses the notification of this title
}

func (d *device) subscribe(r *Recado) {
	d.tab.Front()
	d.tab.Navigate(r.URL + "/")
	d.tab.Press(turnOn)
	d.tab.WaitText(isOn)
	d.label = d.tab.Read(`document.querySelector("#label").value`)
}

// receipt is the one that the notification of this title carries, while it is
// shown.
func (d *device) receipt(title string) string {
	d.tab.Front()
	of := `navigator.serviceWorker.ready.then((r) => r.getNotifications()).then((all) => all.find((n) => n.title === ` + quote(title) + `)?.data.receipt || "")`
	d.tab.Until("the notification is there", of)
	return d.tab.Read(of)
}

// testOperator is one operator's day. Every step goes on where the one before
// has ended.
func testOperator(t *testing.T, o *office, tab Tab) {
	title := "Workshop opens, says " + tab.browser()
	step := func(name string, test func(t *testing.T, tab Tab)) {
		if !t.Run(name, func(t *testing.T) { test(t, tab.Bound(t)) }) {
			t.FailNow()
		}
	}
	tab.Front()
	if tab.browser() == "firefox" { // Chromium's is signed in
		tab.Resize(1280, 800, false)
		SignIn(tab, o.r.URL, o.r.Token)
	}
	quiet(t, tab, o.r)

	step("send", func(t *testing.T, tab Tab) { o.send(t, tab, title) })
	receipts := map[string]string{}
	step("the live log shows it sent and displayed", func(t *testing.T, tab Tab) {
		tab.Press("Live")
		o.waitRows(t, tab, title, "sent", "displayed")
		for _, d := range o.devices {
			receipts[d.label] = d.receipt(title)
		}
	})
	step("and clicked, in order", func(t *testing.T, tab Tab) {
		for _, d := range o.devices {
			d.press(t, title)
		}
		tab.Front()
		o.waitRows(t, tab, title, "sent", "displayed", "clicked")
		o.checkTimes(t, title)
	})
	quiet(t, tab, o.r)
	step("a repeated and a late receipt change nothing", func(t *testing.T, tab Tab) { o.repeatReceipts(t, tab, title, receipts) })
	step("the server is restarted", func(t *testing.T, tab Tab) { o.restart(t, tab) })
	quiet(t, tab, o.r, "WebSocket", "ws://", "ERR_CONNECTION_REFUSED")
	step("scheduled, replaced and canceled by hand", func(t *testing.T, tab Tab) { o.schedule(t, tab) })
	step("a token is created, used and revoked", func(t *testing.T, tab Tab) { o.makeToken(t, tab) })
	quiet(t, tab, o.r)
}

// quiet fails the test for what the browser's console complains about, but for
// complaints that name what must be.
func quiet(t *testing.T, tab Tab, r *Recado, expected ...string) {
	t.Helper()
	for _, complaint := range tab.Complaints(r.URL) {
		if !slices.ContainsFunc(expected, func(e string) bool { return strings.Contains(complaint, e) }) {
			t.Errorf("in the console of %s: %s", tab.browser(), complaint)
		}
	}
}

func (o *office) send(t *testing.T, tab Tab, title string) {
	tab.Press("Send")
	tab.WaitText("Send a notification")
	tab.Fill("Title", title)
	tab.Fill("Text", "Carla has the keys.")
	tab.Fill("Link", o.article)
	tab.Press(fmt.Sprintf("Send to %d devices", len(o.devices)))
	tab.Until("its page is open", `document.querySelector("h2#notification")?.textContent === `+quote(title))
	tab.WaitText(fmt.Sprintf("%d of %d sent", len(o.devices), len(o.devices)))
}

// row is one event in the live log.
type row struct{ Event, Device, Title string }

// rows are the events of the live log, the newest first.
func rows(tab Tab) []row {
	var all []row
	text := tab.Read(`JSON.stringify([...document.querySelectorAll(".log-body .log-row")].map((row) => ({
		event: row.querySelector(".badge").dataset.o, device: row.querySelector(".dev").textContent, title: row.querySelector(".title").textContent })))`)
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		tab.test().Fatalf("the live log is %s: %v", text, err)
	}
	return all
}

// checkRows compares what the live log has with what it had before, as far as
// both windows show it.
func (o *office) checkRows(t *testing.T, got, before []row) {
	t.Helper()
	shown := min(len(got), len(before))
	if shown < 3*len(o.devices) || !slices.Equal(got[:shown], before[:shown]) {
		t.Errorf("the live log has %+v\nbefore it had %+v", got, before)
	}
}

// of are the events of one notification on one device, the oldest first.
func of(all []row, title, device string) []string {
	var events []string
	for _, one := range slices.Backward(all) {
		if one.Title == title && one.Device == device {
			events = append(events, one.Event)
		}
	}
	return events
}

// waitRows waits until the live log has these events of the notification, in this
// order, for every device, and no other.
func (o *office) waitRows(t *testing.T, tab Tab, title string, events ...string) {
	t.Helper()
	var all []row
	defer func() {
		if t.Failed() {
			t.Logf("the live log has %+v", all)
		}
	}()
	waitUntil(t, fmt.Sprintf("the live log has %q of %q", events, title), func() bool {
		all = rows(tab)
		return !slices.ContainsFunc(o.devices, func(d device) bool { return !slices.Equal(of(all, title, d.label), events) })
	})
}

// checkTimes reads what the server keeps of the newest notification's deliveries.
func (o *office) checkTimes(t *testing.T, title string) {
	var list struct{ Items []struct{ ID, Title string } }
	o.get(t, "/v1/pushnotification?limit=1", &list)
	if len(list.Items) != 1 || list.Items[0].Title != title {
		t.Fatalf("the newest notification is %+v", list)
	}
	var deliveries struct {
		Items []struct {
			Status  string
			Sent    time.Time `json:"sent_at"`
			Shown   time.Time `json:"displayed_at"`
			Clicked time.Time `json:"clicked_at"`
		}
	}
	o.get(t, "/v1/pushnotification/"+list.Items[0].ID+"/deliveries", &deliveries)
	if len(deliveries.Items) != len(o.devices) {
		t.Errorf("there are the deliveries %+v", deliveries)
	}
	for _, d := range deliveries.Items {
		if d.Status != "sent" || d.Sent.IsZero() || d.Shown.Before(d.Sent) || d.Clicked.Before(d.Shown) {
			t.Errorf("delivery is %+v", d)
		}
	}
}

func (o *office) get(t *testing.T, path string, into any) {
	t.Helper()
	status, body := o.r.Get(path)
	if err := json.Unmarshal([]byte(body), into); err != nil || status != http.StatusOK {
		t.Fatalf("GET %s answers %d %s", path, status, body)
	}
}

// repeatReceipts posts the receipts that were posted before, and, once the
// notification is deleted, again. Both times the log stays as it was: what is
// sent afterwards comes directly after.
func (o *office) repeatReceipts(t *testing.T, tab Tab, title string, receipts map[string]string) {
	before := rows(tab)
	again := func(what string) {
		for _, receipt := range receipts {
			for _, event := range []string{"displayed", "clicked"} {
				body := fmt.Sprintf(`{"receipt": %q, "event": %q}`, receipt, event)
				if status, answer := o.r.Do(http.MethodPost, "/api/receipt", body); status != http.StatusNoContent {
					t.Errorf("a %s receipt is answered %d %s", what, status, answer)
				}
			}
		}
		after := what + ", says " + tab.browser()
		wantNotify(t, o.r, `{"title": "`+after+`"}`, fmt.Sprintf("%d notification(s) sent", len(o.devices)))
		o.waitRows(t, tab, after, "sent", "displayed")
		got := rows(tab)
		o.checkRows(t, got[2*len(o.devices):], before)
		before = got
	}
	again("repeated")

	tab.Press("Notifications")
	tab.WaitText("repeated, says " + tab.browser()) // the list has its place
	tab.Press(title)
	tab.Until("its page is open", `document.querySelector("h2#notification")?.textContent === `+quote(title))
	tab.Press("Delete with its deliveries")
	tab.WaitText("Delete “" + title + "”?")
	tab.Press("Delete")
	tab.Until("it is deleted", `document.querySelector("dialog[open]") === null && !document.querySelector(".md-list").textContent.includes(`+quote(title)+`)`)
	tab.Press("Live")
	waitUntil(t, "the log is there", func() bool { return len(rows(tab)) > 0 })
	o.checkRows(t, rows(tab), before)
	again("late")
}

// restart ends the server and starts it again, and publishes before the page can
// be back: it has to go on where it was interrupted. What happened to a delivery
// meanwhile stands there as its latest change.
func (o *office) restart(t *testing.T, tab Tab) {
	before := rows(tab)
	o.r.Stop()
	tab.Until("the page has noticed", `document.querySelector(".pill").dataset.state !== "live"`)
	o.r.start()
	title := "After the restart, says " + tab.browser()
	wantNotify(t, o.r, `{"title": "`+title+`"}`, fmt.Sprintf("%d notification(s) sent", len(o.devices)))
	tab.Until("the page is back", `document.querySelector(".pill").dataset.state === "live"`)
	var got []row
	waitUntil(t, "the live log has what happened meanwhile", func() bool {
		got = rows(tab)
		return !slices.ContainsFunc(o.devices, func(d device) bool { return !slices.Contains(of(got, title, d.label), "displayed") })
	})
	for _, d := range o.devices {
		if events := strings.Join(of(got, title, d.label), " "); events != "displayed" && events != "sent displayed" {
			t.Errorf("after the restart %s has %s", d.label, events)
		}
	}
	o.checkRows(t, slices.DeleteFunc(got, func(one row) bool { return one.Title == title }), before)
}

func (o *office) schedule(t *testing.T, tab Tab) {
	first, changed := "Tomorrow, says "+tab.browser(), "The day after, says "+tab.browser()
	headline := func(want string) string {
		return `document.querySelector("h2#notification")?.textContent === ` + quote(want)
	}
	now := time.Now() // once, for a minute may end while this goes on
	tab.Press("Send")
	tab.Fill("Title", first)
	tab.Press("Later")
	tab.Choose("Date and time", now.AddDate(0, 0, 1).Format("2006-01-02T15:04"))
	tab.Press(fmt.Sprintf("Schedule for %d devices", len(o.devices)))
	tab.Until("its page is open", headline(first))
	one := o.scheduled(t)

	tab.Press("Edit")
	tab.WaitText("Change a scheduled notification")
	tab.Fill("Title", changed)
	tab.Choose("Date and time", now.AddDate(0, 0, 2).Format("2006-01-02T15:04"))
	tab.Press("Save changes")
	tab.Until("the changed one is open", headline(changed))
	two := o.scheduled(t)
	if two.ID != one.ID || two.Title != changed || two.At.Sub(one.At) != 24*time.Hour {
		t.Errorf("it was %+v and is %+v", one, two)
	}

	tab.Press("Cancel")
	tab.WaitText("It will not go out")
	tab.Press("Cancel it")
	tab.Until("it is canceled", `document.querySelector("#notification").closest(".card").querySelector(".badge").dataset.o === "canceled"`)
	var after scheduled
	o.get(t, "/v1/pushnotification/"+two.ID, &after)
	if after.State != "canceled" {
		t.Errorf("it is %+v", after)
	}
}

// makeToken creates a token on the page, publishes with it and revokes it.
func (o *office) makeToken(t *testing.T, tab Tab) {
	name := "nas, says " + tab.browser()
	tab.Press("Tokens")
	tab.Press("New token")
	tab.Fill("Name", name)
	tab.Press("Create")
	tab.WaitText("The token “" + name + "” is ready")
	token := tab.Read(`document.querySelector("[aria-labelledby=made-title] pre").textContent.trim()`)
	use := func(want int) {
		t.Helper()
		status, body := o.r.Do(http.MethodPost, "/api/notify", `{"title": "From `+name+`"}`, "Authorization", "Bearer "+token)
		if status != want {
			t.Errorf("with the token %q notify answers %d %s, want %d", token, status, body, want)
		}
	}
	use(http.StatusOK)
	tab.Press("Revoke “" + name + "”")
	tab.Press("Revoke")
	tab.WaitText("“" + name + "” revoked")
	use(http.StatusUnauthorized)
	if tab.Read(`document.querySelector("main table").textContent.includes(`+quote(name)+`)`) != "false" {
		t.Error("a revoked token is still listed")
	}
}

type scheduled struct {
	ID, Title, State string
	At               time.Time `json:"scheduled_at"`
}

// scheduled is the only one that is.
func (o *office) scheduled(t *testing.T) scheduled {
	t.Helper()
	var list struct{ Items []scheduled }
	o.get(t, "/v1/pushnotification?state=scheduled", &list)
	if len(list.Items) != 1 {
		t.Fatalf("scheduled are %+v", list)
	}
	return list.Items[0]
}

// lookAtAll looks at every screen as it is now.
func lookAtAll(tab Tab, o *office) {
	t := tab.test()
	tab.Front()
	suffix := "empty"
	if len(o.devices) > 0 {
		suffix = "full"
	}
	for _, screen := range []string{"live", "send", "notifications", "subscriptions", "categories", "invites", "tokens", "system"} {
		tab.Navigate(o.r.URL + "/admin#/" + screen)
		tab.Until("the screen is there", `location.hash === "#/`+screen+`" && document.querySelector("#main h1") !== null && !document.querySelector("#main [aria-busy=true]")`)
		Look(tab, "admin-"+screen+"-"+suffix)
		for _, complaint := range tab.Complaints(o.r.URL) {
			t.Errorf("in the console, on %s: %s", screen, complaint)
		}
	}
}
