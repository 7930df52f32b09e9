package publishers

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// Text is bytes as text: UTF-8, and otherwise Latin-1, whose bytes are Unicode's
// first characters.
func Text(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}

// IsText reports whether bytes could be meant to be read: that is not so when
// they hold control characters beyond blanks, line ends and colours.
func IsText(b []byte) bool {
	for _, c := range b {
		if c < ' ' && !strings.ContainsRune("\t\n\v\f\r\x1b", rune(c)) {
			return false
		}
	}
	return true
}

// IsWeb reports whether s is an address that a browser opens from a notification:
// absolute, and http or https.
func IsWeb(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}
