package push

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	webpush "github.com/SherClockHolmes/webpush-go"
)

func b64(t testing.TB, s string) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func readVectors(t testing.TB, name string, into any) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

type webpushVectors struct {
	RFC8291 map[string]any `json:"rfc8291"`
	RFC8188 []struct {
		IKM, KeyID, Body string
		Plaintext        string `json:"plaintext_ascii"`
	} `json:"rfc8188"`
	RFC8292 struct {
		T      string
		K      string
		Claims struct {
			Aud string
			Exp int64
			Sub string
		} `json:"jwt_claims"`
		HeaderJSON string `json:"jwt_header_json"`
	} `json:"rfc8292"`
	Limits map[string]any `json:"limits"`
}

// browser is the receiving side, written from RFC 8291 and RFC 8188 alone with
// plain HMAC, so that it shares nothing with what it checks.
type browser struct {
	private *ecdh.PrivateKey
	auth    []byte
}

func newBrowser(t testing.TB) *browser {
	t.Helper()
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	auth := make([]byte, 16)
	rand.Read(auth)
	return &browser{private, auth}
}

func (b *browser) keys() Keys { return Keys{b.private.PublicKey().Bytes(), b.auth} }

func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

func (b *browser) decrypt(body []byte) ([]byte, error) {
	if len(body) < 21 || len(body) < 21+int(body[20]) {
		return nil, errors.New("short header")
	}
	sender := body[21 : 21+int(body[20])]
	public, err := ecdh.P256().NewPublicKey(sender)
	if err != nil {
		return nil, err
	}
	secret, err := b.private.ECDH(public)
	if err != nil {
		return nil, err
	}
	ikm := mac(mac(b.auth, secret), []byte("WebPush: info\x00"), b.private.PublicKey().Bytes(), sender, []byte{1})
	return decryptRecords(ikm, body)
}

// decryptRecords is RFC 8188 §2.
func decryptRecords(ikm, body []byte) ([]byte, error) {
	salt, size := body[:16], int(binary.BigEndian.Uint32(body[16:20]))
	rest := body[21+int(body[20]):]
	prk := mac(salt, ikm)
	key := mac(prk, []byte("Content-Encoding: aes128gcm\x00\x01"))[:16]
	nonce := mac(prk, []byte("Content-Encoding: nonce\x00\x01"))[:12]
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	var plaintext []byte
	for seq := uint64(0); ; seq++ {
		n := min(size, len(rest))
		iv := bytes.Clone(nonce)
		binary.BigEndian.PutUint64(iv[4:], binary.BigEndian.Uint64(iv[4:])^seq)
		record, err := gcm.Open(nil, iv, rest[:n], nil)
		if err != nil {
			return nil, err
		}
		rest = rest[n:]
		record = bytes.TrimRight(record, "\x00")
		if len(record) == 0 {
			return nil, errors.New("record without a delimiter")
		}
		last := record[len(record)-1]
		plaintext = append(plaintext, record[:len(record)-1]...)
		switch {
		case last == 2 && len(rest) == 0:
			return plaintext, nil
		case last != 1 || len(rest) == 0:
			return nil, errors.New("wrong delimiter")
		}
	}
}

func TestVectorRFC8291(t *testing.T) {
	var v webpushVectors
	readVectors(t, "webpush.json", &v)
	at := func(name string) []byte { return b64(t, v.RFC8291[name].(string)) }
	sub := Keys{P256dh: at("ua_public"), Auth: at("auth_secret")}
	public, err := sub.public()
	if err != nil {
		t.Fatal(err)
	}
	sender, err := ecdh.P256().NewPrivateKey(at("as_private"))
	if err != nil {
		t.Fatal(err)
	}
	body, err := seal(nil, sub, public, sender, [16]byte(at("salt")), at("plaintext"), 0)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(body, at("body")) {
		t.Errorf("body differs from RFC 8291 §5:\n got %x\nwant %x", body, at("body"))
	}
	if want := int(v.RFC8291["content_length"].(float64)); len(body) != want {
		t.Errorf("body has %d bytes, want %d", len(body), want)
	}
	key, nonce := derive(at("ecdh_secret"), sub, at("as_public"), at("salt"))
	if !bytes.Equal(key[:], at("CEK")) || !bytes.Equal(nonce[:], at("NONCE")) {
		t.Errorf("derived key %x nonce %x, want %x %x", key, nonce, at("CEK"), at("NONCE"))
	}

	private, err := ecdh.P256().NewPrivateKey(at("ua_private"))
	if err != nil {
		t.Fatal(err)
	}
	plaintext, err := (&browser{private, sub.Auth}).decrypt(at("body"))
	if err != nil || string(plaintext) != v.RFC8291["plaintext_ascii"] {
		t.Errorf("the test's own decryptor reads %q (%v)", plaintext, err)
	}
}

// The decryptor that the other tests lean on has to read the records of RFC 8188.
func TestVectorsRFC8188(t *testing.T) {
	var v webpushVectors
	readVectors(t, "webpush.json", &v)
	for _, c := range v.RFC8188 {
		plaintext, err := decryptRecords(b64(t, c.IKM), b64(t, c.Body))
		if err != nil || string(plaintext) != c.Plaintext {
			t.Errorf("%s: %q, %v", c.KeyID, plaintext, err)
		}
	}
}

