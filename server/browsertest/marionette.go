package browsertest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"time"
)

// MarionetteError is what Firefox answers to a command it could not do, with
// the error codes of the W3C WebDriver specification ("no such element").
type MarionetteError struct {
	Command string `json:"-"`
	Code    string `json:"error"`
	Message string `json:"message"`
}

func (e *MarionetteError) Error() string {
	return fmt.Sprintf("%s: %s: %s", e.Command, e.Code, e.Message)
}

// marionette is one connection to Firefox's remote control: length-prefixed
// JSON over TCP, one command at a time.
type marionette struct {
	mu     sync.Mutex
	conn   net.Conn
	r      *bufio.Reader
	nextID int
	broken error // set once an answer was abandoned: the stream is out of step
}

// maxPacket bounds an answer; a screenshot of a long page is a few megabytes.
const maxPacket = 64 << 20

// defaultCommandTimeout bounds a command whose context has no deadline.
const defaultCommandTimeout = 60 * time.Second

func dialMarionette(ctx context.Context, addr string) (*marionette, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("connect to marionette: %w", err)
	}
	m := &marionette{conn: conn, r: bufio.NewReader(conn)}
	defer m.guard(ctx)()
	if _, err := m.readPacket(); err != nil {
		conn.Close()
		return nil, fmt.Errorf("read marionette's greeting: %w", err)
	}
	return m, nil
}

// command sends one command and decodes its answer into result unless that is
// nil. It waits at most until ctx ends; after that the connection is of no use.
func (m *marionette) command(ctx context.Context, name string, params, result any) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return fmt.Errorf("%s: connection unusable: %w", name, m.broken)
	}
	defer m.guard(ctx)()
	m.nextID++
	if params == nil {
		params = struct{}{}
	}
	request, err := json.Marshal([]any{0, m.nextID, name, params})
	if err != nil {
		return fmt.Errorf("%s: encode: %w", name, err)
	}
	if _, err := fmt.Fprintf(m.conn, "%d:%s", len(request), request); err != nil {
		m.broken = err
		return fmt.Errorf("%s: send: %w", name, err)
	}
	answer, err := m.readPacket()
	if err != nil {
		m.broken = err
		return fmt.Errorf("%s: receive: %w", name, errors.Join(err, ctx.Err()))
	}
	return m.decode(name, answer, result)
}

func (m *marionette) decode(name string, answer []byte, result any) error {
	var fields []json.RawMessage
	if err := json.Unmarshal(answer, &fields); err != nil || len(fields) != 4 {
		return fmt.Errorf("%s: answer is not a marionette response", name)
	}
	if string(fields[2]) != "null" {
		failure := &MarionetteError{Command: name}
		if err := json.Unmarshal(fields[2], failure); err != nil {
			return fmt.Errorf("%s: decode error: %w", name, err)
		}
		return failure
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(fields[3], result); err != nil {
		return fmt.Errorf("%s: decode result: %w", name, err)
	}
	return nil
}

// guard makes pending reads and writes fail when ctx ends. The returned
// function lifts it.
func (m *marionette) guard(ctx context.Context) func() {
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(defaultCommandTimeout)
	}
	_ = m.conn.SetDeadline(deadline)
	stop := context.AfterFunc(ctx, func() { _ = m.conn.SetDeadline(time.Unix(1, 0)) })
	return func() { stop() }
}

func (m *marionette) readPacket() ([]byte, error) {
	head, err := m.r.ReadString(':')
	if err != nil {
		return nil, err
	}
	size, err := strconv.Atoi(head[:len(head)-1])
	if err != nil || size < 0 || size > maxPacket {
		return nil, fmt.Errorf("bad packet length %.20q", head)
	}
	packet := make([]byte, size)
	_, err = io.ReadFull(m.r, packet)
	return packet, err
}

func (m *marionette) close() { _ = m.conn.Close() }
