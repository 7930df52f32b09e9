package storage

import "time"

// Totals counts changes of deliveries by event; an event that is missing did not
// happen. A delivery that was retried and then sent is counted for both.
type Totals map[Event]int

// Spans are totals of the time until now: exact to a minute for the hour, to an
// hour for the day and the week.
type Spans struct {
	Hour, Day, Week Totals
}

// ServiceStats are the totals of one push service.
type ServiceStats struct {
	Service string
	Spans
}

// Stats is how an engine's deliveries stand.
type Stats struct {
	Spans
	// Services are those that had anything to do within a week, by name.
	Services []ServiceStats
	// Depth is how many deliveries are pending or retrying, as the counts of their
	// notifications have it: the part of an audience that has not been read yet is
	// not in it.
	Depth int
	// OldestDue is since when the longest waiting one is due; zero = nothing is
	// due.
	OldestDue     time.Time
	Subscriptions int // living ones
	Bytes         int64
}
