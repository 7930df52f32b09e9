package doctor

import (
	"context"
	"crypto/x509"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"recado/server/config"
	"recado/storage"
)

type fakeStore struct {
	keys  []storage.VAPIDKey
	stats storage.Stats
	err   error
}

func (s fakeStore) Keys(context.Context) ([]storage.VAPIDKey, error) { return s.keys, s.err }

func (s fakeStore) Stats(context.Context, time.Time) (storage.Stats, error) { return s.stats, s.err }

func (s fakeStore) CategoriesByName(_ context.Context, names []string) (found []storage.Category, err error) {
	for _, name := range names {
		if name == "ops" {
			found = append(found, storage.Category{Name: name})
		}
	}
	return found, s.err
}

var now = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// healthy is a patient with nothing wrong, at a server of the test's.
func healthy(t *testing.T) (*Patient, *httptest.Server) {
	t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", now.Format(http.TimeFormat))
	}))
	t.Cleanup(server.Close)
	c := config.Default()
	c.BaseURL, c.DataDir = server.URL, filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(c.DataDir, 0o700); err != nil {
		t.Fatal(err)
	}
	client := server.Client()
	transport := client.Transport.(*http.Transport)
	transport.TLSClientConfig.InsecureSkipVerify = false
	return &Patient{
		Config: c, Running: true, Client: client,
		Now:    func() time.Time { return now },
		Intact: func(context.Context) error { return nil },
		Store: fakeStore{keys: []storage.VAPIDKey{{ID: "new", Subscriptions: 3}},
			stats: storage.Stats{Subscriptions: 3}},
	}, server
}

// only examines without the vendors, whose hosts a test does not ask.
func only(p *Patient) []Finding {
	var all []Finding
	for _, c := range checks() {
		if c.name == "push services" {
			continue
		}
		for _, f := range c.look(context.Background(), p) {
			f.Check = c.name
			all = append(all, f)
		}
	}
	return all
}

func TestNothingIsFoundInAHealthyServer(t *testing.T) {
	p, _ := healthy(t)
	for _, f := range only(p) {
		if f.Bad() {
			t.Errorf("found %+v", f)
		}
	}
}

