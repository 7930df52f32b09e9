package command

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/urfave/cli/v2"

	"recado/server/config"
	"recado/server/push"
	"recado/storage"
	"recado/storage/sqlite"
)

// maxKeyFile bounds what is read of a file that was named by mistake.
const maxKeyFile = 1 << 16

func keysCommand(p Process) *cli.Command {
	which := &cli.StringFlag{Name: "key", Usage: "the key with this `ID` instead of the newest"}
	return &cli.Command{
		Name:  "keys",
		Usage: "the VAPID keys that browsers subscribe with",
		Subcommands: []*cli.Command{
			{Name: "show", Aliases: []string{"list"}, Usage: "list the keys, the newest first",
				Flags: []cli.Flag{jsonFlag(), dataDirFlag()}, Action: func(c *cli.Context) error { return keysShow(c, p) }},
			{Name: "export", Usage: "write a private key to FILE (PEM, mode 0600); - is the standard output", ArgsUsage: "FILE",
				Flags: []cli.Flag{which, dataDirFlag()}, Action: func(c *cli.Context) error { return keysExport(c, p) }},
			{Name: "import", Usage: "add a private key from FILE (PEM, or the lines that web-push tools print); it is then the newest", ArgsUsage: "FILE",
				Flags: []cli.Flag{dataDirFlag()}, Action: func(c *cli.Context) error { return keysImport(c, p) }},
			{Name: "rotate", Usage: "make a new key, which browsers subscribe with from now on; the old ones serve whoever has them",
				Flags: []cli.Flag{dataDirFlag()}, Action: func(c *cli.Context) error { return keysRotate(c, p) }},
			{Name: "retire", Usage: "remove a key that no subscription is bound to", ArgsUsage: "ID",
				Flags: []cli.Flag{dataDirFlag()}, Action: func(c *cli.Context) error { return keysRetire(c, p) }},
		},
	}
}

func keysShow(c *cli.Context, p Process) error {
	if _, err := argument(c, ""); err != nil {
		return err
	}
	return withStore(c, p, refuse, func(ctx context.Context, _ config.Config, store *sqlite.Store) error {
		keys, err := store.Keys(ctx)
		if err != nil {
			return err
		}
		if c.Bool("json") {
			return keysJSON(p.Stdout, keys)
		}
		t := newTable(p.Stdout, "ID", "CREATED", "SUBSCRIPTIONS", "PUBLIC KEY")
		for _, k := range keys {
			t.row(k.ID, when(k.CreatedAt), strconv.Itoa(k.Subscriptions), publicKey(k))
		}
		return t.flush()
	})
}

func keysJSON(w io.Writer, keys []storage.VAPIDKey) error {
	type item struct {
		ID            string  `json:"id"`
		PublicKey     string  `json:"public_key"`
		CreatedAt     *string `json:"created_at"`
		Subscriptions int     `json:"subscriptions"`
	}
	list := &jsonList{w: printable{w}}
	for _, k := range keys {
		if err := list.add(item{k.ID, publicKey(k), stamp(k.CreatedAt), k.Subscriptions}); err != nil {
			return err
		}
	}
	return list.end()
}

func publicKey(k storage.VAPIDKey) string { return base64.RawURLEncoding.EncodeToString(k.Public) }

func keysExport(c *cli.Context, p Process) error {
	file, err := argument(c, "a FILE to write")
	if err != nil {
		return err
	}
	return withStore(c, p, refuse, func(ctx context.Context, _ config.Config, store *sqlite.Store) error {
		stored, err := findKey(ctx, store, c.String("key"))
		if err != nil {
			return err
		}
		key, err := push.NewKey(stored.Private)
		if err != nil {
			return err
		}
		pem, err := key.PEM()
		if err != nil {
			return err
		}
		err = writePrivate(file, p.Stdout, func(w io.Writer) error { _, err := w.Write(pem); return err })
		if err == nil {
			fmt.Fprintf(p.Stderr, "exported the private key %s; keep it as safe as the server's data\n", key.ID())
		}
		return err
	})
}

