package command

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"recado/server/config"
	"recado/storage"
	"recado/storage/sqlite"
)

func subscriptionExport(c *cli.Context, p Process) error {
	file, err := argument(c, "a FILE to write")
	if err != nil {
		return err
	}
	return withStore(c, p, refuse, func(ctx context.Context, _ config.Config, store *sqlite.Store) error {
		key := c.String("key")
		if key != "" {
			if _, err := findKey(ctx, store, key); err != nil {
				return err
			}
		}
		n := 0
		err := writePrivate(file, p.Stdout, func(w io.Writer) error {
			out := bufio.NewWriter(w)
			encoder := json.NewEncoder(out)
			encoder.SetEscapeHTML(false)
			err := store.EachSubscription(ctx, storage.SubscriptionFilter{}, func(s storage.Subscription) error {
				if key != "" && s.KeyID != key {
					return nil
				}
				n++
				return encoder.Encode(newLine(s))
			})
			return errors.Join(err, out.Flush())
		})
		if err == nil {
			fmt.Fprintf(p.Stderr, "exported %d subscription(s); whoever has the file and the VAPID key can send to them\n", n)
		}
		return err
	})
}
