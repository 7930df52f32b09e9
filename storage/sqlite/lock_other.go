//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package sqlite

import (
	"errors"
	"os"
)

// Without the lock two servers could send everything twice, so there is none.
func flock(*os.File, bool) error { return errors.ErrUnsupported }
