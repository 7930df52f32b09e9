//go:build system

package command

import (
	"os"
	"syscall"
	"testing"
)

// What root prepares must open for the service's user.
func TestSystemRootLeavesTheDataToItsOwner(t *testing.T) {
	dir := t.TempDir()
	const nobody = 65534
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := run(t, nil, "token", "create", "--name", "n", "--scope", "read", "--data-dir", dir)
	if code != 0 {
		t.Fatal(stderr)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) == 0 {
		t.Fatalf("%v, %v", entries, err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if owner, ok := info.Sys().(*syscall.Stat_t); !ok || owner.Uid != nobody {
			t.Errorf("%s belongs to %+v", e.Name(), info.Sys())
		}
	}
}
