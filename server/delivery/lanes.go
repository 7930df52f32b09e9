package delivery

import (
	"sync"
	"time"

	"recado/server/push"
)

const (
	// claimBelow: fewer attempts than this waiting, and the next range is claimed.
	claimBelow = 500
	// longestQueue bounds the attempts in memory over all push services.
	longestQueue = 5 * laneQueue
	// longestDoubt bounds those of them that wait for doubtful push services.
	longestDoubt = 2 * laneQueue
	// manyLanes is when lanes that rest are forgotten, those that have answered and
	// the others.
	manyLanes = 1000
)

// lanes holds the attempts that are claimed and not sent yet, a lane for each
// push service, and decides which starts next: the lanes take turns, and none
// may take the whole of the concurrency, so that one that hangs leaves room for
// the others. Nor may all doubtful ones together, so that however many hang leave
// room for those that work.
type lanes struct {
	mu        sync.Mutex
	limit     int // requests under way in all
	widest    int // in one lane
	doubt     int // in all doubtful lanes
	doubted   int // of flying: those that were started in doubt
	byService map[string]*lane
	waiting   []*lane // those with a queue, in turn
	reserved  map[*lane]int
	turn      int
	flying    int
	queued    int
	workers   int
	parked    int // workers asleep in take
	wake      *sync.Cond
	held      bool // outcomes cannot be stored: nothing starts
	released  bool // no longer held, and workers not started yet
	closed    bool // shutting down: nothing starts
}

func newLanes(concurrency int) *lanes {
	ls := &lanes{
		limit:     concurrency,
		widest:    max(1, concurrency-concurrency/8),
		doubt:     max(1, concurrency/2),
		byService: make(map[string]*lane),
		reserved:  make(map[*lane]int),
	}
	ls.wake = sync.NewCond(&ls.mu)
	return ls
}

func (ls *lanes) lane(service string) *lane {
	l := ls.byService[service]
	if l == nil {
		l = newLane(service, ls.widest)
		ls.byService[service] = l
	}
	return l
}

// admit answers storage.ClaimRequest.Admit: zero reserves room for one attempt,
// anything else is when to ask again. add turns the reservations into attempts.
func (ls *lanes) admit(service string, now time.Time) time.Time {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	l := ls.lane(service)
	if l.room(now) <= ls.reserved[l] || l.doubtful() && ls.inDoubt() >= longestDoubt {
		return l.later(now)
	}
	ls.reserved[l]++
	return time.Time{}
}

// inDoubt counts the attempts that wait, or are reserved, for doubtful lanes.
func (ls *lanes) inDoubt() int {
	n := 0
	for _, l := range ls.waiting {
		if l.doubtful() {
			n += len(l.queue)
		}
	}
	for l, reserved := range ls.reserved {
		if l.doubtful() {
			n += reserved
		}
	}
	return n
}

// add queues claimed attempts and returns how many workers to start, and those
// whose push service was paused or slowed since it admitted them. It ends the
// reservations, also with no jobs after a claim that failed.
func (ls *lanes) add(jobs []job, now time.Time) (start int, shed []deferred) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	clear(ls.reserved)
	filled := make(map[*lane]bool)
	for _, j := range jobs {
		l := ls.lane(j.Subscription.Service)
		filled[l] = true
		if len(l.queue) == 0 {
			ls.waiting = append(ls.waiting, l)
		}
		l.queue = append(l.queue, j)
	}
	ls.queued += len(jobs)
	for l := range filled {
		shed = append(shed, ls.shed(l, now)...)
	}
	ls.forget(now)
	return ls.rouse(ls.queued), shed
}

// rouse gets up to n workers going: those that sleep, and returns how many more
// to start. Workers are kept, since a fresh goroutine first has to grow its
// stack for the cryptography.
func (ls *lanes) rouse(n int) (start int) {
	if ls.held || ls.closed {
		return 0
	}
	for n > 0 && ls.parked > 0 {
		ls.parked--
		n--
		ls.wake.Signal()
	}
	start = min(n, ls.limit-ls.workers)
	ls.workers += start
	return start
}

func (ls *lanes) forget(now time.Time) {
	if len(ls.byService) <= manyLanes {
		return
	}
	proven := 0
	for name, l := range ls.byService {
		if l.proven {
			proven++
		} else if l.resting(now) {
			delete(ls.byService, name)
		}
	}
	if proven <= manyLanes { // which ones work is worth knowing
		return
	}
	for name, l := range ls.byService {
		if l.resting(now) {
			delete(ls.byService, name)
		}
	}
}

// take hands a worker its next attempt, and lets it sleep until there is one.
// ok is false when the worker must end: no more attempts will start.
func (ls *lanes) take(now func() time.Time) (j job, ok bool) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for !ls.closed {
		if l := ls.ready(now()); l != nil {
			return ls.pop(l), true
		}
		ls.parked++
		ls.wake.Wait()
	}
	return job{}, false
}

