package sqlstore

import (
	"recado/storage"
)

// digestSize is how many deliveries one step takes into activity.
const digestSize = 4 * pageSize

// activity is what some deliveries say of a subscription.
type activity struct {
	sent, displayed int64
	failures        int64
	reset           bool  // one was sent, so earlier failures do not count
	unseen          int64 // sent since the last that was displayed
	unseenSince     int64
	seen            bool // one was displayed, so what was unseen before does not count
}

// digest brings the activity of subscriptions up to the deliveries' latest
// changes, a step at a time.
func digest(t *tx) (int64, error) {
	var from, to int64
	err := t.row(`SELECT (SELECT value FROM counter WHERE name = 'digested'), (SELECT value FROM counter WHERE name = 'seq')`).
		Scan(&from, &to)
	if err != nil || from >= to {
		return 0, err
	}
	seen := make(map[int64]*activity)
	read := 0
	err = t.each(func(r scanner) error {
		var d delivery
		if err := r.Scan(&from, &d.subscription, &d.status, &d.at, number{&d.displayedAt}, number{&d.clickedAt}, number{&d.closedAt}); err != nil {
			return err
		}
		read++
		a := seen[d.subscription]
		if a == nil {
			a = &activity{}
			seen[d.subscription] = a
		}
		a.add(&d)
		return nil
	}, `SELECT seq, subscription, status, at, displayed_at, clicked_at, closed_at FROM delivery WHERE seq > ? ORDER BY seq LIMIT ?`, from, digestSize)
	if err != nil {
		return 0, err
	}
	if read < digestSize {
		from = to
	}
	for key, a := range seen {
		if err := a.store(t, key); err != nil {
			return 0, err
		}
	}
	return t.exec(`UPDATE counter SET value = ? WHERE name = 'digested'`, from)
}

func (a *activity) add(d *delivery) {
	switch d.status {
	case storage.StatusSent:
		a.sent, a.failures, a.reset = max(a.sent, d.at), 0, true
		a.look(d)
	case storage.StatusFailed:
		a.failures++
	}
	a.displayed = max(a.displayed, d.displayedAt)
}

// look counts what is unseen. A delivery comes by a second time only with a receipt,
// and what was clicked or closed has been displayed.
func (a *activity) look(d *delivery) {
	if d.displayedAt != 0 || d.clickedAt != 0 || d.closedAt != 0 {
		a.unseen, a.unseenSince, a.seen = 0, 0, true
		return
	}
	if a.unseen++; a.unseen == 1 {
		a.unseenSince = d.at
	}
}

func (a *activity) store(t *tx, subscription int64) error {
	if *a == (activity{}) {
		return nil
	}
	_, err := t.exec(`INSERT INTO activity (subscription, last_sent_at, last_displayed_at, failures, unseen, unseen_since) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (subscription) DO UPDATE SET
			last_sent_at = CASE WHEN excluded.last_sent_at > COALESCE(last_sent_at, 0) THEN excluded.last_sent_at ELSE last_sent_at END,
			last_displayed_at = CASE WHEN excluded.last_displayed_at > COALESCE(last_displayed_at, 0)
				THEN excluded.last_displayed_at ELSE last_displayed_at END,
			failures = excluded.failures + CASE WHEN ? THEN 0 ELSE failures END,
			unseen = excluded.unseen + CASE WHEN ? THEN 0 ELSE unseen END,
			unseen_since = CASE WHEN ? THEN excluded.unseen_since ELSE COALESCE(unseen_since, excluded.unseen_since) END`,
		subscription, optional(a.sent), optional(a.displayed), a.failures, a.unseen, optional(a.unseenSince),
		flag(a.reset), flag(a.seen), flag(a.seen))
	return err
}
