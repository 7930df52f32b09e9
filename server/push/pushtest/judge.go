package pushtest

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// maxBody is what every push service must accept, and this one's limit
// (RFC 8030 section 7.2).
const maxBody = 4096

// verdict is what is wrong with a request: its answer, and whether the sender
// is to blame.
type verdict struct {
	status    int
	violation bool
	why       string
}

func wrong(status int, format string, args ...any) *verdict {
	return &verdict{status, true, fmt.Sprintf(format, args...)}
}

func refused(status int, why string) *verdict { return &verdict{status, false, why} }

// judge checks everything about a request; m takes what it learns. The sender's
// mistakes are looked for first, so that a 404 or 410 hides none.
func (s *Server) judge(r *http.Request, sub *Subscription, m *Received) *verdict {
	if v := checkRequest(r, m); v != nil {
		return v
	}
	t, v := s.checkToken(r)
	if v != nil {
		return v
	}
	m.VAPIDKey = t.Key
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	switch {
	case err != nil:
		return wrong(http.StatusBadRequest, "the body could not be read: %v", err)
	case len(body) > maxBody:
		return wrong(http.StatusRequestEntityTooLarge, "the body has more than %d octets", maxBody)
	}
	m.BodySize = len(body)
	sealed, err := parseBody(body)
	if err != nil {
		return wrong(http.StatusBadRequest, "%v", err)
	}
	if sub == nil {
		return refused(http.StatusNotFound, "no such subscription")
	}
	if m.Plaintext, err = sealed.open(sub.key, sub.Auth); err != nil {
		return wrong(http.StatusBadRequest, "%v", err)
	}
	// RFC 8188 section 2.1 and RFC 8291 section 3.1: salt and key pair are
	// made for one message. Two the same betray a stored ciphertext.
	if !s.record.fresh(sealed) {
		return wrong(http.StatusBadRequest, "the salt or the sender's key pair was used before")
	}
	if sub.removed.Load() {
		return refused(http.StatusGone, "the subscription is gone")
	}
	if key := sub.restriction(); key != "" && key != t.Key {
		return refused(http.StatusForbidden, "the subscription belongs to another VAPID key")
	}
	return nil
}

// checkRequest wants the request of RFC 8030 section 5.
func checkRequest(r *http.Request, m *Received) *verdict {
	if r.Method != http.MethodPost {
		return wrong(http.StatusMethodNotAllowed, "the method is %s, want POST", r.Method)
	}
	for _, name := range []string{"TTL", "Urgency", "Topic", "Content-Encoding", "Authorization"} {
		if len(r.Header.Values(name)) > 1 {
			return wrong(http.StatusBadRequest, "the header %s comes twice", name)
		}
	}
	// RFC 8030 section 5.2: TTL = 1*DIGIT, and without it 400.
	ttl := r.Header.Get("TTL")
	n, err := strconv.ParseUint(ttl, 10, 31)
	if err != nil || strings.Trim(ttl, "0123456789") != "" {
		return wrong(http.StatusBadRequest, "the header TTL is %q, want seconds in digits", ttl)
	}
	m.TTL = int(n)
	m.Urgency = r.Header.Get("Urgency")
	if _, given := r.Header["Urgency"]; given && !slices.Contains([]string{"very-low", "low", "normal", "high"}, m.Urgency) {
		return wrong(http.StatusBadRequest, "the header Urgency is %q (RFC 8030 section 5.3)", m.Urgency)
	}
	m.Topic = r.Header.Get("Topic")
	if _, given := r.Header["Topic"]; given && !isTopic(m.Topic) {
		return wrong(http.StatusBadRequest, "the header Topic is %q, want 1 to 32 base64url characters (RFC 8030 section 5.4)", m.Topic)
	}
	if e := r.Header.Get("Content-Encoding"); e != "aes128gcm" {
		return wrong(http.StatusUnsupportedMediaType, "the header Content-Encoding is %q, want aes128gcm", e)
	}
	return nil
}

func isTopic(s string) bool {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return s != "" && len(s) <= 32 && strings.Trim(s, alphabet) == ""
}

func (s *Server) checkToken(r *http.Request) (token, *verdict) {
	authorization := r.Header.Get("Authorization")
	if authorization == "" {
		return token{}, wrong(http.StatusUnauthorized, "the header Authorization is missing")
	}
	t, err := s.tokens.parse(authorization)
	if err != nil {
		return token{}, wrong(http.StatusUnauthorized, "%v", err)
	}
	origin, ok := s.origin(r.Host)
	if !ok {
		return token{}, wrong(http.StatusMisdirectedRequest, "the request is addressed to %q", r.Host)
	}
	if err := t.check(origin, s.now()); err != nil {
		return token{}, wrong(http.StatusForbidden, "%v", err)
	}
	return t, nil
}

// origin is what aud must be for a request to the authority: the default port
// left out (RFC 8292 section 2, RFC 6454 section 6.1).
func (s *Server) origin(authority string) (string, bool) {
	scheme, port := "http://", "80"
	if s.options.TLS {
		scheme, port = "https://", "443"
	}
	host := strings.TrimSuffix(strings.ToLower(authority), ":"+port)
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	return scheme + host, s.knows(name)
}
