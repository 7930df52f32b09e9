package server_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// mayImport is which of our packages each package may import, tests aside.
var mayImport = map[string][]string{
	"recado":                            {"server/command"},
	"recado/embed":                      {},
	"recado/server":                     {"server/access", "server/api", "server/config", "server/console", "server/console/qr", "server/delivery", "server/live", "server/metrics", "server/openapi", "server/publishers/ntfy", "server/publishers/webhook", "server/push", "server/requestid", "server/schedule", "server/space", "server/systemd", "storage"},
	"recado/server/access":              {"storage"},
	"recado/server/api":                 {"server/access", "server/publishers", "server/publishers/gotify", "server/publishers/ntfy", "server/publishers/webhook", "server/requestid", "server/schedule", "server/wire", "storage"},
	"recado/server/config":              {"server/publishers/webhook"},
	"recado/server/console":             {"server/access", "server/console/qr", "server/live", "storage"},
	"recado/server/console/qr":          {},
	"recado/server/delivery":            {"server/push", "storage"},
	"recado/server/live":                {"server/wire", "storage"},
	"recado/server/metrics":             {"storage"},
	"recado/server/openapi":             {},
	"recado/server/publishers":          {},
	"recado/server/publishers/gotify":   {"server/publishers", "server/publishers/markdown", "storage"},
	"recado/server/publishers/markdown": {"server/publishers"},
	"recado/server/publishers/ntfy":     {"server/publishers", "server/publishers/markdown", "storage"},
	"recado/server/publishers/webhook":  {"server/publishers", "server/publishers/markdown"},
	"recado/server/push":                {},
	"recado/server/requestid":           {},
	"recado/server/schedule":            {},
	"recado/server/wire":                {"storage"},
	"recado/storage":                    {},
	"recado/storage/internal/sqlstore":  {"storage"},
	"recado/storage/sqlite":             {"storage", "storage/internal/sqlstore"},
	"recado/server/doctor":              {"server/config", "server/space", "storage"},
	"recado/server/space":               {},
	"recado/server/systemd":             {},
	// The command line may use every part, what tests are made of too.
	"recado/server/command": nil,
}

func TestImportsPointOneWay(t *testing.T) {
	if testing.Short() {
		t.Skip("asks the go command")
	}
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "recado/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		allowed, known := mayImport[fields[0]]
		switch {
		case isForTests(fields[0]):
			continue
		case !known:
			t.Errorf("%s is new: say here what it may import", fields[0])
		case allowed == nil:
			allowed = []string{"embed", "server", "server/access", "server/config", "server/doctor", "server/push", "server/requestid", "server/space", "server/systemd", "storage", "storage/sqlite"}
		}
		for _, imported := range fields[1:] {
			short, ours := strings.CutPrefix(imported, "recado/")
			if ours && !slices.Contains(allowed, short) {
				t.Errorf("%s must not import %s", fields[0], imported)
			}
		}
	}
}

func isForTests(path string) bool {
	return strings.Contains(path, "test")
}
