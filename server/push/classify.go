package push

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Class is what an answer of a push service means for a delivery.
type Class int

const (
	// Sent: the push service accepted the message.
	Sent Class = iota + 1
	// Gone: the subscription does not exist any more.
	Gone
	// Unauthorized: the VAPID key or token was refused, which says nothing about
	// the subscription.
	Unauthorized
	// Rejected: this message will never be accepted; do not retry.
	Rejected
	// Overloaded: the push service asks for fewer requests; retry later.
	Overloaded
	// Retry: the push service failed or gave no answer; retry later.
	Retry
)

func (c Class) String() string {
	switch c {
	case Sent:
		return "sent"
	case Gone:
		return "gone"
	case Unauthorized:
		return "unauthorized"
	case Rejected:
		return "rejected"
	case Overloaded:
		return "overloaded"
	case Retry:
		return "retry"
	}
	return "class " + strconv.Itoa(int(c))
}

// Retryable reports whether the same message may succeed later: Overloaded and
// Retry.
func (c Class) Retryable() bool { return c == Overloaded || c == Retry }

// Result is what came of sending one message.
type Result struct {
	Class Class
	// Code is the HTTP status, 0 when there was no answer.
	Code int
	// Reason says why in at most 1 KiB of UTF-8 without control characters; it
	// never holds the endpoint. Empty when sent.
	Reason string
	// RetryAfter is how long the push service asks to wait, at most an hour; 0
	// when it did not say. Only with Overloaded and Retry.
	RetryAfter time.Duration
	// Latency is the time from the beginning of the request to its answer.
	Latency time.Duration
}

// Classify says what an answer means; it is the only place that decides so.
// service is the endpoint's host, since some have habits of their own; body is
// as much of the answer as was read.
func Classify(service string, code int, header http.Header, body []byte, now time.Time) Result {
	return classify(service, code, header, body, now)
}

// classify is Classify that also keeps secrets out of the reason.
func classify(service string, code int, header http.Header, body []byte, now time.Time, secrets ...string) Result {
	r := Result{Class: classOf(service, code), Code: code}
	if r.Class != Sent {
		r.Reason = answerReason(service, code, header, body, secrets)
	}
	if r.Class.Retryable() {
		r.RetryAfter = ParseRetryAfter(header.Get("Retry-After"), now)
	}
	return r
}

func classOf(service string, code int) Class {
	switch {
	case code >= 200 && code < 300:
		return Sent
	case code == http.StatusNotFound, code == http.StatusGone: // RFC 8030 §7.3
		return Gone
	case code == http.StatusUnauthorized, code == http.StatusForbidden: // RFC 8292 §4.2
		return Unauthorized
	case code == http.StatusTooManyRequests: // RFC 8030 §8.4
		return Overloaded
	case code == http.StatusNotAcceptable && isWindows(service):
		return Overloaded // WNS says 406 when it throttles
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code >= 500:
		return Retry // among them 507, a UnifiedPush server without a listener
	}
	return Rejected
}

// isWindows reports whether a service is the Windows Push Notification Services.
func isWindows(service string) bool {
	host, _, _ := strings.Cut(service, ":")
	return strings.HasSuffix(host, ".notify.windows.com")
}

// maxRetryAfter is how far a push service is believed.
const maxRetryAfter = time.Hour

// ParseRetryAfter reads a Retry-After header (RFC 9110 §10.2.3), seconds or a
// date, as a duration from now: at most an hour, and 0 for the past and for what
// cannot be understood.
func ParseRetryAfter(v string, now time.Time) time.Duration {
	v = strings.TrimSpace(v)
	if v == "" {
		return 0
	}
	if strings.Trim(v, "0123456789") == "" {
		seconds, err := strconv.ParseUint(v, 10, 32)
		if err != nil || seconds > uint64(maxRetryAfter/time.Second) {
			return maxRetryAfter // too large a number, there is no other error
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}
