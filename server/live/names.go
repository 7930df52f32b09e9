package live

import (
	"context"
	"maps"
	"slices"
	"time"

	"recado/storage"
)

const (
	// maxNames bounds the names that are kept, some 4 MB.
	maxNames = 20_000
	// namesAge is how long a label may still be shown that has been changed.
	namesAge = time.Minute
)

// names keeps the names of subscriptions: after a fan-out their browsers report,
// and then comes the next.
type names struct {
	log   Log
	known map[int64]storage.SubscriptionName
	since time.Time
}

// of returns at least the names of the events' subscriptions. It looks up at once
// what is not known.
func (n *names) of(ctx context.Context, heads [][]*event) (map[int64]storage.SubscriptionName, error) {
	if len(n.known) > maxNames || time.Since(n.since) > namesAge {
		n.known, n.since = nil, time.Now()
	}
	missing := make(map[int64]struct{})
	for _, events := range heads {
		for _, e := range events {
			if _, ok := n.known[e.SubscriptionKey]; !ok {
				missing[e.SubscriptionKey] = struct{}{}
			}
		}
	}
	if len(missing) == 0 {
		return n.known, nil
	}
	found, err := n.log.SubscriptionNames(ctx, slices.Collect(maps.Keys(missing)))
	if err != nil {
		return nil, err
	}
	if n.known == nil {
		n.known = found
	} else {
		maps.Copy(n.known, found)
	}
	return n.known, nil
}

// nameNotifications fills in the names of the notifications whose keys are there;
// those of which there are none stay nil.
func nameNotifications(ctx context.Context, log Log, of map[int64]*storage.NotificationName) error {
	if len(of) == 0 {
		return nil
	}
	found, err := log.NotificationNames(ctx, slices.Collect(maps.Keys(of)))
	for key, name := range found {
		of[key] = &name
	}
	return err
}
