package sqlstore

import (
	"cmp"
	"context"
	"slices"
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
	// firstTry is how long after it was due a message is tried once, however
	// short its TTL.
	firstTry = time.Minute
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
	s.run, s.adopted = run, false
	return nil
}

// Claim hands out attempts that are due: what earlier runs left, retries, and
// the next ranges of sending notifications, in turn. What it returns is under a
// lease until it is settled, or until the next Resume.
//
// A power cut may undo a claim that changed no delivery; then its range is
// claimed again, which is what happens to attempts that were not settled.
func (s *Store) Claim(ctx context.Context, req storage.ClaimRequest) (storage.Claim, error) {
	s.mu.Lock()
	run, adopted := s.run, s.adopted
	s.mu.Unlock()
	var c *claimer
	err := s.relaxed(ctx, "claim deliveries", func(t *tx) (err error) {
		if c, err = newClaimer(t, req, run, adopted); err != nil {
			return err
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
	if c.adopted {
		s.mu.Lock()
		s.adopted = s.adopted || s.run == run
		s.mu.Unlock()
	}
	return c.out, nil
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
	// tryUntil ends first attempts, deadline everything.
	tryUntil, deadline int64
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
	if err != nil || !ok {
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
	due := millis(n.DueAt)
	w.tryUntil = due + max(n.TTL, firstTry).Milliseconds()
	w.deadline = due + n.TTL.Milliseconds()
	if !n.ExpiresAt.IsZero() {
		w.tryUntil = min(w.tryUntil, millis(n.ExpiresAt)-1)
		w.deadline = min(w.deadline, millis(n.ExpiresAt))
	}
	c.works[key] = w
	return w, nil
}

// verdict says what a member's turn comes to: an attempt, when it is the zero
// Outcome, or else that.
func (c *claimer) verdict(w *work, service string, alive bool, until int64) storage.Outcome {
	o := storage.Outcome{NotificationKey: w.note.key, At: c.req.Now}
	switch {
	case w.note.state == storage.CanceledState:
		o.Event = storage.EventCanceled
	case !alive:
		o.Event, o.Error = storage.EventGone, errRemoved
	case c.now > until:
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
	o := c.verdict(w, service, to != nil, w.tryUntil)
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

// adopt takes over what earlier runs had claimed and not settled.
func (c *claimer) adopt() error {
	for !c.adopted && c.room > 0 && c.budget > 0 {
		var lease, notification int64
		var packed []byte
		ok, err := found(c.tx.row(`SELECT key, notification, members FROM lease WHERE run <> ? ORDER BY key LIMIT 1`, c.run).
			Scan(&lease, &notification, &packed))
		if err != nil {
			return err
		}
		if !ok {
			c.adopted = true
			return nil
		}
		rest, err := c.adoptLease(notification, packed)
		if err != nil {
			return err
		}
		if len(rest) == 0 {
			_, err = c.exec(`DELETE FROM lease WHERE key = ?`, lease)
		} else {
			_, err = c.exec(`UPDATE lease SET members = ?, remaining = ? WHERE key = ?`, packKeys(rest), len(rest), lease)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// adoptLease claims members of a lease again, as many as there is room for, and
// returns the rest.
func (c *claimer) adoptLease(notification int64, packed []byte) (rest []int64, err error) {
	w, err := c.work(notification)
	if err != nil || w == nil {
		return nil, err
	}
	open, err := c.unsettled(notification, packed)
	if err != nil {
		return nil, err
	}
	considered := open[:min(len(open), c.budget)]
	living, err := c.audience.living(considered)
	if err != nil {
		return nil, err
	}
	var taken []storage.Recipient
	for i, key := range considered {
		if c.room == 0 {
			return open[i:], c.lease(w, taken)
		}
		var to *storage.Recipient
		if len(living) > 0 && living[0].Key == key {
			to, living = &living[0], living[1:]
		}
		attempt, err := c.offer(w, key, to)
		if err != nil {
			return nil, err
		}
		if attempt {
			taken = append(taken, *to)
		}
	}
	return open[len(considered):], c.lease(w, taken)
}

// unsettled is who of a lease has no delivery.
func (c *claimer) unsettled(notification int64, packed []byte) ([]int64, error) {
	keys, err := unpackKeys(packed)
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	settled, err := c.tx.keys(`SELECT subscription FROM delivery
		WHERE notification = ? AND subscription >= ? AND subscription <= ? ORDER BY subscription`,
		notification, keys[0], keys[len(keys)-1])
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(keys, func(k int64) bool {
		_, ok := slices.BinarySearch(settled, k)
		return ok
	}), nil
}

// begin starts the scheduled notifications that are due. Now their audience is
// known: whoever is subscribed.
func (c *claimer) begin() error {
	due, err := c.tx.keys(`SELECT key FROM notification WHERE state = 'scheduled' AND due_at <= ? ORDER BY due_at LIMIT ?`,
		c.now, claimRanges)
	if err != nil || len(due) == 0 {
		return err
	}
	high, err := highestSubscription(c.tx)
	if err != nil {
		return err
	}
	for _, key := range due {
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
	p, err := c.audience.next(w.Target, w.cursor, w.high, min(c.budget, max(c.room, claimAtLeast)))
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

// retry is a due retry with its recipient; alive is false when the subscription
// has ended.
type retry struct {
	old   delivery
	to    storage.Recipient
	alive bool
}

// retries claims due retries: when fresh ranges wait too, up to half the room.
func (c *claimer) retries(others bool) error {
	keep := 0
	if others {
		keep = c.room / 2
	}
	limit := min(c.budget, max(2*(c.room-keep), claimAtLeast))
	due, err := c.dueRetries(limit)
	if err != nil {
		return err
	}
	for i := range due {
		if c.room <= keep {
			return nil
		}
		if err := c.retry(&due[i]); err != nil {
			return err
		}
	}
	return nil
}

func (c *claimer) dueRetries(limit int) ([]retry, error) {
	var due []retry
	err := c.each(func(row scanner) error {
		var r retry
		var key, vapidKey int64
		var endpoint, service *string
		var declarative *bool
		err := row.Scan(&r.old.seq, &r.old.notification, &r.old.subscription, &r.old.attempts,
			number{&key}, &r.to.ID, &endpoint, &r.to.P256dh, &r.to.Auth, number{&vapidKey}, &service, &declarative)
		if r.alive = err == nil && key != 0; r.alive {
			r.to.Key, r.to.Endpoint, r.to.KeyID = key, *endpoint, c.audience.keyIDs[vapidKey]
			r.to.Service, r.to.Declarative = *service, *declarative
		}
		due = append(due, r)
		return err
	}, `SELECT d.seq, d.notification, d.subscription, d.attempts, `+recipientColumns+` FROM delivery d
		LEFT JOIN subscription s ON s.key = d.subscription AND s.removed_at IS NULL
		WHERE d.status = 1 AND d.due_at <= ? ORDER BY d.due_at LIMIT ?`, c.now, limit)
	return due, err
}

func (c *claimer) retry(r *retry) error {
	c.budget--
	w, err := c.work(r.old.notification)
	if err != nil {
		return err
	}
	if w == nil {
		_, err := c.exec(`DELETE FROM delivery WHERE seq = ?`, r.old.seq)
		return err
	}
	o := c.verdict(w, r.to.Service, r.alive, w.deadline)
	switch o.Event {
	case 0:
		c.room--
		c.out.Attempts = append(c.out.Attempts, storage.Attempt{
			Notification: &w.Notification, Subscription: r.to, Attempts: r.old.attempts,
		})
		// No due time: an attempt is under way.
		_, err = c.exec(`UPDATE delivery SET due_at = NULL WHERE seq = ?`, r.old.seq)
	case storage.EventRetrying:
		// It was retrying and still is: nothing to tell anyone.
		_, err = c.exec(`UPDATE delivery SET due_at = ? WHERE seq = ?`, millis(o.RetryAt), r.old.seq)
	default:
		o.SubscriptionKey, o.Attempts = r.old.subscription, r.old.attempts
		err = c.end(r.old.notification, o)
	}
	return err
}

// end gives a delivery that has a row its last outcome.
func (c *claimer) end(notification int64, o storage.Outcome) error {
	if err := c.flush(); err != nil {
		return err
	}
	old, err := c.delivery(notification, o.SubscriptionKey)
	if err != nil {
		return err
	}
	if old != nil {
		o.Code = cmp.Or(o.Code, old.code)
		o.Error = cmp.Or(o.Error, old.error)
	}
	return c.merge(old, o)
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
