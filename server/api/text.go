package api

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// problems gathers what is wrong with a request's fields, so that a client
// learns all of it at once.
type problems []FieldError

func (p *problems) add(field, message string) {
	*p = append(*p, FieldError{field, message})
}

// name checks a short text on one line: at most max characters.
func (p *problems) name(field, s string, max int) {
	switch {
	case utf8.RuneCountInString(s) > max:
		p.add(field, "must have at most "+strconv.Itoa(max)+" characters")
	case strings.ContainsFunc(s, unicode.IsControl):
		p.add(field, "must not contain control characters")
	}
}

// names checks a list of names, and reports every bad one. At a thousand it stops:
// the answer is not to be many times the request.
func (p *problems) names(field string, names []string) {
	before := len(*p)
	for i, name := range names {
		if len(*p)-before == 1000 {
			return
		}
		at := field + "[" + strconv.Itoa(i) + "]"
		if name == "" {
			p.add(at, "must not be empty")
		}
		p.name(at, name, maxName)
	}
}

// text checks a text of any length. NUL ends a string in too many places on its
// way to a screen.
func (p *problems) text(field, s string) {
	if strings.ContainsRune(s, 0) {
		p.add(field, "must not contain the character NUL")
	}
}

// url checks an absolute http(s) URL; empty = none.
func (p *problems) url(field, s string) {
	if s == "" {
		return
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		p.add(field, "must be an absolute http or https URL")
	}
}

// unique is list without repeats.
func unique(list []string) []string {
	out := make([]string, 0, len(list))
	seen := map[string]bool{}
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// cut shortens s to at most max bytes of valid UTF-8.
func cut(s string, max int) string {
	return strings.ToValidUTF8(s[:min(len(s), max)], "")
}
