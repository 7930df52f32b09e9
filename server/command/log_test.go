package command

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"unicode"

	"recado/server/config"
)

// Nothing that somebody else wrote can begin a line of the log, command a terminal
// or turn the order of what it shows around.
func TestForeignTextInTheLog(t *testing.T) {
	foreign := []string{
		"\x1b[2J\x1b]0;owned\x07", "\u009b31m", "a\u202egnp.exe", "\u2066x\u2069\u200f", "line\nlevel=ERROR msg=forged", "\r\x00\x7f", "\u2028\u2029", "\xff\xfe", "\U000e0041\U0001d173", `"} {"level":"ERROR"`, "plain – text ✓ é",
	}
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		log := newLogger(config.Log{Format: format, Level: slog.LevelDebug}, &out)
		for _, s := range foreign {
			log.Warn("message", "reason", s, "error", errors.New(s))
			log.Warn(s, s, "x")
		}
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if len(lines) != 2*len(foreign) {
			t.Errorf("%s: %d lines, want %d:\n%s", format, len(lines), 2*len(foreign), out.String())
		}
		for i, line := range lines {
			for _, r := range line {
				if !unicode.IsPrint(r) {
					t.Errorf("%s: %q holds %U", format, line, r)
				}
			}
			var read map[string]any
			if format != "json" {
				continue
			}
			if err := json.Unmarshal([]byte(line), &read); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			if want := strings.ToValidUTF8(foreign[i/2], "\ufffd"); i%2 == 0 && read["reason"] != want && i/2 != 7 {
				t.Errorf("%q became %q", want, read["reason"])
			}
		}
	}
}
