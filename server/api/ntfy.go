package api

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"recado/server/access"
	"recado/server/publishers/ntfy"
	"recado/storage"
)

// NtfyHealth answers GET /v1/health.
func (a *API) NtfyHealth(w http.ResponseWriter, _ *http.Request) {
	respondJSON(w, http.StatusOK, map[string]bool{"healthy": true})
}

// NtfyPublish answers POST and PUT /{topic}, and GET /{topic}/publish.
func (a *API) NtfyPublish(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead { // which changes nothing (RFC 9110 §9.2.1)
		w.WriteHeader(http.StatusOK)
		return
	}
	a.ntfyPublish(w, r, ntfy.Parse)
}

// NtfyPublishJSON answers POST and PUT /.
func (a *API) NtfyPublishJSON(w http.ResponseWriter, r *http.Request) {
	a.ntfyPublish(w, r, func(in ntfy.Request, now time.Time) (*ntfy.Message, error) {
		if err := checkText(in.Body); err != nil {
			return nil, ntfy.JSONError(err.Error())
		}
		m, err := ntfy.ParseJSON(in, now)
		if err == nil && a.o.TakenTopic(m.Topic) {
			return nil, ntfy.TakenTopic(m.Topic)
		}
		return m, err
	})
}

func (a *API) ntfyPublish(w http.ResponseWriter, r *http.Request, parse func(ntfy.Request, time.Time) (*ntfy.Message, error)) {
	body, err := readBytes(w, r, maxPublished)
	if err != nil {
		a.NtfyFail(w, r, err)
		return
	}
	// Not in UTC: what is said in words is said on the server's clocks.
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) // some Windows tools send one
	m, err := parse(ntfy.Request{Topic: r.PathValue("topic"), Header: r.Header, Query: r.URL.Query(), Body: body}, a.o.Now())
	if err != nil {
		a.NtfyFail(w, r, err)
		return
	}
	accepted, err := a.relayToTopic(r, m)
	if err != nil {
		a.NtfyFail(w, r, err)
		return
	}
	n := &accepted.Notification
	respondJSON(w, http.StatusOK, m.Answer(n.ID.String(), n.DueAt, n.Deadline()))
}

// relayToTopic publishes to the category of the topic's name, and makes it first if
// there is none: but not for a token that is limited to categories.
func (a *API) relayToTopic(r *http.Request, m *ntfy.Message) (storage.Accepted, error) {
	grant, limited := access.GrantFrom(r.Context()), false
	if !grant.Admin() && len(grant.Categories) > 0 {
		if limited = true; !slices.Contains(grant.Categories, m.Topic) {
			return storage.Accepted{}, forbidden("this token may only publish to %s", strings.Join(grant.Categories, ", "))
		}
	}
	n := m.Notification()
	accepted, err := a.relay(r.Context(), grant, &n, nil)
	var unknown *storage.UnknownCategoryError
	switch {
	case !errors.As(err, &unknown):
		return accepted, err
	case limited:
		return storage.Accepted{}, forbidden("%s any more", unknown.Error())
	}
	_, err = a.o.CategoryAdmin.CreateCategory(r.Context(), storage.Category{Name: m.Topic})
	if err != nil && !errors.Is(err, storage.ErrExists) { // another publisher may have been faster
		return storage.Accepted{}, err
	}
	return a.publish(r.Context(), grant, n, nil)
}

// NtfyFail is Fail as ntfy tells of errors.
func (a *API) NtfyFail(w http.ResponseWriter, r *http.Request, err error) {
	var refused *ntfy.Error
	var gate *access.Error
	switch {
	case errors.As(err, &refused):
	case errors.As(err, &gate) && gate.Missing: // who has no token may not, whereas a wrong one is 401
		refused = ntfy.StatusError(http.StatusForbidden, "")
	default:
		e := a.told(r, err)
		errorHeaders(w, e)
		message := e.Message
		if e.Status == http.StatusUnauthorized {
			message = "" // ntfy's clients may compare it
		}
		refused = ntfy.StatusError(e.Status, message)
	}
	respondJSON(w, refused.HTTP, refused)
}
