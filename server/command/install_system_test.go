//go:build system

package command

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// install runs install.sh with everything below dest.
func install(t *testing.T, dest string, args ...string) string {
	t.Helper()
	script, err := filepath.Abs("../../install.sh")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", append([]string{script}, args...)...)
	cmd.Env = append(os.Environ(), "DESTDIR="+dest)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("install.sh %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func TestSystemInstall(t *testing.T) {
	dest := t.TempDir()
	binary := filepath.Join(t.TempDir(), "recado")
	if err := os.WriteFile(binary, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}

	install(t, dest, "--binary", binary, "--dry-run")
	if entries, err := os.ReadDir(dest); err != nil || len(entries) != 0 {
		t.Errorf("--dry-run left %v, %v", entries, err)
	}

	install(t, dest, "--binary", binary)
	for name, mode := range map[string]os.FileMode{
		"usr/local/bin/recado":              0o755,
		"etc/recado/config.toml":            0o640,
		"etc/systemd/system/recado.service": 0o644,
		"var/lib/recado":                    0o700 | os.ModeDir,
	} {
		st, err := os.Stat(filepath.Join(dest, name))
		if err != nil || st.Mode() != mode {
			t.Errorf("%s: %v, %v; want mode %v", name, st, err, mode)
		}
	}

	configFile := filepath.Join(dest, "etc/recado/config.toml")
	data, err := os.ReadFile(configFile)
	if err != nil || !strings.Contains(string(data), "\ndata_dir = \"/var/lib/recado\"\n") {
		t.Errorf("the installed configuration does not name the data directory: %v", err)
	}
	if err := os.WriteFile(configFile, []byte("listen = \":80\"\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	install(t, dest, "--binary", binary)
	if data, err := os.ReadFile(configFile); err != nil || string(data) != "listen = \":80\"\n" {
		t.Errorf("a second run changed the configuration: %q, %v", data, err)
	}

	install(t, dest, "--uninstall")
	if _, err := os.Stat(configFile); err != nil {
		t.Errorf("--uninstall took the configuration: %v", err)
	}
	install(t, dest, "--uninstall", "--purge")
	for _, name := range []string{"usr/local/bin/recado", "etc/recado", "var/lib/recado", "etc/systemd/system/recado.service"} {
		if _, err := os.Stat(filepath.Join(dest, name)); !os.IsNotExist(err) {
			t.Errorf("--purge left %s: %v", name, err)
		}
	}
}

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
