package storagetest

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"recado/storage"
)

var audienceTests = []testCase{
	{"targets", testTargets},
	{"count a target", testCountTarget},
	{"later subscribers", testLaterSubscribers},
	{"empty audience", testEmptyAudience},
	{"recipient", testRecipient},
	{"large audience", testLargeAudience},
}

func testTargets(s *suite) {
	s.key("k1")
	s.category("a")
	s.category("b")
	var ids []uuid.UUID
	for i := range 60 {
		w := s.wish()
		var categories []string
		if i%2 == 0 {
			categories = append(categories, "a")
		}
		if i%3 == 0 {
			categories = append(categories, "b")
		}
		w.Categories = &categories
		if i%5 == 0 {
			w.User = new("ana")
		}
		ids = append(ids, s.subscribe(w))
	}
	for _, c := range []struct {
		target storage.Target
		member func(i int) bool
	}{
		{storage.Target{}, func(int) bool { return true }},
		{storage.Target{Categories: []string{"a"}}, func(i int) bool { return i%2 == 0 }},
		{storage.Target{Categories: []string{"a", "b"}}, func(i int) bool { return i%2 == 0 || i%3 == 0 }},
		{storage.Target{Users: []string{"ana"}}, func(i int) bool { return i%5 == 0 }},
		{storage.Target{Users: []string{"ana", "bob"}}, func(i int) bool { return i%5 == 0 }},
		{storage.Target{Users: []string{"bob"}}, func(i int) bool { return false }},
		{storage.Target{Subscriptions: []uuid.UUID{ids[7], uuid.New(), ids[3]}}, func(i int) bool { return i == 3 || i == 7 }},
		{storage.Target{Categories: []string{"b"}, Users: []string{"ana"}, Subscriptions: []uuid.UUID{ids[1], ids[0]}},
			func(i int) bool { return i%3 == 0 || i%5 == 0 || i < 2 }},
	} {
		var want []uuid.UUID
		for i, id := range ids {
			if c.member(i) {
				want = append(want, id)
			}
		}
		equal(s, fmt.Sprintf("%+v counts", c.target), must[int](s)(s.CountTarget(s.ctx, c.target)), len(want))
		for _, limit := range []int{500, 7, 1} {
			n := s.message()
			n.Target = c.target
			n = s.accept(n)
			var got []uuid.UUID
			for more := true; more; {
				claim := s.claim(limit)
				if len(claim.Attempts) > limit {
					s.Fatalf("claimed %d, more than %d", len(claim.Attempts), limit)
				}
				got = append(got, recipients(claim.Attempts)...)
				s.settle(s.outcomes(claim.Attempts, storage.EventSent)...)
				more = claim.More
			}
			if !slices.Equal(got, want) {
				s.Fatalf("%+v by %d: claimed %d, want %d", c.target, limit, len(got), len(want))
			}
			stored := s.notification(n.ID)
			equal(s, "counts", stored.Counts, storage.Counts{Targeted: len(want), Sent: len(want)})
			equal(s, "state", stored.State, storage.Sent)
		}
	}
}

// testCountTarget: whoever has ended, for whatever reason, counts no longer; what
// does not exist is nobody.
func testCountTarget(s *suite) {
	s.key("k1")
	s.category("a")
	s.category("b")
	s.category("nobody's")
	var ids []uuid.UUID
	for range 200 {
		w := s.wish("a", "b")
		w.User = new("ana")
		ids = append(ids, s.subscribe(w))
	}
	s.accept(s.message())
	s.settle(s.outcomes(s.claim(1).Attempts, storage.EventGone)...)
	must[bool](s)(s.Unsubscribe(s.ctx, s.now, ids[1]))
	s.ok(s.RemoveSubscription(s.ctx, s.now, ids[2]))
	for _, c := range []struct {
		target storage.Target
		want   int
	}{
		{storage.Target{}, 197},
		{storage.Target{Categories: []string{"a"}}, 197},
		{storage.Target{Categories: []string{"a", "b", "nothing", "a"}}, 197},
		{storage.Target{Categories: []string{"nobody's"}}, 0},
		{storage.Target{Categories: []string{"nothing"}}, 0},
		{storage.Target{Users: []string{"ana", "", "bia"}}, 197},
		{storage.Target{Subscriptions: slices.Concat(ids[:6], ids[:6], []uuid.UUID{uuid.New()})}, 3},
		{storage.Target{Categories: []string{"nobody's"}, Subscriptions: ids[:4]}, 1},
		{storage.Target{Categories: []string{"b"}, Users: []string{"ana"}, Subscriptions: ids}, 197},
	} {
		equal(s, fmt.Sprintf("%+v counts", c.target), must[int](s)(s.CountTarget(s.ctx, c.target)), c.want)
	}
}

