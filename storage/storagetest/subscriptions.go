package storagetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

var subscriptionTests = []testCase{
	{"subscribe", testSubscribe},
	{"subscribe again", testSubscribeAgain},
	{"subscribe refused", testSubscribeRefused},
	{"replace by id", testReplaceByID},
	{"replace by endpoint", testReplaceByEndpoint},
	{"replace merges two", testReplaceMerges},
	{"unsubscribe", testUnsubscribe},
	{"revive", testRevive},
	{"removed by the operator", testRemoved},
	{"removed by the operator when gone", testRemovedGone},
	{"replace the removed", testReplaceRemoved},
	{"gone and restored", testRestore},
	{"list", testList},
	{"import", testImport},
	{"declarative", testDeclarative},
}

func testSubscribe(s *suite) {
	s.key("k1")
	s.category("news")
	s.category("ops")
	w := s.wish("ops", "news", "ops")
	w.Label, w.User, w.Declarative = new("phone"), new("ana"), new(true)
	w.UserAgent, w.ExpiresAt = "Firefox", s.now.Add(time.Hour)
	id := s.subscribe(w)
	got := s.subscription(id)
	if got.ID != id || got.Key == 0 || got.Endpoint != w.Endpoint || !bytes.Equal(got.P256dh, w.P256dh) || !bytes.Equal(got.Auth, w.Auth) ||
		got.Service != w.Service || !got.Declarative || got.KeyID != "k1" || got.Label != "phone" || got.User != "ana" ||
		!slices.Equal(got.Categories, []string{"news", "ops"}) || got.UserAgent != "Firefox" || got.ExpiresAt != w.ExpiresAt ||
		got.CreatedAt != s.now || got.SeenAt != s.now || !got.RemovedAt.IsZero() || got.Removed != "" {
		s.Fatalf("subscription: %+v", got)
	}
	if id.Version() != 4 {
		s.Fatalf("its id %v cannot be guessed only if it is of version 4", id)
	}
	known := must[bool](s)(s.KnownEndpoint(s.ctx, w.Endpoint))
	equal(s, "known", known, true)
	equal(s, "unknown", must[bool](s)(s.KnownEndpoint(s.ctx, w.Endpoint+"x")), false)
	equal(s, "count", must[int](s)(s.CountSubscriptions(s.ctx)), 1)
	_, err := s.Subscription(s.ctx, uuid.New())
	s.is(err, storage.ErrNotFound)
}

// testSubscribeAgain: what is left out is kept, what is given replaces it.
func testSubscribeAgain(s *suite) {
	s.key("k1")
	s.category("news")
	s.category("ops")
	w := s.wish("ops")
	w.Label, w.User, w.Declarative, w.UserAgent = new("phone"), new("ana"), new(true), "Firefox"
	id := s.subscribe(w)
	s.key("k2")
	created := s.now
	s.now = s.now.Add(time.Hour)

	again := storage.Subscribe{Endpoint: w.Endpoint, P256dh: []byte("new"), Auth: []byte("newer"), Service: w.Service, ID: uuid.New()}
	equal(s, "id", s.subscribe(again), id)
	got := s.subscription(id)
	if got.Label != "phone" || got.User != "ana" || !got.Declarative || !slices.Equal(got.Categories, []string{"ops"}) ||
		got.UserAgent != "Firefox" || got.KeyID != "k1" || string(got.P256dh) != "new" || string(got.Auth) != "newer" ||
		got.CreatedAt != created || got.SeenAt != s.now {
		s.Fatalf("kept: %+v", got)
	}
	again.Label, again.User, again.Declarative, again.KeyID, again.UserAgent = new(""), new("bob"), new(false), "k2", "Chrome"
	again.Categories = &[]string{"news"}
	equal(s, "id", s.subscribe(again), id)
	got = s.subscription(id)
	if got.Label != "" || got.User != "bob" || got.Declarative || !slices.Equal(got.Categories, []string{"news"}) ||
		got.KeyID != "k2" || got.UserAgent != "Chrome" {
		s.Fatalf("given: %+v", got)
	}
	again.Categories = &[]string{}
	s.subscribe(again)
	equal(s, "categories", len(s.subscription(id).Categories), 0)
	equal(s, "count", must[int](s)(s.CountSubscriptions(s.ctx)), 1)
}

