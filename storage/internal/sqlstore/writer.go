package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"recado/storage"
)

// writer runs transactions, one after the other, on the one connection that
// writes. It speaks BEGIN and COMMIT itself: statements prepared on a
// connection then cost nothing to use inside a transaction.
type writer struct {
	engine Engine
	turn   chan struct{} // held by whoever writes
	conn   *sql.Conn     // opened by the first
	closed bool
	cache  statements
	wrote  func(took time.Duration, err error) // see Store.OnWrite; never nil
}

func newWriter(engine Engine) *writer {
	return &writer{engine: engine, turn: make(chan struct{}, 1), wrote: func(time.Duration, error) {}}
}

var errClosed = fmt.Errorf("%w: the database is closed", storage.ErrUnavailable)

// tx is a transaction. Its context does not end: a write that has begun is
// finished.
type tx struct {
	ctx   context.Context
	cache *statements
}

func (t *tx) exec(query string, args ...any) (affected int64, err error) {
	st, err := t.cache.get(t.ctx, query)
	if err != nil {
		return 0, err
	}
	r, err := st.ExecContext(t.ctx, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (t *tx) row(query string, args ...any) scanner {
	st, err := t.cache.get(t.ctx, query)
	if err != nil {
		return failedRow{err}
	}
	return st.QueryRowContext(t.ctx, args...)
}

// each calls scan for each row of a query. It must not use the transaction.
func (t *tx) each(scan func(scanner) error, query string, args ...any) error {
	st, err := t.cache.get(t.ctx, query)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(t.ctx, args...)
	return each(rows, err, scan)
}

// keys reads one column of integers.
func (t *tx) keys(query string, args ...any) ([]int64, error) {
	var keys []int64
	err := t.each(func(r scanner) error {
		var key int64
		err := r.Scan(&key)
		keys = append(keys, key)
		return err
	}, query, args...)
	return keys, err
}

// found turns "no rows" into false.
func found(err error) (bool, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// write runs fn in a transaction that is durable when write returns nil. When
// it returns an error nothing has changed. ctx can end the wait for the turn to
// write, nothing after that.
func (s *Store) write(ctx context.Context, do string, fn func(*tx) error) error {
	return s.fail(do, s.writer.run(ctx, false, fn))
}

// relaxed is write for what may be lost in a power cut, though never in part
// and never without all that was written after it.
func (s *Store) relaxed(ctx context.Context, do string, fn func(*tx) error) error {
	return s.fail(do, s.writer.run(ctx, true, fn))
}

func (w *writer) run(ctx context.Context, relaxed bool, fn func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case w.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-w.turn }()
	began := time.Now()
	err := w.inTurn(context.WithoutCancel(ctx), relaxed, fn)
	var broken error
	if errors.Is(w.engine.Classify(err), storage.ErrUnavailable) || errors.Is(err, errClosed) {
		broken = err
	}
	w.wrote(time.Since(began), broken)
	return err
}

// inTurn is run for whoever has the turn to write.
func (w *writer) inTurn(ctx context.Context, relaxed bool, fn func(*tx) error) error {
	if err := w.open(ctx); err != nil {
		return err
	}
	if relaxed && w.engine.Relax != "" {
		// Not prepared: SQLite obeys this one when it is compiled.
		if _, err := w.conn.ExecContext(ctx, w.engine.Relax); err != nil {
			return err
		}
		err := w.transact(ctx, fn)
		if w.conn == nil {
			return err
		}
		if _, e := w.conn.ExecContext(ctx, w.engine.Strict); e != nil {
			w.discard() // it might stay relaxed
		}
		return err
	}
	return w.transact(ctx, fn)
}

// OnWrite has told called after every write from now on: how long it took from its
// turn to its commit, and the engine's error (a full disk, say) when that was why
// nothing was written. It is called by one goroutine at a time, and others wait to
// write meanwhile.
func (s *Store) OnWrite(told func(took time.Duration, err error)) {
	s.writer.turn <- struct{}{}
	defer func() { <-s.writer.turn }()
	s.writer.wrote = told
}

func (w *writer) open(ctx context.Context) error {
	if w.closed {
		return errClosed
	}
	if w.conn != nil {
		return nil
	}
	conn, err := w.engine.Writer.Conn(ctx)
	if err != nil {
		return err
	}
	w.conn = conn
	w.cache.prepare = conn.PrepareContext
	return nil
}

// discard closes the connection, for good; the next write opens a new one.
func (w *writer) discard() {
	_ = w.cache.close()
	// This is how database/sql is told not to hand it out again.
	_ = w.conn.Raw(func(any) error { return driver.ErrBadConn })
	w.conn = nil
}

func (w *writer) transact(ctx context.Context, fn func(*tx) error) error {
	t := &tx{ctx: ctx, cache: &w.cache}
	if _, err := t.exec(w.engine.Begin); err != nil {
		// Busy for too long, or a connection that has come to grief.
		w.discard()
		return err
	}
	committed := false
	defer func() {
		if !committed {
			// It fails where the engine has rolled back already.
			_, _ = t.exec("ROLLBACK")
		}
	}()
	if err := fn(t); err != nil {
		return err
	}
	if _, err := t.exec("COMMIT"); err != nil {
		return err
	}
	committed = true
	return nil
}

// close waits for its turn to write, so that nothing is cut off.
func (w *writer) close() error {
	w.turn <- struct{}{}
	defer func() { <-w.turn }()
	if w.closed {
		return nil
	}
	w.closed = true
	if w.conn == nil {
		return nil
	}
	err := w.cache.close()
	if w.engine.Close != "" {
		// Another process may be reading; what is left to do is done by the last.
		_, _ = w.conn.ExecContext(context.Background(), w.engine.Close)
	}
	return errors.Join(err, w.conn.Close())
}