// The short HKDF of derive has to be the one of the standard library.
func TestDeriveDifferential(t *testing.T) {
	for range 20 {
		secret, sender, salt := make([]byte, 32), make([]byte, 65), make([]byte, 16)
		rand.Read(secret)
		rand.Read(sender)
		rand.Read(salt)
		sub := newBrowser(t).keys()
		ikm, err := hkdf.Key(sha256.New, secret, sub.Auth, "WebPush: info\x00"+string(sub.P256dh)+string(sender), 32)
		if err != nil {
			t.Fatal(err)
		}
		wantKey, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
		if err != nil {
			t.Fatal(err)
		}
		wantNonce, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
		if err != nil {
			t.Fatal(err)
		}
		key, nonce := derive(secret, sub, sender, salt)
		if !bytes.Equal(key[:], wantKey) || !bytes.Equal(nonce[:], wantNonce) {
			t.Fatal("derive differs from crypto/hkdf")
		}
	}
}

func TestEncryptAllocations(t *testing.T) {
	keys := newBrowser(t).keys()
	n := testing.AllocsPerRun(20, func() { Encrypt(nil, keys, []byte("x")) })
	if n > 30 {
		t.Errorf("%v allocations, want at most 30", n)
	}
}

func TestLimits(t *testing.T) {
	var v webpushVectors
	readVectors(t, "webpush.json", &v)
	if got := int(v.Limits["max_plaintext_octets"].(float64)); got != MaxPayload {
		t.Errorf("MaxPayload = %d, want %d", MaxPayload, got)
	}
}

func TestEncryptSizes(t *testing.T) {
	b := newBrowser(t)
	for _, n := range []int{0, 1, 63, 64, 65, 150, 2600, 2640, 2641, 2642, 3992, 3993} {
		plaintext := bytes.Repeat([]byte{0}, n) // zeros look like padding
		body, err := Encrypt([]byte("prefix"), b.keys(), plaintext)
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		if !bytes.HasPrefix(body, []byte("prefix")) {
			t.Fatalf("%d bytes: Encrypt overwrites what dst held", n)
		}
		body = body[len("prefix"):]
		if len(body) > 4096 {
			t.Errorf("%d bytes: body of %d", n, len(body))
		}
		if padded := len(body) - headerSize - 1 - tagSize; padded-n >= padTo || padded > SafePayload && padded != n || padded < SafePayload && padded%padTo != 0 {
			t.Errorf("%d bytes are padded to %d", n, padded)
		}
		got, err := b.decryptZeros(body, n)
		if err != nil || !bytes.Equal(got, plaintext) {
			t.Errorf("%d bytes: decrypts to %d bytes, %v", n, len(got), err)
		}
	}
	_, err := Encrypt(nil, b.keys(), make([]byte, MaxPayload+1))
	var size *SizeError
	if !errors.As(err, &size) || size.Size != 3994 {
		t.Errorf("3994 bytes: %v", err)
	}
}

// decryptZeros is decrypt; the delimiter keeps trailing zeros of a plaintext.
func (b *browser) decryptZeros(body []byte, n int) ([]byte, error) {
	got, err := b.decrypt(body)
	if err == nil && len(got) != n {
		err = errors.New("length differs")
	}
	return got, err
}

func TestEncryptIsFreshEachTime(t *testing.T) {
	b := newBrowser(t)
	one, _ := Encrypt(nil, b.keys(), []byte("x"))
	two, _ := Encrypt(nil, b.keys(), []byte("x"))
	if bytes.Equal(one[:16], two[:16]) || bytes.Equal(one[21:86], two[21:86]) {
		t.Error("salt or key pair is used twice")
	}
}

func TestEncryptRefusesBadKeys(t *testing.T) {
	good := newBrowser(t).keys()
	offCurve := bytes.Clone(good.P256dh)
	offCurve[64] ^= 1
	compressed := append([]byte{2}, good.P256dh[1:33]...)
	for name, c := range map[string]struct {
		keys  Keys
		field string
	}{
		"none":       {Keys{}, "keys.auth"},
		"short auth": {Keys{good.P256dh, good.Auth[:15]}, "keys.auth"},
		"long auth":  {Keys{good.P256dh, append(bytes.Clone(good.Auth), 0)}, "keys.auth"},
		"off curve":  {Keys{offCurve, good.Auth}, "keys.p256dh"},
		"compressed": {Keys{compressed, good.Auth}, "keys.p256dh"},
		"infinity":   {Keys{[]byte{0}, good.Auth}, "keys.p256dh"},
		"zeros":      {Keys{make([]byte, 65), good.Auth}, "keys.p256dh"},
	} {
		_, err := Encrypt(nil, c.keys, nil)
		var field *FieldError
		if !errors.As(err, &field) || field.Field != c.field {
			t.Errorf("%s: %v, want an error of %s", name, err, c.field)
		}
	}
}

