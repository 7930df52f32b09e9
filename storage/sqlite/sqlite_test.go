package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"recado/storage"
	"recado/storage/storagetest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("RECADO_TEST_HOLD_LOCK"); dir != "" {
		os.Exit(holdLock(dir))
	}
	goleak.VerifyTestMain(m)
}

func open(t testing.TB) *Store {
	t.Helper()
	return openDir(t, t.TempDir())
}

func openDir(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestConformance(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storagetest.Store { return open(t) })
}

func TestFilesArePrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	s := openDir(t, dir)
	if err := s.AddKey(t.Context(), storage.VAPIDKey{ID: "k", Public: []byte{1}, Private: []byte{2}}); err != nil {
		t.Fatal(err)
	}
	lock, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Unlock()
	mode := func(path string, want os.FileMode) {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", filepath.Base(path), info.Mode().Perm(), want)
		}
	}
	mode(dir, 0o700)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 4 { // the database, its log, its shared memory, the lock
		t.Errorf("there are %d files", len(entries))
	}
	for _, e := range entries {
		mode(filepath.Join(dir, e.Name()), 0o600)
	}
}

// What others may do with the files is taken from them, and with the directory when
// it is recado's alone; what is not recado's is left as it is, and told.
func TestMakePrivate(t *testing.T) {
	files := []string{"recado.db", "recado.db-wal", "recado.db-shm", "recado.lock", "admin-token"}
	for _, foreign := range []bool{false, true} {
		dir := t.TempDir()
		put := func(name string) {
			t.Helper()
			if err := errors.Join(os.WriteFile(filepath.Join(dir, name), nil, 0o600), os.Chmod(filepath.Join(dir, name), 0o664)); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range files {
			put(name)
		}
		others := filepath.Join(t.TempDir(), "others")
		if err := errors.Join(os.Chmod(dir, 0o755), os.WriteFile(others, nil, 0o644), os.Symlink(others, filepath.Join(dir, "recado.link"))); err != nil {
			t.Fatal(err)
		}
		if foreign {
			put("photo.jpg")
		}
		err := MakePrivate(dir)
		if told := err != nil && strings.Contains(err.Error(), dir+" has mode 0755") && strings.Contains(err.Error(), "chmod 0700"); told != foreign || err != nil && !foreign {
			t.Errorf("something of others in it: %v; %v", foreign, err)
		}
		modes := map[string]os.FileMode{dir: 0o700, others: 0o644}
		for _, name := range files {
			modes[filepath.Join(dir, name)] = 0o600
		}
		if foreign {
			modes[dir], modes[filepath.Join(dir, "photo.jpg")] = 0o755, 0o664
		}
		for path, want := range modes {
			info, err := os.Stat(path)
			if err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: %v, %v, want %v", path, info.Mode(), err, want)
			}
		}
	}
}

// TestOddPath: the path becomes part of a URI.
func TestOddPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b?c=d#e%20&f;_pragma=x")
	openDir(t, dir)
	if _, err := os.Stat(filepath.Join(dir, fileName)); err != nil {
		t.Fatal(err)
	}
}

func TestCloseTwiceAndUseAfter(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	if err := s.Resume(t.Context(), time.Now()); err == nil {
		t.Error("a closed store writes")
	}
	if _, err := s.Tokens(t.Context()); err == nil {
		t.Error("a closed store reads")
	}
}

func TestLock(t *testing.T) {
	dir := t.TempDir()
	first, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(dir); !errors.Is(err, ErrLocked) {
		t.Fatalf("locked twice: %v", err)
	}
	openDir(t, dir) // other commands work all the same
	if err := first.Unlock(); err != nil {
		t.Fatal(err)
	}
	again, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Unlock(); err != nil {
		t.Fatal(err)
	}
}

