//go:build system

package command

import (
	"bufio"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const nobodyID = 65534

// plant makes a link of nobody's.
func plant(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Fatal(err)
	}
	if err := os.Lchown(name, nobodyID, nobodyID); err != nil {
		t.Fatal(err)
	}
}

// Whoever has broken into the service may write its data directory, and waits for
// root to work there.
func TestSystemRootFollowsNoLinkOfTheService(t *testing.T) {
	for name, args := range map[string][]string{
		"recado.db":     {"token", "create", "--name", "n", "--scope", "read"},
		"recado.lock":   {"restore", "backup.db"},
		"recado.db-wal": {"token", "create", "--name", "n", "--scope", "read"},
	} {
		for what, target := range map[string]string{"there": "precious", "not there": "cron.d"} {
			t.Run(name+" to what is "+what, func(t *testing.T) {
				data, elsewhere := t.TempDir(), t.TempDir()
				if err := os.Chown(data, nobodyID, nobodyID); err != nil {
					t.Fatal(err)
				}
				precious := filepath.Join(elsewhere, "precious")
				if err := os.WriteFile(precious, []byte("precious"), 0o644); err != nil {
					t.Fatal(err)
				}
				plant(t, filepath.Join(elsewhere, target), filepath.Join(data, name))
				if code, out, _ := run(t, nil, append(args, "--data-dir", data)...); code == 0 && name != "recado.db-wal" { // SQLite deletes that one
					t.Errorf("it went on: %s", out)
				}
				if _, err := os.Lstat(filepath.Join(elsewhere, "cron.d")); err == nil {
					t.Error("a file was made where the link leads")
				}
				st, err := os.Stat(precious)
				if err != nil || st.Mode().Perm() != 0o644 || st.Sys().(*syscall.Stat_t).Uid != 0 || st.Size() != 8 {
					t.Errorf("the file that the link leads to is %v %v now, %v", st.Mode(), st.Sys(), err)
				}
			})
		}
	}
}

// What somebody else has put in a directory for all, under the name that keys are
// exported to.
func TestSystemKeysGoToNobodyElse(t *testing.T) {
	data, shared := t.TempDir(), t.TempDir()
	for _, args := range [][]string{{"token", "create", "--name", "n", "--scope", "read"}, {"keys", "rotate"}} {
		if code, _, stderr := run(t, nil, append(args, "--data-dir", data)...); code != 0 {
			t.Fatal(stderr)
		}
	}
	if err := os.Chmod(shared, 0o777|fs.ModeSticky); err != nil {
		t.Fatal(err)
	}
	export := func(name string) {
		t.Helper()
		code, _, stderr := run(t, nil, "keys", "export", "--data-dir", data, name)
		if code == 0 || !strings.Contains(stderr, "choose another name") {
			t.Errorf("exporting answers %d: %s", code, stderr)
		}
	}
	precious := filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(precious, []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(shared, "link.pem")
	plant(t, precious, link)
	export(link)
	if text, err := os.ReadFile(precious); err != nil || string(text) != "precious" {
		t.Errorf("what the link leads to was replaced by %q, %v", text, err)
	}
	pipe := filepath.Join(shared, "pipe.pem")
	if err := syscall.Mkfifo(pipe, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(pipe, nobodyID, nobodyID); err != nil {
		t.Fatal(err)
	}
	listener, err := os.OpenFile(pipe, os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	export(pipe)
	go listener.Close() // ends the read
	if heard, _ := bufio.NewReader(listener).ReadString('\n'); heard != "" {
		t.Errorf("the pipe heard %q", heard)
	}
	own := filepath.Join(shared, "own.pem")
	if err := os.Symlink(precious, own); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := run(t, nil, "keys", "export", "--data-dir", data, own); code != 0 {
		t.Errorf("a link of one's own: %s", stderr)
	}
}