func testSubscribeRefused(s *suite) {
	w := s.wish()
	_, err := s.Subscribe(s.ctx, s.now, w)
	s.is(err, storage.ErrNoKey)
	s.key("k1")
	w.KeyID = "k9"
	_, err = s.Subscribe(s.ctx, s.now, w)
	s.is(err, storage.ErrNoKey)
	w = s.wish("nope")
	_, err = s.Subscribe(s.ctx, s.now, w)
	s.unknownCategory(err, "nope")
	w = s.wish()
	w.ID = s.subscribe(s.wish())
	_, err = s.Subscribe(s.ctx, s.now, w)
	s.is(err, storage.ErrExists)
	equal(s, "count", must[int](s)(s.CountSubscriptions(s.ctx)), 1)
}

func testReplaceByID(s *suite) {
	s.key("k1")
	s.category("ops")
	first := s.wish("ops")
	first.Label, first.User = new("phone"), new("ana")
	id := s.subscribe(first)
	key := s.subscription(id).Key
	s.key("k2")

	w := s.wish()
	w.Replaces = id.String()
	equal(s, "id", s.subscribe(w), id)
	got := s.subscription(id)
	if got.Key != key || got.Endpoint != w.Endpoint || !bytes.Equal(got.P256dh, w.P256dh) || got.KeyID != "k2" ||
		got.Label != "phone" || got.User != "ana" || !slices.Equal(got.Categories, []string{"ops"}) {
		s.Fatalf("replaced: %+v", got)
	}
	equal(s, "old endpoint", must[bool](s)(s.KnownEndpoint(s.ctx, first.Endpoint)), false)
	equal(s, "count", must[int](s)(s.CountSubscriptions(s.ctx)), 1)

	// A removed one comes back with the new endpoint.
	must[bool](s)(s.Unsubscribe(s.ctx, s.now, id))
	w = s.wish()
	w.Replaces = id.String()
	equal(s, "id of the revived", s.subscribe(w), id)
	equal(s, "its endpoint", s.subscription(id).Endpoint, w.Endpoint)

	// An unknown one is ignored.
	w = s.wish()
	w.Replaces = uuid.NewString()
	if s.subscribe(w) == id {
		s.Fatal("a new endpoint that replaces nobody has somebody's id")
	}
}

func testReplaceByEndpoint(s *suite) {
	s.key("k1")
	first := s.wish()
	id := s.subscribe(first)
	w := s.wish()
	w.Replaces = first.Endpoint
	equal(s, "id", s.subscribe(w), id)
	// Its own endpoint is no other.
	w.Replaces = w.Endpoint
	equal(s, "id", s.subscribe(w), id)
	w.Replaces = "https://nobody.example/"
	equal(s, "id", s.subscribe(w), id)
	equal(s, "count", must[int](s)(s.CountSubscriptions(s.ctx)), 1)
}

// testReplaceMerges: the new endpoint is known already, so two become one.
func testReplaceMerges(s *suite) {
	s.key("k1")
	old := s.subscribe(s.wish())
	w := s.wish()
	other := s.subscribe(w)
	w.Replaces = old.String()
	equal(s, "id", s.subscribe(w), old)
	equal(s, "count", must[int](s)(s.CountSubscriptions(s.ctx)), 1)
	if got := s.subscription(other); got.RemovedAt.IsZero() || got.Endpoint != "" || got.P256dh != nil {
		s.Fatalf("the other one still lives: %v, removed at %v", got.ID, got.RemovedAt)
	}
	s.accept(s.message())
	equal(s, "claimed", len(s.claim(10).Attempts), 1)
	w.Replaces = ""
	equal(s, "id", s.subscribe(w), old)
}

