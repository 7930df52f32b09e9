package command

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A request that does not end keeps the server from stopping; a second signal
// does not wait for it.
func TestASecondSignalEndsTheServerAtOnce(t *testing.T) {
	cmd := exec.Command("recado", "serve")
	cmd.Dir = t.TempDir()
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "RECADO_LISTEN=127.0.0.1:0", "RECADO_SHUTDOWN_TIMEOUT=10m"}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	hurry := time.AfterFunc(serverTimeout, func() { _ = cmd.Process.Kill() })
	defer hurry.Stop()
	address := ""
	for lines := bufio.NewScanner(stdout); address == "" && lines.Scan(); {
		address, _ = strings.CutPrefix(lines.Text(), "listening on http://")
		if strings.Contains(address, " ") {
			address = ""
		}
	}
	stuck, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer stuck.Close()
	// The server has the request when it asks for the body.
	fmt.Fprintf(stuck, "POST /api/subscribe HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
	if line, err := bufio.NewReader(stuck).ReadString('\n'); err != nil || !strings.Contains(line, " 100 ") {
		t.Fatalf("the server said %q, %v", line, err)
	}

	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for sent := 0; ; sent++ {
		select {
		case <-ended:
			status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
			if !ok || !status.Signaled() || status.Signal() != syscall.SIGTERM || sent < 2 {
				t.Errorf("after %d signals: %v", sent, cmd.ProcessState)
			}
			return
		case <-again.C:
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Log(err) // it may have ended just now
			}
		}
	}
}
