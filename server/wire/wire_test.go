package wire

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

func TestDelivery(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 84_999_999, time.FixedZone("", 3600))
	full := storage.Delivery{
		Change: storage.Change{
			Seq: 812, NotificationKey: 5, SubscriptionKey: 6, Status: storage.StatusSent, Event: storage.EventClosed, Attempts: 2,
			Code: 201, Error: "no\u00a0<b>", At: at, RetryAt: at.Add(time.Second), DisplayedAt: at.Add(2 * time.Second),
			ClickedAt: at.Add(3 * time.Second), ClosedAt: at.Add(4 * time.Second), Latency: 84 * time.Millisecond,
		},
		NotificationID: uuid.MustParse("0192f000-0000-7000-8000-000000000001"),
		SubscriptionID: uuid.MustParse("11111111-1111-4111-8111-1111111111ab"), Label: `João's "phone"`, Service: "push.example:8443",
	}
	for _, c := range []struct {
		name string
		d    storage.Delivery
		want string
	}{
		{"full", full, `{"seq":812,"notification_id":"0192f000-0000-7000-8000-000000000001",` +
			`"subscription_id":"11111111-1111-4111-8111-1111111111ab","label":"João's \"phone\"","service":"push.example:8443",` +
			`"status":"sent","attempts":2,"code":201,"error":"no` + "\u00a0" + `\u003cb\u003e","retry_at":"2026-03-01T11:00:01.084Z",` +
			`"sent_at":"2026-03-01T11:00:00.084Z","displayed_at":"2026-03-01T11:00:02.084Z","clicked_at":"2026-03-01T11:00:03.084Z",` +
			`"closed_at":"2026-03-01T11:00:04.084Z","latency_ms":84}`},
		{"bare", storage.Delivery{Change: storage.Change{Seq: 1, Status: storage.StatusCanceled, At: at}},
			`{"seq":1,"notification_id":"00000000-0000-0000-0000-000000000000","subscription_id":"00000000-0000-0000-0000-000000000000",` +
				`"label":"","service":"","status":"canceled","attempts":0,"code":null,"error":"","retry_at":null,"sent_at":null,` +
				`"displayed_at":null,"clicked_at":null,"closed_at":null,"latency_ms":null}`},
	} {
		got, err := json.Marshal(Delivery(c.d))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", c.name, err, got, c.want)
		}
	}
}

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", "João ✓", "a\"b\\c\n\x00\x7f", "<&>", "\u2028", "\xff\xfe", "\xed\xa0\x80"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := json.Marshal(s)
		if got := AppendString([]byte("x"), s); err != nil || !bytes.Equal(got[1:], want) {
			t.Errorf("%q: %s, want %s (%v)", s, got[1:], want, err)
		}
	})
}

func BenchmarkAppendDelivery(b *testing.B) {
	now := time.Now()
	d := storage.Delivery{
		Change: storage.Change{
			Seq: 812_000, Status: storage.StatusSent, Event: storage.EventDisplayed, Attempts: 1, Code: 201, At: now,
			DisplayedAt: now, Latency: 84 * time.Millisecond,
		},
		NotificationID: uuid.New(), SubscriptionID: uuid.New(), Label: "João · Pixel 8", Service: "fcm.googleapis.com",
	}
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendDelivery(buf[:0], &d)
	}
}
