package storagetest

import (
	"reflect"
	"slices"
	"time"

	"recado/storage"
)

func (s *suite) invite(hash byte, uses int, categories ...string) storage.Invite {
	s.Helper()
	return must[storage.Invite](s)(s.CreateInvite(s.ctx, storage.Invite{
		Hash: [32]byte{hash}, User: "ana", Categories: categories, Uses: uses, CreatedAt: s.now, ExpiresAt: s.now.Add(time.Hour)}))
}

func testInvites(s *suite) {
	s.category("a")
	s.category("b")
	first := s.invite(1, 2, "b", "a")
	second := s.invite(2, 1)
	_, err := s.CreateInvite(s.ctx, storage.Invite{Hash: [32]byte{1}, Uses: 1})
	s.is(err, storage.ErrExists)
	_, err = s.CreateInvite(s.ctx, storage.Invite{Hash: [32]byte{3}, Categories: []string{"nope"}, Uses: 1})
	s.unknownCategory(err, "nope")
	if got := must[[]storage.Invite](s)(s.Invites(s.ctx)); !reflect.DeepEqual(got, []storage.Invite{second, first}) {
		s.Fatalf("invites: %+v", got)
	}
	got := must[storage.Invite](s)(s.InviteByHash(s.ctx, [32]byte{1}, s.now))
	if !reflect.DeepEqual(got, first) || !slices.Equal(got.Categories, []string{"a", "b"}) {
		s.Fatalf("invite: %+v", got)
	}
	_, err = s.InviteByHash(s.ctx, [32]byte{9}, s.now)
	s.is(err, storage.ErrInvite)
	_, err = s.InviteByHash(s.ctx, [32]byte{1}, s.now.Add(time.Hour))
	s.is(err, storage.ErrInvite)
	s.ok(s.DeleteInvite(s.ctx, first.ID))
	s.is(s.DeleteInvite(s.ctx, first.ID), storage.ErrNotFound)
	_, err = s.InviteByHash(s.ctx, [32]byte{1}, s.now)
	s.is(err, storage.ErrInvite)
}

func testInvited(s *suite) {
	s.key("k1")
	s.category("a")
	s.category("b")
	s.invite(1, 2, "a")
	hash := [32]byte{1}
	uses := func() int { return must[[]storage.Invite](s)(s.Invites(s.ctx))[0].Uses }
	w := s.wish()
	w.Invite = hash[:]
	id := s.subscribe(w)
	if got := s.subscription(id); got.User != "ana" || !slices.Equal(got.Categories, []string{"a"}) {
		s.Fatalf("subscription: %+v", got)
	}
	equal(s, "uses", uses(), 1)
	s.subscribe(w)
	equal(s, "uses of a known one", uses(), 1)

	none := s.wish([]string{}...)
	none.Categories, none.Invite, none.User = &[]string{}, hash[:], new("bob")
	refused := none
	refused.Categories = &[]string{"nope"}
	_, err := s.Subscribe(s.ctx, s.now, refused)
	s.unknownCategory(err, "nope")
	equal(s, "uses of a refused one", uses(), 1)
	if got := s.subscription(s.subscribe(none)); got.User != "ana" || len(got.Categories) != 0 {
		s.Fatalf("subscription: %+v", got)
	}
	equal(s, "uses", uses(), 0)
	for _, bad := range [][]byte{hash[:], make([]byte, 32), {1}} {
		w := s.wish()
		w.Invite = bad
		_, err := s.Subscribe(s.ctx, s.now, w)
		s.is(err, storage.ErrInvite)
		s.is(must[[]storage.Imported](s)(s.ImportSubscriptions(s.ctx, s.now, []storage.Subscribe{w}))[0].Err, storage.ErrInvite)
	}
	s.invite(3, 1, "a")
	first := s.wish() // nobody gets around the uses by subscribing first
	first.Categories = nil
	s.subscribe(first)
	third := [32]byte{3}
	first.Invite = third[:]
	s.subscribe(first)
	equal(s, "uses of one that brings something new", uses(), 0)

	s.invite(2, 1)
	w = s.wish()
	w.Invite = slices.Concat([]byte{2}, make([]byte, 31))
	_, err = s.Subscribe(s.ctx, s.now.Add(time.Hour), w)
	s.is(err, storage.ErrInvite)
	// Whom the operator removed is a stranger again.
	known := s.wish()
	s.ok(s.RemoveSubscription(s.ctx, s.now, s.subscribe(known)))
	known.Invite = w.Invite
	s.subscribe(known)
	equal(s, "uses", uses(), 0)
	equal(s, "count", must[int](s)(s.CountSubscriptions(s.ctx)), 4)
}
