package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"recado/server/access"
	"recado/storage"
)

func notificationPath(id uuid.UUID) string { return "/v1/pushnotification/" + id.String() }

// notificationItem is a notification as /v1 shows it: every field, always.
type notificationItem struct {
	ID    string        `json:"id"`
	State storage.State `json:"state"`
	storage.Content
	Data        json.RawMessage `json:"data"` // in place of the content's, which may be left out
	TTL         int64           `json:"ttl"`  // s
	Urgency     string          `json:"urgency"`
	Topic       string          `json:"topic"`
	Target      storage.Target  `json:"target"` // everyone when its lists are empty
	ScheduledAt stamp           `json:"scheduled_at"`
	Repeat      string          `json:"repeat"`
	TimeZone    string          `json:"time_zone"`
	ExpiresAt   stamp           `json:"expires_at"`
	ParentID    *string         `json:"parent_id"`
	NextAt      stamp           `json:"next_at"`
	CreatedAt   stamp           `json:"created_at"`
	StartedAt   stamp           `json:"started_at"`
	FinishedAt  stamp           `json:"finished_at"`
	Warnings    []string        `json:"warnings"`
	Counts      storage.Counts  `json:"counts"`
}

// setByServer are the fields that nobody can write.
func setByServer() []string {
	return []string{"id", "state", "parent_id", "next_at", "created_at", "started_at", "finished_at", "warnings", "counts"}
}

func notificationOf(n *storage.Notification) notificationItem {
	item := notificationItem{
		ID: n.ID.String(), State: n.State, Content: n.Content, Data: n.Data,
		TTL: int64(n.TTL / time.Second), Urgency: n.Urgency, Topic: n.Topic,
		Target: storage.Target{
			Categories: listed(n.Target.Categories), Users: listed(n.Target.Users), Subscriptions: listed(n.Target.Subscriptions),
		},
		ScheduledAt: stamp(n.ScheduledAt), Repeat: n.Repeat, TimeZone: n.TimeZone, ExpiresAt: stamp(n.ExpiresAt),
		NextAt: stamp(n.NextAt), CreatedAt: stamp(n.CreatedAt), StartedAt: stamp(n.StartedAt), FinishedAt: stamp(n.FinishedAt),
		Warnings: listed(n.Warnings), Counts: n.Counts,
	}
	item.Vibrate, item.Actions = listed(n.Vibrate), listed(n.Actions)
	if len(item.Data) == 0 {
		item.Data = json.RawMessage("{}")
	}
	if item.TimeZone == "" {
		item.TimeZone = "UTC"
	}
	if n.ParentID != uuid.Nil {
		parent := n.ParentID.String()
		item.ParentID = &parent
	}
	return item
}

// ListNotifications answers GET /v1/pushnotification.
func (a *API) ListNotifications(_ http.ResponseWriter, r *http.Request) (Answer, error) {
	q := readQuery(r)
	f := storage.NotificationFilter{States: q.states(), Category: q.Get("category"), Parent: q.id("parent", "a notification's id")}
	p := q.page("notifications")
	if err := q.err(); err != nil {
		return Answer{}, err
	}
	rows, err := a.o.History.Notifications(r.Context(), f, p)
	return ok(pageOf("notifications", p, rows, func(n *storage.Notification) int64 { return n.Key }, notificationOf)), err
}

// states is ?state=, several with commas or several times.
func (q *query) states() []storage.State {
	var states []storage.State
	for _, text := range q.Values["state"] {
		for name := range strings.SplitSeq(text, ",") {
			switch s := storage.State(strings.TrimSpace(name)); s {
			case "":
			case storage.Scheduled, storage.Sending, storage.Sent, storage.CanceledState, storage.ExpiredState:
				states = append(states, s)
			default:
				q.add("state", "must be scheduled, sending, sent, canceled or expired")
				return nil
			}
		}
	}
	return states
}

// readNotification reads the body of a notification to make or to replace.
func (a *API) readNotification(body []byte) (storage.Notification, error) {
	n, wrong, err := a.decodeNotification(body)
	if err != nil {
		return storage.Notification{}, err
	}
	return n, badFields(wrong)
}

// decodeNotification reads it, whatever is wrong with its fields.
func (a *API) decodeNotification(body []byte) (storage.Notification, problems, error) {
	var in notificationBody
	wrong, err := unmarshalStrict(body, &in, setByServer()...)
	if err != nil {
		return storage.Notification{}, nil, err
	}
	n, more := a.check(&in, a.now())
	if in.Title == "" {
		more.add("title", "is required")
	}
	wrong.merge(more)
	return n, wrong, nil
}

