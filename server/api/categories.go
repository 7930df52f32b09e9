package api

import "net/http"

type categoryItem struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

// Categories answers GET /api/categories: those that anyone may join.
func (a *API) Categories(w http.ResponseWriter, r *http.Request) {
	categories, err := a.o.Catalog.Categories(r.Context(), true)
	if err != nil {
		a.Fail(w, r, err)
		return
	}
	items := make([]categoryItem, len(categories))
	for i, c := range categories {
		items[i] = categoryItem{ID: c.ID.String(), Name: c.Name, Description: c.Description}
	}
	respondJSON(w, http.StatusOK, map[string]any{"items": items})
}
