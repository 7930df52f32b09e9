package delivery

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"fmt"
)

// ReceiptSecretSize is how many random octets Receipts needs.
const ReceiptSecretSize = 32

const (
	receiptBlock = aes.BlockSize
	receiptTag   = 16
	// ReceiptLen is the length of every receipt, in characters.
	ReceiptLen = 43
)

// Receipts makes and reads the receipts that a message carries, so that its
// browser can say what became of it. A receipt is unguessable and good for one
// delivery, without a table to look it up in: the two internal keys encrypted as
// one AES block (they tell nobody how many subscriptions there are), followed by
// an HMAC-SHA256 over that block, cut to 128 bits.
type Receipts struct {
	block cipher.Block
	mac   []byte
}

// NewReceipts takes ReceiptSecretSize random octets that storage keeps.
func NewReceipts(secret []byte) (*Receipts, error) {
	if len(secret) != ReceiptSecretSize {
		return nil, fmt.Errorf("receipt secret has %d octets instead of %d", len(secret), ReceiptSecretSize)
	}
	block, err := aes.NewCipher(secret[:16])
	if err != nil {
		return nil, fmt.Errorf("receipt secret: %w", err)
	}
	return &Receipts{block: block, mac: secret[16:]}, nil
}

// Make returns the receipt of one delivery, ReceiptLen characters of base64url.
func (r *Receipts) Make(notificationKey, subscriptionKey int64) string {
	raw := make([]byte, receiptBlock, receiptBlock+sha256.Size)
	binary.BigEndian.PutUint64(raw, uint64(notificationKey))
	binary.BigEndian.PutUint64(raw[8:], uint64(subscriptionKey))
	r.block.Encrypt(raw, raw)
	raw = r.sum(raw, raw)[:receiptBlock+receiptTag]
	return base64.RawURLEncoding.EncodeToString(raw)
}

// Read returns whose receipt it is; ok is false for anything Make did not make.
func (r *Receipts) Read(receipt string) (notificationKey, subscriptionKey int64, ok bool) {
	if len(receipt) != ReceiptLen {
		return 0, 0, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(receipt)
	if err != nil {
		return 0, 0, false
	}
	want := r.sum(nil, raw[:receiptBlock])[:receiptTag]
	if subtle.ConstantTimeCompare(raw[receiptBlock:], want) != 1 {
		return 0, 0, false
	}
	r.block.Decrypt(raw, raw[:receiptBlock])
	return int64(binary.BigEndian.Uint64(raw)), int64(binary.BigEndian.Uint64(raw[8:])), true
}

func (r *Receipts) sum(dst, data []byte) []byte {
	h := hmac.New(sha256.New, r.mac)
	h.Write(data)
	return h.Sum(dst)
}
