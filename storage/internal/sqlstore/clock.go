package sqlstore

import (
	"time"

	"recado/storage"
)

// clockSlack is how far a clock may go back without having been set.
const clockSlack = time.Second

// clock is the latest time that a claim of this run has come at; zero before the
// first, which cannot know whether the clock was set meanwhile.
type clock struct{ latest time.Time }

// setBack reports whether the clock was, or may have been, set back before now.
func (k clock) setBack(now time.Time) bool {
	return k.latest.IsZero() || now.Before(k.latest.Add(-clockSlack))
}

// at is the clock after a claim that came at now.
func (k clock) at(now time.Time) clock {
	if k.setBack(now) || now.After(k.latest) {
		k.latest = now
	}
	return k
}

// reschedule brings back next runs that a clock which was far ahead has moved
// away: until then nothing would be heard of them. No run is made twice by that;
// see makeRun.
func (c *claimer) reschedule() error {
	var waiting []storage.Notification
	err := c.tx.each(func(r scanner) error {
		var n storage.Notification
		err := r.Scan(&n.Key, &n.Repeat, &n.TimeZone, instant{&n.ScheduledAt}, instant{&n.DueAt})
		waiting = append(waiting, n)
		return err
	}, `SELECT key, repeat, time_zone, scheduled_at, due_at FROM notification
		WHERE state = 'scheduled' AND due_at > ? AND repeat <> ''`, c.now)
	if err != nil {
		return err
	}
	for _, n := range waiting {
		after := c.req.Now
		if n.ScheduledAt.After(after) {
			after = n.ScheduledAt.Add(-time.Millisecond) // which may be the first run itself
		}
		next := c.req.Runs.Next(n.Repeat, n.TimeZone, after)
		if next.IsZero() || !next.Before(n.DueAt) {
			continue
		}
		if _, err := c.exec(`UPDATE notification SET due_at = ? WHERE key = ?`, millis(next), n.Key); err != nil {
			return err
		}
	}
	return nil
}
