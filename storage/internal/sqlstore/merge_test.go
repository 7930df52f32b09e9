package sqlstore

import (
	"testing"
	"time"

	"recado/storage"
)

func TestMerge(t *testing.T) {
	at := func(n int64) time.Time { return time.UnixMilli(n) }
	outcome := func(e storage.Event, attempts int) storage.Outcome {
		return storage.Outcome{Event: e, At: at(50), Attempts: attempts, Code: 200, Latency: 5 * time.Millisecond}
	}
	retry := func(attempts int, due int64) storage.Outcome {
		o := outcome(storage.EventRetrying, attempts)
		o.RetryAt, o.Error = at(due), "busy"
		return o
	}
	row := func(s storage.Status, attempts int) *delivery {
		return &delivery{seq: 9, status: s, event: storage.Event(s), attempts: attempts, at: 10}
	}
	displayed := &delivery{seq: 9, status: storage.StatusSent, event: storage.EventDisplayed, at: 10, displayedAt: 10}
	waiting := &delivery{seq: 9, status: storage.StatusRetrying, event: storage.EventRetrying, attempts: 1, at: 10, dueAt: 90, code: 503, error: "busy"}

	for _, c := range []struct {
		name   string
		old    *delivery
		o      storage.Outcome
		effect effect
		want   delivery // without keys and seq
	}{
		{"first sent", nil, outcome(storage.EventSent, 1), changed,
			delivery{status: storage.StatusSent, event: storage.EventSent, attempts: 1, code: 200, at: 50, latency: 5}},
		{"first retrying", nil, retry(1, 70), changed,
			delivery{status: storage.StatusRetrying, event: storage.EventRetrying, attempts: 1, code: 200, error: "busy", at: 50, dueAt: 70, latency: 5}},
		{"retrying without a time", nil, outcome(storage.EventRetrying, 1), changed,
			delivery{status: storage.StatusRetrying, event: storage.EventRetrying, attempts: 1, code: 200, at: 50, dueAt: 50, latency: 5}},
		{"retrying again", waiting, retry(2, 95), changed,
			delivery{status: storage.StatusRetrying, event: storage.EventRetrying, attempts: 2, code: 200, error: "busy", at: 50, dueAt: 95, latency: 5}},
		{"the same retry again", waiting, retry(1, 90), nothing, *waiting},
		{"retry ends sent", waiting, outcome(storage.EventSent, 2), changed,
			delivery{status: storage.StatusSent, event: storage.EventSent, attempts: 2, code: 200, at: 50, latency: 5}},
		{"retry ends expired", waiting, outcome(storage.EventExpired, 1), changed,
			delivery{status: storage.StatusExpired, event: storage.EventExpired, attempts: 1, code: 200, at: 50, latency: 5}},
		{"failed again", row(storage.StatusFailed, 1), outcome(storage.EventFailed, 1), nothing, *row(storage.StatusFailed, 1)},
		{"failed, then gone", row(storage.StatusFailed, 1), outcome(storage.EventGone, 1), nothing, *row(storage.StatusFailed, 1)},
		{"failed, then retrying", row(storage.StatusFailed, 1), retry(1, 70), nothing, *row(storage.StatusFailed, 1)},
		{"failed, then sent", row(storage.StatusFailed, 1), outcome(storage.EventSent, 2), changed,
			delivery{status: storage.StatusSent, event: storage.EventSent, attempts: 2, code: 200, at: 50, latency: 5}},
		{"sent again", &delivery{status: storage.StatusSent, event: storage.EventSent, attempts: 1, code: 200, at: 10, latency: 5}, outcome(storage.EventSent, 1), nothing,
			delivery{status: storage.StatusSent, event: storage.EventSent, attempts: 1, code: 200, at: 10, latency: 5}},
		{"displayed, then sent", displayed, outcome(storage.EventSent, 1), filled,
			delivery{status: storage.StatusSent, event: storage.EventDisplayed, attempts: 1, code: 200, at: 10, latency: 5, displayedAt: 10}},
		{"displayed, then failed", displayed, outcome(storage.EventFailed, 1), filled,
			delivery{status: storage.StatusSent, event: storage.EventDisplayed, attempts: 1, at: 10, displayedAt: 10}},
		{"displayed, then canceled unsent", displayed, outcome(storage.EventCanceled, 0), nothing, *displayed},
		{"displayed first", nil, outcome(storage.EventDisplayed, 0), changed,
			delivery{status: storage.StatusSent, event: storage.EventDisplayed, at: 50, displayedAt: 50}},
		{"displayed again", displayed, outcome(storage.EventDisplayed, 0), nothing, *displayed},
		{"clicked after displayed", displayed, outcome(storage.EventClicked, 0), changed,
			delivery{status: storage.StatusSent, event: storage.EventClicked, at: 10, displayedAt: 10, clickedAt: 50}},
		{"closed after displayed", displayed, outcome(storage.EventClosed, 0), changed,
			delivery{status: storage.StatusSent, event: storage.EventClosed, at: 10, displayedAt: 10, closedAt: 50}},
		{"displayed while retrying", waiting, outcome(storage.EventDisplayed, 0), changed,
			delivery{status: storage.StatusSent, event: storage.EventDisplayed, attempts: 1, at: 50, displayedAt: 50}},
		{"unknown event", nil, outcome(77, 0), nothing, delivery{}},
	} {
		got, effect := merge(c.old, c.o)
		got.seq, c.want.seq = 0, 0
		if effect != c.effect || got != c.want {
			t.Errorf("%s: effect %d\n got %+v\nwant %+v", c.name, effect, got, c.want)
		}
	}
}

func FuzzUnpackKeys(f *testing.F) {
	f.Add([]byte{})
	f.Add(packKeys([]int64{1, 2, 300, 1 << 40}))
	f.Add([]byte{0x80})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Fuzz(func(t *testing.T, b []byte) {
		keys, err := unpackKeys(b)
		if err != nil {
			return
		}
		again, err := unpackKeys(packKeys(keys))
		if err != nil || len(again) != len(keys) {
			t.Fatalf("%v became %v, %v", keys, again, err)
		}
		for i := range keys {
			if keys[i] != again[i] {
				t.Fatalf("%v became %v", keys, again)
			}
		}
	})
}
