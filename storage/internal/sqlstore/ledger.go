package sqlstore

import (
	"cmp"
	"slices"
	"time"

	"recado/storage"
)

// ledger keeps the books of one transaction that changes deliveries: it writes
// their rows, gives out seq, and at the end writes the counts, states and
// leases that follow. Counts are read once, kept in memory and written once:
// nobody else writes meanwhile.
type ledger struct {
	*tx
	seq     int64
	notes   map[int64]*note
	last    *note // the note asked for last; outcomes come in runs
	leases  map[int64]int64
	changes []storage.Change
	tallies map[tally]*int
	tally   tally // the one counted last; most are the same
	tallied *int
	fresh   []fresh // sent, and not yet written
	args    []any
}

// fresh is a first outcome and the row that it makes.
type fresh struct {
	storage.Outcome
	row delivery
}

// note is where a notification stands.
type note struct {
	key          int64
	state        storage.State
	counts       storage.Counts
	cursor       int64
	high         int64
	audienceRead bool
	startedAt    int64
	finishedAt   int64
	missing      bool // there is no such notification
	dirty        bool
	at           int64 // the latest outcome's time
}

func newLedger(t *tx) (*ledger, error) {
	l := &ledger{tx: t, notes: make(map[int64]*note), leases: make(map[int64]int64), tallies: make(map[tally]*int)}
	err := t.row(`SELECT value FROM counter WHERE name = 'seq'`).Scan(&l.seq)
	return l, err
}

func (l *ledger) note(key int64) (*note, error) {
	if l.last != nil && l.last.key == key {
		return l.last, nil
	}
	n := l.notes[key]
	if n == nil {
		n = &note{key: key}
		c := &n.counts
		ok, err := found(l.row(`SELECT state, cursor, high, audience_read, started_at, finished_at,
				targeted, retrying, sent, failed, gone, expired, canceled, displayed, clicked, closed
			FROM notification WHERE key = ?`, key).Scan(&n.state, &n.cursor, &n.high, &n.audienceRead,
			number{&n.startedAt}, number{&n.finishedAt}, &c.Targeted, &c.Retrying, &c.Sent, &c.Failed, &c.Gone,
			&c.Expired, &c.Canceled, &c.Displayed, &c.Clicked, &c.Closed))
		if err != nil {
			return nil, err
		}
		n.missing = !ok || n.state == deleted
		n.countPending()
		l.notes[key] = n
	}
	l.last = n
	return n, nil
}

func (n *note) countPending() {
	c := &n.counts
	c.Pending = c.Targeted - c.Retrying - c.Sent - c.Failed - c.Gone - c.Expired - c.Canceled
}

// counter is the count that a status is part of; nil for none.
func counter(c *storage.Counts, s storage.Status) *int {
	switch s {
	case storage.StatusRetrying:
		return &c.Retrying
	case storage.StatusSent:
		return &c.Sent
	case storage.StatusFailed:
		return &c.Failed
	case storage.StatusGone:
		return &c.Gone
	case storage.StatusExpired:
		return &c.Expired
	case storage.StatusCanceled:
		return &c.Canceled
	}
	return nil
}

// count moves a delivery from one form to the next; the zero delivery is one
// without a row.
func (n *note) count(from, to *delivery) {
	c := &n.counts
	if p := counter(c, from.status); p != nil {
		*p--
	} else {
		c.Pending--
	}
	if p := counter(c, to.status); p != nil {
		*p++
	}
	once := func(before, after int64, p *int) {
		if before == 0 && after != 0 {
			*p++
		}
	}
	once(from.displayedAt, to.displayedAt, &c.Displayed)
	once(from.clickedAt, to.clickedAt, &c.Clicked)
	once(from.closedAt, to.closedAt, &c.Closed)
	n.dirty = true
}

// finish ends a notification that has nothing more to wait for.
func (n *note) finish(now int64) {
	if n.state == storage.ExpiredState && n.counts.Sent > 0 {
		n.state, n.dirty = storage.Sent, true // a receipt came late
	}
	read := n.audienceRead || n.state == storage.CanceledState
	if n.finishedAt != 0 || !read || n.counts.Pending > 0 || n.counts.Retrying > 0 {
		return
	}
	n.finishedAt, n.dirty = cmp.Or(n.at, now), true
	if n.state != storage.Sending {
		return
	}
	n.state = storage.Sent
	if n.counts.Sent == 0 && n.counts.Expired > 0 {
		n.state = storage.ExpiredState
	}
}

