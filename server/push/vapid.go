package push

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	tokenLife = 12 * time.Hour // RFC 8292 §2: at most 24 h
	tokenUse  = tokenLife / 2  // then a new one is signed
	// maxTokens bounds the cache; with "*" allowed, strangers choose the origins.
	maxTokens = 1024
)

// tokens signs VAPID tokens and keeps one for each key and origin: services
// dislike a new one with every message, and signing costs as much as encrypting.
type tokens struct {
	subject string
	mu      sync.RWMutex
	slots   map[tokenFor]*tokenSlot
}

type tokenFor struct{ key, origin string }

// tokenSlot lets one caller sign while others of the same origin wait, and those
// of other origins do not.
type tokenSlot struct {
	signing sync.Mutex
	current atomic.Pointer[token]
}

// token is a signed Authorization header. Its times are Unix seconds, because
// the monotonic clock stands still while a machine is suspended.
type token struct {
	header          []string
	issued, renewAt int64
	secret          string // the JWT alone, which no reason may repeat
}

func (t *token) fresh(now int64) bool {
	// A token from the future was signed before the clock was set back; its exp
	// could be more than the 24 h ahead that RFC 8292 §2 allows.
	return t != nil && t.issued-60 <= now && now < t.renewAt
}

func newTokens(subject string) *tokens {
	return &tokens{subject: subject, slots: map[tokenFor]*tokenSlot{}}
}

func (c *tokens) get(key *Key, origin string, now time.Time) (*token, error) {
	slot := c.slot(tokenFor{key.id, origin})
	if t := slot.current.Load(); t.fresh(now.Unix()) {
		return t, nil
	}
	slot.signing.Lock()
	defer slot.signing.Unlock()
	if t := slot.current.Load(); t.fresh(now.Unix()) {
		return t, nil
	}
	t, err := sign(key, origin, c.subject, now)
	if err != nil {
		return nil, err
	}
	slot.current.Store(t)
	return t, nil
}

func (c *tokens) slot(id tokenFor) *tokenSlot {
	c.mu.RLock()
	slot := c.slots[id]
	c.mu.RUnlock()
	if slot != nil {
		return slot
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if slot = c.slots[id]; slot != nil {
		return slot
	}
	for old := range c.slots { // any one: a lost token is only signed again
		if len(c.slots) < maxTokens {
			break
		}
		delete(c.slots, old)
	}
	slot = new(tokenSlot)
	c.slots[id] = slot
	return slot
}

// jwtHeader is {"typ":"JWT","alg":"ES256"} (RFC 8292 §2).
const jwtHeader = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9."

type claims struct {
	Audience string `json:"aud"`
	Expires  int64  `json:"exp"`
	Subject  string `json:"sub,omitempty"`
}

func sign(key *Key, origin, subject string, now time.Time) (*token, error) {
	payload, err := json.Marshal(claims{origin, now.Add(tokenLife).Unix(), subject})
	if err != nil {
		return nil, fmt.Errorf("sign a VAPID token: %w", err)
	}
	jwt := jwtHeader + base64.RawURLEncoding.EncodeToString(payload)
	digest := sha256.Sum256([]byte(jwt))
	r, s, err := ecdsa.Sign(rand.Reader, key.signer, digest[:])
	if err != nil {
		return nil, fmt.Errorf("sign a VAPID token: %w", err)
	}
	var signature [64]byte // RFC 7518 §3.4: r and s, 32 bytes each
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	jwt += "." + base64.RawURLEncoding.EncodeToString(signature[:])
	return &token{
		header:  []string{"vapid t=" + jwt + ", k=" + key.encoded}, // RFC 8292 §3
		issued:  now.Unix(),
		renewAt: now.Add(tokenUse).Unix(),
		secret:  jwt,
	}, nil
}
