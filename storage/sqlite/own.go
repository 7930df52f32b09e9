package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// openOwn opens a file of a data directory to write to; where it is missing it is
// made, 0600. See ownLink.
func openOwn(path string) (*os.File, error) {
	link, err := ownLink(path)
	if err != nil {
		return nil, err
	}
	flags := os.O_RDWR | os.O_CREATE
	if !link {
		flags |= noFollow // nor one that has been put there since
	}
	return os.OpenFile(path, flags, 0o600)
}

// ownLink reports whether path is a symbolic link, and refuses one that is another
// user's: root works on the data of the service's user too, who must not have it
// open, make or give away files elsewhere.
func ownLink(path string) (link bool, err error) {
	st, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case st.Mode()&fs.ModeSymlink == 0:
		return false, nil
	case !owned(st):
		return true, fmt.Errorf("%s is a symbolic link that another user has made: it is not followed", path)
	}
	return true, nil
}
