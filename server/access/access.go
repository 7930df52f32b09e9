package access

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

// Tokens is where tokens are kept.
type Tokens interface {
	// TokenByHash finds a token, also an expired one; storage.ErrNotFound.
	TokenByHash(ctx context.Context, hash [32]byte) (storage.Token, error)
	// TouchToken notes when a token was last used.
	TouchToken(ctx context.Context, key int64, at time.Time) error
}

// Options is what an Authenticator needs; every field but the last four.
type Options struct {
	Tokens   Tokens
	Sessions Sessions
	Now      func() time.Time
	// Origin is the server's own, as browsers write it: base_url. Its pages may use
	// sessions, and https makes cookies Secure.
	Origin string

	// TrustedProxies and ListenLoopback: see ClientAddress.
	TrustedProxies []netip.Prefix
	ListenLoopback bool
	// OpenPublish lets publish without a token where Gate.Publish stands.
	OpenPublish bool
	// SignedIn hears of every sign-in, and the hash of its token; nil = nobody does.
	SignedIn func(ctx context.Context, hash [32]byte)
}

// Grant is what a request may do. The zero Grant may do nothing but what is
// open to everyone.
type Grant struct {
	TokenKey   int64 // 0 = no token
	TokenID    uuid.UUID
	Scope      storage.Scope
	Categories []string // names that a publish token is limited to; empty = any
}

// Allows reports whether the grant covers the scope; admin covers every one.
func (g Grant) Allows(scope storage.Scope) bool {
	return g.Scope == scope || g.Scope == storage.ScopeAdmin
}

// Admin reports whether the request carries an admin token.
func (g Grant) Admin() bool { return g.Scope == storage.ScopeAdmin }

// Authenticator finds out what a request may do, and counts what addresses do.
type Authenticator struct {
	o Options

	failures   *limiter // tokens that were wrong
	subscribes *limiter
	requests   *limiter // without a token, others than subscribes

	tokenUses, sessionUses *uses
	origins                *http.CrossOriginProtection // what pages may use a session
	secure                 bool                        // cookies travel over https alone
}

// New returns an Authenticator with nothing counted yet. The error is about
// Origin.
func New(o Options) (*Authenticator, error) {
	a := &Authenticator{
		o:           o,
		failures:    newLimiter(30),
		subscribes:  newLimiter(600),
		requests:    newLimiter(6000),
		tokenUses:   newUses(time.Minute),
		sessionUses: newUses(5 * time.Minute),
		origins:     http.NewCrossOriginProtection(),
		secure:      strings.HasPrefix(o.Origin, "https://"),
	}
	// Trusted, because the Host that arrives here may be what a proxy calls this
	// server; then only base_url tells which pages are its own.
	if err := a.origins.AddTrustedOrigin(o.Origin); err != nil {
		return nil, fmt.Errorf("origin %q: %w", o.Origin, err)
	}
	return a, nil
}

// ClientAddress is the address that a request comes from.
func (a *Authenticator) ClientAddress(r *http.Request) netip.Addr {
	return ClientAddress(r, a.o.TrustedProxies, a.o.ListenLoopback)
}

// FromProxy reports whether a request comes from a trusted proxy, whose headers
// count.
func (a *Authenticator) FromProxy(r *http.Request) bool {
	peer, ok := parseAddress(r.RemoteAddr)
	return ok && isProxy(peer, a.o.TrustedProxies, a.o.ListenLoopback)
}

// Authenticate returns what the request's token grants. ok is false when it
// carries none. The error is an *Error for a token that is wrong, revoked or
// expired, and for an address that has sent too many of those.
func (a *Authenticator) Authenticate(r *http.Request) (g Grant, ok bool, err error) {
	token, ok := bearer(r)
	if !ok {
		return Grant{}, false, nil
	}
	g, err = a.authenticate(r, token)
	return g, true, err
}

// authenticate is Authenticate of a token that the request carries somewhere.
func (a *Authenticator) authenticate(r *http.Request, token string) (Grant, error) {
	t, err := a.token(r, token)
	if err != nil {
		return Grant{}, err
	}
	now := a.o.Now()
	if a.tokenUses.due(t.Key, t.LastUsedAt, now) {
		note(r.Context(), func(ctx context.Context) error { return a.o.Tokens.TouchToken(ctx, t.Key, now) })
	}
	return grantOf(t), nil
}

func grantOf(t storage.Token) Grant {
	return Grant{TokenKey: t.Key, TokenID: t.ID, Scope: t.Scope, Categories: t.Categories}
}

// token finds the token that a request comes with, and counts wrong ones.
func (a *Authenticator) token(r *http.Request, token string) (storage.Token, error) {
	now, addr := a.o.Now(), a.ClientAddress(r)
	// Past the limit a token that could be guessed is not even looked up. One of
	// the shapes that NewToken makes cannot be, and is: so a script with a stale
	// token does not silence the right ones behind the same address.
	if wait := a.failures.empty(addr, now); wait > 0 && !unguessable(token) {
		return storage.Token{}, errLimit("wrong tokens", wait)
	}
	t, err := a.o.Tokens.TokenByHash(r.Context(), Hash(token))
	switch {
	case errors.Is(err, storage.ErrNotFound), err == nil && expired(t, now):
		if wait := a.failures.take(addr, now); wait > 0 {
			return storage.Token{}, errLimit("wrong tokens", wait)
		}
		return storage.Token{}, errWrong()
	case err != nil:
		return storage.Token{}, err
	}
	// No comparison in constant time is needed: what was compared, by an index,
	// is a hash. How long that takes says something about SHA-256 of a guess,
	// which nobody can steer towards the hash of a token.
	return t, nil
}

func expired(t storage.Token, now time.Time) bool {
	return !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt)
}
