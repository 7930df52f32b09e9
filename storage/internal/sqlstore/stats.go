package sqlstore

import (
	"context"
	"slices"
	"strings"
	"time"

	"recado/storage"
)

const (
	minuteSpan = int64(time.Minute / time.Millisecond)
	hourSpan   = int64(time.Hour / time.Millisecond)
)

// tally is what changes are counted by.
type tally struct {
	minute  int64
	service string
	event   storage.Event
}

// changed notes what an outcome has made of a delivery, for whoever is told of it
// and for the statistics.
func (l *ledger) changed(d *delivery, o *storage.Outcome) error {
	service := o.Service
	if service == "" {
		ok, err := found(l.row(`SELECT service FROM subscription WHERE key = ?`, d.subscription).Scan(&service))
		if err != nil {
			return err
		}
		if !ok {
			service = "unknown"
		}
	}
	at := millis(o.At)
	k := tally{at - at%minuteSpan, service, o.Event}
	if l.tallied == nil || l.tally != k {
		l.tally, l.tallied = k, l.tallies[k]
		if l.tallied == nil {
			l.tallied = new(int)
			l.tallies[k] = l.tallied
		}
	}
	*l.tallied++
	l.changes = append(l.changes, d.change())
	return nil
}

// writeTallies adds what was counted: a few rows, however many changes there
// were.
func (l *ledger) writeTallies(settled *storage.Settled) error {
	hours := make(map[tally]int)
	for k, n := range l.tallies {
		if err := l.addTally(minuteSpan, k, *n); err != nil {
			return err
		}
		settled.Tallies = append(settled.Tallies, storage.Tally{Service: k.service, Event: k.event, Count: *n})
		k.minute -= k.minute % hourSpan
		hours[k] += *n
	}
	for k, n := range hours {
		if err := l.addTally(hourSpan, k, n); err != nil {
			return err
		}
	}
	return nil
}

func (l *ledger) addTally(span int64, k tally, n int) error {
	_, err := l.exec(`INSERT INTO tally (span, slot, service, event, count) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (span, slot, service, event) DO UPDATE SET count = count + excluded.count`,
		span, k.minute, k.service, int64(k.event), n)
	return err
}

func forgetTallies(t *tx, span int64, before time.Time) (int64, error) {
	return t.exec(`DELETE FROM tally WHERE (span, slot, service, event) IN (
			SELECT span, slot, service, event FROM tally WHERE span = ? AND slot < ? LIMIT ?)`, span, millis(before), pageSize)
}

// Stats reads how deliveries stand. It takes as long however many of them there
// are: it reads what was counted when they were settled.
func (s *Store) Stats(ctx context.Context, now time.Time) (storage.Stats, error) {
	var st storage.Stats
	err := s.totals(ctx, now, &st)
	if err == nil {
		err = s.queue(ctx, now, &st)
	}
	if err == nil {
		err = s.readRow(ctx, `SELECT count(*) FROM subscription WHERE removed_at IS NULL`).Scan(&st.Subscriptions)
	}
	if err == nil && s.engine.Size != "" {
		err = s.readRow(ctx, s.engine.Size).Scan(&st.Bytes)
	}
	if err != nil {
		return storage.Stats{}, s.fail("read the statistics", err)
	}
	return st, nil
}

func newSpans() storage.Spans {
	return storage.Spans{Hour: storage.Totals{}, Day: storage.Totals{}, Week: storage.Totals{}}
}

func (s *Store) totals(ctx context.Context, now time.Time, st *storage.Stats) error {
	st.Spans = newSpans()
	services := make(map[string]storage.Spans)
	of := func(service string) storage.Spans {
		spans, ok := services[service]
		if !ok {
			spans = newSpans()
			services[service] = spans
		}
		return spans
	}
	err := s.read(ctx, func(r scanner) error {
		var service string
		var event storage.Event
		var week, day int
		if err := r.Scan(&service, &event, &week, &day); err != nil {
			return err
		}
		for _, to := range []storage.Spans{st.Spans, of(service)} {
			to.Week[event] += week
			if day > 0 {
				to.Day[event] += day
			}
		}
		return nil
	}, `SELECT service, event, sum(count), sum(CASE WHEN slot > ? THEN count ELSE 0 END) FROM tally
		WHERE span = ? AND slot > ? AND slot <= ? GROUP BY service, event`,
		millis(now)-24*hourSpan, hourSpan, millis(now)-7*24*hourSpan, millis(now))
	if err != nil {
		return err
	}
	err = s.read(ctx, func(r scanner) error {
		var service string
		var event storage.Event
		var n int
		if err := r.Scan(&service, &event, &n); err != nil {
			return err
		}
		st.Hour[event] += n
		of(service).Hour[event] += n
		return nil
	}, `SELECT service, event, sum(count) FROM tally WHERE span = ? AND slot > ? AND slot <= ? GROUP BY service, event`,
		minuteSpan, millis(now)-hourSpan, millis(now))
	for service, spans := range services {
		st.Services = append(st.Services, storage.ServiceStats{Service: service, Spans: spans})
	}
	slices.SortFunc(st.Services, func(a, b storage.ServiceStats) int { return strings.Compare(a.Service, b.Service) })
	return err
}

// queue reads what waits: of notifications whose audience is being read, of
// those that are late to start, and of retries.
func (s *Store) queue(ctx context.Context, now time.Time, st *storage.Stats) error {
	err := s.readRow(ctx, `SELECT COALESCE(sum(targeted - sent - failed - gone - expired - canceled), 0)
		FROM notification WHERE state = 'sending'`).Scan(&st.Depth)
	if err != nil {
		return err
	}
	var oldest int64
	for _, query := range []string{
		`SELECT min(due_at) FROM notification WHERE state = 'sending' AND audience_read = 0 AND due_at <= ?`,
		`SELECT min(due_at) FROM notification WHERE state = 'scheduled' AND due_at <= ?`,
		`SELECT min(due_at) FROM delivery WHERE status = 1 AND due_at <= ?`,
	} {
		var due int64
		if err := s.readRow(ctx, query, millis(now)).Scan(number{&due}); err != nil {
			return err
		}
		if due != 0 && (oldest == 0 || due < oldest) {
			oldest = due
		}
	}
	st.OldestDue = fromMillis(oldest)
	return nil
}
