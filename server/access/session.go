package access

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"recado/storage"
)

// Sessions is where sessions are kept.
type Sessions interface {
	// CreateSession adds one; storage.ErrNotFound when its token was revoked.
	CreateSession(ctx context.Context, s storage.Session) error
	// SessionByHash finds one with its token, also an old one; storage.ErrNotFound.
	SessionByHash(ctx context.Context, hash [32]byte) (storage.Session, error)
	// TouchSession notes when a session was last used.
	TouchSession(ctx context.Context, key int64, at time.Time) error
	// EndSession deletes one, if it is there.
	EndSession(ctx context.Context, hash [32]byte) error
}

// SessionIdle is how long a session lasts that nobody uses.
const SessionIdle = 30 * 24 * time.Hour

const sessionCookie = "recado_session"

// SignIn begins a session with an admin or read token, and gives its cookie to
// the client. A session that the request came with ends. The error is an *Error
// or the store's.
func (a *Authenticator) SignIn(w http.ResponseWriter, r *http.Request, token string) error {
	// Without this a page of another site could sign its visitor in, as somebody
	// else.
	if err := a.own(r); err != nil {
		return err
	}
	if a.secure && insecure(r.Header.Get("Origin")) {
		return errInsecure(a.o.Origin)
	}
	t, err := a.token(r, token)
	if err != nil {
		return err
	}
	if t.Scope == storage.ScopePublish {
		return errNoSignIn()
	}
	secret, now := randomBase62(43), a.o.Now() // 256 bits
	err = a.o.Sessions.CreateSession(r.Context(), storage.Session{Hash: Hash(secret), Token: t, CreatedAt: now, SeenAt: now})
	if errors.Is(err, storage.ErrNotFound) {
		return errWrong()
	}
	if err != nil {
		return err
	}
	for _, before := range secretsOf(r) {
		// What is left of it if this fails is a secret that nobody has any more.
		_ = a.o.Sessions.EndSession(r.Context(), Hash(before))
	}
	if a.o.SignedIn != nil {
		a.o.SignedIn(r.Context(), t.Hash)
	}
	a.setCookie(w, secret, SessionIdle)
	return nil
}

// SignOut ends the request's session, if it has one, and takes the cookie away.
func (a *Authenticator) SignOut(w http.ResponseWriter, r *http.Request) error {
	secrets := secretsOf(r)
	if len(secrets) == 0 {
		return nil
	}
	if err := a.own(r); err != nil {
		return err
	}
	for _, secret := range secrets {
		if err := a.o.Sessions.EndSession(r.Context(), Hash(secret)); err != nil {
			return err
		}
	}
	a.setCookie(w, "", -time.Second)
	return nil
}

// Session finds the request's session; ok is false when it has none, or one that
// has ended. The client is told that it lasts longer for that: a page which asks
// at every visit keeps its visitor signed in, whatever else noted the use.
func (a *Authenticator) Session(w http.ResponseWriter, r *http.Request) (s storage.Session, ok bool, err error) {
	s, secret, err := a.find(r)
	if ok = err == nil && secret != ""; ok {
		a.used(r, s)
		a.setCookie(w, secret, SessionIdle)
	}
	return s, ok, err
}

// find looks the request's session up; its secret is empty when there is none, or it
// has ended.
func (a *Authenticator) find(r *http.Request) (s storage.Session, secret string, err error) {
	now := a.o.Now()
	for _, secret := range secretsOf(r) {
		s, err := a.o.Sessions.SessionByHash(r.Context(), Hash(secret))
		switch {
		case errors.Is(err, storage.ErrNotFound):
		case err != nil:
			return s, "", err
		case !expired(s.Token, now) && now.Sub(s.SeenAt) < SessionIdle:
			return s, secret, nil
		}
	}
	return storage.Session{}, "", nil
}

// used notes that a session was used, and reports whether it was time to.
func (a *Authenticator) used(r *http.Request, s storage.Session) bool {
	now := a.o.Now()
	due := a.sessionUses.due(s.Key, s.SeenAt, now)
	if due {
		note(r.Context(), func(ctx context.Context) error { return a.o.Sessions.TouchSession(ctx, s.Key, now) })
	}
	return due
}

// session is what the request's session grants where one of the scopes is needed.
// ok is false when it has none that counts.
func (a *Authenticator) session(w http.ResponseWriter, r *http.Request, scopes []storage.Scope) (g Grant, ok bool, err error) {
	if len(secretsOf(r)) == 0 || follows(r, scopes) {
		return Grant{}, false, nil
	}
	if err := a.own(r); err != nil {
		return Grant{}, false, err
	}
	s, secret, err := a.find(r)
	if err != nil {
		return Grant{}, false, err
	}
	if secret == "" {
		return Grant{}, false, errEnded()
	}
	if a.used(r, s) {
		a.setCookie(w, secret, SessionIdle)
	}
	return grantOf(s.Token), true, nil
}

// follows reports whether a request may be no more than a link that somebody
// follows, to where something is published: that takes a token. Such requests
// look harmless to http.CrossOriginProtection.
func follows(r *http.Request, scopes []storage.Scope) bool {
	safe := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
	return safe && len(scopes) == 1 && scopes[0] == storage.ScopePublish
}

// own refuses requests by pages of other sites, which browsers send with the
// cookie when it is the same site in the sense of SameSite: another port or
// another subdomain is.
func (a *Authenticator) own(r *http.Request) error {
	if a.origins.Check(r) != nil {
		return errForeign()
	}
	return nil
}

// insecure reports whether the browser at a page of this origin would drop a Secure
// cookie without a word: elsewhere than on its own machine, it does without https.
func insecure(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" {
		return false
	}
	at, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() != "localhost" && (err != nil || !at.IsLoopback())
}

// maxSecrets bounds how many sessions are looked up for one request.
const maxSecrets = 4

// secretsOf are the secrets of what may be the request's session. A site at another
// port or subdomain can add a cookie of the same name, which comes before ours (RFC
// 6265 §8.6): nobody is to be signed out by that.
func secretsOf(r *http.Request) []string {
	var secrets []string
	for _, c := range r.CookiesNamed(sessionCookie) {
		if c.Value != "" && len(secrets) < maxSecrets {
			secrets = append(secrets, c.Value)
		}
	}
	return secrets
}

// setCookie gives the client the cookie for so long; less than nothing takes it
// away.
func (a *Authenticator) setCookie(w http.ResponseWriter, secret string, lasts time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: secret, Path: "/", MaxAge: int(lasts / time.Second),
		HttpOnly: true, Secure: a.secure, SameSite: http.SameSiteStrictMode,
	})
}
