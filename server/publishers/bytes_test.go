package publishers

import "testing"

func TestBytesAsText(t *testing.T) {
	for in, want := range map[string]string{"": "", "Störung ⚠️": "Störung ⚠️", "St\xf6rung": "Störung", "\xff": "ÿ"} {
		if got := Text([]byte(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]bool{"": true, "a\tb\r\n\x1b[1m": true, "St\xf6rung": true, "a\x00": false, "\x89PNG\r\n\x1a\n": false} {
		if IsText([]byte(in)) != want {
			t.Errorf("%q is text: %v", in, !want)
		}
	}
	for in, want := range map[string]bool{"https://nas.lan/?a": true, "http://[::1]:80": true, "": false, "/x": false, "ftp://nas.lan": false, "https:": false, "https://%zz": false} {
		if IsWeb(in) != want {
			t.Errorf("%q is for the web: %v", in, !want)
		}
	}
}
