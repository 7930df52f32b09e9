package api

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// respondJSON answers with v, which always can be encoded.
func respondJSON(w http.ResponseWriter, status int, v any) {
	respondAs(w, status, "application/json", v)
}

// respondAs is respondJSON as another media type that is JSON.
func respondAs(w http.ResponseWriter, status int, contentType string, v any) {
	body, err := json.Marshal(v)
	if err != nil { // unreachable with the types of this package
		status, body = http.StatusServiceUnavailable, []byte(`{"message":"the answer could not be encoded"}`)
	}
	respond(w, status, contentType, body)
}

func respondText(w http.ResponseWriter, status int, text string) {
	respond(w, status, "text/plain; charset=utf-8", []byte(text))
}

func respond(w http.ResponseWriter, status int, contentType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// An error means that the client has gone; there is nobody to tell.
	_, _ = w.Write(body)
}

// errorBody is an error as families A and B tell it.
type errorBody struct {
	Message string `json:"message"`
	Size    *int   `json:"size,omitempty"`
	Limit   *int   `json:"limit,omitempty"`
}

// Fail tells a client of families A and B about an error, as Problem does one of
// /v1.
func (a *API) Fail(w http.ResponseWriter, r *http.Request, err error) {
	e := a.told(r, err)
	body := errorBody{Message: e.Message}
	if e.Status == http.StatusRequestEntityTooLarge {
		body.Size, body.Limit = &e.Size, &e.Limit
	}
	errorHeaders(w, e)
	respondJSON(w, e.Status, body)
}

// told is what a client may know of an error. What nobody foresaw goes to the
// log.
func (a *API) told(r *http.Request, err error) *Error {
	e, known := explain(err)
	// A context that has ended is a client that has gone away. The pattern and not
	// the path is logged, for there are paths that hold a token.
	if !known && r.Context().Err() == nil {
		a.o.Log.ErrorContext(r.Context(), "a request failed", "route", r.Pattern, "error", err)
	}
	return e
}

func setHeader(w http.ResponseWriter, name, value string) {
	if value != "" {
		w.Header().Set(name, value)
	}
}

// failAt is how errors are told at a path, for those that come before a route is
// found.
func (a *API) failAt(path string) func(http.ResponseWriter, *http.Request, error) {
	if path == "/v1" || strings.HasPrefix(path, "/v1/") {
		return a.Problem
	}
	return a.Fail
}

// NotFound answers a path that is no route.
func (a *API) NotFound(w http.ResponseWriter, r *http.Request) {
	a.failAt(r.URL.Path)(w, r, &Error{Status: http.StatusNotFound, Message: "there is nothing at this path"})
}

// MethodNotAllowed answers a method that a route does not have; allowed are
// those that it has.
func (a *API) MethodNotAllowed(allowed ...string) http.HandlerFunc {
	allow := strings.Join(allowed, ", ")
	return func(w http.ResponseWriter, r *http.Request) {
		message := "this path does not take " + r.Method
		if allow != "" {
			message += ", only " + allow
		}
		a.failAt(r.URL.Path)(w, r, &Error{Status: http.StatusMethodNotAllowed, Message: message, Allow: allow})
	}
}

// wantsJSON reports whether the client asks for application/json (RFC 9110
// §12.5.1). One that would take anything has not asked.
func wantsJSON(r *http.Request) bool {
	for _, line := range r.Header.Values("Accept") {
		for entry := range strings.SplitSeq(line, ",") {
			media, params, _ := strings.Cut(entry, ";")
			if strings.EqualFold(strings.TrimSpace(media), "application/json") && !refused(params) {
				return true
			}
		}
	}
	return false
}

// refused reports whether an entry of Accept has the weight 0: "not this".
func refused(params string) bool {
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
		if q, err := strconv.ParseFloat(value, 64); strings.EqualFold(name, "q") && err == nil && q == 0 {
			return true
		}
	}
	return false
}
