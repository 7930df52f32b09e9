// Package api answers the JSON endpoints in their three families. A is for pages,
// browsers and publishers: subscribe, notify, unsubscribe, categories, receipts. B
// is a second spelling of some of it (push.go). C, below /v1, is resources:
// notifications, their deliveries, categories, subscriptions, invites, tokens,
// keys and statistics, one file each.
//
// # Promises
//
// Input that is wrong is told what is wrong with which field, and never ends in
// a 5xx. A 2xx to a publisher means that the notification is durable; what it
// then waits for is only the answer's text, so that a publisher which goes away
// loses nothing.
//
// What a handler needs is in Options, as small interfaces and functions; the
// package knows neither the push sender nor the delivery engine.
//
// # Requests
//
// What comes from publishers that speak something else (hook.go, ntfy.go, gotify.go)
// is of any kind, at most 1 MiB, and goes on with relay. For all others:
//
// A body is one JSON object of at most 64 KiB, nested at most 32 deep, in UTF-8.
// Families A and B ignore unknown fields and tell of errors as {"message"}; /v1
// refuses them, and tells of errors as RFC 9457 has it, of all bad fields at once.
// Cancelling and rotating take no body and look at none.
//
// A Content-Type may be missing or anything that can be JSON, text/plain among
// them, for that is what many senders say, and application/x-www-form-urlencoded
// if it is JSON nevertheless, for that is what curl -d says. Real forms, multipart/*, XML, HTML and media are 415. A
// session's cookie counts for recado's own pages alone (see package access), so a
// page of another site can do no more with these routes than its own server could.
// The one exception, publishing that is open to everyone who reaches the server, is
// closed to pages of other sites unless access.cors_origins names them: they reach
// servers that only their visitor does.
package api
