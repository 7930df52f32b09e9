package server_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"recado/server/push/pushtest"
	"recado/storage"
)

// A copy that was made in the middle of a fan-out is continued elsewhere: what it
// knows to be sent is not sent again, all the rest is.
func TestABackupFromTheMiddleOfAFanOutIsContinued(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the real binary")
	}
	const subscriptions = 5000
	service := pushtest.Start(t, pushtest.Options{HTTP2: true, CountOnly: true})
	r := startWithSubscriptions(t, service, subscriptions)
	service.Always(&pushtest.Step{Delay: 20 * time.Millisecond})
	id := publish(t, r)
	must(t, service.Wait(t.Context(), 1500))
	backup := filepath.Join(t.TempDir(), "backup.db")
	before := service.Count()
	r.Run("backup", backup)
	after := service.Count()
	if code := r.Stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	first := service.Summary()

	elsewhere := filepath.Join(t.TempDir(), "data")
	r.Run("restore", backup, "--data-dir", elsewhere)
	r.MoveTo(elsewhere)
	known := counts(t, r, id).Counts.Sent
	if known < before-concurrency-settleBatch || after < known {
		t.Errorf("the copy knows of %d, while %d to %d were sent", known, before, after)
	}
	service.Always(nil)
	r.Restart()
	limit, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	must(t, service.Wait(limit, int(first.Messages)+subscriptions-known))
	if code := r.Stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	n, sum := counts(t, r, id), service.Summary()
	if n.State != storage.Sent || n.Counts.Sent != subscriptions {
		t.Errorf("%s with %+v", n.State, n.Counts)
	}
	if sum.Unique != subscriptions || sum.Violations != 0 || sum.Messages != first.Messages+int64(subscriptions-known) {
		t.Errorf("the copy knew of %d, the first server sent %d; in all the push service got %+v", known, first.Messages, sum)
	}
	t.Logf("%d sent before the copy, which knows of %d; %d by the first server, %+v in all", before, known, first.Messages, sum)
	checkIntegrity(t, r)
}
