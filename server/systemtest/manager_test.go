//go:build system

package systemtest

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// startLimit is how long a service may take to say that it is ready.
const startLimit = 20 * time.Second

// systemctl asks the manager and ends with its answer.
const systemctl = `#!/bin/sh
echo "$*" >/run/systemctl.ask
read -r code </run/systemctl.answer
exit "$code"
`

// manager plays systemd in a root: it runs what the units say.
type manager struct {
	root   *root
	notify *net.UnixConn
	ready  chan string // the status with which the service became ready

	mu     sync.Mutex
	calls  []string  // what systemctl was asked, in order
	url    string    // where the running service listens
	log    *os.File  // what the services print
	main   *exec.Cmd // recado.service's; nil while it does not run
	exited chan struct{}
}

// manage lets a manager run in the root until the test ends.
func manage(r *root) *manager {
	r.t.Helper()
	m := &manager{root: r, ready: make(chan string, 1)}
	r.write("/usr/bin/systemctl", systemctl, 0o755)
	must(r.t, os.MkdirAll(r.path("/run/systemd/system"), 0o755))
	var pipes [2]*os.File
	for i, name := range []string{"/run/systemctl.ask", "/run/systemctl.answer"} {
		must(r.t, syscall.Mkfifo(r.path(name), 0o600))
		var err error
		// For both, so that it never ends while nobody else has it open.
		pipes[i], err = os.OpenFile(r.path(name), os.O_RDWR, 0)
		must(r.t, err)
		r.t.Cleanup(func() { pipes[i].Close() })
	}
	var err error
	m.notify, err = net.ListenUnixgram("unixgram", &net.UnixAddr{Name: r.path("/run/notify"), Net: "unixgram"})
	must(r.t, err)
	must(r.t, os.Chmod(r.path("/run/notify"), 0o666))
	m.log, err = os.Create(r.path("/run/log"))
	must(r.t, err)
	r.t.Cleanup(func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.stop()
		m.notify.Close()
		m.log.Close()
	})
	go m.hear()
	go func() {
		for asked := bufio.NewScanner(pipes[0]); asked.Scan(); {
			fmt.Fprintln(pipes[1], m.do(asked.Text()))
		}
	}()
	return m
}

// hear waits for READY=1 and keeps the address that the status tells.
func (m *manager) hear() {
	b := make([]byte, 4096)
	for {
		n, _, err := m.notify.ReadFromUnix(b)
		if err != nil {
			return
		}
		if status, ok := strings.CutPrefix(string(b[:n]), "READY=1\nSTATUS="); ok {
			m.ready <- status
		}
	}
}

// do does what systemctl was asked for and returns its exit code.
func (m *manager) do(asked string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, asked)
	switch asked {
	case "stop recado.service", "disable --now recado-backup.timer recado.service":
		m.stop()
	case "start recado.service", "restart recado.service":
		m.stop()
		if err := m.start(); err != nil {
			fmt.Fprintln(m.log, "manager:", err)
			return 1
		}
	case "start recado-backup.service":
		cmd := m.service("recado-backup.service")
		cmd.Stdout, cmd.Stderr = m.log, m.log
		if cmd.Run() != nil {
			return 1
		}
	}
	return 0
}

// service is the command of a unit, as its user.
func (m *manager) service(unit string) *exec.Cmd {
	directive := func(name string) string {
		for line := range strings.Lines(m.root.read("/etc/systemd/system/" + unit)) {
			if value, ok := strings.CutPrefix(strings.TrimSpace(line), name+"="); ok {
				return value
			}
		}
		return ""
	}
	line := strings.NewReplacer("$$", "$", "%%", "%").Replace(directive("ExecStart")) // systemd.service(5)
	// A shell splits such a line as systemd does.
	cmd := m.root.command("/bin/sh", "-c", "umask "+directive("UMask")+"; exec "+line)
	uid, gid, _ := m.root.user(directive("User")) // 0 for none
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uid, Gid: gid}
	return cmd
}

// start returns when the service has said that it is ready (Type=notify).
func (m *manager) start() error {
	m.main = m.service("recado.service")
	// As a drop-in would: the usual port may be taken on this machine.
	m.main.Env = append(m.main.Env, "NOTIFY_SOCKET=/run/notify", "RECADO_LISTEN=127.0.0.1:0")
	m.main.Stdout, m.main.Stderr = m.log, m.log
	if err := m.main.Start(); err != nil {
		m.main = nil
		return err
	}
	exited, cmd := make(chan struct{}), m.main
	m.exited = exited
	go func() { _ = cmd.Wait(); close(exited) }()
	select {
	case status := <-m.ready:
		m.url = strings.TrimPrefix(status, "listening on ")
		return nil
	case <-exited:
		m.main = nil
		return errors.New("the service ended before it was ready")
	case <-time.After(startLimit):
		m.stop()
		return errors.New("the service did not become ready")
	}
}

func (m *manager) stop() {
	if m.main == nil {
		return
	}
	_ = m.main.Process.Signal(syscall.SIGTERM)
	select {
	case <-m.exited:
	case <-time.After(startLimit):
		_ = m.main.Process.Kill()
		<-m.exited
	}
	m.main = nil
}

// serves is where the service listens; empty while none runs.
func (m *manager) serves() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.main == nil {
		return ""
	}
	return m.url
}

// said is what the services have printed.
func (m *manager) said() string { return m.root.read("/run/log") }

// asked is what systemctl was asked for.
func (m *manager) asked() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return strings.Join(m.calls, "\n")
}
