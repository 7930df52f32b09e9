package api

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"recado/server/access"
	"recado/storage"
)

// tokenItem is a token as /v1 shows it. The token itself stands in the answer to
// POST and nowhere else.
type tokenItem struct {
	ID         string        `json:"id"`
	Token      string        `json:"token,omitempty"`
	Name       string        `json:"name"`
	Scope      storage.Scope `json:"scope"`
	Categories []string      `json:"categories"`
	Style      string        `json:"style"`
	CreatedAt  stamp         `json:"created_at"`
	ExpiresAt  stamp         `json:"expires_at"`
	LastUsedAt stamp         `json:"last_used_at"`
}

func tokenOf(t *storage.Token) tokenItem {
	return tokenItem{ID: t.ID.String(), Name: t.Name, Scope: t.Scope, Categories: listed(t.Categories), Style: t.Style,
		CreatedAt: stamp(t.CreatedAt), ExpiresAt: stamp(t.ExpiresAt), LastUsedAt: stamp(t.LastUsedAt)}
}

// ListTokens answers GET /v1/tokens.
func (a *API) ListTokens(_ http.ResponseWriter, r *http.Request) (Answer, error) {
	tokens, err := a.o.Tokens.Tokens(r.Context())
	if err != nil {
		return Answer{}, err
	}
	slices.SortFunc(tokens, func(x, y storage.Token) int { return cmp.Compare(y.Key, x.Key) })
	page, err := partOf(readQuery(r), "tokens", tokens, func(t *storage.Token) place { return place{t.Key, t.ID.String()} }, tokenOf)
	return ok(page), err
}

// CreateToken answers POST /v1/tokens.
func (a *API) CreateToken(w http.ResponseWriter, r *http.Request) (Answer, error) {
	t, err := a.readToken(w, r)
	if err != nil {
		return Answer{}, err
	}
	secret, err := access.NewToken(t.Style)
	if err != nil {
		return Answer{}, err
	}
	t.Hash = access.Hash(secret)
	t, err = a.o.Tokens.CreateToken(r.Context(), t)
	if err != nil {
		return Answer{}, categoryField(err, "categories")
	}
	item := tokenOf(&t)
	item.Token = secret
	return Answer{status: http.StatusCreated, body: item}, nil
}

func (a *API) readToken(w http.ResponseWriter, r *http.Request) (storage.Token, error) {
	var in struct {
		Name       string   `json:"name"`
		Scope      string   `json:"scope"`
		Categories []string `json:"categories"`
		Style      string   `json:"style"`
		ExpiresAt  string   `json:"expires_at"`
	}
	wrong, err := decodeStrict(w, r, &in, "id", "token", "created_at", "last_used_at")
	if err != nil {
		return storage.Token{}, err
	}
	t := storage.Token{
		Name: strings.TrimSpace(in.Name), Scope: storage.Scope(in.Scope), Categories: unique(in.Categories),
		Style: cmp.Or(in.Style, access.StyleRecado), CreatedAt: a.now(),
	}
	more := a.checkToken(&t, in.ExpiresAt)
	more.names("categories", in.Categories)
	wrong.merge(more)
	return t, badFields(wrong)
}

func (a *API) checkToken(t *storage.Token, expiresAt string) problems {
	var wrong problems
	switch t.Name {
	case "":
		wrong.add("name", "is required")
	case a.o.ReservedToken:
		wrong.add("name", "is taken for access.admin_token: choose another")
	}
	wrong.name("name", t.Name, maxName)
	switch t.Scope {
	case storage.ScopeAdmin, storage.ScopePublish, storage.ScopeRead:
	default:
		wrong.add("scope", "must be admin, publish or read")
	}
	if len(t.Categories) > 0 && t.Scope != storage.ScopePublish {
		wrong.add("categories", "only narrow the scope publish")
	}
	if _, err := access.NewToken(t.Style); err != nil {
		wrong.add("style", "must be recado, ntfy or gotify")
	}
	t.ExpiresAt = wrong.ends(expiresAt, t.CreatedAt)
	return wrong
}

// RevokeToken answers DELETE /v1/tokens/{id}.
func (a *API) RevokeToken(_ http.ResponseWriter, r *http.Request) (Answer, error) {
	id, err := pathID(r, "token")
	if err != nil {
		return Answer{}, err
	}
	// One at a time: of the last two, only one may go.
	a.revoking.Lock()
	defer a.revoking.Unlock()
	tokens, err := a.o.Tokens.Tokens(r.Context())
	if err == nil {
		err = a.mayRevoke(id, tokens)
	}
	if err == nil {
		err = a.o.Tokens.RevokeToken(r.Context(), id)
	}
	return noContent(), missing(err, "token")
}

// mayRevoke keeps what the next start would bring back, and what nobody could
// replace over HTTP.
func (a *API) mayRevoke(id uuid.UUID, tokens []storage.Token) error {
	now := a.now()
	administers := func(t storage.Token) bool {
		return t.Scope == storage.ScopeAdmin && (t.ExpiresAt.IsZero() || now.Before(t.ExpiresAt))
	}
	i := slices.IndexFunc(tokens, func(t storage.Token) bool { return t.ID == id })
	switch {
	case i < 0:
		return noSuch("token")
	case tokens[i].Name == a.o.ReservedToken:
		return conflict("it comes from access.admin_token: change or remove it in the configuration")
	case administers(tokens[i]) && !slices.ContainsFunc(tokens, func(t storage.Token) bool { return t.ID != id && administers(t) }):
		return conflict("it is the last admin token: make another one first")
	}
	return nil
}
