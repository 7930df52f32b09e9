package server

import (
	"slices"
	"sync"
	"time"

	"recado/server/api"
	"recado/storage"
)

// live is what the running server knows of itself.
func (s *server) live() api.LiveStats {
	stats := api.LiveStats{
		Rate:         s.rates.perSecond(time.Now()),
		RefusedHosts: s.refused.list(),
		Viewers:      s.hub.Viewers(),
		Version:      s.Version,
	}
	for _, service := range s.engine.Services() {
		stats.Services = append(stats.Services, api.LiveService{
			Service: service.Service, State: string(service.State), Until: service.Until, Error: service.Error,
		})
	}
	for _, alert := range s.engine.Alerts() {
		stats.Alerts = append(stats.Alerts, api.Alert{At: alert.At, Kind: string(alert.Kind), Message: alert.Message})
	}
	stats.Alerts = append(stats.Alerts, s.templates.list()...)
	slices.SortStableFunc(stats.Alerts, func(x, y api.Alert) int { return x.At.Compare(y.At) })
	return stats
}

// rateSpan is how many seconds a rate is the mean of: few enough to follow what
// happens, enough not to jump with every commit.
const rateSpan = 10

// rates counts the changes of deliveries, a second at a time. The zero value is
// ready to use.
type rates struct {
	mu      sync.Mutex
	seconds [rateSpan + 1]second // the present one too, which is not over
}

type second struct {
	unix   int64
	counts [storage.EventClosed + 1]int
}

func (r *rates) add(now time.Time, changes []storage.Change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := &r.seconds[now.Unix()%int64(len(r.seconds))]
	if s.unix != now.Unix() {
		*s = second{unix: now.Unix()}
	}
	for _, c := range changes {
		if int(c.Event) < len(s.counts) {
			s.counts[c.Event]++
		}
	}
}

// perSecond is the mean of the last rateSpan seconds that are over.
func (r *rates) perSecond(now time.Time) map[storage.Event]float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[storage.Event]float64{}
	for _, s := range r.seconds {
		if age := now.Unix() - s.unix; age < 1 || age > rateSpan {
			continue
		}
		for event, n := range s.counts {
			if n > 0 {
				out[storage.Event(event)] += float64(n) / rateSpan
			}
		}
	}
	return out
}
