package api

import (
	"context"
	"sort"

	"recado/server/access"
	"recado/server/publishers"
	"recado/storage"
)

const (
	// maxPublished is how large a request may be to publishers' routes that are not
	// recado's own, in bytes.
	maxPublished = 1 << 20

	// titleKept and bodyKept are the bytes of them that are worth more than
	// whatever else a notification carries.
	titleKept = 250
	bodyKept  = 1000
)

// fit cuts a notification's texts until it fits into a push message: a publisher
// that cannot be told about the limit is not to lose its message to it. Where its
// other fields leave the text no room, those go first, the least important one
// first.
func (a *API) fit(ctx context.Context, n *storage.Notification) error {
	size, err := a.sizer(ctx)
	if err != nil || size(n) <= payloadLimit {
		return err
	}
	body := publishers.Cut(n.Body, payloadLimit) // more of it never fits
	if n.Title = publishers.Cut(n.Title, payloadLimit); len(body) > bodyKept || size(n) > payloadLimit {
		n.Title = publishers.Cut(n.Title, titleKept)
	}
	n.Body = publishers.Cut(body, bodyKept)
	for _, leaveOut := range []func(*storage.Content){
		func(c *storage.Content) { c.Data = nil },
		func(c *storage.Content) { c.Image, c.Badge, c.Icon = "", "", "" },
		func(c *storage.Content) { c.Actions, c.Vibrate = nil, nil },
		func(c *storage.Content) { c.URL = "" },
		func(c *storage.Content) { c.Tag, c.Lang = "", "" },
	} {
		if size(n) > payloadLimit {
			leaveOut(&n.Content)
		}
	}
	// What a byte takes differs: a line break takes two, a control character six.
	room := sort.Search(len(body), func(i int) bool {
		n.Body = publishers.Cut(body, i+1)
		return size(n) > payloadLimit
	})
	n.Body = publishers.Cut(body, room)
	n.Warnings = append(n.Warnings, "it was cut to fit into a push message")
	return nil
}

// sizer is how many bytes a notification takes, in the largest form that will be
// sent.
func (a *API) sizer(ctx context.Context) (func(*storage.Notification) int, error) {
	declarative, err := a.o.Notifications.HasDeclarative(ctx)
	return func(n *storage.Notification) int {
		size := a.o.Size(n, false)
		if declarative {
			size = max(size, a.o.Size(n, true))
		}
		return size
	}, err
}

// audience is who gets what a publisher sends that names at most categories: a
// token that is limited to some publishes to those when none is named.
func audience(grant access.Grant, categories []string) (storage.Target, error) {
	if len(categories) == 0 && !grant.Admin() {
		categories = grant.Categories
	}
	t := storage.Target{Categories: unique(categories)}
	return t, permitTarget(grant, t)
}
