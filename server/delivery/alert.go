package delivery

import (
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// AlertKind says what an operator should look at.
type AlertKind string

const (
	// AlertGone: many subscriptions of one push service went at once.
	AlertGone AlertKind = "many_gone"
	// AlertUnauthorized: a push service refuses this server's keys.
	AlertUnauthorized AlertKind = "unauthorized"
	// AlertStorage: outcomes cannot be stored, nothing is sent.
	AlertStorage AlertKind = "storage"
)

// AlertKinds are all there are.
func AlertKinds() []AlertKind { return []AlertKind{AlertGone, AlertUnauthorized, AlertStorage} }

// Alert is something an operator should look at.
type Alert struct {
	At      time.Time
	Kind    AlertKind
	Service string // host, when it is about one push service
	Count   int
	Message string // a sentence with the next step
}

func (a Alert) sentence() string {
	switch a.Kind {
	case AlertGone:
		return fmt.Sprintf("%s says that %d of its last %d subscriptions are gone. If that is its mistake, bring them back within seven days with `recado subscription restore --service %s`.", a.Service, a.Count, goneSample, a.Service)
	case AlertUnauthorized:
		return fmt.Sprintf("%s refused this server's keys ten times in a row and is paused for 5 minutes. Check vapid.subject, and with `recado keys show` that the keys its subscriptions were made with are still here.", a.Service)
	default:
		return "Outcomes cannot be stored, so nothing is sent until storage works again. Check the space and the permissions of data_dir."
	}
}

// keptAlerts bounds what is remembered; older ones stand in the log.
const keptAlerts = 100

// alerts remembers the latest alerts and writes each to the log.
type alerts struct {
	log  *slog.Logger
	told func(Alert)
	mu   sync.Mutex
	all  []Alert
}

func (a *alerts) raise(at time.Time, alert Alert) {
	alert.At, alert.Message = at, alert.sentence()
	a.log.Warn(alert.Message, "alert", string(alert.Kind), "service", alert.Service)
	a.told(alert)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, alert)
	if len(a.all) > keptAlerts {
		a.all = a.all[len(a.all)-keptAlerts:]
	}
}

func (a *alerts) list() []Alert {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]Alert(nil), a.all...)
}
