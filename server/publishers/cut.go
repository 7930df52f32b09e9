package publishers

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const ellipsis = "…"

// Cut shortens s to at most size bytes of UTF-8, at a character's border and with
// an ellipsis in the place of what is gone. What is short enough stays as it is.
func Cut(s string, size int) string {
	if len(s) <= size {
		return s
	}
	if size < len(ellipsis) {
		return ""
	}
	return strings.TrimRightFunc(s[:border(s, size-len(ellipsis))], unicode.IsSpace) + ellipsis
}

// Clip shortens s to at most max characters: at a word's end if there is one in the
// last third.
func Clip(s string, max int) string {
	if utf8.RuneCountInString(s) <= max {
		return s
	}
	end := 0
	for range max - 1 {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	end = border(s, end)
	if blank := strings.LastIndexFunc(s[:end], unicode.IsSpace); blank > end*2/3 && !strings.HasPrefix(s[end:], " ") {
		end = blank
	}
	return strings.TrimRight(s[:end], " ,;:.-–\n") + ellipsis
}

// border is the last index up to i at which a character as people see it begins:
// accents, skin tones and the parts of an emoji are not torn off.
func border(s string, i int) int {
	for i > 0 && i < len(s) {
		next, size := utf8.DecodeRuneInString(s[i:])
		last, _ := utf8.DecodeLastRuneInString(s[:i])
		broken := next == utf8.RuneError && size == 1 && !utf8.RuneStart(s[i])
		if !broken && !joins(next) && last != zeroWidthJoiner {
			break
		}
		i--
	}
	return i
}

const zeroWidthJoiner = '\u200d'

// joins reports whether a rune belongs to the one before it.
func joins(r rune) bool {
	return r == zeroWidthJoiner || unicode.In(r, unicode.M) || 0x1F3FB <= r && r <= 0x1F3FF // skin tones
}
