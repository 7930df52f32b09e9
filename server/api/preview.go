package api

import (
	"context"
	"fmt"
	"net/http"

	"recado/server/access"
	"recado/storage"
)

// previewBody is what would become of a notification.
type previewBody struct {
	Size     int      `json:"size"`
	Limit    int      `json:"limit"`
	Targeted int      `json:"targeted"`
	Warnings []string `json:"warnings"`
	Runs     []stamp  `json:"runs"`
}

// Preview answers POST /v1/pushnotification/preview: what CreateNotification would
// make of the same body, of which nothing is stored. That it is too large is no
// error here.
func (a *API) Preview(w http.ResponseWriter, r *http.Request) (Answer, error) {
	body, err := readBody(w, r)
	if err != nil {
		return Answer{}, err
	}
	n, wrong, err := a.decodeNotification(body)
	allowed := permitTarget(access.GrantFrom(r.Context()), n.Target)
	if err == nil && allowed == nil { // which others there are is not for every token to know
		err = a.existing(r.Context(), &wrong, n.Target.Categories)
	}
	if err == nil {
		err = badFields(wrong)
	}
	if err == nil {
		err = allowed
	}
	if err != nil {
		return Answer{}, err
	}
	out := previewBody{Limit: payloadLimit, Runs: a.runs(&n)}
	if out.Size, err = a.size(r.Context(), &n); err != nil {
		return Answer{}, err
	}
	if err := a.warn(r.Context(), &n, out.Size); err != nil {
		return Answer{}, err
	}
	out.Warnings = listed(n.Warnings)
	out.Targeted, err = a.o.Notifications.CountTarget(r.Context(), n.Target)
	return ok(out), err
}

// existing tells of all categories that do not exist; what is made learns of them
// as it is stored.
func (a *API) existing(ctx context.Context, wrong *problems, names []string) error {
	if len(names) == 0 || len(names) > maxTargeted {
		return nil
	}
	found, err := a.o.Catalog.CategoriesByName(ctx, names)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, c := range found {
		known[c.Name] = true
	}
	var more problems
	for _, name := range names {
		if !known[name] && len(more) < maxListed {
			more.add("target.categories", unknownCategory(name))
		}
	}
	wrong.merge(more)
	return nil
}

func unknownCategory(name string) string {
	return fmt.Sprintf("names the category %q, which does not exist", name)
}

// maxRuns is how many runs of a repeating notification are told ahead.
const maxRuns = 3

// runs are the next of a repeating one.
func (a *API) runs(n *storage.Notification) []stamp {
	runs := []stamp{}
	for at := n.NextAt; len(runs) < maxRuns && !at.IsZero(); at = a.o.NextRun(n.Repeat, n.TimeZone, at) {
		if !n.ExpiresAt.IsZero() && !at.Before(n.ExpiresAt) {
			break
		}
		runs = append(runs, stamp(at))
	}
	return runs
}
