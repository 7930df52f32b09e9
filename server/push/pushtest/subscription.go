package pushtest

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"sync/atomic"
)

// Subscription is one browser's subscription at this push service.
type Subscription struct {
	ID       string // a random UUID v4, the last part of Endpoint
	Endpoint string
	P256dh   []byte // the browser's public key, 65 octets
	Auth     []byte // the authentication secret, 16 octets

	server   *Server
	key      *ecdh.PrivateKey
	vapidKey atomic.Pointer[string]
	script   atomic.Pointer[script]
	removed  atomic.Bool
	requests atomic.Int32
	accepted atomic.Int32
}

const endpointPath = "/push/"

// Subscribe makes a subscription with a fresh key pair and secret.
func (s *Server) Subscribe() *Subscription { return s.SubscribeN(1, false)[0] }

// SubscribeN makes n subscriptions. Shared gives all of them, and those of
// later shared calls, one key pair and secret, which is fast for 200,000.
func (s *Server) SubscribeN(n int, shared bool) []*Subscription {
	subs := make([]*Subscription, n)
	s.subMu.Lock()
	defer s.subMu.Unlock()
	for i := range subs {
		if !shared || s.key == nil {
			s.key, s.auth = newKeys()
		}
		subs[i] = s.subscribe(s.key, s.auth)
		if !shared {
			s.key = nil
		}
	}
	return subs
}

func (s *Server) subscribe(key *ecdh.PrivateKey, auth []byte) *Subscription {
	id := newUUID()
	sub := &Subscription{
		ID: id, Endpoint: s.url + endpointPath + id,
		P256dh: key.PublicKey().Bytes(), Auth: auth, server: s, key: key,
	}
	if s.options.VAPIDKey != "" {
		sub.Restrict(s.options.VAPIDKey)
	}
	s.subs[id] = sub
	return sub
}

// newKeys cannot fail: crypto/rand ends the program rather than return an error.
func newKeys() (*ecdh.PrivateKey, []byte) {
	auth := make([]byte, 16)
	_, _ = rand.Read(auth)
	for {
		if key, err := ecdh.P256().GenerateKey(rand.Reader); err == nil {
			return key, auth
		}
	}
}

func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func (s *Server) find(id string) *Subscription {
	s.subMu.RLock()
	defer s.subMu.RUnlock()
	return s.subs[id]
}

type subscriptionJSON struct {
	Endpoint       string            `json:"endpoint"`
	ExpirationTime *int64            `json:"expirationTime"`
	Keys           map[string]string `json:"keys"`
	ID             string            `json:"id,omitempty"`
}

// JSON is the subscription as a browser's JSON.stringify gives it.
func (sub *Subscription) JSON() []byte { return sub.json("") }

// ImportJSON is JSON with the subscription's id, one line of an import.
func (sub *Subscription) ImportJSON() []byte { return sub.json(sub.ID) }

func (sub *Subscription) json(id string) []byte {
	b64 := base64.RawURLEncoding.EncodeToString
	// Strings in a map: Marshal cannot fail.
	b, _ := json.Marshal(subscriptionJSON{
		Endpoint: sub.Endpoint, ID: id,
		Keys: map[string]string{"p256dh": b64(sub.P256dh), "auth": b64(sub.Auth)},
	})
	return b
}

// EndpointAt is the endpoint under another authority, host or host:port, for
// tests with a resolver or dialer of their own; see Options.Host.
func (sub *Subscription) EndpointAt(authority string) string {
	u, err := url.Parse(sub.Endpoint)
	if err != nil {
		return sub.Endpoint
	}
	u.Host = authority
	return u.String()
}

// Restrict binds the subscription to a VAPID public key (base64url, RFC 8292
// section 4): messages signed with any other are answered 403. Empty frees it.
func (sub *Subscription) Restrict(key string) { sub.vapidKey.Store(&key) }

// Remove answers 410 from now on.
func (sub *Subscription) Remove() { sub.removed.Store(true) }

// Restore undoes Remove.
func (sub *Subscription) Restore() { sub.removed.Store(false) }

func (sub *Subscription) restriction() string {
	if key := sub.vapidKey.Load(); key != nil {
		return *key
	}
	return ""
}
