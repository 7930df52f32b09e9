package browsertest

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Desktop is the session of a Linux desktop as far as a browser shows
// notifications on it: a D-Bus session bus with org.freedesktop.Notifications
// (Desktop Notifications Specification 1.3). What is pressed here is for the
// browser a press by the person.
type Desktop struct {
	listener net.Listener
	clients  sync.WaitGroup

	mu      sync.Mutex
	changed chan struct{} // closed and replaced at every change of what follows
	open    map[net.Conn]bool
	shown   []DesktopNotification
	serial  uint32
	ids     uint32
}

// DesktopNotification is one that the browser asked for. When it replaces
// another one, this is a new entry with the same ID.
type DesktopNotification struct {
	ID     uint32
	Title  string
	Site   string // host and port of the page
	Body   string
	Silent bool
	// Actions are the buttons of the message, in order.
	Actions []NotificationAction
	Open    bool // still to be seen

	from net.Conn
}

const (
	busName  = "org.freedesktop.DBus"
	areaName = "org.freedesktop.Notifications"
	areaPath = "/org/freedesktop/Notifications"
)

// startDesktop starts a desktop that ends with t.
func startDesktop(t testing.TB) *Desktop {
	t.Helper()
	dir, err := os.MkdirTemp("", "bus") // the path of a socket may not be long
	if err != nil {
		t.Fatal(err)
	}
	d := &Desktop{changed: make(chan struct{}), open: map[net.Conn]bool{}}
	if d.listener, err = net.Listen("unix", filepath.Join(dir, "bus")); err != nil {
		t.Fatal(err)
	}
	d.clients.Go(d.accept)
	t.Cleanup(func() {
		d.listener.Close()
		d.mu.Lock()
		for conn := range d.open {
			conn.Close()
		}
		d.mu.Unlock()
		d.clients.Wait()
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return d
}

// environ tells a browser where its session is.
func (d *Desktop) environ() string {
	return "DBUS_SESSION_BUS_ADDRESS=unix:path=" + d.listener.Addr().String()
}

// Notifications lists what was shown, oldest first.
func (d *Desktop) Notifications() []DesktopNotification {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.shown)
}

// Wait waits until done, asked again at every change, is true of what was shown,
// and returns that; it fails the test with what when that takes too long.
func (d *Desktop) Wait(t testing.TB, what string, done func([]DesktopNotification) bool) []DesktopNotification {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), stepTimeout)
	defer cancel()
	for {
		d.mu.Lock()
		changed, shown := d.changed, slices.Clone(d.shown)
		d.mu.Unlock()
		if done(slices.Clone(shown)) {
			return shown
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("desktop: waited in vain until %s; shown: %+v", what, shown)
		}
	}
}

// WaitTitled waits for the n-th notification of a title, counted from 1. By
// title, because Chromium shows one of its own, "This site has been updated in
// the background", when a message's is closed before its push event has ended.
func (d *Desktop) WaitTitled(t testing.TB, title string, n int) DesktopNotification {
	t.Helper()
	var found []DesktopNotification
	d.Wait(t, fmt.Sprintf("%d of %q are shown", n, title), func(shown []DesktopNotification) bool {
		found = slices.DeleteFunc(shown, func(n DesktopNotification) bool { return n.Title != title })
		return len(found) >= n
	})
	return found[n-1]
}

