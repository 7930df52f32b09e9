// Package requestid names requests, so that what a log says of one can be found
// together. The id travels in the request's context; a log handler made with Handler
// adds it to every line that is written with such a context.
package requestid

import (
	"context"
	"encoding/hex"
	"log/slog"
	"math/rand/v2"
)

// Header is where an id travels between servers.
const Header = "X-Request-Id"

const (
	key    = "request" // in the log
	maxLen = 64
)

// New makes an id, 16 hexadecimal digits. It is no secret and proves nothing.
func New() string {
	var b [8]byte
	for i, n := 0, rand.Uint64(); i < len(b); i, n = i+1, n>>8 {
		b[i] = byte(n)
	}
	return hex.EncodeToString(b[:])
}

// Valid reports whether an id that somebody else made can be taken: 1 to 64
// letters, digits, dots, underscores and hyphens.
func Valid(id string) bool {
	if id == "" || len(id) > maxLen {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

type contextKey struct{}

// With returns ctx with an id that From finds.
func With(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, contextKey{}, id)
}

// From is the id of the request with that context; empty when there is none.
func From(ctx context.Context) string {
	id, _ := ctx.Value(contextKey{}).(string)
	return id
}

// Handler is a log handler that adds the request's id.
func Handler(next slog.Handler) slog.Handler { return handler{next} }

type handler struct{ slog.Handler }

func (h handler) Handle(ctx context.Context, r slog.Record) error {
	if id := From(ctx); id != "" {
		r = r.Clone()
		r.AddAttrs(slog.String(key, id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }
