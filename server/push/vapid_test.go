package push

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func TestVectorRFC8292(t *testing.T) {
	var v webpushVectors
	readVectors(t, "webpush.json", &v)
	if got := base64.RawURLEncoding.EncodeToString([]byte(v.RFC8292.HeaderJSON)) + "."; got != jwtHeader {
		t.Errorf("header %s, want %s", jwtHeader, got)
	}
	parts := strings.Split(v.RFC8292.T, ".")
	payload, err := json.Marshal(claims{v.RFC8292.Claims.Aud, v.RFC8292.Claims.Exp, v.RFC8292.Claims.Sub})
	if err != nil || string(payload) != string(b64(t, parts[1])) {
		t.Errorf("claims %s (%v), want %s", payload, err, b64(t, parts[1]))
	}
	// The same verification that the next test uses must accept the vector.
	if err := verifyJWT(v.RFC8292.T, b64(t, v.RFC8292.K)); err != nil {
		t.Error(err)
	}
}

func verifyJWT(token string, key []byte) error {
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), key)
	if err != nil {
		return err
	}
	i := strings.LastIndex(token, ".")
	signature, err := base64.RawURLEncoding.DecodeString(token[i+1:])
	if err != nil || len(signature) != 64 {
		return fmt.Errorf("signature of %d bytes: %w", len(signature), err)
	}
	digest := sha256.Sum256([]byte(token[:i]))
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	if !ecdsa.Verify(public, digest[:], r, s) {
		return fmt.Errorf("the signature is wrong")
	}
	return nil
}

// Another implementation of JWT has to accept the token.
func TestTokenIsValid(t *testing.T) {
	k, now := newKey(t), time.Now()
	for range 50 { // short r and s come up once in 128
		tok, err := sign(k, "https://push.example.net", "mailto:a@example.org", now)
		if err != nil {
			t.Fatal(err)
		}
		rest, ok := strings.CutPrefix(tok.header[0], "vapid t=")
		text, public, ok2 := strings.Cut(rest, ", k=")
		if !ok || !ok2 || public != k.PublicString() || text != tok.secret {
			t.Fatalf("header %q", tok.header)
		}
		parsed, err := jwt.Parse(text, func(*jwt.Token) (any, error) { return &k.signer.PublicKey, nil }, jwt.WithValidMethods([]string{"ES256"}))
		if err != nil {
			t.Fatal(err)
		}
		c := parsed.Claims.(jwt.MapClaims)
		exp, _ := c.GetExpirationTime()
		if c["aud"] != "https://push.example.net" || c["sub"] != "mailto:a@example.org" || exp.Unix() != now.Add(12*time.Hour).Unix() {
			t.Fatalf("claims %v", c)
		}
		if err := verifyJWT(text, k.Public()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTokenReuseAndRenewal(t *testing.T) {
	k, other := newKey(t), newKey(t)
	c := newTokens("mailto:a@example.org")
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	get := func(k *Key, origin string, at time.Time) *token {
		t.Helper()
		tok, err := c.get(k, origin, at)
		if err != nil {
			t.Fatal(err)
		}
		return tok
	}
	first := get(k, "https://a.example", now)
	for name, c := range map[string]struct {
		tok  *token
		same bool
	}{
		"just before half its life": {get(k, "https://a.example", now.Add(6*time.Hour-time.Second)), true},
		"another origin":            {get(k, "https://b.example", now), false},
		"another key":               {get(other, "https://a.example", now), false},
	} {
		if (c.tok == first) != c.same {
			t.Errorf("%s: same = %v", name, !c.same)
		}
	}
	renewed := get(k, "https://a.example", now.Add(6*time.Hour))
	if renewed == first {
		t.Error("not renewed at half its life")
	}
	if back := get(k, "https://a.example", now); back == renewed {
		t.Error("not renewed after the clock was set back")
	}
}

func TestTokensAreSignedOnceTogether(t *testing.T) {
	k, c, now := newKey(t), newTokens(""), time.Now()
	seen := sync.Map{}
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			tok, err := c.get(k, "https://a.example", now)
			if err != nil {
				t.Error(err)
			}
			seen.Store(tok, true)
		})
	}
	all.Wait()
	n := 0
	seen.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Errorf("%d tokens were signed", n)
	}
}

func TestTokenCacheIsBounded(t *testing.T) {
	c := newTokens("")
	for i := range 3 * maxTokens {
		c.slot(tokenFor{"k", fmt.Sprint(i)})
	}
	if len(c.slots) > maxTokens {
		t.Errorf("%d slots", len(c.slots))
	}
}

func BenchmarkTokenReuse(b *testing.B) {
	k, c, now := newKey(b), newTokens(""), time.Now()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.get(k, "https://a.example", now); err != nil {
			b.Fatal(err)
		}
	}
}
