//go:build unix

// Package space tells how much room there is where a directory is.
package space

import "golang.org/x/sys/unix"

// Available is how many octets an ordinary user can still write below dir.
func Available(dir string) (uint64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, err
	}
	return uint64(st.Bavail) * uint64(st.Bsize), nil
}
