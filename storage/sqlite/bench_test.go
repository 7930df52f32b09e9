//go:build unix

package sqlite

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"recado/storage"
)

const many = 200_000

// meter measures the steps of a benchmark, and nothing around them.
type meter struct {
	*testing.B
	items     int
	wall, cpu time.Duration
}

func (m *meter) measure(items int, fn func() error) {
	m.Helper()
	cpu, start := cpuTime(), time.Now()
	if err := fn(); err != nil {
		m.Fatal(err)
	}
	m.wall += time.Since(start)
	m.cpu += cpuTime() - cpu
	m.items += items
}

func (m *meter) report(what string) {
	m.ReportMetric(0, "ns/op") // of the loop, which does more than is measured
	m.ReportMetric(float64(m.items)/m.wall.Seconds(), what+"/s")
	m.ReportMetric(float64(m.cpu.Nanoseconds())/1e3/float64(m.items), "cpu-µs/"+what)
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkSettle stores first outcomes by 500, in the order of a busy engine:
// shuffled within a few ranges. Compare with BenchmarkBareInsert.
func BenchmarkSettle(b *testing.B) {
	s := open(b)
	populate(b, s, many)
	queue := &outcomeQueue{B: b, store: s, rand: rand.New(rand.NewPCG(1, 1))}
	m := &meter{B: b}
	for b.Loop() {
		batch := queue.next(500)
		m.measure(len(batch), func() error {
			_, err := s.Settle(b.Context(), batch)
			return err
		})
	}
	m.report("outcomes")
}

// outcomeQueue claims on and on and hands out shuffled outcomes.
type outcomeQueue struct {
	*testing.B
	store *Store
	rand  *rand.Rand
	ready []storage.Outcome
}

func (q *outcomeQueue) next(n int) []storage.Outcome {
	for len(q.ready) < n+1000 {
		c, err := q.store.Claim(q.Context(), storage.ClaimRequest{Now: benchTime, Limit: 500})
		if err != nil {
			q.Fatal(err)
		}
		if len(c.Attempts) == 0 {
			publish(q, q.store, storage.Target{})
		}
		for _, a := range c.Attempts {
			q.ready = append(q.ready, storage.Outcome{
				NotificationKey: a.Notification.Key, SubscriptionKey: a.Subscription.Key, Lease: a.Lease, Event: storage.EventSent,
				Service: a.Subscription.Service, At: benchTime.Add(time.Duration(q.rand.IntN(1e9))), Attempts: 1, Code: 201, Latency: time.Duration(q.rand.IntN(1e9)),
			})
		}
	}
	q.rand.Shuffle(len(q.ready), func(i, j int) { q.ready[i], q.ready[j] = q.ready[j], q.ready[i] })
	batch := append([]storage.Outcome(nil), q.ready[:n]...)
	q.ready = q.ready[n:]
	return batch
}

// BenchmarkBareInsert is what SQLite does here at best: the same rows by a
// prepared insert in a loop, by 500, in a table without any index: one of the
// same columns, and one of five.
func BenchmarkBareInsert(b *testing.B) {
	for _, c := range []struct{ name, columns string }{
		{"same", "seq INTEGER PRIMARY KEY, notification INTEGER, subscription INTEGER, status INTEGER, attempts INTEGER, code INTEGER, error TEXT, at INTEGER, due_at INTEGER, latency INTEGER"},
		{"five", "seq INTEGER PRIMARY KEY, notification INTEGER, subscription INTEGER, status INTEGER, at INTEGER"},
	} {
		b.Run(c.name, func(b *testing.B) {
			db, err := sql.Open("sqlite", dsn(filepath.Join(b.TempDir(), "bare.db"), writerPragmas))
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			db.SetMaxOpenConns(1)
			if _, err := db.Exec("CREATE TABLE bare (" + c.columns + ")"); err != nil {
				b.Fatal(err)
			}
			n := strings.Count(c.columns, ",") + 1
			insert, err := db.Prepare("INSERT INTO bare VALUES (?" + strings.Repeat(", ?", n-1) + ")")
			if err != nil {
				b.Fatal(err)
			}
			defer insert.Close()
			row := []any{int64(0), int64(1), int64(0), int64(2), int64(1), int64(201), nil, benchTime.UnixMilli(), nil, int64(20)}
			if n == 5 {
				row = []any{int64(0), int64(1), int64(0), int64(2), benchTime.UnixMilli()}
			}
			var seq int64
			m := &meter{B: b}
			for b.Loop() {
				m.measure(500, func() error { return insertRows(b, db, insert, row, &seq) })
			}
			m.report("outcomes")
		})
	}
}

func insertRows(b *testing.B, db *sql.DB, insert *sql.Stmt, row []any, seq *int64) error {
	tx, err := db.BeginTx(b.Context(), nil)
	if err != nil {
		return err
	}
	st := tx.Stmt(insert)
	for range 500 {
		*seq++
		row[0], row[2] = *seq, *seq
		if _, err := st.Exec(row...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// BenchmarkClaim claims ranges of 500.
func BenchmarkClaim(b *testing.B) {
	s := open(b)
	populate(b, s, many)
	for _, c := range []struct {
		name   string
		target storage.Target
	}{
		{"everyone", storage.Target{}},
		{"one category of 200000", storage.Target{Categories: []string{"all"}}},
		{"five categories of 40000", storage.Target{Categories: []string{"c0", "c1", "c2", "c3", "c4"}}},
		{"two of 40000", storage.Target{Categories: []string{"c0", "c3"}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			m := &meter{B: b}
			for b.Loop() {
				var claimed int
				m.measure(0, func() error {
					claim, err := s.Claim(b.Context(), storage.ClaimRequest{Now: benchTime, Limit: 500})
					claimed = len(claim.Attempts)
					return err
				})
				if m.items += claimed; claimed == 0 {
					publish(b, s, c.target)
				}
			}
			m.report("attempts")
			for claim := 1; claim > 0; { // leave nothing to the next
				c, err := s.Claim(b.Context(), storage.ClaimRequest{Now: benchTime, Limit: 500})
				if err != nil {
					b.Fatal(err)
				}
				claim = len(c.Attempts)
			}
		})
	}
}

// BenchmarkAccept must not depend on the number of subscriptions.
func BenchmarkAccept(b *testing.B) {
	for _, n := range []int{100, many} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := open(b)
			populate(b, s, n)
			for b.Loop() {
				publish(b, s, storage.Target{})
			}
		})
	}
}

func BenchmarkImport(b *testing.B) {
	s := open(b)
	populate(b, s, 0)
	m := &meter{B: b}
	for from := 0; b.Loop(); from += 500 {
		list := batch(from, 500, false)
		m.measure(500, func() error {
			_, err := s.ImportSubscriptions(b.Context(), benchTime, list)
			return err
		})
	}
	m.report("subscriptions")
}

// BenchmarkReceipts stores by 500 what browsers report of deliveries that were
// sent: an update each.
func BenchmarkReceipts(b *testing.B) {
	s := open(b)
	populate(b, s, many)
	queue := &outcomeQueue{B: b, store: s, rand: rand.New(rand.NewPCG(1, 1))}
	m := &meter{B: b}
	for b.Loop() {
		batch := queue.next(500)
		if _, err := s.Settle(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		for i := range batch {
			batch[i].Event, batch[i].Lease = storage.EventDisplayed, 0
		}
		m.measure(len(batch), func() error {
			_, err := s.Settle(b.Context(), batch)
			return err
		})
	}
	m.report("receipts")
}

// BenchmarkOpen opens a database that is there already.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	populate(b, openDir(b, dir), 1000)
	for b.Loop() {
		s, err := Open(b.Context(), dir)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
