package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	sqlite "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// Contents is what a copy of a database holds.
type Contents struct {
	Version       int64 // of the schema
	Subscriptions int   // living ones
	Keys          int
	Notifications int
	Bytes         int64
}

// ErrDamaged: a file is no database, or one whose content contradicts itself.
var ErrDamaged = errors.New("the database is damaged")

// Damaged reports whether an error of this package says that the file itself is
// broken, so that only a backup helps.
func Damaged(err error) bool {
	var e *sqlite.Error
	if errors.As(err, &e) {
		switch e.Code() & 0xff {
		case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
			return true
		}
	}
	return errors.Is(err, ErrDamaged)
}

// Backup writes a copy of the database in dir to file, as it is at one moment,
// while servers and commands go on writing: what they commit meanwhile is not in
// it. The copy has everything, the keys included, is 0600, and has been checked
// when Backup returns; until then nothing is at file that was not there before.
func Backup(ctx context.Context, dir, file string) (Contents, error) {
	source, err := openCopy(filepath.Join(dir, fileName), "rw")
	if err != nil {
		return Contents{}, err
	}
	defer source.Close()
	// VACUUM INTO wants no file, or an empty one: so it has our mode, not the umask's.
	temporary, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*")
	if err != nil {
		return Contents{}, fmt.Errorf("write the backup: %w", err)
	}
	defer os.Remove(temporary.Name())
	if err := temporary.Close(); err != nil {
		return Contents{}, fmt.Errorf("write the backup: %w", err)
	}
	if _, err := source.ExecContext(ctx, `VACUUM INTO ?`, temporary.Name()); err != nil {
		return Contents{}, unavailable("write the backup", err)
	}
	contents, err := Inspect(ctx, temporary.Name())
	if err != nil {
		return Contents{}, fmt.Errorf("check the backup: %w", err)
	}
	return contents, putInPlace(temporary.Name(), file)
}

// putInPlace makes a finished file durable and gives it its name.
func putInPlace(temporary, file string) error {
	f, err := os.OpenFile(temporary, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(temporary, file); err != nil {
		return err
	}
	return syncDir(filepath.Dir(file))
}

// syncDir makes names durable. Not every file system can, and then the name is as
// durable as it gets.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	d.Sync()
	return d.Close()
}

// openCopy opens one connection to a file that must be there.
func openCopy(file, mode string) (*sql.DB, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	if _, err := ownLink(path); err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: url.Values{
		"mode": {mode}, "_pragma": {"busy_timeout(10000)", "temp_store(memory)"}, "_error_rc": {"1"},
	}.Encode()}
	db, err := sql.Open("sqlite", u.String())
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// Inspect checks a copy of a database, every page of it, and tells what is in it.
// The error is fs.ErrNotExist, ErrDamaged with what is wrong, or that the copy was
// made by a newer recado. A file with a log beside it is a database in use, not a
// copy, and is refused.
func Inspect(ctx context.Context, file string) (Contents, error) {
	if st, err := os.Stat(file + "-wal"); err == nil && st.Size() > 0 {
		return Contents{}, fmt.Errorf("%s is a database in use, part of which is in the file beside it: make a copy with recado backup", file)
	}
	db, err := openCopy(file, "ro")
	if err != nil {
		return Contents{}, err
	}
	defer db.Close()
	c, err := inspect(ctx, db)
	if err != nil && Damaged(err) && !errors.Is(err, ErrDamaged) {
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return c, err
}

func inspect(ctx context.Context, db *sql.DB) (c Contents, err error) {
	if err := intact(ctx, db); err != nil {
		return c, err
	}
	for query, into := range map[string]any{
		`SELECT COALESCE(max(version_id), 0) FROM goose_db_version WHERE is_applied = 1`: &c.Version,
		`SELECT count(*) FROM subscription WHERE removed_at IS NULL`:                     &c.Subscriptions,
		`SELECT count(*) FROM vapid_key`:                                                 &c.Keys,
		`SELECT count(*) FROM notification`:                                              &c.Notifications,
		`SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`:     &c.Bytes,
	} {
		if err := db.QueryRowContext(ctx, query).Scan(into); err != nil {
			return c, fmt.Errorf("it is no database of recado: %w", err)
		}
	}
	provider, err := newProvider(db)
	if err != nil {
		return c, err
	}
	sources := provider.ListSources()
	if len(sources) > 0 && c.Version > sources[len(sources)-1].Version {
		return c, errNewer
	}
	return c, nil
}

// intact runs SQLite's own check of every page and index.
func intact(ctx context.Context, db *sql.DB) error {
	var verdict string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", ErrDamaged, verdict)
	}
	return nil
}

// Check runs the check of Inspect on the database in dir, also while it is in use.
func Check(ctx context.Context, dir string) error {
	db, err := openCopy(filepath.Join(dir, fileName), "rw")
	if err != nil {
		return err
	}
	defer db.Close()
	return intact(ctx, db)
}

// Exists reports whether there is a database in dir.
func Exists(dir string) (bool, error) {
	_, err := os.Stat(filepath.Join(dir, fileName))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Restore puts a copy of file in place of the database in dir. The caller has the
// directory's Lock. What was there before is kept beside it under the name that is
// returned, "" when there was nothing. The copy is checked and complete before
// anything is moved.
func Restore(ctx context.Context, file, dir string, now time.Time) (kept string, c Contents, err error) {
	if c, err = Inspect(ctx, file); err != nil {
		return "", c, err
	}
	target := filepath.Join(dir, fileName)
	copied, err := copyBeside(file, target)
	if err != nil {
		return "", c, fmt.Errorf("copy the backup: %w", err)
	}
	defer os.Remove(copied)
	if _, err := os.Stat(target); err == nil {
		kept = target + ".before-" + now.UTC().Format("20060102T150405Z")
		// The log belongs to its database: beside another one it would damage it.
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := os.Rename(target+suffix, kept+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return "", c, fmt.Errorf("set the old database aside: %w", err)
			}
		}
	}
	return kept, c, putInPlace(copied, target)
}

func copyBeside(file, target string) (string, error) {
	in, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*") // 0600
	if err != nil {
		return "", err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Close()); err != nil {
		return "", errors.Join(err, os.Remove(out.Name()))
	}
	return out.Name(), nil
}