// TestLockEndsWithItsProcess kills the process that has the lock.
func TestLockEndsWithItsProcess(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "RECADO_TEST_HOLD_LOCK="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	if _, err := fmt.Fscanln(out); err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(dir); !errors.Is(err, ErrLocked) {
		t.Fatalf("the other process has the lock, but: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	lock, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	lock.Unlock()
}

func holdLock(dir string) int {
	lock, err := Lock(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer lock.Unlock()
	fmt.Println()
	time.Sleep(time.Minute) // until killed
	return 0
}

// TestOpenAtOnce: several processes find an empty directory. Here each Store is
// one; nothing is shared between them but the files.
func TestOpenAtOnce(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	ids := make([]uuid.UUID, 6)
	for i := range ids {
		wg.Go(func() {
			s, err := Open(t.Context(), dir)
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			err = s.AddKey(t.Context(), storage.VAPIDKey{ID: "k", Public: []byte{1}, Private: []byte{2}})
			if err != nil && !errors.Is(err, storage.ErrExists) {
				t.Error(err)
			}
			for n := range 20 {
				w := storage.Subscribe{Endpoint: fmt.Sprintf("https://push.example/%d", n), P256dh: []byte{1}, Auth: []byte{2}, Service: "push.example"}
				if ids[i], err = s.Subscribe(t.Context(), time.Now(), w); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Error("one endpoint has two ids")
		}
	}
}

// TestSeenAtOnce: a running server sees what another process changes.
func TestSeenAtOnce(t *testing.T) {
	dir := t.TempDir()
	server, cli := openDir(t, dir), openDir(t, dir)
	if _, err := server.NewestKey(t.Context()); !errors.Is(err, storage.ErrNoKey) {
		t.Fatal(err)
	}
	if err := cli.AddKey(t.Context(), storage.VAPIDKey{ID: "k", Public: []byte{1}, Private: []byte{2}}); err != nil {
		t.Fatal(err)
	}
	if k, err := server.NewestKey(t.Context()); err != nil || k.ID != "k" {
		t.Fatal(k.ID, err)
	}
}

func TestUnavailable(t *testing.T) {
	ctx := context.Background()
	t.Run("no database", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, fileName), []byte("this is no database, and it is long enough to tell"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(ctx, dir); !errors.Is(err, storage.ErrUnavailable) {
			t.Fatal(err)
		}
	})
	t.Run("locked by another", func(t *testing.T) {
		dir := t.TempDir()
		s := openDir(t, dir)
		db := raw(t, dir)
		if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
			t.Fatal(err)
		}
		short := raw(t, dir)
		if _, err := short.Exec("PRAGMA busy_timeout = 10"); err != nil {
			t.Fatal(err)
		}
		_, err := short.Exec("UPDATE counter SET value = 0")
		if !errors.Is(classify(err), storage.ErrUnavailable) {
			t.Fatal(err)
		}
		// A patient one goes on as soon as it can.
		done := make(chan error)
		go func() { done <- s.Resume(ctx, time.Now()) }()
		if _, err := db.Exec("COMMIT"); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	})
	t.Run("disk full", func(t *testing.T) {
		dir := t.TempDir()
		s := openDir(t, dir)
		populate(t, s, 10)
		var pages int
		if err := raw(t, dir).QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
			t.Fatal(err)
		}
		full, err := openWith(ctx, dir, append([]string{fmt.Sprintf("max_page_count(%d)", pages+10)}, writerPragmas...))
		if err != nil {
			t.Fatal(err)
		}
		defer full.Close()
		var writes, failed int
		full.OnWrite(func(took time.Duration, err error) {
			if writes++; took <= 0 {
				t.Error("a write took no time")
			}
			if err != nil {
				failed++
			}
		})
		list := batch(1000, 500, false)
		if _, err := full.ImportSubscriptions(ctx, benchTime, list); !errors.Is(err, storage.ErrUnavailable) {
			t.Fatal(err)
		}
		if n, err := full.CountSubscriptions(ctx); err != nil || n != 10 {
			t.Fatal(n, err)
		}
		if writes != 1 || failed != 1 {
			t.Errorf("told of %d writes, %d that failed", writes, failed)
		}
		// What fits goes on, on the same connection, and so does everything when
		// there is room.
		if _, err := full.ImportSubscriptions(ctx, benchTime, list[:1]); err != nil {
			t.Fatal(err)
		}
		// That somebody asks for what is not there is no failure of the engine's.
		if err := full.RemoveSubscription(ctx, benchTime, uuid.New()); !errors.Is(err, storage.ErrNotFound) {
			t.Fatal(err)
		}
		if writes != 3 || failed != 1 {
			t.Errorf("told of %d writes, %d that failed", writes, failed)
		}
		if _, err := s.ImportSubscriptions(ctx, benchTime, list); err != nil {
			t.Fatal(err)
		}
	})
}

// raw opens the file beside a Store.
func raw(t testing.TB, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", dsn(filepath.Join(dir, fileName), writerPragmas))
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	s := openDir(t, dir)
	populate(t, s, 100)
	publish(t, s, storage.Target{})
	check(t, raw(t, dir))
}

// check is what SQLite itself says of the file.
func check(t testing.TB, db *sql.DB) {
	t.Helper()
	var verdict string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Fatal(verdict, err)
	}
	var broken int
	if err := db.QueryRow("SELECT count(*) FROM pragma_foreign_key_check").Scan(&broken); err != nil || broken > 0 {
		t.Fatalf("%d broken references, %v", broken, err)
	}
}
