package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"
	"github.com/urfave/cli/v2"

	"recado/server/config"
	"recado/server/space"
	"recado/storage"
	"recado/storage/sqlite"
)

// missing says what a command does about a data directory without data.
type missing bool

const (
	// refuse: a list of nothing would hide that the directory is the wrong one.
	refuse missing = false
	// create: what the command does may be the first thing done to a server.
	create missing = true
)

// withStore runs fn on the data that the configuration names.
func withStore(c *cli.Context, p Process, absent missing, fn func(context.Context, config.Config, *sqlite.Store) error) (err error) {
	cfg, err := load(c, p)
	if err != nil {
		return err
	}
	file := filepath.Join(cfg.DataDir, "recado.db")
	_, err = os.Stat(file)
	fresh := errors.Is(err, fs.ErrNotExist)
	if fresh && absent == refuse {
		return fmt.Errorf("there is no recado data in %s: name the directory with --data-dir, or the configuration with --config", cfg.DataDir)
	}
	store, err := openData(c.Context, cfg.DataDir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if fresh {
		if err := shareOwner(cfg.DataDir, file); err != nil {
			return err
		}
	}
	return fn(c.Context, cfg, store)
}

// scant is less room than opening a database takes.
const scant = 1 << 20

// openData opens the data of a directory, or says what to do.
func openData(ctx context.Context, dir string) (*sqlite.Store, error) {
	store, err := sqlite.Open(ctx, dir)
	if err == nil {
		return store, nil
	}
	if sqlite.Damaged(err) {
		return nil, fmt.Errorf("the database in %s is damaged: bring a backup back with recado restore FILE --force, which keeps the damaged one beside it: %w", dir, err)
	}
	if free, unknown := space.Available(dir); unknown == nil && free < scant && errors.Is(err, storage.ErrUnavailable) {
		return nil, fmt.Errorf("no room is left where the data lies, in %s: make some and try again, nothing is lost: %w", dir, err)
	}
	return nil, fmt.Errorf("cannot open the data in %s: %w", dir, err)
}

// parseID reads a public id; thing names what has it.
func parseID(thing, text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil || id == uuid.Nil {
		return uuid.Nil, usagef("%q is no id of a %s: recado %s list shows them", text, thing, thing)
	}
	return id, nil
}

// lockData takes the data directory for this process alone; held is what to say when
// another one has it.
func lockData(dir, held string) (*sqlite.DirLock, error) {
	lock, err := sqlite.Lock(dir)
	if errors.Is(err, sqlite.ErrLocked) {
		return nil, errors.New(held)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot lock the data directory %s: %w", dir, err)
	}
	return lock, nil
}
