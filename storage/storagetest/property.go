package storagetest

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

// testProperty does random things to a store and to a model of it, and holds
// the store to what must be true after every step: counts add up and agree with
// the deliveries, seq grows, nobody is claimed twice without a crash or again
// after an outcome, nobody outside the audience is claimed, what is deleted stays
// deleted, a repeating notification runs once for each due time, and in the end
// everybody in an audience has been reached.
func testProperty(t *testing.T, open func(t *testing.T) Store) {
	seeds, steps := uint64(2), 3000
	if testing.Short() {
		seeds, steps = 1, 500
	}
	for seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			m := newModel(newSuite(t, open(t)), seed)
			for range 80 { // more than a claim reads at once
				m.join()
			}
			for m.step = range steps {
				m.act()
			}
			m.drain()
		})
	}
}

// pair is a delivery: notification key and subscription key.
type pair struct{ notification, subscription int64 }

// run is one run of a repeating notification.
type run struct {
	parent uuid.UUID
	due    time.Time
}

type model struct {
	*suite
	*rand.Rand
	step int
	seq  int64
	// last is the last claim's Last.
	last int64

	categories []string
	people     []*person
	byKey      map[int64]*person
	messages   []*message
	byMessage  map[int64]*message
	open       map[pair]storage.Attempt // claimed and not settled
	status     map[pair]storage.Status
	paused     map[string]time.Time
	ran        map[run]bool
}

type person struct {
	key        int64
	id         uuid.UUID
	wish       storage.Subscribe
	categories map[string]bool
	alive      bool
	restorable bool
}

type message struct {
	storage.Notification
	began    bool
	canceled bool
	deleted  bool
	// may is the audience: whoever may get it. must is who has to, because they
	// have lived ever since it became due.
	may, must map[int64]bool
}

func newModel(s *suite, seed uint64) *model {
	m := &model{
		suite: s, Rand: rand.New(rand.NewPCG(seed, 1)),
		categories: []string{"a", "b", "c"},
		byKey:      make(map[int64]*person), byMessage: make(map[int64]*message),
		open: make(map[pair]storage.Attempt), status: make(map[pair]storage.Status),
		paused: make(map[string]time.Time), ran: make(map[run]bool),
	}
	s.key("k1")
	for _, c := range m.categories {
		s.category(c)
	}
	s.ok(s.Resume(s.ctx, s.now))
	return m
}

func (m *model) failf(format string, args ...any) {
	m.Helper()
	m.Fatalf("step %d: %s", m.step, fmt.Sprintf(format, args...))
}

func (m *model) act() {
	switch p := m.IntN(100); {
	case p < 8:
		m.join()
	case p < 11:
		m.again()
	case p < 13:
		m.replace()
	case p < 16:
		m.leave()
	case p < 17:
		m.restore()
	case p < 23:
		m.publish()
	case p < 55:
		m.claimSome()
	case p < 85:
		m.settleSome()
	case p < 86:
		m.stop()
	case p < 88:
		m.remove()
	case p < 89:
		m.change()
	case p < 90:
		m.crash()
	case p < 95:
		m.now = m.now.Add(time.Duration(m.IntN(int(2 * time.Minute))).Truncate(time.Millisecond))
	case p < 96:
		m.now = m.now.Add(-time.Duration(m.IntN(int(time.Minute))).Truncate(time.Millisecond)) // a clock that is set back
	case p < 98:
		service := services[m.IntN(len(services))]
		m.paused[service] = m.now.Add(time.Duration(m.IntN(90)) * time.Second)
	default:
		must[bool](m.suite)(m.Clean(m.ctx, m.now, keep))
	}
	if len(m.messages) > 0 {
		m.check(m.messages[m.IntN(len(m.messages))])
	}
}

func (m *model) claimSome() storage.Claim {
	for _, n := range m.messages {
		if !n.began && !n.canceled && n.Repeat == "" && !n.DueAt.After(m.now) {
			m.begin(n)
		}
	}
	limit := 1 + m.IntN(40)
	c := must[storage.Claim](m.suite)(m.Claim(m.ctx, storage.ClaimRequest{
		Now: m.now, Limit: limit, After: m.last,
		Admit: func(service string) time.Time {
			if until := m.paused[service]; until.After(m.now) {
				return until
			}
			return time.Time{}
		},
		Runs: every{},
	}))
	m.runsMade()
	m.last = c.Last
	if len(c.Attempts) > limit {
		m.failf("claimed %d of %d", len(c.Attempts), limit)
	}
	if c.More && len(c.Attempts) == 0 && len(c.Settled.Changes) == 0 && m.IntN(2) == 0 {
		m.claimSome() // an old lease may have had nothing left; it must come to an end
	}
	for _, a := range c.Attempts {
		m.claimed(a)
	}
	m.apply(c.Settled)
	return c
}

