package access

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"
)

// The styles of a token. Some senders check the shape of what they are given,
// so a token can be made to look like another product's.
const (
	StyleRecado = "recado" // rcd_ and 43 base62 characters, 256 bits
	StyleNtfy   = "ntfy"   // tk_ and 29 base62 characters, 172 bits
	StyleGotify = "gotify" // 15 base62 characters, the first of them A, 83 bits
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// shape is what a style's tokens look like.
type shape struct {
	style, prefix string
	random        int // base62 characters after the prefix
}

func shapes() [3]shape {
	return [3]shape{{StyleRecado, "rcd_", 43}, {StyleNtfy, "tk_", 29}, {StyleGotify, "A", 14}}
}

// NewToken makes a token of the style, "" being StyleRecado.
func NewToken(style string) (string, error) {
	if style == "" {
		style = StyleRecado
	}
	for _, s := range shapes() {
		if s.style == style {
			return s.prefix + randomBase62(s.random), nil
		}
	}
	return "", fmt.Errorf("token style %q is unknown: use %s, %s or %s", style, StyleRecado, StyleNtfy, StyleGotify)
}

// NewInvite makes the secret of an invite: 22 base62 characters, 131 bits, few
// enough for a QR code that is easily read.
func NewInvite() string { return randomBase62(22) }

// randomBase62 returns n characters, each equally likely.
func randomBase62(n int) string {
	out := make([]byte, 0, n)
	var random [64]byte
	for {
		rand.Read(random[:]) // never fails: it ends the process rather than return weak bytes
		for _, b := range random {
			// 248 is the largest multiple of 62 in a byte: what is above it would
			// make the first eight characters likelier than the rest.
			if b >= 248 {
				continue
			}
			if out = append(out, base62[b%62]); len(out) == n {
				return string(out)
			}
		}
	}
}

// Hash is what is stored of a token or an invite, and what it is looked up by.
// One round of SHA-256 is enough: they are random, not a password that could be guessed
// from a list.
func Hash(token string) [32]byte { return sha256.Sum256([]byte(token)) }

// unguessable reports whether token has the shape of one that NewToken made. An
// operator may have chosen another one, and then it may be a weak one.
func unguessable(token string) bool {
	for _, s := range shapes() {
		rest, ok := strings.CutPrefix(token, s.prefix)
		if ok && len(rest) == s.random && strings.Trim(rest, base62) == "" {
			return true
		}
	}
	return false
}
