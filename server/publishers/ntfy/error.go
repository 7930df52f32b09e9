package ntfy

import "net/http"

// Error is one of ntfy's, as its JSON has it.
type Error struct {
	Code    int    `json:"code"`
	HTTP    int    `json:"http"`
	Message string `json:"error"`
	Link    string `json:"link,omitempty"`
}

func (e *Error) Error() string { return e.Message }

const publishing = "https://docs.ntfy.sh/publish/"

func bad(code int, message, section string) *Error {
	e := &Error{Code: code, HTTP: http.StatusBadRequest, Message: message}
	if section != "" {
		e.Link = publishing + section
	}
	return e
}

func errDelay(why string) *Error {
	return bad(40004, "invalid delay parameter: unable to parse delay: "+why, "#scheduled-delivery")
}

func errDelayTooSmall() *Error {
	return bad(40005, "invalid delay parameter: too small, it must lie in the future", "#scheduled-delivery")
}

func errDelayTooLarge() *Error {
	return bad(40006, "invalid delay parameter: too large, at most a year ahead", "#scheduled-delivery")
}

func errPriority() *Error {
	return bad(40007, "invalid priority parameter: use 1 to 5, or min, low, default, high, max", "#message-priority")
}

func errTopic() *Error {
	return bad(40009, "invalid request: topic invalid: it takes 1 to 64 of the characters A-Z a-z 0-9 - _", "")
}

// TakenTopic is the error about a topic that cannot be one.
func TakenTopic(topic string) *Error {
	return bad(40010, "invalid request: topic name is disallowed: other routes begin with "+topic, "")
}

func errAttachment() *Error {
	return bad(40013, "invalid request: attachment URL is invalid: it must be http or https", "#attachments")
}

// JSONError is the error about a body that is no message.
func JSONError(why string) *Error {
	return bad(40017, "invalid request: request body must be message JSON: "+why, "#publish-as-json")
}

func errActions(why string) *Error {
	return bad(40018, "invalid request: actions invalid; "+why, "#action-buttons")
}

func errIcon() *Error {
	return bad(40021, "invalid request: icon URL is invalid: it must be http or https", "#icons")
}

// StatusError is what ntfy calls an HTTP status that has nothing to do with what
// was published. message says more about it; empty = nothing more is known.
func StatusError(status int, message string) *Error {
	e := &Error{HTTP: status, Link: publishing}
	switch status {
	case http.StatusUnauthorized:
		e.Code, e.Message, e.Link = 40101, "unauthorized", publishing+"#authentication"
	case http.StatusForbidden:
		e.Code, e.Message, e.Link = 40301, "forbidden", publishing+"#authentication"
	case http.StatusNotFound:
		e.Code, e.Message, e.Link = 40401, "page not found", ""
	case http.StatusRequestEntityTooLarge:
		e.Code, e.Message, e.Link = 41301, "attachment too large, or bandwidth limit reached", publishing+"#limitations"
	case http.StatusTooManyRequests:
		e.Code, e.Message, e.Link = 42901, "limit reached: too many requests, please be nice", publishing+"#limitations"
	case http.StatusBadRequest:
		e.Code, e.Message = 40000, "invalid request"
	default:
		e.Code, e.Message, e.Link = status*100+1, http.StatusText(status), ""
	}
	if message != "" {
		e.Message += ": " + message
	}
	return e
}
