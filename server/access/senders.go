package access

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// NtfyToken finds a token where ntfy's publishers put one beside a Bearer's place:
// the password of Basic, whoever the user is said to be, and ?auth=, which holds
// the Authorization of the request in base64url and comes before it.
func NtfyToken(r *http.Request) (token string, ok bool) {
	query := r.URL.Query()
	for _, name := range []string{"auth", "authorization"} {
		if value := query.Get(name); value != "" {
			// One that cannot be read is a wrong token, not none.
			token, _ := authorized(decoded(value))
			return token, true
		}
	}
	return authorized(r.Header.Get("Authorization"))
}

// decoded reads base64 in any of its forms; empty = it is none.
func decoded(s string) string {
	s = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(s, "="))
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return ""
	}
	return string(b)
}

// authorized is the token of an Authorization header: that of Bearer, or of Basic
// the password, and without one the user (RFC 7617 §2).
func authorized(value string) (token string, ok bool) {
	r := http.Request{Header: http.Header{"Authorization": {strings.TrimSpace(value)}}}
	if user, password, ok := r.BasicAuth(); ok {
		if password == "" {
			password = user
		}
		return password, password != ""
	}
	return bearer(&r)
}

// GotifyToken finds a token where Gotify's publishers put one beside a Bearer's
// place: ?token= and X-Gotify-Key.
func GotifyToken(r *http.Request) (token string, ok bool) {
	if token = r.URL.Query().Get("token"); token == "" {
		token = strings.TrimSpace(r.Header.Get("X-Gotify-Key"))
	}
	return token, token != ""
}
