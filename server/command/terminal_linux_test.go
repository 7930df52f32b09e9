package command

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openTerminal returns both sides of a pseudo-terminal.
func openTerminal(t *testing.T) (control, terminal *os.File) {
	t.Helper()
	control, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("there are no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { control.Close() })
	if err := unix.IoctlSetPointerInt(int(control.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(control.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return control, terminal
}

// serveOnTerminal runs recado serve until it listens, stops it and returns what
// a person would have seen.
func serveOnTerminal(t *testing.T, dir, listen string) string {
	t.Helper()
	control, terminal := openTerminal(t)
	cmd := exec.Command("recado", "serve")
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "RECADO_LISTEN=" + listen}
	cmd.Stdin, cmd.Stdout = terminal, terminal
	err := cmd.Start()
	terminal.Close()
	if err != nil {
		t.Fatal(err)
	}
	hurry := time.AfterFunc(serverTimeout, func() { _ = cmd.Process.Kill() })
	defer hurry.Stop()
	var seen strings.Builder
	for lines := bufio.NewScanner(control); lines.Scan(); { // ends when the terminal's last side is closed
		seen.WriteString(lines.Text() + "\n")
		if strings.HasPrefix(lines.Text(), "listening on ") {
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Error(err)
			}
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("recado serve: %v\n%s", err, &seen)
	}
	return seen.String()
}

func TestATerminalIsShownTheTokenOnce(t *testing.T) {
	dir := t.TempDir()
	first := serveOnTerminal(t, dir, "127.0.0.1:0")
	token := regexp.MustCompile(`(?m)^ {4}(rcd_[0-9A-Za-z]{43})$`).FindStringSubmatch(first)
	if token == nil || !strings.Contains(first, `curl -H "Authorization: Bearer `+token[1]+`" `) {
		t.Errorf("the first run did not show a token with a curl line:\n%s", first)
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "admin-token")); !os.IsNotExist(err) {
		t.Errorf("a token that was shown is in a file too: %v", err)
	}
	if second := serveOnTerminal(t, dir, "127.0.0.1:0"); strings.Contains(second, "rcd_") || !strings.Contains(second, "listening on http://127.0.0.1:") {
		t.Errorf("the second run shows\n%s", second)
	}
}
