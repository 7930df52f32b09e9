package pushtest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// jwt signs claims with key as VAPID wants it.
func jwt(t *testing.T, key *ecdsa.PrivateKey, header, claims string) string {
	t.Helper()
	b64 := base64.RawURLEncoding.EncodeToString
	signed := b64([]byte(header)) + "." + b64([]byte(claims))
	digest := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + b64(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

func newVAPID(t *testing.T) (*ecdsa.PrivateKey, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return key, base64.RawURLEncoding.EncodeToString(b)
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func without(name string) func(*http.Request) { return func(r *http.Request) { r.Header.Del(name) } }

// body changes the message's octets.
func body(f func(b []byte) []byte) func(*http.Request) {
	return func(r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		b = f(b)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
		r.GetBody = nil
	}
}

func flip(i int) func(*http.Request) {
	return body(func(b []byte) []byte { b[(i+len(b))%len(b)] ^= 1; return b })
}

func TestViolations(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*http.Request)
		status int
		why    string
	}{
		{"method", func(r *http.Request) { r.Method = "PUT" }, 405, "want POST"},
		{"no TTL", without("TTL"), 400, "TTL"},
		{"signed TTL", header("TTL", "+5"), 400, "TTL"},
		{"fraction TTL", header("TTL", "5.5"), 400, "TTL"},
		{"two TTL", func(r *http.Request) { r.Header["Ttl"] = []string{"1", "2"} }, 400, "twice"},
		{"urgency", header("Urgency", "urgent"), 400, "Urgency"},
		{"empty urgency", header("Urgency", ""), 400, "Urgency"},
		{"long topic", header("Topic", strings.Repeat("a", 33)), 400, "Topic"},
		{"topic alphabet", header("Topic", "a.b"), 400, "Topic"},
		{"encoding", header("Content-Encoding", "aesgcm"), 415, "aes128gcm"},
		{"no token", without("Authorization"), 401, "missing"},
		{"bearer", header("Authorization", "Bearer x"), 401, "vapid"},
		{"no k", header("Authorization", "vapid t=a.b.c"), 401, "k in"},
		{"no body", body(func([]byte) []byte { return nil }), 400, "too few"},
		{"large body", body(func(b []byte) []byte { return append(b, 0) }), 413, "4096"},
		{"huge body", body(func([]byte) []byte { return make([]byte, 1<<20) }), 413, "4096"},
		{"record size", body(func(b []byte) []byte { copy(b[16:], []byte{0, 0, 15, 170}); return b }), 400, "record size"},
		{"no delimiter", body(func(b []byte) []byte { return b[:86+16] }), 400, "too few"},
		{"key length", body(func(b []byte) []byte { b[20] = 64; return b }), 400, "keyid"},
		{"off the curve", flip(80), 400, "P-256"},
		{"salt", flip(0), 400, "decrypt"},
		{"tag", flip(-1), 400, "decrypt"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, o := range []Options{{}, {HTTP2: true}} {
				s := Start(t, o)
				got := newSender(t, s).status(s.Subscribe(), "hello", c.change)
				v := s.Violations()
				if got != c.status || len(v) != 1 || !strings.Contains(v[0], c.why) || s.Count() != 0 {
					t.Errorf("status %d, want %d; violations %q; accepted %d", got, c.status, v, s.Count())
				}
			}
		})
	}
}

func TestTokenViolations(t *testing.T) {
	s := Start(t, Options{HTTP2: true})
	x, sub := newSender(t, s), s.Subscribe()
	key, public := newVAPID(t)
	_, other := newVAPID(t)
	const es256 = `{"alg":"ES256","typ":"JWT"}`
	claims := func(aud string, left time.Duration, contact string) string {
		return fmt.Sprintf(`{"aud":%q,"exp":%d,"sub":%q}`, aud, time.Now().Add(left).Unix(), contact)
	}
	good := claims(s.URL(), time.Hour, "mailto:a@example.com")
	for _, c := range []struct {
		name, header, claims, k string
		status                  int
		why                     string
	}{
		{"good", es256, good, public, 201, ""},
		{"no typ", `{"alg":"ES256"}`, good, public, 201, ""},
		{"https contact", es256, claims(s.URL(), time.Hour, "https://example.com/x"), public, 201, ""},
		{"other origin", es256, claims("https://push.example", time.Hour, "mailto:a@example.com"), public, 403, "aud"},
		{"endpoint as aud", es256, claims(sub.Endpoint, time.Hour, "mailto:a@example.com"), public, 403, "aud"},
		{"expired", es256, claims(s.URL(), -time.Minute, "mailto:a@example.com"), public, 403, "exp"},
		{"too long", es256, claims(s.URL(), 24*time.Hour+time.Minute, "mailto:a@example.com"), public, 403, "exp"},
		{"no exp", es256, `{"aud":"` + s.URL() + `","sub":"mailto:a@example.com"}`, public, 403, "exp"},
		{"text exp", es256, `{"aud":"` + s.URL() + `","exp":"x"}`, public, 401, "claims"},
		{"no contact", es256, claims(s.URL(), time.Hour, ""), public, 403, "sub"},
		{"twice mailto", es256, claims(s.URL(), time.Hour, "mailto:mailto:a@example.com"), public, 403, "sub"},
		{"http contact", es256, claims(s.URL(), time.Hour, "http://example.com"), public, 403, "sub"},
		{"contact with space", es256, claims(s.URL(), time.Hour, "mailto: a@example.com"), public, 403, "sub"},
		{"algorithm", `{"alg":"none"}`, good, public, 401, "ES256"},
		{"another's signature", es256, good, other, 401, "signature"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(s.Violations())
			auth := "vapid t=" + jwt(t, key, c.header, c.claims) + ", k=" + c.k
			got := x.status(sub, "hello", header("Authorization", auth))
			v := s.Violations()[before:]
			if got != c.status || (c.status == 201) != (len(v) == 0) || len(v) > 0 && !strings.Contains(v[0], c.why) {
				t.Errorf("status %d, want %d; violations %q", got, c.status, v)
			}
		})
	}
}

