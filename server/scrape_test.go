package server

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"recado/server/config"
	"recado/server/push/pushtest"
)

// samples is a scrape: values by name with labels, as they are written.
type samples map[string]float64

func (d *desk) scrape() samples {
	d.Helper()
	return d.samples(d.want("a scrape", d.ask("read", "GET", "/metrics", ""), 200, "").body)
}

func (d *desk) samples(exposition string) samples {
	d.Helper()
	out := samples{}
	for line := range strings.Lines(exposition) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		i := strings.LastIndexByte(line, ' ')
		value, err := strconv.ParseFloat(strings.TrimSpace(line[i+1:]), 64)
		d.no(err)
		out[line[:i]] = value
	}
	return out
}

func (d *desk) has(got samples, want samples) {
	d.Helper()
	for name, value := range want {
		if n, there := got[name]; !there || n != value {
			d.Errorf("%s is %v (there: %v), want %v", name, n, there, value)
		}
	}
}

// play sends one notification to five: three take it, one of them when it is tried
// again; one refuses it, and one is gone.
func (d *desk) play() (service string) {
	d.Helper()
	for _, script := range [][]pushtest.Step{nil, {{Status: 503}}, {{Status: 400}}, {{Status: 410}}, nil} {
		sub := d.push.Subscribe()
		sub.Script(script...)
		d.made(d.ask("", "POST", "/api/subscribe", string(sub.JSON())))
	}
	d.want("sent", d.ask("publish", "POST", "/api/notify?wait=20s", `{"title":"Disk full"}`), 200, "3 notification(s) sent")
	return strings.TrimPrefix(d.push.URL(), "http://")
}

func TestMetricsCountAFanOut(t *testing.T) {
	d := newDesk(t, func(c *config.Config) { c.Push.RetryBase, c.DataDir = time.Millisecond, t.TempDir() })
	d.deliver()
	service := d.play()
	for range 2 { // once and again: the second changes nothing
		d.want("receipt", d.ask("", "POST", "/api/receipt", object("receipt", d.receipts()[0], "event", "displayed")), 204, "")
	}
	d.want("nothing", d.ask("", "GET", "/v1/nothing/secret-in-the-path", ""), 404, "")
	got := d.scrape()
	of := func(name, more string) string { return name + `{` + more + `service="` + service + `"}` }
	and := func(name, label, value string) string {
		if label > "service" {
			return name + `{service="` + service + `",` + label + `="` + value + `"}`
		}
		return of(name, label+`="`+value+`",`)
	}
	d.has(got, samples{
		and("recado_deliveries_total", "outcome", "sent"):     3,
		and("recado_deliveries_total", "outcome", "failed"):   1,
		and("recado_deliveries_total", "outcome", "gone"):     1,
		and("recado_deliveries_total", "outcome", "expired"):  0,
		and("recado_deliveries_total", "outcome", "canceled"): 0,
		of("recado_delivery_retries_total", ""):               1,
		and("recado_push_requests_total", "status", "201"):    3,
		and("recado_push_requests_total", "status", "503"):    1,
		and("recado_push_requests_total", "status", "400"):    1,
		and("recado_push_requests_total", "status", "410"):    1,
		of("recado_push_request_duration_seconds_count", ""):  6,
		and("recado_receipts_total", "event", "displayed"):    1,
		and("recado_receipts_total", "event", "clicked"):      0,
		of("recado_push_service_paused", ""):                  0,
		`recado_alerts_total{kind="many_gone"}`:               0,
		`recado_alerts_total{kind="unauthorized"}`:            0,
		`recado_alerts_total{kind="storage"}`:                 0,

		`recado_http_requests_total{method="POST",route="/api/notify",status="200"}`:    1,
		`recado_http_requests_total{method="POST",route="/api/receipt",status="204"}`:   2,
		`recado_http_requests_total{method="POST",route="/api/subscribe",status="200"}`: 5,
		`recado_http_requests_total{method="GET",route="none",status="404"}`:            1,
		`recado_http_request_duration_seconds_count{route="/api/receipt"}`:              2,

		"recado_subscriptions":               4,
		"recado_queue_depth":                 0,
		"recado_queue_oldest_due_seconds":    0,
		"recado_viewers":                     0,
		"recado_connections_max":             float64(d.server.connections.most),
		"recado_viewer_skipped_total":        0,
		"recado_ready":                       1,
		"recado_database_write_errors_total": 0,
		"recado_scrape_errors_total":         0,
	})
	for _, positive := range []string{"recado_database_bytes", "recado_data_free_bytes", "recado_database_write_duration_seconds_count", "go_goroutines", "process_resident_memory_bytes"} {
		if got[positive] <= 0 {
			t.Errorf("%s is %v", positive, got[positive])
		}
	}
}

