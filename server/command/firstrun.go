package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"recado/server"
	"recado/server/access"
	"recado/server/config"
	"recado/server/push"
	"recado/storage"
)

const (
	adminToken  = "admin"            // the name of the token that the first run makes
	configToken = server.ConfigToken // the name of access.admin_token
	// tokenFile is where the first admin token waits in the data directory when
	// there is no terminal to show it on.
	tokenFile = "admin-token"
)

// firstRunStore is what a first run needs of storage.
type firstRunStore interface {
	NewestKey(context.Context) (storage.VAPIDKey, error)
	AddKey(context.Context, storage.VAPIDKey) error
	CountSubscriptions(context.Context) (int, error)
	Tokens(context.Context) ([]storage.Token, error)
	TokenByHash(context.Context, [32]byte) (storage.Token, error)
	CreateToken(context.Context, storage.Token) (storage.Token, error)
	RevokeToken(context.Context, uuid.UUID) error
}

// firstRun makes what a server cannot be without: a VAPID key and an admin token.
// The caller holds the directory's lock.
func firstRun(ctx context.Context, p Process, cfg config.Config, store firstRunStore) error {
	if err := ensureKey(ctx, p, store); err != nil {
		return err
	}
	if err := ensureConfigToken(ctx, p, cfg.Access.AdminToken, store); err != nil {
		return err
	}
	return ensureAdmin(ctx, p, cfg, store)
}

// ensureKey makes a VAPID key for a server that never had one. With
// subscriptions present the key was lost, and a new one would not reach any of
// them (RFC 8292 §4.2).
func ensureKey(ctx context.Context, p Process, store firstRunStore) error {
	_, err := store.NewestKey(ctx)
	if !errors.Is(err, storage.ErrNoKey) {
		return err
	}
	n, err := store.CountSubscriptions(ctx)
	if err != nil {
		return err
	}
	if n > 0 {
		return fmt.Errorf("there are %d subscriptions but no VAPID key, and a new key cannot reach them: "+
			"bring the key back with `recado keys import FILE`, or the whole data directory from a backup", n)
	}
	key, err := push.GenerateKey()
	if err != nil {
		return err
	}
	return store.AddKey(ctx, storedKey(key, p))
}

// ensureConfigToken makes access.admin_token the one token of its name, so that
// changing or clearing it in the configuration ends the old one.
func ensureConfigToken(ctx context.Context, p Process, secret string, store firstRunStore) error {
	tokens, err := store.Tokens(ctx)
	if err != nil {
		return err
	}
	hash := access.Hash(secret)
	known := false
	for _, t := range tokens {
		switch {
		case secret != "" && t.Hash == hash && t.Scope == storage.ScopeAdmin && t.ExpiresAt.IsZero():
			known = true
		case secret != "" && t.Hash == hash:
			return fmt.Errorf("access.admin_token is the token %q, which is no lasting admin token: choose another", t.Name)
		case t.Name == configToken:
			if err := store.RevokeToken(ctx, t.ID); err != nil && !errors.Is(err, storage.ErrNotFound) {
				return err
			}
		}
	}
	if known || secret == "" {
		return nil
	}
	_, err = createAdmin(ctx, p, store, configToken, secret)
	return err
}

func createAdmin(ctx context.Context, p Process, store firstRunStore, name, secret string) (storage.Token, error) {
	id, err := uuid.NewRandom()
	if err != nil {
		return storage.Token{}, err
	}
	return store.CreateToken(ctx, storage.Token{
		ID: id, Name: name, Scope: storage.ScopeAdmin, Style: access.StyleRecado, Hash: access.Hash(secret), CreatedAt: p.Now(),
	})
}

// ensureAdmin makes an admin token when nobody could sign in without it, and
// hands it over: on a terminal once, elsewhere in a file.
func ensureAdmin(ctx context.Context, p Process, cfg config.Config, store firstRunStore) error {
	tokens, err := store.Tokens(ctx)
	if err != nil {
		return err
	}
	file := filepath.Join(cfg.DataDir, tokenFile)
	name := adminToken
	for _, t := range tokens {
		if t.Scope == storage.ScopeAdmin && (t.ExpiresAt.IsZero() || t.ExpiresAt.After(p.Now())) {
			return remindOfFile(ctx, p, cfg, store, file)
		}
		if t.Name == name { // an expired one
			name = adminToken + "-" + p.Now().UTC().Format(time.DateOnly)
		}
	}
	secret, err := access.NewToken(access.StyleRecado)
	if err != nil {
		return err
	}
	terminal := isTerminal(p.Stdout)
	if !terminal {
		// Before the token is stored: a crash in between leaves a file that is
		// written anew, not a token that nobody knows.
		err := replaceFile(file, func(w io.Writer) error { _, err := fmt.Fprintln(w, secret); return err })
		if err != nil {
			return err
		}
	}
	if _, err := createAdmin(ctx, p, store, name, secret); err != nil {
		return fmt.Errorf("cannot store the admin token: %w", err)
	}
	if terminal {
		fmt.Fprintf(p.Stdout, "\nYour admin token, shown this once:\n\n    %s\n\nPublish with it:\n\n    %s\n\n", secret, curlLine(cfg, secret))
		return nil
	}
	return tellFile(p, cfg, file)
}

// remindOfFile names the file again as long as the token in it is good.
func remindOfFile(ctx context.Context, p Process, cfg config.Config, store firstRunStore, file string) error {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = store.TokenByHash(ctx, access.Hash(strings.TrimSpace(string(data))))
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return tellFile(p, cfg, file)
}

func tellFile(p Process, cfg config.Config, file string) error {
	path, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "the admin token is in %s; publish with it:\n%s\n", path, curlLine(cfg, "$(cat "+shellQuote(path)+")"))
	return err
}

// forgetToken deletes the file once somebody has signed in with the token in it,
// and so has it.
func forgetToken(cfg config.Config, log *slog.Logger) func(ctx context.Context, hash [32]byte) {
	file := filepath.Join(cfg.DataDir, tokenFile)
	return func(ctx context.Context, hash [32]byte) {
		data, err := os.ReadFile(file)
		if err == nil && access.Hash(strings.TrimSpace(string(data))) == hash {
			err = os.Remove(file)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			log.WarnContext(ctx, "the file with the admin token is not needed any more and could not be deleted", "file", file, "error", err)
		}
	}
}

// curlLine is a command that publishes, ready to paste into a shell here.
func curlLine(cfg config.Config, token string) string {
	return `curl -H "Authorization: Bearer ` + token + `" -H "Content-Type: application/json" -d '{"title": "Hello", "body": "from recado"}' ` +
		nearURL(cfg) + "/api/notify"
}

// nearURL is where the server is reached on its own machine, also when base_url
// is a proxy's that is not set up yet.
func nearURL(cfg config.Config) string {
	host, port, err := net.SplitHostPort(cfg.Listen)
	if err != nil || port == "0" || cfg.TLS.CertFile != "" {
		return cfg.BaseURL
	}
	if a, err := netip.ParseAddr(host); host == "" || (err == nil && a.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// shellQuote lets a shell read s as it is, also inside double quotes.
func shellQuote(s string) string {
	plain := func(r rune) bool {
		return strings.ContainsRune("/._-+:@%,", r) || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
