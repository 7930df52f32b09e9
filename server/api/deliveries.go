package api

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

// deliveryItem is a delivery as /v1 shows it: every field, always.
type deliveryItem struct {
	Seq            int64  `json:"seq"`
	NotificationID string `json:"notification_id"`
	SubscriptionID string `json:"subscription_id"`
	Label          string `json:"label"`
	Service        string `json:"service"`
	Status         string `json:"status"`
	Attempts       int    `json:"attempts"`
	Code           *int   `json:"code"` // null = no answer
	Error          string `json:"error"`
	RetryAt        stamp  `json:"retry_at"`
	SentAt         stamp  `json:"sent_at"`
	DisplayedAt    stamp  `json:"displayed_at"`
	ClickedAt      stamp  `json:"clicked_at"`
	ClosedAt       stamp  `json:"closed_at"`
	LatencyMS      *int64 `json:"latency_ms"` // null = no request
}

func deliveryOf(d *storage.Delivery) deliveryItem {
	item := deliveryItem{
		Seq: d.Seq, NotificationID: d.NotificationID.String(), SubscriptionID: d.SubscriptionID.String(),
		Label: d.Label, Service: d.Service, Status: d.Status.String(),
		Attempts: d.Attempts, Error: d.Error, RetryAt: stamp(d.RetryAt),
		DisplayedAt: stamp(d.DisplayedAt), ClickedAt: stamp(d.ClickedAt), ClosedAt: stamp(d.ClosedAt),
	}
	if d.Code != 0 {
		item.Code = &d.Code
	}
	if d.Latency > 0 {
		ms := int64(d.Latency / time.Millisecond)
		item.LatencyMS = &ms
	}
	if d.Status == storage.StatusSent {
		item.SentAt = stamp(d.At)
	}
	return item
}

// Deliveries answers GET /v1/pushnotification/{id}/deliveries.
func (a *API) Deliveries(_ http.ResponseWriter, r *http.Request) (Answer, error) {
	n, err := a.notification(r, mayRead)
	if err != nil {
		return Answer{}, err
	}
	q := readQuery(r)
	f := storage.DeliveryFilter{Status: q.status(), Subscription: q.id("subscription", "a subscription's id")}
	p := q.page("deliveries")
	if err := q.err(); err != nil {
		return Answer{}, err
	}
	rows, err := a.o.History.DeliveriesOf(r.Context(), n.ID, f, p)
	return ok(pageOf("deliveries", p, rows, func(d *storage.Delivery) int64 { return d.SubscriptionKey }, deliveryOf)),
		missing(err, "notification")
}

func (q *query) status() storage.Status {
	text := q.Get("status")
	if text == "" {
		return 0
	}
	for s := storage.StatusRetrying; s <= storage.StatusCanceled; s++ {
		if s.String() == text {
			return s
		}
	}
	q.add("status", "must be retrying, sent, failed, gone, expired or canceled")
	return 0
}

// id is a parameter that names something by its id, uuid.Nil without one.
func (q *query) id(name, what string) uuid.UUID {
	text := q.Get(name)
	if text == "" {
		return uuid.Nil
	}
	id, err := uuid.Parse(text)
	if err != nil || id == uuid.Nil {
		q.add(name, "must be "+what)
	}
	return id
}
