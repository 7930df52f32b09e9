package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/urfave/cli/v2"

	"recado/server/access"
	"recado/server/config"
	"recado/storage"
	"recado/storage/sqlite"
)

func tokenCommand(p Process) *cli.Command {
	return &cli.Command{
		Name:  "token",
		Usage: "what publishers and operators sign in with",
		Subcommands: []*cli.Command{
			{Name: "create", Usage: "make a token and print it, this once", Flags: []cli.Flag{
				&cli.StringFlag{Name: "name", Usage: "whose it is: `NAME`"},
				&cli.StringFlag{Name: "scope", Usage: "what it may do: `admin|publish|read`"},
				&cli.StringSliceFlag{Name: "category", Usage: "publish to category `C` only (may be repeated)"},
				&cli.StringFlag{Name: "style", Value: access.StyleRecado, Usage: "its shape: `recado|ntfy|gotify`"},
				&cli.StringFlag{Name: "expires", Usage: "when it ends: a `TIME` or a duration such as 720h; never, if left out"},
				dataDirFlag(),
			}, Action: func(c *cli.Context) error { return tokenCreate(c, p) }},
			{Name: "list", Usage: "list the tokens, not what they are",
				Flags: []cli.Flag{jsonFlag(), dataDirFlag()}, Action: func(c *cli.Context) error { return tokenList(c, p) }},
			{Name: "revoke", Usage: "end a token at once", ArgsUsage: "ID",
				Flags: []cli.Flag{dataDirFlag()}, Action: func(c *cli.Context) error { return tokenRevoke(c, p) }},
		},
	}
}

func tokenCreate(c *cli.Context, p Process) error {
	if _, err := argument(c, ""); err != nil {
		return err
	}
	t, err := wantedToken(c, p.Now())
	if err != nil {
		return err
	}
	secret, err := access.NewToken(t.Style)
	if err != nil {
		return usagef("--style: %s", err)
	}
	t.Hash = access.Hash(secret)
	return withStore(c, p, create, func(ctx context.Context, _ config.Config, store *sqlite.Store) error {
		made, err := store.CreateToken(ctx, t)
		var unknown *storage.UnknownCategoryError
		switch {
		case errors.As(err, &unknown):
			return fmt.Errorf("--category: %w", unknown)
		case err != nil:
			return fmt.Errorf("cannot create the token: %w", err)
		}
		// The token alone on the standard output, so that $(recado token create …) is it.
		if _, err := fmt.Fprintln(p.Stdout, secret); err != nil {
			return err
		}
		fmt.Fprintf(p.Stderr, "created token %s (%s, %s); it is not shown again\n", made.ID, visible(made.Name), made.Scope)
		return nil
	})
}

// wantedToken is the token that the flags describe, without its secret.
func wantedToken(c *cli.Context, now time.Time) (storage.Token, error) {
	t := storage.Token{
		Name:       strings.TrimSpace(c.String("name")),
		Scope:      storage.Scope(c.String("scope")),
		Categories: c.StringSlice("category"),
		Style:      c.String("style"),
		CreatedAt:  now,
	}
	scopes := []storage.Scope{storage.ScopeAdmin, storage.ScopePublish, storage.ScopeRead}
	switch {
	case t.Name == "":
		return t, usagef("--name is missing: say whose token it is")
	case t.Name == configToken:
		return t, usagef("--name %s is taken for access.admin_token: choose another", configToken)
	case len(t.Name) > 200 || visible(t.Name) != t.Name:
		return t, usagef("--name must be one line of at most 200 bytes")
	case !slices.Contains(scopes, t.Scope):
		return t, usagef("--scope must be admin, publish or read")
	case len(t.Categories) > 0 && t.Scope != storage.ScopePublish:
		return t, usagef("--category only narrows --scope publish")
	}
	if c.IsSet("expires") {
		at, err := parseTime(c.String("expires"), now, +1)
		if err != nil {
			return t, usagef("--expires %s", err)
		}
		if !at.After(now) {
			return t, usagef("--expires must be in the future")
		}
		t.ExpiresAt = at
	}
	var err error
	t.ID, err = uuid.NewRandom()
	return t, err
}

func tokenList(c *cli.Context, p Process) error {
	if _, err := argument(c, ""); err != nil {
		return err
	}
	return withStore(c, p, refuse, func(ctx context.Context, _ config.Config, store *sqlite.Store) error {
		tokens, err := store.Tokens(ctx)
		if err != nil {
			return err
		}
		if c.Bool("json") {
			return tokensJSON(p, tokens)
		}
		t := newTable(p.Stdout, "ID", "NAME", "SCOPE", "CATEGORIES", "STYLE", "CREATED", "LAST USED", "EXPIRES")
		for _, k := range tokens {
			expires := when(k.ExpiresAt)
			if !k.ExpiresAt.IsZero() && !k.ExpiresAt.After(p.Now()) {
				expires += " (ended)"
			}
			t.row(k.ID.String(), k.Name, string(k.Scope), strings.Join(k.Categories, ", "), k.Style,
				when(k.CreatedAt), when(k.LastUsedAt), expires)
		}
		return t.flush()
	})
}

func tokensJSON(p Process, tokens []storage.Token) error {
	type item struct {
		ID         uuid.UUID     `json:"id"`
		Name       string        `json:"name"`
		Scope      storage.Scope `json:"scope"`
		Categories []string      `json:"categories"`
		Style      string        `json:"style"`
		CreatedAt  *string       `json:"created_at"`
		LastUsedAt *string       `json:"last_used_at"`
		ExpiresAt  *string       `json:"expires_at"`
	}
	list := &jsonList{w: printable{p.Stdout}}
	for _, k := range tokens {
		if err := list.add(item{k.ID, k.Name, k.Scope, append([]string{}, k.Categories...), k.Style,
			stamp(k.CreatedAt), stamp(k.LastUsedAt), stamp(k.ExpiresAt)}); err != nil {
			return err
		}
	}
	return list.end()
}

func tokenRevoke(c *cli.Context, p Process) error {
	text, err := argument(c, "the ID of a token")
	if err != nil {
		return err
	}
	id, err := parseID("token", text)
	if err != nil {
		return err
	}
	return withStore(c, p, refuse, func(ctx context.Context, _ config.Config, store *sqlite.Store) error {
		switch err := store.RevokeToken(ctx, id); {
		case errors.Is(err, storage.ErrNotFound):
			return fmt.Errorf("no token has the id %s: recado token list shows them", id)
		case err != nil:
			return fmt.Errorf("cannot revoke token %s: %w", id, err)
		}
		_, err := fmt.Fprintf(p.Stdout, "revoked token %s\n", id)
		return err
	})
}
