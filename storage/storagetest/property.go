package storagetest

import "testing"

func testProperty(t *testing.T, open func(t *testing.T) Store) {}
