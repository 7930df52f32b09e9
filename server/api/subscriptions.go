package api

import (
	"net/http"

	"recado/storage"
)

// subscriptionItem is a subscription as /v1 shows it: never its endpoint or keys.
type subscriptionItem struct {
	ID              string   `json:"id"`
	Label           string   `json:"label"`
	User            string   `json:"user"`
	Categories      []string `json:"categories"`
	Service         string   `json:"service"`
	UserAgent       string   `json:"user_agent"`
	KeyID           string   `json:"key_id"`
	CreatedAt       stamp    `json:"created_at"`
	SeenAt          stamp    `json:"seen_at"`
	LastSentAt      stamp    `json:"last_sent_at"`
	LastDisplayedAt stamp    `json:"last_displayed_at"`
	Failures        int      `json:"failures"`
	RemovedAt       stamp    `json:"removed_at"`
}

func subscriptionOf(s *storage.Subscription) subscriptionItem {
	return subscriptionItem{
		ID: s.ID.String(), Label: s.Label, User: s.User, Categories: listed(s.Categories),
		Service: s.Service, UserAgent: s.UserAgent, KeyID: s.KeyID,
		CreatedAt: stamp(s.CreatedAt), SeenAt: stamp(s.SeenAt), LastSentAt: stamp(s.LastSentAt), LastDisplayedAt: stamp(s.LastDisplayedAt),
		Failures: s.Failures, RemovedAt: stamp(s.RemovedAt),
	}
}

// ListSubscriptions answers GET /v1/subscriptions: the living ones.
func (a *API) ListSubscriptions(_ http.ResponseWriter, r *http.Request) (Answer, error) {
	q := readQuery(r)
	f := storage.SubscriptionFilter{
		Category: q.Get("category"), User: q.Get("user"), Service: q.Get("service"), KeyID: q.Get("key"), Query: q.Get("q"),
	}
	if q.flag("silent") {
		f.Silent = new(a.silence())
	}
	p := q.page("subscriptions")
	if err := q.err(); err != nil {
		return Answer{}, err
	}
	rows, err := a.o.Directory.SubscriptionsPage(r.Context(), f, p)
	return ok(pageOf("subscriptions", p, rows, func(s *storage.Subscription) int64 { return s.Key }, subscriptionOf)), err
}

// silence is the rule for who is silent now.
func (a *API) silence() storage.Silence {
	return storage.Silence{Now: a.now(), Receipts: a.o.Receipt != nil}
}

// Subscription answers GET /v1/subscriptions/{id}, also for one that has ended.
func (a *API) Subscription(_ http.ResponseWriter, r *http.Request) (Answer, error) {
	id, err := pathID(r, "subscription")
	if err != nil {
		return Answer{}, err
	}
	s, err := a.o.Subscriptions.Subscription(r.Context(), id)
	return ok(subscriptionOf(&s)), missing(err, "subscription")
}

// ChangeSubscription answers PATCH /v1/subscriptions/{id}: what is left out stays.
func (a *API) ChangeSubscription(w http.ResponseWriter, r *http.Request) (Answer, error) {
	id, err := pathID(r, "subscription")
	if err != nil {
		return Answer{}, err
	}
	var in struct {
		Label      *string   `json:"label"`
		User       *string   `json:"user"`
		Categories *[]string `json:"categories"`
	}
	wrong, err := decodeStrict(w, r, &in, "id", "service", "user_agent", "key_id", "created_at", "seen_at",
		"last_sent_at", "last_displayed_at", "failures", "removed_at")
	if err != nil {
		return Answer{}, err
	}
	change := storage.SubscriptionChange{Label: in.Label, User: in.User, Categories: in.Categories}
	wrong.merge(checkChange(&change))
	if err := badFields(wrong); err != nil {
		return Answer{}, err
	}
	s, err := a.o.Directory.ChangeSubscription(r.Context(), id, change)
	return ok(subscriptionOf(&s)), missing(categoryField(err, "categories"), "subscription")
}

func checkChange(c *storage.SubscriptionChange) problems {
	var wrong problems
	if c.Label != nil {
		wrong.name("label", *c.Label, maxName)
	}
	if c.User != nil {
		wrong.name("user", *c.User, maxName)
	}
	if c.Categories != nil {
		wrong.names("categories", *c.Categories)
		names := unique(*c.Categories)
		c.Categories = &names
	}
	return wrong
}

// RemoveSubscription answers DELETE /v1/subscriptions/{id}.
func (a *API) RemoveSubscription(_ http.ResponseWriter, r *http.Request) (Answer, error) {
	id, err := pathID(r, "subscription")
	if err == nil {
		err = a.o.Directory.RemoveSubscription(r.Context(), a.now(), id)
	}
	return noContent(), missing(err, "subscription")
}
