package systemd

import (
	"context"
	"net"
	"path/filepath"
	"testing"
	"time"
)

// manager listens as systemd does.
func manager(t *testing.T) (socket string, next func() string) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return socket, func() string {
		buffer := make([]byte, 4096)
		if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, err := conn.Read(buffer)
		if err != nil {
			t.Fatal(err)
		}
		return string(buffer[:n])
	}
}

func env(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func TestTheServiceManagerHears(t *testing.T) {
	socket, next := manager(t)
	n := New(env(map[string]string{"NOTIFY_SOCKET": socket, "WATCHDOG_USEC": "20000"}))
	for _, step := range []struct {
		do   func() error
		want string
	}{
		{func() error { return n.Ready("listening on\nhttp://127.0.0.1") }, "READY=1\nSTATUS=listening on http://127.0.0.1"},
		{func() error { return n.Status("all is well") }, "STATUS=all is well"},
		{n.Stopping, "STOPPING=1\nSTATUS=shutting down"},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if got := next(); got != step.want {
			t.Errorf("heard %q, want %q", got, step.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- n.Watch(ctx, func(context.Context) string { return "ok" }) }()
	for range 2 {
		if got := next(); got != "WATCHDOG=1\nSTATUS=ok" {
			t.Errorf("heard %q", got)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestNobodyIsTold(t *testing.T) {
	for name, values := range map[string]map[string]string{
		"no manager":       {},
		"another's dog":    {"NOTIFY_SOCKET": "@nobody", "WATCHDOG_USEC": "10", "WATCHDOG_PID": "1"},
		"no watchdog":      {"NOTIFY_SOCKET": "@nobody"},
		"foolish watchdog": {"NOTIFY_SOCKET": "@nobody", "WATCHDOG_USEC": "often"},
	} {
		n := New(env(values))
		if err := n.Watch(t.Context(), nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := (Notifier{}).Ready("x"); err != nil {
		t.Error(err)
	}
	gone := New(env(map[string]string{"NOTIFY_SOCKET": filepath.Join(t.TempDir(), "gone")}))
	if err := gone.Ready("x"); err == nil {
		t.Error("a socket that is gone was told")
	}
}
