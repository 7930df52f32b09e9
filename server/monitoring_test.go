package server

import (
	"crypto/tls"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"recado/server/config"
	"recado/server/push/pushtest"
)

// TestWhatIsAskedOfPrometheusIsThere: every metric and label in the queries of the
// dashboard and the alerts is in a scrape of a server that has had a bit of
// everything. That their PromQL is good, and when the alerts fire, is checked by
// hand with promtool: testdata/prometheus-alerts-test.yml.
func TestWhatIsAskedOfPrometheusIsThere(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it is about concurrency")
	}
	d := newDesk(t, func(c *config.Config) { c.DataDir = t.TempDir() })
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	d.server.certificate = &certificate{}
	d.server.certificate.current.Store(&tls.Certificate{Leaf: secure.Certificate()})
	d.deliver()
	d.push.Always(&pushtest.Step{Status: http.StatusBadRequest})
	d.made(d.ask("", "POST", "/api/subscribe", d.subscription("")))
	d.want("sent", d.ask("publish", "POST", "/api/notify?wait=20s", `{"title":"Disk full"}`), 200, "")
	text := d.exposition()

	values := map[string]bool{} // name{label="value" and name{label
	for line := range strings.Lines(text) {
		name, labels, _ := strings.Cut(strings.Fields(line)[0], "{")
		values[name] = true
		for _, pair := range regexp.MustCompile(`(\w+)="([^"]*)"`).FindAllStringSubmatch(labels, -1) {
			values[name+" "+pair[1]], values[name+" "+pair[1]+" "+pair[2]] = true, true
		}
	}
	selector := regexp.MustCompile(`\b((?:recado|go|process)_\w+)(?:\{([^}]*)\})?`)
	matcher := regexp.MustCompile(`(\w+)(=~|!=|!~|=)"([^"]*)"`)
	for file, queries := range map[string][]string{"grafana-dashboard.json": dashboardQueries(t), "prometheus-alerts.yml": alertQueries(t)} {
		for _, query := range queries {
			for _, found := range selector.FindAllStringSubmatch(query, -1) {
				name := found[1]
				if !values[name] {
					t.Errorf("%s asks for %s, which there is not", file, name)
				}
				for _, m := range matcher.FindAllStringSubmatch(found[2], -1) {
					label, operator, value := m[1], m[2], m[3]
					if slices.Contains([]string{"job", "instance"}, label) { // Prometheus' own
						continue
					}
					if !values[name+" "+label] || operator == "=" && !values[name+" "+label+" "+value] {
						t.Errorf("%s asks for %s with %s%s%q, which there is not", file, name, label, operator, value)
					}
				}
			}
		}
	}
}

// dashboardQueries are those of all panels, variables and annotations.
func dashboardQueries(t *testing.T) (queries []string) {
	t.Helper()
	data, err := os.ReadFile("../docs/grafana-dashboard.json")
	must(t, err)
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
		Templating struct {
			List []struct {
				Name, Type, Definition string
			}
		}
		Annotations struct{ List []struct{ Expr string } }
	}
	must(t, json.Unmarshal(data, &dashboard))
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			queries = append(queries, target.Expr)
		}
	}
	for _, a := range dashboard.Annotations.List {
		queries = append(queries, a.Expr)
	}
	first := dashboard.Templating.List[0]
	if first.Name != "datasource" || first.Type != "datasource" || strings.Count(string(data), `"uid": "${datasource}"`) < len(queries) {
		t.Error("the dashboard does not ask the data source that was chosen")
	}
	for _, v := range dashboard.Templating.List[1:] {
		queries = append(queries, v.Definition)
	}
	if len(queries) < 30 {
		t.Errorf("%d queries are too few: have the fields changed their names?", len(queries))
	}
	return queries
}

// alertQueries are the expressions of all rules, on one line or a block of lines.
func alertQueries(t *testing.T) (queries []string) {
	t.Helper()
	data, err := os.ReadFile("../docs/prometheus-alerts.yml")
	must(t, err)
	for _, found := range regexp.MustCompile(`(?m)^        expr: (.*\n(?:          .*\n)*)`).FindAllStringSubmatch(string(data), -1) {
		queries = append(queries, found[1])
	}
	if n := strings.Count(string(data), "- alert: "); len(queries) != n || n < 10 {
		t.Errorf("%d queries of %d alerts", len(queries), n)
	}
	return queries
}
