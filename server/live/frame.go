package live

import (
	"encoding/json"
	"strconv"

	"github.com/google/uuid"

	"recado/server/wire"
	"recado/storage"
)

// frame is the JSON text of one frame; all who get it share it.
type frame struct {
	text []byte
	// items is how many deliveries it shows, or says were skipped; or unknown.
	items int
	gap   bool // it says so
}

// unknown is a number of deliveries that nobody has counted.
const unknown = -1

func sum(a, b int) int {
	if a == unknown || b == unknown {
		return unknown
	}
	return a + b
}

// event is a change of a delivery, with what is known of its notification.
type event struct {
	storage.Change
	of *storage.NotificationName
}

func hello(seq int64, version string) frame {
	b := strconv.AppendInt([]byte(`{"type":"hello","seq":`), seq, 10)
	b = wire.AppendString(append(b, `,"version":`...), version)
	return frame{text: append(b, '}')}
}

// skipped tells that n deliveries were left out.
func skipped(n int) frame {
	b := []byte(`{"type":"skipped","count":`)
	if n == unknown {
		b = append(b, "null"...)
	} else {
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return frame{append(b, '}'), n, true}
}

func progress(id uuid.UUID, p storage.Progress) (frame, error) {
	counts, err := json.Marshal(p.Counts)
	b := wire.AppendUUID([]byte(`{"type":"notification","id":`), id)
	b = wire.AppendString(append(b, `,"state":`...), string(p.State))
	b = append(append(b, `,"counts":`...), counts...)
	return frame{text: append(b, '}')}, err
}

// usualItem is about how long an item is.
const usualItem = 480

// deliveries are events by their seq, with the names of their subscriptions.
func deliveries(events []*event, names map[int64]storage.SubscriptionName) frame {
	b := append(make([]byte, 0, 40+usualItem*len(events)), `{"type":"deliveries","items":[`...)
	for i, e := range events {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendItem(b, e, names[e.SubscriptionKey])
	}
	return frame{text: append(b, `]}`...), items: len(events)}
}

func appendItem(b []byte, e *event, to storage.SubscriptionName) []byte {
	d := storage.Delivery{
		Change: e.Change, NotificationID: e.of.ID, SubscriptionID: to.ID, Label: to.Label, Service: to.Service,
	}
	b = wire.AppendString(append(b, `{"event":`...), e.Event.String())
	b = wire.AppendTime(append(b, `,"at":`...), e.EventAt())
	b = wire.AppendDelivery(append(b, ','), &d)
	b = wire.AppendString(append(b, `,"title":`...), e.of.Title)
	return append(b, '}')
}
