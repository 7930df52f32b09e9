package storagetest

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

var silenceTests = []testCase{
	{"failing is silent", testFailingIsSilent},
	{"unseen is silent", testUnseenIsSilent},
	{"unseen at once", testUnseenAtOnce},
	{"silence ends", testSilenceEnds},
	{"lists of the silent", testSilentLists},
}

// send sends one message to everyone; the subscription at i gets outcome i, or, if
// it is a receipt's, sent and that receipt.
func (s *suite) send(events ...storage.Event) {
	s.Helper()
	s.sendOnly(events...)
	s.clean()
}

// sendOnly is send before the deliveries have been digested.
func (s *suite) sendOnly(events ...storage.Event) {
	s.Helper()
	s.accept(s.message())
	attempts := s.claim(len(events) + 10).Attempts
	equal(s, "attempts", len(attempts), len(events))
	for i, e := range events {
		if e >= storage.EventDisplayed {
			s.settle(s.outcome(attempts[i], storage.EventSent), s.receipt(attempts[i], e, time.Second))
		} else {
			s.settle(s.outcome(attempts[i], e))
		}
	}
}

func (s *suite) silence() *storage.Silence { return &storage.Silence{Now: s.now, Receipts: true} }

// silent checks who is silent, by list and by count.
func (s *suite) silent(what string, want ...uuid.UUID) {
	s.Helper()
	list := must[[]storage.Subscription](s)(s.SubscriptionsPage(s.ctx, storage.SubscriptionFilter{Silent: s.silence()}, storage.Page{Limit: 100}))
	var got []uuid.UUID
	for _, sub := range slices.Backward(list) {
		got = append(got, sub.ID)
	}
	if !slices.Equal(got, want) {
		s.Fatalf("%s: %v are silent, want %v", what, got, want)
	}
	equal(s, what+": counted", must[int](s)(s.CountSilent(s.ctx, *s.silence())), len(want))
}

func testFailingIsSilent(s *suite) {
	ids := s.audience(3)
	for range 2 {
		s.send(storage.EventFailed, storage.EventFailed, storage.EventDisplayed)
	}
	s.silent("after two failures")
	s.send(storage.EventFailed, storage.EventSent, storage.EventDisplayed)
	s.silent("after three", ids[0])
	equal(s, "without receipts", must[int](s)(s.CountSilent(s.ctx, storage.Silence{Now: s.now})), 1)
	s.send(storage.EventSent, storage.EventSent, storage.EventSent)
	s.silent("sent again")
}

func testUnseenIsSilent(s *suite) {
	ids := s.audience(4) // the first displays everything, the second nothing, the third once, the fourth closes what it shows
	s.send(storage.EventDisplayed, storage.EventSent, storage.EventDisplayed, storage.EventClosed)
	first := s.now
	for range 2 {
		s.now = s.now.Add(day)
		s.send(storage.EventDisplayed, storage.EventSent, storage.EventSent, storage.EventClicked)
	}
	s.now = first.Add(storage.SilentAfter - time.Millisecond)
	s.silent("before seven days")
	s.now = s.now.Add(time.Millisecond)
	s.silent("after seven days", ids[1])
	equal(s, "without receipts", must[int](s)(s.CountSilent(s.ctx, storage.Silence{Now: s.now})), 0)
	s.now = s.now.Add(30 * day)
	s.silent("two unseen are not three", ids[1])
	s.send(storage.EventDisplayed, storage.EventSent, storage.EventSent, storage.EventClicked)
	s.silent("a third", ids[1], ids[2])
}

// testUnseenAtOnce: it makes no difference when the deliveries are looked at.
func testUnseenAtOnce(s *suite) {
	ids := s.audience(3)
	first := s.now
	s.sendOnly(storage.EventSent, storage.EventDisplayed, storage.EventSent)
	for range 2 {
		s.now = s.now.Add(day)
		s.sendOnly(storage.EventSent, storage.EventSent, storage.EventSent)
	}
	s.sendOnly(storage.EventSent, storage.EventSent, storage.EventDisplayed)
	s.clean()
	s.now = first.Add(storage.SilentAfter)
	s.silent("seven days after the first", ids[0])
	s.now = s.now.Add(day)
	s.silent("seven days after the second", ids[:2]...)
}