func TestMetricsCountAlerts(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it is about concurrency")
	}
	d := newDesk(t, nil)
	d.deliver()
	d.push.Always(&pushtest.Step{Status: http.StatusForbidden})
	for range 12 {
		d.made(d.ask("", "POST", "/api/subscribe", d.subscription("")))
	}
	d.ask("publish", "POST", "/api/notify?wait=20s", `{"title":"Disk full"}`)
	service := strings.TrimPrefix(d.push.URL(), "http://")
	d.has(d.scrape(), samples{`recado_alerts_total{kind="unauthorized"}`: 1, `recado_push_service_paused{service="` + service + `"}`: 1})
}

func TestMetricsWhileStorageIsAway(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it is about concurrency")
	}
	d := newDesk(t, nil)
	d.no(d.store.Close())
	got := d.samples(d.exposition())
	d.has(got, samples{"recado_scrape_errors_total": 1, "recado_ready": 0, "recado_viewers": 0})
	if _, there := got["recado_queue_depth"]; there {
		t.Error("a scrape knows the queue although storage could not be asked")
	}
}

// exposition is what a scrape on a listener of its own would be answered.
func (d *desk) exposition() string {
	d.Helper()
	l := d.ownListener()
	response, err := http.Get(l.url + "/metrics")
	d.no(err)
	got := d.read(response)
	d.want("a scrape", got, 200, "")
	return got.body
}

// ownListener serves metrics.listen until the test ends.
func (d *desk) ownListener() *listener {
	d.Helper()
	configured := d.server.Config.Metrics.Listen
	d.server.Config.Metrics.Listen = "127.0.0.1:0"
	defer func() { d.server.Config.Metrics.Listen = configured }()
	l, err := d.server.scrapes(context.WithoutCancel(d.Context()))
	d.no(err)
	ended := make(chan error, 1)
	go func() { ended <- l.serve() }()
	d.Cleanup(func() { d.no(l.Close()); d.no(<-ended) })
	return l
}

func TestMetricsOnAListenerOfTheirOwn(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it is about concurrency")
	}
	d := newDesk(t, func(c *config.Config) { c.Metrics.Listen = "127.0.0.1:0" })
	for _, who := range []string{"", "read", "admin"} {
		d.want("on the main listener", d.ask(who, "GET", "/metrics", ""), 404, "nothing at this path")
	}
	if got := d.ask("publish", "POST", "/metrics", "no topic"); got.StatusCode != 405 && got.StatusCode != 404 {
		t.Errorf("metrics is a topic: %d %s", got.StatusCode, got.body)
	}
	if !strings.Contains(d.exposition(), "recado_ready 1") {
		t.Error("no metrics on their own listener")
	}
	if strings.Contains(d.ask("", "GET", "/openapi.json", "").body, `"/metrics"`) {
		t.Error("/metrics is documented where it is not")
	}
}

// TestMetricsAreWellFormed lints what is exposed after a bit of everything, and
// looks for what must not be in it.
func TestMetricsAreWellFormed(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it is about concurrency")
	}
	d := newDesk(t, nil)
	d.deliver()
	d.play()
	for _, route := range d.server.routes() {
		d.ask("read", route.method, strings.NewReplacer("{$}", "", "{topic}", "top-secret", "{token}", d.tokens["publish"], "{id}", nobody()).Replace(route.pattern), "")
	}
	d.ask("", "BREW", "/v1/coffee", "")
	d.want("signed in", d.ask("", "POST", "/v1/session", object("token", d.tokens["admin"])), 204, "")
	text := d.want("a scrape", d.ask("read", "GET", "/metrics?token="+d.tokens["admin"], ""), 200, "").body
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	d.no(err)
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "recado_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	if !strings.Contains(text, `recado_http_requests_total{method="other",route="none",status="404"}`) {
		t.Error("a method that somebody made up is not counted as other")
	}
	secrets := []string{"top-secret", "Disk full", "rcd_"}
	for _, token := range d.tokens {
		secrets = append(secrets, token)
	}
	for _, m := range d.push.Received() {
		secrets = append(secrets, m.Subscription.ID)
	}
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in the metrics", secret)
		}
	}
}
