package delivery

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"recado/server/push"
	"recado/storage"
)

// Queue is what the engine needs of storage. Its three methods are called by
// one goroutine at a time.
type Queue interface {
	// Resume begins a run: what earlier runs claimed and did not settle is
	// claimed again.
	Resume(ctx context.Context, now time.Time) error
	// Claim hands out attempts, each to be settled exactly once in this run. An
	// error means that nothing was claimed.
	Claim(ctx context.Context, r storage.ClaimRequest) (storage.Claim, error)
	// Settle stores outcomes and receipts in one durable transaction, all or none.
	Settle(ctx context.Context, outcomes []storage.Outcome) (storage.Settled, error)
}

// Sender sends one message; *push.Sender is the real one. It must return when
// ctx ends.
type Sender interface {
	Send(ctx context.Context, key *push.Key, to push.Target, m push.Message) push.Result
}

// Options are what an Engine is made of. All are required but the last three.
type Options struct {
	Queue       Queue
	Keys        Keys
	Sender      Sender
	Composer    *Composer
	Retry       RetryPolicy
	Concurrency int           // requests under way in all, ≥ 1
	Grace       time.Duration // for requests under way when Run's context ends
	Now         func() time.Time
	Log         *slog.Logger
	// Runs says when repeating notifications are due; needed once there are any.
	Runs storage.Runs
	// OnSettled is told of every commit, in order of seq, by one goroutine at a
	// time. It must not block: deliveries wait for it.
	OnSettled func(storage.Settled)
	// OnAnswer is told of every answer of a push service, by many goroutines: its
	// HTTP status, 0 when none came, and how long it took. It must not block.
	OnAnswer func(service string, status int, took time.Duration)
	// OnAlert is told of every alert. It must not block.
	OnAlert func(Alert)
}

// Engine delivers; see the package comment. Make one with New, run it once.
type Engine struct {
	Options
	lanes   *lanes
	keyring *keyring
	settler *settler
	alerts  *alerts
	workers sync.WaitGroup

	woken chan struct{} // something new may be due
	room  chan struct{} // attempts have been made, there may be room for more

	commits sync.Mutex // one claim or settle at a time, and its OnSettled
	mu      sync.Mutex
	next    time.Time       // when to claim; zero = when woken
	seen    time.Time       // the wall clock when it was looked at last
	stopped []int64         // notifications canceled since the last claim
	broken  error           // why claiming fails
	turn    int64           // the notification whose range was claimed last
	sends   context.Context // of the workers; outlives Run's by the grace
	starved atomic.Bool     // due, but no room: a worker that makes room says so
}

const (
	// longestSleep bounds a sleep towards a due time, so that a wall clock that
	// jumps (a suspended machine) is noticed. Nothing due: it sleeps until woken.
	longestSleep  = 30 * time.Second
	shortestRetry = 100 * time.Millisecond // of storage
	longestRetry  = 5 * time.Second
	stuckAfter    = time.Minute
)

// New returns an engine that is not running yet.
func New(o Options) *Engine {
	if o.OnSettled == nil {
		o.OnSettled = func(storage.Settled) {}
	}
	if o.OnAnswer == nil {
		o.OnAnswer = func(string, int, time.Duration) {}
	}
	if o.OnAlert == nil {
		o.OnAlert = func(Alert) {}
	}
	e := &Engine{
		Options: o,
		lanes:   newLanes(o.Concurrency),
		keyring: &keyring{store: o.Keys, now: o.Now},
		alerts:  &alerts{log: o.Log, told: o.OnAlert},
		woken:   make(chan struct{}, 1),
		room:    make(chan struct{}, 1),
	}
	e.settler = newSettler(e.settle, e.storageFails)
	return e
}

// Run delivers until ctx ends, then gives requests under way their grace, stores
// what is known and returns. What was not sent stays claimed for the next run.
func (e *Engine) Run(ctx context.Context) error {
	if err := e.Queue.Resume(ctx, e.Now()); err != nil {
		if ctx.Err() != nil {
			return nil // ended before it began
		}
		return err
	}
	sends, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	e.sends = sends
	go e.settler.run()
	e.mu.Lock()
	e.next = e.Now()
	e.mu.Unlock()
	e.loop(ctx)

	e.lanes.close()
	grace := time.AfterFunc(e.Grace, cut)
	e.workers.Wait()
	grace.Stop()
	e.settler.close()
	<-e.settler.ended
	if err := e.settler.failing(); err != nil {
		e.Log.Warn("the latest outcomes could not be stored: what they are of is sent again at the next start", "error", err)
	}
	return nil
}

// Wake says that something new may be due. It never blocks.
func (e *Engine) Wake() { poke(e.woken) }

// Stop says that the notification was canceled in storage: what is claimed of it
// and not sent yet is settled as canceled. It never blocks.
func (e *Engine) Stop(notificationKey int64) {
	e.mu.Lock()
	e.stopped = append(e.stopped, notificationKey)
	e.mu.Unlock()
	e.Wake()
}

// Report settles a browser's receipt: Event, At and the two keys of o are set. It
// returns when the receipt is durable, or with an error that wraps
// storage.ErrUnavailable.
func (e *Engine) Report(ctx context.Context, o storage.Outcome) error {
	return e.settler.report(ctx, o, e.lanes.idle)
}

// Alerts returns the latest alerts, oldest first.
func (e *Engine) Alerts() []Alert { return e.alerts.list() }

// Health says in sentences why nothing is delivered; empty when all is well.
func (e *Engine) Health() []string {
	var reasons []string
	if err := e.settler.failing(); err != nil {
		reasons = append(reasons, "storage: outcomes cannot be stored")
	}
	now := e.Now()
	hungry, _ := e.lanes.hungry(now)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.broken != nil {
		reasons = append(reasons, "storage: the queue cannot be read")
	}
	if hungry && !e.next.IsZero() && now.Sub(e.next) > stuckAfter {
		reasons = append(reasons, "queue: deliveries are overdue by more than 60 s although there is room")
	}
	return reasons
}

