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
	store, err := sqlite.Open(c.Context, cfg.DataDir)
	if err != nil {
		return fmt.Errorf("cannot open the data in %s: %w", cfg.DataDir, err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if fresh {
		if err := shareOwner(cfg.DataDir, file); err != nil {
			return err
		}
	}
	return fn(c.Context, cfg, store)
}

// parseID reads a public id; thing names what has it.
func parseID(thing, text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil || id == uuid.Nil {
		return uuid.Nil, usagef("%q is no id of a %s: recado %s list shows them", text, thing, thing)
	}
	return id, nil
}