// findKey returns the key with the id, or the newest when id is empty.
func findKey(ctx context.Context, store *sqlite.Store, id string) (storage.VAPIDKey, error) {
	keys, err := store.Keys(ctx)
	if err != nil {
		return storage.VAPIDKey{}, err
	}
	for _, k := range keys {
		if id == "" || k.ID == id {
			return k, nil
		}
	}
	if id == "" {
		return storage.VAPIDKey{}, errors.New("there is no VAPID key yet: bring one with recado keys import FILE, or let the first recado serve make one")
	}
	return storage.VAPIDKey{}, fmt.Errorf("no VAPID key has the id %q: recado keys show lists them", id)
}

func keysImport(c *cli.Context, p Process) error {
	file, err := argument(c, "a FILE with a private key")
	if err != nil {
		return err
	}
	key, err := readKey(file, p.Stdin)
	if err != nil {
		return err
	}
	return withStore(c, p, create, func(ctx context.Context, _ config.Config, store *sqlite.Store) error {
		err := store.AddKey(ctx, storedKey(key, p))
		switch {
		case errors.Is(err, storage.ErrExists):
			_, err = fmt.Fprintf(p.Stdout, "key %s is here already; nothing was changed\n", key.ID())
			return err
		case err != nil:
			return fmt.Errorf("cannot add the key: %w", err)
		}
		_, err = fmt.Fprintf(p.Stdout, "imported key %s\n", key.ID())
		return err
	})
}

func readKey(file string, stdin io.Reader) (*push.Key, error) {
	f, err := openInput(file, stdin)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return nil, err
	}
	return push.ParseKey(data)
}

func storedKey(key *push.Key, p Process) storage.VAPIDKey {
	return storage.VAPIDKey{ID: key.ID(), Public: key.Public(), Private: key.Private(), CreatedAt: p.Now()}
}

// keysRotate loses nobody: each subscription is sent to with the key that it was
// made with, until its page brings one that was made with the new key.
func keysRotate(c *cli.Context, p Process) error {
	if _, err := argument(c, ""); err != nil {
		return err
	}
	return withStore(c, p, refuse, func(ctx context.Context, _ config.Config, store *sqlite.Store) error {
		keys, err := store.Keys(ctx)
		if err != nil {
			return err
		}
		key, err := push.GenerateKey()
		if err != nil {
			return err
		}
		if err := store.AddKey(ctx, storedKey(key, p)); err != nil {
			return fmt.Errorf("cannot add the new key: %w", err)
		}
		bound := 0
		for _, k := range keys {
			bound += k.Subscriptions
		}
		_, err = fmt.Fprintf(p.Stdout, "browsers now subscribe with key %s; %d subscriptions keep their old one until their page is opened\n", key.ID(), bound)
		return err
	})
}

func keysRetire(c *cli.Context, p Process) error {
	id, err := argument(c, "the ID of a key")
	if err != nil {
		return err
	}
	return withStore(c, p, refuse, func(ctx context.Context, _ config.Config, store *sqlite.Store) error {
		key, err := findKey(ctx, store, id)
		if err != nil {
			return err
		}
		newest, err := store.NewestKey(ctx)
		if err != nil {
			return err
		}
		if newest.ID == id {
			return fmt.Errorf("key %s is the newest one, which browsers subscribe with: rotate or import another one first", id)
		}
		err = store.RetireKey(ctx, id)
		switch {
		case errors.Is(err, storage.ErrInUse):
			return fmt.Errorf("%d subscriptions are bound to key %s: it can go when they have moved to a newer key or ended", key.Subscriptions, id)
		case err != nil:
			return fmt.Errorf("cannot retire key %s: %w", id, err)
		}
		_, err = fmt.Fprintf(p.Stdout, "retired key %s\n", id)
		return err
	})
}
