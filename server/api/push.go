package api

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"

	"recado/server/access"
	"recado/storage"
)

// The routes of family B. /push/ and /subscription/ do what /api/notify and
// /api/subscribe do, with other bodies.

// tokenJSON is a PushSubscription, as an object or as a string that holds its
// JSON.
func tokenJSON(field string, raw json.RawMessage) (json.RawMessage, error) {
	if kindOf(raw) != "a string" {
		return raw, nil
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return nil, &FieldError{field, "must be a PushSubscription, or a string that holds its JSON"}
	}
	return json.RawMessage(text), nil
}

// readToken reads what tokenJSON takes into in.
func readToken(field string, raw json.RawMessage, in *subscribeBody) error {
	raw, err := tokenJSON(field, raw)
	if err != nil {
		return err
	}
	if kindOf(raw) != "an object" {
		return &FieldError{field, "must be a PushSubscription, or a string that holds its JSON"}
	}
	err = unmarshal(raw, in)
	var whole *Error
	if errors.As(err, &whole) { // about JSON, but which?
		return &FieldError{field, "cannot be read: " + whole.Message}
	}
	return err
}

// CreateSubscription answers POST /subscription/.
func (a *API) CreateSubscription(w http.ResponseWriter, r *http.Request) {
	// What stands beside the token counts as if it stood in it.
	var in struct {
		subscribeBody
		Token json.RawMessage `json:"subscription_token"`
	}
	err := decode(w, r, &in)
	if err == nil && len(in.Token) > 0 && kindOf(in.Token) != "null" {
		err = readToken("subscription_token", in.Token, &in.subscribeBody)
	} else if err == nil && in.Endpoint == "" {
		err = &FieldError{"subscription_token", "is required"}
	}
	if err != nil {
		a.Fail(w, r, err)
		return
	}
	id, err := a.subscribe(r, &in.subscribeBody)
	if err != nil {
		a.Fail(w, r, err)
		return
	}
	respondJSON(w, http.StatusCreated, map[string]string{"id": id.String()})
}

// DeleteSubscription answers DELETE /subscription/{id}. The id is the right to do
// it.
func (a *API) DeleteSubscription(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r, "subscription")
	if err == nil {
		var there bool
		if there, err = a.o.Subscriptions.Unsubscribe(r.Context(), a.now(), id); err == nil && !there {
			err = noSuch("subscription")
		}
	}
	if err != nil {
		a.Fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// Push answers POST /push/.
func (a *API) Push(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Title   string `json:"title"`
		Body    string `json:"body"`
		Message string `json:"message"`
		URL     string `json:"url"`
	}
	a.notify(w, r, &in, func() *notificationBody {
		return &notificationBody{Content: storage.Content{Title: in.Title, Body: cmp.Or(in.Body, in.Message), URL: in.URL}}
	})
}

// TestPush is one message to one subscription, neither of which is stored.
type TestPush struct {
	Endpoint    string
	Keys        Parsed
	Declarative bool
	Content     storage.Content
}

const testBody = "Push Test v1"

// PushV1 answers POST /push_v1/: sends one test push and waits for what the push
// service says.
func (a *API) PushV1(w http.ResponseWriter, r *http.Request) {
	if g := access.GrantFrom(r.Context()); len(g.Categories) > 0 && !g.Admin() {
		// Whoever the subscription belongs to, it need not be in one of them.
		a.failed(w, r, forbidden("a token that is limited to categories may not test a subscription"))
		return
	}
	t, err := a.readTest(w, r)
	if err != nil {
		a.failed(w, r, err)
		return
	}
	if sent, why := a.o.SendTest(r.Context(), t); !sent {
		a.failed(w, r, &Error{Status: http.StatusBadGateway, Message: why})
		return
	}
	respondJSON(w, http.StatusOK, map[string]bool{"success": true})
}

func (a *API) readTest(w http.ResponseWriter, r *http.Request) (TestPush, error) {
	var in struct {
		Token json.RawMessage `json:"sub_token"`
		Title string          `json:"title"`
		Body  string          `json:"body"`
		URL   string          `json:"url"`
	}
	if err := decode(w, r, &in); err != nil {
		return TestPush{}, err
	}
	if len(in.Token) == 0 || kindOf(in.Token) == "null" {
		return TestPush{}, &FieldError{"sub_token", "is required"}
	}
	var token subscribeBody
	if err := readToken("sub_token", in.Token, &token); err != nil {
		return TestPush{}, err
	}
	keys, err := a.parse(r.Context(), &token)
	if err != nil {
		return TestPush{}, err
	}
	t := TestPush{Endpoint: token.Endpoint, Keys: keys, Declarative: token.Declarative != nil && *token.Declarative}
	t.Content = storage.Content{Title: in.Title, Body: cmp.Or(in.Body, testBody), URL: in.URL}
	var wrong problems
	wrong.content(&t.Content)
	if err := badFields(wrong); err != nil {
		return TestPush{}, err
	}
	n := storage.Notification{Content: t.Content}
	if size := a.o.Size(&n, t.Declarative); size > payloadLimit {
		return TestPush{}, oversize(size)
	}
	return t, nil
}

// failed is Fail for what /push_v1 says in a form of its own: that the request or
// the push is no good.
func (a *API) failed(w http.ResponseWriter, r *http.Request, err error) {
	e, _ := explain(err)
	if e.Status != http.StatusBadRequest && e.Status != http.StatusBadGateway {
		a.Fail(w, r, err)
		return
	}
	respondJSON(w, e.Status, map[string]string{"failed": e.Message})
}
