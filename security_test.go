package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSecurityNamesTestsThatExist: SECURITY.md promises nothing that no test shows.
func TestSecurityNamesTestsThatExist(t *testing.T) {
	document, err := os.ReadFile("SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	err = filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		tests.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(document), "| --- |")
	rows := 0
	for row := range strings.Lines(table) {
		named := regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(row, -1)
		if rows++; rows > 1 && len(named) == 0 {
			t.Errorf("no test is named in %s", row)
		}
		for _, name := range named {
			if !strings.Contains(tests.String(), "func "+name[1]+"(") {
				t.Errorf("%s is no test", name[1])
			}
		}
	}
	if rows < 20 {
		t.Errorf("%d rows", rows)
	}
}
