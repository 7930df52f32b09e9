package push

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// maxKeyFile bounds what ParseKey looks at; a real key file has under 1 KiB.
const maxKeyFile = 64 << 10

// ParseKey reads a key pair in any form that key files come in: a PEM private
// key (SEC 1 "EC PRIVATE KEY" or PKCS #8), or the base64url text of web-push
// tools, which is the private key and usually the public one, in any order,
// with labels, as lines or as JSON. A public key that is there must belong to
// the private one. Errors say what is wrong and hold nothing of the key.
func ParseKey(data []byte) (*Key, error) {
	if len(data) > maxKeyFile {
		return nil, fmt.Errorf("VAPID key: the file has %d bytes, which is no key file", len(data))
	}
	if bytes.Contains(data, []byte("-----BEGIN ")) {
		return parsePEM(data)
	}
	return parseText(data)
}

func parsePEM(data []byte) (*Key, error) {
	seen := ""
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			break
		}
		data = rest
		var key any
		var err error
		switch {
		case block.Headers["DEK-Info"] != "" || block.Type == "ENCRYPTED PRIVATE KEY":
			return nil, errors.New("VAPID key: the PEM file is encrypted; decrypt it first, for example with openssl pkey")
		case block.Type == "EC PRIVATE KEY":
			key, err = x509.ParseECPrivateKey(block.Bytes)
		case block.Type == "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		default: // "EC PARAMETERS" stands before the key in what openssl ecparam prints
			seen = block.Type
			continue
		}
		if err != nil {
			return nil, errors.New("VAPID key: the PEM file holds a private key that cannot be read")
		}
		return fromECDSA(key)
	}
	if seen != "" {
		return nil, fmt.Errorf("VAPID key: the PEM file holds %q but no private key", seen)
	}
	return nil, errors.New("VAPID key: the PEM file is damaged")
}

func fromECDSA(key any) (*Key, error) {
	private, ok := key.(*ecdsa.PrivateKey)
	if !ok || private.Params().BitSize != 256 || private.Params().Name != "P-256" {
		return nil, errors.New("VAPID key: not an elliptic-curve key on P-256, the only kind that Web Push knows")
	}
	raw, err := private.Bytes()
	if err != nil {
		return nil, errors.New("VAPID key: the private key is not valid")
	}
	return NewKey(raw)
}

// keyWord is what can be 32 or 65 bytes in base64 of either alphabet; labels and
// ruled lines around the keys are shorter or have none of these characters.
var keyWord = regexp.MustCompile(`[A-Za-z0-9_+/-]{42,}={0,2}`)

func parseText(data []byte) (*Key, error) {
	var private, public []byte
	for _, word := range keyWord.FindAll(data, -1) {
		raw, err := decodeBase64(string(word))
		if err != nil {
			continue
		}
		switch {
		case len(raw) == 32 && (private == nil || bytes.Equal(private, raw)):
			private = raw
		case len(raw) == 65 && raw[0] == 4 && (public == nil || bytes.Equal(public, raw)):
			public = raw
		case len(raw) == 32 || len(raw) == 65 && raw[0] == 4:
			return nil, errors.New("VAPID key: there is more than one key; give one pair a file")
		}
	}
	if private == nil && public != nil {
		return nil, errors.New("VAPID key: only a public key is there; the private one (43 characters) is needed")
	}
	if private == nil {
		return nil, errors.New("VAPID key: neither a PEM private key nor a base64url one (43 characters) is there")
	}
	key, err := NewKey(private)
	if err != nil {
		return nil, err
	}
	if public != nil && !bytes.Equal(public, key.public) {
		return nil, errors.New("VAPID key: the public key does not belong to the private one")
	}
	return key, nil
}

// decodeBase64 reads base64 of either alphabet, padded or not, since browsers,
// libraries and hand-written exports disagree.
func decodeBase64(s string) ([]byte, error) {
	s = strings.TrimRight(s, "=")
	if strings.ContainsAny(s, "+/") {
		return base64.RawStdEncoding.DecodeString(s)
	}
	return base64.RawURLEncoding.DecodeString(s)
}
