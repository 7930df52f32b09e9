package live

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"

	"recado/storage"
	"recado/storage/sqlite"
)

func benchEvents(n int) ([]*event, map[int64]storage.SubscriptionName) {
	of := &storage.NotificationName{Key: 1, ID: uuid.New(), Title: "Workshop opens at 18:00 today", Everyone: true}
	events, names := make([]*event, n), map[int64]storage.SubscriptionName{}
	for i := range events {
		key := int64(i + 1)
		events[i] = &event{storage.Change{
			Seq: 812_000 + key, NotificationKey: 1, SubscriptionKey: key, Status: storage.StatusSent, Event: storage.EventSent,
			Attempts: 1, Code: 201, At: time.Now(), Latency: 84 * time.Millisecond,
		}, of}
		names[key] = storage.SubscriptionName{Key: key, ID: uuid.New(), Label: fmt.Sprint("Ana · Pixel ", i), Service: "fcm.googleapis.com"}
	}
	return events, names
}

// BenchmarkFrame encodes what 20 viewers of one filter are given together.
func BenchmarkFrame(b *testing.B) {
	events, names := benchEvents(frameItems)
	b.ReportAllocs()
	for b.Loop() {
		deliveries(events, names)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*frameItems), "ns/item")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkRound is all that the hub does for 500 changes of as many subscriptions,
// 20,000 in turn, before viewers that have stalled.
func BenchmarkRound(b *testing.B) {
	for _, viewers := range []int{1, 20, 1000} {
		b.Run(fmt.Sprint("viewers=", viewers), func(b *testing.B) { benchRound(b, viewers) })
	}
}

func benchRound(b *testing.B, viewers int) {
	const subscriptions = 20_000
	s, err := sqlite.Open(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if err := s.AddKey(b.Context(), storage.VAPIDKey{ID: "k", Public: []byte("p"), Private: []byte("q")}); err != nil {
		b.Fatal(err)
	}
	for from := 0; from < subscriptions; from += frameItems {
		list := make([]storage.Subscribe, frameItems)
		for i := range list {
			label := fmt.Sprint("Ana · Pixel ", i)
			list[i] = storage.Subscribe{Endpoint: fmt.Sprint("https://push.example/", from+i), P256dh: []byte{4}, Auth: []byte{1}, Service: "push.example", Label: &label}
		}
		if _, err := s.ImportSubscriptions(b.Context(), time.Now(), list); err != nil {
			b.Fatal(err)
		}
	}
	n, err := s.Accept(b.Context(), storage.Notification{ID: uuid.New(), Content: storage.Content{Title: "title"}, TTL: time.Hour, CreatedAt: time.Now()}, nil)
	if err != nil {
		b.Fatal(err)
	}
	h := New(Options{Log: s, Version: "v", Logger: slog.New(slog.DiscardHandler)})
	for range viewers {
		v, err := h.Join(storage.ChangeFilter{}, 0)
		if err != nil || !h.admit(v) {
			b.Fatal(err)
		}
	}
	seq := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		changes := make([]storage.Change, frameItems)
		for i := range changes {
			seq++
			changes[i] = storage.Change{
				Seq: seq, NotificationKey: n.Notification.Key, SubscriptionKey: seq%subscriptions + 1, Status: storage.StatusSent,
				Event: storage.EventSent, Attempts: 1, Code: 201, At: time.Now(), Latency: 84 * time.Millisecond,
			}
		}
		h.Publish(storage.Settled{Changes: changes, Progress: []storage.Progress{{NotificationKey: n.Notification.Key}}})
		h.round(b.Context())
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*frameItems), "ns/item")
	b.ReportMetric(0, "ns/op")
}
