package delivery_test

import (
	"context"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"recado/server/delivery"
	"recado/server/push"
	"recado/server/push/pushtest"
	"recado/storage"
)

// one starts a rig with one subscription.
func one(t *testing.T) (*rig, *pushtest.Server, *pushtest.Subscription) {
	t.Helper()
	s := pushtest.Start(t, pushtest.Options{HTTP2: true})
	r := newRig(t, s)
	sub := s.Subscribe()
	r.subscribe(sub)
	return r, s, sub
}

func TestAnswersBecomeOutcomes(t *testing.T) {
	tests := []struct {
		name     string
		steps    []pushtest.Step
		status   storage.Status
		attempts int
		code     int
	}{
		{"201", nil, storage.StatusSent, 1, 201},
		{"200", []pushtest.Step{{Status: 200}}, storage.StatusSent, 1, 200},
		{"503, 503, 201", []pushtest.Step{{Status: 503}, {Status: 503}}, storage.StatusSent, 3, 201},
		{"429, 408, 425, 507, 500, 201", []pushtest.Step{{Status: 429}, {Status: 408}, {Status: 425}, {Status: 507}, {Status: 500}}, storage.StatusSent, 6, 201},
		{"404", []pushtest.Step{{Status: 404}}, storage.StatusGone, 1, 404},
		{"410", []pushtest.Step{{Status: 410}}, storage.StatusGone, 1, 410},
		{"400", []pushtest.Step{{Status: 400, Body: []byte(`{"message": "bad thing"}`)}}, storage.StatusFailed, 1, 400},
		{"413", []pushtest.Step{{Status: 413}}, storage.StatusFailed, 1, 413},
		{"307 is not followed", []pushtest.Step{{Status: 307, Header: http.Header{"Location": {"https://127.0.0.1:1/elsewhere"}}}}, storage.StatusFailed, 1, 307},
		{"301 is not followed", []pushtest.Step{{Status: 301, Header: http.Header{"Location": {"/push/other"}}}}, storage.StatusFailed, 1, 301},
		{"reset, 201", []pushtest.Step{{Reset: true}}, storage.StatusSent, 2, 201},
		{"401 with no other key", []pushtest.Step{{Status: 401}}, storage.StatusFailed, 1, 401},
		{"403 with no other key", []pushtest.Step{{Status: 403}}, storage.StatusFailed, 1, 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, s, sub := one(t)
			sub.Script(tt.steps...)
			r.start()
			n := r.finished(r.publish(nil).ID)
			d := r.delivery(n)
			if d.Status != tt.status || d.Attempts != tt.attempts || d.Code != tt.code {
				t.Errorf("%s after %d attempts with %d (%s); want %s after %d with %d",
					d.Status, d.Attempts, d.Code, d.Error, tt.status, tt.attempts, tt.code)
			}
			if tt.status == storage.StatusFailed && d.Error == "" {
				t.Error("no reason is given")
			}
			if s.RequestsOf(sub) != tt.attempts {
				t.Errorf("%d requests", s.RequestsOf(sub))
			}
			if n.State != storage.Sent {
				t.Errorf("the notification is %s", n.State)
			}
			r.clean(s)
		})
	}
}

func TestGoneIsRemovedAndCanBeRestored(t *testing.T) {
	r, s, sub := one(t)
	sub.Script(pushtest.Step{Status: 410})
	r.start()
	if n := r.finished(r.publish(nil).ID); n.Counts.Gone != 1 {
		t.Fatalf("counts %+v", n.Counts)
	}
	if n := r.finished(r.publish(nil).ID); n.Counts.Targeted != 0 {
		t.Fatalf("a removed subscription was targeted: %+v", n.Counts)
	}
	restored, err := r.store.RestoreSubscriptions(t.Context(), time.Now(), "", time.Time{})
	if err != nil || restored != 1 {
		t.Fatalf("restored %d, %v", restored, err)
	}
	if n := r.finished(r.publish(nil).ID); n.Counts.Sent != 1 {
		t.Errorf("after the restore: %+v", n.Counts)
	}
	r.clean(s)
}

func TestRetryAfterIsObeyed(t *testing.T) {
	for _, form := range []string{"seconds", "date"} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			r, s, sub := one(t)
			answered := time.Now()
			value := "1"
			if form == "date" { // whole seconds: between one and two away
				value = answered.Add(2 * time.Second).UTC().Format(http.TimeFormat)
			}
			sub.Script(pushtest.Step{Status: 429, RetryAfter: value})
			r.start()
			r.finished(r.publish(nil).ID)
			got := s.Accepted()
			if len(got) != 1 {
				t.Fatalf("%d messages", len(got))
			}
			if waited := got[0].At.Sub(answered); waited < time.Second-10*time.Millisecond {
				t.Errorf("tried again after %v", waited)
			}
			r.clean(s)
		})
	}
}

