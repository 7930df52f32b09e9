package browsertest

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// AxeRunner runs the body of an async function in a page, with the rights of the
// tool that drives the browser, which the page's policy does not bind, and
// returns the string that it returns.
type AxeRunner func(script string) (string, error)

// CheckAxe asks axe-core for what keeps people from using a page as it is now,
// and fails t for everything serious or critical, naming the rule, the element
// and what helps. `make test` fetches axe-core; where it is missing nothing is
// asked, or t fails with CI=true.
func CheckAxe(t testing.TB, screen string, run AxeRunner) {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(moduleRoot(t), ".tools", "axe-core", "axe.min.js"))
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("CI") != "true" {
		t.Log("axe-core is not there: .ci/axe fetches it")
		return
	}
	if err != nil {
		t.Fatalf("axe-core, which .ci/axe fetches: %v", err)
	}
	const ask = `
		const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
		return JSON.stringify(violations.filter((v) => ["serious", "critical"].includes(v.impact)));`
	answer, err := run("if (!window.axe) {\n" + string(source) + "\n}\n" + ask)
	if err != nil {
		t.Fatalf("axe-core on %s: %v", screen, err)
	}
	var violations []axeViolation
	if err := json.Unmarshal([]byte(answer), &violations); err != nil {
		t.Fatalf("axe-core on %s answers %.200s: %v", screen, answer, err)
	}
	for _, v := range violations {
		for _, n := range v.Nodes {
			t.Errorf("axe-core on %s: %s, %s: %s\n%s\n%s\n%s", screen, v.Impact, v.ID, v.Help, n.HTML, n.Summary, v.HelpURL)
		}
	}
}

// axeViolation is a rule that a page breaks, and where.
type axeViolation struct {
	ID, Impact, Help, HelpURL string
	Nodes                     []struct {
		HTML    string
		Summary string `json:"failureSummary"`
	}
}

// Axe is [CheckAxe] for the page as this tab shows it; screen names it.
func (p *Page) Axe(screen string) {
	p.t.Helper()
	CheckAxe(p.t, screen, func(script string) (string, error) {
		return evaluate[string](p, "(async () => {\n"+script+"\n})()")
	})
}

// Axe is [CheckAxe] for the page as the current tab shows it; screen names it.
func (f *Firefox) Axe(screen string) {
	f.t.Helper()
	CheckAxe(f.t, screen, func(script string) (answer string, err error) {
		err = f.tryScript(script, &answer)
		return answer, err
	})
}
