package server

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
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
//
// Of more than keptHosts those stay that are wanted most: a stranger who names
// host after host hides none that browsers come with again and again.
type refusedHosts struct {
	mu     sync.Mutex
	hosts  map[string]*refusedHost
	warned int // lines in the log, which strangers are not to fill either
}

type refusedHost struct {
	count  int
	lastAt time.Time
}

func (r *refusedHosts) add(ctx context.Context, log *slog.Logger, host string, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.hosts[host]
	if h == nil {
		if r.hosts == nil {
			r.hosts = make(map[string]*refusedHost)
		}
		if len(r.hosts) >= keptHosts {
			delete(r.hosts, r.leastWanted())
		}
		h = &refusedHost{}
		r.hosts[host] = h
		if r.warned < keptHosts {
			r.warned++
			log.WarnContext(ctx, "a browser's push service is not allowed; add it to push.allowed_hosts if it should be", "host", host)
		}
	}
	h.count++
	h.lastAt = at
}

// leastWanted is the host that was asked for the fewest times, of several the one
// that it was longest ago.
func (r *refusedHosts) leastWanted() string {
	return slices.MinFunc(slices.Collect(maps.Keys(r.hosts)), func(x, y string) int {
		a, b := r.hosts[x], r.hosts[y]
		return cmp.Or(cmp.Compare(a.count, b.count), a.lastAt.Compare(b.lastAt))
	})
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
