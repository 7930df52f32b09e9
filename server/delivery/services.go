package delivery

import (
	"slices"
	"strings"
	"time"
)

// ServiceState is how a push service is treated at the moment.
type ServiceState string

const (
	ServiceOK     ServiceState = "ok"
	ServiceSlowed ServiceState = "slowed" // fewer requests at a time than it could have
	ServicePaused ServiceState = "paused" // none before Until
)

// Service is one push service since the start of the run.
type Service struct {
	Service string // host, or host:port
	State   ServiceState
	Until   time.Time // when paused
	Error   string    // the latest reason for slowing it down; empty when ok
}

// Services returns the push services that the engine has met, by name.
func (e *Engine) Services() []Service {
	now := e.Now()
	e.lanes.mu.Lock()
	defer e.lanes.mu.Unlock()
	out := make([]Service, 0, len(e.lanes.byService))
	for _, l := range e.lanes.byService {
		out = append(out, l.describe(now))
	}
	slices.SortFunc(out, func(a, b Service) int { return strings.Compare(a.Service, b.Service) })
	return out
}

func (l *lane) describe(now time.Time) Service {
	s := Service{Service: l.service, State: ServiceOK}
	switch {
	case l.paused(now):
		s.State, s.Until, s.Error = ServicePaused, l.pausedUntil, l.trouble
	case l.slowed:
		s.State, s.Error = ServiceSlowed, l.trouble
	}
	return s
}