func testUnsubscribe(s *suite) {
	ids := s.audience(3)
	endpoint := s.subscription(ids[1]).Endpoint
	equal(s, "by id", must[bool](s)(s.Unsubscribe(s.ctx, s.now, ids[0])), true)
	equal(s, "again", must[bool](s)(s.Unsubscribe(s.ctx, s.now.Add(time.Hour), ids[0])), false)
	equal(s, "by endpoint", must[bool](s)(s.UnsubscribeEndpoint(s.ctx, s.now, endpoint)), true)
	equal(s, "again", must[bool](s)(s.UnsubscribeEndpoint(s.ctx, s.now, endpoint)), false)
	equal(s, "unknown", must[bool](s)(s.Unsubscribe(s.ctx, s.now, uuid.New())), false)
	s.ok(s.RemoveSubscription(s.ctx, s.now, ids[2]))
	s.is(s.RemoveSubscription(s.ctx, s.now, ids[2]), storage.ErrNotFound)
	s.is(s.RemoveSubscription(s.ctx, s.now, uuid.New()), storage.ErrNotFound)
	for i, why := range []storage.Removal{storage.RemovedByUser, storage.RemovedByUser, storage.RemovedByOperator} {
		got := s.subscription(ids[i])
		if got.Removed != why || got.RemovedAt != s.now || got.Endpoint != "" || got.P256dh != nil || got.Auth != nil {
			s.Fatalf("removed: %v at %v, wiped %v", got.Removed, got.RemovedAt, got.Endpoint == "")
		}
	}
	equal(s, "count", must[int](s)(s.CountSubscriptions(s.ctx)), 0)
	equal(s, "still known", must[bool](s)(s.KnownEndpoint(s.ctx, endpoint)), true)
	s.accept(s.message())
	equal(s, "claimed", len(s.claim(10).Attempts), 0)
}

func testRevive(s *suite) {
	s.key("k1")
	s.category("ops")
	w := s.wish("ops")
	w.Label = new("phone")
	id := s.subscribe(w)
	key := s.subscription(id).Key
	must[bool](s)(s.Unsubscribe(s.ctx, s.now, id))
	w.Label, w.Categories = nil, nil
	equal(s, "id", s.subscribe(w), id)
	got := s.subscription(id)
	if got.Key != key || got.Label != "phone" || got.Endpoint != w.Endpoint || !got.RemovedAt.IsZero() || got.Removed != "" ||
		!slices.Equal(got.Categories, []string{"ops"}) || got.KeyID != "k1" {
		s.Fatalf("revived: %+v", got)
	}
}

// testRemoved: whom the operator removed comes back as a stranger.
func testRemoved(s *suite) {
	s.key("k1")
	for _, c := range []string{"ops", "news"} {
		s.category(c)
	}
	w := s.wish("ops")
	w.Label, w.User, w.Declarative, w.UserAgent = new("phone"), new("bob"), new(true), "Firefox"
	id := s.subscribe(w)
	s.ok(s.RemoveSubscription(s.ctx, s.now, id))
	if got := s.subscription(id); got.User != "" || len(got.Categories) > 0 || got.Removed != storage.RemovedByOperator {
		s.Fatalf("removed: user %q, categories %v, %q", got.User, got.Categories, got.Removed)
	}
	s.key("k2")
	w.Label, w.User, w.Declarative, w.Categories, w.UserAgent = nil, nil, nil, nil, ""
	back := s.subscribe(w)
	got := s.subscription(back)
	if back == id || got.User != "" || got.Label != "" || len(got.Categories) > 0 || got.Declarative || got.UserAgent != "" || got.KeyID != "k2" || !got.RemovedAt.IsZero() {
		s.Fatalf("back: %+v", got)
	}

	// An invite gives what it grants, and is used up.
	s.ok(s.RemoveSubscription(s.ctx, s.now, back))
	i := s.invite(1, 1, "news")
	w.Invite = i.Hash[:]
	back = s.subscribe(w)
	if got := s.subscription(back); got.User != "ana" || !slices.Equal(got.Categories, []string{"news"}) {
		s.Fatalf("invited: user %q, categories %v", got.User, got.Categories)
	}
	_, err := s.InviteByHash(s.ctx, i.Hash, s.now)
	s.is(err, storage.ErrInvite)

	// An import brings back the id as well.
	s.ok(s.RemoveSubscription(s.ctx, s.now, back))
	w.Invite, w.Categories, w.ID = nil, &[]string{"ops"}, back
	imported := must[[]storage.Imported](s)(s.ImportSubscriptions(s.ctx, s.now, []storage.Subscribe{w}))
	equal(s, "imported", imported[0], storage.Imported{ID: back})
	if got := s.subscription(back); got.User != "" || !slices.Equal(got.Categories, []string{"ops"}) {
		s.Fatalf("imported: user %q, categories %v", got.User, got.Categories)
	}
}

