package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/urfave/cli/v2"

	"recado/server/config"
	"recado/storage"
	"recado/storage/sqlite"
)

func subscriptionCommand(p Process) *cli.Command {
	boundTo := &cli.StringFlag{Name: "key", Usage: "bind them to the VAPID key with this `ID` instead of the newest"}
	only := &cli.StringFlag{Name: "key", Usage: "only those bound to the VAPID key with this `ID`"}
	return &cli.Command{
		Name:  "subscription",
		Usage: "the browsers and apps that are sent to",
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "list subscriptions, without what is secret of them", Flags: []cli.Flag{
				&cli.StringFlag{Name: "category", Usage: "only those in category `C`"},
				&cli.StringFlag{Name: "user", Usage: "only those of user `U`"},
				&cli.StringFlag{Name: "service", Usage: "only those of the push service at `HOST`"},
				&cli.BoolFlag{Name: "removed", Usage: "those that ended instead of those that live"},
				jsonFlag(), dataDirFlag(),
			}, Action: func(c *cli.Context) error { return subscriptionList(c, p) }},
			{Name: "import", Usage: "add subscriptions from FILE, one PushSubscription in JSON a line; - is the standard input", ArgsUsage: "FILE",
				Flags: []cli.Flag{boundTo, dataDirFlag()}, Action: func(c *cli.Context) error { return subscriptionImport(c, p) }},
			{Name: "export", Usage: "write subscriptions to FILE (mode 0600) as import reads them; - is the standard output", ArgsUsage: "FILE",
				Flags: []cli.Flag{only, dataDirFlag()}, Action: func(c *cli.Context) error { return subscriptionExport(c, p) }},
			{Name: "remove", Usage: "end a subscription and forget its keys", ArgsUsage: "ID",
				Flags: []cli.Flag{dataDirFlag()}, Action: func(c *cli.Context) error { return subscriptionRemove(c, p) }},
			{Name: "restore", Usage: "bring back those that a push service called gone within the last seven days", Flags: []cli.Flag{
				&cli.StringFlag{Name: "service", Usage: "only those of the push service at `HOST`"},
				&cli.StringFlag{Name: "since", Usage: "only those gone since `TIME`: 2026-01-31T12:00:00Z, or 48h for that long ago"},
				dataDirFlag(),
			}, Action: func(c *cli.Context) error { return subscriptionRestore(c, p) }},
		},
	}
}

func subscriptionList(c *cli.Context, p Process) error {
	if _, err := argument(c, ""); err != nil {
		return err
	}
	filter := storage.SubscriptionFilter{
		Category: c.String("category"), User: c.String("user"), Service: c.String("service"), Removed: c.Bool("removed"),
	}
	return withStore(c, p, refuse, func(ctx context.Context, _ config.Config, store *sqlite.Store) error {
		if c.Bool("json") {
			list := &jsonList{w: printable{p.Stdout}}
			err := store.EachSubscription(ctx, filter, func(s storage.Subscription) error { return list.add(newListed(s)) })
			if err != nil {
				return err
			}
			return list.end()
		}
		t := newTable(p.Stdout, "ID", "LABEL", "USER", "CATEGORIES", "SERVICE", "KEY", "CREATED", "SEEN", "REMOVED")
		err := store.EachSubscription(ctx, filter, func(s storage.Subscription) error {
			t.row(s.ID.String(), s.Label, s.User, strings.Join(s.Categories, ", "), s.Service, s.KeyID,
				when(s.CreatedAt), when(s.SeenAt), removal(s))
			return nil
		})
		if err != nil {
			return err
		}
		return t.flush()
	})
}

func removal(s storage.Subscription) string {
	if s.RemovedAt.IsZero() {
		return ""
	}
	return when(s.RemovedAt) + " (" + string(s.Removed) + ")"
}

// listed is a subscription without its endpoint and keys, which are a capability.
type listed struct {
	ID         uuid.UUID       `json:"id"`
	Label      string          `json:"label"`
	User       string          `json:"user"`
	Categories []string        `json:"categories"`
	Service    string          `json:"service"`
	UserAgent  string          `json:"user_agent"`
	KeyID      string          `json:"key_id"`
	CreatedAt  *string         `json:"created_at"`
	SeenAt     *string         `json:"seen_at"`
	RemovedAt  *string         `json:"removed_at"`
	Removed    storage.Removal `json:"removed,omitempty"`
}

func newListed(s storage.Subscription) listed {
	return listed{
		ID: s.ID, Label: s.Label, User: s.User, Categories: append([]string{}, s.Categories...), Service: s.Service,
		UserAgent: s.UserAgent, KeyID: s.KeyID, CreatedAt: stamp(s.CreatedAt), SeenAt: stamp(s.SeenAt),
		RemovedAt: stamp(s.RemovedAt), Removed: s.Removed,
	}
}

func subscriptionRemove(c *cli.Context, p Process) error {
	text, err := argument(c, "the ID of a subscription")
	if err != nil {
		return err
	}
	id, err := parseID("subscription", text)
	if err != nil {
		return err
	}
	return withStore(c, p, refuse, func(ctx context.Context, _ config.Config, store *sqlite.Store) error {
		switch err := store.RemoveSubscription(ctx, p.Now(), id); {
		case errors.Is(err, storage.ErrNotFound):
			return errors.New("no subscription has that id: recado subscription list shows them")
		case err != nil:
			return fmt.Errorf("cannot remove the subscription: %w", err)
		}
		_, err := fmt.Fprintf(p.Stdout, "removed subscription %s\n", id)
		return err
	})
}

func subscriptionRestore(c *cli.Context, p Process) error {
	if _, err := argument(c, ""); err != nil {
		return err
	}
	var since time.Time
	if c.IsSet("since") {
		var err error
		if since, err = parseTime(c.String("since"), p.Now(), -1); err != nil {
			return usagef("--since %s", err)
		}
	}
	return withStore(c, p, refuse, func(ctx context.Context, _ config.Config, store *sqlite.Store) error {
		n, err := store.RestoreSubscriptions(ctx, p.Now(), c.String("service"), since)
		if err != nil {
			return fmt.Errorf("cannot restore: %w", err)
		}
		_, err = fmt.Fprintf(p.Stdout, "restored %d subscription(s)\n", n)
		return err
	})
}
