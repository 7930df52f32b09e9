package api

import (
	"context"
	"strings"
	"time"

	"recado/server/access"
	"recado/storage"
)

// relay accepts a notification that was read from what a publisher sends who
// speaks no API of ours: only its content, urgency, target, warnings and
// ScheduledAt are set, and its content fits if it has to be cut for that.
func (a *API) relay(ctx context.Context, grant access.Grant, n *storage.Notification, idem *storage.Idempotency) (storage.Accepted, error) {
	n.CreatedAt, n.TTL = a.now(), a.o.TTL
	n.DueAt = n.CreatedAt
	if at := n.ScheduledAt.UTC().Truncate(time.Millisecond); at.After(n.CreatedAt) {
		n.ScheduledAt, n.DueAt = at, at
	} else {
		n.ScheduledAt = time.Time{}
	}
	withoutNUL(&n.Content)
	if err := a.fit(ctx, n); err != nil {
		return storage.Accepted{}, err
	}
	return a.publish(ctx, grant, *n, idem)
}

// withoutNUL takes out of texts the one character that problems.text refuses.
func withoutNUL(c *storage.Content) {
	texts := []*string{&c.Title, &c.Body, &c.Tag}
	for i := range c.Actions {
		texts = append(texts, &c.Actions[i].Title)
	}
	for _, s := range texts {
		*s = strings.ReplaceAll(*s, "\x00", "")
	}
}