// testSilenceEnds: with what is displayed, late or not, and with the subscription.
func testSilenceEnds(s *suite) {
	ids := s.audience(4)
	s.accept(s.message())
	late := s.claim(10).Attempts
	s.settle(s.outcomes(late, storage.EventSent)...)
	for range 2 {
		s.send(storage.EventSent, storage.EventSent, storage.EventSent, storage.EventSent)
	}
	s.now = s.now.Add(storage.SilentAfter)
	s.silent("all", ids...)
	s.settle(s.receipt(late[0], storage.EventDisplayed, 0))
	s.clean()
	s.silent("a late receipt", ids[1:]...)
	s.send(storage.EventSent, storage.EventDisplayed, storage.EventSent, storage.EventSent)
	s.silent("one displayed", ids[2:]...)
	must[bool](s)(s.Unsubscribe(s.ctx, s.now, ids[2]))
	s.silent("one left", ids[3])
	s.send(storage.EventSent, storage.EventSent, storage.EventGone)
	s.silent("one gone")
	// Whose silence has ended begins anew.
	s.now = s.now.Add(storage.SilentAfter)
	s.send(storage.EventSent, storage.EventSent)
	s.silent("two more", ids[0])
}

func testSilentLists(s *suite) {
	s.key("k1")
	s.category("a")
	s.category("b")
	var ids []uuid.UUID
	for i, categories := range [][]string{{"a"}, {"b"}, {"a", "b"}, {"a"}} {
		w := s.wish(categories...)
		w.User, w.UserAgent = new([]string{"ana", "bia"}[i%2]), "Mozilla/5.0 (Android 16; Mobile; rv:153.0) Gecko/153.0 Firefox/153.0"
		ids = append(ids, s.subscribe(w))
	}
	for range 3 {
		s.send(storage.EventFailed, storage.EventFailed, storage.EventFailed, storage.EventDisplayed)
	}
	for _, c := range []struct {
		f    storage.SubscriptionFilter
		p    storage.Page
		want []int // newest first
	}{
		{storage.SubscriptionFilter{}, storage.Page{}, []int{2, 1, 0}},
		{storage.SubscriptionFilter{Category: "a"}, storage.Page{}, []int{2, 0}},
		{storage.SubscriptionFilter{User: "bia"}, storage.Page{}, []int{1}},
		{storage.SubscriptionFilter{Service: "push.example"}, storage.Page{}, []int{2, 1, 0}},
		{storage.SubscriptionFilter{Query: "ANA"}, storage.Page{}, []int{2, 0}},
		{storage.SubscriptionFilter{Query: "firefox 153 on android"}, storage.Page{}, []int{2, 1, 0}},
		{storage.SubscriptionFilter{Query: "mozilla"}, storage.Page{}, nil},
		{storage.SubscriptionFilter{Category: "b", Query: "bia"}, storage.Page{}, []int{1}},
		{storage.SubscriptionFilter{}, storage.Page{Limit: 2}, []int{2, 1}},
		{storage.SubscriptionFilter{}, storage.Page{Limit: 2, After: s.subscription(ids[1]).Key}, []int{0}},
	} {
		c.f.Silent = s.silence()
		if c.p.Limit == 0 {
			c.p.Limit = 100
		}
		var got []int
		for _, sub := range must[[]storage.Subscription](s)(s.SubscriptionsPage(s.ctx, c.f, c.p)) {
			got = append(got, slices.Index(ids, sub.ID))
		}
		if !slices.Equal(got, c.want) {
			s.Fatalf("%+v: %v, want %v", c.f, got, c.want)
		}
	}
}