func TestAnotherKeyIsTriedOnceAndKept(t *testing.T) {
	r, s, sub := one(t)
	other, err := push.GenerateKey()
	must(t, err)
	r.addKey(other)
	sub.Restrict(other.PublicString()) // it was subscribed with the other one
	r.start()
	n := r.finished(r.publish(nil).ID)
	if n.Counts.Sent != 1 || s.RequestsOf(sub) != 2 {
		t.Fatalf("%+v after %d requests", n.Counts, s.RequestsOf(sub))
	}
	n = r.finished(r.publish(nil).ID)
	if n.Counts.Sent != 1 || s.RequestsOf(sub) != 3 {
		t.Errorf("the key that worked was not kept: %+v after %d requests", n.Counts, s.RequestsOf(sub))
	}
}

func TestTenRefusedKeysPauseTheService(t *testing.T) {
	s := pushtest.Start(t, pushtest.Options{HTTP2: true})
	r := newRig(t, s)
	r.options.Concurrency = 1
	r.subscribe(s.SubscribeN(30, true)...)
	s.Always(&pushtest.Step{Status: 403})
	r.start()
	n := r.until(r.publish(nil).ID, func(n storage.Notification) bool { return n.Counts.Pending == 0 && n.Counts.Targeted == 30 })
	if n.Counts.Failed != 10 || n.Counts.Retrying != 20 || s.Requests() != 10 {
		t.Errorf("%+v after %d requests", n.Counts, s.Requests())
	}
	alerts := r.engine.Alerts()
	if len(alerts) != 1 || alerts[0].Kind != delivery.AlertUnauthorized || !strings.Contains(alerts[0].Message, "5 minutes") {
		t.Errorf("alerts %+v", alerts)
	}
	if live, err := r.store.CountSubscriptions(t.Context()); err != nil || live != 30 {
		t.Errorf("%d subscriptions are left, %v", live, err)
	}
}

func TestHangAndDripEndInTime(t *testing.T) {
	r, s, sub := one(t)
	r.timeout = 200 * time.Millisecond
	sub.Script(pushtest.Step{Hang: true}, pushtest.Step{Drip: 20 * time.Millisecond})
	r.start()
	n := r.finished(r.publish(nil).ID)
	d := r.delivery(n)
	if d.Status != storage.StatusSent || d.Attempts != 2 {
		t.Errorf("%s after %d attempts", d.Status, d.Attempts)
	}
	r.clean(s)
}

func TestGiantAnswersCostNoMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("moves much data")
	}
	s := pushtest.Start(t, pushtest.Options{HTTP2: true, CountOnly: true})
	r := newRig(t, s)
	r.subscribe(s.SubscribeN(64, true)...)
	s.Always(&pushtest.Step{Status: 400, Giant: 50 << 20})
	r.start()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n := r.finished(r.publish(nil).ID)
	runtime.ReadMemStats(&after)
	if n.Counts.Failed != 64 {
		t.Errorf("counts %+v", n.Counts)
	}
	// 64 answers of 50 MB are 3.2 GB; sender, receiver and TLS together stay far
	// below one of them each.
	if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 200<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
}

func TestUnreachableServicesAreRetriedUntilTheEnd(t *testing.T) {
	bad := pushtest.Start(t, pushtest.Options{HTTP2: true, BadCertificate: true})
	gone := pushtest.Start(t, pushtest.Options{})
	closed := gone.Subscribe()
	gone.Close()
	r := newRig(t)
	r.subscribe(bad.Subscribe(), closed)
	r.start()
	n := r.publish(func(n *storage.Notification) { n.TTL = time.Second })
	n = r.finished(n.ID)
	if n.Counts.Expired != 2 || n.State != storage.ExpiredState {
		t.Errorf("%s with %+v", n.State, n.Counts)
	}
	all, err := r.store.Deliveries(context.Background(), n.Key, 0, 10)
	must(t, err)
	for _, d := range all {
		if d.Attempts < 2 || d.Code != 0 || d.Error == "" {
			t.Errorf("%d attempts, code %d, %q", d.Attempts, d.Code, d.Error)
		}
	}
}

func TestRefusedStreamsLoseAndRepeatNothing(t *testing.T) {
	s := pushtest.Start(t, pushtest.Options{HTTP2: true, CheckDuplicates: true})
	r := newRig(t, s)
	r.subscribe(s.SubscribeN(200, true)...)
	for range 40 {
		s.Script(pushtest.Step{RefuseStream: true})
	}
	r.start()
	if n := r.finished(r.publish(nil).ID); n.Counts.Sent != 200 {
		t.Errorf("counts %+v", n.Counts)
	}
	r.clean(s)
}

func TestGoAwayAndRefusedStreamsLoseNothing(t *testing.T) {
	s := pushtest.Start(t, pushtest.Options{HTTP2: true})
	r := newRig(t, s)
	r.subscribe(s.SubscribeN(200, true)...)
	for i := range 40 {
		step := pushtest.Step{RefuseStream: true}
		if i%4 == 0 {
			step = pushtest.Step{GoAway: true}
		}
		s.Script(step)
	}
	r.start()
	n := r.finished(r.publish(nil).ID)
	// At least once: an answer that is lost with its connection is asked for again.
	if got := s.Summary(); n.Counts.Sent != 200 || got.Unique != 200 {
		t.Errorf("counts %+v; the push service got %+v", n.Counts, got)
	}
	r.clean(s)
}

