package storagetest

import (
	"fmt"
	"reflect"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

var repeatTests = []testCase{
	{"repeat", testRepeat},
	{"missed runs", testMissedRuns},
	{"clock set back", testClockSetBack},
	{"clock set far back", testClockSetFarBack},
	{"clock set back between runs", testClockSetBackStopped},
	{"repeat ends", testRepeatEnds},
	{"repeat canceled and deleted", testRepeatStopped},
	{"repeat replaced", testRepeatReplaced},
	{"replace", testReplace},
	{"delete", testDelete},
	{"delete while sending", testDeleteSending},
}

// every is a schedule by fixed steps; the repeat expression is the step's.
type every struct{}

func (every) Next(repeat, _ string, t time.Time) time.Time {
	step := every{}.step(repeat)
	return t.Truncate(step).Add(step)
}

func (every) Last(repeat, _ string, since, t time.Time) time.Time {
	last := t.Truncate(every{}.step(repeat))
	if !last.After(since) {
		return time.Time{}
	}
	return last
}

func (every) step(repeat string) time.Duration {
	d, err := time.ParseDuration(repeat)
	if err != nil {
		return time.Hour
	}
	return d
}

// repeating is a message every so often, from the next full step on.
func (s *suite) repeating(step string) storage.Notification {
	n := s.message()
	n.Repeat, n.TimeZone = step, "Europe/Lisbon"
	n.NextAt = every{}.Next(step, "", s.now)
	return n
}

// runs are the runs of a repeating notification, the newest first.
func (s *suite) runs(parent storage.Notification) (runs []storage.Notification) {
	s.Helper()
	for _, n := range s.list(storage.NotificationFilter{}, storage.Page{Limit: 1000}) {
		if n.ParentID == parent.ID {
			runs = append(runs, n)
		}
	}
	if got := s.list(storage.NotificationFilter{Parent: parent.ID}, storage.Page{Limit: 1000}); !reflect.DeepEqual(got, runs) {
		s.Fatalf("runs of the parent: %d, want %d", len(got), len(runs))
	}
	return runs
}

func (s *suite) list(f storage.NotificationFilter, p storage.Page) []storage.Notification {
	s.Helper()
	return must[[]storage.Notification](s)(s.Notifications(s.ctx, f, p))
}

func testRepeat(s *suite) {
	s.category("ops")
	ids := s.audience(2, "ops")
	n := s.repeating("1h")
	n.Target.Categories, n.Topic, n.TokenKey, n.Warnings = []string{"ops"}, "t", 7, []string{"long"}
	n.ExpiresAt = s.now.Add(100 * time.Hour)
	n = s.accept(n)
	equal(s, "state", n.State, storage.Scheduled)
	equal(s, "next", n.NextAt, s.now.Add(time.Hour))
	equal(s, "repeat", n.Repeat+n.TimeZone, "1hEurope/Lisbon")
	equal(s, "claimed too early", len(s.claim(10).Attempts), 0)
	for i := 1; i <= 3; i++ {
		due := s.now.Add(time.Hour)
		equal(s, "wakes", s.claim(10).Next, due)
		s.now = due.Add(time.Second)
		c := s.claim(10)
		equal(s, "claimed", len(c.Attempts), 2)
		run := *c.Attempts[0].Notification
		if run.ID == n.ID || run.ID.Version() != 7 || run.ParentID != n.ID || run.DueAt != due || run.ScheduledAt != due || run.CreatedAt != s.now ||
			run.ExpiresAt != n.ExpiresAt || run.Repeat != "" || run.Topic != "t" || run.TokenKey != 7 || run.Title != n.Title ||
			run.TTL != n.TTL || run.Urgency != n.Urgency || len(run.Warnings) != 1 || !run.NextAt.IsZero() {
			s.Fatalf("run: %+v", run)
		}
		s.settle(s.outcomes(c.Attempts, storage.EventSent)...)
		equal(s, "run", s.notification(run.ID).State, storage.Sent)
		s.now = due
		got := s.notification(n.ID)
		equal(s, "next", got.NextAt, due.Add(time.Hour))
		equal(s, "state", got.State, storage.Scheduled)
		equal(s, "counts", got.Counts, storage.Counts{})
		equal(s, "runs", len(s.runs(n)), i)
	}
	// A run's audience is who is subscribed when it is due.
	must[bool](s)(s.Unsubscribe(s.ctx, s.now, ids[0]))
	s.now = s.now.Add(time.Hour)
	equal(s, "claimed", len(s.claim(10).Attempts), 1)

	s.category("other")
	for _, c := range []struct {
		filter storage.NotificationFilter
		want   int
	}{
		{storage.NotificationFilter{Parent: n.ID, States: []storage.State{storage.Sent}}, 3},
		{storage.NotificationFilter{Parent: n.ID, States: []storage.State{storage.Sent, storage.Sending}, Category: "ops"}, 4},
		{storage.NotificationFilter{Parent: n.ID, Category: "other"}, 0},
		{storage.NotificationFilter{Parent: n.ID, Category: "nope"}, 0},
		{storage.NotificationFilter{Parent: uuid.New()}, 0},
	} {
		equal(s, fmt.Sprintf("listed by %+v", c.filter), len(s.list(c.filter, storage.Page{Limit: 10})), c.want)
	}
	all := s.runs(n)
	first := s.list(storage.NotificationFilter{Parent: n.ID}, storage.Page{Limit: 3})
	rest := s.list(storage.NotificationFilter{Parent: n.ID}, storage.Page{Limit: 3, After: first[2].Key})
	equal(s, "by pages", reflect.DeepEqual(append(first, rest...), all), true)
}

// testMissedRuns: of what was missed the last run only, while its TTL lasts.
func testMissedRuns(s *suite) {
	s.audience(1)
	n := s.accept(s.repeating("1h")) // its TTL is an hour
	short := s.repeating("1h")
	short.TTL = 0
	short = s.accept(short)
	start := s.now
	s.now = start.Add(10*time.Hour + 30*time.Minute)
	equal(s, "claimed", len(s.claim(10).Attempts), 1)
	runs := s.runs(n)
	equal(s, "runs", len(runs), 1)
	equal(s, "due", runs[0].DueAt, start.Add(10*time.Hour))
	equal(s, "next", s.notification(n.ID).NextAt, start.Add(11*time.Hour))
	equal(s, "runs of the short one", len(s.runs(short)), 0)
	equal(s, "its next", s.notification(short.ID).NextAt, start.Add(11*time.Hour))

	s.now = start.Add(11*time.Hour + 59*time.Second)
	equal(s, "in the minute of grace", len(s.claim(10).Attempts), 2)
}

func testClockSetBack(s *suite) {
	s.audience(1)
	n := s.accept(s.repeating("1h"))
	s.now = s.now.Add(2 * time.Hour)
	equal(s, "claimed", len(s.claim(10).Attempts), 1)
	for range 3 {
		s.now = s.now.Add(-40 * time.Minute)
		equal(s, "claimed again", len(s.claim(10).Attempts), 0)
	}
	// Nor when it is replaced meanwhile.
	again := s.repeating("1h")
	again.ID = n.ID
	again = must[storage.Notification](s)(s.Replace(s.ctx, s.now, again))
	for range 4 {
		s.now = again.NextAt
		s.claim(10)
		again = s.notification(n.ID)
	}
	due := make(map[time.Time]bool)
	for _, run := range s.runs(n) {
		if due[run.DueAt] {
			s.Fatalf("%v ran twice", run.DueAt)
		}
		due[run.DueAt] = true
	}
}

// testClockSetFarBack: a clock that was far ahead does not silence what repeats.
func testClockSetFarBack(s *suite) {
	s.audience(1)
	n := s.accept(s.repeating("1h"))
	start := s.now
	late := s.repeating("1h")
	late.ScheduledAt = start.Add(5*time.Hour - time.Minute)
	late.NextAt = start.Add(5 * time.Hour)
	late = s.accept(late)
	s.claim(10)
	s.now = start.AddDate(10, 0, 0)
	s.claim(10)
	s.now = start.AddDate(10, 0, 0).Add(-time.Second) // no more than clocks do
	s.claim(10)
	equal(s, "next", s.notification(n.ID).NextAt, start.AddDate(10, 0, 0).Add(time.Hour))

	s.now = start.Add(10 * time.Minute)
	equal(s, "wakes", s.claim(10).Next, start.Add(time.Hour))
	equal(s, "next", s.notification(n.ID).NextAt, start.Add(time.Hour))
	equal(s, "not before", s.notification(late.ID).NextAt, start.Add(5*time.Hour))
	s.now = start.Add(time.Hour)
	equal(s, "claimed", len(s.claim(10).Attempts), 1)
	s.now = start.Add(30 * time.Minute)
	equal(s, "wakes", s.claim(10).Next, start.Add(time.Hour))
	s.now = start.Add(time.Hour)
	equal(s, "claimed again", len(s.claim(10).Attempts), 0)
	equal(s, "next", s.notification(n.ID).NextAt, start.Add(2*time.Hour))
}

// testClockSetBackStopped: the clock is corrected while the server does not run.
func testClockSetBackStopped(s *suite) {
	s.audience(1)
	n := s.accept(s.repeating("1h"))
	start := s.now
	s.now = start.AddDate(10, 0, 0)
	s.claim(10)
	s.now = start
	s.ok(s.Resume(s.ctx, s.now))
	must[storage.Claim](s)(s.Claim(s.ctx, storage.ClaimRequest{Now: s.now, Limit: 1})) // it cannot know
	s.claim(10)
	equal(s, "next", s.notification(n.ID).NextAt, start.Add(time.Hour))
	got := s.repeating("1h")
	got.NextAt = start.Add(3 * time.Hour)
	got = s.accept(got)
	s.claim(10) // time went on: nothing is looked at again
	equal(s, "next", s.notification(got.ID).NextAt, start.Add(3*time.Hour))
}

func testRepeatEnds(s *suite) {
	s.audience(1)
	n := s.repeating("1h")
	n.ExpiresAt = s.now.Add(2 * time.Hour)
	n = s.accept(n)
	s.now = s.now.Add(time.Hour)
	c := s.claim(10)
	equal(s, "claimed", len(c.Attempts), 1)
	got := s.notification(n.ID)
	if got.State != storage.Sent || got.FinishedAt != s.now || !got.NextAt.IsZero() {
		s.Fatalf("parent: %+v", got)
	}
	equal(s, "progress", c.Settled.Progress[0].State, storage.Sent)
	_, err := s.Cancel(s.ctx, s.now, n.ID)
	s.is(err, storage.ErrEnded)

	// It expired before it ran at all.
	late := s.repeating("1h")
	late.ExpiresAt = s.now.Add(90 * time.Minute)
	late = s.accept(late)
	s.now = s.now.Add(2 * time.Hour)
	s.claim(10)
	equal(s, "state", s.notification(late.ID).State, storage.Sent)
	equal(s, "runs", len(s.runs(late)), 0)
}

func testRepeatStopped(s *suite) {
	s.audience(2)
	canceled, removed := s.accept(s.repeating("1h")), s.accept(s.repeating("1h"))
	s.now = s.now.Add(time.Hour)
	c := s.claim(1) // of two runs with two each
	got := must[storage.Notification](s)(s.Cancel(s.ctx, s.now, canceled.ID))
	if got.State != storage.CanceledState || !got.NextAt.IsZero() {
		s.Fatalf("canceled: %+v", got)
	}
	must[int64](s)(s.Delete(s.ctx, s.now, removed.ID))
	rest := s.claim(10)
	equal(s, "its runs go on", len(c.Attempts)+len(rest.Attempts), 4)
	equal(s, "runs", len(s.runs(canceled))+len(s.runs(removed)), 2)
	s.now = s.now.Add(10 * time.Hour)
	last := s.claim(10)
	equal(s, "claimed", len(last.Attempts), 0)
	equal(s, "next", last.Next, time.Time{})
}

func testRepeatReplaced(s *suite) {
	s.audience(1)
	n := s.accept(s.repeating("1h"))
	once := s.message()
	once.ID, once.ScheduledAt = n.ID, s.now.Add(10*time.Minute)
	got := must[storage.Notification](s)(s.Replace(s.ctx, s.now, once))
	if got.Repeat != "" || !got.NextAt.IsZero() || got.DueAt != once.ScheduledAt || got.State != storage.Scheduled {
		s.Fatalf("replaced: %+v", got)
	}
	s.now = once.ScheduledAt
	equal(s, "claimed", s.claim(10).Attempts[0].Notification.ID, n.ID)
	equal(s, "runs", len(s.runs(n)), 0)
}

func testReplace(s *suite) {
	s.category("ops")
	s.audience(2)
	s.audience(1, "ops")
	n := s.message()
	n.ScheduledAt, n.TokenKey = s.now.Add(time.Hour), 7
	n = s.accept(n)
	created := s.now
	s.now = s.now.Add(time.Minute)

	w := s.message()
	w.ID, w.Title, w.ScheduledAt, w.Target.Categories = n.ID, "other", s.now.Add(2*time.Hour), []string{"ops"}
	w.TTL, w.Urgency, w.Topic, w.Warnings, w.ExpiresAt = time.Minute, "high", "t", []string{"w"}, s.now.Add(3*time.Hour)
	got := must[storage.Notification](s)(s.Replace(s.ctx, s.now, w))
	if got.Key != n.Key || got.Title != "other" || got.DueAt != w.ScheduledAt || got.CreatedAt != created || got.TokenKey != 7 ||
		got.TTL != w.TTL || got.Urgency != "high" || got.Topic != "t" || len(got.Warnings) != 1 || got.ExpiresAt != w.ExpiresAt {
		s.Fatalf("replaced: %+v", got)
	}
	equal(s, "to ops", len(s.list(storage.NotificationFilter{Category: "ops"}, storage.Page{Limit: 10})), 1)
	w.Target.Categories = []string{"nope"}
	_, err := s.Replace(s.ctx, s.now, w)
	s.unknownCategory(err, "nope")
	w.ID = uuid.New()
	_, err = s.Replace(s.ctx, s.now, w)
	s.is(err, storage.ErrNotFound)

	// Without a time it is sent at once.
	w.ID, w.Target.Categories, w.ScheduledAt = n.ID, []string{"ops"}, time.Time{}
	equal(s, "state", must[storage.Notification](s)(s.Replace(s.ctx, s.now, w)).State, storage.Sending)
	equal(s, "claimed", len(s.claim(10).Attempts), 1)
	_, err = s.Replace(s.ctx, s.now, w)
	s.is(err, storage.ErrEnded)
}

func testDelete(s *suite) {
	s.category("ops")
	s.audience(1200, "ops")
	n := s.message()
	n.Target.Categories = []string{"ops"}
	idem := &storage.Idempotency{Key: "k"}
	n = must[storage.Accepted](s)(s.Accept(s.ctx, n, idem)).Notification
	for more := true; more; {
		c := s.claim(500)
		s.settle(s.outcomes(c.Attempts, storage.EventSent)...)
		more = c.More
	}
	equal(s, "key", must[int64](s)(s.Delete(s.ctx, s.now, n.ID)), n.Key)
	invisible := func() {
		s.Helper()
		_, err := s.Notification(s.ctx, n.ID)
		s.is(err, storage.ErrNotFound)
		_, err = s.Delete(s.ctx, s.now, n.ID)
		s.is(err, storage.ErrNotFound)
		_, err = s.Cancel(s.ctx, s.now, n.ID)
		s.is(err, storage.ErrNotFound)
		_, err = s.Replace(s.ctx, s.now, storage.Notification{ID: n.ID})
		s.is(err, storage.ErrNotFound)
		_, err = s.DeliveriesOf(s.ctx, n.ID, storage.DeliveryFilter{}, storage.Page{Limit: 10})
		s.is(err, storage.ErrNotFound)
		equal(s, "deliveries", len(s.deliveries(n)), 0)
		for _, f := range []storage.NotificationFilter{{}, {States: []storage.State{storage.Sent}}, {Category: "ops"},
			{States: []storage.State{"deleted"}}, {Category: "ops", States: []storage.State{storage.Sent, storage.Sending}}} {
			equal(s, "listed", len(s.list(f, storage.Page{Limit: 10})), 0)
		}
	}
	invisible()
	if steps := s.clean(); steps < 3 {
		s.Fatalf("1200 deliveries were removed in %d steps", steps)
	}
	invisible()
	_, err := s.Delete(s.ctx, s.now, uuid.New())
	s.is(err, storage.ErrNotFound)
	equal(s, "its key counts no longer", must[storage.Accepted](s)(s.Accept(s.ctx, s.message(), idem)).Replayed, false)
}

// testDeleteSending: outcomes that still come are ignored, retries end, nothing
// more is claimed.
func testDeleteSending(s *suite) {
	s.audience(8)
	n := s.accept(s.message())
	other := s.message()
	other.ScheduledAt = s.now.Add(time.Minute)
	s.accept(other)
	c := s.claim(4)
	s.settle(s.outcome(c.Attempts[0], storage.EventSent), s.retryAt(c.Attempts[1], time.Second))
	must[int64](s)(s.Delete(s.ctx, s.now, n.ID))
	after := s.settle(s.outcome(c.Attempts[2], storage.EventSent), s.receipt(c.Attempts[0], storage.EventDisplayed, 0))
	equal(s, "changes", len(after.Changes)+len(after.Progress), 0)
	s.now = s.now.Add(2 * time.Second)
	next := s.claim(10)
	equal(s, "claimed", len(next.Attempts)+len(next.Settled.Changes), 0)
	equal(s, "depth", must[storage.Stats](s)(s.Stats(s.ctx, s.now)).Depth, 0)
	s.ok(s.Resume(s.ctx, s.now))
	equal(s, "claimed", len(s.claim(10).Attempts), 0)
	s.clean()
	s.settle(s.outcome(c.Attempts[3], storage.EventSent))
	s.now = s.now.Add(time.Minute)
	equal(s, "the other", len(s.claim(10).Attempts), 8)
}