// A token is judged anew at every request, though its signature is not.
func TestCachedTokenExpires(t *testing.T) {
	now := time.Now()
	s := Start(t, Options{Now: func() time.Time { return now }})
	x, sub := newSender(t, s), s.Subscribe()
	var auth string
	keep := func(r *http.Request) {
		if auth == "" {
			auth = r.Header.Get("Authorization")
		}
		r.Header.Set("Authorization", auth)
	}
	first := x.status(sub, "1", keep)
	now = now.Add(13 * time.Hour)
	if again := x.status(sub, "2", keep); first != 201 || again != 403 {
		t.Errorf("got %d, then %d", first, again)
	}
}

func TestRFC8292Token(t *testing.T) {
	v := readVectors(t).RFC8292
	got, err := parseAuthorization("vapid t=" + v.T + ", k=" + v.K)
	if err != nil || got.Aud != v.Claims.Aud || got.Sub != v.Claims.Sub || got.Key != v.K {
		t.Fatalf("got %+v, %v", got, err)
	}
	exp := time.Unix(v.Claims.Exp, 0)
	if err := got.check(v.Claims.Aud, exp.Add(-time.Hour)); err != nil {
		t.Error(err)
	}
	if got.check(v.Claims.Aud, exp) == nil || got.check(v.Claims.Aud, exp.Add(-25*time.Hour)) == nil {
		t.Error("an expired token, or one for more than a day, passes")
	}
}

func TestRefusals(t *testing.T) {
	s := Start(t, Options{})
	x, sub := newSender(t, s), s.Subscribe()
	unknown := &Subscription{Endpoint: sub.Endpoint + "x", P256dh: sub.P256dh, Auth: sub.Auth}
	if got := x.status(unknown, "hello", nil); got != 404 {
		t.Errorf("unknown: %d", got)
	}
	sub.Remove()
	if got := x.status(sub, "hello", nil); got != 410 {
		t.Errorf("removed: %d", got)
	}
	sub.Restore()
	_, other := newVAPID(t)
	sub.Restrict(other)
	if got := x.status(sub, "hello", nil); got != 403 {
		t.Errorf("another key: %d", got)
	}
	sub.Restrict(x.public)
	if got := x.status(sub, "hello", nil); got != 201 {
		t.Errorf("its key: %d", got)
	}
	if v := s.Violations(); len(v) != 0 || len(s.Received()) != 4 || len(s.Accepted()) != 1 {
		t.Errorf("violations %q, received %d, accepted %d", v, len(s.Received()), len(s.Accepted()))
	}
}

func TestRepeats(t *testing.T) {
	s := Start(t, Options{CheckDuplicates: true})
	x, sub := newSender(t, s), s.Subscribe()
	var kept []byte
	keep := body(func(b []byte) []byte {
		if kept == nil {
			kept = b
		}
		return kept
	})
	x.status(sub, `{"id":"1"}`, keep)
	if got := x.status(sub, `{"id":"1"}`, keep); got != 400 {
		t.Errorf("the same octets again: %d", got)
	}
	x.status(sub, `{"id":"2"}`, nil)
	x.status(sub, `{"id":"1","n":2}`, nil)
	x.status(s.Subscribe(), `{"id":"1"}`, nil)
	sum := s.Summary()
	if sum.Messages != 4 || sum.Unique != 3 || sum.Duplicates != 1 || sum.Violations != 2 || sum.Requests != 5 {
		t.Errorf("%+v, violations %q", sum, s.Violations())
	}
}

func FuzzParseBody(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(make([]byte, 103))
	f.Add(append(append(make([]byte, 18), 16, 0, 65, 4), make([]byte, 90)...))
	key, auth := newKeys()
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := parseBody(b); err == nil {
			if _, err := m.open(key, auth); err == nil {
				t.Error("a forged message decrypts")
			}
		}
	})
}

func FuzzParseAuthorization(f *testing.F) {
	f.Add("")
	f.Add("vapid t=a.b.c, k=BA")
	f.Fuzz(func(_ *testing.T, s string) { _, _ = parseAuthorization(s) })
}
