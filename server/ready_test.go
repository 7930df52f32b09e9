package server

import (
	"context"
	"strings"
	"testing"
	"time"

	"recado/storage"
)

// unwritable is a store that can be read only, as on a full disk.
type unwritable struct{ Storage }

func (unwritable) Ping(context.Context) error { return storage.ErrUnavailable }

// TestReadyz: storage that cannot be written is a reason, by itself and without
// waiting for somebody to publish; another one that the queue stands still is held
// in package delivery.
func TestReadyz(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it is about concurrency")
	}
	d := newDesk(t, nil)
	d.want("ready", d.ask("", "GET", "/readyz", ""), 200, "ok")
	d.server.Store = unwritable{d.server.Store}
	d.server.storage.at = time.Time{} // an answer is good for a second
	got := d.ask("", "GET", "/readyz", "")
	if got.StatusCode != 503 || got.body != "not ready\nstorage: it cannot be read or written" {
		t.Errorf("%d %q", got.StatusCode, got.body)
	}
	d.want("as JSON", d.ask("", "GET", "/readyz", "", "Accept: application/json"), 503, `"reasons":["storage: it cannot be read or written"]`)
	if !strings.Contains(d.exposition(), "\nrecado_ready 0\n") {
		t.Error("the metrics call it ready")
	}
	d.want("alive all the same", d.ask("", "GET", "/healthz", ""), 200, "ok")
}
