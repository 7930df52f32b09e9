package command

import (
	"fmt"
	"io"
	"log/slog"
	"unicode"
	"unicode/utf8"

	"recado/server/config"
	"recado/server/requestid"
)

// newLogger writes to w as configured. What others have written, a push service's
// reason or the name of a host, reaches a terminal as text and nothing else: the
// text format quotes what is not printable, the JSON format escapes it.
func newLogger(cfg config.Log, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: cfg.Level}
	if cfg.Format == "json" {
		return slog.New(requestid.Handler(slog.NewJSONHandler(printable{w}, options)))
	}
	return slog.New(requestid.Handler(slog.NewTextHandler(w, options)))
}

// printable escapes in JSON what slog leaves as it is: DEL, the control characters
// above ASCII, one of which begins a terminal's commands, and marks that change the
// direction of what follows. They can only stand in strings (RFC 8259 §7).
type printable struct{ io.Writer }

func (w printable) Write(line []byte) (int, error) {
	var out []byte
	done := 0 // octets of line that are in out
	for i := 0; i < len(line); {
		r, size := utf8.DecodeRune(line[i:])
		if r >= 0x7f && !unicode.IsPrint(r) {
			out = append(out, line[done:i]...)
			out = escape(out, r)
			done = i + size
		}
		i += size
	}
	if out == nil {
		return w.Writer.Write(line)
	}
	if _, err := w.Writer.Write(append(out, line[done:]...)); err != nil {
		return 0, err
	}
	return len(line), nil
}

// escape writes a character as JSON can always have it: by its code, or the two of
// UTF-16.
func escape(out []byte, r rune) []byte {
	if r > 0xffff {
		r -= 0x10000
		return fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
	}
	return fmt.Appendf(out, `\u%04x`, r)
}
