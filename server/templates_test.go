package server

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"recado/server/config"
)

func TestTemplatesThatFailAreAnAlert(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it is about concurrency")
	}
	log := new(logbook)
	d := newDeskLogging(t, func(c *config.Config) {
		c.Webhooks = map[string]config.Webhook{"nas": {Title: "{{.a.b}}"}, "other": {Title: "{{.x.y}}"}}
	}, log.handler(slog.LevelWarn))
	d.has(d.scrape(), samples{`recado_alerts_total{kind="webhook"}`: 0})
	for range 3 { // once is enough
		d.want("fails", d.ask("publish", "POST", "/hook?template=nas", `{"a":"text"}`), 400, "title")
	}
	d.want("fails", d.ask("publish", "POST", "/hook?template=other", `{"x":"text"}`), 400, "title")
	d.want("works", d.ask("publish", "POST", "/hook?template=nas", `{"a":{"b":"x"}}`), 202, "")
	var stats struct {
		Alerts []struct{ Kind, Message string }
	}
	d.no(json.Unmarshal([]byte(d.ask("read", "GET", "/v1/stats", "").body), &stats))
	if a := stats.Alerts; len(a) != 2 || a[0].Kind != "webhook" || !strings.Contains(a[0].Message, "templates of the webhook nas do not work") ||
		!strings.Contains(a[0].Message, "title, line 1") || !strings.Contains(a[1].Message, "[webhook.other]") {
		t.Errorf("alerts %+v", a)
	}
	if n := strings.Count(log.text(), `"alert":"webhook"`); n != 2 {
		t.Errorf("%d lines in the log: %s", n, log.text())
	}
	d.has(d.scrape(), samples{`recado_alerts_total{kind="webhook"}`: 2})
}

func TestAWebhookWithoutItsCategoryIsWarnedOf(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it is about concurrency")
	}
	log := new(logbook)
	newDeskLogging(t, func(c *config.Config) {
		c.Webhooks = map[string]config.Webhook{"nas": {Categories: []string{"ops", "ospf"}}, "other": {Categories: []string{"news"}}}
	}, log.handler(slog.LevelWarn))
	if text := log.text(); strings.Count(text, "a webhook publishes to a category that does not exist") != 1 || !strings.Contains(text, `"webhook":"nas","category":"ospf"`) {
		t.Errorf("the log is %s", text)
	}
}
