package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"recado/server/access"
	"recado/storage"
)

const (
	// payloadLimit is what fits into one push message: 4096 bytes of body (RFC
	// 8291 §4), less header, padding delimiter and tag.
	payloadLimit = 3993
	// payloadSafe is what Firefox on Android is known to take.
	payloadSafe = 2641

	maxIdempotencyKey = 255 // characters
)

// Notify answers POST /api/notify.
func (a *API) Notify(w http.ResponseWriter, r *http.Request) {
	var in notificationBody
	a.notify(w, r, &in, func() *notificationBody { return &in })
}

// notify accepts what the body, read into v, asks for, and waits for outcomes.
func (a *API) notify(w http.ResponseWriter, r *http.Request, v any, body func() *notificationBody) {
	wait, err := parseWait(r.URL.Query().Get("wait"))
	if err != nil { // before anything is accepted
		a.Fail(w, r, err)
		return
	}
	accepted, err := a.acceptRequest(w, r, v, body)
	if err != nil {
		a.Fail(w, r, err)
		return
	}
	respondNotified(w, r, a.await(r.Context(), accepted.Notification, wait))
}

// acceptRequest makes the notification that the request describes durable. The
// body is read into v; then body is what it says.
func (a *API) acceptRequest(w http.ResponseWriter, r *http.Request, v any, body func() *notificationBody) (storage.Accepted, error) {
	grant := access.GrantFrom(r.Context())
	// Nothing but reaching the server is asked of an open publisher, and a page
	// reaches whatever its visitor does.
	if grant.TokenKey == 0 && !a.pages.may(r) {
		return storage.Accepted{}, forbidden("pages of this site may not publish without a token: the operator can add it to access.cors_origins")
	}
	raw, err := readBody(w, r)
	if err != nil {
		return storage.Accepted{}, err
	}
	idem, first, err := a.replay(r, raw)
	if err != nil || first.Replayed {
		return first, err
	}
	if err := unmarshal(raw, v); err != nil {
		return storage.Accepted{}, err
	}
	n, wrong := a.check(body(), a.now())
	if n.Title == "" && n.Body == "" && n.URL == "" {
		wrong.add("title", "or body is required: there is nothing to show")
	}
	if err := badFields(wrong); err != nil {
		return storage.Accepted{}, err
	}
	accepted, err := a.publish(r.Context(), grant, n, idem)
	return accepted, categoryField(err, "target.categories")
}

// publish accepts a checked notification for the grant, and wakes the engine. Every
// way to publish ends here. *storage.UnknownCategoryError, and Accept's other errors.
func (a *API) publish(ctx context.Context, grant access.Grant, n storage.Notification, idem *storage.Idempotency) (storage.Accepted, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return storage.Accepted{}, fmt.Errorf("make a notification's id: %w", err)
	}
	n.ID, n.TokenKey = id, grant.TokenKey
	if err := a.prepare(ctx, grant, &n); err != nil {
		return storage.Accepted{}, err
	}
	accepted, err := a.o.Notifications.Accept(ctx, n, idem)
	if err == nil && !accepted.Replayed {
		a.o.Log.DebugContext(ctx, "accepted", "notification", id)
		a.o.Wake()
	}
	return accepted, err
}

// prepare checks what a notification needs the rest of the server for.
func (a *API) prepare(ctx context.Context, grant access.Grant, n *storage.Notification) error {
	if err := permitTarget(grant, n.Target); err != nil {
		return err
	}
	size, err := a.size(ctx, n)
	if err != nil {
		return err
	}
	if size > payloadLimit {
		return oversize(size)
	}
	return a.warn(ctx, n, size)
}

// categoryField says which field named a category that does not exist.
func categoryField(err error, field string) error {
	var unknown *storage.UnknownCategoryError
	if errors.As(err, &unknown) {
		return &FieldError{field, unknownCategory(unknown.Name)}
	}
	return err
}

// permitTarget holds a token that is limited to categories to those: it has to
// name them, for everyone is more than they are.
func permitTarget(grant access.Grant, t storage.Target) error {
	if len(grant.Categories) == 0 || grant.Admin() {
		return nil
	}
	within := len(t.Categories) > 0 && len(t.Users) == 0 && len(t.Subscriptions) == 0
	for _, name := range t.Categories {
		within = within && slices.Contains(grant.Categories, name)
	}
	if within {
		return nil
	}
	return forbidden("this token may only publish to the categories %s: name some of them, and nothing else, in target.categories",
		strings.Join(grant.Categories, ", "))
}

