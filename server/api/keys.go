package api

import (
	"encoding/base64"
	"errors"
	"net/http"

	"recado/storage"
)

type keyItem struct {
	ID            string `json:"id"`
	PublicKey     string `json:"public_key"`
	CreatedAt     stamp  `json:"created_at"`
	Subscriptions int    `json:"subscriptions"`
}

func keyOf(k *storage.VAPIDKey) keyItem {
	return keyItem{k.ID, base64.RawURLEncoding.EncodeToString(k.Public), stamp(k.CreatedAt), k.Subscriptions}
}

// ListKeys answers GET /v1/keys: the first is the one that browsers subscribe
// with.
func (a *API) ListKeys(_ http.ResponseWriter, r *http.Request) (Answer, error) {
	keys, err := a.o.Keys.Keys(r.Context())
	if err != nil {
		return Answer{}, err
	}
	page, err := partOf(readQuery(r), "keys", keys, func(k *storage.VAPIDKey) place {
		return place{k.CreatedAt.UnixMilli(), k.ID}
	}, keyOf)
	return ok(page), err
}

// RotateKey answers POST /v1/keys/rotate: makes a key, with which browsers
// subscribe from now on. Those that have subscribed keep theirs until they come to
// sync.
func (a *API) RotateKey(_ http.ResponseWriter, r *http.Request) (Answer, error) {
	key, err := a.o.NewKey()
	if err != nil {
		return Answer{}, err
	}
	key.CreatedAt = a.now()
	if err := a.o.Keys.AddKey(r.Context(), key); err != nil {
		return Answer{}, err
	}
	key, err = a.o.Catalog.NewestKey(r.Context())
	return Answer{status: http.StatusCreated, body: keyOf(&key)}, err
}

// RetireKey answers DELETE /v1/keys/{id}.
func (a *API) RetireKey(_ http.ResponseWriter, r *http.Request) (Answer, error) {
	id := r.PathValue("id")
	newest, err := a.o.Catalog.NewestKey(r.Context())
	switch {
	case errors.Is(err, storage.ErrNoKey):
		return Answer{}, noSuch("key")
	case err != nil:
		return Answer{}, err
	case newest.ID == id:
		return Answer{}, conflict("it is the newest key, which browsers subscribe with: make another one first")
	}
	err = a.o.Keys.RetireKey(r.Context(), id)
	if errors.Is(err, storage.ErrInUse) {
		return Answer{}, conflict("subscriptions are bound to the key: it can go when they have moved to a newer one or ended")
	}
	return noContent(), missing(err, "key")
}
