package storagetest

import (
	"slices"
	"time"

	"recado/storage"
)

var categoryTests = []testCase{
	{"delete one category after the other", testDeleteCategories},
	{"deleted category made again", testCategoryAgain},
	{"deleted category and repeats", testCategoryAgainRepeats},
	{"categories by name", testCategoriesByName},
}

// testDeleteCategories: a scheduled notification always keeps somebody to
// address.
func testDeleteCategories(s *suite) {
	a, b := s.category("a"), s.category("b")
	s.audience(1, "a", "b")
	n := s.message()
	n.Target.Categories, n.ScheduledAt = []string{"a", "b", "a"}, s.now.Add(time.Hour)
	n = s.accept(n)
	s.ok(s.DeleteCategory(s.ctx, a.ID))
	s.is(s.DeleteCategory(s.ctx, b.ID), storage.ErrInUse)
	a = s.category("a") // another one: the notification is not for it
	s.is(s.DeleteCategory(s.ctx, b.ID), storage.ErrInUse)
	s.ok(s.DeleteCategory(s.ctx, a.ID))

	// With somebody else in its target it may go.
	w := s.message()
	w.ID, w.ScheduledAt, w.Target = n.ID, n.ScheduledAt, storage.Target{Categories: []string{"b"}, Users: []string{"ana"}}
	must[storage.Notification](s)(s.Replace(s.ctx, s.now, w))
	s.ok(s.DeleteCategory(s.ctx, b.ID))
	s.now = n.ScheduledAt
	equal(s, "claimed", len(s.claim(10).Attempts), 0)
	equal(s, "state", s.notification(n.ID).State, storage.Sent)
}

// testCategoryAgain: a category made after another of its name was deleted is
// not the one that earlier notifications were for.
func testCategoryAgain(s *suite) {
	a, _ := s.category("a"), s.category("b")
	s.audience(2, "a")
	ids := s.audience(1, "b")
	both, sending := s.message(), s.message()
	both.Target.Categories, both.ScheduledAt = []string{"a", "b"}, s.now.Add(time.Hour)
	both = s.accept(both)
	sending.Target.Categories = []string{"a"}
	sending = s.accept(sending)
	first := s.claim(1)
	equal(s, "claimed", len(first.Attempts), 1)
	s.ok(s.DeleteCategory(s.ctx, a.ID))
	s.category("a")
	for _, sub := range []int{1, 2} { // they join the new one
		w := storage.Subscribe{Endpoint: s.subscription(first.Attempts[0].Subscription.ID).Endpoint, P256dh: []byte("p"), Auth: []byte("a"), Service: "push.example"}
		if sub == 2 {
			w.Endpoint = "https://push.example/2"
		}
		w.Categories = &[]string{"a"}
		s.subscribe(w)
	}
	equal(s, "of the deleted", len(s.claim(10).Attempts), 0)
	s.settle(s.outcome(first.Attempts[0], storage.EventSent))
	got := s.notification(sending.ID)
	equal(s, "state", got.State, storage.Sent)
	equal(s, "counts", got.Counts, storage.Counts{Targeted: 1, Sent: 1})

	s.now = both.DueAt
	if got := recipients(s.claim(10).Attempts); !slices.Equal(got, ids) {
		s.Fatalf("claimed %v, want %v", got, ids)
	}
}

func testCategoryAgainRepeats(s *suite) {
	a, b := s.category("a"), s.category("b")
	s.audience(2, "a")
	ids := s.audience(1, "b")
	n := s.repeating("1h")
	n.Target.Categories = []string{"a", "b"}
	n = s.accept(n)
	s.ok(s.DeleteCategory(s.ctx, a.ID))
	s.category("a")
	s.audience(1, "a")
	for range 2 {
		s.now = s.now.Add(time.Hour)
		if got := recipients(s.claim(10).Attempts); !slices.Equal(got, ids) {
			s.Fatalf("claimed %v, want %v", got, ids)
		}
		// A new name is the same category.
		b.Name = "c"
		must[storage.Category](s)(s.UpdateCategory(s.ctx, b))
	}
	equal(s, "runs of the category", len(s.list(storage.NotificationFilter{Category: "c"}, storage.Page{Limit: 10})), 3)
	equal(s, "of the new one", len(s.list(storage.NotificationFilter{Category: "a"}, storage.Page{Limit: 10})), 0)
	s.is(s.DeleteCategory(s.ctx, b.ID), storage.ErrInUse)
}

func testCategoriesByName(s *suite) {
	b, a := s.category("b"), s.category("a")
	s.audience(1, "a")
	got := must[[]storage.Category](s)(s.CategoriesByName(s.ctx, []string{"b", "nope", "a", "b"}))
	if !slices.Equal(got, []storage.Category{b, a}) {
		s.Fatalf("categories: %+v", got)
	}
	equal(s, "of none", len(must[[]storage.Category](s)(s.CategoriesByName(s.ctx, nil))), 0)
}
