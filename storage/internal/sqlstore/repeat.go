package sqlstore

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

var errNoRuns = errors.New("a repeating notification is due, but the request does not say how runs are computed")

// makeRuns makes the run of a repeating notification that is due, and moves it on to
// the next. Of the runs that were missed only the last is made, while it may
// still be sent. A run that has been made is not made again when the clock is set
// back; the index by parent and due time says so too.
func (c *claimer) makeRuns(key int64) error {
	if c.req.Runs == nil {
		return errNoRuns
	}
	parent, err := scanNotification(c.tx.row(notificationColumns+`WHERE key = ?`, key))
	if err != nil {
		return err
	}
	// A millisecond before, so that the due run itself is one of those after it.
	last := c.req.Runs.Last(parent.Repeat, parent.TimeZone, fromMillis(millis(parent.DueAt)-1), c.req.Now)
	if !last.IsZero() && !last.Before(parent.DueAt) && !last.After(c.req.Now) {
		if err := c.makeRun(parent, fromMillis(millis(last))); err != nil {
			return err
		}
	}
	next := c.req.Runs.Next(parent.Repeat, parent.TimeZone, c.req.Now)
	if next.After(c.req.Now) && (parent.ExpiresAt.IsZero() || next.Before(parent.ExpiresAt)) {
		_, err := c.exec(`UPDATE notification SET due_at = ? WHERE key = ?`, millis(next), key)
		return err
	}
	n, err := c.note(key)
	if err != nil {
		return err
	}
	n.state, n.finishedAt, n.dirty = storage.Sent, c.now, true
	return nil
}

func (c *claimer) makeRun(parent storage.Notification, due time.Time) error {
	n := parent
	n.Repeat, n.TimeZone, n.NextAt, n.ParentID = "", "", time.Time{}, parent.ID
	n.CreatedAt, n.ScheduledAt, n.DueAt = c.req.Now, due, due
	if !c.req.Now.Before(n.FirstTryDeadline()) {
		return nil
	}
	var made bool
	err := c.tx.row(`SELECT EXISTS (SELECT 1 FROM notification WHERE parent = ? AND due_at = ?)`,
		parent.ID[:], millis(due)).Scan(&made)
	if err != nil || made {
		return err
	}
	if n.ID, err = uuid.NewV7(); err != nil {
		return err
	}
	key, err := insertNotification(c.tx, n)
	if err != nil {
		return err
	}
	_, err = c.exec(`INSERT INTO addressed (category, notification) SELECT category, ? FROM addressed WHERE notification = ?`,
		key, parent.Key)
	if err != nil {
		return err
	}
	// It became due when the run was, not now: its TTL counts from there.
	_, err = c.exec(`UPDATE notification SET due_at = ? WHERE key = ?`, millis(due), key)
	return err
}
