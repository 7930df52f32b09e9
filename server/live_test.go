package server

import (
	"testing"
	"time"

	"recado/storage"
)

func TestRates(t *testing.T) {
	var r rates
	change := func(e storage.Event) storage.Change { return storage.Change{Event: e} }
	at := func(seconds int) time.Time { return time.Unix(1_800_000_000+int64(seconds), 5) }
	for s := range 5 {
		r.add(at(s), []storage.Change{change(storage.EventSent), change(storage.EventSent), change(storage.EventClosed)})
		r.add(at(s), []storage.Change{change(storage.EventSent)})
	}
	for seconds, want := range map[int]float64{0: 0, 1: 0.3, 4: 1.2, 5: 1.5, 10: 1.5, 11: 1.2, 14: 0.3, 15: 0, 5000: 0, -100: 0} {
		got := r.perSecond(at(seconds))
		if sent := got[storage.EventSent]; sent < want-0.001 || sent > want+0.001 {
			t.Errorf("after %d s: %v sent a second, want %v", seconds, sent, want)
		}
	}
	if got := r.perSecond(at(5)); len(got) != 2 || got[storage.EventClosed] != 0.5 {
		t.Errorf("rates %v", got)
	}
	r.add(at(11), []storage.Change{change(storage.EventFailed)}) // in the place of the first second
	if got := r.perSecond(at(12)); got[storage.EventFailed] != 0.1 || got[storage.EventSent] < 0.89 || got[storage.EventSent] > 0.91 {
		t.Errorf("later: %v", got)
	}
}
