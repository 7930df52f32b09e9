package sqlstore

import (
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"time"
)

// millis is a time as it is stored; the zero time is 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// optional is a number of which 0 is stored as NULL: most times are not set,
// and a NULL takes no room.
func optional(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

func optionalText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// instant scans a time that may be NULL.
type instant struct{ to *time.Time }

func (i instant) Scan(v any) error {
	var n sql.NullInt64
	if err := n.Scan(v); err != nil {
		return err
	}
	*i.to = fromMillis(n.Int64)
	return nil
}

// number scans an integer whose NULL is 0.
type number struct{ to *int64 }

func (n number) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*n.to = 0
		return nil
	case int64:
		*n.to = v
		return nil
	}
	var other sql.NullInt64
	err := other.Scan(v)
	*n.to = other.Int64
	return err
}

// sum scans a SHA-256.
type sum struct{ to *[32]byte }

func (s sum) Scan(v any) error {
	b, ok := v.([]byte)
	if !ok {
		return errors.New("a column holds no SHA-256")
	}
	copy(s.to[:], b)
	return nil
}

// asJSON scans a JSON column.
type asJSON struct{ to any }

func (j asJSON) Scan(v any) error {
	switch v := v.(type) {
	case string:
		return json.Unmarshal([]byte(v), j.to)
	case []byte:
		return json.Unmarshal(v, j.to)
	}
	return errors.New("a JSON column holds no text")
}

func toJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// packKeys writes ascending keys as varints of their differences: about a byte
// a member of a large audience.
func packKeys(keys []int64) []byte {
	b := make([]byte, 0, len(keys)+binary.MaxVarintLen64)
	var last int64
	for _, k := range keys {
		b = binary.AppendUvarint(b, uint64(k-last))
		last = k
	}
	return b
}

func unpackKeys(b []byte) ([]int64, error) {
	keys := make([]int64, 0, len(b))
	var last int64
	for len(b) > 0 {
		d, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, errors.New("a lease's members cannot be read")
		}
		last += int64(d)
		keys = append(keys, last)
		b = b[n:]
	}
	return keys, nil
}