func testLaterSubscribers(s *suite) {
	s.category("a")
	ids := s.audience(3, "a")
	for _, target := range []storage.Target{{}, {Categories: []string{"a"}}} {
		n := s.message()
		n.Target = target
		s.accept(n)
		first := s.claim(1)
		s.audience(2, "a")
		rest := s.claim(100)
		if got := append(recipients(first.Attempts), recipients(rest.Attempts)...); !slices.Equal(got, ids) {
			s.Fatalf("%+v: claimed %d, want %d", target, len(got), len(ids))
		}
		ids = append(ids, idsAfter(s, len(ids))...)
	}
}

func idsAfter(s *suite, n int) (ids []uuid.UUID) {
	s.ok(s.EachSubscription(s.ctx, storage.SubscriptionFilter{}, func(sub storage.Subscription) error {
		ids = append(ids, sub.ID)
		return nil
	}))
	return ids[n:]
}

func testEmptyAudience(s *suite) {
	s.category("a")
	for _, target := range []storage.Target{{}, {Categories: []string{"a"}}, {Users: []string{"ana"}}, {Subscriptions: []uuid.UUID{uuid.New()}}} {
		n := s.message()
		n.Target = target
		n = s.accept(n)
		c := s.claim(10)
		if len(c.Attempts) > 0 || c.More || !c.Next.IsZero() {
			s.Fatalf("claim: %+v", c)
		}
		got := s.notification(n.ID)
		if got.State != storage.Sent || got.FinishedAt != s.now || got.Counts != (storage.Counts{}) {
			s.Fatalf("%+v: %+v", target, got)
		}
		if p := c.Settled.Progress; len(p) != 1 || p[0].NotificationKey != n.Key || p[0].State != storage.Sent {
			s.Fatalf("progress: %+v", p)
		}
	}
}

func testRecipient(s *suite) {
	s.key("k1")
	w := s.wish()
	w.Declarative = new(true)
	id := s.subscribe(w)
	n := s.message()
	n.Content.Body, n.TokenKey = "body", 3
	n = s.accept(n)
	c := s.claim(10)
	equal(s, "claimed", len(c.Attempts), 1)
	a := c.Attempts[0]
	r := a.Subscription
	if r.ID != id || r.Key == 0 || r.Endpoint != w.Endpoint || !slices.Equal(r.P256dh, w.P256dh) || !slices.Equal(r.Auth, w.Auth) ||
		r.KeyID != "k1" || r.Service != w.Service || !r.Declarative || r.Since != s.now || a.Attempts != 0 || a.Lease == 0 {
		s.Fatalf("attempt for %v, lease %d", r.ID, a.Lease)
	}
	if a.Notification.ID != n.ID || a.Notification.Key != n.Key || a.Notification.Content.Body != "body" || a.Notification.TTL != n.TTL ||
		a.Notification.DueAt != n.DueAt {
		s.Fatalf("notification: %+v", a.Notification)
	}
	equal(s, "last", c.Last, n.Key)
	equal(s, "more", c.More, false)
	equal(s, "pending", s.notification(n.ID).Counts, storage.Counts{Targeted: 1, Pending: 1})
}

// testLargeAudience reads more than one claim may give.
func testLargeAudience(s *suite) {
	s.category("a")
	s.category("b")
	s.audience(1)
	batch := make([]storage.Subscribe, 1700)
	for i := range batch {
		batch[i] = s.wish([]string{"a", "b"}[i%2])
	}
	must[[]storage.Imported](s)(s.ImportSubscriptions(s.ctx, s.now, batch))
	for _, c := range []struct {
		target storage.Target
		want   int
	}{
		{storage.Target{}, 1701},
		{storage.Target{Categories: []string{"b"}}, 850},
		{storage.Target{Categories: []string{"b", "a"}}, 1700},
	} {
		n := s.message()
		n.Target = c.target
		n = s.accept(n)
		seen := make(map[int64]bool)
		for more := true; more; {
			claim := s.claim(100000)
			if len(claim.Attempts) > 500 {
				s.Fatalf("claimed %d", len(claim.Attempts))
			}
			for _, a := range claim.Attempts {
				if seen[a.Subscription.Key] {
					s.Fatalf("%d was claimed twice", a.Subscription.Key)
				}
				seen[a.Subscription.Key] = true
			}
			s.settle(s.outcomes(claim.Attempts, storage.EventSent)...)
			more = claim.More
		}
		equal(s, fmt.Sprintf("%+v", c.target), len(seen), c.want)
		equal(s, "state", s.notification(n.ID).State, storage.Sent)
	}
}
