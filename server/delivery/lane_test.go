package delivery

import (
	"fmt"
	"testing"
	"time"

	"recado/server/push"
	"recado/storage"
)

var (
	okResult   = push.Result{Class: push.Sent, Code: 201}
	badResult  = push.Result{Class: push.Retry, Code: 503, Reason: "later"}
	goneResult = push.Result{Class: push.Gone, Code: 410}
	authResult = push.Result{Class: push.Unauthorized, Code: 403}
)

func testTime() time.Time { return time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC) }

func TestLaneOpensItsWindowWhileAllIsWell(t *testing.T) {
	l, now := newLane("a", 100), testTime()
	for range 200 {
		l.answer(okResult, now, now)
	}
	if l.window != 100 || l.slowed {
		t.Errorf("window %d, slowed %v", l.window, l.slowed)
	}
}

func TestLaneHalvesItsWindowOnceARound(t *testing.T) {
	l, now := newLane("a", 100), testTime()
	l.window = 100
	started := now
	now = now.Add(time.Second)
	for range 50 { // all of them started before the first failed
		l.answer(badResult, started, now)
	}
	if l.window != 50 || l.slowed || l.paused(now) {
		t.Errorf("window %d, slowed %v, paused %v; want 50, false, false", l.window, l.slowed, l.paused(now))
	}
	for range 2 {
		now = now.Add(time.Second)
		l.answer(badResult, now, now)
	}
	if l.window != 12 || !l.slowed {
		t.Errorf("window %d, slowed %v; want 12, true", l.window, l.slowed)
	}
}

func TestLanePausesLongerEachTimeAndRecovers(t *testing.T) {
	l, now := newLane("a", 100), testTime()
	var last time.Duration
	for round := range 6 {
		for !l.paused(now) {
			l.answer(badResult, now, now)
			now = now.Add(time.Millisecond)
		}
		pause := l.pausedUntil.Sub(now)
		if pause > longestPause {
			t.Fatalf("pause %d is %v", round, pause)
		}
		if round > 1 && pause < last/2 {
			t.Errorf("pause %d is %v after %v", round, pause, last)
		}
		last = pause
		if l.room(now) != 0 {
			t.Error("a paused lane takes attempts")
		}
		if s := l.describe(now); s.State != ServicePaused || !s.Until.Equal(l.pausedUntil) || s.Error != badResult.Reason {
			t.Errorf("described as %+v", s)
		}
		now = l.pausedUntil
	}
	if l.window != 1 {
		t.Errorf("after a pause the window is %d, not 1", l.window)
	}
	for range 100 {
		l.answer(okResult, now, now)
	}
	if l.slowed || l.pauses != 0 || l.room(now) != laneQueue {
		t.Errorf("not recovered: slowed %v, pauses %d, room %d", l.slowed, l.pauses, l.room(now))
	}
}

func TestLaneObeysRetryAfter(t *testing.T) {
	l, now := newLane("a", 100), testTime()
	l.answer(push.Result{Class: push.Retry, Code: 429, RetryAfter: time.Minute}, now, now)
	if !l.paused(now.Add(59*time.Second)) || l.paused(now.Add(time.Minute)) {
		t.Errorf("paused until %v", l.pausedUntil)
	}
	for range 1000 {
		if due := l.later(now); due.Before(now.Add(time.Minute)) || due.After(now.Add(time.Minute+longestSpread+time.Second)) {
			t.Fatalf("deferred until %v", due.Sub(now))
		}
	}
}

func TestLaneIsPausedAfterTenRefusedKeys(t *testing.T) {
	l, now := newLane("a", 100), testTime()
	for i := range unauthorizedToPause - 1 {
		if alert := l.answer(authResult, now, now); alert != nil {
			t.Fatalf("alert after %d", i+1)
		}
	}
	l.answer(okResult, now, now) // not in a row any more
	for range unauthorizedToPause - 1 {
		l.answer(authResult, now, now)
	}
	if l.paused(now) {
		t.Fatal("paused after nine in a row")
	}
	alert := l.answer(authResult, now, now)
	if alert == nil || alert.Kind != AlertUnauthorized || !l.pausedUntil.Equal(now.Add(unauthorizedPause)) {
		t.Errorf("alert %v, paused until %v", alert, l.pausedUntil)
	}
}

func TestLaneAlertsWhenManyGo(t *testing.T) {
	l, now := newLane("a", 100), testTime()
	alerts := 0
	answer := func(r push.Result) {
		if a := l.answer(r, now, now); a != nil {
			alerts++
			if a.Kind != AlertGone || a.Count <= goneSample/5 {
				t.Errorf("alert %+v", a)
			}
		}
	}
	for i := range 1000 { // a tenth is ordinary
		if i%10 == 0 {
			answer(goneResult)
		} else {
			answer(okResult)
		}
	}
	if alerts != 0 {
		t.Fatal("alert for a tenth gone")
	}
	for range 100 {
		answer(goneResult)
	}
	if alerts != 1 {
		t.Errorf("%d alerts for one wave", alerts)
	}
}

