// Package server assembles recado: it makes every part, hands each what it
// needs of the others and runs them until it is told to stop. routes.go is the
// whole route table on one page, run.go the life cycle.
//
// # The walk of one notification
//
//  1. POST /api/notify is decoded and checked (package api), and one transaction
//     stores the notification with its idempotency key and a full fsync. Only
//     then does the publisher hear 2xx. The engine is woken.
//  2. What has not been sent yet is not a row each: the notification carries a
//     cursor over the subscriptions' internal keys and the highest key at the
//     time it became due. Accepting costs the same for ten or a million, and who
//     subscribes later does not get it.
//  3. The engine (package delivery) claims the next range of some 500 under a
//     lease that holds their exact keys, or retries that have come due. Cursor,
//     lease and what is put off because its push service is paused are one
//     transaction. Notifications that are being sent take turns.
//  4. Workers encrypt and POST each message (package push), every push service
//     at its own pace.
//  5. One writer settles: outcomes and receipts, gathered, in one transaction
//     that numbers them, keeps the counts and buries subscriptions that are gone.
//     When it fails, no more is sent and nothing is forgotten.
//  6. Only after the commit is anyone told: publishers that wait for the outcome,
//     and viewers of the live log (package live), whom nothing ever waits for.
//
// A lease belongs to a run of the server, not to a clock: one server owns the
// data directory, and what an earlier run claimed and did not settle is taken up
// at the start. So a hanging push service, a suspended machine or a clock that
// jumps repeats nothing.
//
// # Shutdown
//
// Viewers are told, publishers stop waiting, HTTP drains, claiming stops, requests
// under way get their grace, outcomes are flushed, the store is closed.
package server
