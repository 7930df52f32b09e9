package webhook

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"recado/server/publishers"
	"recado/server/publishers/markdown"
)

var (
	terminalCodes = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]")
	blanks        = regexp.MustCompile(`[^\S\n]+`)
	lineEnds      = regexp.MustCompile(` ?\n[ \n]*`)
)

// clean is text without what cannot be seen: control characters, codes for
// terminals, blank lines, blanks at both ends.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.Contains(s, "\x1b") {
		s = terminalCodes.ReplaceAllString(s, "")
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u2028' || r == '\u2029' || r == '\n':
			return '\n'
		case unicode.IsSpace(r) && r != '\r':
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(lineEnds.ReplaceAllString(blanks.ReplaceAllString(s, " "), "\n"))
}

// line is clean text on one line.
func line(s string) string { return strings.ReplaceAll(clean(s), "\n", " ") }

// firstLine is the first that has something on it.
func firstLine(s string) string {
	first, _, _ := strings.Cut(clean(s), "\n")
	return first
}

// excerpt is the beginning of a text with markup, without it.
func excerpt(s string, max int) string {
	return publishers.Clip(plain(publishers.Cut(s, maxText)), max)
}

// prose is excerpt of what is known to be Markdown, with HTML in it as GitHub has
// it or links as Slack has them.
func prose(s string, max int) string {
	s = publishers.Cut(s, maxText)
	for _, m := range markup[:links] {
		s = m.pattern.ReplaceAllString(s, m.with)
	}
	return publishers.Clip(clean(html.UnescapeString(markdown.Text(s))), max)
}

// links is where in markup those for links and tags end.
const links = 6

// markup is what is taken out of texts that may be Markdown or HTML, or neither, in
// this order: what can hardly mean anything else.
var markup = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`(?s)<!--.*?(-->|$)`), ""},
	{regexp.MustCompile(`!?\[([^\[\]\n]*)\]\([^()\s]*\)`), "$1"},
	{regexp.MustCompile(`<(https?://[^<>\s|]+)\|([^<>\n]+)>`), "$2"}, // Slack's links
	{regexp.MustCompile(`<(https?://[^<>\s]+)>`), "$1"},
	{regexp.MustCompile(`(?i)<(br|/p|/div|/li|/tr|/h[1-6])\s*/?>`), "\n"},
	{regexp.MustCompile(`</?[A-Za-z][^<>]*>`), ""},

	{regexp.MustCompile("(?m)^\\s*(```|~~~).*$"), ""},
	{regexp.MustCompile(`(?m)^\s{0,3}(#{1,6}|>+)\s+`), ""},
	{regexp.MustCompile(`(?m)^\s*([-*_]\s*){3,}$`), ""},
	{regexp.MustCompile(`(\*\*|__|~~)(\S|\S.*?\S)(\*\*|__|~~)`), "$2"},
	{regexp.MustCompile(`(^|[\s(])[*_]([^\s*_]|[^\s*_][^*_\n]*[^\s*_])[*_]($|[\s).,:;!?])`), "$1$2$3"},
	{regexp.MustCompile("`([^`\n]+)`"), "$1"},
}

// plain is a text without Markdown and HTML.
func plain(s string) string {
	for _, m := range markup {
		s = m.pattern.ReplaceAllString(s, m.with)
	}
	return clean(html.UnescapeString(s))
}

// lines joins what is not empty, one a line.
func lines(texts ...string) string { return join("\n", texts...) }

// join joins what is not empty.
func join(separator string, texts ...string) string {
	var some []string
	for _, s := range texts {
		if s = strings.TrimSpace(s); s != "" {
			some = append(some, s)
		}
	}
	return strings.Join(some, separator)
}

// first is the first max lines; where some are left out, or are missing already, the
// last says how many.
func first(max int, all []string, missing int) string {
	if len(all) > max {
		missing += len(all) - max
		all = all[:max]
	}
	if missing == 0 {
		return lines(all...)
	}
	return lines(lines(all...), "and "+strconv.Itoa(missing)+" more")
}

// count is "1 commit", "2 commits".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// sentence begins with a capital, and has blanks for underscores: "review_requested"
// is "Review requested".
func sentence(s string) string {
	s = strings.ReplaceAll(s, "_", " ")
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

// spaced is the words of a name in capitals: "HealthRestored" is "Health restored".
func spaced(s string) string {
	var out strings.Builder
	for i, r := range s {
		if i > 0 && unicode.IsUpper(r) {
			out.WriteByte(' ')
			r = unicode.ToLower(r)
		}
		out.WriteRune(r)
	}
	return out.String()
}

// megabytes is a size as people say it; empty for none.
func megabytes(n node, path string) string {
	size, ok := n.number(path)
	switch {
	case !ok || size < 1:
		return ""
	case size >= 1e9:
		return strconv.FormatFloat(size/1e9, 'f', 1, 64) + " GB"
	}
	return strconv.FormatFloat(max(size/1e6, 1), 'f', 0, 64) + " MB"
}
