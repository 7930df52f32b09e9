package storage

import (
	"time"

	"github.com/google/uuid"
)

// Scope is what a token may do.
type Scope string

const (
	ScopeAdmin   Scope = "admin"   // everything
	ScopePublish Scope = "publish" // publish, to its categories if it names any
	ScopeRead    Scope = "read"    // history, live log, stats, metrics
)

// Token is a publisher's or operator's credential. Only its hash is stored.
type Token struct {
	Key        int64
	ID         uuid.UUID
	Name       string
	Scope      Scope
	Categories []string // names a publish token is limited to; empty = any
	Style      string   // recado, ntfy, gotify
	Hash       [32]byte // SHA-256 of the token
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero = never
	LastUsedAt time.Time // zero = never; a minute late at most, a session's use five
}

// Session is somebody who is signed in with a token and holds a cookie in its
// place. It ends with its token. Only the hash of the cookie's value is stored.
type Session struct {
	Key       int64
	Hash      [32]byte // SHA-256 of the cookie's value
	Token     Token
	CreatedAt time.Time
	SeenAt    time.Time // the last use; at most five minutes late
}

// VAPIDKey is a key pair that identifies this server to push services (RFC
// 8292).
type VAPIDKey struct {
	ID            string // derived from the public key: the same after export and import
	Public        []byte // 65 octets, uncompressed P-256 point
	Private       []byte // 32 octets
	CreatedAt     time.Time
	Subscriptions int // living ones bound to it
}

// Retention is how long the janitor keeps what has ended.
type Retention struct {
	Deliveries    time.Duration
	Notifications time.Duration
	// Keys is how long the keys of a gone subscription are kept for a restore.
	Keys time.Duration
	// Sessions is how long a session lasts that nobody uses.
	Sessions time.Duration
}