// testRemovedGone: the operator's word is the last, also about who had ended.
func testRemovedGone(s *suite) {
	s.category("ops")
	ids := s.audience(2, "ops")
	s.accept(s.message())
	s.settle(s.outcome(s.claim(10).Attempts[0], storage.EventGone))
	must[bool](s)(s.Unsubscribe(s.ctx, s.now, ids[1]))
	for _, id := range ids {
		s.ok(s.RemoveSubscription(s.ctx, s.now.Add(time.Minute), id))
		got := s.subscription(id)
		if got.Removed != storage.RemovedByOperator || got.RemovedAt != s.now || got.Endpoint != "" || len(got.Categories) > 0 {
			s.Fatalf("removed: %q at %v, wiped %v, categories %v", got.Removed, got.RemovedAt, got.Endpoint == "", got.Categories)
		}
		s.is(s.RemoveSubscription(s.ctx, s.now, id), storage.ErrNotFound)
		equal(s, "unsubscribed after that", must[bool](s)(s.Unsubscribe(s.ctx, s.now, id)), false)
	}
	equal(s, "restored", must[int](s)(s.RestoreSubscriptions(s.ctx, s.now, "", time.Time{})), 0)
}

// testReplaceRemoved: nobody takes the place of whom the operator removed.
func testReplaceRemoved(s *suite) {
	s.category("ops")
	s.key("k1")
	old := s.wish("ops")
	old.User = new("ana")
	id := s.subscribe(old)
	s.ok(s.RemoveSubscription(s.ctx, s.now, id))
	for _, name := range []string{id.String(), old.Endpoint} {
		w := s.wish()
		w.Replaces = name
		other := s.subscribe(w)
		if got := s.subscription(other); other == id || got.User != "" || len(got.Categories) > 0 {
			s.Fatalf("it has the place of the removed: user %q, categories %v", got.User, got.Categories)
		}
	}
	// A living one may take over the endpoint; the removal stays the operator's.
	living := s.subscribe(s.wish())
	old.Replaces, old.User, old.Categories = living.String(), nil, nil
	equal(s, "id", s.subscribe(old), living)
	equal(s, "removed", s.subscription(id).Removed, storage.RemovedByOperator)
}

func testRestore(s *suite) {
	ids := s.audience(4)
	n := s.accept(s.message())
	c := s.claim(10)
	s.settle(s.outcomes(c.Attempts, storage.EventGone)...)
	equal(s, "gone", s.notification(n.ID).Counts.Gone, 4)
	equal(s, "count", must[int](s)(s.CountSubscriptions(s.ctx)), 0)
	got := s.subscription(ids[0])
	if got.Removed != storage.RemovedGone || got.RemovedAt != s.now || got.Endpoint == "" {
		s.Fatalf("gone: %v at %v", got.Removed, got.RemovedAt)
	}
	must[bool](s)(s.Unsubscribe(s.ctx, s.now, ids[3])) // who left does not come back

	restore := func(service string, since time.Time) int {
		return must[int](s)(s.RestoreSubscriptions(s.ctx, s.now, service, since))
	}
	equal(s, "of another service", restore("other.example", time.Time{}), 0)
	equal(s, "since later", restore("", s.now.Add(time.Second)), 0)
	equal(s, "restored", restore("push.example", s.now), 3)
	equal(s, "again", restore("", time.Time{}), 0)
	equal(s, "count", must[int](s)(s.CountSubscriptions(s.ctx)), 3)
	s.accept(s.message())
	equal(s, "claimed", len(s.claim(10).Attempts), 3)
}