func TestTTLZeroIsTriedOnce(t *testing.T) {
	r, s, sub := one(t)
	sub.Script(pushtest.Step{}, pushtest.Step{Status: 503})
	r.start()
	zero := func(n *storage.Notification) { n.TTL = 0 }
	if n := r.finished(r.publish(zero).ID); n.Counts.Sent != 1 {
		t.Errorf("the first: %+v", n.Counts)
	}
	if got := s.Accepted(); len(got) != 1 || got[0].TTL != 0 {
		t.Errorf("received %+v", got)
	}
	if n := r.finished(r.publish(zero).ID); n.Counts.Expired != 1 {
		t.Errorf("the second, which failed: %+v", n.Counts)
	}
}

func TestARetrySendsTheTTLThatRemains(t *testing.T) {
	r, s, sub := one(t)
	sub.Script(pushtest.Step{Status: 503, RetryAfter: "1"})
	r.start()
	r.finished(r.publish(func(n *storage.Notification) { n.TTL = 100 * time.Second }).ID)
	got := s.Accepted()
	if len(got) != 1 || got[0].TTL > 99 || got[0].TTL < 90 {
		t.Errorf("received %+v", got)
	}
}

func TestMessageAndReceiptReachTheBrowser(t *testing.T) {
	r, s, _ := one(t)
	r.start()
	n := r.finished(r.publish(func(n *storage.Notification) { n.Urgency, n.Topic = "high", "topic" }).ID)
	got := s.Accepted()
	if len(got) != 1 || got[0].Urgency != "high" || got[0].Topic != "topic" {
		t.Fatalf("received %+v", got)
	}
	text := string(got[0].Plaintext)
	for _, want := range []string{`"title":"Title"`, `"body":"Body"`, `"url":"https://example.org/"`, n.ID.String()} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in %s", want, text)
		}
	}
	_, receipt, _ := strings.Cut(text, `"receipt":"`)
	notification, subscription, ok := r.receipts.Read(strings.TrimSuffix(receipt, `"}`))
	if !ok || notification != n.Key {
		t.Fatalf("the receipt in %s is not of this delivery", text)
	}
	report := func(event storage.Event) {
		t.Helper()
		must(t, r.engine.Report(t.Context(), storage.Outcome{NotificationKey: notification, SubscriptionKey: subscription, Event: event, At: time.Now()}))
	}
	report(storage.EventDisplayed)
	report(storage.EventClicked)
	report(storage.EventClicked)
	want := []storage.Event{storage.EventSent, storage.EventDisplayed, storage.EventClicked}
	if got := r.events(n); !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
	if c := r.get(n.ID).Counts; c.Displayed != 1 || c.Clicked != 1 || c.Sent != 1 {
		t.Errorf("counts %+v", c)
	}
}

func TestAReceiptBeforeTheAnswerProvesSent(t *testing.T) {
	r, s, sub := one(t)
	r.timeout = 300 * time.Millisecond
	sub.Always(&pushtest.Step{Hang: true}) // it takes the message, and never says so
	r.start()
	n := r.publish(nil)
	must(t, s.WaitRequests(t.Context(), 1))
	claimed := r.until(n.ID, func(n storage.Notification) bool { return n.Counts.Targeted == 1 })
	text := string(s.Received()[0].Plaintext)
	_, receipt, _ := strings.Cut(text, `"receipt":"`)
	notification, subscription, ok := r.receipts.Read(strings.TrimSuffix(receipt, `"}`))
	if !ok || notification != claimed.Key {
		t.Fatal("not its receipt")
	}
	must(t, r.engine.Report(t.Context(), storage.Outcome{NotificationKey: notification, SubscriptionKey: subscription, Event: storage.EventDisplayed, At: time.Now()}))
	n = r.finished(n.ID)
	if n.Counts.Sent != 1 || n.Counts.Displayed != 1 || s.RequestsOf(sub) != 1 {
		t.Errorf("%+v after %d requests", n.Counts, s.RequestsOf(sub))
	}
}

func TestAKeyThatIsImportedWhileItRunsIsFound(t *testing.T) {
	r, s, _ := one(t)
	r.start()
	r.finished(r.publish(nil).ID) // the keys are read
	other, err := push.GenerateKey()
	must(t, err)
	r.addKey(other)
	sub := s.Subscribe()
	sub.Restrict(other.PublicString())
	r.subscribe(sub) // to the newest key
	if n := r.finished(r.publish(nil).ID); n.Counts.Sent != 2 || s.RequestsOf(sub) != 1 {
		t.Errorf("%+v after %d requests", n.Counts, s.RequestsOf(sub))
	}
	r.clean(s)
}
