package pushtest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// sealed is a message body taken apart (RFC 8188 section 2.1).
type sealed struct {
	salt   []byte // 16
	rs     uint32
	public []byte // the sender's key, 65: the keyid (RFC 8291 section 4)
	record []byte
}

func parseBody(body []byte) (sealed, error) {
	const fixed = 16 + 4 + 1
	if len(body) < fixed {
		return sealed{}, fmt.Errorf("the body has %d octets, too few for an aes128gcm header", len(body))
	}
	m := sealed{salt: body[:16], rs: binary.BigEndian.Uint32(body[16:20])}
	n := int(body[20])
	if len(body) < fixed+n {
		return sealed{}, fmt.Errorf("the body ends within its keyid of %d octets", n)
	}
	m.public, m.record = body[fixed:fixed+n], body[fixed+n:]
	switch {
	case n != 65 || m.public[0] != 4:
		return sealed{}, fmt.Errorf("the keyid has %d octets, want the 65 of an uncompressed P-256 point", n)
	case len(m.record) < 1+16:
		return sealed{}, fmt.Errorf("the record has %d octets, too few for a delimiter and a tag", len(m.record))
	case uint64(m.rs) <= uint64(len(m.record)):
		// RFC 8291 section 4: rs MUST be greater than plaintext, delimiter,
		// padding and tag together, so that there is one record only.
		return sealed{}, fmt.Errorf("the record size %d is not greater than the record's %d octets", m.rs, len(m.record))
	}
	return m, nil
}

// open decrypts with the browser's private key and authentication secret.
func (m sealed) open(key *ecdh.PrivateKey, auth []byte) ([]byte, error) {
	sender, err := ecdh.P256().NewPublicKey(m.public)
	if err != nil {
		return nil, fmt.Errorf("the keyid is no point on P-256: %w", err)
	}
	secret, err := key.ECDH(sender)
	if err != nil {
		return nil, fmt.Errorf("agree on a secret with the keyid: %w", err)
	}
	cek, nonce, err := m.derive(secret, key.PublicKey().Bytes(), auth)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(cek)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	padded, err := gcm.Open(nil, nonce, m.record, nil)
	if err != nil {
		return nil, fmt.Errorf("the record does not decrypt for this subscription: %w", err)
	}
	return unpad(padded)
}

// derive gives content encryption key and nonce (RFC 8291 section 3.4).
func (m sealed) derive(secret, public, auth []byte) (cek, nonce []byte, err error) {
	info := "WebPush: info\x00" + string(public) + string(m.public)
	ikm, err := hkdf.Key(sha256.New, secret, auth, info, 32)
	if err != nil {
		return nil, nil, err
	}
	prk, err := hkdf.Extract(sha256.New, ikm, m.salt)
	if err != nil {
		return nil, nil, err
	}
	if cek, err = hkdf.Expand(sha256.New, prk, "Content-Encoding: aes128gcm\x00", 16); err != nil {
		return nil, nil, err
	}
	nonce, err = hkdf.Expand(sha256.New, prk, "Content-Encoding: nonce\x00", 12)
	return cek, nonce, err
}

// unpad removes the padding of a last record: zeros, and 2 before them
// (RFC 8188 section 2).
func unpad(b []byte) ([]byte, error) {
	for i := len(b) - 1; i >= 0; i-- {
		switch b[i] {
		case 0:
		case 2:
			return b[:i], nil
		default:
			return nil, fmt.Errorf("the record is delimited by %d, want 2 as in a last record", b[i])
		}
	}
	return nil, errors.New("the record is all padding, its delimiter is missing")
}
