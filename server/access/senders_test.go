package access

import (
	"encoding/base64"
	"net/http/httptest"
	"testing"
)

func TestNtfyToken(t *testing.T) {
	encoded := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	raw := base64.RawURLEncoding.EncodeToString
	for _, tt := range []struct {
		query, header, want string
		ok                  bool
	}{
		{"", "", "", false},
		{"", "Bearer tk_x", "tk_x", true},
		{"", "bearer  tk_x ", "tk_x", true},
		{"", "Basic " + encoded("user:tk_x"), "tk_x", true},
		{"", "basic " + encoded(":tk_x"), "tk_x", true},
		{"", "Basic " + encoded("tk_x:"), "tk_x", true},
		{"", "Basic " + encoded("a:tk:x"), "tk:x", true},
		{"", "Basic " + encoded(":"), "", false},
		{"", "Basic nonsense", "", false},
		{"", "Digest tk_x", "", false},
		{"auth=" + raw([]byte("Bearer tk_x")), "", "tk_x", true},
		{"authorization=" + raw([]byte("Basic "+encoded("user:tk_x"))), "Bearer other", "tk_x", true},
		{"auth=" + raw([]byte("Bearer ???>>>")), "", "???>>>", true},
		{"auth=tk_x", "Bearer other", "", true},
		{"auth=%2b", "", "", true},
		{"auth=", "Bearer tk_x", "tk_x", true},
	} {
		r := httptest.NewRequest("POST", "/ops?"+tt.query, nil)
		if tt.header != "" {
			r.Header.Set("Authorization", tt.header)
		}
		if got, ok := NtfyToken(r); got != tt.want || ok != tt.ok {
			t.Errorf("?%s and %q: %q, %v", tt.query, tt.header, got, ok)
		}
	}
}

func TestGotifyToken(t *testing.T) {
	for _, tt := range []struct {
		query, header, want string
	}{
		{"", "", ""}, {"token=a", "", "a"}, {"", "b", "b"}, {"token=a", "b", "a"}, {"token=", " b ", "b"},
	} {
		r := httptest.NewRequest("POST", "/message?"+tt.query, nil)
		r.Header.Set("X-Gotify-Key", tt.header)
		if got, ok := GotifyToken(r); got != tt.want || ok != (tt.want != "") {
			t.Errorf("?%s and %q: %q, %v", tt.query, tt.header, got, ok)
		}
	}
}

func FuzzNtfyToken(f *testing.F) {
	f.Add("auth=QmVhcmVyIHg", "Basic dXNlcjpwdw==")
	f.Fuzz(func(t *testing.T, query, header string) {
		r := httptest.NewRequest("POST", "/ops", nil)
		r.URL.RawQuery = query
		r.Header.Set("Authorization", header)
		if token, ok := NtfyToken(r); token != "" && !ok {
			t.Errorf("%q is a token and none", token)
		}
	})
}
