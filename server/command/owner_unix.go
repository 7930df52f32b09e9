//go:build unix

package command

import (
	"fmt"
	"os"
	"syscall"
)

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
	if err := os.Chown(file, int(owner.Uid), int(owner.Gid)); err != nil {
		return fmt.Errorf("cannot give the database to the owner of its directory: %w", err)
	}
	return nil
}
