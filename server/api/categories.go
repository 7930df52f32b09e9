package api

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"recado/storage"
)

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

// categoryV1 is a category as /v1 shows it.
type categoryV1 struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Public      bool   `json:"public"`
	Subscribers int    `json:"subscribers"`
}

func categoryOf(c *storage.Category) categoryV1 {
	return categoryV1{c.ID.String(), c.Name, c.Description, c.Public, c.Subscribers}
}

// ListCategories answers GET /v1/pushnotification/categories.
func (a *API) ListCategories(_ http.ResponseWriter, r *http.Request) (Answer, error) {
	categories, err := a.o.Catalog.Categories(r.Context(), false)
	if err != nil {
		return Answer{}, err
	}
	slices.SortFunc(categories, func(x, y storage.Category) int { return cmp.Compare(y.Key, x.Key) })
	page, err := partOf(readQuery(r), "categories", categories, func(c *storage.Category) place {
		return place{c.Key, c.ID.String()}
	}, categoryOf)
	return ok(page), err
}

const maxDescription = 500 // characters

// readCategory reads the body of a category to make or to replace.
func readCategory(w http.ResponseWriter, r *http.Request) (storage.Category, error) {
	var in struct {
		Name        string `json:"name"`
		Description string `json:"description"`
		Public      bool   `json:"public"`
	}
	wrong, err := decodeStrict(w, r, &in, "id", "subscribers")
	if err != nil {
		return storage.Category{}, err
	}
	var more problems
	if strings.TrimSpace(in.Name) != in.Name {
		more.add("name", "must not begin or end with a space")
	}
	if in.Name == "" {
		more.add("name", "is required")
	}
	more.name("name", in.Name, maxName)
	more.name("description", in.Description, maxDescription)
	wrong.merge(more)
	return storage.Category{Name: in.Name, Description: in.Description, Public: in.Public}, badFields(wrong)
}

// CreateCategory answers POST /v1/pushnotification/categories.
func (a *API) CreateCategory(w http.ResponseWriter, r *http.Request) (Answer, error) {
	c, err := readCategory(w, r)
	if err == nil {
		c, err = a.o.CategoryAdmin.CreateCategory(r.Context(), c)
	}
	return created("/v1/pushnotification/categories/"+c.ID.String(), categoryOf(&c)), categoryError(err)
}

func categoryError(err error) error {
	switch {
	case errors.Is(err, storage.ErrExists):
		return conflict("there is a category of that name already")
	case errors.Is(err, storage.ErrInUse):
		return conflict("a scheduled notification still addresses the category: cancel or replace that first")
	}
	return missing(err, "category")
}

// UpdateCategory answers PUT /v1/pushnotification/categories/{id}.
func (a *API) UpdateCategory(w http.ResponseWriter, r *http.Request) (Answer, error) {
	id, err := pathID(r, "category")
	if err != nil {
		return Answer{}, err
	}
	c, err := readCategory(w, r)
	if err != nil {
		return Answer{}, err
	}
	c.ID = id
	c, err = a.o.CategoryAdmin.UpdateCategory(r.Context(), c)
	return ok(categoryOf(&c)), categoryError(err)
}

// DeleteCategory answers DELETE /v1/pushnotification/categories/{id}.
func (a *API) DeleteCategory(_ http.ResponseWriter, r *http.Request) (Answer, error) {
	id, err := pathID(r, "category")
	if err == nil {
		err = a.o.CategoryAdmin.DeleteCategory(r.Context(), id)
	}
	return noContent(), categoryError(err)
}
