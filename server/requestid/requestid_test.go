package requestid

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
)

func TestNew(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := New()
		if len(id) != 16 || !Valid(id) || seen[id] {
			t.Fatalf("%q is a bad id", id)
		}
		seen[id] = true
	}
}

func TestValid(t *testing.T) {
	for id, want := range map[string]bool{
		"a": true, "0192f0c8-5b1e-7c3a-9d52-3f1f6f0e2a41": true, "A.b_C-9": true, strings.Repeat("x", 64): true,
		"": false, strings.Repeat("x", 65): false, "a b": false, "a\nb": false, "ä": false, `a"`: false, "a=b": false, "a/b": false, "\xff": false,
	} {
		if Valid(id) != want {
			t.Errorf("Valid(%q) = %v", id, !want)
		}
	}
}

func TestHandler(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(Handler(slog.NewTextHandler(&out, nil))).With("part", "x")
	ctx := With(context.Background(), "abc")
	log.InfoContext(ctx, "one", "n", 1)
	log.Info("two")
	log.DebugContext(ctx, "three")
	lines := strings.Split(out.String(), "\n")
	if len(lines) != 3 || !strings.HasSuffix(lines[0], "msg=one part=x n=1 request=abc") || !strings.HasSuffix(lines[1], "msg=two part=x") {
		t.Errorf("%q", lines)
	}
}
