package server

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// A page whose site's name leads to this machine reads no profile.
func TestProfilesAreForThisMachine(t *testing.T) {
	h := ofThisMachine(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for host, want := range map[string]int{
		"localhost:6060": 200, "127.0.0.1:6060": 200, "[::1]:6060": 200, "localhost": 200, "127.0.0.1": 200, "::1": 200,
		"evil.example:6060": 403, "evil.example": 403, "localhost.evil.example:6060": 403, "127.0.0.1.evil.example": 403, "192.168.0.5:6060": 403, "": 403,
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/debug/pprof/cmdline", nil)
		r.Host = host
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%q is answered %d, want %d", host, w.Code, want)
		}
	}
}