// Ten rows a statement are the fastest here: each statement costs, and so do
// its parameters, by the square. So the usual outcome has as few as can be.
const rowsAtOnce = 10

const (
	insertFirst = `INSERT INTO delivery
		(seq, notification, subscription, attempts, code, at, latency, status, error, due_at) VALUES `
	sentRow    = `(?, ?, ?, ?, ?, ?, ?, 2, NULL, NULL)`
	anyRow     = `(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	onConflict = ` ON CONFLICT (notification, subscription) DO NOTHING`

	insertAny  = insertFirst + anyRow + onConflict
	insertSent = insertFirst + sentRow + `, ` + sentRow + `, ` + sentRow + `, ` + sentRow + `, ` + sentRow + `, ` +
		sentRow + `, ` + sentRow + `, ` + sentRow + `, ` + sentRow + `, ` + sentRow + onConflict
)

// first stores the first outcome of a delivery that, as far as is known, has no
// row. Its lease, when not 0, is settled with it. The usual ones wait for flush.
func (l *ledger) first(o storage.Outcome) error {
	f := fresh{o, first(o)}
	if o.Event != storage.EventSent {
		return l.insert([]fresh{f}, insertAny)
	}
	if l.fresh = append(l.fresh, f); len(l.fresh) < rowsAtOnce {
		return nil
	}
	return l.flush()
}

// flush writes the first outcomes that wait.
func (l *ledger) flush() error {
	fresh := l.fresh
	l.fresh = l.fresh[:0]
	if len(fresh) == rowsAtOnce {
		return l.insert(fresh, insertSent)
	}
	for i := range fresh {
		if err := l.insert(fresh[i:i+1], insertAny); err != nil {
			return err
		}
	}
	return nil
}

func (l *ledger) insert(fresh []fresh, query string) error {
	l.args = l.args[:0]
	for i := range fresh {
		l.seq++
		d := &fresh[i].row
		d.seq = l.seq
		l.args = append(l.args, d.seq, d.notification, d.subscription, int64(d.attempts), int64(d.code), d.at, d.latency)
		if query == insertAny {
			l.args = append(l.args, int64(d.status), optionalText(d.error), optional(d.dueAt))
		}
	}
	n, err := l.exec(query, l.args...)
	if err != nil {
		return err
	}
	if n == int64(len(fresh)) {
		for i := range fresh {
			if err := l.inserted(&fresh[i]); err != nil {
				return err
			}
		}
		return nil
	}
	return l.conflicts(fresh)
}

// conflicts takes the rows one by one of which some were there already: a
// receipt came before the outcome, or the outcome comes a second time.
func (l *ledger) conflicts(fresh []fresh) error {
	var there []storage.Outcome
	for i := range fresh {
		old, err := l.delivery(fresh[i].NotificationKey, fresh[i].SubscriptionKey)
		if err != nil {
			return err
		}
		if old == nil || old.seq != fresh[i].row.seq {
			there = append(there, fresh[i].Outcome)
		} else if err := l.inserted(&fresh[i]); err != nil {
			return err
		}
	}
	// Only now: a change of these has a higher seq than all of those.
	for _, o := range there {
		old, err := l.delivery(o.NotificationKey, o.SubscriptionKey)
		if err != nil {
			return err
		}
		if err := l.merge(old, o); err != nil {
			return err
		}
	}
	return nil
}

func (l *ledger) inserted(f *fresh) error {
	n, err := l.note(f.row.notification)
	if err != nil {
		return err
	}
	n.count(&delivery{}, &f.row)
	n.at = max(n.at, f.row.at)
	l.settleLease(f.Lease)
	return l.changed(&f.row, &f.Outcome)
}

func (l *ledger) settleLease(lease int64) {
	if lease != 0 {
		l.leases[lease]++
	}
}

const deliveryColumns = `seq, notification, subscription, status, event, attempts, code, error, at, due_at, latency,
	displayed_at, clicked_at, closed_at`

func scanDelivery(r scanner) (*delivery, error) {
	var d delivery
	var event int64
	var reason *string
	ok, err := found(r.Scan(&d.seq, &d.notification, &d.subscription, &d.status, number{&event}, &d.attempts, &d.code,
		&reason, &d.at, number{&d.dueAt}, &d.latency, number{&d.displayedAt}, number{&d.clickedAt}, number{&d.closedAt}))
	if err != nil || !ok {
		return nil, err
	}
	if d.event = storage.Event(event); d.event == 0 {
		d.event = storage.Event(d.status)
	}
	if reason != nil {
		d.error = *reason
	}
	return &d, nil
}

func (l *ledger) delivery(notification, subscription int64) (*delivery, error) {
	return scanDelivery(l.row(`SELECT `+deliveryColumns+` FROM delivery WHERE notification = ? AND subscription = ?`,
		notification, subscription))
}

// merge brings an outcome or receipt into a delivery that may have a row.
func (l *ledger) merge(old *delivery, o storage.Outcome) error {
	n, err := l.note(o.NotificationKey)
	if err != nil {
		return err
	}
	if old == nil && !n.mayBePending(o) {
		return nil
	}
	d, effect := merge(old, o)
	if effect == nothing {
		return nil
	}
	was := delivery{}
	if old != nil {
		was = *old
	}
	if old == nil || old.attempts == 0 && d.attempts > 0 {
		l.settleLease(o.Lease)
	}
	if effect == changed {
		l.seq++
		d.seq = l.seq
		n.count(&was, &d)
		n.at = max(n.at, millis(o.At))
		if err := l.changed(&d, &o); err != nil {
			return err
		}
	}
	return l.put(was.seq, d)
}

// mayBePending keeps out what has no row because retention has taken it, and
// receipts for what was never claimed: they would be counted without being
// targeted.
func (n *note) mayBePending(o storage.Outcome) bool {
	return n.counts.Pending > 0 && (o.Event < storage.EventDisplayed || o.SubscriptionKey <= n.cursor)
}

// put writes a delivery in place of the row with seq old, or as a new one.
func (l *ledger) put(old int64, d delivery) error {
	var event any
	if d.event != storage.Event(d.status) {
		event = int64(d.event)
	}
	args := []any{d.seq, d.notification, d.subscription, int64(d.status), event, int64(d.attempts), int64(d.code), optionalText(d.error),
		d.at, optional(d.dueAt), d.latency, optional(d.displayedAt), optional(d.clickedAt), optional(d.closedAt)}
	query := `INSERT INTO delivery (` + deliveryColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	if old != 0 {
		query = `UPDATE delivery SET seq = ?, notification = ?, subscription = ?, status = ?, event = ?, attempts = ?,
			code = ?, error = ?, at = ?, due_at = ?, latency = ?, displayed_at = ?, clicked_at = ?, closed_at = ? WHERE seq = ?`
		args = append(args, old)
	}
	_, err := l.exec(query, args...)
	return err
}

// close writes what follows from the changes, and tells them.
func (l *ledger) close(now time.Time) (storage.Settled, error) {
	if err := l.flush(); err != nil {
		return storage.Settled{}, err
	}
	if len(l.changes) > 0 {
		if _, err := l.exec(`UPDATE counter SET value = ? WHERE name = 'seq'`, l.seq); err != nil {
			return storage.Settled{}, err
		}
	}
	settled := storage.Settled{Changes: l.changes}
	if err := l.writeTallies(&settled); err != nil {
		return storage.Settled{}, err
	}
	for lease, settled := range l.leases {
		n, err := l.exec(`DELETE FROM lease WHERE key = ? AND remaining <= ?`, lease, settled)
		if err == nil && n == 0 {
			_, err = l.exec(`UPDATE lease SET remaining = remaining - ? WHERE key = ?`, settled, lease)
		}
		if err != nil {
			return storage.Settled{}, err
		}
	}
	for _, n := range l.notes {
		if n.missing {
			continue
		}
		n.finish(millis(now))
		if !n.dirty {
			continue
		}
		if err := l.writeNote(n); err != nil {
			return storage.Settled{}, err
		}
		settled.Progress = append(settled.Progress, storage.Progress{NotificationKey: n.key, State: n.state, Counts: n.counts})
	}
	slices.SortFunc(settled.Progress, func(a, b storage.Progress) int {
		return cmp.Compare(a.NotificationKey, b.NotificationKey)
	})
	return settled, nil
}

func (l *ledger) writeNote(n *note) error {
	c := &n.counts
	_, err := l.exec(`UPDATE notification SET state = ?, cursor = ?, high = ?, audience_read = ?, started_at = ?,
			finished_at = ?, targeted = ?, retrying = ?, sent = ?, failed = ?, gone = ?, expired = ?, canceled = ?,
			displayed = ?, clicked = ?, closed = ? WHERE key = ?`,
		string(n.state), n.cursor, n.high, flag(n.audienceRead), optional(n.startedAt), optional(n.finishedAt),
		c.Targeted, c.Retrying, c.Sent, c.Failed, c.Gone, c.Expired, c.Canceled, c.Displayed, c.Clicked, c.Closed, n.key)
	return err
}
