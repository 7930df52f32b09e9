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

// Readyz answers GET /readyz: 200, or 503 with the reasons, a line each for people;
// as JSON for who asks for it.
func (a *API) Readyz(w http.ResponseWriter, r *http.Request) {
	reasons := a.o.Ready(r.Context())
	status, text, message := http.StatusOK, "ok", "ok"
	if len(reasons) > 0 {
		status = http.StatusServiceUnavailable
		text, message = "not ready\n"+strings.Join(reasons, "\n"), "not ready: "+strings.Join(reasons, "; ")
		w.Header().Set("Retry-After", strconv.Itoa(int(storageRetry/time.Second)))
	}
	w.Header().Add("Vary", "Accept")
	if !wantsJSON(r) {
		respondText(w, status, text)
		return
	}
	respondJSON(w, status, struct {
		Message string   `json:"message"`
		Reasons []string `json:"reasons"`
	}{message, append([]string{}, reasons...)})
}
