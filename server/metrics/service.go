package metrics

import (
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"recado/storage"
)

const (
	// maxServices bounds how many push services are counted by name: with
	// push.allowed_hosts = "*" whoever subscribes names them.
	maxServices = 50
	// other is what those beyond it are counted as.
	other = "other"
)

// services counts by push service.
type services struct {
	deliveries, retries, receipts, requests *prometheus.CounterVec
	took                                    *prometheus.HistogramVec

	mu     sync.RWMutex
	byName map[string]*service
	rest   *service // those that have no name of their own; nil while there are none
}

// service is the counters of one push service, looked up once.
type service struct {
	name     string
	changes  [storage.EventClosed + 1]prometheus.Counter // by event
	took     prometheus.Observer
	requests *prometheus.CounterVec // by service and status

	mu       sync.RWMutex
	statuses map[int]prometheus.Counter
}

func newServices() *services {
	return &services{
		deliveries: counters("deliveries_total", "Deliveries that have ended, by how: sent, failed, gone, expired or canceled.", "service", "outcome"),
		retries:    counters("delivery_retries_total", "Deliveries that were put off, to be tried again.", "service"),
		receipts:   counters("receipts_total", "What browsers reported of deliveries: displayed, clicked or closed, each once.", "service", "event"),
		requests:   counters("push_requests_total", "Requests to push services, by the status of the answer; none = there was no answer.", "service", "status"),
		took: histograms("push_request_duration_seconds", "From a request to a push service to its answer.",
			[]float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 15}, "service"),
		byName: map[string]*service{},
	}
}

func (s *services) all() []prometheus.Collector {
	return []prometheus.Collector{s.deliveries, s.retries, s.receipts, s.requests, s.took}
}

// named returns the counters that a push service is counted by.
func (s *services) named(name string) *service {
	s.mu.RLock()
	known := s.byName[name]
	s.mu.RUnlock()
	if known != nil {
		return known
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.byName[name]; known != nil {
		return known
	}
	if len(s.byName) < maxServices {
		known = s.make(name)
		s.byName[name] = known
		return known
	}
	if s.rest == nil {
		s.rest = s.make(other)
	}
	return s.rest
}

// make starts all of a service's counters at zero.
func (s *services) make(name string) *service {
	made := &service{name: name, took: s.took.WithLabelValues(name), requests: s.requests, statuses: map[int]prometheus.Counter{}}
	made.changes[storage.EventRetrying] = s.retries.WithLabelValues(name)
	for e := storage.EventSent; e <= storage.EventCanceled; e++ {
		made.changes[e] = s.deliveries.WithLabelValues(name, e.String())
	}
	for e := storage.EventDisplayed; e <= storage.EventClosed; e++ {
		made.changes[e] = s.receipts.WithLabelValues(name, e.String())
	}
	return made
}

func (s *service) changed(event storage.Event, n int) {
	if event > 0 && int(event) < len(s.changes) {
		s.changes[event].Add(float64(n))
	}
}

func (s *service) answered(status int, took time.Duration) {
	s.took.Observe(took.Seconds())
	s.mu.RLock()
	counter := s.statuses[status]
	s.mu.RUnlock()
	if counter == nil {
		counter = s.status(status)
	}
	counter.Inc()
}

// status is the counter of a status that came for the first time. Those that are
// none of HTTP's (RFC 9110 §15) are counted together.
func (s *service) status(status int) prometheus.Counter {
	label := "other"
	switch {
	case status == 0:
		label = "none"
	case status >= 100 && status <= 599:
		label = strconv.Itoa(status)
	}
	counter := s.requests.WithLabelValues(s.name, label)
	s.mu.Lock()
	defer s.mu.Unlock()
	if label != "other" {
		s.statuses[status] = counter
	}
	return counter
}
