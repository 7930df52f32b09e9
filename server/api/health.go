package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Hello answers GET /api/: there is a server, and it is this one.
func (a *API) Hello(w http.ResponseWriter, r *http.Request) { respondText(w, http.StatusOK, "ok") }

// Healthz answers GET /healthz: the process is alive.
func (a *API) Healthz(w http.ResponseWriter, r *http.Request) { respondText(w, http.StatusOK, "ok") }

// Readyz answers GET /readyz: 200, or 503 with the reasons.
func (a *API) Readyz(w http.ResponseWriter, r *http.Request) {
	reasons := a.o.Ready(r.Context())
	if len(reasons) == 0 {
		respondText(w, http.StatusOK, "ok")
		return
	}
	w.Header().Set("Retry-After", strconv.Itoa(int(storageRetry/time.Second)))
	respondJSON(w, http.StatusServiceUnavailable, struct {
		Message string   `json:"message"`
		Reasons []string `json:"reasons"`
	}{"not ready: " + strings.Join(reasons, "; "), reasons})
}
