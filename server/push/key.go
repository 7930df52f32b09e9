package push

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"

	webpush "github.com/SherClockHolmes/webpush-go"
)

// Key is a VAPID key pair (RFC 8292), on P-256. It is immutable and safe for
// concurrent use.
type Key struct {
	id      string
	signer  *ecdsa.PrivateKey
	private []byte
	public  []byte
	encoded string // public, as the k= parameter and browsers want it
}

// GenerateKey makes a new key pair.
func GenerateKey() (*Key, error) {
	private, _, err := webpush.GenerateVAPIDKeys()
	if err != nil {
		return nil, fmt.Errorf("generate a VAPID key: %w", err)
	}
	scalar, err := base64.RawURLEncoding.DecodeString(private)
	if err != nil {
		return nil, fmt.Errorf("generate a VAPID key: %w", err)
	}
	return NewKey(scalar)
}

// NewKey makes a key pair of its private half, a 32-byte big-endian scalar.
func NewKey(private []byte) (*Key, error) {
	if len(private) != 32 {
		return nil, fmt.Errorf("VAPID private key: %d bytes, want the 32 of a P-256 key", len(private))
	}
	half, err := ecdh.P256().NewPrivateKey(private)
	if err != nil {
		return nil, errors.New("VAPID private key: not a valid P-256 scalar")
	}
	signer, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), private)
	if err != nil {
		return nil, errors.New("VAPID private key: not a valid P-256 scalar")
	}
	public := half.PublicKey().Bytes()
	return &Key{
		id:      KeyID(public),
		signer:  signer,
		private: half.Bytes(),
		public:  public,
		encoded: base64.RawURLEncoding.EncodeToString(public),
	}, nil
}

// KeyID names the key with that public half: 12 hexadecimal digits, the same
// wherever the key is brought.
func KeyID(public []byte) string {
	digest := sha256.Sum256(public)
	return hex.EncodeToString(digest[:])[:12]
}

// ID names the key: 12 hexadecimal digits made of its public half, the same
// wherever the key is imported.
func (k *Key) ID() string { return k.id }

// Public is the 65-byte uncompressed point; the caller owns the copy.
func (k *Key) Public() []byte { return append([]byte(nil), k.public...) }

// PublicString is Public in base64url without padding, 87 characters: what a
// browser takes as its applicationServerKey.
func (k *Key) PublicString() string { return k.encoded }

// Private is the 32-byte scalar; the caller owns the copy.
func (k *Key) Private() []byte { return append([]byte(nil), k.private...) }

// PEM is the private key in PKCS #8, the form that ParseKey and openssl read.
func (k *Key) PEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.signer)
	if err != nil {
		return nil, fmt.Errorf("encode the VAPID key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}
