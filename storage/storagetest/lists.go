package storagetest

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

var listTests = []testCase{
	{"list notifications", testListNotifications},
	{"list deliveries", testListDeliveries},
	{"subscriptions by page", testSubscriptionsPage},
	{"change a subscription", testChangeSubscription},
	{"activity", testActivity},
	{"invites", testInvites},
	{"invited", testInvited},
	{"change a category", testUpdateCategory},
	{"delete a category", testDeleteCategory},
	{"statistics", testStats},
	{"put off", testPutOff},
	{"known endpoint", testKnownEndpoint},
}

// testListNotifications compares every filter, page by page, with the whole list
// filtered here, while new ones arrive.
func testListNotifications(s *suite) {
	s.category("a")
	s.category("b")
	s.audience(1, "a")
	var all []storage.Notification
	for i := range 60 {
		n := s.message()
		switch i % 4 {
		case 0:
			n.Target.Categories = []string{"a"}
		case 1:
			n.Target.Categories = []string{"b", "a", "b"}
		case 2:
			n.Target.Users = []string{"ana"}
		}
		if i%5 == 0 {
			n.ScheduledAt = s.now.Add(time.Hour)
		}
		n = s.accept(n)
		switch {
		case i%3 == 0:
			must[storage.Notification](s)(s.Cancel(s.ctx, s.now, n.ID))
		case i%7 == 0:
			must[int64](s)(s.Delete(s.ctx, s.now, n.ID))
			continue
		case i < 40:
			s.settle(s.outcomes(s.claim(10).Attempts, storage.EventExpired)...)
		}
		all = append(all, n)
	}
	for i := range all {
		all[i] = s.notification(all[i].ID)
	}
	slices.Reverse(all)
	states := [][]storage.State{nil, {storage.Scheduled}, {storage.Sent, storage.CanceledState}, {storage.ExpiredState, storage.Sending, storage.ExpiredState},
		{storage.Scheduled, storage.Sending, storage.Sent, storage.CanceledState, storage.ExpiredState}, {"nonsense"}}
	for _, category := range []string{"", "a", "b"} {
		for _, in := range states {
			var want []storage.Notification
			for _, n := range all {
				to := category == "" || n.Target.All() || slices.Contains(n.Target.Categories, category)
				if to && (in == nil || slices.Contains(in, n.State)) {
					want = append(want, n)
				}
			}
			f := storage.NotificationFilter{States: in, Category: category}
			for _, limit := range []int{1, 7, 100} {
				var got []storage.Notification
				for p := (storage.Page{Limit: limit}); ; p.After = got[len(got)-1].Key {
					page := s.list(f, p)
					if len(page) > limit {
						s.Fatalf("%d of %d", len(page), limit)
					}
					if got = append(got, page...); len(page) < limit {
						break
					}
				}
				if !reflect.DeepEqual(got, want) {
					s.Fatalf("%+v by %d: %d, want %d", f, limit, len(got), len(want))
				}
			}
		}
	}
	first := s.list(storage.NotificationFilter{}, storage.Page{Limit: 5})
	s.accept(s.message())
	second := s.list(storage.NotificationFilter{}, storage.Page{After: first[4].Key, Limit: 5})
	equal(s, "goes on", second[0].ID, all[5].ID)
	equal(s, "of nothing", len(s.list(storage.NotificationFilter{Category: "nope"}, storage.Page{Limit: 5})), 0)
}

