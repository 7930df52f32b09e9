//go:build !unix

// Package space tells how much room there is where a directory is.
package space

import "errors"

// Available does not know here.
func Available(string) (uint64, error) { return 0, errors.ErrUnsupported }
