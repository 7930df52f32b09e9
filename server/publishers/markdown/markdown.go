// Package markdown makes text of Markdown for places that show text alone, as
// notifications do.
package markdown

import (
	"regexp"
	"strings"

	"recado/server/publishers"
)

// Text is what a person would read if the Markdown were shown: without its marks,
// with the addresses of links in brackets after their words, lists with bullets.
// It knows what messages use of CommonMark; what it does not know stays as it is.
//
// What is far more than a notification shows is cut before it is looked at.
func Text(s string) string {
	const most = 16 << 10 // bytes
	s = publishers.Cut(s, most)
	var out []string
	fence := ""
	for line := range strings.SplitSeq(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case fence != "" && strings.HasPrefix(trimmed, fence):
			fence = ""
		case fence != "":
			out = append(out, line) // code stays as it is
		case strings.HasPrefix(trimmed, "```"), strings.HasPrefix(trimmed, "~~~"):
			fence = trimmed[:3]
		case strings.HasPrefix(trimmed, "|") && strings.Trim(trimmed, "|-: ") == "": // below a table's head
		case isRule(trimmed):
			out = append(out, "")
		default:
			out = append(out, block(line))
		}
	}
	return strings.TrimSpace(blankLines(strings.Join(out, "\n")))
}

// isRule: a line across the page, or below a heading.
func isRule(line string) bool {
	if len(line) < 3 {
		return false
	}
	for _, mark := range []string{"-", "*", "_", "="} {
		if strings.Trim(line, mark+" ") == "" {
			return true
		}
	}
	return false
}

// block takes away what marks a whole line.
func block(line string) string {
	text := strings.TrimLeft(line, " \t")
	indent := line[:len(line)-len(text)]
	for strings.HasPrefix(text, ">") {
		text = strings.TrimLeft(text[1:], " ")
	}
	if heading := strings.TrimLeft(text, "#"); len(text)-len(heading) <= 6 && heading != text && strings.HasPrefix(heading, " ") {
		return inline(strings.TrimRight(strings.TrimSpace(heading), "# "))
	}
	for _, bullet := range []string{"- ", "* ", "+ "} {
		if rest, ok := strings.CutPrefix(text, bullet); ok {
			rest = strings.TrimPrefix(strings.Replace(rest, "[x] ", "[X] ", 1), "[ ] ")
			if done, ok := strings.CutPrefix(rest, "[X] "); ok {
				rest = "✓ " + done
			}
			return indent + "• " + inline(rest)
		}
	}
	if strings.HasPrefix(text, "|") {
		cells := strings.Split(strings.Trim(text, "| "), "|")
		for i := range cells {
			cells[i] = inline(strings.TrimSpace(cells[i]))
		}
		return strings.Join(cells, " | ")
	}
	return indent + inline(text)
}

// blankLines leaves one blank line where there are several.
func blankLines(s string) string {
	for strings.Contains(s, "\n\n\n") {
		s = strings.ReplaceAll(s, "\n\n\n", "\n\n")
	}
	return s
}

// spans are tried from left to right at once, so that what is code is not looked
// into. Regular expressions of Go take linear time.
var spans = regexp.MustCompile(
	"``(.+?)``" + // 1: code
		"|`([^`]+)`" + // 2: code
		`|!\[([^\[\]]*)\]\(\s*<?([^()<>\s]*)>?[^()]*\)` + // 3: picture, 4: its address
		`|\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(\s*<?((?:[^()<>\s]|\([^()\s]*\))*)>?[^()]*\)` + // 5: link, 6: its address
		`|<((?:https?://|mailto:)[^<>\s]+)>` + // 7: address
		`|\*\*\*(\S|\S.*?\S)\*\*\*` + // 8
		`|\*\*(\S|\S.*?\S)\*\*` + // 9: strong
		`|\*([^\s*]|[^\s*][^*]*?[^\s*])\*` + // 10: emphasis
		`|\b__(\S|\S.*?\S)__\b` + // 11: strong
		`|\b_([^\s_]|[^\s_].*?[^\s_])_\b` + // 12: emphasis
		`|~~(\S|\S.*?\S)~~` + // 13: struck out
		`|\\([!-/:-@\[-` + "`" + `{-~])` + // 14: an escaped mark
		`|(</?(?:b|i|u|s|em|strong|code|br|p|del|ins|sub|sup|small|mark)\s*/?>)`) // 15: a tag

// inline takes away what marks words.
func inline(s string) string { return inlineTo(s, 0) }

const maxDepth = 4 // of marks within marks

func inlineTo(s string, depth int) string {
	if depth > maxDepth {
		return s
	}
	var out strings.Builder
	at := 0
	for _, m := range spans.FindAllStringSubmatchIndex(s, -1) {
		out.WriteString(s[at:m[0]])
		at = m[1]
		group := func(i int) (string, bool) {
			if m[2*i] < 0 {
				return "", false
			}
			return s[m[2*i]:m[2*i+1]], true
		}
		out.WriteString(span(group, depth))
	}
	out.WriteString(s[at:])
	return out.String()
}

// span is what is to be read of one.
func span(group func(int) (string, bool), depth int) string {
	for _, code := range []int{1, 2, 7, 14} {
		if text, ok := group(code); ok {
			return text
		}
	}
	if alt, ok := group(3); ok {
		return alt
	}
	if words, ok := group(5); ok {
		words = inlineTo(words, depth+1)
		address, _ := group(6)
		switch {
		case words == "" || words == address:
			return address
		case address == "" || strings.HasPrefix(address, "#"):
			return words
		}
		return words + " (" + address + ")"
	}
	for mark := 8; mark <= 13; mark++ {
		if text, ok := group(mark); ok {
			return inlineTo(text, depth+1)
		}
	}
	return "" // a tag
}
