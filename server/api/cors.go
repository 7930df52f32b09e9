package api

import (
	"fmt"
	"net/http"
	"slices"
)

// cors is which sites' pages may read what these routes answer.
type cors struct {
	any     bool
	origins []string
}

func newCORS(origins []string) cors {
	return cors{any: slices.Contains(origins, "*"), origins: origins}
}

// allow is the Access-Control-Allow-Origin for an Origin; "" = none. Any site is
// "*", with which browsers send and take no credentials.
func (c cors) allow(origin string) string {
	switch {
	case origin == "":
		return ""
	case c.any:
		return "*"
	case slices.Contains(c.origins, origin):
		return origin
	}
	return ""
}

// CORS lets the pages of the configured sites call next, errors included, and
// answers their preflights itself, without asking next. It belongs outside of
// whatever else might refuse the request.
func (a *API) CORS(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		// The answer differs by Origin, so that a cache must keep them apart.
		h.Add("Vary", "Origin")
		allowed := a.cors.allow(r.Header.Get("Origin"))
		if allowed != "" {
			h.Set("Access-Control-Allow-Origin", allowed)
			h.Set("Access-Control-Expose-Headers", "Location, Retry-After")
		}
		// What makes an OPTIONS a preflight: Fetch standard, "CORS-preflight fetch".
		if r.Method != http.MethodOptions || r.Header.Get("Origin") == "" || r.Header.Get("Access-Control-Request-Method") == "" {
			next.ServeHTTP(w, r)
			return
		}
		if allowed != "" {
			h.Set("Access-Control-Allow-Methods", "GET, POST")
			h.Set("Access-Control-Allow-Headers", "Content-Type, Authorization, Idempotency-Key")
			h.Set("Access-Control-Max-Age", "7200") // the most that Chromium keeps
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

// pages are the sites whose pages may publish while everyone may: others can send
// what looks like a form without a preflight.
type pages struct {
	any        bool
	origins    []string
	protection *http.CrossOriginProtection
}

func newPages(own string, origins []string) (pages, error) {
	p := pages{any: slices.Contains(origins, "*"), protection: http.NewCrossOriginProtection()}
	for _, origin := range append([]string{own}, origins...) {
		if origin == "" || origin == "*" {
			continue
		}
		if err := p.protection.AddTrustedOrigin(origin); err != nil {
			return pages{}, fmt.Errorf("origin %q: %w", origin, err)
		}
		p.origins = append(p.origins, origin)
	}
	return p, nil
}

// may reports whether a request comes from one of them, or from no page at all. The
// Host that it came with proves nothing, nor does a browser's word that it is of the
// same origin: a stranger's name may lead to this server by now (DNS rebinding).
func (p pages) may(r *http.Request) bool {
	if p.any {
		return true
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		return slices.Contains(p.origins, origin)
	}
	return p.protection.Check(r) == nil
}