func TestEachAilmentIsFoundWithItsRemedy(t *testing.T) {
	write := func(t *testing.T, p *Patient, name string, mode os.FileMode) {
		file := filepath.Join(p.Config.DataDir, name)
		if err := os.WriteFile(file, nil, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
	}
	for name, ail := range map[string]struct {
		make         func(*testing.T, *Patient, *httptest.Server)
		check, words string
		level        Level
	}{
		"open publishing": {func(_ *testing.T, p *Patient, _ *httptest.Server) { p.Config.Access.Publish = "open" }, "configuration", "access.publish", Warning},
		"readable data":   {func(t *testing.T, p *Patient, _ *httptest.Server) { write(t, p, "recado.db", 0o644) }, "permissions", "chmod 0600", Problem},
		"readable log":    {func(t *testing.T, p *Patient, _ *httptest.Server) { write(t, p, "recado.db-wal", 0o640) }, "permissions", "recado.db-wal", Problem},
		"open directory": {func(t *testing.T, p *Patient, _ *httptest.Server) {
			if err := os.Chmod(p.Config.DataDir, 0o755); err != nil {
				t.Fatal(err)
			}
		}, "permissions", "chmod 0700", Problem},
		"token left": {func(t *testing.T, p *Patient, _ *httptest.Server) { write(t, p, "admin-token", 0o600) }, "permissions", "sign in once", Warning},
		"not intact": {func(_ *testing.T, p *Patient, _ *httptest.Server) {
			p.Intact = func(context.Context) error { return errors.New("row 7 is missing") }
		}, "database", "recado restore", Problem},
		"cannot be opened": {func(_ *testing.T, p *Patient, _ *httptest.Server) {
			p.Store, p.OpenError, p.Damaged = nil, errors.New("file is not a database"), true
		}, "database", "recado restore", Problem},
		"read-only": {func(_ *testing.T, p *Patient, _ *httptest.Server) {
			p.Store, p.OpenError = nil, &fs.PathError{Op: "open", Path: "recado.db", Err: syscall.EROFS}
		}, "database", "mount it writable", Problem},
		"another's": {func(_ *testing.T, p *Patient, _ *httptest.Server) {
			p.Store, p.OpenError = nil, &fs.PathError{Op: "open", Path: "recado.db", Err: fs.ErrPermission}
		}, "database", "as the user", Problem},
		"lost key": {func(_ *testing.T, p *Patient, _ *httptest.Server) {
			p.Store = fakeStore{stats: storage.Stats{Subscriptions: 2}}
		}, "keys", "keys import", Problem},
		"idle key": {func(_ *testing.T, p *Patient, _ *httptest.Server) {
			p.Store = fakeStore{keys: []storage.VAPIDKey{{ID: "new", Subscriptions: 1}, {ID: "old"}}, stats: storage.Stats{Subscriptions: 1}}
		}, "keys", "retire old", Warning},
		"stuck": {func(_ *testing.T, p *Patient, _ *httptest.Server) {
			p.Store = fakeStore{keys: []storage.VAPIDKey{{ID: "new"}}, stats: storage.Stats{OldestDue: now.Add(-10 * time.Minute)}}
		}, "queue", "10m0s", Problem},
		"stopped": {func(_ *testing.T, p *Patient, _ *httptest.Server) {
			p.Running = false
			p.Store = fakeStore{keys: []storage.VAPIDKey{{ID: "new"}}, stats: storage.Stats{OldestDue: now.Add(-10 * time.Minute)}}
		}, "queue", "start the server", Warning},
		"no contact": {func(_ *testing.T, p *Patient, _ *httptest.Server) { p.Config.VAPID.Subject = "mailto:me@localhost" }, "vapid subject", "Apple", Warning},
		"http": {func(_ *testing.T, p *Patient, _ *httptest.Server) {
			p.Config.BaseURL, p.Offline = "http://nas.lan", true
		}, "base url", "https", Problem},
		"unreachable": {func(_ *testing.T, _ *Patient, s *httptest.Server) { s.Close() }, "base url", "does not answer", Problem},
		"wrong clock": {func(_ *testing.T, p *Patient, _ *httptest.Server) {
			p.Now = func() time.Time { return now.Add(2 * time.Hour) }
		}, "base url", "timedatectl", Problem},
		"untrusted": {func(_ *testing.T, p *Patient, _ *httptest.Server) { p.Client.Transport = &http.Transport{} }, "certificate", "not trusted", Problem},
	} {
		t.Run(name, func(t *testing.T) {
			p, server := healthy(t)
			ail.make(t, p, server)
			for _, f := range only(p) {
				if f.Check == ail.check && f.Level == ail.level && strings.Contains(f.Message+" "+f.Remedy, ail.words) {
					return
				}
			}
			t.Errorf("not found among %+v", only(p))
		})
	}
}

func TestACertificateIsWarnedOfBeforeItEnds(t *testing.T) {
	for name, test := range map[string]struct {
		left time.Duration
		want Level
	}{
		"fresh": {60 * 24 * time.Hour, OK}, "late": {13 * 24 * time.Hour, Warning}, "ended": {-time.Hour, Problem},
	} {
		t.Run(name, func(t *testing.T) {
			got := expiry(&x509.Certificate{NotAfter: now.Add(test.left)}, now, "push.example.org")
			if len(got) != 1 || got[0].Level != test.want {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestTLSFilesThatCannotBeUsed(t *testing.T) {
	p, _ := healthy(t)
	p.Config.TLS = config.TLS{CertFile: "missing.pem", KeyFile: "missing.key"}
	if got := certificate(t.Context(), p); got[0].Level != Problem {
		t.Errorf("got %+v", got)
	}
}

func TestAWebhookWithoutItsCategoryIsFound(t *testing.T) {
	p, _ := healthy(t)
	p.Config.Webhooks = map[string]config.Webhook{"nas": {Categories: []string{"ops", "ospf"}}, "all": {}, "good": {Categories: []string{"ops"}}}
	found := webhooks(t.Context(), p)
	if len(found) != 1 || found[0].Level != Problem || found[0].Message != `[webhook.nas] publishes to the category "ospf", which does not exist: what comes is refused` ||
		!strings.Contains(found[0].Remedy, `recado category add ospf`) {
		t.Errorf("found %+v", found)
	}
	delete(p.Config.Webhooks, "nas")
	if found := webhooks(t.Context(), p); len(found) != 1 || found[0].Bad() {
		t.Errorf("found %+v", found)
	}
	p.Store = nil
	if found := webhooks(t.Context(), p); len(found) != 1 || found[0].Level != Skipped {
		t.Errorf("found %+v", found)
	}
}
