package api

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"recado/server/wire"
)

// Answer is what a handler of /v1 answers.
type Answer struct {
	status   int
	location string // path; empty = none
	body     any    // nil = none
}

func ok(body any) Answer { return Answer{status: http.StatusOK, body: body} }

func created(location string, body any) Answer {
	return Answer{status: http.StatusCreated, location: location, body: body}
}

func noContent() Answer { return Answer{status: http.StatusNoContent} }

// Handler answers one route of /v1, or fails.
type Handler func(w http.ResponseWriter, r *http.Request) (Answer, error)

// V1 makes a Handler one of net/http.
func (a *API) V1(h Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := h(w, r)
		if err != nil {
			a.Problem(w, r, err)
			return
		}
		setHeader(w, "Location", answer.location)
		if answer.body == nil {
			w.Header().Set("Cache-Control", "no-store")
			w.WriteHeader(answer.status)
			return
		}
		respondJSON(w, answer.status, answer.body)
	}
}

// pathID is the id in the path. What is no id at all is the id of nothing.
func pathID(r *http.Request, what string) (uuid.UUID, error) {
	name := "id"
	if what == "category" {
		name = "categoryId"
	}
	// Only the usual form: uuid.Parse takes others too, and one thing is to have one
	// path.
	if text := r.PathValue(name); len(text) == 36 {
		if id, err := uuid.Parse(text); err == nil {
			return id, nil
		}
	}
	return uuid.Nil, noSuch(what)
}

func noSuch(what string) *Error {
	return &Error{Status: http.StatusNotFound, Message: "there is no such " + what}
}

func conflict(message string) *Error {
	return &Error{Status: http.StatusConflict, Message: message}
}

// stamp is a time as JSON has it; null = none.
type stamp time.Time

// MarshalJSON writes RFC 3339 in UTC, always with milliseconds.
func (s stamp) MarshalJSON() ([]byte, error) {
	return wire.AppendTime(nil, time.Time(s)), nil
}

// listed is a list that is never null.
func listed[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
