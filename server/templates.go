package server

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"recado/server/api"
	"recado/storage"
)

// alertWebhook is the kind of an alert about a webhook of the configuration.
const alertWebhook = "webhook"

// brokenTemplates remembers which webhooks' templates did not work on what came,
// the latest time of each. The zero value is ready to use.
type brokenTemplates struct {
	mu        sync.Mutex
	byWebhook map[string]api.Alert // no more than the configuration has
}

func (b *brokenTemplates) add(webhook string, alert api.Alert) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.byWebhook == nil {
		b.byWebhook = make(map[string]api.Alert)
	}
	b.byWebhook[webhook] = alert
}

func (b *brokenTemplates) list() []api.Alert {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Collect(maps.Values(b.byWebhook))
}

// templatesFailed raises an alert: in the log, in /v1/stats and in a metric.
func (s *server) templatesFailed(ctx context.Context, webhook string, err error) {
	message := "The templates of the webhook " + webhook + " do not work on what came: " + err.Error() +
		". Correct [webhook." + webhook + "] in the configuration; the operator's page tries templates on what came last."
	s.Logger.WarnContext(ctx, message, "alert", alertWebhook, "webhook", webhook)
	s.templates.add(webhook, api.Alert{At: time.Now(), Kind: alertWebhook, Message: message})
	s.metrics.Alert(alertWebhook)
}

// checkWebhooks warns of webhooks that publish to categories which nobody has made:
// what comes for them is refused until somebody does.
func (s *server) checkWebhooks(ctx context.Context) error {
	for _, name := range slices.Sorted(maps.Keys(s.Config.Webhooks)) {
		wanted := s.Config.Webhooks[name].Categories
		there, err := s.Store.CategoriesByName(ctx, wanted)
		if err != nil {
			return err
		}
		for _, missing := range storage.MissingCategories(wanted, there) {
			s.Logger.Warn("a webhook publishes to a category that does not exist, so what comes is refused: make it with recado category add, or correct categories",
				"webhook", name, "category", missing)
		}
	}
	return nil
}
