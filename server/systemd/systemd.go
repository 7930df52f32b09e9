// Package systemd tells the service manager how the server stands, as
// sd_notify(3) has it: one datagram to the socket that NOTIFY_SOCKET names.
// Without a service manager everything in it does nothing.
package systemd

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// Notifier speaks to the service manager. The zero Notifier speaks to nobody.
type Notifier struct {
	socket string
	// every is how often the service manager wants to hear that all is well; 0 = it
	// does not watch.
	every time.Duration
}

// New reads what the service manager has put into the environment. A watchdog
// that is meant for another process (WATCHDOG_PID) is not ours.
func New(getenv func(string) string) Notifier {
	n := Notifier{socket: getenv("NOTIFY_SOCKET")}
	microseconds, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64)
	pid := getenv("WATCHDOG_PID")
	if err == nil && microseconds > 0 && (pid == "" || pid == strconv.Itoa(os.Getpid())) {
		n.every = time.Duration(microseconds) * time.Microsecond
	}
	return n
}

// Ready says that the server serves, with a status for systemctl status.
func (n Notifier) Ready(status string) error { return n.send("READY=1\nSTATUS=" + oneLine(status)) }

// Status replaces the status.
func (n Notifier) Status(status string) error { return n.send("STATUS=" + oneLine(status)) }

// Stopping says that the server shuts down.
func (n Notifier) Stopping() error { return n.send("STOPPING=1\nSTATUS=shutting down") }

// Watch tells the service manager that all is well, at half the interval that it
// wants, until ctx ends. Before each time it calls alive, which returns a status:
// when that hangs the service manager hears nothing and restarts the server. It
// returns at once when nobody watches.
func (n Notifier) Watch(ctx context.Context, alive func(context.Context) string) error {
	if n.socket == "" || n.every == 0 {
		return nil
	}
	tick := time.NewTicker(n.every / 2)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := n.send("WATCHDOG=1\nSTATUS=" + oneLine(alive(ctx))); err != nil {
			return err
		}
	}
}

func (n Notifier) send(state string) error {
	if n.socket == "" {
		return nil
	}
	// An abstract socket is written with @ for its leading zero.
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: n.socket, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("tell the service manager: %w", err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(state)); err != nil {
		return fmt.Errorf("tell the service manager: %w", err)
	}
	return nil
}

// oneLine keeps a status from being read as further assignments.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
