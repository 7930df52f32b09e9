package server

import (
	"log/slog"
	"sync"
	"time"
)

// keptHosts bounds what strangers can make the server remember.
const keptHosts = 100

// refusedHosts counts the push services that subscribers wanted and
// push.allowed_hosts leaves out, so that the operator sees whom to allow.
type refusedHosts struct {
	mu    sync.Mutex
	hosts map[string]*refusedHost
}

type refusedHost struct {
	count  int
	lastAt time.Time
}

func (r *refusedHosts) add(log *slog.Logger, host string, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.hosts[host]
	if h == nil {
		if r.hosts == nil {
			r.hosts = make(map[string]*refusedHost)
		}
		if len(r.hosts) >= keptHosts {
			return
		}
		h = &refusedHost{}
		r.hosts[host] = h
		log.Warn("a browser's push service is not allowed; add it to push.allowed_hosts if it should be", "host", host)
	}
	h.count++
	h.lastAt = at
}