func (e *Engine) loop(ctx context.Context) {
	failures := 0
	for ctx.Err() == nil {
		e.cancelStopped(ctx)
		e.start(e.lanes.resume())
		due, recheck := e.due()
		if due {
			err := e.claim(ctx)
			failures, recheck = e.claimed(err, failures)
			if err == nil {
				continue
			}
		}
		e.sleep(ctx, recheck)
	}
}

// due reports whether to claim now; otherwise recheck is when to ask again
// (zero = when woken).
func (e *Engine) due() (yes bool, recheck time.Time) {
	now := e.Now().Round(0) // the wall clock: what is due is due by it
	e.mu.Lock()
	if now.Before(e.seen.Add(-time.Second)) {
		e.next = now // it was set back: storage reckons anew what is due when
	}
	e.seen = now
	next := e.next
	e.mu.Unlock()
	if next.IsZero() || next.After(now) {
		return false, next
	}
	e.starved.Store(true)
	yes, recheck = e.lanes.hungry(now)
	if yes {
		e.starved.Store(false)
	}
	return yes, recheck
}

// claimed keeps account of claims that fail, and says when to try again.
func (e *Engine) claimed(err error, before int) (failures int, again time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.broken = err
	if err == nil {
		return 0, time.Time{}
	}
	if before == 0 {
		e.Log.Error("the queue cannot be read; trying again", "error", err)
	}
	return before + 1, e.Now().Add(min(shortestRetry<<min(before, 10), longestRetry))
}

func (e *Engine) sleep(ctx context.Context, until time.Time) {
	var alarm <-chan time.Time
	if !until.IsZero() {
		t := time.NewTimer(min(max(until.Sub(e.Now()), time.Millisecond), longestSleep))
		defer t.Stop()
		alarm = t.C
	}
	select {
	case <-ctx.Done():
	case <-alarm:
	case <-e.room:
	case <-e.woken:
		e.mu.Lock()
		if now := e.Now(); e.next.IsZero() || e.next.After(now) {
			e.next = now
		}
		e.mu.Unlock()
	}
}

// claim takes what is due from storage and starts sending it.
func (e *Engine) claim(ctx context.Context) error {
	e.commits.Lock()
	now := e.Now()
	c, err := e.Queue.Claim(ctx, storage.ClaimRequest{
		Now: now, Limit: claimBelow, After: e.turn,
		Admit: func(service string) time.Time { return e.lanes.admit(service, now) },
		Runs:  e.Runs,
	})
	if err != nil {
		e.lanes.add(nil, now)
		e.commits.Unlock()
		return err
	}
	e.turn = c.Last
	e.mu.Lock()
	e.next = c.Next
	if c.More {
		e.next = now
	}
	e.mu.Unlock()
	e.publish(c.Settled)
	e.commits.Unlock()
	start, shed := e.lanes.add(e.jobs(c.Attempts), e.Now())
	e.start(start)
	e.deferred(ctx, shed, e.Now())
	return nil
}

// settle is the settler's store: it commits outcomes and publishes them.
func (e *Engine) settle(outcomes []storage.Outcome) error {
	e.commits.Lock()
	defer e.commits.Unlock()
	s, err := e.Queue.Settle(context.Background(), outcomes)
	if err != nil {
		return err
	}
	e.publish(s)
	return nil
}

// publish tells of a commit and sees to it that its retries are not slept
// through. It is called with commits held, so that seq order holds and a claim
// under way does not forget an earlier due time.
func (e *Engine) publish(s storage.Settled) {
	if len(s.Changes) == 0 && len(s.Progress) == 0 {
		return
	}
	var earliest time.Time
	for _, c := range s.Changes {
		if c.Event == storage.EventRetrying && (earliest.IsZero() || c.RetryAt.Before(earliest)) {
			earliest = c.RetryAt
		}
	}
	if !earliest.IsZero() {
		e.mu.Lock()
		if e.next.IsZero() || earliest.Before(e.next) {
			e.next = earliest
			poke(e.room) // sleep again, until then
		}
		e.mu.Unlock()
	}
	e.OnSettled(s)
}

// cancelStopped settles as canceled what is queued of notifications that Stop
// named. It runs between claims: one claimed before the cancel is in the queues
// by now, and no later claim has it.
func (e *Engine) cancelStopped(ctx context.Context) {
	e.mu.Lock()
	stopped := e.stopped
	e.stopped = nil
	e.mu.Unlock()
	for _, key := range stopped {
		for _, j := range e.lanes.purge(key) {
			e.settler.submit(ctx, j.outcome(storage.EventCanceled, e.Now()))
		}
	}
	if len(stopped) > 0 && e.lanes.idle() {
		e.settler.hurry()
	}
}

// storageFails holds all sending while outcomes cannot be stored.
func (e *Engine) storageFails(err error) {
	if err == nil {
		e.Log.Info("outcomes are stored again; sending goes on")
		e.lanes.hold(false)
		poke(e.room) // the loop starts the workers again
		return
	}
	e.lanes.hold(true)
	e.alerts.raise(e.Now(), Alert{Kind: AlertStorage})
	if !errors.Is(err, storage.ErrUnavailable) {
		e.Log.Error("outcomes cannot be stored", "error", err)
	}
}

func (e *Engine) start(workers int) {
	for range workers {
		e.workers.Go(func() { e.work(e.sends) })
	}
}

func (e *Engine) random() float64 { return rand.Float64() }

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