func testList(s *suite) {
	s.key("k1")
	s.category("ops")
	var want []uuid.UUID
	for i := range 1203 {
		w := s.wish()
		if i%3 == 0 {
			w.Categories, w.User = &[]string{"ops"}, new("ana")
		}
		if i%2 == 0 {
			w.Service = "other.example"
		}
		want = append(want, s.subscribe(w))
	}
	must[bool](s)(s.Unsubscribe(s.ctx, s.now, want[0]))
	list := func(f storage.SubscriptionFilter) (ids []uuid.UUID) {
		s.ok(s.EachSubscription(s.ctx, f, func(sub storage.Subscription) error {
			ids = append(ids, sub.ID)
			return nil
		}))
		return ids
	}
	if got := list(storage.SubscriptionFilter{}); !slices.Equal(got, want[1:]) {
		s.Fatalf("listed %d of %d", len(got), len(want)-1)
	}
	for _, c := range []struct {
		filter storage.SubscriptionFilter
		want   int
	}{
		{storage.SubscriptionFilter{Category: "ops"}, 400},
		{storage.SubscriptionFilter{User: "ana"}, 400},
		{storage.SubscriptionFilter{Service: "other.example"}, 601},
		{storage.SubscriptionFilter{Category: "ops", User: "ana", Service: "other.example"}, 200},
		{storage.SubscriptionFilter{Removed: true}, 1},
		{storage.SubscriptionFilter{Category: "nope"}, 0},
	} {
		equal(s, fmt.Sprintf("%+v", c.filter), len(list(c.filter)), c.want)
	}
	stop := errors.New("enough")
	s.is(s.EachSubscription(s.ctx, storage.SubscriptionFilter{}, func(storage.Subscription) error { return stop }), stop)
}

func testImport(s *suite) {
	s.key("k1")
	s.category("ops")
	known := s.wish()
	knownID := s.subscribe(known)
	given := s.wish("ops")
	given.ID = uuid.New()
	taken := s.wish()
	taken.ID = knownID
	badKey := s.wish()
	badKey.KeyID = "k9"
	batch := []storage.Subscribe{known, given, s.wish("nope"), taken, badKey, given, s.wish()}
	got := must[[]storage.Imported](s)(s.ImportSubscriptions(s.ctx, s.now, batch))
	equal(s, "results", len(got), len(batch))
	equal(s, "known", got[0], storage.Imported{ID: knownID, Updated: true})
	equal(s, "given id", got[1], storage.Imported{ID: given.ID})
	s.unknownCategory(got[2].Err, "nope")
	s.is(got[3].Err, storage.ErrExists)
	s.is(got[4].Err, storage.ErrNoKey)
	equal(s, "twice", got[5], storage.Imported{ID: given.ID, Updated: true})
	s.ok(got[6].Err)
	equal(s, "count", must[int](s)(s.CountSubscriptions(s.ctx)), 3)
	equal(s, "empty", len(must[[]storage.Imported](s)(s.ImportSubscriptions(s.ctx, s.now, nil))), 0)
}

func testDeclarative(s *suite) {
	s.audience(1)
	has := func() bool { return must[bool](s)(s.HasDeclarative(s.ctx)) }
	equal(s, "without", has(), false)
	w := s.wish()
	w.Declarative = new(true)
	id := s.subscribe(w)
	equal(s, "with", has(), true)
	must[bool](s)(s.Unsubscribe(s.ctx, s.now, id))
	equal(s, "after", has(), false)
}
