package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"recado/server/config"
	"recado/server/push"
	"recado/storage"
	"recado/storage/sqlite"
)

const importBatch = 500 // subscriptions a transaction

// importer is one run of subscription import.
type importer struct {
	p      Process
	policy push.Policy
	keyID  string
	store  interface {
		ImportSubscriptions(context.Context, time.Time, []storage.Subscribe) ([]storage.Imported, error)
	}

	batch   []storage.Subscribe
	numbers []int // of the lines in batch

	imported, updated, refused int
	progress                   func(lines int)
}

func subscriptionImport(c *cli.Context, p Process) error {
	file, err := argument(c, "a FILE to read")
	if err != nil {
		return err
	}
	in, err := openInput(file, p.Stdin)
	if err != nil {
		return err
	}
	defer in.Close()
	return withStore(c, p, refuse, func(ctx context.Context, cfg config.Config, store *sqlite.Store) error {
		key, err := findKey(ctx, store, c.String("key"))
		if err != nil {
			return err
		}
		i := &importer{p: p, policy: policy(cfg), keyID: key.ID, store: store, progress: showProgress(p)}
		err = i.run(ctx, in)
		i.progress(-1)
		fmt.Fprintf(p.Stdout, "imported %d, updated %d, refused %d\n", i.imported, i.updated, i.refused)
		switch {
		case err != nil:
			return fmt.Errorf("stopped before the end of the file: %w", err)
		case i.refused > 0 && i.imported+i.updated == 0:
			return errors.New("every line was refused")
		}
		return nil
	})
}

func policy(cfg config.Config) push.Policy {
	return push.Policy{
		AllowedHosts:         cfg.Push.AllowedHosts,
		AllowPrivateNetworks: cfg.Push.AllowPrivateNetworks,
		AllowHTTP:            cfg.Push.AllowHTTP,
	}
}

func (i *importer) run(ctx context.Context, r io.Reader) error {
	var readError error
	for n, text := range textLines(r, &readError) {
		if err := i.line(ctx, n, text); err != nil {
			return err
		}
	}
	return errors.Join(readError, i.flush(ctx))
}

func (i *importer) line(ctx context.Context, n int, text []byte) error {
	if text == nil {
		i.refuse(n, errLongLine)
		return nil
	}
	s, err := parseLine(text, i.policy)
	if err != nil {
		i.refuse(n, err)
		return nil
	}
	s.KeyID = i.keyID
	i.batch, i.numbers = append(i.batch, s), append(i.numbers, n)
	if len(i.batch) < importBatch {
		return nil
	}
	i.progress(n)
	return i.flush(ctx)
}

// flush stores what was gathered, in one transaction.
func (i *importer) flush(ctx context.Context) error {
	if len(i.batch) == 0 {
		return nil
	}
	results, err := i.store.ImportSubscriptions(ctx, i.p.Now(), i.batch)
	if err != nil {
		return err
	}
	for at, result := range results {
		switch {
		case result.Err != nil:
			i.refuse(i.numbers[at], importProblem(result.Err))
		case result.Updated:
			i.updated++
		default:
			i.imported++
		}
	}
	i.batch, i.numbers = i.batch[:0], i.numbers[:0]
	return nil
}

func importProblem(err error) error {
	if errors.Is(err, storage.ErrExists) {
		return errors.New("id belongs to another endpoint")
	}
	return err
}

func (i *importer) refuse(n int, why error) {
	i.refused++
	fmt.Fprintf(i.p.Stderr, "line %d: %s\n", n, sentence(why))
}

// showProgress keeps a terminal informed, ten times a second at most; -1 wipes.
func showProgress(p Process) func(lines int) {
	if !isTerminal(p.Stderr) {
		return func(int) {}
	}
	var last time.Time
	return func(lines int) {
		switch now := p.Now(); {
		case lines < 0:
			fmt.Fprint(p.Stderr, "\r\x1b[K")
		case now.Sub(last) >= 100*time.Millisecond:
			last = now
			fmt.Fprintf(p.Stderr, "\r\x1b[K%d lines", lines)
		}
	}
}
