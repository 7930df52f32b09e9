package server

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"recado/server/config"
	"recado/storage"
)

// receipts are those of the messages that the push service got, in their order.
func (d *desk) receipts() (all []string) {
	d.Helper()
	for _, got := range d.push.Received() {
		var in struct{ Receipt string }
		d.no(json.Unmarshal(got.Plaintext, &in))
		all = append(all, in.Receipt)
	}
	return all
}

// cleanAt does all that the janitor would have done by then.
func (d *desk) cleanAt(now time.Time) {
	d.Helper()
	const day = 24 * time.Hour
	for more := true; more; {
		var err error
		more, err = d.store.Clean(d.Context(), now, storage.Retention{Deliveries: 30 * day, Notifications: 365 * day, Keys: 7 * day, Sessions: 30 * day})
		d.no(err)
	}
}

// Whatever a browser reports again, or late, is taken and changes nothing.
func TestRepeatedAndLateReceipts(t *testing.T) {
	d := newDesk(t, nil)
	d.deliver()
	device := d.made(d.ask("", "POST", "/subscription", d.subscription("")))
	at := d.want("sent", d.ask("publish", "POST", "/api/notify?wait=10s", `{"title":"x"}`), 200, "").Header.Get("Location")
	receipt := d.receipts()[0]
	report := func(what, event, action string) {
		t.Helper()
		got := d.want(what, d.ask("", "POST", "/api/receipt", object("receipt", receipt, "event", event, "action", action)), 204, "")
		if got.body != "" {
			t.Errorf("%s: %s", what, got.body)
		}
	}
	// state is all that anybody can see of it.
	state := func() string {
		var all strings.Builder
		for _, path := range []string{at, at + "/deliveries", "/v1/subscriptions/" + device} {
			got := d.ask("read", "GET", path, "")
			all.WriteString(got.Status + got.body + "\n")
		}
		var stats struct{ Totals json.RawMessage }
		d.no(json.Unmarshal([]byte(d.ask("read", "GET", "/v1/stats", "").body), &stats))
		return all.String() + string(stats.Totals)
	}
	for _, event := range []string{"displayed", "clicked", "closed"} {
		before := state()
		report(event, event, "open")
		if state() == before {
			t.Errorf("%s changed nothing", event)
		}
	}
	d.want("counts", d.ask("read", "GET", at, ""), 200, `"sent":1,"failed":0,"gone":0,"expired":0,"canceled":0,"displayed":1,"clicked":1,"closed":1`)
	unchanged := func(when string) {
		t.Helper()
		before := state()
		for _, event := range []string{"displayed", "clicked", "closed", "displayed"} {
			report(event+" "+when, event, "another")
		}
		if after := state(); after != before {
			t.Errorf("%s: from\n%s\nto\n%s", when, before, after)
		}
	}
	unchanged("again")
	d.want("unsubscribe", d.ask("", "DELETE", "/subscription/"+device, ""), 204, "")
	unchanged("after the device has left")
	d.cleanAt(time.Now().AddDate(0, 0, 31))
	d.want("retention has taken it", d.ask("read", "GET", at+"/deliveries", ""), 200, `{"items":[],"next":null}`)
	unchanged("after retention")
	d.cleanAt(time.Now().AddDate(0, 0, 40))
	unchanged("after the device is forgotten")
	d.want("delete", d.ask("publish", "DELETE", at, ""), 204, "")
	unchanged("after it was deleted")
	d.cleanAt(time.Now().AddDate(2, 0, 0))
	unchanged("years later")
}

// A receipt is good for its delivery and for no other.
func TestReceiptsAreOfOneDelivery(t *testing.T) {
	d := newDesk(t, nil)
	d.deliver()
	for range 2 {
		d.made(d.ask("", "POST", "/subscription", d.subscription("")))
	}
	at := d.want("sent", d.ask("publish", "POST", "/api/notify?wait=10s", `{"title":"x"}`), 200, "").Header.Get("Location")
	receipts := d.receipts()
	if len(receipts) != 2 || receipts[0] == receipts[1] {
		t.Fatalf("receipts: %v", receipts)
	}
	half := len(receipts[0]) / 2
	for _, made := range []string{receipts[0][:half] + receipts[1][half:], receipts[0] + "A", strings.ToLower(receipts[0]), "", at} {
		d.want(made, d.ask("", "POST", "/api/receipt", object("receipt", made, "event", "displayed")), 400, "receipt")
	}
	d.want("the second", d.ask("", "POST", "/api/receipt", object("receipt", receipts[1], "event", "clicked")), 204, "")
	d.want("one only", d.ask("read", "GET", at, ""), 200, `"displayed":0,"clicked":1,"closed":0`)
}

// Without receipts messages carry none, and what comes of older ones is ignored.
func TestReceiptsOff(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, func(c *config.Config) { c.Receipts.Enabled = false })
	d.deliver()
	d.made(d.ask("", "POST", "/subscription", d.subscription("")))
	at := d.want("sent", d.ask("publish", "POST", "/api/notify?wait=10s", `{"title":"x"}`), 200, "").Header.Get("Location")
	if got := d.receipts()[0]; got != "" {
		t.Errorf("the message carries the receipt %s", got)
	}
	d.want("an old one", d.ask("", "POST", "/api/receipt", object("receipt", "from before", "event", "displayed")), 204, "")
	d.want("no event", d.ask("", "POST", "/api/receipt", object("receipt", "from before", "event", "read")), 400, "event")
	d.want("it", d.ask("read", "GET", at, ""), 200, `"displayed":0,"clicked":0,"closed":0`)
}