// recorder is an http client that keeps what webpush-go would send.
type recorder struct {
	body   []byte
	header http.Header
}

func (r *recorder) Do(q *http.Request) (*http.Response, error) {
	r.header = q.Header
	r.body, _ = io.ReadAll(q.Body)
	return &http.Response{StatusCode: 201, Body: http.NoBody}, nil
}

// What webpush-go encrypts and what Encrypt encrypts has to decrypt alike.
func TestDifferentialWithWebpushGo(t *testing.T) {
	private, public, err := webpush.GenerateVAPIDKeys()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 41, 2641, 3993} {
		b := newBrowser(t)
		plaintext := bytes.Repeat([]byte("a"), n)
		client := &recorder{}
		_, err := webpush.SendNotification(plaintext, &webpush.Subscription{
			Endpoint: "https://push.example.net/x",
			Keys: webpush.Keys{
				P256dh: base64.RawURLEncoding.EncodeToString(b.keys().P256dh),
				Auth:   base64.RawURLEncoding.EncodeToString(b.auth),
			},
		}, &webpush.Options{HTTPClient: client, VAPIDPrivateKey: private, VAPIDPublicKey: public})
		if err != nil {
			t.Fatal(err)
		}
		ours, err := Encrypt(nil, b.keys(), plaintext)
		if err != nil {
			t.Fatal(err)
		}
		for name, body := range map[string][]byte{"webpush-go": client.body, "Encrypt": ours} {
			got, err := b.decrypt(body)
			if err != nil || !bytes.Equal(got, plaintext) {
				t.Errorf("%s, %d bytes: decrypts to %d bytes, %v", name, n, len(got), err)
			}
		}
	}
}

func TestParseSubscriptionKeys(t *testing.T) {
	keys := newBrowser(t).keys()
	for name, enc := range map[string]*base64.Encoding{
		"url": base64.RawURLEncoding, "url padded": base64.URLEncoding,
		"std": base64.RawStdEncoding, "std padded": base64.StdEncoding,
	} {
		p, a, err := ParseSubscriptionKeys(enc.EncodeToString(keys.P256dh), " "+enc.EncodeToString(keys.Auth)+"\n")
		if err != nil || !bytes.Equal(p, keys.P256dh) || !bytes.Equal(a, keys.Auth) {
			t.Errorf("%s: %v", name, err)
		}
	}
	goodP, goodA := base64.RawURLEncoding.EncodeToString(keys.P256dh), base64.RawURLEncoding.EncodeToString(keys.Auth)
	for _, c := range []struct{ p, a, field string }{
		{"", goodA, "keys.p256dh"},
		{goodP, "", "keys.auth"},
		{"?" + goodP, goodA, "keys.p256dh"},
		{goodP, "AAAA", "keys.auth"},
		{goodP, goodP, "keys.auth"},
		{goodA, goodA, "keys.p256dh"},
		{strings.Repeat("A", 1<<16), goodA, "keys.p256dh"},
		{"B" + strings.Repeat("A", 86), goodA, "keys.p256dh"},
	} {
		_, _, err := ParseSubscriptionKeys(c.p, c.a)
		var field *FieldError
		if !errors.As(err, &field) || field.Field != c.field {
			t.Errorf("(%.10q, %.10q): %v, want an error of %s", c.p, c.a, err, c.field)
		}
	}
}

func FuzzParseSubscriptionKeys(f *testing.F) {
	f.Add("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", "BTBZMqHH6r4Tts7J_aSIgg==")
	f.Add("", "")
	f.Add("AAAA", "\xff")
	f.Fuzz(func(t *testing.T, p256dh, auth string) {
		p, a, err := ParseSubscriptionKeys(p256dh, auth)
		if err != nil {
			var field *FieldError
			if !errors.As(err, &field) {
				t.Fatalf("an error that names no field: %v", err)
			}
			return
		}
		if _, err := Encrypt(nil, Keys{p, a}, []byte("x")); err != nil {
			t.Fatalf("accepted keys do not encrypt: %v", err)
		}
	})
}

func FuzzEncryptRoundTrip(f *testing.F) {
	f.Add([]byte(nil))
	f.Add([]byte{0, 2, 0})
	f.Add(bytes.Repeat([]byte{2}, MaxPayload))
	b := newBrowser(f)
	f.Fuzz(func(t *testing.T, plaintext []byte) {
		body, err := Encrypt(nil, b.keys(), plaintext)
		if len(plaintext) > MaxPayload {
			if err == nil {
				t.Fatal("too much was encrypted")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := b.decrypt(body)
		if err != nil || !bytes.Equal(got, plaintext) {
			t.Fatalf("decrypts to %q, %v", got, err)
		}
	})
}

func BenchmarkBareCrypto(b *testing.B) {
	public := newBrowser(b).private.PublicKey()
	for b.Loop() {
		private, err := ecdh.P256().GenerateKey(rand.Reader)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := private.ECDH(public); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncrypt(b *testing.B) {
	keys := newBrowser(b).keys()
	plaintext := bytes.Repeat([]byte("x"), 150)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Encrypt(nil, keys, plaintext); err != nil {
			b.Fatal(err)
		}
	}
}
