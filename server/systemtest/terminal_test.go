//go:build system

package systemtest

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A person is asked for the address, and shown the token.
func TestSystemInstallOnATerminal(t *testing.T) {
	t.Parallel()
	r := newRoot(t)
	manage(r)
	control, terminal := openTerminal(t)
	cmd := r.command("/bin/sh", "/src/install.sh")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
	must(t, cmd.Start())
	terminal.Close()
	fmt.Fprintln(control, "https://push.example.org")
	seen, _ := io.ReadAll(control) // ends with an error when the terminal's last side is closed
	must(t, cmd.Wait())
	said := strings.ReplaceAll(string(seen), "\r", "")
	wants(t, said, "At which address will they reach recado?", "    push.example.org {\n", "Sign in at https://push.example.org/admin with this token")
	token := regexp.MustCompile(`(?m)^ {4}(rcd_[0-9A-Za-z]{43})$`).FindStringSubmatch(said)
	if token == nil || token[1] != strings.TrimSpace(r.read(dataDir+"/admin-token")) {
		t.Errorf("the token is not shown:\n%s", said)
	}
}

// openTerminal returns both sides of a pseudo-terminal.
func openTerminal(t *testing.T) (control, terminal *os.File) {
	t.Helper()
	control, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	t.Cleanup(func() { control.Close() })
	must(t, unix.IoctlSetPointerInt(int(control.Fd()), unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(int(control.Fd()), unix.TIOCGPTN)
	must(t, err)
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	return control, terminal
}
