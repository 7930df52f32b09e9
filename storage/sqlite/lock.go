package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

const lockName = "recado.lock"

// ErrLocked: another process has the lock.
var ErrLocked = errors.New("another recado is running on this data directory: stop it first")

// DirLock is the exclusive right to serve from, or to replace, a data directory.
// The system takes it back when the process ends, however it ends.
type DirLock struct{ file *os.File }

// Lock takes the lock of a data directory, which it makes where it is missing;
// ErrLocked when another process has it. It does not wait.
func Lock(dir string) (*DirLock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the data directory: %w", err)
	}
	f, err := openOwn(filepath.Join(dir, lockName))
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	if err := flock(f, false); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the data directory: %w", err), f.Close())
	}
	return &DirLock{f}, nil
}

// Locked reports whether a process has the lock, without making anything.
func Locked(dir string) (bool, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at the lock of the data directory: %w", err)
	}
	defer f.Close() // and with it the lock, if it was free
	err = flock(f, false)
	if errors.Is(err, ErrLocked) {
		return true, nil
	}
	return false, err
}

// lockPath waits for a lock on what is there already.
func lockPath(path string) (*DirLock, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := flock(f, true); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &DirLock{f}, nil
}

// Unlock gives the lock back. The lock file stays: to delete it would let two
// processes lock two files of one name.
func (l *DirLock) Unlock() error { return l.file.Close() }