// Click presses n as a person does; action is the title of one of its buttons,
// empty is the notification itself.
func (d *Desktop) Click(n DesktopNotification, action string) {
	key := "default"
	for _, a := range n.Actions {
		if a.Title == action {
			key = a.Action
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.signal(n.from, "ActionInvoked", n.ID, key)
}

// Close dismisses n as a person does.
func (d *Desktop) Close(n DesktopNotification) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.close(n.ID)
	d.signal(n.from, "NotificationClosed", n.ID, uint32(2)) // dismissed by the user
}

func (d *Desktop) accept() {
	for {
		conn, err := d.listener.Accept()
		if err != nil {
			return
		}
		d.mu.Lock()
		d.open[conn] = true
		d.mu.Unlock()
		d.clients.Go(func() { d.serve(conn) })
	}
}

// serve answers one connection's calls until it ends.
func (d *Desktop) serve(conn net.Conn) {
	defer func() {
		conn.Close()
		d.mu.Lock()
		delete(d.open, conn)
		d.mu.Unlock()
	}()
	in := bufio.NewReader(conn)
	if dbusLogin(conn, in) != nil {
		return
	}
	for {
		m, err := readDBus(in)
		if err != nil {
			return
		}
		if m.kind == dbusCall {
			d.answer(conn, m)
		}
	}
}

// answer serves a call on the bus itself or on the notification area; there is
// nothing else here.
func (d *Desktop) answer(conn net.Conn, call *dbusMessage) {
	d.mu.Lock()
	defer d.mu.Unlock()
	reply := &dbusMessage{kind: dbusReturn, fields: map[byte]any{dbusReplySerial: call.serial, dbusSender: call.text(dbusDestination)}}
	known := false
	switch call.text(dbusDestination) {
	case busName:
		reply.body, known = d.bus(call)
	case areaName:
		reply.body, known = d.area(conn, call)
	}
	if !known {
		reply.kind = dbusError
		reply.fields[dbusErrorName] = "org.freedesktop.DBus.Error.ServiceUnknown"
		reply.body = []any{"there is no such thing on this desktop"}
	}
	if call.flags&dbusNoReply == 0 {
		d.write(conn, reply)
	}
}

func (d *Desktop) bus(call *dbusMessage) (answer []any, known bool) {
	named := len(call.body) > 0 && call.body[0] == areaName
	switch call.text(dbusMember) {
	case "Hello":
		return []any{":1.1"}, true
	case "AddMatch", "RemoveMatch":
		return nil, true
	case "NameHasOwner":
		return []any{named}, true
	case "GetNameOwner":
		return []any{areaName}, named
	case "RequestName", "StartServiceByName":
		return []any{uint32(1)}, true
	case "ListNames", "ListActivatableNames":
		return []any{[]string{busName, areaName}}, true
	}
	return nil, false
}

func (d *Desktop) area(conn net.Conn, call *dbusMessage) (answer []any, known bool) {
	switch call.text(dbusMember) {
	case "GetCapabilities":
		return []any{[]string{"actions", "body", "persistence"}}, true
	case "GetServerInformation":
		return []any{"recado", "recado", "1", "1.3"}, true
	case "Notify":
		n, ok := readNotify(call.body)
		if !ok {
			return nil, false
		}
		n.from = conn
		if n.ID == 0 {
			d.ids++
			n.ID = d.ids
		}
		d.close(n.ID)
		d.shown = append(d.shown, n)
		d.notify()
		return []any{n.ID}, true
	case "CloseNotification":
		if len(call.body) == 1 {
			id, _ := call.body[0].(uint32)
			d.close(id)
			d.notify()
			d.signal(conn, "NotificationClosed", id, uint32(3)) // by a call
		}
		return nil, true
	}
	return nil, false
}

// readNotify understands the arguments of Notify as Chromium gives them: the
// body begins with the site, and the buttons of a message have numbers, unlike
// the browser's own.
func readNotify(args []any) (n DesktopNotification, ok bool) {
	if len(args) != 8 {
		return n, false
	}
	n.ID, _ = args[1].(uint32) // what it replaces
	n.Title, _ = args[3].(string)
	text, _ := args[4].(string)
	n.Site, n.Body, _ = strings.Cut(text, "\n\n")
	buttons, _ := args[5].([]any)
	for i := 0; i+1 < len(buttons); i += 2 {
		key, title := fmt.Sprint(buttons[i]), fmt.Sprint(buttons[i+1])
		if strings.Trim(key, "0123456789") == "" {
			n.Actions = append(n.Actions, NotificationAction{Action: key, Title: title})
		}
	}
	hints, _ := args[6].([]any)
	for _, hint := range hints {
		if pair, _ := hint.([]any); len(pair) == 2 && pair[0] == "suppress-sound" {
			n.Silent, _ = pair[1].(bool)
		}
	}
	n.Open = true
	return n, true
}

// close marks what has this id as gone; the caller holds mu.
func (d *Desktop) close(id uint32) {
	for i := range d.shown {
		if d.shown[i].ID == id {
			d.shown[i].Open = false
		}
	}
	d.notify()
}

// notify wakes every Wait; the caller holds mu.
func (d *Desktop) notify() {
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *Desktop) signal(conn net.Conn, name string, args ...any) {
	d.write(conn, &dbusMessage{kind: dbusSignal, flags: dbusNoReply, body: args, fields: map[byte]any{
		dbusPath: areaPath, dbusInterface: areaName, dbusMember: name, dbusSender: areaName}})
}

// write sends a message; the caller holds mu. A connection that is gone ends
// its own reader.
func (d *Desktop) write(conn net.Conn, m *dbusMessage) {
	d.serial++
	m.serial = d.serial
	_, _ = conn.Write(m.bytes())
}
