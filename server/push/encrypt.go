package push

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"slices"
)

const (
	// MaxPayload is the largest plaintext, in bytes: every push service accepts
	// a body of 4096 (RFC 8030 §7.2), of which the header takes 86, the
	// delimiter 1 and the tag 16.
	MaxPayload = 3993
	// SafePayload is the largest plaintext that Firefox on Android accepts.
	SafePayload = 2641

	saltSize   = 16
	headerSize = saltSize + 4 + 1 + 65
	recordSize = 4096
	tagSize    = 16
	padTo      = 64
)

// SizeError says that a plaintext does not fit into one message.
type SizeError struct {
	Size int // bytes
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("the message has %d bytes; at most %d fit into a push message", e.Size, MaxPayload)
}

// Encrypt appends to dst the body of a push message (RFC 8291, one record of
// aes128gcm) that holds plaintext, of 0 to MaxPayload bytes, under a key pair and
// a salt of its own. Its errors are *SizeError and *FieldError.
func Encrypt(dst []byte, sub Keys, plaintext []byte) ([]byte, error) {
	if len(plaintext) > MaxPayload {
		return nil, &SizeError{len(plaintext)}
	}
	public, err := sub.public()
	if err != nil {
		return nil, err
	}
	ephemeral, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key pair for one message: %w", err)
	}
	var salt [saltSize]byte
	rand.Read(salt[:]) // never fails, by its documentation
	return seal(dst, sub, public, ephemeral, salt, plaintext, padding(len(plaintext)))
}

// padding blurs the length a little (RFC 8291 §4), up to a multiple of padTo;
// not more, since larger messages are refused by some receivers.
func padding(n int) int {
	if n >= SafePayload {
		return 0
	}
	return min((n+padTo-1)/padTo*padTo, SafePayload) - n
}

// seal is Encrypt with everything that is random given.
func seal(dst []byte, sub Keys, public *ecdh.PublicKey, ephemeral *ecdh.PrivateKey, salt [saltSize]byte, plaintext []byte, pad int) ([]byte, error) {
	secret, err := ephemeral.ECDH(public)
	if err != nil {
		return nil, fmt.Errorf("agree on a secret: %w", err)
	}
	sender := ephemeral.PublicKey().Bytes()
	key, nonce := derive(secret, sub, sender, salt[:])
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("encrypt: %w", err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("encrypt: %w", err)
	}

	// RFC 8188 §2.1: salt, record size, length of the key id, key id.
	dst = slices.Grow(dst, headerSize+len(plaintext)+1+pad+tagSize)
	dst = append(dst, salt[:]...)
	dst = binary.BigEndian.AppendUint32(dst, recordSize)
	dst = append(dst, byte(len(sender)))
	dst = append(dst, sender...)
	start := len(dst)
	dst = append(dst, plaintext...)
	dst = append(dst, 2) // RFC 8188 §2: the delimiter of the last record
	dst = append(dst, zeros[:pad]...)
	return gcm.Seal(dst[:start], nonce[:], dst[start:], nil), nil
}

// zeros is read only; padding never needs more.
var zeros [padTo]byte