func (ls *lanes) ready(now time.Time) *lane {
	if ls.held || ls.closed || ls.flying >= ls.limit {
		return nil
	}
	for range ls.waiting {
		ls.turn++
		l := ls.waiting[ls.turn%len(ls.waiting)]
		if l.ready(now) && (!l.doubtful() || ls.doubted < ls.doubt) {
			return l
		}
	}
	return nil
}

func (ls *lanes) pop(l *lane) job {
	j := l.queue[0]
	l.queue[0] = job{}
	l.queue = l.queue[1:]
	l.flying++
	ls.flying++
	if l.doubtful() {
		l.doubted++
		ls.doubted++
	}
	ls.queued--
	ls.dropIfEmpty(l)
	return j
}

func (ls *lanes) dropIfEmpty(l *lane) {
	if len(l.queue) > 0 {
		return
	}
	l.queue = nil
	for i, w := range ls.waiting {
		if w == l {
			last := len(ls.waiting) - 1
			ls.waiting[i] = ls.waiting[last]
			ls.waiting = ls.waiting[:last]
			return
		}
	}
}

// flown is what the end of one attempt leads to.
type flown struct {
	shed  []deferred // attempts their lane has no room for any more
	alert *Alert
	start int  // workers to start
	low   bool // few attempts wait: claim more
	idle  bool // nothing waits and nothing is under way
}

// deferred is an attempt that is not made now, and when it is due again.
type deferred struct {
	job
	until time.Time
}

// done takes back the place of an attempt that take gave out. r is nil when it
// ended without a request.
func (ls *lanes) done(service string, r *push.Result, startedAt, now time.Time) flown {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	l := ls.byService[service]
	l.flying--
	ls.flying--
	ls.believe(l, min(l.doubted, 1))
	var f flown
	if r != nil {
		f.alert = l.answer(*r, startedAt, now)
		f.shed = ls.shed(l, now)
	}
	if !l.doubtful() && l.doubted > 0 {
		f.start = ls.rouse(min(ls.believe(l, l.doubted), ls.queued)) // others may start in their place
	}
	f.low = ls.inTime(now) < claimBelow
	f.idle = ls.queued == 0 && ls.flying == 0
	// This worker goes on with one; a window that has grown lets in another.
	if l.ready(now) && l.flying+1 < l.window && len(l.queue) > 1 {
		f.start += ls.rouse(1)
	}
	return f
}

// believe takes n of a lane's attempts out of those in doubt, and returns n.
func (ls *lanes) believe(l *lane, n int) int {
	l.doubted -= n
	ls.doubted -= n
	return n
}

func (ls *lanes) shed(l *lane, now time.Time) []deferred {
	jobs := l.shed(now)
	if len(jobs) == 0 {
		return nil
	}
	ls.queued -= len(jobs)
	ls.dropIfEmpty(l)
	out := make([]deferred, len(jobs))
	for i, j := range jobs {
		out[i] = deferred{j, l.later(now)}
	}
	return out
}

// purge takes the attempts of one notification out of the queues.
func (ls *lanes) purge(notificationKey int64) []job {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	var out []job
	for _, l := range append([]*lane(nil), ls.waiting...) {
		kept := l.queue[:0]
		for _, j := range l.queue {
			if j.Notification.Key == notificationKey {
				out = append(out, j)
			} else {
				kept = append(kept, j)
			}
		}
		clear(l.queue[len(kept):])
		l.queue = kept
		ls.dropIfEmpty(l)
	}
	ls.queued -= len(out)
	return out
}

// hungry reports whether the next range should be claimed. When it should not,
// because enough attempts wait, recheck is when the oldest of them will have
// waited so long that its push service is left behind.
func (ls *lanes) hungry(now time.Time) (yes bool, recheck time.Time) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if ls.held || ls.closed || ls.queued >= longestQueue {
		return false, time.Time{}
	}
	for _, l := range ls.waiting {
		if l.slowed || l.stalled(now) {
			continue
		}
		if at := l.queue[0].queuedAt.Add(stallAfter); recheck.IsZero() || at.Before(recheck) {
			recheck = at
		}
	}
	return ls.inTime(now) < claimBelow, recheck
}

// inTime counts the attempts waiting for push services that keep up.
func (ls *lanes) inTime(now time.Time) int {
	n := 0
	for _, l := range ls.waiting {
		if !l.slowed && !l.stalled(now) {
			n += len(l.queue)
		}
	}
	return n
}

// hold stops new attempts until it is called with false.
func (ls *lanes) hold(on bool) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.held, ls.released = on, !on
}

// resume returns how many workers to start after a hold.
func (ls *lanes) resume() (start int) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if !ls.released {
		return 0
	}
	ls.released = false
	return ls.rouse(ls.queued)
}

// close ends all starting of attempts. What is queued stays durable as leases.
func (ls *lanes) close() {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.closed = true
	ls.parked = 0
	ls.wake.Broadcast()
}

func (ls *lanes) idle() bool {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return ls.queued == 0 && ls.flying == 0
}