// CreateNotification answers POST /v1/pushnotification.
func (a *API) CreateNotification(w http.ResponseWriter, r *http.Request) (Answer, error) {
	accepted, err := a.create(w, r)
	if err != nil {
		return Answer{}, err
	}
	answer := created(notificationPath(accepted.Notification.ID), notificationOf(&accepted.Notification))
	if accepted.Replayed {
		answer.status = http.StatusOK
	}
	return answer, nil
}

func (a *API) create(w http.ResponseWriter, r *http.Request) (storage.Accepted, error) {
	body, err := readBody(w, r)
	if err != nil {
		return storage.Accepted{}, err
	}
	idem, first, err := a.replay(r, body)
	if err != nil || first.Replayed {
		return first, err
	}
	n, err := a.readNotification(body)
	if err != nil {
		return storage.Accepted{}, err
	}
	accepted, err := a.publish(r.Context(), access.GrantFrom(r.Context()), n, idem)
	return accepted, categoryField(err, "target.categories")
}

// notification is the one that the path names, if the grant may touch it.
func (a *API) notification(r *http.Request, permit func(access.Grant, *storage.Notification) error) (storage.Notification, error) {
	id, err := pathID(r, "notification")
	if err != nil {
		return storage.Notification{}, err
	}
	n, err := a.o.Notifications.Notification(r.Context(), id)
	if err != nil {
		return storage.Notification{}, missing(err, "notification")
	}
	return n, permit(access.GrantFrom(r.Context()), &n)
}

// missing says what was not found.
func missing(err error, what string) error {
	if errors.Is(err, storage.ErrNotFound) {
		return noSuch(what)
	}
	return err
}

// mayRead: the read scope, or the publish token that made it.
func mayRead(g access.Grant, n *storage.Notification) error {
	if g.Allows(storage.ScopeRead) || g.TokenKey != 0 && g.TokenKey == n.TokenKey {
		return nil
	}
	return forbidden("a publish token may only see notifications that it made")
}

// mayChange: any publish token, but one that is limited to categories only what it
// made itself.
func mayChange(g access.Grant, n *storage.Notification) error {
	if g.Admin() || len(g.Categories) == 0 || g.TokenKey == n.TokenKey {
		return nil
	}
	return forbidden("a token that is limited to categories may only change notifications that it made")
}

// Notification answers GET /v1/pushnotification/{id}.
func (a *API) Notification(_ http.ResponseWriter, r *http.Request) (Answer, error) {
	n, err := a.notification(r, mayRead)
	return ok(notificationOf(&n)), err
}

// ReplaceNotification answers PUT /v1/pushnotification/{id}.
func (a *API) ReplaceNotification(w http.ResponseWriter, r *http.Request) (Answer, error) {
	old, err := a.notification(r, mayChange)
	if err != nil {
		return Answer{}, err
	}
	body, err := readBody(w, r)
	if err != nil {
		return Answer{}, err
	}
	n, err := a.readNotification(body)
	if err != nil {
		return Answer{}, err
	}
	now := n.CreatedAt
	n.ID, n.Key, n.TokenKey, n.CreatedAt = old.ID, old.Key, old.TokenKey, old.CreatedAt
	if err := a.prepare(r.Context(), access.GrantFrom(r.Context()), &n); err != nil {
		return Answer{}, err
	}
	n, err = a.o.History.Replace(r.Context(), now, n)
	switch {
	case errors.Is(err, storage.ErrEnded):
		return Answer{}, conflict("only a notification that is still scheduled can be replaced")
	case err != nil:
		return Answer{}, missing(categoryField(err, "target.categories"), "notification")
	}
	a.o.Wake()
	return ok(notificationOf(&n)), nil
}

// CancelNotification answers POST /v1/pushnotification/{id}/cancel.
func (a *API) CancelNotification(_ http.ResponseWriter, r *http.Request) (Answer, error) {
	n, err := a.notification(r, mayChange)
	if err != nil {
		return Answer{}, err
	}
	n, err = a.o.History.Cancel(r.Context(), a.now(), n.ID)
	switch {
	case errors.Is(err, storage.ErrEnded):
		return Answer{}, conflict("the notification has already ended")
	case err != nil:
		return Answer{}, missing(err, "notification")
	}
	a.o.Stop(n.Key)
	return ok(notificationOf(&n)), nil
}

// DeleteNotification answers DELETE /v1/pushnotification/{id}.
func (a *API) DeleteNotification(_ http.ResponseWriter, r *http.Request) (Answer, error) {
	n, err := a.notification(r, mayChange)
	if err != nil {
		return Answer{}, err
	}
	key, err := a.o.History.Delete(r.Context(), a.now(), n.ID)
	if err != nil {
		return Answer{}, missing(err, "notification")
	}
	a.o.Stop(key)
	return noContent(), nil
}
