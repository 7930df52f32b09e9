package access

import (
	"context"
	"net/http"
	"slices"

	"recado/storage"
)

// Gate is the Authenticator as middleware for one family of routes, which has
// its own way to tell a client what is wrong.
type Gate struct {
	a     *Authenticator
	fail  func(http.ResponseWriter, *http.Request, error)
	token func(*http.Request) (string, bool)
	// sessions count where there is no token.
	sessions bool
}

// Gate returns middleware that answers with fail what it does not let in. The
// error is an *Error or the store's.
func (a *Authenticator) Gate(fail func(http.ResponseWriter, *http.Request, error)) Gate {
	return Gate{a: a, fail: fail, token: bearer, sessions: true}
}

// Finding is the gate for senders that cannot set Authorization and put their token
// elsewhere. find is asked first; without a token there the Bearer counts, and no
// session ever: some senders publish with a GET, which a page could have a browser
// send.
func (g Gate) Finding(find func(*http.Request) (token string, ok bool)) Gate {
	g.token = func(r *http.Request) (string, bool) {
		if token, ok := find(r); ok {
			return token, true
		}
		return bearer(r)
	}
	g.sessions = false
	return g
}

// authenticate is Authenticate of the token that the gate finds.
func (g Gate) authenticate(r *http.Request) (grant Grant, ok bool, err error) {
	token, ok := g.token(r)
	if !ok {
		return Grant{}, false, nil
	}
	grant, err = g.a.authenticate(r, token)
	return grant, true, err
}

// Require lets in what carries a token, or else a session, with the scope.
func (g Gate) Require(scope storage.Scope, next http.Handler) http.Handler {
	return g.require(false, next, scope)
}

// RequireAny is Require of one of the scopes, for handlers that then look closer.
func (g Gate) RequireAny(next http.Handler, scopes ...storage.Scope) http.Handler {
	return g.require(false, next, scopes...)
}

// Publish is Require of ScopePublish, but when publishing is open it also lets
// in what carries no token. A token that is wrong or too narrow is refused all
// the same.
func (g Gate) Publish(next http.Handler) http.Handler {
	return g.require(g.a.o.OpenPublish, next, storage.ScopePublish)
}

func (g Gate) require(open bool, next http.Handler, scopes ...storage.Scope) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		grant, ok, err := g.authenticate(r)
		if !ok && err == nil && !open && g.sessions {
			grant, ok, err = g.a.session(w, r, scopes)
		}
		switch {
		case !ok:
			// A request without a token counts as such, whether it is let in or not.
			if limited := g.a.limit(Requests, r); limited != nil {
				err = limited
			} else if err == nil && !open {
				err = errMissing()
			}
		case err != nil:
		case !slices.ContainsFunc(scopes, grant.Allows):
			err = errScope(grant.Scope, scopes)
		}
		if err != nil {
			g.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(WithGrant(r.Context(), grant)))
	})
}

// Optional lets everything in but a wrong token: for routes that do more for a
// token than without. Sessions count for nothing there.
func (g Gate) Optional(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		grant, _, err := g.authenticate(r)
		if err != nil {
			g.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(WithGrant(r.Context(), grant)))
	})
}

// Kind is what is counted by address.
type Kind int

const (
	Requests   Kind = iota // 6,000 a minute: requests without a token, others than subscribes
	Subscribes             // 600 a minute
)

// Limit lets in as many requests of an address as kind allows.
func (g Gate) Limit(kind Kind, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := g.a.limit(kind, r); err != nil {
			g.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (a *Authenticator) limit(kind Kind, r *http.Request) error {
	l, what := a.requests, "requests"
	if kind == Subscribes {
		l, what = a.subscribes, "subscribes"
	}
	if wait := l.take(a.ClientAddress(r), a.o.Now()); wait > 0 {
		return errLimit(what, wait)
	}
	return nil
}

type grantKey struct{}

// WithGrant returns ctx with the grant that GrantFrom finds.
func WithGrant(ctx context.Context, g Grant) context.Context {
	return context.WithValue(ctx, grantKey{}, g)
}

// GrantFrom is what the request with this context may do; the zero Grant when
// nobody has asked.
func GrantFrom(ctx context.Context) Grant {
	g, _ := ctx.Value(grantKey{}).(Grant)
	return g
}
