package browsertest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxBody is what a push service must accept and this one does not exceed
// (RFC 8030 §7.2).
const maxBody = 4096

// post is the application server's side, RFC 8030 §5.
func (s *service) post(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		http.Error(w, "body cut off", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.tokens[r.PathValue("token")]
	if c == nil {
		http.Error(w, "no such subscription", http.StatusNotFound)
		return
	}
	ttl, code, reason := s.judge(c, r, body)
	c.pushes = append(c.pushes, Push{Status: code, Header: r.Header.Clone(), Body: bytes.Clone(body)})
	if code != http.StatusCreated {
		s.notify()
		http.Error(w, reason, code)
		return
	}
	m := &message{topic: r.Header.Get("Topic"), body: body, ttl: ttl}
	s.enqueue(c, m)
	w.Header().Set("Location", s.URL+"/m/"+m.version)
	w.Header().Set("TTL", strconv.Itoa(int(ttl/time.Second)))
	w.WriteHeader(http.StatusCreated)
}

// judge decides what a post is answered.
func (s *service) judge(c *channel, r *http.Request, body []byte) (ttl time.Duration, code int, reason string) {
	if len(c.answers) > 0 {
		code, c.answers = c.answers[0], c.answers[1:]
		return 0, code, "as the test wants it"
	}
	if c.gone {
		return 0, http.StatusGone, "the browser has unsubscribed"
	}
	if err := checkVAPID(r.Header.Get("Authorization"), c.key, s.URL, time.Now()); err != nil {
		return 0, s.refused, err.Error()
	}
	seconds, err := strconv.Atoi(r.Header.Get("TTL"))
	if err != nil || seconds < 0 {
		return 0, http.StatusBadRequest, "TTL is missing or no number" // RFC 8030 §5.2
	}
	if len(body) > maxBody {
		return 0, http.StatusRequestEntityTooLarge, "more than 4096 bytes"
	}
	if len(body) > 0 && r.Header.Get("Content-Encoding") != "aes128gcm" { // RFC 8291 §4
		return 0, http.StatusBadRequest, "Content-Encoding is not aes128gcm"
	}
	return time.Duration(seconds) * time.Second, http.StatusCreated, ""
}

// checkVAPID verifies an Authorization header by RFC 8292 against the key that
// the subscription is restricted to, and the push service's origin.
func checkVAPID(authorization, key, origin string, now time.Time) error {
	if key == "" {
		return nil
	}
	params, ok := strings.CutPrefix(authorization, "vapid ")
	if !ok {
		return errors.New("no vapid authorization")
	}
	var token, used string
	for param := range strings.SplitSeq(params, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
		switch name {
		case "t":
			token = value
		case "k":
			used = trimPadding(value)
		}
	}
	if used != key {
		return errors.New("k is not the key of this subscription")
	}
	claims, err := verifyES256(token, used)
	if err != nil {
		return err
	}
	expires := time.Unix(claims.Expires, 0)
	switch {
	case claims.Audience != origin:
		return fmt.Errorf("aud is %q, not %q", claims.Audience, origin)
	case !expires.After(now):
		return errors.New("exp is over")
	case expires.After(now.Add(24 * time.Hour)): // RFC 8292 §2
		return errors.New("exp is more than 24 hours away")
	}
	return nil
}

type vapidClaims struct {
	Audience string `json:"aud"`
	Expires  int64  `json:"exp"`
	Subject  string `json:"sub"`
}

// verifyES256 checks a JWT's signature with an uncompressed P-256 point.
func verifyES256(token, key string) (vapidClaims, error) {
	var claims vapidClaims
	point, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil {
		return claims, errors.New("k is not base64url")
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return claims, errors.New("k is no point of P-256")
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return claims, errors.New("t is no JWT")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || len(signature) != 64 {
		return claims, errors.New("t has no ES256 signature")
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	if !ecdsa.Verify(public, digest[:], r, s) {
		return claims, errors.New("t is not signed by k")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(payload, &claims) != nil {
		return claims, errors.New("t has no claims")
	}
	return claims, nil
}

func trimPadding(key string) string { return strings.TrimRight(key, "=") }
