package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// MakePrivate takes from other users of the machine what they may do with the files
// of a data directory, which an earlier umask, a copy or a restore may have left
// them, and with the directory, if nothing but recado's files lies in it. The error
// says, for each that could not be changed, what others can get at.
func MakePrivate(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	shared := false
	var open []error
	for _, entry := range entries {
		if !ours(entry.Name()) {
			shared = true
			continue
		}
		if entry.Type().IsRegular() { // a link leads to what is for somebody else to say
			open = append(open, makePrivate(filepath.Join(dir, entry.Name()), 0o600))
		}
	}
	if info, err := os.Stat(dir); shared && err == nil && info.Mode().Perm()&0o077 != 0 {
		open = append(open, exposed(dir, info.Mode(), 0o700))
	} else if !shared {
		open = append(open, makePrivate(dir, 0o700))
	}
	return errors.Join(open...)
}

// ours reports whether recado has made a file of that name.
func ours(name string) bool {
	return strings.HasPrefix(name, "recado.") || strings.HasPrefix(name, "admin-token")
}

// makePrivate changes what has been opened, which nobody can put something else in
// the place of, and which must be this user's: root leaves to others what is theirs.
func makePrivate(path string, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_RDONLY|noFollow, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it has gone meanwhile
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	if !owned(info) || f.Chmod(mode) != nil {
		return exposed(path, info.Mode(), mode)
	}
	return nil
}

func exposed(path string, has, want fs.FileMode) error {
	return fmt.Errorf("%s has mode %04o, so other users of this machine can get at keys and subscriptions: chmod %04o %s", path, has.Perm(), want, path)
}
