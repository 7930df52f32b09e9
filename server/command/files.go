package command

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// writePrivate writes a file that only its owner may read, whole or not at all;
// "-" is the standard output. What is no regular file, such as a pipe, is
// written to as it is.
//
// A link or a pipe of another user's is refused: in a directory that all may write
// to, it could have been waiting there for the keys.
func writePrivate(name string, stdout io.Writer, write func(io.Writer) error) error {
	if name == "-" {
		return write(stdout)
	}
	if st, err := os.Lstat(name); err == nil && !st.Mode().IsRegular() && !owned(st) {
		return fmt.Errorf("%s is a link or a pipe that another user has made: choose another name", name)
	}
	target, err := filepath.EvalSymlinks(name)
	if errors.Is(err, fs.ErrNotExist) {
		target, err = name, nil
	}
	if err != nil {
		return err
	}
	if st, err := os.Stat(target); err == nil && !st.Mode().IsRegular() {
		return writeTo(target, write)
	}
	return replaceFile(target, write)
}

func writeTo(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// replaceFile puts a finished file of mode 0600 where name is.
func replaceFile(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*") // 0600
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", name, err)
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", name, errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

// openInput opens a file to read; "-" is the standard input.
func openInput(name string, stdin io.Reader) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(stdin), nil
	}
	return os.Open(name)
}
