package delivery

import (
	"math/rand/v2"
	"time"

	"recado/server/push"
)

const (
	// firstWindow keeps the first burst to an unknown push service from opening
	// a connection for every request before HTTP/2 is agreed on. Below it a push
	// service counts as slowed.
	firstWindow = 16
	// laneQueue is how many attempts wait in memory for one push service.
	laneQueue = 1000
	// stallAfter is how long an attempt waits for its push service before the
	// ranges go on without that service.
	stallAfter = time.Second
	// longestSpread bounds how far deferred deliveries are spread out.
	longestSpread = 30 * time.Second

	failuresToPause     = 4
	pauseBase           = time.Second
	longestPause        = time.Minute
	unauthorizedToPause = 10
	unauthorizedPause   = 5 * time.Minute
	goneSample          = 200
	slowedKept          = time.Hour // that a service is remembered as slowed while others come and go
	goneAlert           = goneSample / 5
)

// lane is the pace of one push service. Its window is how many requests may be
// under way: it doubles with each round of answers while all is well, halves
// with a round that failed, and at one the service is paused between tries. A
// lane is owned by lanes, whose mutex guards it.
type lane struct {
	service string
	queue   []job
	flying  int

	window, widest int
	slowed         bool // its window is so narrow that the ranges go on without it
	proven         bool // it has answered, other than with a failure
	doubted        int  // of flying: those that were started in doubt
	narrowedAt     time.Time
	pausedUntil    time.Time
	trouble        string // why it was slowed or paused last
	pauses         int    // in a row
	failures       int    // in a row
	unauthorized   int    // in a row
	deferred       int    // since the lane had room

	answers  [goneSample]bool // the last answers: was it 404 or 410?
	answered int
	gone     int
	alerted  bool
}

func newLane(service string, widest int) *lane {
	return &lane{service: service, window: min(firstWindow, widest), widest: widest}
}

// room is how many more attempts the lane takes into its queue.
func (l *lane) room(now time.Time) int {
	if l.paused(now) {
		return 0
	}
	if l.slowed {
		return max(0, 2*l.window-len(l.queue))
	}
	if l.stalled(now) {
		return 0
	}
	return max(0, laneQueue-len(l.queue))
}

// resting: nothing would be lost by meeting this push service anew.
func (l *lane) resting(now time.Time) bool {
	return len(l.queue) == 0 && l.flying == 0 && !l.paused(now) && (!l.slowed || now.Sub(l.narrowedAt) > slowedKept)
}

// doubtful: nothing shows that it works. Of those there may be any number, for with
// "*" allowed strangers name the push services.
func (l *lane) doubtful() bool { return l.slowed || !l.proven }

func (l *lane) paused(now time.Time) bool { return now.Before(l.pausedUntil) }

// stalled: what waits here has waited too long, so nobody waits for it.
func (l *lane) stalled(now time.Time) bool {
	return len(l.queue) > 0 && now.Sub(l.queue[0].queuedAt) >= stallAfter
}

// ready: an attempt may start now.
func (l *lane) ready(now time.Time) bool {
	return len(l.queue) > 0 && l.flying < l.window && !l.paused(now)
}

// later is when a delivery that the lane has no room for is due again: after
// the pause, spread out so that they do not all come back at once.
func (l *lane) later(now time.Time) time.Time {
	from := now.Add(stallAfter / 2)
	if l.pausedUntil.After(from) {
		from = l.pausedUntil
	}
	l.deferred++
	spread := min(time.Duration(l.deferred)*time.Millisecond, longestSpread)
	return from.Add(rand.N(spread) + time.Millisecond)
}

// shed takes out of the queue what the lane has no room for any more.
func (l *lane) shed(now time.Time) []job {
	keep := len(l.queue)
	switch {
	case l.paused(now):
		keep = 0
	case l.slowed:
		keep = min(keep, 2*l.window)
	}
	out := l.queue[keep:]
	l.queue = l.queue[:keep:keep]
	return out
}

// answer adjusts the pace to one answer; startedAt is when its request began.
// It returns what an operator should hear of, if anything.
func (l *lane) answer(r push.Result, startedAt, now time.Time) *Alert {
	if r.Class.Retryable() {
		l.overloaded(r, startedAt, now)
		return nil
	}
	l.failures, l.pauses, l.proven = 0, 0, true
	l.widen()
	if r.Class != push.Unauthorized {
		l.unauthorized = 0
		return l.countGone(r.Class == push.Gone)
	}
	l.unauthorized++
	if l.unauthorized < unauthorizedToPause || l.paused(now) {
		return nil
	}
	l.unauthorized = 0
	l.trouble = r.Reason
	l.pausedUntil = now.Add(unauthorizedPause)
	return &Alert{Kind: AlertUnauthorized, Service: l.service}
}

func (l *lane) widen() {
	if l.window < l.widest {
		l.window++
	}
	if l.window >= min(firstWindow, l.widest) {
		l.slowed, l.deferred = false, 0
	}
}

func (l *lane) overloaded(r push.Result, startedAt, now time.Time) {
	l.failures++
	l.trouble = r.Reason
	if startedAt.After(l.narrowedAt) { // once a round: its other requests started under the old window
		l.window = max(1, l.window/2)
		l.narrowedAt = now
		l.slowed = l.window < firstWindow
	}
	switch {
	case r.RetryAfter > 0:
		l.pauseUntil(now.Add(r.RetryAfter))
	case l.window == 1 && l.failures >= failuresToPause && !l.paused(now):
		wait := min(pauseBase<<min(l.pauses, 10), longestPause)
		l.pauses++
		l.pauseUntil(now.Add(wait/2 + rand.N(wait/2)))
	}
}

func (l *lane) pauseUntil(t time.Time) {
	l.slowed = true
	l.window, l.failures = 1, failuresToPause-1 // one try after the pause, and again a pause if it fails
	if t.After(l.pausedUntil) {
		l.pausedUntil = t
	}
}

// countGone watches for a provider's mistake: more than a fifth of the last 200
// answers gone is no ordinary turnover.
func (l *lane) countGone(gone bool) *Alert {
	slot := l.answered % goneSample
	if l.answers[slot] {
		l.gone--
	}
	l.answers[slot] = gone
	l.answered++
	if gone {
		l.gone++
	}
	if l.gone > goneAlert && !l.alerted {
		l.alerted = true
		return &Alert{Kind: AlertGone, Service: l.service, Count: l.gone}
	}
	if l.gone <= goneAlert/2 {
		l.alerted = false
	}
	return nil
}
