// Package sqlite is recado's storage in one SQLite file, DATA_DIR/recado.db.
//
// Several processes may open the same data directory and write at the same time;
// each waits for the other and sees its changes at once. Only one of them may
// send, which Lock sees to. What a method has returned is safe from a power cut
// (write-ahead log, synchronous=FULL), with the exceptions that its comment
// names. The directory is made 0700 and the files 0600.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	sqlite "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"recado/storage"
	"recado/storage/internal/sqlstore"
)

// Store is a database; see package storage for what its methods promise.
type Store = sqlstore.Store

const (
	fileName = "recado.db"
	readers  = 4
)

// Open opens the database in a data directory; it makes both where they are
// missing, and brings an older database up to date. A database of a newer
// recado is refused.
func Open(ctx context.Context, dir string) (*Store, error) {
	return openWith(ctx, dir, writerPragmas)
}

func openWith(ctx context.Context, dir string, writerPragmas []string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the data directory: %w", err)
	}
	path, err := filepath.Abs(filepath.Join(dir, fileName))
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := private(path); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	writer, err := sql.Open("sqlite", dsn(path, writerPragmas))
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	writer.SetMaxOpenConns(1)
	if err := migrate(ctx, dir, writer); err != nil {
		return nil, errors.Join(unavailable("open the database", err), writer.Close())
	}
	reader, err := sql.Open("sqlite", dsn(path, readerPragmas))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: %w", err), writer.Close())
	}
	reader.SetMaxOpenConns(readers)
	reader.SetMaxIdleConns(readers)
	return sqlstore.New(ctx, sqlstore.Engine{
		Writer:   writer,
		Reader:   reader,
		Begin:    "BEGIN IMMEDIATE",
		Relax:    "PRAGMA synchronous=NORMAL",
		Strict:   "PRAGMA synchronous=FULL",
		Close:    "PRAGMA wal_checkpoint(TRUNCATE)",
		Size:     "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
		Classify: classify,
	})
}

// private makes sure that the file exists and is its owner's alone: SQLite gives
// the log and the shared memory beside it the same mode.
func private(path string) error {
	f, err := openOwn(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return f.Chmod(0o600)
	}
	return nil
}

var (
	// busy_timeout comes first: the others may have to wait for another process.
	commonPragmas = []string{"busy_timeout(10000)", "foreign_keys(1)", "temp_store(memory)", "mmap_size(0)"}
	// The log is written back every 16 MiB, so that pages that are written again
	// and again are written back once.
	writerPragmas = []string{"journal_mode(wal)", "synchronous(full)", "cache_size(-16384)", "wal_autocheckpoint(4096)"}
	readerPragmas = []string{"query_only(1)", "cache_size(-4096)"}
)

func dsn(path string, pragmas []string) string {
	q := url.Values{
		"_pragma": append(append([]string{}, commonPragmas...), pragmas...),
		// "x" is a name, never a string; errors say only what they know.
		"_dqs":      {"0"},
		"_error_rc": {"1"},
		"_txlock":   {"immediate"},
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: q.Encode()}
	return u.String()
}

// classify tells what kind of failure an error of SQLite is, by its code.
func classify(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return nil
	}
	switch e.Code() {
	case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY, lib.SQLITE_CONSTRAINT_ROWID:
		return storage.ErrExists
	}
	switch e.Code() & 0xff {
	case lib.SQLITE_FULL, lib.SQLITE_IOERR, lib.SQLITE_READONLY, lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB,
		lib.SQLITE_CANTOPEN, lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_PROTOCOL, lib.SQLITE_NOMEM, lib.SQLITE_PERM:
		return storage.ErrUnavailable
	}
	return nil
}

func unavailable(do string, err error) error {
	if kind := classify(err); kind != nil {
		return fmt.Errorf("%s: %w: %w", do, kind, err)
	}
	return fmt.Errorf("%s: %w", do, err)
}
