package storagetest

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

var changeTests = []testCase{
	{"changes tell how a delivery stands", testChangeStates},
	{"changes by page", testChangesByPage},
	{"changes by notification and event", testChangesFiltered},
	{"changes by category", testChangesByCategory},
	{"changes of a deleted notification", testChangesDeleted},
	{"changes that retention took", testChangesSwept},
	{"names of notifications", testNotificationNames},
	{"names of subscriptions", testSubscriptionNames},
}

func (s *suite) after(seq int64, f storage.ChangeFilter, limit int) ([]storage.Change, int64) {
	s.Helper()
	changes, through, err := s.ChangesAfter(s.ctx, seq, f, limit)
	s.ok(err)
	return changes, through
}

// changed lists which notifications' deliveries have changed after seq, and how.
func (s *suite) changed(seq int64, f storage.ChangeFilter) (notifications []int64, events []storage.Event) {
	s.Helper()
	changes, through := s.after(seq, f, 1000)
	equal(s, "through", through, must[storage.Seqs](s)(s.Seqs(s.ctx)).Latest)
	for _, c := range changes {
		notifications, events = append(notifications, c.NotificationKey), append(events, c.Event)
	}
	return notifications, events
}

// testChangeStates: each change tells the whole state that follows it, however
// much follows within the same commit.
func testChangeStates(s *suite) {
	s.audience(1)
	n := s.accept(s.message())
	a := s.claim(10).Attempts[0]
	busy := s.retryAt(a, time.Minute)
	sent := s.outcome(a, storage.EventSent)
	sent.Attempts, sent.Code, sent.Latency, sent.At = 2, 201, 84*time.Millisecond, s.now.Add(time.Minute)
	got := s.settle(busy, sent, s.receipt(a, storage.EventDisplayed, 2*time.Minute), s.receipt(a, storage.EventClicked, 3*time.Minute)).Changes
	equal(s, "changes", len(got), 4)
	want := storage.Change{
		Seq: got[0].Seq, NotificationKey: n.Key, SubscriptionKey: a.Subscription.Key, Status: storage.StatusRetrying,
		Event: storage.EventRetrying, Attempts: 1, Code: 503, Error: "busy", At: s.now, RetryAt: s.now.Add(time.Minute),
	}
	equal(s, "retrying", got[0], want)
	equal(s, "at", got[0].EventAt(), s.now)
	want.Seq, want.Status, want.Event, want.Attempts, want.Code, want.Error = got[1].Seq, storage.StatusSent, storage.EventSent, 2, 201, ""
	want.At, want.RetryAt, want.Latency = s.now.Add(time.Minute), time.Time{}, 84*time.Millisecond
	equal(s, "sent", got[1], want)
	want.Seq, want.Event, want.DisplayedAt = got[2].Seq, storage.EventDisplayed, s.now.Add(2*time.Minute)
	equal(s, "displayed", got[2], want)
	equal(s, "at", got[2].EventAt(), s.now.Add(2*time.Minute))
	want.Seq, want.Event, want.ClickedAt = got[3].Seq, storage.EventClicked, s.now.Add(3*time.Minute)
	equal(s, "clicked", got[3], want)
	equal(s, "stored", s.deliveries(n)[0].Change, want)
	if !slices.IsSortedFunc(got, func(a, b storage.Change) int { return int(a.Seq - b.Seq) }) || got[0].Seq == got[1].Seq {
		s.Fatal("each change has a seq of its own")
	}
	closed := s.settle(s.receipt(a, storage.EventClosed, 4*time.Minute)).Changes[0]
	equal(s, "closed at", closed.EventAt(), s.now.Add(4*time.Minute))

	// A receipt that comes before the outcome, and what a claim decides.
	early := s.accept(s.message())
	a = s.claim(10).Attempts[0]
	proof := s.settle(s.receipt(a, storage.EventDisplayed, time.Second)).Changes[0]
	if proof.Status != storage.StatusSent || proof.Event != storage.EventDisplayed || proof.At != s.now.Add(time.Second) || proof.Attempts != 0 {
		s.Fatalf("proven by its receipt: %+v", proof)
	}
	equal(s, "stored", s.deliveries(early)[0].Change, proof)
	short := s.message()
	short.ExpiresAt = s.now
	short = s.accept(short)
	expired := s.claim(10).Settled.Changes
	equal(s, "expired", len(expired), 1)
	equal(s, "stored", s.deliveries(short)[0].Change, expired[0])
}

