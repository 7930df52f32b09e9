package api

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"recado/server/access"
	"recado/server/publishers"
	"recado/server/publishers/gotify"
)

// GotifyHealth answers GET /health.
func (a *API) GotifyHealth(w http.ResponseWriter, r *http.Request) {
	type health struct {
		Health   string `json:"health"`
		Database string `json:"database"`
	}
	if reasons := a.o.Ready(r.Context()); len(reasons) > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(storageRetry/time.Second)))
		respondJSON(w, http.StatusServiceUnavailable, health{"orange", "red"})
		return
	}
	respondJSON(w, http.StatusOK, health{"green", "green"})
}

// GotifyVersion answers GET /version.
func (a *API) GotifyVersion(w http.ResponseWriter, _ *http.Request) {
	respondJSON(w, http.StatusOK, struct {
		Version   string `json:"version"`
		Commit    string `json:"commit"`
		BuildDate string `json:"buildDate"`
	}{Version: a.o.Version})
}

// GotifyMessage answers POST /message: to ?category= if it names any, otherwise to
// everyone that the token may publish to.
func (a *API) GotifyMessage(w http.ResponseWriter, r *http.Request) {
	answer, err := a.gotifyMessage(w, r)
	if err != nil {
		a.GotifyFail(w, r, err)
		return
	}
	respondJSON(w, http.StatusOK, answer)
}

func (a *API) gotifyMessage(w http.ResponseWriter, r *http.Request) (gotify.Answer, error) {
	body, err := readBytes(w, r, maxPublished)
	if err != nil {
		return gotify.Answer{}, err
	}
	contentType, query := r.Header.Get("Content-Type"), r.URL.Query()
	if gotify.IsJSON(contentType, body) && tooDeep(body) {
		return gotify.Answer{}, badRequest("the JSON is nested deeper than %d", depthLimit)
	}
	m, err := gotify.Parse(contentType, body, query)
	if err != nil {
		return gotify.Answer{}, err
	}
	n := m.Notification()
	grant := access.GrantFrom(r.Context())
	if n.Target, err = audience(grant, query["category"]); err != nil {
		return gotify.Answer{}, err
	}
	accepted, err := a.relay(r.Context(), grant, &n, nil)
	if err != nil {
		return gotify.Answer{}, err
	}
	// Gotify's ids are numbers. The internal key is one that comes once, and tells
	// no more than how many notifications there have been.
	return gotify.Answer{
		ID: accepted.Notification.Key, AppID: grant.TokenKey,
		Title: publishers.Cut(m.Title, maxEcho), Message: publishers.Cut(m.Message, maxEcho), Priority: m.Priority, Extras: m.Extras,
		Date: accepted.Notification.CreatedAt.UTC().Format("2006-01-02T15:04:05.000Z07:00"),
	}, nil
}

// maxEcho is how many bytes of a text are told back to who sent it.
const maxEcho = 4096

// GotifyFail is Fail as Gotify tells of errors.
func (a *API) GotifyFail(w http.ResponseWriter, r *http.Request, err error) {
	var refused *gotify.Error
	if !errors.As(err, &refused) {
		e := a.told(r, err)
		errorHeaders(w, e)
		refused = gotify.StatusError(e.Status, e.Message)
	}
	respondJSON(w, refused.Code, refused)
}
