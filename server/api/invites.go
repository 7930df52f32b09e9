package api

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"

	"recado/server/access"
	"recado/storage"
)

// inviteItem is an invite as /v1 shows it. Its url, and the picture of it, hold the
// secret, of which only the hash is kept: so they stand in the answer to POST and
// nowhere else.
type inviteItem struct {
	ID         string   `json:"id"`
	URL        string   `json:"url,omitempty"`
	QR         string   `json:"qr,omitempty"` // SVG
	User       string   `json:"user"`
	Categories []string `json:"categories"`
	Uses       int      `json:"uses"` // left
	CreatedAt  stamp    `json:"created_at"`
	ExpiresAt  stamp    `json:"expires_at"`
}

func inviteOf(i *storage.Invite) inviteItem {
	return inviteItem{ID: i.ID.String(), User: i.User, Categories: listed(i.Categories), Uses: i.Uses,
		CreatedAt: stamp(i.CreatedAt), ExpiresAt: stamp(i.ExpiresAt)}
}

// ListInvites answers GET /v1/invites.
func (a *API) ListInvites(_ http.ResponseWriter, r *http.Request) (Answer, error) {
	invites, err := a.o.Invites.Invites(r.Context())
	if err != nil {
		return Answer{}, err
	}
	slices.SortStableFunc(invites, func(x, y storage.Invite) int { return y.CreatedAt.Compare(x.CreatedAt) })
	page, err := partOf(readQuery(r), "invites", invites, func(i *storage.Invite) place {
		return place{i.CreatedAt.UnixMilli(), i.ID.String()}
	}, inviteOf)
	return ok(page), err
}

const maxUses = 1_000_000

// CreateInvite answers POST /v1/invites.
func (a *API) CreateInvite(w http.ResponseWriter, r *http.Request) (Answer, error) {
	var in struct {
		User       string   `json:"user"`
		Categories []string `json:"categories"`
		Uses       *int     `json:"uses"`
		ExpiresAt  string   `json:"expires_at"`
	}
	wrong, err := decodeStrict(w, r, &in, "id", "url", "qr", "created_at")
	if err != nil {
		return Answer{}, err
	}
	invite := storage.Invite{User: in.User, Categories: unique(in.Categories), Uses: 1, CreatedAt: a.now()}
	var more problems
	more.name("user", in.User, maxName)
	more.names("categories", in.Categories)
	if in.Uses != nil {
		if invite.Uses = *in.Uses; *in.Uses < 1 || *in.Uses > maxUses {
			more.add("uses", fmt.Sprintf("must be a number from 1 to %d", maxUses))
		}
	}
	invite.ExpiresAt = more.ends(in.ExpiresAt, invite.CreatedAt)
	wrong.merge(more)
	if err := badFields(wrong); err != nil {
		return Answer{}, err
	}
	// Version 7, so that those of one millisecond are in order in a list as well.
	if invite.ID, err = uuid.NewV7(); err != nil {
		return Answer{}, fmt.Errorf("make an invite's id: %w", err)
	}
	secret := access.NewInvite()
	invite.Hash = access.Hash(secret)
	invite, err = a.o.Invites.CreateInvite(r.Context(), invite)
	if err != nil {
		return Answer{}, categoryField(err, "categories")
	}
	item := inviteOf(&invite)
	item.URL = a.o.Origin + "/?invite=" + url.QueryEscape(secret)
	picture, err := a.o.QR(item.URL)
	if err != nil {
		return Answer{}, err
	}
	item.QR = string(picture)
	return Answer{status: http.StatusCreated, body: item}, nil
}

// ends reads expires_at of something that lasts until then; zero = for ever.
func (p *problems) ends(text string, now time.Time) time.Time {
	at, ok := p.time("expires_at", text)
	if ok && !at.After(now) {
		p.add("expires_at", "must be in the future")
	}
	return at
}

// DeleteInvite answers DELETE /v1/invites/{id}.
func (a *API) DeleteInvite(_ http.ResponseWriter, r *http.Request) (Answer, error) {
	id, err := pathID(r, "invite")
	if err == nil {
		err = a.o.Invites.DeleteInvite(r.Context(), id)
	}
	return noContent(), missing(err, "invite")
}
