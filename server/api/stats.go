package api

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"recado/storage"
)

// LiveStats is what the running server knows and storage does not.
type LiveStats struct {
	Rate         map[storage.Event]float64 // changes a second
	Services     []LiveService
	RefusedHosts []RefusedHost
	Alerts       []Alert
	Viewers      int
	Version      string
}

// LiveService is how a push service is treated at the moment.
type LiveService struct {
	Service string
	State   string // ok, slowed or paused
	Until   time.Time
	Error   string
}

// RefusedHost is a push service that push.allowed_hosts leaves out.
type RefusedHost struct {
	Host   string
	Count  int
	LastAt time.Time
}

// Alert is something an operator should look at.
type Alert struct {
	At      time.Time
	Kind    string
	Message string
}

type statsItem struct {
	Totals        spansItem          `json:"totals"`
	Rate          map[string]float64 `json:"rate"`
	Queue         queueItem          `json:"queue"`
	Services      []serviceItem      `json:"services"`
	RefusedHosts  []refusedItem      `json:"refused_hosts"`
	Alerts        []alertItem        `json:"alerts"`
	Subscriptions int                `json:"subscriptions"`
	Silent        int                `json:"silent"`
	Database      databaseItem       `json:"database"`
	Viewers       int                `json:"viewers"`
	Version       string             `json:"version"`
}

type spansItem struct {
	Hour map[string]int `json:"hour"`
	Day  map[string]int `json:"day"`
	Week map[string]int `json:"week"`
}

type queueItem struct {
	Depth       int   `json:"depth"`
	OldestDueAt stamp `json:"oldest_due_at"`
}

type serviceItem struct {
	Service string    `json:"service"`
	State   string    `json:"state"`
	Until   stamp     `json:"until"`
	Error   string    `json:"error"`
	Totals  spansItem `json:"totals"`
}

type refusedItem struct {
	Host   string `json:"host"`
	Count  int    `json:"count"`
	LastAt stamp  `json:"last_at"`
}

type alertItem struct {
	At      stamp  `json:"at"`
	Kind    string `json:"kind"`
	Message string `json:"message"`
}

type databaseItem struct {
	Bytes int64 `json:"bytes"`
}

// Statistics answers GET /v1/stats.
func (a *API) Statistics(_ http.ResponseWriter, r *http.Request) (Answer, error) {
	stored, err := a.o.Stats.Stats(r.Context(), a.now())
	if err != nil {
		return Answer{}, err
	}
	silent, err := a.o.Directory.CountSilent(r.Context(), a.silence())
	if err != nil {
		return Answer{}, err
	}
	live := a.o.Live()
	return ok(statsItem{
		Totals:       spansOf(stored.Spans),
		Rate:         byEvent(live.Rate),
		Queue:        queueItem{stored.Depth, stamp(stored.OldestDue)},
		Services:     servicesOf(stored.Services, live.Services),
		RefusedHosts: each(live.RefusedHosts, func(h *RefusedHost) refusedItem { return refusedItem{h.Host, h.Count, stamp(h.LastAt)} }),
		Alerts:       each(live.Alerts, func(a *Alert) alertItem { return alertItem{stamp(a.At), a.Kind, a.Message} }),

		Subscriptions: stored.Subscriptions, Silent: silent, Database: databaseItem{stored.Bytes},
		Viewers: live.Viewers, Version: live.Version,
	}), nil
}

// byEvent names every event, also those that did not happen.
func byEvent[N int | float64](totals map[storage.Event]N) map[string]N {
	out := map[string]N{}
	for e := storage.EventRetrying; e <= storage.EventClosed; e++ {
		out[e.String()] = totals[e]
	}
	return out
}

func spansOf(s storage.Spans) spansItem {
	return spansItem{byEvent(s.Hour), byEvent(s.Day), byEvent(s.Week)}
}

// servicesOf puts together what storage and the engine know of push services: one
// that has not been used since the start is ok.
func servicesOf(stored []storage.ServiceStats, live []LiveService) []serviceItem {
	items := map[string]serviceItem{}
	for _, s := range stored {
		items[s.Service] = serviceItem{Service: s.Service, State: "ok", Totals: spansOf(s.Spans)}
	}
	for _, l := range live {
		item, known := items[l.Service]
		if !known {
			item.Totals = spansOf(storage.Spans{})
		}
		item.Service, item.State, item.Until, item.Error = l.Service, l.State, stamp(l.Until), l.Error
		items[l.Service] = item
	}
	list := make([]serviceItem, 0, len(items))
	for _, item := range items {
		list = append(list, item)
	}
	slices.SortFunc(list, func(x, y serviceItem) int { return strings.Compare(x.Service, y.Service) })
	return list
}
