package storage

import "time"

// firstTryGrace is how long a message may wait for its first attempt even when
// its TTL is shorter: a TTL of 0 means "now or never" to the push service, not
// that a fan-out must end in the millisecond it began.
const firstTryGrace = time.Minute

// Deadline is when deliveries of n are given up: the end of its TTL, counted
// from DueAt, or ExpiresAt if that is earlier.
func (n *Notification) Deadline() time.Time {
	return n.earliest(n.DueAt.Add(n.TTL))
}

// FirstTryDeadline is Deadline for a delivery that was never attempted.
func (n *Notification) FirstTryDeadline() time.Time {
	return n.earliest(n.DueAt.Add(max(n.TTL, firstTryGrace)))
}

func (n *Notification) earliest(t time.Time) time.Time {
	if !n.ExpiresAt.IsZero() && n.ExpiresAt.Before(t) {
		return n.ExpiresAt
	}
	return t
}
