package api

import (
	"net/http"

	"recado/storage"
)

// Sessions is how people sign in. Errors are *access.Error or the store's.
type Sessions interface {
	// SignIn begins a session with an admin or read token, and gives its cookie to
	// the client.
	SignIn(w http.ResponseWriter, r *http.Request, token string) error
	// SignOut ends the request's session, if it has one, and takes the cookie away.
	SignOut(w http.ResponseWriter, r *http.Request) error
	// Session finds the request's session; ok is false when it has none, or one that
	// has ended.
	Session(w http.ResponseWriter, r *http.Request) (s storage.Session, ok bool, err error)
}

// SignIn answers POST /v1/session.
func (a *API) SignIn(w http.ResponseWriter, r *http.Request) (Answer, error) {
	var in struct {
		Token string `json:"token"`
	}
	wrong, err := decodeStrict(w, r, &in)
	if err != nil {
		return Answer{}, err
	}
	var more problems
	if in.Token == "" {
		more.add("token", "is required")
	}
	wrong.merge(more)
	if err := badFields(wrong); err != nil {
		return Answer{}, err
	}
	return noContent(), a.o.Sessions.SignIn(w, r, in.Token)
}

// SignOut answers DELETE /v1/session, also of nobody's.
func (a *API) SignOut(w http.ResponseWriter, r *http.Request) (Answer, error) {
	return noContent(), a.o.Sessions.SignOut(w, r)
}

// Session answers GET /v1/session: who is signed in. That nobody is, is no error:
// it is how a page's first visit begins.
func (a *API) Session(w http.ResponseWriter, r *http.Request) (Answer, error) {
	s, signedIn, err := a.o.Sessions.Session(w, r)
	if err != nil || !signedIn {
		return noContent(), err
	}
	return ok(struct {
		Scope storage.Scope `json:"scope"`
		Name  string        `json:"name"`
	}{s.Token.Scope, s.Token.Name}), nil
}
