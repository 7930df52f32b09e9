// Package pushtest is a push service to test senders against. It is an
// independent judge: it shares no code with the sender, decrypts every message
// (RFC 8291, RFC 8188), verifies every VAPID token (RFC 8292) and request
// (RFC 8030), and misbehaves on request.
//
// A request that breaks one of those documents is answered as push services
// do (400, 401, 403, 413, …) and noted in [Server.Violations]; a test that
// ends with none has proven the sender's side of the wire. What a correct
// sender may well meet is no violation: an unknown subscription (404), a
// removed one (410), one that belongs to another key (403), a scripted answer.
//
// A message is "accepted" when it is valid and its answer is, or would have
// been, a 2xx: Step{Status: 201, Reset: true} accepts it and loses the answer.
// It is recorded when it has been read, before any delay and before the answer.
//
// HTTP/2 is spoken by a small server of its own on the Framer of
// golang.org/x/net/http2, because net/http's can neither refuse a stream nor
// send a GOAWAY at a chosen moment.
package pushtest
