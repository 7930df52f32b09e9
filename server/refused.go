package server

import (
	"cmp"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"recado/server/api"
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

// list returns the hosts, the latest first.
func (r *refusedHosts) list() []api.RefusedHost {
	r.mu.Lock()
	defer r.mu.Unlock()
	hosts := make([]api.RefusedHost, 0, len(r.hosts))
	for name, h := range r.hosts {
		hosts = append(hosts, api.RefusedHost{Host: name, Count: h.count, LastAt: h.lastAt})
	}
	slices.SortFunc(hosts, func(x, y api.RefusedHost) int {
		return cmp.Or(y.LastAt.Compare(x.LastAt), strings.Compare(x.Host, y.Host))
	})
	return hosts
}
