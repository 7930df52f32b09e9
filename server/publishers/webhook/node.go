package webhook

import (
	"encoding/json"
	"strconv"
	"strings"

	"recado/server/publishers"
)

// node is a value of JSON: nil, a bool, a string, a json.Number, a []node or a
// []member. The zero node is what is not there, and everything may be asked of it.
type node struct{ value any }

// member is one of an object, which keeps their order: that is how a person reads
// them.
type member struct {
	name  string
	value node
}

// at is what a path leads to, such as "alerts.0.labels.severity".
func (n node) at(path string) node {
	for name := range strings.SplitSeq(path, ".") {
		n = n.child(name)
	}
	return n
}

func (n node) child(name string) node {
	switch v := n.value.(type) {
	case []member:
		for i := len(v) - 1; i >= 0; i-- { // the last one counts, as everywhere
			if v[i].name == name {
				return v[i].value
			}
		}
	case []node:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(v) {
			return v[i]
		}
	}
	return node{}
}

// has reports whether all the members are there, if only as null.
func (n node) has(names ...string) bool {
	for _, name := range names {
		found := false
		for _, m := range n.members() {
			found = found || m.name == name
		}
		if !found {
			return false
		}
	}
	return true
}

// text is the first of what the paths lead to that has a text.
func (n node) text(paths ...string) string {
	for _, path := range paths {
		if s := strings.TrimSpace(n.at(path).string()); s != "" {
			return s
		}
	}
	return ""
}

// maxText is how many bytes of a text are looked at: several times what a push
// message has room for.
const maxText = 16 << 10

// string is a string, number or bool as text; empty = it is none.
func (n node) string() string {
	switch v := n.value.(type) {
	case string:
		return publishers.Cut(v, maxText)
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// number is what the path leads to if it is a number, also one in quotes.
func (n node) number(path string) (f float64, ok bool) {
	f, err := strconv.ParseFloat(n.text(path), 64)
	return f, err == nil
}

func (n node) flag(path string) bool { return n.text(path) == "true" }

func (n node) members() []member {
	members, _ := n.value.([]member)
	return members
}

// items is a list; nil when it is none.
func (n node) items() []node {
	list, _ := n.value.([]node)
	return list
}

// list is the list that the path leads to.
func (n node) list(path string) []node { return n.at(path).items() }

// plain is the value in the types that templates know: objects are maps, whole
// numbers int64.
func (n node) plain() any {
	switch v := n.value.(type) {
	case []member:
		object := make(map[string]any, len(v))
		for _, m := range v {
			object[m.name] = m.value.plain()
		}
		return object
	case []node:
		list := make([]any, len(v))
		for i := range v {
			list[i] = v[i].plain()
		}
		return list
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return i
		}
		if f, err := v.Float64(); err == nil {
			return f
		}
		return v.String()
	default:
		return v
	}
}
