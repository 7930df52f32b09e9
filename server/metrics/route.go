package metrics

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Route counts the requests to one route.
type Route struct {
	// Pattern is the route's, without what a request puts into it.
	Pattern string

	requests *prometheus.CounterVec
	took     func() prometheus.Observer

	mu       sync.RWMutex
	counters map[answer]prometheus.Counter
}

// answer is what requests to a route are counted by.
type answer struct {
	method string
	status int
}

// Route returns the counters of a route. They show once there has been a request.
func (m *Metrics) Route(pattern string) *Route {
	return &Route{
		Pattern: pattern, requests: m.requests, counters: map[answer]prometheus.Counter{},
		took: sync.OnceValue(func() prometheus.Observer { return m.served.WithLabelValues(pattern) }),
	}
}

// Served counts a request that was answered with an HTTP status, and how long that
// took. What became a live connection (101) took as long as somebody watched,
// which says nothing.
func (r *Route) Served(method string, status int, took time.Duration) {
	if status != http.StatusSwitchingProtocols {
		r.took().Observe(took.Seconds())
	}
	key := answer{Method(method), status}
	r.mu.RLock()
	counter := r.counters[key]
	r.mu.RUnlock()
	if counter == nil {
		counter = r.requests.WithLabelValues(r.Pattern, key.method, strconv.Itoa(status))
		r.mu.Lock()
		r.counters[key] = counter
		r.mu.Unlock()
	}
	counter.Inc()
}

// Method is the name that a method is counted by: its own, unless the client has
// made it up.
func Method(method string) string {
	switch method {
	case http.MethodGet, http.MethodPost, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return other
}
