package api

import (
	"net/http"

	"recado/storage"
)

// Receipt answers POST /api/receipt: a browser reports what became of a message.
// The receipt is all the proof there is: it is unguessable and stands in that
// one message. A late or repeated report is as good as the first.
func (a *API) Receipt(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Receipt string `json:"receipt"`
		Event   string `json:"event"`
		Action  string `json:"action"` // which button; not kept
	}
	err := decode(w, r, &in)
	if err == nil {
		err = a.report(r, in.Receipt, in.Event)
	}
	if err != nil {
		a.Fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (a *API) report(r *http.Request, receipt, name string) error {
	if receipt == "" {
		return &FieldError{"receipt", "is required"}
	}
	event, ok := reportable(name)
	if !ok {
		return &FieldError{"event", "must be displayed, clicked or closed"}
	}
	if a.o.Receipt == nil {
		return nil // from before receipts were switched off
	}
	notification, subscription, ok := a.o.Receipt(receipt)
	if !ok {
		return &FieldError{"receipt", "is not one that this server gave out"}
	}
	return a.o.Report(r.Context(), storage.Outcome{
		NotificationKey: notification,
		SubscriptionKey: subscription,
		Event:           event,
		At:              a.now(),
	})
}

func reportable(name string) (storage.Event, bool) {
	for _, e := range []storage.Event{storage.EventDisplayed, storage.EventClicked, storage.EventClosed} {
		if e.String() == name {
			return e, true
		}
	}
	return 0, false
}
