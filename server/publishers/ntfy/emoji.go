package ntfy

import (
	_ "embed"
	"sort"
	"strings"
)

// emojis has a line for each short code, in their order: "warning ⚠️".
//
//go:embed emoji.txt
var emojis string

// emoji is the one that a tag names; empty = it names none. A line is found by
// halving, so that the table needs no preparation.
func emoji(tag string) string {
	// The position of a byte stands for the line that it is in.
	line := func(at int) string {
		start := strings.LastIndexByte(emojis[:at], '\n') + 1
		whole, _, _ := strings.Cut(emojis[start:], "\n")
		return whole
	}
	wanted := tag + " "
	at := sort.Search(len(emojis), func(at int) bool { return line(at) >= wanted })
	if at == len(emojis) {
		return ""
	}
	found, ok := strings.CutPrefix(line(at), wanted)
	if !ok {
		return ""
	}
	return found
}

// withEmojis puts the emojis that tags name before a text, as ntfy's apps do; what
// is none stays a tag. After a dozen it has been seen.
func withEmojis(tags []string, s string) string {
	const most = 12
	var found []string
	for _, tag := range tags {
		if e := emoji(tag); e != "" && len(found) < most {
			found = append(found, e)
		}
	}
	if len(found) == 0 {
		return s
	}
	return strings.TrimSpace(strings.Join(found, " ") + " " + s)
}
