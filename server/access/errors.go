package access

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"recado/storage"
)

// Error says why a request was not let in. Its text is for the client.
type Error struct {
	// Status is 401, 403 or 429.
	Status  int
	Message string
	// Challenge is the WWW-Authenticate value of a 401 or 403 (RFC 6750 §3);
	// empty = none.
	Challenge string
	// RetryAfter is how long a 429 lasts, in whole seconds.
	RetryAfter time.Duration
	// Missing: the request carried no token at all.
	Missing bool
}

func (e *Error) Error() string { return e.Message }

// challenge names the scheme; RFC 6750 §3.1 gives no error code to a request
// that carried no token at all.
const challenge = `Bearer realm="recado"`

func errMissing() *Error {
	return &Error{
		Status:    http.StatusUnauthorized,
		Message:   "a token is needed: send it as Authorization: Bearer TOKEN",
		Challenge: challenge,
		Missing:   true,
	}
}

func errWrong() *Error {
	return &Error{
		Status:    http.StatusUnauthorized,
		Message:   "the token is wrong, revoked or expired",
		Challenge: challenge + `, error="invalid_token"`,
	}
}

func errEnded() *Error {
	return &Error{
		Status:    http.StatusUnauthorized,
		Message:   "the session has ended: sign in again",
		Challenge: challenge + `, error="invalid_token"`,
	}
}

func errForeign() *Error {
	return &Error{
		Status:  http.StatusForbidden,
		Message: "this comes from a page of another site, which must not use the session: if it is recado's own, base_url must be what the browser shows",
	}
}

func errInsecure(origin string) *Error {
	return &Error{
		Status:  http.StatusForbidden,
		Message: "this page was opened without https, and browsers would not stay signed in: open it at " + origin + " (base_url)",
	}
}

func errNoSignIn() *Error {
	return &Error{
		Status:  http.StatusForbidden,
		Message: "a publish token cannot sign in: use an admin token, or a read token to look only",
	}
}

func errScope(has storage.Scope, need []storage.Scope) *Error {
	names := make([]string, len(need))
	for i, s := range need {
		names[i] = string(s)
	}
	return &Error{
		Status:    http.StatusForbidden,
		Message:   fmt.Sprintf("the token has the scope %s, this needs %s", has, strings.Join(names, " or ")),
		Challenge: challenge + fmt.Sprintf(`, error="insufficient_scope", scope=%q`, strings.Join(names, " ")),
	}
}

func errLimit(what string, wait time.Duration) *Error {
	return &Error{
		Status:     http.StatusTooManyRequests,
		Message:    fmt.Sprintf("too many %s from this address: try again in %d s", what, int(wait/time.Second)),
		RetryAfter: wait,
	}
}

// bearer is the token that a request carries. Another scheme is no token of
// ours: a proxy in front may ask for Basic and pass it on.
func bearer(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(strings.TrimSpace(r.Header.Get("Authorization")), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	token = strings.TrimSpace(token)
	return token, token != ""
}
