package server_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"recado/server/browsertest"
	"recado/server/push/pushtest"
	"recado/storage"
	"recado/storage/sqlite"
)

const (
	concurrency = 256 // push.concurrency's default
	settleBatch = 500
)

// startWithSubscriptions starts the real binary with n subscriptions at a push
// service.
func startWithSubscriptions(t *testing.T, service *pushtest.Server, n int) *browsertest.Recado {
	t.Helper()
	dir := t.TempDir()
	roots := filepath.Join(dir, "roots.pem")
	must(t, os.WriteFile(roots, service.CertificatePEM(), 0o600))
	t.Setenv("SSL_CERT_FILE", roots)
	r := browsertest.StartRecado(t, browsertest.BuildBinary(t), browsertest.ForAutopush())
	var lines bytes.Buffer
	for _, s := range service.SubscribeN(n, true) {
		lines.Write(append(s.ImportJSON(), '\n'))
	}
	file := filepath.Join(dir, "subscriptions.jsonl")
	must(t, os.WriteFile(file, lines.Bytes(), 0o600))
	r.Run("subscription", "import", file)
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// publish publishes without waiting for outcomes and returns the id.
func publish(t *testing.T, r *browsertest.Recado) uuid.UUID {
	t.Helper()
	status, body := r.Do("POST", "/api/notify?wait=0", `{"title": "Hello", "body": "World"}`, "Accept", "application/json")
	var answer struct {
		ID uuid.UUID `json:"id"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != 202 {
		t.Fatalf("publish: %d %s", status, body)
	}
	return answer.ID
}

// counts reads from the database how far a notification is.
func counts(t *testing.T, r *browsertest.Recado, id uuid.UUID) storage.Notification {
	t.Helper()
	store, err := sqlite.Open(t.Context(), r.DataDir)
	must(t, err)
	defer store.Close()
	n, err := store.Notification(t.Context(), id)
	must(t, err)
	c := n.Counts
	if sum := c.Pending + c.Retrying + c.Sent + c.Failed + c.Gone + c.Expired + c.Canceled; sum != c.Targeted {
		t.Errorf("the counts do not add up: %+v", c)
	}
	return n
}

func checkIntegrity(t *testing.T, r *browsertest.Recado) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(r.DataDir, "recado.db"))
	must(t, err)
	defer db.Close()
	var result string
	must(t, db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&result))
	if result != "ok" {
		t.Errorf("integrity_check: %s", result)
	}
}

func TestKillNineLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("kills the real binary five times")
	}
	const subscriptions, kills = 5000, 5
	service := pushtest.Start(t, pushtest.Options{HTTP2: true, CountOnly: true})
	r := startWithSubscriptions(t, service, subscriptions)
	slow := pushtest.Step{Delay: 20 * time.Millisecond} // so that the kills come in the middle
	service.Always(&slow)
	id := publish(t, r)
	for kill := range kills {
		target := kill*900 + rand.IntN(900)
		must(t, service.Wait(t.Context(), target))
		r.Kill()
		r.Restart()
	}
	limit, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for service.Summary().Unique < subscriptions {
		must(t, service.Wait(limit, service.Count()+1))
	}
	if code := r.Stop(); code != 0 {
		t.Errorf("SIGTERM: exit %d", code)
	}
	n, sum := counts(t, r, id), service.Summary()
	if n.Counts.Targeted != subscriptions || n.Counts.Sent != subscriptions {
		t.Errorf("counts %+v", n.Counts)
	}
	if sum.Unique != subscriptions || sum.Violations != 0 {
		t.Errorf("the push service got %+v", sum)
	}
	if bound := int64(kills * (concurrency + settleBatch)); sum.Duplicates > bound {
		t.Errorf("%d were sent again, at most %d may", sum.Duplicates, bound)
	}
	t.Logf("%d messages for %d subscriptions and %d kills: %d repeated", sum.Messages, subscriptions, kills, sum.Duplicates)
	checkIntegrity(t, r)
}

func TestSIGTERMInTheMiddleLosesAndRepeatsNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the real binary")
	}
	const subscriptions = 5000
	service := pushtest.Start(t, pushtest.Options{HTTP2: true, CountOnly: true, CheckDuplicates: true})
	r := startWithSubscriptions(t, service, subscriptions)
	service.Always(&pushtest.Step{Delay: 5 * time.Millisecond})
	id := publish(t, r)
	for _, target := range []int{700, 2000, 3500} {
		must(t, service.Wait(t.Context(), target))
		if code := r.Stop(); code != 0 {
			t.Errorf("exit %d", code)
		}
		if n := counts(t, r, id); n.Counts.Sent != service.Count() || n.State != storage.Sending {
			t.Errorf("stopped with %+v (%s) after %d messages", n.Counts, n.State, service.Count())
		}
		r.Restart()
	}
	must(t, service.Wait(t.Context(), subscriptions))
	if code := r.Stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	n, sum := counts(t, r, id), service.Summary()
	if n.Counts.Sent != subscriptions || sum.Messages != subscriptions || sum.Duplicates != 0 || sum.Violations != 0 {
		t.Errorf("counts %+v; the push service got %+v", n.Counts, sum)
	}
	checkIntegrity(t, r)
}