// jobs are n attempts that wait for a push service since the tests' time.
func jobs(service string, n int) []job {
	out := make([]job, n)
	for i := range out {
		out[i] = job{Attempt: storage.Attempt{Notification: &storage.Notification{Key: 1}, Subscription: storage.Recipient{Service: service}}, queuedAt: testTime()}
	}
	return out
}

func TestLanesLeaveRoomForOthers(t *testing.T) {
	ls, now := newLanes(16), testTime()
	ls.lane("hangs").proven = true
	ls.add(jobs("hangs", 100), now)
	for range 14 {
		take(t, ls, now, "hangs")
	}
	if ls.ready(now) != nil {
		t.Fatal("one push service takes more than 14 of 16 places")
	}
	ls.add(jobs("lively", 10), now)
	take(t, ls, now, "lively")
	if yes, recheck := ls.hungry(now); !yes || !recheck.Equal(now.Add(stallAfter)) {
		t.Errorf("hungry %v, recheck %v", yes, recheck)
	}
	later := now.Add(stallAfter)
	if until := ls.admit("hangs", later); until.IsZero() {
		t.Error("a stalled lane took one more")
	}
	if got := len(ls.purge(1)); got != 100+10-14-1 {
		t.Errorf("purged %d", got)
	}
}

// With "*" allowed a stranger names any number of push services, none of which ever
// answers.
func TestLanesInDoubtLeaveRoomForThoseThatWork(t *testing.T) {
	ls, now := newLanes(16), testTime()
	sent := &push.Result{Class: push.Sent}
	works := func() {
		t.Helper()
		ls.add(jobs("works", 1), now)
		if ls.ready(now) == nil {
			t.Fatal("those in doubt take all places")
		}
		ls.take(func() time.Time { return now })
		ls.done("works", sent, now, now)
	}
	works() // and is known to from now on
	for i := range 100 {
		ls.add(jobs(fmt.Sprintf("hangs %d", i), 1), now)
	}
	var started []job
	for ls.ready(now) != nil {
		j, _ := ls.take(func() time.Time { return now })
		started = append(started, j)
	}
	if len(started) != 8 {
		t.Fatalf("%d of 16 places are those in doubt's", len(started))
	}
	works()
	if ls.ready(now) != nil {
		t.Fatal("another one in doubt starts although none has ended")
	}
	// One that fails makes room for another, and so does one that works after all.
	for _, r := range []*push.Result{{Class: push.Retry}, sent} {
		ls.done(started[0].Subscription.Service, r, now, now)
		started = started[1:]
		if ls.ready(now) == nil {
			t.Fatal("nothing starts in its place")
		}
		ls.take(func() time.Time { return now })
		if ls.ready(now) != nil || ls.doubted != 8 {
			t.Fatalf("%d in doubt are under way", ls.doubted)
		}
	}
	// Nor do they fill the queue, without which nothing is claimed.
	for i := range longestDoubt {
		ls.add(jobs(fmt.Sprintf("another %d", i), 1), now)
	}
	if ls.admit("one more", now).IsZero() || !ls.admit("works", now).IsZero() {
		t.Error("one in doubt is admitted, or one that works is not")
	}
	if ls.add(nil, now); ls.byService["works"] == nil {
		t.Error("it is forgotten which works")
	}
}

// Workers are there for what waits.
func TestLanesRouseNobodyForNothing(t *testing.T) {
	ls, now := newLanes(16), testTime()
	if start, _ := ls.add(jobs("works", 8), now); start != 8 {
		t.Errorf("%d workers are started for eight attempts", start)
	}
	for range 8 {
		take(t, ls, now, "works")
	}
	if f := ls.done("works", &push.Result{Class: push.Sent}, now, now); f.start != 0 || ls.workers != 8 {
		t.Errorf("%d more are started when nothing waits", f.start)
	}
}

// take takes an attempt that must be there.
func take(t *testing.T, ls *lanes, now time.Time, service string) {
	t.Helper()
	if ls.ready(now) == nil {
		t.Fatal("no attempt may start")
	}
	if j, ok := ls.take(func() time.Time { return now }); !ok || j.Subscription.Service != service {
		t.Fatalf("took %v of %s", ok, j.Subscription.Service)
	}
}

func TestLanesForgetOnlyWhoRests(t *testing.T) {
	ls, now := newLanes(16), testTime()
	ls.lane("paused").pausedUntil = now.Add(unauthorizedPause)
	failing := ls.lane("failing")
	failing.slowed, failing.narrowedAt = true, now.Add(-time.Minute)
	ls.lane("long ago").slowed = true
	for i := range manyLanes {
		ls.lane(string(rune('a'+i%26)) + time.Duration(i).String())
	}
	ls.add(nil, now)
	if len(ls.byService) != 2 || ls.byService["paused"] == nil || ls.byService["failing"] == nil {
		t.Errorf("%d are left", len(ls.byService))
	}
}
