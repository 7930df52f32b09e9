package api

import (
	"net/http"

	"github.com/google/uuid"

	"recado/server/wire"
	"recado/storage"
)

func deliveryOf(d *storage.Delivery) wire.Delivery { return wire.Delivery(*d) }

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
