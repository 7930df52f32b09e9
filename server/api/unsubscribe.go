package api

import (
	"bytes"
	"errors"
	"net/http"

	"github.com/google/uuid"
)

// Unsubscribe answers POST /api/unsubscribe. The id or the endpoint is the right
// to do it; whether there was such a subscription is not told.
func (a *API) Unsubscribe(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ClientUUID string `json:"client_uuid"`
		Endpoint   string `json:"endpoint"`
	}
	body, err := readBody(w, r)
	if err == nil && len(bytes.TrimSpace(body)) > 0 { // nothing at all names nobody either
		err = unmarshal(body, &in)
	}
	if err == nil {
		err = a.unsubscribe(r, in.ClientUUID, in.Endpoint)
	}
	if err != nil {
		a.Fail(w, r, err)
		return
	}
	respondJSON(w, http.StatusOK, map[string]string{"message": "unsubscribed"})
}

func (a *API) unsubscribe(r *http.Request, clientUUID, endpoint string) error {
	if clientUUID == "" && endpoint == "" {
		return &FieldError{"client_uuid", "is required"}
	}
	var errs []error
	// What is no id at all is the id of nothing.
	if id, err := uuid.Parse(clientUUID); err == nil {
		_, err := a.o.Subscriptions.Unsubscribe(r.Context(), a.now(), id)
		errs = append(errs, err)
	}
	if endpoint != "" {
		_, err := a.o.Subscriptions.UnsubscribeEndpoint(r.Context(), a.now(), endpoint)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
