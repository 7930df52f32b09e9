package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestLicences reads the licence of everything that is in the binary: the modules
// that are linked, and what is kept in this repository of others' work. Each has to
// let recado be passed on under its own; `make licences` shows the list.
func TestLicences(t *testing.T) {
	if testing.Short() {
		t.Skip("asks the go command")
	}
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", `{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}|{{.Dir}}{{end}}{{end}}`, ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := slices.Compact(slices.Sorted(strings.SplitSeq(strings.TrimSpace(string(out)), "\n")))
	if len(modules) < 10 {
		t.Fatalf("%d modules only: %q", len(modules), modules)
	}
	for _, module := range modules {
		if name, dir, ok := strings.Cut(module, "|"); ok {
			names, err := filepath.Glob(filepath.Join(dir, "*"))
			if err != nil {
				t.Fatal(err)
			}
			judge(t, name, slices.DeleteFunc(names, func(name string) bool { return !isLicence(name) }))
		}
	}
	kept := map[string][]string{}
	err = filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if entry.IsDir() && path != "." && strings.HasPrefix(entry.Name(), ".") {
			return filepath.SkipDir
		}
		if err == nil && !entry.IsDir() && (isLicence(path) || strings.Contains(path, ".LICENSE")) {
			kept[path] = []string{path}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	vendored, err := filepath.Glob("embed/web/vendor/*.*s") // .js and .css
	if err != nil || len(vendored) < 5 {
		t.Fatalf("%q, %v", vendored, err)
	}
	for _, path := range vendored {
		kept[path] = licenceBeside(path)
	}
	for path, licences := range kept {
		judge(t, path, licences)
	}
}

var licenceName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense)`)

// isLicence: a logo is in no binary.
func isLicence(path string) bool {
	return licenceName.MatchString(filepath.Base(path)) && filepath.Ext(path) != ".go" && !strings.HasSuffix(path, "-LOGO")
}

// licenceBeside is that of a vendored file: preact's is also that of preact-hooks.
func licenceBeside(path string) []string {
	name := strings.TrimSuffix(path, filepath.Ext(path))
	for name != "" {
		if _, err := os.Stat(name + ".LICENSE.txt"); err == nil {
			return []string{name + ".LICENSE.txt"}
		}
		shorter := name[:max(strings.LastIndexByte(name, '-'), 0)]
		name = shorter
	}
	return nil
}

func judge(t *testing.T, of string, licences []string) {
	t.Helper()
	if len(licences) == 0 {
		t.Errorf("%s comes without a licence", of)
	}
	for _, path := range licences {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		kind, err := classify(string(text))
		if err != nil {
			t.Errorf("%s, %s: %v", of, filepath.Base(path), err)
		}
		t.Logf("%-13s %s", kind, of)
	}
}

// classify names the licence by words that no other has. The heading of a refused one
// may stand nowhere in the text, though another licence stands there too.
func classify(text string) (kind string, err error) {
	words := strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(text, ">", " ")), " "))
	for _, no := range []string{
		"gnu general public license version", "gnu affero general public license version", "gnu lesser general public license version", "gnu library general public license version",
		"server side public license", "business source license", "commons clause", "elastic license", "noncommercial", "for non-commercial",
	} {
		if strings.Contains(words, no) {
			return "", fmt.Errorf("it has the words %q", no)
		}
	}
	for _, known := range []struct{ kind, words string }{
		{"MPL-2.0", "mozilla public license version 2.0"},
		{"Apache-2.0", "apache license version 2.0"},
		{"MIT", "permission is hereby granted, free of charge, to any person obtaining a copy"},
		{"BSD", "redistribution and use in source and binary forms, with or without modification, are permitted"},
		{"ISC", "permission to use, copy, modify, and/or distribute this software for any purpose with or without fee"},
		{"ISC", "permission to use, copy, modify, and distribute this software for any purpose with or without fee"},
		{"public domain", "dedicated to the public domain by the authors"},
		{"Unlicense", "this is free and unencumbered software released into the public domain"},
	} {
		if strings.Contains(words, known.words) {
			return known.kind, nil
		}
	}
	return "", fmt.Errorf("its licence is not one of those that are known to be permissive: %.100s", words)
}

func TestClassify(t *testing.T) {
	for text, want := range map[string]string{
		"GNU GENERAL PUBLIC LICENSE\n   Version 3, 29 June 2007":                                                "",
		"GNU AFFERO GENERAL PUBLIC LICENSE Version 3":                                                           "",
		"GNU LESSER GENERAL PUBLIC LICENSE\nVersion 2.1":                                                        "",
		"Apache License\nVersion 2.0\n…\n“Commons Clause” License Condition v1.0":                               "",
		"Business Source License 1.1":                                                                           "",
		"All rights reserved.":                                                                                  "",
		"Mozilla Public License Version 2.0\n… the GNU General Public License, Version 2.0, the GNU Lesser":     "MPL-2.0",
		"Licence for non-commercial use":                                                                        "",
		"                                 Apache License\n                           Version 2.0, January 2004": "Apache-2.0",
		"Permission is hereby granted, free of charge, to any person obtaining\na copy of this":                 "MIT",
	} {
		if kind, err := classify(text); kind != want || (err == nil) != (want != "") {
			t.Errorf("%.40q is %q, %v; want %q", text, kind, err, want)
		}
	}
}
