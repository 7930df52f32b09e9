package console

import (
	"net/http"
	"strings"
)

// pagePolicy lets pages load and reach nothing but this server: no inline
// script or style, no frames, no plugins, no <base>.
const pagePolicy = "default-src 'self'; img-src 'self'; connect-src 'self'; object-src 'none'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// workerPolicy is the service worker's own: a message may name pictures
// anywhere, and browsers may fetch them under the worker's policy.
const workerPolicy = "default-src 'self'; img-src https: http:; connect-src 'self'; object-src 'none'; " +
	"base-uri 'none'; frame-ancestors 'none'"

// permissionsPolicy takes away what no page of recado needs.
const permissionsPolicy = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"

// SecurityHeaders sets the headers that every answer of the server carries;
// a handler may replace one for itself. With an https base URL browsers are
// told to stay with https for a year.
func SecurityHeaders(baseURL string) func(http.Handler) http.Handler {
	secure := strings.HasPrefix(baseURL, "https://")
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Security-Policy", pagePolicy)
			h.Set("X-Content-Type-Options", "nosniff")
			// An invite stands in the address: it must not travel to other sites.
			h.Set("Referrer-Policy", "same-origin")
			h.Set("Permissions-Policy", permissionsPolicy)
			if secure {
				// Elsewhere browsers ignore it, and complain in the console.
				h.Set("Cross-Origin-Opener-Policy", "same-origin")
				h.Set("Strict-Transport-Security", "max-age=31536000")
			}
			next.ServeHTTP(w, r)
		})
	}
}
