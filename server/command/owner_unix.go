//go:build unix

package command

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// owned reports whether a file is this user's, or root's.
func owned(st fs.FileInfo) bool {
	owner, ok := st.Sys().(*syscall.Stat_t)
	return ok && (owner.Uid == 0 || int(owner.Uid) == os.Geteuid())
}

// shareOwner gives a file that root made in a directory to the directory's owner:
// what root prepares, the service's user must be able to open.
func shareOwner(dir, file string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	st, err := os.Stat(dir)
	if err != nil {
		return err
	}
	owner, ok := st.Sys().(*syscall.Stat_t)
	if !ok || owner.Uid == 0 {
		return nil
	}
	// Not what a link leads to, which the owner could have put there meanwhile.
	if err := os.Lchown(file, int(owner.Uid), int(owner.Gid)); err != nil {
		return fmt.Errorf("cannot give the database to the owner of its directory: %w", err)
	}
	return nil
}
