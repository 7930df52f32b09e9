package api

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"recado/server/access"
	"recado/storage"
)

// Error is what a client is told. Its status is one of 400, 401, 403, 404, 405,
// 409, 413, 415, 429 and 503; /push_v1 also has 502, and /v1 has 422, as which
// it also tells a 400 with Fields.
type Error struct {
	Status  int
	Message string
	// Fields are the fields that a 400 is about, if it is about fields.
	Fields []FieldError
	// Size and Limit, in bytes, belong to a 413.
	Size, Limit int
	// RetryAfter belongs to 429 and 503.
	RetryAfter time.Duration
	// Challenge is WWW-Authenticate.
	Challenge string
	// Allow lists the methods of a 405.
	Allow string
}

func (e *Error) Error() string { return e.Message }

// FieldError says what is wrong with one field of a request. Message follows the
// field's name: "must be …".
type FieldError struct {
	Field   string // as the client spells it, "keys.auth"
	Message string
}

func (e *FieldError) Error() string { return strings.TrimPrefix(e.Field+" "+e.Message, " ") }

// HostError says that the operator's configuration leaves a push service out.
// Message follows "endpoint: " and names push.allowed_hosts; empty = the usual
// one.
type HostError struct{ Host, Message string }

func (e *HostError) Error() string {
	if e.Message != "" {
		return "endpoint: " + e.Message
	}
	return fmt.Sprintf("endpoint: the host %s is not in push.allowed_hosts", e.Host)
}

func badRequest(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Message: fmt.Sprintf(format, args...)}
}

func forbidden(format string, args ...any) *Error {
	return &Error{Status: http.StatusForbidden, Message: fmt.Sprintf(format, args...)}
}

// badFields is one error of them all; nil when there is none.
func badFields(fields []FieldError) error {
	if len(fields) == 0 {
		return nil
	}
	texts := make([]string, len(fields))
	for i := range fields {
		texts[i] = fields[i].Error()
	}
	return &Error{Status: http.StatusBadRequest, Message: strings.Join(texts, "; "), Fields: fields}
}

// storageRetry is when to try again what storage could not do.
const storageRetry = 5 * time.Second

// explain maps any error to what a client may know of it. known is false for
// one that nobody foresaw: it is for the log, and the client only learns that it
// happened.
func explain(err error) (e *Error, known bool) {
	var (
		gate     *access.Error
		field    *FieldError
		host     *HostError
		category *storage.UnknownCategoryError
	)
	switch {
	case errors.As(err, &e):
		return e, true
	case errors.As(err, &gate):
		return &Error{Status: gate.Status, Message: gate.Message, Challenge: gate.Challenge, RetryAfter: gate.RetryAfter}, true
	case errors.As(err, &field):
		return &Error{Status: http.StatusBadRequest, Message: field.Error(), Fields: []FieldError{*field}}, true
	case errors.Is(err, storage.ErrInvite):
		return forbidden("%s", storage.ErrInvite.Error()), true
	case errors.As(err, &host):
		return badRequest("%s", host.Error()), true
	case errors.As(err, &category):
		return badRequest("%s", category.Error()), true
	case errors.Is(err, storage.ErrIdempotencyKey):
		return &Error{Status: http.StatusConflict, Message: storage.ErrIdempotencyKey.Error()}, true
	case errors.Is(err, storage.ErrExists), errors.Is(err, storage.ErrInUse), errors.Is(err, storage.ErrEnded):
		return conflict(err.Error()), true
	case errors.Is(err, storage.ErrNotFound):
		return &Error{Status: http.StatusNotFound, Message: storage.ErrNotFound.Error()}, true
	case errors.Is(err, storage.ErrNoKey):
		return unavailable("there is no VAPID key yet: the operator has to make or import one"), true
	case errors.Is(err, storage.ErrUnavailable):
		return unavailable("storage is unavailable: nothing was changed, try again later"), true
	}
	return unavailable("something went wrong on the server: try again later"), false
}

func unavailable(message string) *Error {
	return &Error{Status: http.StatusServiceUnavailable, Message: message, RetryAfter: storageRetry}
}