func testChangesByPage(s *suite) {
	changes, through := s.after(0, storage.ChangeFilter{}, 10)
	equal(s, "of nothing", len(changes), 0)
	equal(s, "through", through, 0)
	s.audience(7)
	s.accept(s.message())
	c := s.claim(10)
	s.settle(s.outcomes(c.Attempts, storage.EventSent)...)        // 1 to 7
	s.settle(s.receipt(c.Attempts[1], storage.EventDisplayed, 0)) // 2 → 8
	s.settle(s.receipt(c.Attempts[3], storage.EventDisplayed, 0)) // 4 → 9
	equal(s, "seqs", must[storage.Seqs](s)(s.Seqs(s.ctx)), storage.Seqs{Latest: 9})
	for _, page := range []struct {
		after   int64
		want    []int64
		through int64
	}{
		{0, []int64{1, 3, 5}, 5},
		{2, []int64{3, 5, 6}, 6},
		{5, []int64{6, 7, 8}, 8},
		{6, []int64{7, 8, 9}, 9},
		{7, []int64{8, 9}, 9},
		{9, nil, 9},
		{20, nil, 20},
	} {
		changes, through := s.after(page.after, storage.ChangeFilter{}, 3)
		var seqs []int64
		for _, c := range changes {
			seqs = append(seqs, c.Seq)
		}
		if !slices.Equal(seqs, page.want) || through != page.through {
			s.Fatalf("after %d: %v through %d, want %v through %d", page.after, seqs, through, page.want, page.through)
		}
	}
	// What a filter leaves out counts towards the limit, so that no page takes long.
	changes, through = s.after(0, storage.ChangeFilter{Events: storage.Events(storage.EventDisplayed)}, 3)
	equal(s, "displayed among the first", len(changes), 0)
	equal(s, "through", through, 5)
}

func testChangesFiltered(s *suite) {
	s.audience(3)
	first, second := s.accept(s.message()), s.accept(s.message())
	c := s.claim(10)
	s.settle(s.outcomes(c.Attempts, storage.EventSent)...)
	s.settle(s.receipt(c.Attempts[0], storage.EventDisplayed, 0), s.receipt(c.Attempts[1], storage.EventClicked, 0))
	keys, events := s.changed(0, storage.ChangeFilter{Notification: first.ID})
	if !slices.Equal(keys, []int64{first.Key, first.Key, first.Key}) ||
		!slices.Equal(events, []storage.Event{storage.EventSent, storage.EventDisplayed, storage.EventClicked}) {
		s.Fatalf("of the first: %v %v", keys, events)
	}
	_, events = s.changed(0, storage.ChangeFilter{Events: storage.Events(storage.EventClicked, storage.EventDisplayed)})
	equal(s, "reactions", slices.Equal(events, []storage.Event{storage.EventDisplayed, storage.EventClicked}), true)
	keys, _ = s.changed(0, storage.ChangeFilter{Notification: second.ID, Events: storage.Events(storage.EventSent)})
	equal(s, "sent of the second", len(keys), 3)
	keys, _ = s.changed(0, storage.ChangeFilter{Notification: second.ID, Events: storage.Events(storage.EventClosed, storage.EventRetrying)})
	equal(s, "closed of the second", len(keys), 0)
	keys, _ = s.changed(0, storage.ChangeFilter{Notification: uuid.New()})
	equal(s, "of an unknown one", len(keys), 0)
}

// testChangesByCategory: as it is called now, and what is to everyone is to
// every category.
func testChangesByCategory(s *suite) {
	ops, news := s.category("ops"), s.category("news")
	s.audience(1, "ops", "news")
	var keys []int64
	for _, target := range []storage.Target{{Categories: []string{"ops"}}, {Categories: []string{"news"}}, {}, {Users: []string{"ana"}}, {Categories: []string{"news", "ops"}}} {
		n := s.message()
		n.Target = target
		n = s.accept(n)
		keys = append(keys, n.Key)
		s.settle(s.outcomes(s.claim(10).Attempts, storage.EventSent)...)
	}
	to := func(category string, want ...int64) {
		s.Helper()
		got, _ := s.changed(0, storage.ChangeFilter{Category: category})
		if !slices.Equal(got, want) {
			s.Fatalf("to %s: of %v, want %v", category, got, want)
		}
	}
	to("ops", keys[0], keys[2], keys[4])
	ops.Name = "operators"
	must[storage.Category](s)(s.UpdateCategory(s.ctx, ops))
	to("operators", keys[0], keys[2], keys[4])
	to("ops", keys[2])
	to("news", keys[1], keys[2], keys[4])
	s.ok(s.DeleteCategory(s.ctx, news.ID))
	to("news", keys[2])
}

