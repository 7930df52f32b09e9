package browsertest

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// As much of the D-Bus specification as a [Desktop] needs.

// Message types and header fields.
const (
	dbusCall   = 1
	dbusReturn = 2
	dbusError  = 3
	dbusSignal = 4

	dbusPath        = 1
	dbusInterface   = 2
	dbusMember      = 3
	dbusErrorName   = 4
	dbusReplySerial = 5
	dbusDestination = 6
	dbusSender      = 7
	dbusSignature   = 8

	dbusNoReply    = 1 // flag
	dbusMaxMessage = 16 << 20
)

// dbusMessage is one message. Values are string (s, o, g), uint32 (u), int32 (i),
// bool (b), []any (arrays, structs and dictionary entries) and, in what was
// received, whatever integer the wire had.
type dbusMessage struct {
	kind, flags byte
	serial      uint32
	fields      map[byte]any
	body        []any
}

func (m *dbusMessage) text(field byte) string {
	s, _ := m.fields[field].(string)
	return s
}

// dbusLogin is the server's side of the authentication: whoever may open the
// socket is welcome.
func dbusLogin(conn io.ReadWriter, in *bufio.Reader) error {
	if zero, err := in.ReadByte(); err != nil || zero != 0 {
		return errors.New("dbus: no NUL at the beginning")
	}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return err
		}
		answer := "ERROR"
		switch line = strings.TrimSpace(line); {
		case line == "BEGIN":
			return nil
		case strings.HasPrefix(line, "AUTH EXTERNAL "):
			answer = "OK 0123456789abcdef0123456789abcdef"
		case strings.HasPrefix(line, "AUTH"):
			answer = "REJECTED EXTERNAL"
		}
		if _, err := io.WriteString(conn, answer+"\r\n"); err != nil {
			return err
		}
	}
}

// readDBus reads one message.
func readDBus(in io.Reader) (*dbusMessage, error) {
	head := make([]byte, 16) // up to the length of the header's fields
	if _, err := io.ReadFull(in, head); err != nil {
		return nil, err
	}
	if head[0] != 'l' {
		return nil, errors.New("dbus: only little endian is understood")
	}
	body, fields := binary.LittleEndian.Uint32(head[4:]), binary.LittleEndian.Uint32(head[12:])
	if body > dbusMaxMessage || fields > dbusMaxMessage {
		return nil, errors.New("dbus: a message that is too long")
	}
	padded := (fields + 7) &^ 7
	rest := make([]byte, padded+body)
	if _, err := io.ReadFull(in, rest); err != nil {
		return nil, err
	}
	m := &dbusMessage{kind: head[1], flags: head[2], serial: binary.LittleEndian.Uint32(head[8:]), fields: map[byte]any{}}
	header := dbusReader{data: append(head, rest[:fields]...), at: 12}
	list, _ := header.value("a(yv)").([]any)
	for _, f := range list {
		if pair, ok := f.([]any); ok && len(pair) == 2 {
			m.fields[byte(pair[0].(uint64))] = pair[1]
		}
	}
	content := dbusReader{data: rest[padded:]}
	for signature := m.text(dbusSignature); signature != "" && content.err == nil; {
		one := dbusFirst(signature)
		signature = signature[len(one):]
		m.body = append(m.body, content.value(one))
	}
	return m, errors.Join(header.err, content.err)
}

// dbusReader reads values; after an error all are nil.
type dbusReader struct {
	data []byte
	at   int
	err  error
}

// take answers the next n bytes after aligning.
func (r *dbusReader) take(align, n int) []byte {
	start := (r.at + align - 1) &^ (align - 1)
	if r.err != nil || n < 0 || start+n > len(r.data) {
		if r.err == nil {
			r.err = errors.New("dbus: a value runs out of its message")
		}
		return make([]byte, min(max(n, 0), 8))
	}
	r.at = start + n
	return r.data[start:r.at]
}

var dbusSizes = map[byte]int{'y': 1, 'n': 2, 'q': 2, 'i': 4, 'u': 4, 'b': 4, 'h': 4, 'x': 8, 't': 8, 'd': 8}

func (r *dbusReader) integer(size int) uint64 {
	var wide [8]byte
	copy(wide[:], r.take(size, size))
	return binary.LittleEndian.Uint64(wide[:])
}

