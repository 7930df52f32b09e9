package delivery

import "time"

// RetryPolicy decides when a delivery is tried again.
type RetryPolicy struct {
	Base time.Duration // the first backoff, > 0
	Max  time.Duration // the longest backoff
}

// Next returns when to try again after attempts (≥ 1) requests, the last of
// which ended at now. It is exponential backoff with full jitter: uniform in
// [0, min(Max, Base·2^(attempts−1))], counted from now or, when the push service
// said Retry-After (0 = it did not), from its end. random is in [0, 1).
//
// A backoff that would pass the deadline is shortened to end there. ok is false
// when no time is left: the delivery has expired.
func (p RetryPolicy) Next(attempts int, retryAfter time.Duration, now, deadline time.Time, random float64) (due time.Time, ok bool) {
	earliest := now.Add(max(retryAfter, 0))
	left := deadline.Sub(earliest)
	if left <= 0 {
		return time.Time{}, false
	}
	wait := time.Duration(random * float64(min(p.backoff(attempts), left)))
	return earliest.Add(wait), true
}

func (p RetryPolicy) backoff(attempts int) time.Duration {
	wait := p.Base
	for i := 1; i < attempts && wait < p.Max; i++ {
		wait *= 2
	}
	return min(wait, p.Max)
}
