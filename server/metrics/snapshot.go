package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Snapshot is what a server knows without counting.
type Snapshot struct {
	Ready bool // as /readyz has it
	// Connections are those of clients now; there may be MostConnections.
	Connections, MostConnections int

	Viewers int   // of the live log
	Skipped int64 // deliveries that viewers who could not keep up were not shown, ever
	// Paused and Slowed are push services by name, each in one of them at most;
	// Services are all that have been met.
	Services, Paused, Slowed []string
	// FreeBytes is the room where the data is; 0 = it is not known.
	FreeBytes uint64
	// CertificateEnds is when the certificate in use is good no longer; zero = there
	// is none.
	CertificateEnds time.Time
	// Stored is what storage knows; nil = it could not be asked.
	Stored *Stored
}

// Stored is what storage knows.
type Stored struct {
	Subscriptions int
	QueueDepth    int
	OldestDue     time.Duration // for how long the longest waiting delivery is due; 0 = none is
	DatabaseBytes int64
}

// scrapeTimeout is how long storage may take to say what it knows.
const scrapeTimeout = 5 * time.Second

// asked is a collector that asks at each scrape.
type asked struct {
	ask      func(context.Context) Snapshot
	services *services
	errors   prometheus.Counter

	ready, connections, most, viewers, skipped, paused, slowed, free, certificate, subscriptions, depth, oldest, bytes *prometheus.Desc
}

func newAsked(ask func(context.Context) Snapshot, services *services) *asked {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("recado_"+name, help, labels, nil)
	}
	return &asked{
		ask: ask, services: services,
		errors: prometheus.NewCounter(prometheus.CounterOpts{Name: "recado_scrape_errors_total",
			Help: "Scrapes without what the database knows, because it could not be asked."}),
		ready:         desc("ready", "1 if the server can do its work, as /readyz has it; 0 if not."),
		connections:   desc("connections", "Connections of clients."),
		most:          desc("connections_max", "How many connections of clients there may be."),
		viewers:       desc("viewers", "Viewers of the live log."),
		skipped:       desc("viewer_skipped_total", "Deliveries that viewers who could not keep up were not shown."),
		paused:        desc("push_service_paused", "1 while a push service is paused, after errors; other = how many of the others.", "service"),
		slowed:        desc("push_service_slowed", "1 while a push service is slowed down, after errors; other = how many of the others.", "service"),
		free:          desc("data_free_bytes", "Free space where the data directory is."),
		certificate:   desc("tls_certificate_expiry_timestamp_seconds", "When the certificate of tls.cert_file that is in use ends."),
		subscriptions: desc("subscriptions", "Living subscriptions."),
		depth:         desc("queue_depth", "Deliveries that are pending or retrying."),
		oldest:        desc("queue_oldest_due_seconds", "For how long the longest waiting delivery is due; 0 = none is."),
		bytes:         desc("database_bytes", "Size of the database."),
	}
}

func (a *asked) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{a.ready, a.connections, a.most, a.viewers, a.skipped, a.paused, a.slowed, a.free, a.certificate, a.subscriptions, a.depth, a.oldest, a.bytes} {
		ch <- d
	}
	a.errors.Describe(ch)
}

func (a *asked) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	s := a.ask(ctx)
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	ready := 0.0
	if s.Ready {
		ready = 1
	}
	gauge(a.ready, ready)
	gauge(a.connections, float64(s.Connections))
	gauge(a.most, float64(s.MostConnections))
	gauge(a.viewers, float64(s.Viewers))
	ch <- prometheus.MustNewConstMetric(a.skipped, prometheus.CounterValue, float64(s.Skipped))
	for _, state := range []struct {
		desc *prometheus.Desc
		in   []string
	}{{a.paused, s.Paused}, {a.slowed, s.Slowed}} {
		for name, n := range a.count(s.Services, state.in) {
			gauge(state.desc, n, name)
		}
	}
	if s.FreeBytes > 0 {
		gauge(a.free, float64(s.FreeBytes))
	}
	if !s.CertificateEnds.IsZero() {
		gauge(a.certificate, float64(s.CertificateEnds.Unix()))
	}
	if s.Stored == nil {
		a.errors.Inc()
	} else {
		gauge(a.subscriptions, float64(s.Stored.Subscriptions))
		gauge(a.depth, float64(s.Stored.QueueDepth))
		gauge(a.oldest, s.Stored.OldestDue.Seconds())
		gauge(a.bytes, float64(s.Stored.DatabaseBytes))
	}
	a.errors.Collect(ch)
}

// count says how many services are in a state, by the names that they are counted
// by; all others are zero.
func (a *asked) count(all, in []string) map[string]float64 {
	n := make(map[string]float64)
	for _, service := range all {
		n[a.services.named(service).name] += 0
	}
	for _, service := range in {
		n[a.services.named(service).name]++
	}
	return n
}
