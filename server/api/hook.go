package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"recado/server/access"
	"recado/server/publishers/webhook"
	"recado/storage"
)

// templateTime is how long a webhook's templates may take for one request.
const templateTime = time.Second

// Webhook is one that the configuration has a table for. The zero Webhook is that of
// requests which name none.
type Webhook struct {
	Name       string
	Fields     webhook.Fields
	Template   *webhook.Template // of Fields
	Categories []string          // names that it publishes to where the request names none
	Secret     string            // that its sender signs with; empty = it need not
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
	q, request := readQuery(r), webhook.Request{Header: r.Header, Body: body}
	by, err := a.webhookOf(q, request)
	if err != nil {
		return storage.Accepted{}, err
	}
	idem, first, err := a.replay(r, body)
	if err != nil || first.Replayed {
		return first, err
	}
	m, err := a.readHook(r.Context(), by, request)
	if err != nil {
		return storage.Accepted{}, err
	}
	grant, field, categories := access.GrantFrom(r.Context()), "category", q.Values["category"]
	if len(categories) == 0 {
		field, categories = "webhook."+by.Name+".categories", by.Categories
	}
	n := storage.Notification{
		// What replaces another one is news all the same.
		Content: storage.Content{Title: m.Title, Body: m.Body, URL: m.URL, Tag: m.Tag, Renotify: m.Tag != ""},
		Urgency: m.Urgency,
	}
	if n.Target, err = hookTarget(grant, field, categories); err != nil {
		return storage.Accepted{}, err
	}
	accepted, err := a.relay(r.Context(), grant, &n, idem)
	return accepted, categoryField(err, field)
}

// webhookOf is the webhook that ?template= names, if its sender may use it.
func (a *API) webhookOf(q *query, r webhook.Request) (Webhook, error) {
	if !q.Has("template") {
		return Webhook{}, nil
	}
	name := cut(q.Get("template"), 64)
	by, known := a.o.Webhooks[q.Get("template")]
	switch {
	case !known:
		return Webhook{}, &FieldError{"template", fmt.Sprintf("names %q, and there is no [webhook.%s] in the configuration", name, name)}
	case by.Secret != "" && !webhook.Signed(by.Secret, r):
		return Webhook{}, forbidden("the request is not signed with the secret of [webhook.%s]", name)
	}
	return by, nil
}

// readHook reads a request, by a webhook's templates if it names one.
func (a *API) readHook(ctx context.Context, by Webhook, r webhook.Request) (webhook.Message, error) {
	if by.Name == "" {
		m, err := webhook.Read(r)
		return m, unreadable(err)
	}
	ctx, cancel := context.WithTimeout(ctx, templateTime)
	defer cancel()
	m, err := by.Template.Read(ctx, r)
	if a.received.note(by.Name, r, m.Sender, err, a.now()) {
		a.o.TemplatesFailed(ctx, by.Name, err)
	}
	var wrong webhook.TemplateErrors
	if errors.As(err, &wrong) {
		return m, badRequest("webhook.%s: %s", by.Name, wrong.Error())
	}
	return m, unreadable(err)
}

// unreadable says that a request cannot be read.
func unreadable(err error) error {
	if errors.Is(err, webhook.ErrEmpty) || errors.Is(err, webhook.ErrDeep) {
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
