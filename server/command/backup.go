package command

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"recado/storage/sqlite"
)

func backupCommand(p Process) *cli.Command {
	return &cli.Command{
		Name: "backup", Usage: "write a consistent, checked copy of everything, keys included, to FILE; also while the server runs", ArgsUsage: "FILE",
		Flags: []cli.Flag{dataDirFlag()}, Action: func(c *cli.Context) error { return backup(c, p) },
	}
}

func backup(c *cli.Context, p Process) error {
	file, err := argument(c, "a FILE to write")
	if err != nil {
		return err
	}
	cfg, err := load(c, p)
	if err != nil {
		return err
	}
	contents, err := sqlite.Backup(c.Context, cfg.DataDir, file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("cannot back up: %w; name the data directory with --data-dir, or the configuration with --config", err)
	case sqlite.Damaged(err):
		return fmt.Errorf("cannot back up the data in %s: %w; bring an earlier backup back with recado restore FILE --force", cfg.DataDir, err)
	case err != nil:
		return fmt.Errorf("cannot back up the data in %s: %w", cfg.DataDir, err)
	}
	fmt.Fprintf(p.Stdout, "backed up to %s: %s\n", file, inWords(contents))
	return nil
}

func inWords(c sqlite.Contents) string {
	return fmt.Sprintf("%d subscriptions, %d keys, %d notifications, %.1f MB", c.Subscriptions, c.Keys, c.Notifications, float64(c.Bytes)/1e6)
}

func restoreCommand(p Process) *cli.Command {
	return &cli.Command{
		Name: "restore", Usage: "put a backup in place of the data, while no server runs", ArgsUsage: "FILE",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "force", Usage: "replace the data that is there; it is kept beside the new"},
			dataDirFlag(),
		},
		Action: func(c *cli.Context) error { return restore(c, p) },
	}
}

func restore(c *cli.Context, p Process) (err error) {
	file, err := argument(c, "a FILE that recado backup wrote")
	if err != nil {
		return err
	}
	cfg, err := load(c, p)
	if err != nil {
		return err
	}
	lock, err := lockData(cfg.DataDir, "a server runs on "+cfg.DataDir+": stop it first")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	there, err := sqlite.Exists(cfg.DataDir)
	if err != nil {
		return err
	}
	if there && !c.Bool("force") {
		return fmt.Errorf("there is data in %s already: --force replaces it, and keeps it beside the new", cfg.DataDir)
	}
	kept, contents, err := sqlite.Restore(c.Context, file, cfg.DataDir, p.Now())
	if err != nil {
		return fmt.Errorf("cannot restore %s: %w", file, err)
	}
	if err := shareOwner(cfg.DataDir, filepath.Join(cfg.DataDir, "recado.db")); err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "restored %s: %s\n", file, inWords(contents))
	if kept != "" {
		fmt.Fprintf(p.Stdout, "what was there before is kept as %s; delete it when all is well\n", kept)
	}
	return nil
}
