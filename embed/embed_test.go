package embed_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"recado/embed"
)

// own answers the frontend's files of the given kinds, without the vendored ones.
func own(t *testing.T, kinds ...string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(embed.Web(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(name, "vendor/") || !slices.Contains(kinds, path.Ext(name)) {
			return err
		}
		content, err := fs.ReadFile(embed.Web(), name)
		files[name] = string(content)
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("read the frontend: %v, %d files", err, len(files))
	}
	return files
}

var languages = []string{"lang/en.js", "lang/pt-BR.js"}

// entry is one line of a language file.
var entry = regexp.MustCompile(`(?m)^  "([a-z0-9.]+)": "((?:[^"\\]|\\.)*)",$`)

func words(t *testing.T, name string) map[string]string {
	t.Helper()
	content := own(t, ".js")[name]
	found := map[string]string{}
	for _, m := range entry.FindAllStringSubmatch(content, -1) {
		if _, twice := found[m[1]]; twice {
			t.Errorf("%s has %s twice", name, m[1])
		}
		found[m[1]] = m[2]
	}
	if lines := strings.Count(content, "\n  \""); lines != len(found) {
		t.Errorf("%s has %d lines that look like keys, %d were understood", name, lines, len(found))
	}
	return found
}

// mark finds placeholders and markup, which every language has to keep.
var mark = regexp.MustCompile(`\{\w+\}|</?\w+>`)

func TestLanguagesSayTheSame(t *testing.T) {
	first := words(t, languages[0])
	for _, name := range languages[1:] {
		other := words(t, name)
		for key, sentence := range first {
			translated, ok := other[key]
			if !ok {
				t.Errorf("%s lacks %s", name, key)
				continue
			}
			want, got := mark.FindAllString(sentence, -1), mark.FindAllString(translated, -1)
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(want, got) {
				t.Errorf("%s: %s has %v, %s has %v", name, key, got, languages[0], want)
			}
		}
		for key := range other {
			if _, ok := first[key]; !ok {
				t.Errorf("%s has %s, which %s lacks", name, key, languages[0])
			}
		}
	}
}

func TestNoKeyIsMissingOrUnused(t *testing.T) {
	known := words(t, languages[0])
	call := regexp.MustCompile(`\b(?:t|rich)\("([^"]+)"`)
	used := map[string]bool{}
	for name, content := range own(t, ".js") {
		if slices.Contains(languages, name) {
			continue
		}
		for _, m := range call.FindAllStringSubmatch(content, -1) {
			used[m[1]] = true
			if _, ok := known[m[1]]; !ok {
				t.Errorf("%s uses %s, which no language has", name, m[1])
			}
		}
	}
	for key := range known {
		if !used[key] {
			t.Errorf("%s is used nowhere", key)
		}
	}
}

// A strict policy forbids inline scripts and styles; browsers would drop them silently.
func TestNothingIsInline(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<style|\sstyle\s*=|<script(?:\s[^>]*)?>[^<]|\son(?:click|load|error|submit|change|input)=["']|javascript:|\beval\(|new Function\(|dangerouslySetInnerHTML`)
	for name, content := range own(t, ".html", ".js") {
		if found := inline.FindString(content); found != "" {
			t.Errorf("%s has %q inline", name, found)
		}
	}
	styles := own(t, ".css")
	chart, err := fs.ReadFile(embed.Web(), "vendor/uplot.css")
	if err != nil {
		t.Fatal(err)
	}
	styles["vendor/uplot.css"] = string(chart)
	loads := regexp.MustCompile(`url\(\s*["']?(?:data|http)|@import`)
	for name, css := range styles {
		if found := loads.FindString(stripComments(css)); found != "" {
			t.Errorf("%s loads something: %s", name, found)
		}
	}
}

var comment = regexp.MustCompile(`(?s)/\*.*?\*/`)

func stripComments(css string) string { return comment.ReplaceAllString(css, "") }

// The dark colours stand twice: for the system's wish and for the person's.
func TestDarkListsAreEqual(t *testing.T) {
	css := stripComments(own(t, ".css")["recado.css"])
	bySystem := declarations(t, css, `:root:not([data-theme="light"]) {`)
	byChoice := declarations(t, css, `:root[data-theme="dark"] {`)
	if !maps.Equal(bySystem, byChoice) || len(bySystem) < 20 {
		t.Errorf("the lists differ:\n%v\n%v", bySystem, byChoice)
	}
}

func declarations(t *testing.T, css, selector string) map[string]string {
	t.Helper()
	_, rest, ok := strings.Cut(css, selector)
	if !ok {
		t.Fatalf("%s is missing", selector)
	}
	block, _, _ := strings.Cut(rest, "}")
	list := map[string]string{}
	for declaration := range strings.SplitSeq(block, ";") {
		if name, value, ok := strings.Cut(declaration, ":"); ok {
			list[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	return list
}

// Modules find each other by relative paths; a bare name would need an import map.
func TestEveryImportExists(t *testing.T) {
	statement := regexp.MustCompile(`(?m)(?:^|[;}])(?:import|export)\s*(?:[\w*{][^;"()=]*from\s*)?"([^"]+)"`)
	files := own(t, ".js")
	for _, name := range []string{"preact.js", "preact-hooks.js", "signals.js", "signals-core.js", "htm.js", "uplot.js"} {
		content, err := fs.ReadFile(embed.Web(), "vendor/"+name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte("sourceMappingURL")) {
			t.Errorf("vendor/%s names a source map that is not shipped", name)
		}
		files["vendor/"+name] = string(content)
	}
	imports := 0
	for name, content := range files {
		for _, m := range statement.FindAllStringSubmatch(content, -1) {
			imports++
			target := path.Join(path.Dir(name), m[1])
			if !strings.HasPrefix(m[1], ".") {
				t.Errorf("%s imports %q, which is no relative path", name, m[1])
			} else if _, err := fs.Stat(embed.Web(), target); err != nil {
				t.Errorf("%s imports %q: %v", name, m[1], err)
			}
		}
	}
	if imports < 40 {
		t.Errorf("only %d imports were found", imports)
	}
}

func TestVendoredFilesAreUnchanged(t *testing.T) {
	sums, err := fs.ReadFile(embed.Web(), "vendor/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(sums)); lines.Scan(); {
		sum, name, _ := strings.Cut(lines.Text(), "  ")
		listed[name] = sum
	}
	entries, err := fs.ReadDir(embed.Web(), "vendor")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() == "SHA256SUMS" {
			continue
		}
		content, err := fs.ReadFile(embed.Web(), "vendor/"+e.Name())
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		if listed[e.Name()] != hex.EncodeToString(sum[:]) {
			t.Errorf("vendor/%s is not what vendor.sh wrote", e.Name())
		}
		delete(listed, e.Name())
	}
	if len(listed) != 0 {
		t.Errorf("vendored files are missing: %v", listed)
	}
}

// What publishers, browsers and push services wrote is shown as text: nothing of the
// frontend's reads a string as HTML or as a script. A QR code is the server's own.
func TestPagesShowTextOnly(t *testing.T) {
	reads := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|setHTMLUnsafe|document\.write|dangerously|srcdoc|createContextualFragment|\beval\(|new Function|javascript:|DOMParser`)
	for name, content := range own(t, ".js", ".html") {
		for _, found := range reads.FindAllString(content, -1) {
			if name != "parts/qr.js" || found != "DOMParser" {
				t.Errorf("%s has %s", name, found)
			}
		}
	}
}
