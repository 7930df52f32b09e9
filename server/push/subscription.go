package push

import (
	"crypto/ecdh"
	"strings"
)

// Keys are a subscription's: P256dh its 65-byte uncompressed public key, Auth
// its 16-byte secret (RFC 8291 §2).
type Keys struct {
	P256dh, Auth []byte
}

// FieldError says which field of a subscription is wrong, as the browser spells
// it, and why.
type FieldError struct {
	Field   string // "keys.p256dh" or "keys.auth"
	Problem string // a clause that follows the field's name; holds nothing of its value
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Problem }

// maxEncodedKey bounds what is decoded; the longest good value has 88 characters.
const maxEncodedKey = 256

// ParseSubscriptionKeys decodes the two keys of a PushSubscription, base64url or
// base64, padded or not. Every error is a *FieldError.
func ParseSubscriptionKeys(p256dh, auth string) (p []byte, a []byte, err error) {
	if p, err = decodeField("keys.p256dh", p256dh); err != nil {
		return nil, nil, err
	}
	if a, err = decodeField("keys.auth", auth); err != nil {
		return nil, nil, err
	}
	if err := (Keys{P256dh: p, Auth: a}).Check(); err != nil {
		return nil, nil, err
	}
	return p, a, nil
}

// Check reports the first thing that keeps a message from being encrypted for
// the keys, as a *FieldError.
func (k Keys) Check() error {
	_, err := k.public()
	return err
}

func (k Keys) public() (*ecdh.PublicKey, error) {
	if len(k.Auth) != 16 {
		return nil, &FieldError{"keys.auth", "must be exactly 16 bytes"}
	}
	// The length is checked here too, because the compressed form and the point
	// at infinity are no keys of RFC 8291 §2.1.
	if len(k.P256dh) != 65 {
		return nil, &FieldError{"keys.p256dh", "must be the 65 bytes of an uncompressed P-256 point"}
	}
	public, err := ecdh.P256().NewPublicKey(k.P256dh)
	if err != nil {
		return nil, &FieldError{"keys.p256dh", "must be a point on the curve P-256"}
	}
	return public, nil
}

func decodeField(field, value string) ([]byte, error) {
	value = strings.TrimSpace(value)
	if value == "" {
		return nil, &FieldError{field, "is missing"}
	}
	if len(value) > maxEncodedKey {
		return nil, &FieldError{field, "is too long"}
	}
	raw, err := decodeBase64(value)
	if err != nil {
		return nil, &FieldError{field, "must be base64url"}
	}
	return raw, nil
}