func testListDeliveries(s *suite) {
	s.audience(30)
	s.accept(s.message())
	s.settle(s.outcomes(s.claim(100).Attempts, storage.EventSent)...) // of all 30
	n := s.accept(s.message())
	c := s.claim(100)
	for i, a := range c.Attempts[:25] {
		s.settle(s.outcome(a, []storage.Event{storage.EventSent, storage.EventFailed, storage.EventExpired}[i%3]))
	}
	all := s.deliveries(n)
	slices.Reverse(all)
	for _, status := range []storage.Status{0, storage.StatusSent, storage.StatusFailed, storage.StatusGone} {
		for _, who := range []uuid.UUID{uuid.Nil, all[3].SubscriptionID, uuid.New()} {
			var want, got []storage.Delivery
			for _, d := range all {
				if (status == 0 || d.Status == status) && (who == uuid.Nil || d.SubscriptionID == who) {
					want = append(want, d)
				}
			}
			f := storage.DeliveryFilter{Status: status, Subscription: who}
			for p := (storage.Page{Limit: 4}); ; p.After = got[len(got)-1].SubscriptionKey {
				page := must[[]storage.Delivery](s)(s.DeliveriesOf(s.ctx, n.ID, f, p))
				if got = append(got, page...); len(page) < 4 {
					break
				}
			}
			if !slices.Equal(got, want) {
				s.Fatalf("%+v: %d, want %d", f, len(got), len(want))
			}
		}
	}
	_, err := s.DeliveriesOf(s.ctx, uuid.New(), storage.DeliveryFilter{}, storage.Page{Limit: 1})
	s.is(err, storage.ErrNotFound)
}

func testSubscriptionsPage(s *suite) {
	s.key("k0")
	s.key("k1")
	s.category("ops")
	var all []storage.Subscription
	for i := range 40 {
		w := s.wish()
		w.Label = new(fmt.Sprintf("ÄPFEL %d", i))
		if i%2 == 0 {
			w.Categories, w.User = &[]string{"ops"}, new("Ana")
		}
		if i%3 == 0 {
			w.Service = "other.example"
		}
		if i%4 == 0 {
			w.KeyID = "k0"
		}
		id := s.subscribe(w)
		if i%10 == 1 {
			s.ok(s.RemoveSubscription(s.ctx, s.now, id))
		}
		all = append(all, s.subscription(id))
	}
	slices.Reverse(all)
	ops := func(sub storage.Subscription) bool { return len(sub.Categories) > 0 }
	for _, c := range []struct {
		filter storage.SubscriptionFilter
		want   func(storage.Subscription) bool
	}{
		{storage.SubscriptionFilter{}, func(storage.Subscription) bool { return true }},
		{storage.SubscriptionFilter{Category: "ops"}, ops},
		{storage.SubscriptionFilter{User: "Ana"}, ops},
		{storage.SubscriptionFilter{Service: "other.example"}, func(sub storage.Subscription) bool { return sub.Service == "other.example" }},
		{storage.SubscriptionFilter{KeyID: "k0"}, func(sub storage.Subscription) bool { return sub.KeyID == "k0" }},
		{storage.SubscriptionFilter{KeyID: "k1", Category: "ops"}, func(sub storage.Subscription) bool { return ops(sub) && sub.KeyID == "k1" }},
		{storage.SubscriptionFilter{KeyID: "k2"}, func(sub storage.Subscription) bool { return false }},
		{storage.SubscriptionFilter{Query: "aNa"}, ops},
		{storage.SubscriptionFilter{Query: "äpfel 1"}, func(sub storage.Subscription) bool { return len(sub.Label) > 7 && sub.Label[7] == '1' }},
		{storage.SubscriptionFilter{Query: "OTHER", Category: "ops"}, func(sub storage.Subscription) bool { return ops(sub) && sub.Service == "other.example" }},
		{storage.SubscriptionFilter{Query: "nobody"}, func(storage.Subscription) bool { return false }},
		{storage.SubscriptionFilter{Removed: true}, nil},
	} {
		var want, got, each []storage.Subscription
		for _, sub := range all {
			if sub.RemovedAt.IsZero() != c.filter.Removed && (c.want == nil || c.want(sub)) {
				want = append(want, sub)
			}
		}
		for p := (storage.Page{Limit: 3}); ; p.After = got[len(got)-1].Key {
			page := must[[]storage.Subscription](s)(s.SubscriptionsPage(s.ctx, c.filter, p))
			if got = append(got, page...); len(page) < 3 {
				break
			}
		}
		s.ok(s.EachSubscription(s.ctx, c.filter, func(sub storage.Subscription) error {
			each = append(each, sub)
			return nil
		}))
		slices.Reverse(each)
		if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(each, want) {
			s.Fatalf("%+v: %d and %d, want %d", c.filter, len(got), len(each), len(want))
		}
	}
}

