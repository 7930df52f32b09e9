// Package sqlstore is recado's storage in SQL, written once for every engine.
//
// It promises what package storage says of an engine. Every write is one
// transaction on the engine's one writing connection, so that a transaction
// sees the database to itself; reads go to a pool beside it and see what is
// committed. Statements are portable SQL with ? parameters (an engine that
// wants $1 translates them); what differs between engines is in Engine.
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"recado/storage"
)

// Engine is what an SQL engine gives to a Store.
type Engine struct {
	// Writer opens the connection that writes; one is used at a time.
	Writer *sql.DB
	// Reader is a pool of connections that only read.
	Reader *sql.DB
	// Begin starts a transaction that no other writer's can overlap.
	Begin string
	// Relax and Strict, run between transactions, let commits return before they
	// are safe from a power cut, and end that. Empty: not supported.
	Relax, Strict string
	// Close is run on the writing connection before it is closed; its failure is
	// of no consequence. May be empty.
	Close string
	// Size reads how many octets the database has.
	Size string
	// Classify says what an engine's error is: storage.ErrUnavailable,
	// storage.ErrExists for a violated uniqueness, or nil for anything else.
	Classify func(error) error
}

// Store is a database. Its methods may be called by many goroutines at once.
type Store struct {
	engine Engine
	writer *writer
	reads  statements

	mu sync.Mutex
	// run is this server's run, and adopted whether no lease of an earlier one is
	// left; only the process that serves claims, so memory may know.
	run     int64
	adopted bool
	clock   clock
}

// New makes a Store of an engine whose schema is up to date. The Store owns the
// engine's pools from then on, and closes them.
func New(ctx context.Context, engine Engine) (*Store, error) {
	s := &Store{
		engine: engine,
		writer: newWriter(engine),
		reads:  statements{prepare: engine.Reader.PrepareContext},
	}
	err := s.readRow(ctx, `SELECT value FROM counter WHERE name = 'run'`).Scan(&s.run)
	if err != nil {
		return nil, errors.Join(s.fail("read the run number", err), s.Close())
	}
	return s, nil
}

// Close waits for the write under way, and closes the database.
func (s *Store) Close() error {
	return errors.Join(s.writer.close(), s.reads.close(), s.engine.Reader.Close(), s.engine.Writer.Close())
}

// Ping reports whether the database can be read and written: nil, or an error
// that is storage.ErrUnavailable when it is the engine's.
func (s *Store) Ping(ctx context.Context) error {
	var value int64
	if err := s.readRow(ctx, `SELECT value FROM counter WHERE name = 'tick'`).Scan(&value); err != nil {
		return s.fail("read the database", err)
	}
	// Only a write shows that the disk is full, or has become read-only.
	return s.relaxed(ctx, "write the database", tick)
}

func tick(t *tx) error {
	_, err := t.exec(`UPDATE counter SET value = value + 1 WHERE name = 'tick'`)
	return err
}

// fail says what was not done and why, in the vocabulary's errors.
func (s *Store) fail(do string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w", do, storage.ErrNotFound)
	}
	if kind := s.engine.Classify(err); kind != nil {
		return fmt.Errorf("%s: %w: %w", do, kind, err)
	}
	return fmt.Errorf("%s: %w", do, err)
}

// statements keeps prepared statements by their text. There are a few dozen
// texts, all constants or made of a few.
type statements struct {
	prepare func(context.Context, string) (*sql.Stmt, error)
	mu      sync.Mutex
	byText  map[string]*sql.Stmt
}

func (s *statements) get(ctx context.Context, query string) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.byText[query]; st != nil {
		return st, nil
	}
	st, err := s.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	if s.byText == nil {
		s.byText = make(map[string]*sql.Stmt)
	}
	s.byText[query] = st
	return st, nil
}

func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, st := range s.byText {
		errs = append(errs, st.Close())
	}
	clear(s.byText)
	return errors.Join(errs...)
}

// scanner is one row to read: *sql.Row and *sql.Rows have it.
type scanner interface{ Scan(dest ...any) error }

// failedRow is a row whose statement could not be prepared.
type failedRow struct{ err error }

func (r failedRow) Scan(...any) error { return r.err }

func (s *Store) readRow(ctx context.Context, query string, args ...any) scanner {
	st, err := s.reads.get(ctx, query)
	if err != nil {
		return failedRow{err}
	}
	return st.QueryRowContext(ctx, args...)
}

// read calls scan for each row of a query.
func (s *Store) read(ctx context.Context, scan func(scanner) error, query string, args ...any) error {
	st, err := s.reads.get(ctx, query)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(ctx, args...)
	return each(rows, err, scan)
}

func each(rows *sql.Rows, err error, scan func(scanner) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
