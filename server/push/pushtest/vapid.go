package pushtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"net/url"
	"strings"
	"sync"
	"time"
)

// token is a VAPID token whose signature has been verified.
type token struct {
	Key string      `json:"-"` // k, base64url
	Aud string      `json:"aud"`
	Exp json.Number `json:"exp"`
	Sub string      `json:"sub"`
}

// tokenCache keeps verified tokens: a sender reuses one for all its messages,
// and the signature is by far the dearest part of a check.
type tokenCache struct {
	mu       sync.Mutex
	verified map[string]token
}

// maxTokens bounds the cache against a sender that signs every message anew.
const maxTokens = 256

func (c *tokenCache) parse(authorization string) (token, error) {
	c.mu.Lock()
	t, ok := c.verified[authorization]
	c.mu.Unlock()
	if ok {
		return t, nil
	}
	t, err := parseAuthorization(authorization)
	if err != nil {
		return token{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.verified == nil || len(c.verified) >= maxTokens {
		c.verified = map[string]token{}
	}
	c.verified[authorization] = t
	return t, nil
}

// parseAuthorization reads "vapid t=…, k=…" (RFC 8292 section 3) and verifies
// the signature.
func parseAuthorization(s string) (token, error) {
	scheme, rest, _ := strings.Cut(s, " ")
	if !strings.EqualFold(scheme, "vapid") {
		return token{}, errors.New(`the header Authorization is not of the scheme "vapid"`)
	}
	params := map[string]string{}
	for p := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if _, twice := params[name]; twice {
			return token{}, fmt.Errorf("the header Authorization has the parameter %q twice", name)
		}
		params[name] = strings.Trim(value, `"`)
	}
	key, err := base64.RawURLEncoding.Strict().DecodeString(params["k"])
	if err != nil {
		return token{}, fmt.Errorf("k in Authorization is not base64url without padding: %w", err)
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), key)
	if err != nil {
		return token{}, fmt.Errorf("k in Authorization is no uncompressed P-256 point: %w", err)
	}
	t, err := parseJWT(params["t"], public)
	t.Key = params["k"]
	return t, err
}

func parseJWT(jwt string, public *ecdsa.PublicKey) (token, error) {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return token{}, fmt.Errorf("t in Authorization has %d parts, want the 3 of a JWT", len(parts))
	}
	var decoded [3][]byte
	for i, part := range parts {
		var err error
		if decoded[i], err = base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			return token{}, fmt.Errorf("part %d of the JWT is not base64url without padding: %w", i+1, err)
		}
	}
	var header struct{ Alg, Typ string }
	if err := json.Unmarshal(decoded[0], &header); err != nil {
		return token{}, fmt.Errorf("the JWT's header is not JSON: %w", err)
	}
	// RFC 8292 section 2: ES256 it MUST be. typ is optional (RFC 7519 section 5.1).
	if header.Alg != "ES256" || header.Typ != "" && header.Typ != "JWT" {
		return token{}, fmt.Errorf("the JWT's header has alg %q and typ %q, want ES256 and JWT", header.Alg, header.Typ)
	}
	if err := verify(public, parts[0]+"."+parts[1], decoded[2]); err != nil {
		return token{}, err
	}
	var t token
	if err := json.Unmarshal(decoded[1], &t); err != nil {
		return token{}, fmt.Errorf("the JWT's claims are not as RFC 8292 has them: %w", err)
	}
	return t, nil
}

// verify checks an ES256 signature: r and s, 32 octets each (RFC 7518 section 3.4).
func verify(public *ecdsa.PublicKey, signed string, sig []byte) error {
	if len(sig) != 64 {
		return fmt.Errorf("the JWT's signature has %d octets, want 64", len(sig))
	}
	digest := sha256.Sum256([]byte(signed))
	r, s := new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])
	if !ecdsa.Verify(public, digest[:], r, s) {
		return errors.New("the JWT's signature is not by k")
	}
	return nil
}

// check judges the claims of RFC 8292 section 2.
func (t token) check(origin string, now time.Time) error {
	exp, err := t.Exp.Float64()
	if err != nil {
		return fmt.Errorf("exp in the JWT is no number: %q", t.Exp)
	}
	left := exp - float64(now.UnixMilli())/1000
	switch {
	case t.Aud != origin:
		return fmt.Errorf("aud in the JWT is %q, want %q", t.Aud, origin)
	case math.IsNaN(left) || left <= 0:
		return fmt.Errorf("exp in the JWT was %.0f s ago", -left)
	case left > 24*60*60:
		return fmt.Errorf("exp in the JWT is %.0f s ahead, at most 86400 are allowed", left)
	}
	return checkContact(t.Sub)
}

// checkContact wants a mailto: or https: URI (RFC 8292 section 2.1), of the
// plain kind that the strictest services take.
func checkContact(sub string) error {
	u, err := url.Parse(sub)
	switch {
	case err != nil || strings.ContainsAny(sub, " <>"):
	case u.Scheme == "https" && u.Host != "":
		return nil
	case u.Scheme == "mailto" && strings.Count(u.Opaque, "@") == 1 && !strings.Contains(u.Opaque, ":"):
		return nil
	}
	return fmt.Errorf("sub in the JWT is %q, want mailto:NAME@HOST or https://HOST", sub)
}