func testChangeSubscription(s *suite) {
	s.key("k1")
	s.category("a")
	s.category("b")
	w := s.wish("a")
	w.Label, w.User = new("phone"), new("ana")
	id := s.subscribe(w)
	got := must[storage.Subscription](s)(s.ChangeSubscription(s.ctx, id, storage.SubscriptionChange{}))
	if !reflect.DeepEqual(got, s.subscription(id)) || got.Label != "phone" || got.User != "ana" || !slices.Equal(got.Categories, []string{"a"}) {
		s.Fatalf("kept: %+v", got)
	}
	got = must[storage.Subscription](s)(s.ChangeSubscription(s.ctx, id, storage.SubscriptionChange{
		Label: new(""), User: new("bob"), Categories: &[]string{"b", "b"}}))
	if got.Label != "" || got.User != "bob" || !slices.Equal(got.Categories, []string{"b"}) {
		s.Fatalf("changed: %+v", got)
	}
	_, err := s.ChangeSubscription(s.ctx, id, storage.SubscriptionChange{Label: new("x"), Categories: &[]string{"nope"}})
	s.unknownCategory(err, "nope")
	equal(s, "label", s.subscription(id).Label, "")
	_, err = s.ChangeSubscription(s.ctx, uuid.New(), storage.SubscriptionChange{})
	s.is(err, storage.ErrNotFound)
	s.ok(s.RemoveSubscription(s.ctx, s.now, id))
	_, err = s.ChangeSubscription(s.ctx, id, storage.SubscriptionChange{})
	s.is(err, storage.ErrNotFound)
}

func testActivity(s *suite) {
	ids := s.audience(3)
	send := func(events ...storage.Event) []storage.Attempt {
		s.accept(s.message())
		c := s.claim(10)
		for i, e := range events {
			s.settle(s.outcome(c.Attempts[i], e))
		}
		return c.Attempts
	}
	send(storage.EventFailed, storage.EventSent, storage.EventFailed)
	s.clean()
	first := s.now
	s.now = s.now.Add(time.Minute)
	attempts := send(storage.EventFailed, storage.EventFailed, storage.EventSent)
	s.settle(s.receipt(attempts[2], storage.EventDisplayed, time.Second))
	s.clean()
	for i, want := range []struct {
		sent, displayed time.Time
		failures        int
	}{{time.Time{}, time.Time{}, 2}, {first, time.Time{}, 1}, {s.now, s.now.Add(time.Second), 0}} {
		got := s.subscription(ids[i])
		if got.LastSentAt != want.sent || got.LastDisplayedAt != want.displayed || got.Failures != want.failures {
			s.Fatalf("%d: %+v, want %+v", i, got, want)
		}
	}
}

