package sqlstore

import (
	"context"
	"time"

	"recado/storage"
)

const (
	// claimLimit bounds the members that one claim looks at, and so its attempts:
	// no transaction takes long.
	claimLimit = 500
	// claimRanges bounds the notifications whose ranges one claim reads.
	claimRanges = 32
	// claimAtLeast is how many are read at once even when there is less room:
	// many may not be admitted.
	claimAtLeast = 32
)

// errRemoved is what a delivery says whose subscription ended before it.
const errRemoved = "the subscription was removed before this was sent"

// Resume begins a run of the server: leases of earlier runs and attempts that
// were under way will be claimed again.
func (s *Store) Resume(ctx context.Context, now time.Time) error {
	var run int64
	err := s.write(ctx, "resume delivery", func(t *tx) error {
		err := t.row(`UPDATE counter SET value = value + 1 WHERE name = 'run' RETURNING value`).Scan(&run)
		if err != nil {
			return err
		}
		_, err = t.exec(`UPDATE delivery SET due_at = ? WHERE status = 1 AND due_at IS NULL`, millis(now))
		return err
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.run, s.adopted, s.clock = run, false, clock{}
	return nil
}

// Claim hands out attempts that are due: what earlier runs left, retries, and
// the next ranges of sending notifications, in turn. What it returns is under a
// lease until it is settled, or until the next Resume.
//
// When the clock is set back, and at the first claim of a run, repeating
// notifications get their next run by the clock as it is, if that is earlier.
//
// A power cut may undo a claim that changed no delivery; then its range is
// claimed again, which is what happens to attempts that were not settled.
func (s *Store) Claim(ctx context.Context, req storage.ClaimRequest) (storage.Claim, error) {
	s.mu.Lock()
	run, adopted, clock := s.run, s.adopted, s.clock
	s.mu.Unlock()
	var c *claimer
	err := s.relaxed(ctx, "claim deliveries", func(t *tx) (err error) {
		if c, err = newClaimer(t, req, run, adopted); err != nil {
			return err
		}
		if req.Runs != nil && clock.setBack(req.Now) {
			if err := c.reschedule(); err != nil {
				return err
			}
		}
		return c.claim()
	})
	if err != nil {
		return storage.Claim{}, err
	}
	if len(c.out.Settled.Changes) > 0 {
		// Viewers will be told of these: they are no longer only a claim, so make
		// them safe with a durable write. The claim stands if that fails.
		_ = s.write(context.WithoutCancel(ctx), "claim deliveries", tick)
	}
	s.claimed(run, c)
	return c.out, nil
}

// claimed remembers what a claim has found out, while it is still that run.
func (s *Store) claimed(run int64, c *claimer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run != run {
		return
	}
	s.adopted = s.adopted || c.adopted
	if c.req.Runs != nil {
		s.clock = s.clock.at(c.req.Now)
	}
}

// claimer makes one claim.
type claimer struct {
	*tx
	*ledger
	audience *audience
	req      storage.ClaimRequest
	now      int64
	run      int64
	adopted  bool // no lease of an earlier run is left
	room     int  // attempts still wanted
	budget   int  // members that may still be looked at
	works    map[int64]*work
	out      storage.Claim
}

// work is a notification that is being claimed for.
type work struct {
	storage.Notification
	*note
}

func newClaimer(t *tx, req storage.ClaimRequest, run int64, adopted bool) (*claimer, error) {
	l, err := newLedger(t)
	if err != nil {
		return nil, err
	}
	a, err := newAudience(t)
	if err != nil {
		return nil, err
	}
	if req.Admit == nil {
		req.Admit = func(string) time.Time { return time.Time{} }
	}
	return &claimer{
		tx: t, ledger: l, audience: a, req: req, now: millis(req.Now), run: run, adopted: adopted,
		room: min(req.Limit, claimLimit), budget: claimLimit, works: make(map[int64]*work),
		out: storage.Claim{Last: req.After},
	}, nil
}

func (c *claimer) claim() error {
	if err := c.adopt(); err != nil {
		return err
	}
	if err := c.begin(); err != nil {
		return err
	}
	unread, err := c.unread()
	if err != nil {
		return err
	}
	if err := c.retries(len(unread) > 0); err != nil {
		return err
	}
	left, err := c.ranges(unread)
	if err != nil {
		return err
	}
	if c.out.Settled, err = c.close(c.req.Now); err != nil {
		return err
	}
	return c.outlook(left)
}

// work loads a notification; nil when there is none.
func (c *claimer) work(key int64) (*work, error) {
	if w, ok := c.works[key]; ok {
		return w, nil
	}
	n, err := scanNotification(c.tx.row(notificationColumns+`WHERE key = ?`, key))
	ok, err := found(err)
	if err != nil || !ok || n.State == deleted {
		return nil, err
	}
	note, err := c.note(key)
	if err != nil {
		return nil, err
	}
	if note.startedAt == 0 {
		note.startedAt, note.dirty = c.now, true
		n.StartedAt = fromMillis(c.now)
	}
	w := &work{Notification: n, note: note}
	c.works[key] = w
	return w, nil
}

// verdict says what a member's turn comes to: an attempt, when it is the zero
// Outcome, or else that.
func (c *claimer) verdict(w *work, service string, alive bool, attempts int) storage.Outcome {
	until := w.Deadline()
	if attempts == 0 {
		until = w.FirstTryDeadline()
	}
	o := storage.Outcome{NotificationKey: w.note.key, Service: service, At: c.req.Now}
	switch {
	case w.note.state == storage.CanceledState:
		o.Event = storage.EventCanceled
	case !alive:
		o.Event, o.Error = storage.EventGone, errRemoved
	case !c.req.Now.Before(until):
		o.Event = storage.EventExpired
	default:
		at := c.req.Admit(service)
		if at.IsZero() {
			return storage.Outcome{}
		}
		o.Event = storage.EventRetrying
		// Not now again: the claim would find it still due, for ever.
		o.RetryAt = fromMillis(max(millis(at), c.now+1))
	}
	return o
}

// offer decides about a member that has no delivery yet. It reports whether it
// is to be attempted.
func (c *claimer) offer(w *work, key int64, to *storage.Recipient) (bool, error) {
	c.budget--
	service := ""
	if to != nil {
		service = to.Service
	}
	o := c.verdict(w, service, to != nil, 0)
	if o.Event == 0 {
		c.room--
		return true, nil
	}
	o.SubscriptionKey = key
	return false, c.first(o)
}

// lease hands members out.
func (c *claimer) lease(w *work, members []storage.Recipient) error {
	if len(members) == 0 {
		return nil
	}
	keys := make([]int64, len(members))
	for i := range members {
		keys[i] = members[i].Key
	}
	var lease int64
	err := c.tx.row(`INSERT INTO lease (notification, run, remaining, members) VALUES (?, ?, ?, ?) RETURNING key`,
		w.note.key, c.run, len(keys), packKeys(keys)).Scan(&lease)
	if err != nil {
		return err
	}
	for i := range members {
		c.out.Attempts = append(c.out.Attempts, storage.Attempt{
			Notification: &w.Notification, Subscription: members[i], Lease: lease,
		})
	}
	return nil
}

// begin starts the scheduled notifications that are due, or a run of those that
// repeat. Now their audience is known: whoever is subscribed.
func (c *claimer) begin() error {
	var due []int64
	var repeating []bool
	err := c.tx.each(func(r scanner) error {
		var key int64
		var repeats bool
		err := r.Scan(&key, &repeats)
		due, repeating = append(due, key), append(repeating, repeats)
		return err
	}, `SELECT key, repeat <> '' FROM notification WHERE state = 'scheduled' AND due_at <= ? ORDER BY due_at LIMIT ?`,
		c.now, claimRanges)
	if err != nil || len(due) == 0 {
		return err
	}
	high, err := highestSubscription(c.tx)
	if err != nil {
		return err
	}
	for i, key := range due {
		if repeating[i] {
			if err := c.makeRuns(key); err != nil {
				return err
			}
			continue
		}
		_, err := c.exec(`UPDATE notification SET state = 'sending', high = ? WHERE key = ?`, high, key)
		if err != nil {
			return err
		}
	}
	return nil
}

// unread lists sending notifications whose audience has not been read to its
// end, in turn after the one claimed last; one more than a claim takes.
func (c *claimer) unread() ([]int64, error) {
	const list = `SELECT key FROM notification WHERE state = 'sending' AND audience_read = 0 AND `
	keys, err := c.tx.keys(list+`key > ? ORDER BY key LIMIT ?`, c.req.After, claimRanges+1)
	if err != nil || len(keys) > claimRanges || c.req.After == 0 {
		return keys, err
	}
	before, err := c.tx.keys(list+`key <= ? ORDER BY key LIMIT ?`, c.req.After, claimRanges+1-len(keys))
	return append(keys, before...), err
}

// ranges claims from the unread notifications and reports whether any has
// something left.
func (c *claimer) ranges(unread []int64) (left bool, err error) {
	for i, key := range unread {
		if i == claimRanges || c.room == 0 || c.budget == 0 {
			return true, nil
		}
		w, err := c.work(key)
		if err != nil {
			return false, err
		}
		for !w.audienceRead && c.room > 0 && c.budget > 0 {
			if err := c.readRange(w); err != nil {
				return false, err
			}
		}
		left = left || !w.audienceRead
		c.out.Last = key
	}
	return left, nil
}

func (c *claimer) readRange(w *work) error {
	p, err := c.audience.next(w.note.key, w.Target, w.cursor, w.high, min(c.budget, max(c.room, claimAtLeast)))
	if err != nil {
		return err
	}
	w.dirty = true
	taken := p.members[:0]
	for i := range p.members {
		to := &p.members[i]
		if c.room == 0 {
			w.audienceRead = false
			return c.lease(w, taken)
		}
		w.counts.Targeted++
		w.counts.Pending++
		w.cursor = to.Key
		attempt, err := c.offer(w, to.Key, to)
		if err != nil {
			return err
		}
		if attempt {
			taken = append(taken, *to)
		}
	}
	w.cursor, w.audienceRead = p.last, p.done
	return c.lease(w, taken)
}

// outlook says whether something that is due was left, and otherwise when the
// next will be.
func (c *claimer) outlook(left bool) error {
	var retry, scheduled int64
	err := c.tx.row(`SELECT min(due_at) FROM delivery WHERE status = 1 AND due_at IS NOT NULL`).Scan(number{&retry})
	if err != nil {
		return err
	}
	err = c.tx.row(`SELECT min(due_at) FROM notification WHERE state = 'scheduled'`).Scan(number{&scheduled})
	if err != nil {
		return err
	}
	next := min(retry, scheduled)
	if retry == 0 || scheduled == 0 {
		next = max(retry, scheduled)
	}
	if left || !c.adopted || next != 0 && next <= c.now {
		c.out.More = true
	} else {
		c.out.Next = fromMillis(next)
	}
	return nil
}
