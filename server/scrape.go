package server

import (
	"context"
	"net/http"
	"time"

	"recado/server/delivery"
	"recado/server/metrics"
	"recado/server/space"
)

// scrapes serves /metrics on metrics.listen, without a token: who listens there is
// the operator's choice. nil when it is not set.
func (s *server) scrapes(ctx context.Context) (*listener, error) {
	if s.Config.Metrics.Listen == "" {
		return nil, nil
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metrics.Handler())
	l := &listener{Server: s.httpServer(mux)}
	if err := l.open(ctx, "metrics.listen", s.Config.Metrics.Listen, "http"); err != nil {
		return nil, err
	}
	l.limit(s.connections)
	s.Logger.Info("metrics are at " + l.url + "/metrics")
	return l, nil
}

// snapshot is what a scrape asks for.
func (s *server) snapshot(ctx context.Context) metrics.Snapshot {
	snapshot := metrics.Snapshot{
		Ready:       len(s.ready(ctx)) == 0,
		Connections: s.connections.count(), MostConnections: s.connections.most,
		Viewers: s.hub.Viewers(),
		Skipped: s.hub.Skipped(),
		Stored:  s.stored(ctx),
	}
	for _, service := range s.engine.Services() {
		snapshot.Services = append(snapshot.Services, service.Service)
		switch service.State {
		case delivery.ServicePaused:
			snapshot.Paused = append(snapshot.Paused, service.Service)
		case delivery.ServiceSlowed:
			snapshot.Slowed = append(snapshot.Slowed, service.Service)
		}
	}
	if free, err := space.Available(s.Config.DataDir); err == nil {
		snapshot.FreeBytes = free
	}
	if s.certificate != nil {
		snapshot.CertificateEnds = s.certificate.current.Load().Leaf.NotAfter
	}
	return snapshot
}

// stored is what storage knows; nil when it cannot be asked.
func (s *server) stored(ctx context.Context) *metrics.Stored {
	now := time.Now()
	stats, err := s.Store.Stats(ctx, now)
	if err != nil {
		s.Logger.Warn("a scrape goes without what the database knows", "error", err)
		return nil
	}
	stored := &metrics.Stored{Subscriptions: stats.Subscriptions, QueueDepth: stats.Depth, DatabaseBytes: stats.Bytes}
	if !stats.OldestDue.IsZero() {
		stored.OldestDue = max(0, now.Sub(stats.OldestDue))
	}
	return stored
}

func alertKinds() []string {
	kinds := []string{alertWebhook}
	for _, kind := range delivery.AlertKinds() {
		kinds = append(kinds, string(kind))
	}
	return kinds
}
