package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// entry is one key of a file with the line of its value; 0 = unknown.
type entry struct {
	name  string // quoted where TOML needs it, so that "a.b" = 1 is not a.b
	value any
	line  int
}

// parseFile reads TOML into its entries, in the order of the file. Tables are
// descended into when table says so; otherwise a table is an entry, and so is an
// empty one.
func parseFile(data string, table func(name string) bool) ([]entry, error) {
	var root map[string]toml.Primitive
	md, err := toml.Decode(data, &root)
	if err != nil {
		var syntax toml.ParseError
		if errors.As(err, &syntax) {
			return nil, &lineError{syntax.Position.Line, syntax.Message}
		}
		return nil, err
	}
	entries, err := walk(&md, nil, root, table)
	slices.SortStableFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.name, b.name))
	})
	return entries, err
}

type lineError struct {
	line    int
	message string
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.message) }

func walk(md *toml.MetaData, path toml.Key, values map[string]toml.Primitive, table func(string) bool) ([]entry, error) {
	var entries []entry
	for k, primitive := range values {
		at := append(slices.Clone(path), k)
		var value any
		if err := md.PrimitiveDecode(primitive, &value); err != nil {
			return nil, fmt.Errorf("reading %s: %w", at, err)
		}
		if _, ok := value.(map[string]any); !ok || !table(at.String()) {
			entries = append(entries, entry{at.String(), value, lineOf(md, primitive)})
			continue
		}
		var below map[string]toml.Primitive
		if err := md.PrimitiveDecode(primitive, &below); err != nil {
			return nil, fmt.Errorf("reading %s: %w", at, err)
		}
		inner, err := walk(md, at, below, table)
		if err != nil {
			return nil, err
		}
		if len(inner) == 0 { // it is there all the same
			inner = []entry{{at.String(), value, lineOf(md, primitive)}}
		}
		entries = append(entries, inner...)
	}
	return entries, nil
}

// lineOf asks the decoder where a value stands. It tells only in an error, so
// the value is decoded into something that refuses it. A table that is only
// there because of what it holds (a.b = 1) stands where that does.
func lineOf(md *toml.MetaData, p toml.Primitive) int {
	var at toml.ParseError
	if errors.As(md.PrimitiveDecode(p, refuser{}), &at) && at.Position.Line > 0 {
		return at.Position.Line
	}
	var below map[string]toml.Primitive
	if md.PrimitiveDecode(p, &below) != nil {
		return 0
	}
	first := 0
	for _, inner := range below {
		if line := lineOf(md, inner); first == 0 || (line > 0 && line < first) {
			first = line
		}
	}
	return first
}

type refuser struct{}

func (refuser) UnmarshalTOML(any) error { return errors.New("refused") }

// tables knows the tables that the keys stand in.
func tables(all []key) func(name string) bool {
	return func(name string) bool {
		return isWebhook(name) || slices.ContainsFunc(all, func(k key) bool { return strings.HasPrefix(k.name, name+".") })
	}
}
