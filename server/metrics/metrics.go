// Package metrics counts what recado does, in Prometheus' words.
//
// It promises that counting is cheap enough for the hot path (deliveries are
// counted a commit at a time, answers of push services in some 100 ns each), that
// what strangers choose makes no new series without end (push services beyond the
// first fifty are counted together as "other", HTTP by the route table's pattern
// and never by path), and that nothing in it is a secret. What is known without
// counting (queue, subscriptions, database) is asked for when somebody scrapes.
package metrics

import (
	"context"
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"recado/storage"
)

// Options are what Metrics is made of; all are required.
type Options struct {
	Version string // of the server
	// Ask is asked at each scrape for what is known without counting.
	Ask func(context.Context) Snapshot
	// AlertKinds are the kinds of alerts that there may be: each is counted from
	// zero, so that the first one is seen as an increase.
	AlertKinds []string
}

// Metrics is the counters of one server. Its methods may be called by many
// goroutines at once.
type Metrics struct {
	registry *prometheus.Registry
	services *services
	alerts   *prometheus.CounterVec
	requests *prometheus.CounterVec
	served   *prometheus.HistogramVec
	writes   prometheus.Histogram
	failed   prometheus.Counter
}

// New returns counters at zero.
func New(o Options) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		services: newServices(),
		alerts:   counters("alerts_total", "Alerts raised for the operator.", "kind"),
		requests: counters("http_requests_total", "HTTP requests answered.", "route", "method", "status"),
		served: histograms("http_request_duration_seconds", "From an HTTP request to the end of its answer; live connections are left out.",
			[]float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}, "route"),
		writes: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "recado_database_write_duration_seconds",
			Help:    "Writes to the database, from their turn to their commit.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5}}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{Name: "recado_database_write_errors_total",
			Help: "Writes that the database could not do, because the disk is full, say."}),
	}
	for _, kind := range o.AlertKinds {
		m.alerts.WithLabelValues(kind)
	}
	build := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "recado_build_info", Help: "1; what is running stands in the labels.",
		ConstLabels: prometheus.Labels{"version": o.Version, "goversion": runtime.Version()},
	}, func() float64 { return 1 })
	m.registry.MustRegister(m.alerts, m.requests, m.served, m.writes, m.failed, build)
	m.registry.MustRegister(m.services.all()...)
	m.registry.MustRegister(newAsked(o.Ask, m.services), collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "recado_" + name, Help: help}, labels)
}

func histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "recado_" + name, Help: help, Buckets: buckets}, labels)
}

// Handler answers a scrape in the text format, or in another that Prometheus asks
// for, compressed if it takes that. It is 503 when four are under way already.
func (m *Metrics) Handler() http.Handler {
	scrape := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4,
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		scrape.ServeHTTP(w, r)
	})
}

// Settled counts what a commit changed.
func (m *Metrics) Settled(tallies []storage.Tally) {
	for _, t := range tallies {
		m.services.named(t.Service).changed(t.Event, t.Count)
	}
}

// Answered counts an answer of a push service: its status, 0 when there was none,
// and how long it took.
func (m *Metrics) Answered(service string, status int, took time.Duration) {
	m.services.named(service).answered(status, took)
}

// Alert counts an alert.
func (m *Metrics) Alert(kind string) { m.alerts.WithLabelValues(kind).Inc() }

// Wrote counts a write to the database, and err is why the database could not do
// it.
func (m *Metrics) Wrote(took time.Duration, err error) {
	m.writes.Observe(took.Seconds())
	if err != nil {
		m.failed.Inc()
	}
}
