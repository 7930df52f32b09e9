package sqlite

import (
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

// One file of rows for every version of the schema, as that version would have
// written them. A released file never changes.
//
//go:embed testdata/upgrade/*.sql
var oldRows embed.FS

// TestUpgrade fills a database of every earlier version and opens it.
func TestUpgrade(t *testing.T) {
	for _, version := range versions(t) {
		t.Run(fmt.Sprint("from ", version), func(t *testing.T) {
			dir := t.TempDir()
			rows, err := oldRows.ReadFile(fmt.Sprintf("testdata/upgrade/v%d.sql", version))
			if err != nil {
				t.Fatal(err)
			}
			db := raw(t, dir)
			p, err := newProvider(db)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.UpTo(t.Context(), version); err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec(string(rows)); err != nil {
				t.Fatal(err)
			}
			s := openDir(t, dir)
			check(t, db)
			readUpgraded(t, s)
		})
	}
}

// TestUpgradeSwept: what retention took before it was noted may have had any seq.
func TestUpgradeSwept(t *testing.T) {
	dir := t.TempDir()
	db := raw(t, dir)
	p, err := newProvider(db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	rows, err := oldRows.ReadFile("testdata/upgrade/v2.sql")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(string(rows) + `UPDATE notification SET swept = 1 WHERE key = 1; DELETE FROM delivery;`); err != nil {
		t.Fatal(err)
	}
	if got, err := openDir(t, dir).Seqs(t.Context()); err != nil || got != (storage.Seqs{Latest: 7, Swept: 7}) {
		t.Errorf("seqs %+v, %v", got, err)
	}
}

func versions(t *testing.T) []int64 {
	p, err := newProvider(raw(t, t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	var list []int64
	for _, source := range p.ListSources() {
		list = append(list, source.Version)
	}
	return list
}

// readUpgraded expects what every testdata/upgrade file holds: two
// subscriptions, the first in category ops with two deliveries, the second gone;
// a notification that was sent and one that was interrupted.
func readUpgraded(t *testing.T, s *Store) {
	ctx := t.Context()
	sub, err := s.Subscription(ctx, uuid.MustParse("11111111-1111-4111-8111-111111111111"))
	if err != nil {
		t.Fatal(err)
	}
	if sub.Endpoint != "https://push.example/1" || sub.Label != "phone" || sub.KeyID != "k1" || !reflect.DeepEqual(sub.Categories, []string{"ops"}) {
		t.Errorf("subscription: %+v", sub)
	}
	gone, err := s.Subscription(ctx, uuid.MustParse("22222222-2222-4222-8222-222222222222"))
	if err != nil || gone.Removed != storage.RemovedGone {
		t.Errorf("gone subscription: %+v, %v", gone, err)
	}
	if tokens, err := s.Tokens(ctx); err != nil || len(tokens) != 1 || tokens[0].Name != "grafana" {
		t.Errorf("tokens: %+v, %v", tokens, err)
	}
	if secret, err := s.Secret(ctx, "receipts", 4); err != nil || string(secret) != "abcd" {
		t.Errorf("secret: %v", err)
	}
	sent, err := s.Notification(ctx, uuid.MustParse("0192f000-0000-7000-8000-000000000001"))
	if err != nil || sent.State != storage.Sent || sent.Content.Title != "first" || sent.Counts.Sent != 1 || sent.Counts.Gone != 1 {
		t.Errorf("sent notification: %+v, %v", sent, err)
	}
	if list, err := s.Deliveries(ctx, sent.Key, 0, 10); err != nil || len(list) != 2 || list[0].Event != storage.EventDisplayed {
		t.Errorf("deliveries: %+v, %v", list, err)
	}
	list, err := s.Notifications(ctx, storage.NotificationFilter{Category: "ops"}, storage.Page{Limit: 10})
	if err != nil || len(list) < 2 || list[len(list)-1].Key != sent.Key || list[len(list)-2].Key != 2 {
		t.Errorf("to ops or to everyone: %d, %v", len(list), err)
	}
	// What was interrupted goes on, with a higher seq.
	now := time.UnixMilli(1_760_000_100_000)
	if err := s.Resume(ctx, now); err != nil {
		t.Fatal(err)
	}
	claim, err := s.Claim(ctx, storage.ClaimRequest{Now: now, Limit: 10})
	if err != nil || len(claim.Attempts) != 1 || claim.Attempts[0].Subscription.ID != sub.ID {
		t.Fatalf("claim: %+v, %v", claim, err)
	}
	a := claim.Attempts[0]
	settled, err := s.Settle(ctx, []storage.Outcome{{
		NotificationKey: a.Notification.Key, SubscriptionKey: a.Subscription.Key, Lease: a.Lease,
		Event: storage.EventSent, At: now, Attempts: 1,
	}})
	if err != nil || len(settled.Changes) != 1 || settled.Changes[0].Seq != 8 || settled.Progress[0].State != storage.Sent {
		t.Errorf("settled: %+v, %v", settled, err)
	}
}

func TestDown(t *testing.T) {
	p, err := newProvider(raw(t, t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := p.Up(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := p.DownTo(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNewerDatabase(t *testing.T) {
	dir := t.TempDir()
	if s, err := Open(t.Context(), dir); err != nil || s.Close() != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", dsn(filepath.Join(dir, fileName), writerPragmas))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir); !errors.Is(err, errNewer) {
		t.Fatal(err)
	}
}
