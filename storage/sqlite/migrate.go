package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date, while no other process does.
func migrate(ctx context.Context, dir string, db *sql.DB) error {
	// The directory itself is what is locked: it needs no file of its own, and
	// recado.lock may be held by a running server.
	lock, err := lockPath(dir)
	if err == nil {
		defer lock.Unlock()
	} else if !errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("wait for another process to migrate the database: %w", err)
	}
	provider, err := newProvider(db)
	if err != nil {
		return err
	}
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the database's version: %w", err)
	}
	if current > target {
		return errNewer
	}
	if current == target {
		return nil
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

func newProvider(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, files,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
}

// errNewer is clearer than what a missing column would say.
var errNewer = errors.New("the database was made by a newer recado: use that version, or restore a backup of this one")
