package api

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"recado/server/access"
	"recado/storage"
)

const (
	maxName      = 100 // characters of a label, a user or a category
	maxUserAgent = 512 // bytes kept of a User-Agent
)

// PublicKey answers GET /api/subscribe: the key that browsers are to subscribe
// with (RFC 8292 §4).
func (a *API) PublicKey(w http.ResponseWriter, r *http.Request) {
	key, err := a.o.Catalog.NewestKey(r.Context())
	if err != nil {
		a.Fail(w, r, err)
		return
	}
	respondJSON(w, http.StatusOK, map[string]string{"public_key": base64.RawURLEncoding.EncodeToString(key.Public)})
}

// subscribeBody is a PushSubscription as JSON.stringify gives it, and what recado
// adds to it. null is as good as nothing.
type subscribeBody struct {
	Endpoint       string   `json:"endpoint"`
	ExpirationTime *float64 `json:"expirationTime"` // ms since 1970
	Keys           struct {
		P256dh string `json:"p256dh"`
		Auth   string `json:"auth"`
	} `json:"keys"`

	Label       *string   `json:"label"`
	User        *string   `json:"user"`
	Categories  *[]string `json:"categories"`
	Declarative *bool     `json:"declarative"`
	Invite      string    `json:"invite"`
	PublicKey   string    `json:"public_key"`
	Replaces    string    `json:"replaces"`
}

// Subscribe answers POST /api/subscribe.
func (a *API) Subscribe(w http.ResponseWriter, r *http.Request) {
	var in subscribeBody
	err := decode(w, r, &in)
	if err != nil {
		a.Fail(w, r, err)
		return
	}
	id, err := a.subscribe(r, &in)
	if err != nil {
		a.Fail(w, r, err)
		return
	}
	respondJSON(w, http.StatusOK, map[string]string{"id": id.String()})
}

func (a *API) subscribe(r *http.Request, in *subscribeBody) (uuid.UUID, error) {
	s, err := a.checkSubscribe(r.Context(), in)
	if err != nil {
		return uuid.Nil, err
	}
	s.UserAgent = cut(r.UserAgent(), maxUserAgent)
	if !access.GrantFrom(r.Context()).Admin() {
		if err := a.permitSubscribe(r.Context(), &s, in.Invite); err != nil {
			return uuid.Nil, keyError(err, s.KeyID)
		}
	}
	id, err := a.o.Subscriptions.Subscribe(r.Context(), a.now(), s)
	return id, keyError(err, s.KeyID)
}

// keyError says whose fault a missing VAPID key is.
func keyError(err error, keyID string) error {
	if keyID != "" && errors.Is(err, storage.ErrNoKey) {
		return &FieldError{"public_key",
			"is not a VAPID key of this server: unsubscribe, then subscribe with the key that GET /api/subscribe answers"}
	}
	return err
}

// checkSubscribe checks what the fields are by themselves.
func (a *API) checkSubscribe(ctx context.Context, in *subscribeBody) (storage.Subscribe, error) {
	s := storage.Subscribe{
		Endpoint:    in.Endpoint,
		Label:       in.Label,
		User:        in.User,
		Declarative: in.Declarative,
		Replaces:    in.Replaces,
	}
	var wrong problems
	if in.Label != nil {
		wrong.name("label", *in.Label, maxName)
	}
	if in.User != nil {
		wrong.name("user", *in.User, maxName)
	}
	if in.Categories != nil && wrong.atMost(maxTargeted, "categories", *in.Categories) {
		wrong.names("categories", *in.Categories)
		names := unique(*in.Categories)
		s.Categories = &names
	}
	wrong.text("replaces", in.Replaces)
	s.ExpiresAt = wrong.expirationTime(in.ExpirationTime)
	s.KeyID = a.keyID(in.PublicKey, &wrong)
	parsed, err := a.parse(ctx, in)
	var field *FieldError
	if errors.As(err, &field) {
		wrong = append(problems{*field}, wrong...)
		err = nil
	}
	if err == nil {
		err = badFields(wrong)
	}
	s.Service, s.P256dh, s.Auth = parsed.Service, parsed.P256dh, parsed.Auth
	return s, err
}

// parse checks endpoint and keys, and lets the operator know of a push service
// that the configuration leaves out.
func (a *API) parse(ctx context.Context, in *subscribeBody) (Parsed, error) {
	if in.Endpoint == "" {
		return Parsed{}, &FieldError{"endpoint", "is required"}
	}
	parsed, err := a.o.ParseSubscription(in.Endpoint, in.Keys.P256dh, in.Keys.Auth)
	var (
		field *FieldError
		host  *HostError
	)
	switch {
	case err == nil:
	case errors.As(err, &host):
		if a.o.RefusedHost != nil {
			a.o.RefusedHost(ctx, host.Host)
		}
	case !errors.As(err, &field):
		err = badRequest("%s", err.Error())
	}
	return parsed, err
}