func testUpdateCategory(s *suite) {
	a := s.category("a")
	s.category("b")
	s.audience(2, "a")
	s.invite(1, 1, "a")
	token := must[storage.Token](s)(s.CreateToken(s.ctx, storage.Token{Name: "t", Categories: []string{"a", "b"}, Hash: [32]byte{1}, CreatedAt: s.now}))
	done := s.message()
	done.Target.Categories = []string{"a"}
	done = s.accept(done)
	s.settle(s.outcomes(s.claim(10).Attempts, storage.EventSent)...)
	later := s.message()
	later.Target.Categories, later.ScheduledAt = []string{"b", "a"}, s.now.Add(time.Hour)
	later = s.accept(later)
	half := s.message()
	half.Target.Categories = []string{"a"}
	half = s.accept(half)
	s.claim(1)

	a.Name, a.Description, a.Public = "c", "new", false
	got := must[storage.Category](s)(s.UpdateCategory(s.ctx, a))
	a.Subscribers = 2
	equal(s, "category", got, a)
	equal(s, "stored", must[storage.Category](s)(s.Category(s.ctx, a.ID)), a)
	equal(s, "the rest", len(s.claim(10).Attempts), 1)
	s.now = s.now.Add(time.Hour)
	equal(s, "claimed later", len(s.claim(10).Attempts), 2)
	if t := s.notification(later.ID).Target.Categories; !slices.Equal(t, []string{"b", "c"}) {
		s.Fatalf("scheduled: %v", t)
	}
	equal(s, "history", s.notification(done.ID).Target.Categories[0], "a")
	equal(s, "listed", len(s.list(storage.NotificationFilter{Category: "c"}, storage.Page{Limit: 10})), 3)
	if t := must[storage.Token](s)(s.TokenByHash(s.ctx, token.Hash)).Categories; !slices.Equal(t, []string{"c", "b"}) {
		s.Fatalf("token: %v", t)
	}
	equal(s, "invite", must[[]storage.Invite](s)(s.Invites(s.ctx))[0].Categories[0], "c")

	a.Name = "b"
	_, err := s.UpdateCategory(s.ctx, a)
	s.is(err, storage.ErrExists)
	a.ID = uuid.New()
	_, err = s.UpdateCategory(s.ctx, a)
	s.is(err, storage.ErrNotFound)
	_, err = s.Category(s.ctx, a.ID)
	s.is(err, storage.ErrNotFound)
}

func testDeleteCategory(s *suite) {
	a, b := s.category("a"), s.category("b")
	ids := s.audience(2, "a", "b")
	s.invite(1, 1, "a")
	alone := s.message()
	alone.Target.Categories, alone.ScheduledAt = []string{"a"}, s.now.Add(time.Hour)
	alone = s.accept(alone)
	both := s.message()
	both.Target.Categories, both.ScheduledAt = []string{"a", "b"}, s.now.Add(time.Hour)
	both = s.accept(both)
	s.is(s.DeleteCategory(s.ctx, a.ID), storage.ErrInUse)
	must[int64](s)(s.Delete(s.ctx, s.now, alone.ID))
	s.ok(s.DeleteCategory(s.ctx, a.ID))
	s.is(s.DeleteCategory(s.ctx, a.ID), storage.ErrNotFound)
	if got := s.subscription(ids[0]).Categories; !slices.Equal(got, []string{"b"}) {
		s.Fatalf("categories: %v", got)
	}
	equal(s, "invite", len(must[storage.Invite](s)(s.InviteByHash(s.ctx, [32]byte{1}, s.now)).Categories), 0)
	s.now = both.DueAt
	equal(s, "claimed", len(s.claim(10).Attempts), 2)
	s.ok(s.DeleteCategory(s.ctx, b.ID))
	equal(s, "categories", len(must[[]storage.Category](s)(s.Categories(s.ctx, false))), 0)
}

