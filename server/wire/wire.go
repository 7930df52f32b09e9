// Package wire writes what more than one part of the server says in JSON: a
// delivery, which /v1 lists and the live log tells of, and the times in it. It
// appends to what is there, because the live log writes thousands a second, and
// what it writes is what encoding/json would have written.
package wire

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"recado/storage"
)

// Delivery is a delivery as the contract shows it: every field, always.
type Delivery storage.Delivery

// MarshalJSON implements json.Marshaler.
func (d Delivery) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, 512), '{')
	return append(AppendDelivery(b, (*storage.Delivery)(&d)), '}'), nil
}

// AppendDelivery appends the fields of a delivery, without the braces around
// them.
func AppendDelivery(b []byte, d *storage.Delivery) []byte {
	b = strconv.AppendInt(append(b, `"seq":`...), d.Seq, 10)
	b = AppendUUID(append(b, `,"notification_id":`...), d.NotificationID)
	b = AppendUUID(append(b, `,"subscription_id":`...), d.SubscriptionID)
	b = AppendString(append(b, `,"label":`...), d.Label)
	b = AppendString(append(b, `,"service":`...), d.Service)
	b = AppendString(append(b, `,"status":`...), d.Status.String())
	b = strconv.AppendInt(append(b, `,"attempts":`...), int64(d.Attempts), 10)
	b = appendNumber(append(b, `,"code":`...), int64(d.Code)) // null = no answer
	b = AppendString(append(b, `,"error":`...), d.Error)
	var sentAt time.Time
	if d.Status == storage.StatusSent {
		sentAt = d.At
	}
	b = AppendTime(append(b, `,"retry_at":`...), d.RetryAt)
	b = AppendTime(append(b, `,"sent_at":`...), sentAt)
	b = AppendTime(append(b, `,"displayed_at":`...), d.DisplayedAt)
	b = AppendTime(append(b, `,"clicked_at":`...), d.ClickedAt)
	b = AppendTime(append(b, `,"closed_at":`...), d.ClosedAt)
	return appendNumber(append(b, `,"latency_ms":`...), d.Latency.Milliseconds()) // null = no request
}

// AppendTime appends RFC 3339 in UTC, always with milliseconds, or null for the
// zero time.
func AppendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, "null"...)
	}
	b = t.UTC().AppendFormat(append(b, '"'), time.RFC3339) // three times as fast as a layout of one's own
	ms := t.Nanosecond() / 1e6
	return append(b[:len(b)-1], '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10), 'Z', '"')
}

// AppendUUID appends an id in its usual form.
func AppendUUID(b []byte, id uuid.UUID) []byte {
	const digits = "0123456789abcdef"
	b = append(b, '"')
	for i, octet := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b = append(b, '-')
		}
		b = append(b, digits[octet>>4], digits[octet&15])
	}
	return append(b, '"')
}

// AppendString appends a string as encoding/json writes it.
func AppendString(b []byte, s string) []byte {
	if !plain(s) {
		quoted, err := json.Marshal(s)
		if err == nil { // a string always can be
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// plain reports whether a string can stand in JSON as it is.
func plain(s string) bool {
	ascii := true
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&':
			return false
		case c == 0xe2 && (strings.HasPrefix(s[i:], "\u2028") || strings.HasPrefix(s[i:], "\u2029")):
			return false // JavaScript's ends of lines
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return ascii || utf8.ValidString(s)
}

// appendNumber appends null for 0, which stands for none.
func appendNumber(b []byte, n int64) []byte {
	if n == 0 {
		return append(b, "null"...)
	}
	return strconv.AppendInt(b, n, 10)
}
