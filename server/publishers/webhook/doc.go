// Package webhook reads what publishers send that speak no API at all: any webhook's
// request becomes a title, a body and what goes with them.
//
// # Promises
//
// It is pure: bytes and headers in, a Message out. Whatever comes is read; the only
// errors are ErrEmpty, and ErrDeep for JSON that is nested too deep. A Message is
// ready to be shown on a lock screen: the important thing first, no markup, never
// raw JSON, at most 59 characters of title.
//
// # Senders
//
// Each sender that is known has a file of its own and a line in senders, which are
// asked in that order. They go by what the payload looks like, and by headers where
// there are some; never by the Content-Type, which half of them get wrong. What none
// of them knows is read by unknown.go.
//
// An alert that is resolved has the Tag of the one that was firing, so that it takes
// its place.
//
// # Templates
//
// A Template is an operator's own reading of a payload: template.go.
package webhook
