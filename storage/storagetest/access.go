package storagetest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

var accessTests = []testCase{
	{"keys", testKeys},
	{"secret", testSecret},
	{"tokens", testTokens},
	{"categories", testCategories},
	{"ping", func(s *suite) { s.ok(s.Ping(s.ctx)) }},
	{"ended context", testEndedContext},
}

func (s *suite) is(err, want error) {
	s.Helper()
	if !errors.Is(err, want) {
		s.Fatalf("got error %v, want %v", err, want)
	}
}

func testKeys(s *suite) {
	_, err := s.NewestKey(s.ctx)
	s.is(err, storage.ErrNoKey)
	s.key("k1")
	s.key("k2")
	err = s.AddKey(s.ctx, storage.VAPIDKey{ID: "k1", Public: []byte("p"), Private: []byte("q"), CreatedAt: s.now})
	s.is(err, storage.ErrExists)

	id := s.subscribe(s.wish())
	equal(s, "bound to", s.subscription(id).KeyID, "k2")
	newest := must[storage.VAPIDKey](s)(s.NewestKey(s.ctx))
	equal(s, "newest", newest.ID, "k2")
	equal(s, "private key", string(newest.Private), "private k2")
	equal(s, "created at", newest.CreatedAt, s.now.Add(time.Millisecond)) // later than k1, although the clock stood still
	keys := must[[]storage.VAPIDKey](s)(s.Keys(s.ctx))
	if len(keys) != 2 || keys[0].ID != "k2" || keys[0].Subscriptions != 1 || keys[1].Subscriptions != 0 {
		s.Fatalf("keys: %v", keys)
	}

	s.is(s.RetireKey(s.ctx, "k2"), storage.ErrInUse)
	s.is(s.RetireKey(s.ctx, "k3"), storage.ErrNotFound)
	s.ok(s.RetireKey(s.ctx, "k1"))
	s.ok(s.RemoveSubscription(s.ctx, s.now, id))
	s.ok(s.RetireKey(s.ctx, "k2"))
	_, err = s.NewestKey(s.ctx)
	s.is(err, storage.ErrNoKey)
	_, err = s.Subscribe(s.ctx, s.now, s.wish())
	s.is(err, storage.ErrNoKey)
}

// testSecret asks for a secret from many sides at once.
func testSecret(s *suite) {
	const n = 8
	got := make([][]byte, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			var err error
			if got[i], err = s.Secret(s.ctx, "receipts", 32); err != nil {
				s.Error(err)
			}
		})
	}
	wg.Wait()
	for _, g := range got {
		if len(g) != 32 || !bytes.Equal(g, got[0]) {
			s.Fatal("the secret differs")
		}
	}
	other := must[[]byte](s)(s.Secret(s.ctx, "other", 32))
	if bytes.Equal(other, got[0]) {
		s.Fatal("two secrets are the same")
	}
}

func testTokens(s *suite) {
	s.category("ops")
	token := storage.Token{
		Name: "grafana", Scope: storage.ScopePublish, Categories: []string{"ops"}, Style: "ntfy",
		Hash: [32]byte{1}, CreatedAt: s.now, ExpiresAt: s.now.Add(time.Hour),
	}
	made := must[storage.Token](s)(s.CreateToken(s.ctx, token))
	if made.Key == 0 || made.ID == uuid.Nil {
		s.Fatalf("no key or id: %+v", made)
	}
	_, err := s.CreateToken(s.ctx, token)
	s.is(err, storage.ErrExists)
	token.Hash, token.Categories = [32]byte{2}, []string{"nope"}
	_, err = s.CreateToken(s.ctx, token)
	s.unknownCategory(err, "nope")

	got := must[storage.Token](s)(s.TokenByHash(s.ctx, [32]byte{1}))
	if got.Key != made.Key || got.ID != made.ID || got.Scope != storage.ScopePublish || got.Style != "ntfy" || got.Name != "grafana" ||
		!slices.Equal(got.Categories, []string{"ops"}) || got.ExpiresAt != s.now.Add(time.Hour) || !got.LastUsedAt.IsZero() {
		s.Fatalf("token: %+v", got)
	}
	_, err = s.TokenByHash(s.ctx, [32]byte{9})
	s.is(err, storage.ErrNotFound)

	s.ok(s.TouchToken(s.ctx, made.Key, s.now.Add(time.Minute)))
	list := must[[]storage.Token](s)(s.Tokens(s.ctx))
	if len(list) != 1 || list[0].LastUsedAt != s.now.Add(time.Minute) {
		s.Fatalf("tokens: %+v", list)
	}
	s.ok(s.RevokeToken(s.ctx, made.ID))
	s.is(s.RevokeToken(s.ctx, made.ID), storage.ErrNotFound)
	_, err = s.TokenByHash(s.ctx, [32]byte{1})
	s.is(err, storage.ErrNotFound)
}

func (s *suite) unknownCategory(err error, name string) {
	s.Helper()
	var unknown *storage.UnknownCategoryError
	if !errors.As(err, &unknown) || unknown.Name != name {
		s.Fatalf("got error %v, want that category %q does not exist", err, name)
	}
}

func testCategories(s *suite) {
	b := s.category("b")
	a := must[storage.Category](s)(s.CreateCategory(s.ctx, storage.Category{Name: "a", Description: "not for all"}))
	_, err := s.CreateCategory(s.ctx, storage.Category{Name: "a"})
	s.is(err, storage.ErrExists)
	if a.Key == 0 || a.ID == uuid.Nil || a.Key == b.Key {
		s.Fatalf("categories: %+v %+v", a, b)
	}
	ids := s.audience(3, "a", "b")
	s.audience(1, "b")
	must[bool](s)(s.Unsubscribe(s.ctx, s.now, ids[0]))
	list := must[[]storage.Category](s)(s.Categories(s.ctx, false))
	if len(list) != 2 || list[0].Name != "a" || list[0].Subscribers != 2 || list[0].Public || list[0].Description != "not for all" ||
		list[1].Name != "b" || list[1].Subscribers != 3 || list[1].ID != b.ID {
		s.Fatalf("categories: %+v", list)
	}
	public := must[[]storage.Category](s)(s.Categories(s.ctx, true))
	if len(public) != 1 || public[0].Name != "b" {
		s.Fatalf("public categories: %+v", public)
	}
}

// testEndedContext: what has not begun does not begin.
func testEndedContext(s *suite) {
	s.audience(1)
	ended, cancel := context.WithCancel(s.ctx)
	cancel()
	_, err := s.Accept(ended, s.message(), nil)
	s.is(err, context.Canceled)
	_, err = s.CountSubscriptions(ended)
	s.is(err, context.Canceled)
	equal(s, "claimed", len(s.claim(10).Attempts), 0)
}
