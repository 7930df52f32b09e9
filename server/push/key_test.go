package push

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"strings"
	"testing"
)

func newKey(t testing.TB) *Key {
	t.Helper()
	k, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func pemOf(t *testing.T, kind string, der []byte, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func TestParseKeyForms(t *testing.T) {
	k := newKey(t)
	if len(k.ID()) != 12 || len(k.PublicString()) != 87 || len(k.Public()) != 65 || len(k.Private()) != 32 {
		t.Fatalf("odd key %+v", k)
	}
	if _, err := hex.DecodeString(k.ID()); err != nil {
		t.Error(err)
	}
	sec1, err1 := x509.MarshalECPrivateKey(k.signer)
	own, err := k.PEM()
	if err != nil {
		t.Fatal(err)
	}
	ec := pemOf(t, "EC PRIVATE KEY", sec1, err1)
	public, private := k.PublicString(), base64.RawURLEncoding.EncodeToString(k.Private())
	for name, text := range map[string]string{
		"own PEM":          string(own),
		"SEC 1":            ec,
		"openssl ecparam":  "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + ec,
		"CRLF":             strings.ReplaceAll(string(own), "\n", "\r\n"),
		"two lines":        public + "\n" + private + "\n",
		"other order":      private + "\r\n" + public,
		"private alone":    private,
		"labels":           "Public Key: " + public + "\nPrivate Key: " + private,
		"web-push":         "\n=======================================\n\nPublic Key:\n" + public + "\n\nPrivate Key:\n" + private + "\n\n=======================================\n",
		"JSON":             `{"publicKey":"` + public + `","privateKey":"` + private + `"}`,
		"environment":      "VAPID_PUBLIC_KEY=" + public + "\nVAPID_PRIVATE_KEY=\"" + private + "\"\nVAPID_SUBJECT=mailto:a@example.org",
		"padded":           base64.URLEncoding.EncodeToString(k.Public()) + "\n" + base64.URLEncoding.EncodeToString(k.Private()),
		"standard base64":  base64.StdEncoding.EncodeToString(k.Public()) + "\n" + base64.StdEncoding.EncodeToString(k.Private()),
		"byte order mark":  "\ufeff" + private,
		"same pair double": private + "\n" + public + "\n" + private,
	} {
		got, err := ParseKey([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got.ID() != k.ID() || got.PublicString() != public || !bytes.Equal(got.Private(), k.Private()) {
			t.Errorf("%s: another key", name)
		}
	}
}

func TestParseKeyErrors(t *testing.T) {
	k, other := newKey(t), newKey(t)
	private := base64.RawURLEncoding.EncodeToString(k.Private())
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der384, err384 := x509.MarshalECPrivateKey(p384)
	derPub, errPub := x509.MarshalPKIXPublicKey(&k.signer.PublicKey)
	for name, c := range map[string]struct{ text, want string }{
		"empty":        {"", "neither"},
		"prose":        {"hello\n", "neither"},
		"public alone": {k.PublicString(), "only a public key"},
		"other pair":   {other.PublicString() + "\n" + private, "does not belong"},
		"two keys":     {private + "\n" + base64.RawURLEncoding.EncodeToString(other.Private()), "more than one"},
		"zero scalar":  {strings.Repeat("A", 43), "not a valid P-256 scalar"},
		"large scalar": {strings.Repeat("_", 42) + "8", "not a valid P-256 scalar"},
		"P-384":        {pemOf(t, "EC PRIVATE KEY", der384, err384), "P-256"},
		"public PEM":   {pemOf(t, "PUBLIC KEY", derPub, errPub), "no private key"},
		"encrypted":    {pemOf(t, "ENCRYPTED PRIVATE KEY", derPub, nil), "encrypted"},
		"damaged":      {pemOf(t, "EC PRIVATE KEY", derPub, nil), "cannot be read"},
		"half":         {"-----BEGIN PRIVATE KEY-----\nAAAA", "damaged"},
		"huge":         {strings.Repeat(" ", maxKeyFile+1), "no key file"},
	} {
		_, err := ParseKey([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		} else if strings.Contains(err.Error(), private) {
			t.Errorf("%s: the error holds the key", name)
		}
	}
	for _, n := range []int{0, 31, 33} {
		if _, err := NewKey(make([]byte, n)); err == nil {
			t.Errorf("a key of %d bytes", n)
		}
	}
}

func TestKeyOwnsItsBytes(t *testing.T) {
	k := newKey(t)
	public, private := k.Public(), k.Private()
	k.Public()[0], k.Private()[0] = 0, ^private[0]
	if !bytes.Equal(public, k.Public()) || !bytes.Equal(private, k.Private()) {
		t.Error("a caller can change the key")
	}
}

func FuzzParseKey(f *testing.F) {
	k := newKey(f)
	own, _ := k.PEM()
	f.Add(own)
	f.Add([]byte(k.PublicString() + "\n" + base64.RawURLEncoding.EncodeToString(k.Private())))
	f.Add([]byte("-----BEGIN EC PRIVATE KEY-----\n-----END EC PRIVATE KEY-----"))
	f.Fuzz(func(t *testing.T, data []byte) {
		k, err := ParseKey(data)
		if err != nil {
			return
		}
		text, err := k.PEM()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseKey(text)
		if err != nil || again.ID() != k.ID() {
			t.Fatalf("the key does not survive its export: %v", err)
		}
	})
}
