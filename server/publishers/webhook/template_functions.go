package webhook

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	texttemplate "text/template"

	"recado/server/publishers"
)

const (
	// maxSteps is how often a template may show something or go round a loop.
	maxSteps = 100_000
	// maxOutput is how many bytes it may make, at once and in all; more is cut, for
	// a push message has room for a tenth of it.
	maxOutput = 64 << 10
)

var errFull = errors.New("the output is full")

// limitError says which limit a template goes beyond.
type limitError string

func (e limitError) Error() string { return string(e) }

const (
	errSteps = limitError("it takes too long: more than 100,000 steps")
	errTime  = limitError("it takes too long")
	errWidth = limitError("a width of more than three digits, or *, cannot be used in printf")
)

// run is one execution of a template: what it has made, and how far it has got.
type run struct {
	ctx   context.Context
	steps int
	out   strings.Builder
}

// Write takes what fits; then it ends the execution with errFull.
func (r *run) Write(b []byte) (int, error) {
	if room := maxOutput - r.out.Len(); len(b) > room {
		r.out.WriteString(strings.ToValidUTF8(string(b[:room]), ""))
		return room, errFull
	}
	return r.out.Write(b)
}

// count counts a step.
func (r *run) count() error {
	if r.steps++; r.steps > maxSteps {
		return errSteps
	}
	if r.ctx != nil && r.ctx.Err() != nil {
		return errTime
	}
	return nil
}

// functions are what templates may call: a few of ours, and in place of the built-in
// ones that make text those that know their limits.
func (r *run) functions() texttemplate.FuncMap {
	return texttemplate.FuncMap{
		"show": func(v any) (string, error) { return shown(v), r.count() },
		"step": func() (string, error) { return "", r.count() },

		"get":      func(v any, path string) (any, error) { return get(v, path), r.count() },
		"default":  orElse,
		"lower":    r.ofText(strings.ToLower),
		"upper":    r.ofText(strings.ToUpper),
		"trim":     r.ofText(strings.TrimSpace),
		"line":     r.ofText(line),
		"plain":    r.ofText(plain),
		"cut":      func(n int, v any) (string, error) { return publishers.Clip(shown(v), max(n, 1)), r.count() },
		"contains": func(part, v any) (bool, error) { return strings.Contains(shown(v), shown(part)), r.count() },
		"replace": func(old, with, v any) (string, error) {
			return publishers.Cut(strings.ReplaceAll(shown(v), shown(old), publishers.Cut(shown(with), 1000)), maxOutput), r.count()
		},
		"join": func(separator string, v any) (string, error) { return joined(separator, v), r.count() },

		"print":    r.printed(fmt.Sprint),
		"println":  r.printed(fmt.Sprintln),
		"html":     r.printed(template.HTMLEscaper),
		"js":       r.printed(template.JSEscaper),
		"urlquery": r.printed(func(v ...any) string { return url.QueryEscape(fmt.Sprint(v...)) }),
		"printf": func(format string, v ...any) (string, error) {
			if wide.MatchString(format) {
				return "", errWidth
			}
			return publishers.Cut(fmt.Sprintf(format, v...), maxOutput), r.count()
		},
	}
}

var wide = regexp.MustCompile(`%[^a-zA-Z%]*(\d{4}|\*)`)

func (r *run) ofText(f func(string) string) func(any) (string, error) {
	return func(v any) (string, error) { return publishers.Cut(f(shown(v)), maxOutput), r.count() }
}

// printed is a function that makes one text of several values, each of which is cut
// before.
func (r *run) printed(f func(...any) string) func(...any) (string, error) {
	return func(values ...any) (string, error) {
		for i, v := range values {
			values[i] = shown(v)
		}
		return publishers.Cut(f(values...), maxOutput), r.count()
	}
}

// shown is a value as people write it, never as JSON.
func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return publishers.Cut(v, maxOutput)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any, map[string]any:
		return joined(", ", v)
	}
	return publishers.Cut(fmt.Sprint(v), maxOutput)
}

// joined is a list, or an object's members, one after the other.
func joined(separator string, v any) string {
	var out strings.Builder
	add := func(s string) bool {
		if out.Len() > 0 {
			out.WriteString(separator)
		}
		out.WriteString(s)
		return out.Len() <= maxOutput
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if !add(shown(item)) {
				break
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if !add(name + ": " + shown(v[name])) {
				break
			}
		}
	default:
		return shown(v)
	}
	return publishers.Cut(out.String(), maxOutput)
}

// orElse is v, or other where v is empty.
func orElse(other, v any) any {
	if truth, ok := texttemplate.IsTrue(v); ok && truth {
		return v
	}
	return other
}

// get is what a path such as "alerts.0.labels.severity" leads to; nil when it leads
// nowhere.
func get(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return nil
		}
	}
	return v
}
