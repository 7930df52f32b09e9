//go:build unix

package server

import "syscall"

// connectionLimit is how many connections this process can afford: half of the
// files that it may open, for the others are push services and the database. Go
// itself raises the soft limit to the hard one at the start.
func connectionLimit() int {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return mostConnections
	}
	return int(min(uint64(files.Cur)/2, mostConnections))
}