func (m *model) claimed(a storage.Attempt) {
	k := pair{a.Notification.Key, a.Subscription.Key}
	n, p := m.byMessage[k.notification], m.byKey[k.subscription]
	if n == nil || p == nil {
		m.failf("%v was never there", k)
	}
	if _, ok := m.open[k]; ok {
		m.failf("%v was claimed twice", k)
	}
	if st := m.status[k]; st != 0 && st != storage.StatusRetrying {
		m.failf("%v was claimed after it was %v", k, st)
	}
	if !n.began || n.canceled || !n.may[k.subscription] {
		m.failf("%v is not in the audience", k)
	}
	if !p.alive || a.Subscription.ID != p.id || a.Subscription.Endpoint != p.wish.Endpoint {
		m.failf("%v: alive %v, endpoint %q instead of %q", k, p.alive, a.Subscription.Endpoint, p.wish.Endpoint)
	}
	m.open[k] = a
}

func (m *model) apply(settled storage.Settled) {
	m.stored(settled.Changes)
	for _, c := range settled.Changes {
		if c.Seq <= m.seq {
			m.failf("seq %d after %d", c.Seq, m.seq)
		}
		m.seq = c.Seq
		k := pair{c.NotificationKey, c.SubscriptionKey}
		if m.byMessage[c.NotificationKey].deleted {
			m.failf("%v changed after it was deleted", k)
		}
		if c.Event >= storage.EventDisplayed {
			m.status[k] = storage.StatusSent
		} else {
			m.status[k] = storage.Status(c.Event)
		}
	}
	for _, p := range settled.Progress {
		checkSum(m.T, p.Counts)
	}
}

// stored holds a commit's changes to what is stored: the last of each delivery is
// how it stands.
func (m *model) stored(changes []storage.Change) {
	if len(changes) == 0 {
		return
	}
	last := make(map[pair]storage.Change)
	for _, c := range changes {
		last[pair{c.NotificationKey, c.SubscriptionKey}] = c
	}
	got, through, err := m.ChangesAfter(m.ctx, changes[0].Seq-1, storage.ChangeFilter{}, len(changes)+1)
	m.ok(err)
	if want := changes[len(changes)-1].Seq; through < want || len(got) != len(last) {
		m.failf("%d deliveries have changed up to %d, want %d up to %d", len(got), through, len(last), want)
	}
	for _, c := range got {
		want := last[pair{c.NotificationKey, c.SubscriptionKey}]
		if c.Status == storage.StatusSent && c.Attempts > want.Attempts {
			// Its receipt came first; the outcome, in the same batch, has filled it in.
			c.Attempts, c.Code, c.Latency = want.Attempts, want.Code, want.Latency
		}
		if c != want {
			m.failf("told: %+v\nstored: %+v", want, c)
		}
	}
}

func (m *model) settleSome() {
	var outcomes []storage.Outcome
	buried := make(map[int64]bool)
	// Random among what is open: maps have no order, so take them by people.
	for _, n := range m.messages {
		for _, p := range m.people {
			a, ok := m.open[pair{n.Key, p.key}]
			if !ok || m.IntN(3) == 0 {
				continue
			}
			o := m.randomOutcome(a, n)
			if o.Event == storage.EventGone && p.alive && m.subscription(p.id).Endpoint == a.Subscription.Endpoint {
				buried[p.key] = true
			}
			outcomes = append(outcomes, o)
			if m.IntN(8) == 0 {
				r := m.receipt(a, storage.EventDisplayed+storage.Event(m.IntN(3)), 0)
				outcomes = append(outcomes, r, r)
			}
			if o.Event != 0 {
				delete(m.open, pair{n.Key, p.key})
			}
		}
	}
	m.Shuffle(len(outcomes), func(i, j int) { outcomes[i], outcomes[j] = outcomes[j], outcomes[i] })
	m.apply(m.settle(outcomes...))
	if len(outcomes) > 0 && m.IntN(4) == 0 {
		if again := m.settle(outcomes...); len(again.Changes) > 0 && !retried(again) {
			m.failf("settled again: %+v", again.Changes[0])
		} else {
			m.apply(again)
		}
	}
	for key := range buried {
		if p := m.byKey[key]; m.subscription(p.id).Removed == storage.RemovedGone {
			m.bury(p, true)
		}
	}
}

// retried: a receipt and a retry of the same delivery in one batch may settle in
// another order the second time.
func retried(s storage.Settled) bool {
	for _, c := range s.Changes {
		if c.Event == storage.EventSent {
			return false
		}
	}
	return true
}