// size is how many bytes of a push message it takes, in the largest form that will
// be sent.
func (a *API) size(ctx context.Context, n *storage.Notification) (int, error) {
	sizeOf, err := a.sizer(ctx)
	if err != nil {
		return 0, err
	}
	return sizeOf(n), nil
}

func oversize(size int) *Error {
	return &Error{
		Status:  http.StatusRequestEntityTooLarge,
		Message: fmt.Sprintf("the notification takes %d bytes, a push message has room for %d", size, payloadLimit),
		Size:    size,
		Limit:   payloadLimit,
	}
}

// warn adds what a publisher should know although it is no error, of a notification
// that takes size bytes.
func (a *API) warn(ctx context.Context, n *storage.Notification, size int) error {
	if size > payloadSafe && size <= payloadLimit {
		n.Warnings = append(n.Warnings, fmt.Sprintf("the notification takes %d bytes: above %d Firefox on Android may refuse it", size, payloadSafe))
	}
	if n.Silent && len(n.Vibrate) > 0 {
		n.Warnings = append(n.Warnings, "vibrate has no effect on a silent notification")
	}
	unknown := 0
	for _, id := range n.Target.Subscriptions {
		s, err := a.o.Subscriptions.Subscription(ctx, id)
		switch {
		case errors.Is(err, storage.ErrNotFound), err == nil && !s.RemovedAt.IsZero():
			unknown++
		case err != nil:
			return err
		}
	}
	if unknown > 0 {
		n.Warnings = append(n.Warnings, fmt.Sprintf("target.subscriptions: %d of %d are unknown or have ended", unknown, len(n.Target.Subscriptions)))
	}
	return nil
}

// replay looks for what the same request made before. It comes before anything
// that is checked: what was accepted once may be too late or too large by now, and
// its answer is still the same.
func (a *API) replay(r *http.Request, body []byte) (*storage.Idempotency, storage.Accepted, error) {
	idem, err := idempotency(r, body)
	if err != nil || idem == nil {
		return nil, storage.Accepted{}, err
	}
	n, ok, err := a.o.Notifications.Replayed(r.Context(), access.GrantFrom(r.Context()).TokenKey, *idem, a.now())
	return idem, storage.Accepted{Notification: n, Replayed: ok}, err
}

// idempotency is what makes a repeated request the same one; nil without a key.
func idempotency(r *http.Request, body []byte) (*storage.Idempotency, error) {
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		return nil, nil
	}
	var wrong problems
	if wrong.name("Idempotency-Key", key, maxIdempotencyKey); len(wrong) > 0 {
		return nil, badFields(wrong)
	}
	// The path is part of it: the same bytes elsewhere are another request.
	h := sha256.New()
	h.Write([]byte(strings.TrimSuffix(r.URL.Path, "/") + "\n"))
	h.Write(body)
	return &storage.Idempotency{Key: strings.ToValidUTF8(key, "\uFFFD"), BodyHash: [32]byte(h.Sum(nil))}, nil
}

type notifiedBody struct {
	ID       string   `json:"id"`
	Message  string   `json:"message"`
	Targeted int      `json:"targeted"`
	Sent     int      `json:"sent"`
	Retrying int      `json:"retrying"`
	Failed   int      `json:"failed"`
	Gone     int      `json:"gone"`
	Expired  int      `json:"expired"`
	Canceled int      `json:"canceled"`
	Pending  int      `json:"pending"`
	Warnings []string `json:"warnings"`
}

func respondNotified(w http.ResponseWriter, r *http.Request, n storage.Notification) {
	status := http.StatusAccepted
	if settled(&n) {
		status = http.StatusOK
	}
	h := w.Header()
	h.Set("Location", notificationPath(n.ID))
	h.Add("Vary", "Accept")
	message := strconv.Itoa(n.Counts.Sent) + " notification(s) sent"
	if !wantsJSON(r) {
		respondText(w, status, message)
		return
	}
	c := n.Counts
	respondJSON(w, status, notifiedBody{
		ID: n.ID.String(), Message: message,
		Targeted: c.Targeted, Sent: c.Sent, Retrying: c.Retrying, Failed: c.Failed, Gone: c.Gone,
		Expired: c.Expired, Canceled: c.Canceled, Pending: c.Pending,
		Warnings: append([]string{}, n.Warnings...),
	})
}