func testChangesDeleted(s *suite) {
	s.audience(1)
	n := s.accept(s.message())
	s.settle(s.outcomes(s.claim(10).Attempts, storage.EventSent)...)
	must[int64](s)(s.Delete(s.ctx, s.now, n.ID))
	keys, _ := s.changed(0, storage.ChangeFilter{})
	equal(s, "of a deleted one", len(keys), 0)
	s.clean()
	keys, _ = s.changed(0, storage.ChangeFilter{})
	equal(s, "cleaned", len(keys), 0)
	equal(s, "seqs", must[storage.Seqs](s)(s.Seqs(s.ctx)), storage.Seqs{Latest: 1})
}

func testChangesSwept(s *suite) {
	s.audience(2)
	s.accept(s.message())
	s.settle(s.outcomes(s.claim(10).Attempts, storage.EventSent)...) // 1, 2
	s.now = s.now.Add(31 * day)
	long := s.accept(s.message())
	c := s.claim(10)
	s.settle(s.outcomes(c.Attempts[:1], storage.EventSent)...) // 3
	equal(s, "before", must[storage.Seqs](s)(s.Seqs(s.ctx)), storage.Seqs{Latest: 3})
	s.clean()
	equal(s, "after", must[storage.Seqs](s)(s.Seqs(s.ctx)), storage.Seqs{Latest: 3, Swept: 2})
	keys, _ := s.changed(0, storage.ChangeFilter{})
	equal(s, "kept", slices.Equal(keys, []int64{long.Key}), true)
	s.settle(s.outcomes(c.Attempts[1:], storage.EventSent)...) // 4
	s.now = s.now.Add(31 * day)
	s.clean()
	equal(s, "all", must[storage.Seqs](s)(s.Seqs(s.ctx)), storage.Seqs{Latest: 4, Swept: 4})
}

func testNotificationNames(s *suite) {
	s.category("news")
	ops := s.category("ops")
	all, some, none := s.message(), s.message(), s.message()
	all.Content.Title = "to everyone"
	some.Content.Title, some.Target.Categories = "to some", []string{"ops", "news"}
	none.Target.Users = []string{"ana"}
	all, some, none = s.accept(all), s.accept(some), s.accept(none)
	gone := s.accept(s.message())
	must[int64](s)(s.Delete(s.ctx, s.now, gone.ID))
	ops.Name = "operators"
	must[storage.Category](s)(s.UpdateCategory(s.ctx, ops))
	keys := []int64{none.Key, 99, all.Key, gone.Key, some.Key}
	for i := range int64(40) {
		keys = append(keys, 1000+i)
	}
	got := must[map[int64]storage.NotificationName](s)(s.NotificationNames(s.ctx, keys))
	equal(s, "names", len(got), 3)
	if n := got[all.Key]; n.Key != all.Key || n.ID != all.ID || n.Title != "to everyone" || !n.Everyone || len(n.Categories) > 0 || !n.Addresses("x") {
		s.Fatalf("to everyone: %+v", n)
	}
	n := got[some.Key]
	slices.Sort(n.Categories)
	if n.ID != some.ID || n.Title != "to some" || n.Everyone || !slices.Equal(n.Categories, []string{"news", "operators"}) ||
		!n.Addresses("operators") || n.Addresses("ops") {
		s.Fatalf("to some: %+v", n)
	}
	if n := got[none.Key]; n.Everyone || n.Addresses("operators") {
		s.Fatalf("to a user: %+v", n)
	}
	equal(s, "of none", len(must[map[int64]storage.NotificationName](s)(s.NotificationNames(s.ctx, nil))), 0)
}

func testSubscriptionNames(s *suite) {
	s.key("k1")
	w := s.wish()
	w.Label = new("phone")
	phone := s.subscription(s.subscribe(w))
	others := s.audience(40)
	must[bool](s)(s.Unsubscribe(s.ctx, s.now, others[0]))
	names := func(keys ...int64) map[int64]storage.SubscriptionName {
		return must[map[int64]storage.SubscriptionName](s)(s.SubscriptionNames(s.ctx, keys))
	}
	want := storage.SubscriptionName{Key: phone.Key, ID: phone.ID, Label: "phone", Service: "push.example"}
	equal(s, "one", names(phone.Key)[phone.Key], want)
	sparse := names(phone.Key+20, phone.Key, 5000, phone.Key+1)
	equal(s, "some", len(sparse), 3)
	equal(s, "the phone", sparse[phone.Key], want)
	equal(s, "a removed one", sparse[phone.Key+1].ID, others[0])
	var keys []int64
	for i := range int64(41) {
		keys = append(keys, phone.Key+40-i)
	}
	all := names(keys...)
	equal(s, "all", len(all), 41)
	equal(s, "the phone", all[phone.Key], want)
	equal(s, "of none", len(names()), 0)
}