func (m *model) randomOutcome(a storage.Attempt, n *message) storage.Outcome {
	e := storage.EventSent
	switch p := m.IntN(100); {
	case n.canceled && p < 80:
		e = storage.EventCanceled
	case p < 10:
		e = storage.EventFailed
	case p < 15:
		e = storage.EventGone
	case p < 18:
		e = storage.EventExpired
	case p < 35 && !n.canceled:
		return m.retryAt(a, time.Duration(1+m.IntN(60))*time.Second)
	}
	return m.outcome(a, e)
}

func (m *model) stop() {
	n, ok := pick(m, m.messages, func(n *message) bool { return !n.canceled && !n.deleted })
	if !ok {
		return
	}
	before := m.notification(n.ID)
	got, err := m.Cancel(m.ctx, m.now, n.ID)
	if before.State != storage.Scheduled && before.State != storage.Sending {
		m.is(err, storage.ErrEnded)
		return
	}
	m.ok(err)
	equal(m.suite, "state", got.State, storage.CanceledState)
	n.canceled = true
}

func (m *model) crash() {
	clear(m.open)
	m.ok(m.Resume(m.ctx, m.now))
}

// check compares a notification and its deliveries with the model.
func (m *model) check(n *message) {
	if n.deleted {
		_, err := m.Notification(m.ctx, n.ID)
		m.is(err, storage.ErrNotFound)
		equal(m.suite, "deliveries of a deleted one", len(m.deliveries(n.Notification)), 0)
		return
	}
	got := m.notification(n.ID)
	var c storage.Counts
	for _, d := range m.deliveries(n.Notification) {
		if st := m.status[pair{n.Key, d.SubscriptionKey}]; st != d.Status {
			m.failf("delivery %d of %d is %v, want %v", d.SubscriptionKey, n.Key, d.Status, st)
		}
		switch d.Status {
		case storage.StatusRetrying:
			c.Retrying++
		case storage.StatusSent:
			c.Sent++
		case storage.StatusFailed:
			c.Failed++
		case storage.StatusGone:
			c.Gone++
		case storage.StatusExpired:
			c.Expired++
		case storage.StatusCanceled:
			c.Canceled++
		}
		for _, r := range []struct {
			at *time.Time
			n  *int
		}{{&d.DisplayedAt, &c.Displayed}, {&d.ClickedAt, &c.Clicked}, {&d.ClosedAt, &c.Closed}} {
			if !r.at.IsZero() {
				*r.n++
			}
		}
	}
	c.Pending, c.Targeted = got.Counts.Pending, got.Counts.Targeted
	if got.Counts != c {
		m.failf("notification %d has counts %+v, its deliveries %+v", n.Key, got.Counts, c)
	}
	if ended := !got.FinishedAt.IsZero(); ended && (c.Pending > 0 || c.Retrying > 0) || ended != (got.State != storage.Scheduled && got.State != storage.Sending) && !n.canceled {
		m.failf("notification %d is %v, finished at %v, with %+v", n.Key, got.State, got.FinishedAt, c)
	}
}

// drain crashes once more, then sends everything.
func (m *model) drain() {
	m.crash()
	clear(m.paused)
	for round := 0; ; round++ {
		if round > 10000 {
			m.failf("there is always more to claim")
		}
		c := m.claimSome()
		var outcomes []storage.Outcome
		for _, a := range c.Attempts {
			outcomes = append(outcomes, m.outcome(a, storage.EventSent))
			delete(m.open, pair{a.Notification.Key, a.Subscription.Key})
		}
		m.apply(m.settle(outcomes...))
		if c.More {
			continue
		}
		if c.Next.IsZero() && len(m.open) == 0 {
			break
		}
		for k, a := range m.open { // claimed by a nested claim
			m.apply(m.settle(m.outcome(a, storage.EventSent)))
			delete(m.open, k)
		}
		if c.Next.After(m.now) {
			m.now = c.Next
		}
	}
	for _, n := range m.messages {
		m.check(n)
		if n.deleted {
			continue
		}
		got := m.notification(n.ID)
		if got.FinishedAt.IsZero() {
			m.failf("notification %d never ended: %+v", n.Key, got)
		}
		if n.canceled {
			continue
		}
		for key := range n.must {
			if m.status[pair{n.Key, key}] == 0 {
				m.failf("%d was never reached by %d", key, n.Key)
			}
		}
	}
	if len(m.ran) == 0 {
		m.failf("nothing has run repeatedly")
	}
	m.crash()
	equal(m.suite, "left", len(m.claimSome().Attempts), 0)
}