// value reads a value of one complete type.
func (r *dbusReader) value(signature string) any {
	if r.err != nil || signature == "" {
		return nil
	}
	switch kind := signature[0]; kind {
	case 'i':
		return int32(r.integer(4))
	case 'u':
		return uint32(r.integer(4))
	case 'b':
		return r.integer(4) != 0
	case 's', 'o':
		return r.text(int(r.integer(4)))
	case 'g':
		return r.text(int(r.integer(1)))
	case 'v':
		return r.value(dbusFirst(r.value("g").(string)))
	case 'a':
		return r.array(signature[1:])
	case '(', '{':
		r.take(8, 0)
		var list []any
		for inner := signature[1 : len(signature)-1]; inner != ""; {
			one := dbusFirst(inner)
			inner = inner[len(one):]
			list = append(list, r.value(one))
		}
		return list
	default:
		size, ok := dbusSizes[kind]
		if !ok {
			r.err = fmt.Errorf("dbus: unknown type %q", kind)
			return nil
		}
		return r.integer(size)
	}
}

func (r *dbusReader) text(n int) string {
	s := string(r.take(1, n))
	r.take(1, 1) // NUL
	return s
}

func (r *dbusReader) array(of string) any {
	size := int(r.integer(4))
	r.take(dbusAlign(of), 0)
	end := r.at + size
	list := []any{}
	for r.at < end && r.err == nil {
		list = append(list, r.value(of))
	}
	return list
}

func dbusAlign(signature string) int {
	switch signature[0] {
	case 's', 'o', 'a':
		return 4
	case '(', '{':
		return 8
	case 'g', 'v':
		return 1
	}
	return dbusSizes[signature[0]]
}

// dbusFirst is the first complete type of a signature.
func dbusFirst(signature string) string {
	depth := 0
	for i := range len(signature) {
		switch signature[i] {
		case 'a':
			continue
		case '(', '{':
			depth++
		case ')', '}':
			depth--
		}
		if depth == 0 {
			return signature[:i+1]
		}
	}
	return signature
}

// bytes writes a message whose body is of string, uint32, bool and []string.
func (m *dbusMessage) bytes() []byte {
	var body dbusWriter
	var kinds []string
	for _, v := range m.body {
		kinds = append(kinds, body.value(v))
	}
	signature := strings.Join(kinds, "")
	out := dbusWriter{'l', m.kind, m.flags, 1}
	out.value(uint32(len(body)))
	out.value(m.serial)
	fields := dbusWriter(make([]byte, 0, 256))
	for _, code := range []byte{dbusPath, dbusInterface, dbusMember, dbusErrorName, dbusReplySerial, dbusDestination, dbusSender, dbusSignature} {
		v, kind := m.fields[code], map[byte]string{dbusPath: "o", dbusReplySerial: "u", dbusSignature: "g"}[code]
		if code == dbusSignature && signature != "" {
			v = signature
		}
		if v == nil {
			continue
		}
		if kind == "" {
			kind = "s"
		}
		fields.align(8) // the array begins at 16
		fields = append(fields, code, 1, kind[0], 0)
		if kind == "g" {
			fields = append(append(append(fields, byte(len(signature))), signature...), 0)
			continue
		}
		fields.value(v)
	}
	out.value(uint32(len(fields)))
	out = append(out, fields...)
	out.align(8)
	return append(out, body...)
}

type dbusWriter []byte

func (w *dbusWriter) align(n int) {
	for len(*w)%n != 0 {
		*w = append(*w, 0)
	}
}

// value appends v and answers its signature.
func (w *dbusWriter) value(v any) string {
	w.align(4)
	switch v := v.(type) {
	case uint32:
		*w = binary.LittleEndian.AppendUint32(*w, v)
		return "u"
	case bool:
		var n uint32
		if v {
			n = 1
		}
		*w = binary.LittleEndian.AppendUint32(*w, n)
		return "b"
	case string:
		*w = append(binary.LittleEndian.AppendUint32(*w, uint32(len(v))), v...)
		*w = append(*w, 0)
		return "s"
	case []string:
		var list dbusWriter
		for _, s := range v {
			list.value(s)
		}
		*w = append(binary.LittleEndian.AppendUint32(*w, uint32(len(list))), list...)
		return "as"
	}
	return ""
}