// keyID is the id of the VAPID key that the page subscribed with; "" = it did
// not say. Whether this server has that key is for storage to find out.
func (a *API) keyID(publicKey string, wrong *problems) string {
	if publicKey == "" {
		return ""
	}
	public, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(publicKey, "="))
	if err != nil || len(public) != 65 || public[0] != 4 {
		wrong.add("public_key", "must be an uncompressed P-256 point, 65 bytes in base64url")
		return ""
	}
	return a.o.KeyID(public)
}

// maxTime is the end of the year 9999, the last that RFC 3339 can write.
const maxTime = 253402300799999

func (p *problems) expirationTime(ms *float64) time.Time {
	switch {
	case ms == nil:
		return time.Time{}
	case *ms < 0 || *ms > maxTime:
		p.add("expirationTime", "must be milliseconds since 1970")
		return time.Time{}
	}
	return time.UnixMilli(int64(*ms)).UTC()
}

// permitSubscribe decides what a subscriber may ask for, and takes from s what is
// not for it to say.
func (a *API) permitSubscribe(ctx context.Context, s *storage.Subscribe, secret string) error {
	known, err := a.known(ctx, s)
	if err != nil {
		return err
	}
	invite, err := a.invite(ctx, s, secret, known)
	switch {
	case err != nil:
		return err
	case s.User != nil && *s.User != "" && *s.User != invite.User:
		return forbidden("user can only be set with an invite that grants it, or an admin token")
	case a.o.InviteOnly && !known && s.Invite == nil:
		return forbidden("subscribing to this server needs an invite")
	}
	s.User = nil // the invite sets it; and it is not to be emptied either
	if s.Categories == nil {
		return nil
	}
	if err := a.permitCategories(ctx, *s.Categories, invite.Categories); err != nil || !known {
		return err
	}
	return a.keepOthers(ctx, s, invite.Categories)
}

// invite finds the invite with that secret. One that is no good any more does not
// keep those out who have come in with it.
func (a *API) invite(ctx context.Context, s *storage.Subscribe, secret string, known bool) (storage.Invite, error) {
	if secret == "" {
		return storage.Invite{}, nil
	}
	hash := access.Hash(secret)
	invite, err := a.o.Invites.InviteByHash(ctx, hash, a.now())
	switch {
	case errors.Is(err, storage.ErrInvite) && known:
		return storage.Invite{}, nil
	case err == nil:
		s.Invite = hash[:]
	}
	return invite, err
}

// keepOthers adds to the categories that a known subscriber chooses those which
// are not for it to choose: it stays in what is not public, unless its invite
// grants that.
func (a *API) keepOthers(ctx context.Context, s *storage.Subscribe, granted []string) error {
	sync := *s // as its browser does when it has nothing to choose
	sync.Categories, sync.Invite = nil, nil
	id, err := a.o.Subscriptions.Subscribe(ctx, a.now(), sync)
	if err != nil {
		return err
	}
	stored, err := a.o.Subscriptions.Subscription(ctx, id)
	if err != nil {
		return err
	}
	public, err := a.o.Catalog.Categories(ctx, true)
	if err != nil {
		return err
	}
	for _, name := range without(stored.Categories, public) {
		if !slices.Contains(granted, name) && !slices.Contains(*s.Categories, name) {
			*s.Categories = append(*s.Categories, name)
		}
	}
	return nil
}

// permitCategories lets anyone join what is public, and what was granted.
func (a *API) permitCategories(ctx context.Context, names, granted []string) error {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(granted, name) })
	if len(names) == 0 {
		return nil
	}
	public, err := a.o.Catalog.Categories(ctx, true)
	if err != nil {
		return err
	}
	if names = without(names, public); len(names) == 0 {
		return nil
	}
	// One is enough to say no: a stranger's list is not looked up name by name.
	known, err := a.o.Catalog.CategoriesByName(ctx, names[:1])
	switch {
	case err != nil:
		return err
	case len(known) == 0:
		return &storage.UnknownCategoryError{Name: names[0]}
	}
	return forbidden("category %q can only be joined with an invite that grants it, or an admin token", names[0])
}

// without is names but for those of the categories.
func without(names []string, categories []storage.Category) []string {
	left := make(map[string]bool, len(categories))
	for i := range categories {
		left[categories[i].Name] = true
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return left[name] })
}

// known reports whether the subscriber has been let in before, under this
// endpoint or the one that it replaces.
func (a *API) known(ctx context.Context, s *storage.Subscribe) (bool, error) {
	known, err := a.o.Subscriptions.KnownEndpoint(ctx, s.Endpoint)
	if known || err != nil || s.Replaces == "" {
		return known, err
	}
	id, err := uuid.Parse(s.Replaces)
	if err != nil {
		return a.o.Subscriptions.KnownEndpoint(ctx, s.Replaces)
	}
	old, err := a.o.Subscriptions.Subscription(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return false, nil
	}
	return old.RemovedAt.IsZero(), err
}
