// Package delivery turns accepted notifications into pushes and their outcomes.
//
// The Engine claims attempts from storage, sends each through a push.Sender
// and has one writer settle what came of them. It promises:
//
//   - Every attempt it claims ends in an outcome that is stored, or is claimed
//     again by the next run. After a crash at most Options.Concurrency requests
//     and one settle batch of 500 outcomes were sent without a trace and are
//     sent again; after an orderly shutdown only those that were cut off.
//   - A push service that hangs, fails or answers 429 is slowed down by itself:
//     its deliveries become retrying and the others keep their speed. Sending
//     notifications take turns, so that one to a single device is not stuck
//     behind one to a million.
//   - When an outcome cannot be stored nothing more is sent until storage works
//     again; what is known is kept in memory and nothing is lost.
//   - Idle it costs nothing: it sleeps until it is woken or the next scheduled
//     notification or retry is due.
//
// Three things run: the loop that claims (engine.go), workers that sleep while
// there is nothing to send (send.go, their order and pace in lanes.go and
// lane.go), and the settler (settle.go). RetryPolicy alone decides when to
// try again, push.Classify alone what an answer means.
package delivery