func testStats(s *suite) {
	stats := func() storage.Stats { s.Helper(); return must[storage.Stats](s)(s.Stats(s.ctx, s.now)) }
	empty := stats()
	if len(empty.Hour) > 0 || len(empty.Services) > 0 || empty.Depth != 0 || !empty.OldestDue.IsZero() || empty.Bytes <= 0 {
		s.Fatalf("empty: %+v", empty)
	}
	s.key("k1")
	for i := range 6 {
		w := s.wish()
		w.Service = []string{"one.example", "two.example"}[i%2]
		s.subscribe(w)
	}
	n := s.accept(s.message())
	equal(s, "oldest", stats().OldestDue, n.DueAt)
	c := s.claim(10)
	retry := s.retryAt(c.Attempts[4], time.Second)
	retry.Service = c.Attempts[4].Subscription.Service
	s.settle(s.outcome(c.Attempts[0], storage.EventSent), s.outcome(c.Attempts[1], storage.EventSent), s.outcome(c.Attempts[2], storage.EventFailed), retry)
	s.settle(s.receipt(c.Attempts[1], storage.EventDisplayed, 0), s.receipt(c.Attempts[1], storage.EventDisplayed, 0))
	all := storage.Totals{storage.EventSent: 2, storage.EventFailed: 1, storage.EventRetrying: 1, storage.EventDisplayed: 1}
	one := storage.Totals{storage.EventSent: 1, storage.EventFailed: 1, storage.EventRetrying: 1}
	two := storage.Totals{storage.EventSent: 1, storage.EventDisplayed: 1}
	check := func(hour, day, week bool) {
		s.Helper()
		given := func(t storage.Totals, yes bool) storage.Totals {
			if !yes {
				return storage.Totals{}
			}
			return t
		}
		spans := func(t storage.Totals) storage.Spans {
			return storage.Spans{Hour: given(t, hour), Day: given(t, day), Week: given(t, week)}
		}
		got := stats()
		if !reflect.DeepEqual(got.Spans, spans(all)) {
			s.Fatalf("totals: %+v", got.Spans)
		}
		want := []storage.ServiceStats{{Service: "one.example", Spans: spans(one)}, {Service: "two.example", Spans: spans(two)}}
		if week && !reflect.DeepEqual(got.Services, want) {
			s.Fatalf("services: %+v", got.Services)
		}
		equal(s, "depth", got.Depth, 3)
		equal(s, "subscriptions", got.Subscriptions, 6)
	}
	equal(s, "retry to come", stats().OldestDue, time.Time{})
	check(true, true, true)
	s.now = s.now.Add(59 * time.Minute)
	equal(s, "oldest", stats().OldestDue, n.DueAt.Add(time.Second))
	s.clean()
	check(true, true, true)
	s.now = s.now.Add(time.Minute)
	check(false, true, true)
	s.now = s.now.Add(22*time.Hour + 59*time.Minute)
	s.clean()
	check(false, true, true)
	s.now = s.now.Add(time.Minute)
	check(false, false, true)
	s.now = s.now.Add(6 * day)
	check(false, false, false)
}

// testPutOff: putting a retry off without a request keeps why it is retried.
func testPutOff(s *suite) {
	s.audience(1)
	n := s.accept(s.message())
	a := s.claim(10).Attempts[0]
	o := s.retryAt(a, time.Second)
	o.Code, o.Error = 503, "busy"
	s.settle(o)
	s.now = s.now.Add(time.Second)
	a = s.claim(10).Attempts[0]
	off := s.retryAt(a, time.Minute)
	off.Attempts = a.Attempts
	change := s.settle(off).Changes[0]
	got := s.deliveries(n)[0]
	if got.Code != 503 || got.Error != "busy" || got.Attempts != 1 || got.RetryAt != off.RetryAt || change.Code != 503 || change.Error != "busy" {
		s.Fatalf("delivery: %+v, change %+v", got, change)
	}
	s.now = s.now.Add(time.Minute)
	o = s.retryAt(s.claim(10).Attempts[0], time.Minute)
	o.Code, o.Error = 0, ""
	s.settle(o)
	got = s.deliveries(n)[0]
	if got.Code != 0 || got.Error != "" || got.Attempts != 2 {
		s.Fatalf("after a request: %+v", got)
	}
}

func testKnownEndpoint(s *suite) {
	s.key("k1")
	w := s.wish()
	known := func() bool { return must[bool](s)(s.KnownEndpoint(s.ctx, w.Endpoint)) }
	equal(s, "never seen", known(), false)
	id := s.subscribe(w)
	equal(s, "living", known(), true)
	must[bool](s)(s.Unsubscribe(s.ctx, s.now, id))
	equal(s, "left", known(), true)
	s.subscribe(w)
	s.ok(s.RemoveSubscription(s.ctx, s.now, id))
	equal(s, "removed by the operator", known(), false)
	if s.subscribe(w) == id {
		s.Fatalf("it came back under its id")
	}
	equal(s, "living again", known(), true)
}
