package access

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"sync"
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

// Options is what an Authenticator needs; every field but the last three.
type Options struct {
	Tokens Tokens
	Now    func() time.Time

	// TrustedProxies and ListenLoopback: see ClientAddress.
	TrustedProxies []netip.Prefix
	ListenLoopback bool
	// OpenPublish lets publish without a token where Gate.Publish stands.
	OpenPublish bool
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

	mu      sync.Mutex
	touched map[int64]time.Time // when a token's use was last noted, by its key
}

// New returns an Authenticator with nothing counted yet.
func New(o Options) *Authenticator {
	return &Authenticator{
		o:          o,
		failures:   newLimiter(30),
		subscribes: newLimiter(600),
		requests:   newLimiter(6000),
		touched:    map[int64]time.Time{},
	}
}

// ClientAddress is the address that a request comes from.
func (a *Authenticator) ClientAddress(r *http.Request) netip.Addr {
	return ClientAddress(r, a.o.TrustedProxies, a.o.ListenLoopback)
}

// Authenticate returns what the request's token grants. ok is false when it
// carries none. The error is an *Error for a token that is wrong, revoked or
// expired, and for an address that has sent too many of those.
func (a *Authenticator) Authenticate(r *http.Request) (g Grant, ok bool, err error) {
	token, ok := bearer(r)
	if !ok {
		return Grant{}, false, nil
	}
	now, addr := a.o.Now(), a.ClientAddress(r)
	// Past the limit a token that could be guessed is not even looked up. One of
	// the shapes that NewToken makes cannot be, and is: so a script with a stale
	// token does not silence the right ones behind the same address.
	if wait := a.failures.empty(addr, now); wait > 0 && !unguessable(token) {
		return Grant{}, true, errLimit("wrong tokens", wait)
	}
	t, err := a.o.Tokens.TokenByHash(r.Context(), Hash(token))
	switch {
	case errors.Is(err, storage.ErrNotFound), err == nil && expired(t, now):
		if wait := a.failures.take(addr, now); wait > 0 {
			return Grant{}, true, errLimit("wrong tokens", wait)
		}
		return Grant{}, true, errWrong()
	case err != nil:
		return Grant{}, true, err
	}
	// No comparison in constant time is needed: what was compared, by an index,
	// is a hash. How long that takes says something about SHA-256 of a guess,
	// which nobody can steer towards the hash of a token.
	a.touch(r.Context(), t, now)
	return Grant{TokenKey: t.Key, TokenID: t.ID, Scope: t.Scope, Categories: t.Categories}, true, nil
}

func expired(t storage.Token, now time.Time) bool {
	return !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt)
}

const (
	touchEvery   = time.Minute
	touchTimeout = time.Second
)

// touch notes a token's use, at most once a minute. It does not fail: that the
// note is missing is no reason to turn a publisher away.
func (a *Authenticator) touch(ctx context.Context, t storage.Token, now time.Time) {
	if !a.due(t, now) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), touchTimeout)
	defer cancel()
	// Ignored: see above. A broken store shows itself in what it is needed for.
	_ = a.o.Tokens.TouchToken(ctx, t.Key, now)
}

// due reports whether a token's use is to be noted now, to one caller only. A
// clock that was set back makes it due as well.
func (a *Authenticator) due(t storage.Token, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	last, ok := a.touched[t.Key]
	if !ok {
		last = t.LastUsedAt
	}
	if since := now.Sub(last); since >= 0 && since < touchEvery {
		return false
	}
	a.touched[t.Key] = now
	return true
}
