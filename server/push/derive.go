package push

import "crypto/sha256"

// derive is RFC 8291 §3.4, the key and nonce of the only record, by way of HKDF
// (RFC 5869). All outputs are at most one hash long, so that HKDF is one HMAC for
// each extraction and expansion; crypto/hkdf would make 40 allocations of it.
func derive(secret []byte, sub Keys, sender, salt []byte) (key [16]byte, nonce [12]byte) {
	prkKey := hmacSHA256(sub.Auth, secret)
	ikm := hmacSHA256(prkKey[:], []byte("WebPush: info\x00"), sub.P256dh, sender, []byte{1})
	prk := hmacSHA256(salt, ikm[:])
	cek := hmacSHA256(prk[:], []byte("Content-Encoding: aes128gcm\x00\x01"))
	iv := hmacSHA256(prk[:], []byte("Content-Encoding: nonce\x00\x01"))
	return [16]byte(cek[:]), [12]byte(iv[:])
}

// hmacSHA256 is RFC 2104 for keys of at most a block, 64 bytes, in a buffer that
// holds the longest input, the two public keys, without an allocation.
func hmacSHA256(key []byte, parts ...[]byte) [sha256.Size]byte {
	var buffer [256]byte
	inner := buffer[:sha256.BlockSize]
	copy(inner, key)
	for i := range inner {
		inner[i] ^= 0x36
	}
	for _, part := range parts {
		inner = append(inner, part...)
	}
	digest := sha256.Sum256(inner)

	var outer [sha256.BlockSize + sha256.Size]byte
	copy(outer[:], inner[:sha256.BlockSize])
	for i := range sha256.BlockSize {
		outer[i] ^= 0x36 ^ 0x5c
	}
	copy(outer[sha256.BlockSize:], digest[:])
	return sha256.Sum256(outer[:])
}
