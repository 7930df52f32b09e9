package sqlite

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

var benchTime = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// populate imports n subscriptions; every fifth joins one of five categories,
// and all of them "all".
func populate(b testing.TB, s *Store, n int) {
	b.Helper()
	ctx := b.Context()
	if err := s.AddKey(ctx, storage.VAPIDKey{ID: "key", Public: make([]byte, 65), Private: make([]byte, 32), CreatedAt: benchTime}); err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"all", "c0", "c1", "c2", "c3", "c4"} {
		if _, err := s.CreateCategory(ctx, storage.Category{Name: name}); err != nil {
			b.Fatal(err)
		}
	}
	for from := 0; from < n; from += 500 {
		if _, err := s.ImportSubscriptions(ctx, benchTime, batch(from, min(500, n-from), true)); err != nil {
			b.Fatal(err)
		}
	}
}

func batch(from, n int, categories bool) []storage.Subscribe {
	list := make([]storage.Subscribe, n)
	for i := range list {
		list[i] = storage.Subscribe{
			Endpoint: fmt.Sprintf("https://updates.push.services.mozilla.example/wpush/v2/%0140d", from+i),
			P256dh:   make([]byte, 65), Auth: make([]byte, 16), Service: "updates.push.services.mozilla.example",
		}
		if categories {
			list[i].Categories = &[]string{"all", fmt.Sprintf("c%d", (from+i)%5)}
		}
	}
	return list
}

func publish(b testing.TB, s *Store, target storage.Target) storage.Notification {
	b.Helper()
	a, err := s.Accept(b.Context(), storage.Notification{
		ID: uuid.Must(uuid.NewV7()), Content: storage.Content{Title: "title", Body: "body"}, TTL: time.Hour,
		Urgency: "normal", Target: target, CreatedAt: benchTime,
	}, nil)
	if err != nil {
		b.Fatal(err)
	}
	return a.Notification
}
