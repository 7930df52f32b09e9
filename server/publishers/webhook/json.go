package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxDepth is how deep JSON may be nested.
const maxDepth = 32

var errNotJSON = errors.New("not JSON")

// decodeJSON reads one value of JSON. ErrDeep; any other error means that it is
// none.
func decodeJSON(b []byte) (node, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	n, err := decodeValue(d, 0)
	if err != nil {
		return node{}, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return node{}, errNotJSON // more than one value
	}
	return n, nil
}

// decodeLeniently is decodeJSON also of what has raw line breaks in its strings, as
// templates write it that do not know about JSON.
func decodeLeniently(b []byte) (node, error) {
	n, err := decodeJSON(b)
	if err == nil || errors.Is(err, ErrDeep) {
		return n, err
	}
	return decodeJSON(escapeControls(b))
}

func decodeValue(d *json.Decoder, depth int) (node, error) {
	token, err := d.Token()
	if err != nil {
		return node{}, fmt.Errorf("%w: %w", errNotJSON, err)
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return node{token}, nil
	}
	if depth++; depth > maxDepth {
		return node{}, ErrDeep
	}
	if delim == '{' {
		return decodeObject(d, depth)
	}
	return decodeList(d, depth)
}

func decodeObject(d *json.Decoder, depth int) (node, error) {
	members := []member{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return node{}, fmt.Errorf("%w: %w", errNotJSON, err)
		}
		value, err := decodeValue(d, depth)
		if err != nil {
			return node{}, err
		}
		text, _ := name.(string) // the decoder takes nothing else there
		members = append(members, member{text, value})
	}
	_, err := d.Token()
	return node{members}, err
}

func decodeList(d *json.Decoder, depth int) (node, error) {
	list := []node{}
	for d.More() {
		value, err := decodeValue(d, depth)
		if err != nil {
			return node{}, err
		}
		list = append(list, value)
	}
	_, err := d.Token()
	return node{list}, err
}

// escapeControls escapes the control characters in strings, which JSON does not
// allow there (RFC 8259 §7).
func escapeControls(b []byte) []byte {
	out := make([]byte, 0, len(b)+len(b)/16)
	inString, escaped := false, false
	for _, c := range b {
		switch {
		case !inString || c >= ' ':
			out = append(out, c)
		case c == '\n':
			out = append(out, `\n`...)
		case c == '\r': // a line ends with the \n that follows
		case c == '\t':
			out = append(out, ' ')
		default:
			out = fmt.Appendf(out, `\u%04x`, c)
		}
		inString = inString != (c == '"' && !escaped)
		escaped = inString && c == '\\' && !escaped
	}
	return out
}
