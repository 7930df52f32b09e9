//go:build !unix

package server

// connectionLimit is how many connections this process can afford.
func connectionLimit() int { return mostConnections }
