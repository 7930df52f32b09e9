package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"recado/server/access"
	"recado/server/publishers"
	"recado/storage"
)

// templateTime is how long a webhook's templates may take for one request.
const templateTime = time.Second

// Webhook is one that the configuration has a table for.
type Webhook struct {
	Fields     publishers.Fields
	Template   *publishers.Template // of Fields
	Categories []string             // names that it publishes to where the request names none
	Secret     string               // that its sender signs with; empty = it need not
}

// Hook answers POST /hook and POST /hook/{token}: a webhook of whatever kind.
func (a *API) Hook(w http.ResponseWriter, r *http.Request) {
	accepted, err := a.hook(w, r)
	if err != nil {
		a.Fail(w, r, err)
		return
	}
	respondJSON(w, http.StatusAccepted, map[string]string{"id": accepted.Notification.ID.String()})
}

func (a *API) hook(w http.ResponseWriter, r *http.Request) (storage.Accepted, error) {
	body, err := readBytes(w, r, maxPublished)
	if err != nil {
		return storage.Accepted{}, err
	}
	q := readQuery(r)
	request := publishers.Request{Header: r.Header, Body: body}
	name, webhook, err := a.webhookOf(q, request)
	if err != nil {
		return storage.Accepted{}, err
	}
	idem, first, err := a.replay(r, body)
	if err != nil || first.Replayed {
		return first, err
	}
	m, err := a.readHook(r.Context(), name, webhook, request)
	if err != nil {
		return storage.Accepted{}, err
	}
	grant, field, categories := access.GrantFrom(r.Context()), "category", q.Values["category"]
	if len(categories) == 0 {
		field, categories = "webhook."+name+".categories", webhook.Categories
	}
	target, err := hookTarget(grant, field, categories)
	if err != nil {
		return storage.Accepted{}, err
	}
	n, err := a.hookNotification(r.Context(), m, target)
	if err != nil {
		return storage.Accepted{}, err
	}
	accepted, err := a.publish(r.Context(), grant, n, idem)
	return accepted, categoryField(err, field)
}

// webhookOf is the webhook that ?template= names, if its sender may use it; the zero
// one where none is named.
func (a *API) webhookOf(q *query, r publishers.Request) (string, Webhook, error) {
	if !q.Has("template") {
		return "", Webhook{}, nil
	}
	name := q.Get("template")
	webhook, known := a.o.Webhooks[name]
	switch {
	case !known:
		return "", Webhook{}, &FieldError{"template", fmt.Sprintf("names %q, and there is no [webhook.%s] in the configuration", cut(name, 64), cut(name, 64))}
	case webhook.Secret != "" && !publishers.Signed(webhook.Secret, r):
		return "", Webhook{}, forbidden("the request is not signed with the secret of [webhook.%s]", name)
	}
	return name, webhook, nil
}

// readHook reads a request, by its webhook's templates if it has some.
func (a *API) readHook(ctx context.Context, name string, webhook Webhook, r publishers.Request) (publishers.Message, error) {
	if name == "" {
		m, err := publishers.Read(r)
		return m, unreadable(err)
	}
	ctx, cancel := context.WithTimeout(ctx, templateTime)
	defer cancel()
	m, err := webhook.Template.Read(ctx, r)
	if a.received.note(name, r, m.Sender, err, a.now()) {
		a.o.Log.Warn("a webhook's templates do not work on what came", "webhook", name, "err", err)
	}
	var wrong publishers.TemplateErrors
	if errors.As(err, &wrong) {
		return m, badRequest("webhook.%s: %s", name, wrong.Error())
	}
	return m, unreadable(err)
}

// unreadable says that a request cannot be read.
func unreadable(err error) error {
	if errors.Is(err, publishers.ErrEmpty) || errors.Is(err, publishers.ErrDeep) {
		return badRequest("%s", err.Error())
	}
	return err
}

// hookTarget is whom a webhook is for. An empty name is refused: a script whose
// variable came out empty does not mean everyone.
func hookTarget(grant access.Grant, field string, categories []string) (storage.Target, error) {
	var wrong problems
	if wrong.atMost(maxTargeted, field, categories) {
		wrong.names(field, categories)
	}
	if err := badFields(wrong); err != nil {
		return storage.Target{}, err
	}
	t, err := audience(grant, categories)
	if err != nil {
		i := slices.IndexFunc(categories, func(name string) bool { return !slices.Contains(grant.Categories, name) })
		return t, forbidden("this token may not publish to the category %q", categories[max(i, 0)])
	}
	return t, nil
}

// hookNotification is a message as it is stored, cut to fit.
func (a *API) hookNotification(ctx context.Context, m publishers.Message, target storage.Target) (storage.Notification, error) {
	n, wrong := a.check(&notificationBody{
		// What replaces another one is news all the same.
		Content: storage.Content{Title: m.Title, Body: m.Body, URL: m.URL, Tag: m.Tag, Renotify: m.Tag != ""},
		Urgency: m.Urgency,
	}, a.now())
	if err := badFields(wrong); err != nil {
		return n, err
	}
	n.Target = target
	return n, a.fit(ctx, &n)
}
