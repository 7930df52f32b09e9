package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"recado/server/config"
	"recado/server/push"
	"recado/storage"
	"recado/storage/sqlite"
)

// importBatch is how many subscriptions share a transaction, and so an fsync.
const importBatch = 1000

// importer is one run of subscription import. One goroutine reads and checks
// lines while another stores those before.
type importer struct {
	p      Process
	policy push.Policy
	keyID  string
	store  interface {
		ImportSubscriptions(context.Context, time.Time, []storage.Subscribe) ([]storage.Imported, error)
	}
	progress func(lines int)

	imported, updated, refused int
}

// lines is a part of the file: what passed the checks, and what did not.
type lines struct {
	good    []storage.Subscribe
	numbers []int // of the lines in good
	bad     []badLine
	last    int // the last line's number
}

type badLine struct {
	line int
	why  error
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
	// When storing fails, the reader ends at its next part.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var readError error // set before parts is closed
	parts := make(chan lines, 1)
	go func() {
		defer close(parts)
		readError = i.read(ctx, r, parts)
	}()
	for part := range parts {
		if err := i.keep(ctx, part); err != nil {
			return err
		}
	}
	return readError
}

// read checks the lines of r and sends them on, importBatch at a time.
func (i *importer) read(ctx context.Context, r io.Reader, parts chan<- lines) error {
	send := func(part lines) error {
		select {
		case parts <- part:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	var part lines
	var err error
	for n, text := range textLines(r, &err) {
		part.add(n, text, i)
		if len(part.good)+len(part.bad) >= importBatch {
			if err := send(part); err != nil {
				return err
			}
			part = lines{}
		}
	}
	return errors.Join(err, send(part))
}

func (l *lines) add(n int, text []byte, i *importer) {
	l.last = n
	s, err := storage.Subscribe{}, errLongLine
	if text != nil {
		s, err = parseLine(text, i.policy)
	}
	if err != nil {
		l.bad = append(l.bad, badLine{n, err})
		return
	}
	s.KeyID = i.keyID
	l.good, l.numbers = append(l.good, s), append(l.numbers, n)
}

// keep stores the good lines of a part, in one transaction, and reports the bad
// ones.
func (i *importer) keep(ctx context.Context, part lines) error {
	bad := part.bad
	if len(part.good) > 0 {
		results, err := i.store.ImportSubscriptions(ctx, i.p.Now(), part.good)
		if err != nil {
			return err
		}
		for at, result := range results {
			switch {
			case result.Err != nil:
				bad = append(bad, badLine{part.numbers[at], importProblem(result.Err)})
			case result.Updated:
				i.updated++
			default:
				i.imported++
			}
		}
	}
	slices.SortFunc(bad, func(a, b badLine) int { return cmp.Compare(a.line, b.line) })
	i.refused += len(bad)
	if len(bad) > 0 {
		i.progress(-1)
	}
	for _, r := range bad {
		fmt.Fprintf(i.p.Stderr, "line %d: %s\n", r.line, sentence(r.why))
	}
	i.progress(part.last)
	return nil
}

func importProblem(err error) error {
	if errors.Is(err, storage.ErrExists) {
		return errors.New("id belongs to another endpoint")
	}
	return err
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
