package server

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"recado/server/push/pushtest"
)

// A device whose messages fail one after the other is found among those that are
// well.
func TestSilentSubscriptions(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	d.deliver()
	d.made(d.ask("", "POST", "/subscription", d.subscription(`"label":"Phone"`)))
	failing := d.made(d.ask("admin", "POST", "/api/subscribe", d.subscription(`"label":"Tablet","user":"ana"`), "User-Agent: "+
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"))
	d.push.Always(&pushtest.Step{Status: http.StatusBadRequest})
	for range 3 {
		d.want("fails", d.ask("publish", "POST", "/api/notify?wait=10s", `{"title":"x","target":{"users":["ana"]}}`), 200, "0 notification(s) sent")
	}
	d.cleanAt(time.Now())
	for query, want := range map[string][]string{
		"silent=true": {failing}, "silent=true&user=ana": {failing}, "silent=true&q=phone": nil, "silent=true&q=EDGE+140+on+linux": {failing},
		"q=tablet": {failing}, "q=Ana": {failing}, "q=edge": {failing}, "q=chrome": nil,
	} {
		got, _ := d.page("/v1/subscriptions?" + query)
		if !slices.Equal(got, want) {
			t.Errorf("?%s: %v, want %v", query, got, want)
		}
	}
	d.want("counted", d.ask("read", "GET", "/v1/stats", ""), 200, `"subscriptions":2,"silent":1,`)
	if all, _ := d.page("/v1/subscriptions?silent=false"); len(all) != 2 {
		t.Errorf("?silent=false: %v", all)
	}
	d.want("neither", d.ask("read", "GET", "/v1/subscriptions?silent=yes", ""), 422, `{"field":"silent","message":"must be true or false"}`)
}
