package api

import (
	"net/http"
	"strconv"
	"time"

	"recado/server/requestid"
)

// problemBody is an error as /v1 tells it (RFC 9457 §3).
type problemBody struct {
	Type   string        `json:"type"` // about:blank: the status says it all (§4.2.1)
	Title  string        `json:"title"`
	Status int           `json:"status"`
	Detail string        `json:"detail"`
	Errors []problemItem `json:"errors,omitempty"`
	Size   *int          `json:"size,omitempty"`
	Limit  *int          `json:"limit,omitempty"`
	// RequestID is in a 5xx, for whoever is to look into the log.
	RequestID string `json:"request_id,omitempty"`
}

type problemItem struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Problem is Fail for /v1. What is wrong with fields is a 422 there.
func (a *API) Problem(w http.ResponseWriter, r *http.Request, err error) {
	e := a.told(r, err)
	p := problemBody{Type: "about:blank", Status: e.Status, Detail: e.Message}
	if e.Status == http.StatusBadRequest && len(e.Fields) > 0 {
		p.Status = http.StatusUnprocessableEntity
		for _, f := range e.Fields {
			p.Errors = append(p.Errors, problemItem(f))
		}
	}
	if e.Status == http.StatusRequestEntityTooLarge {
		p.Size, p.Limit = &e.Size, &e.Limit
	}
	if e.Status >= http.StatusInternalServerError {
		p.RequestID = requestid.From(r.Context())
	}
	p.Title = http.StatusText(p.Status)
	errorHeaders(w, e)
	respondAs(w, p.Status, "application/problem+json", p)
}

// errorHeaders sets what goes with some statuses.
func errorHeaders(w http.ResponseWriter, e *Error) {
	setHeader(w, "WWW-Authenticate", e.Challenge)
	if e.Status == http.StatusMethodNotAllowed { // RFC 9110 §15.5.6: also when it is empty
		w.Header().Set("Allow", e.Allow)
	}
	if e.RetryAfter > 0 {
		setHeader(w, "Retry-After", strconv.Itoa(int((e.RetryAfter+time.Second-1)/time.Second)))
	}
}
