// Package storage is the one home of recado's words: what a subscription, a
// notification, a delivery, a key and a token are, and which errors storing
// them can end in. It imports nothing of ours; the engines below it
// (storage/sqlite) speak SQL, the packages above it declare the few methods
// they need of an engine.
//
// # A notification's state
//
//	             due                    audience read, nothing
//	scheduled ─────────▶ sending ──────pending or retrying──────▶ sent
//	    │                   │                                 └─▶ expired
//	    └─────cancel────────┴──────────▶ canceled                 (sent to nobody before its time ended)
//
// # A delivery's status
//
// A member of the audience that has no outcome yet is no row: it is counted as
// pending. A row is written with the first outcome:
//
//	pending ─▶ sent                      the push service accepted it; final
//	        ─▶ retrying ─▶ any other     tried again at DueAt; no DueAt while an attempt is under way
//	        ─▶ failed | gone | expired | canceled
//
// sent wins over every other status of the same delivery, whenever it comes:
// a browser's receipt for a delivery without outcome proves that it was sent.
// Displayed, clicked and closed are times beside the status and leave it alone.
//
// # What an engine promises
//
// A method that returns nil has made its change durable: neither kill -9 nor a
// power cut undoes it, unless its comment says otherwise. A method that returns
// an error has changed nothing. Every method may be called by many goroutines
// at once; a write that has begun is finished even when its context ends.
// Counts are never wrong, also while they change:
//
//	Targeted = Pending + Retrying + Sent + Failed + Gone + Expired + Canceled
package storage
