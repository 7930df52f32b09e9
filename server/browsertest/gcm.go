package browsertest

import (
	"context"
	"crypto/tls"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"recado/server/push/pushtest"
)

// GCMHost is the host of every endpoint that a Chromium subscribes with: it is
// compiled into the browser. What sends there must be led to [GCM.Address].
const GCMHost = "jmt17.google.com"

// GCM is a push service as Google runs it for Chromium, on loopback: checkin and
// registration, MCS, the connection that one browser keeps open, and the https
// side of RFC 8030 that an application server posts to.
type GCM struct {
	service

	web    *httptest.Server // checkin and registration
	posts  *httptest.Server // stands in for GCMHost
	mcs    net.Listener
	caFile string
	ctx    context.Context // ends with the test; connections live under it
	conns  sync.WaitGroup

	conn *mcsConn // the browser's present connection, or nil; guarded by service.mu
}

// StartGCM starts a push service that ends with t.
func StartGCM(t testing.TB) *GCM {
	t.Helper()
	certificate, authority, err := pushtest.NewCertificate(GCMHost)
	if err != nil {
		t.Fatalf("push service: %v", err)
	}
	g := &GCM{caFile: filepath.Join(t.TempDir(), "authority.pem")}
	if err := os.WriteFile(g.caFile, authority, 0o600); err != nil {
		t.Fatal(err)
	}
	g.service = service{URL: "https://" + GCMHost, path: "/fcm/send/", refused: http.StatusForbidden, deliver: g.deliver,
		changed: make(chan struct{}), tokens: map[string]*channel{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /checkin", g.checkin)
	mux.HandleFunc("POST /register", g.register)
	g.web = httptest.NewServer(mux)

	posts := http.NewServeMux()
	posts.HandleFunc("POST "+GCMHost+"/fcm/send/{token}", g.post)
	g.posts = httptest.NewUnstartedServer(posts)
	g.posts.EnableHTTP2 = true
	g.posts.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	g.posts.Config.ErrorLog = log.New(testLog{t}, "push service: ", 0)
	g.posts.StartTLS()

	if g.mcs, err = tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}}); err != nil {
		t.Fatal(err)
	}
	var cancel context.CancelFunc
	g.ctx, cancel = context.WithCancel(context.Background())
	g.conns.Go(g.accept)
	t.Cleanup(func() {
		cancel()
		g.mcs.Close()
		g.conns.Wait()
		g.web.Close()
		g.posts.Close()
	})
	return g
}

// Address is where posts to [GCMHost] are served.
func (g *GCM) Address() string { return g.posts.Listener.Addr().String() }

// CertificateFile names the authority of GCMHost's certificate, for SSL_CERT_FILE.
func (g *GCM) CertificateFile() string { return g.caFile }

// flags are the browser's, so that it asks us instead of Google.
func (g *GCM) flags() map[string]any {
	return map[string]any{
		"gcm-checkin-url":           g.web.URL + "/checkin",
		"gcm-registration-url":      g.web.URL + "/register",
		"gcm-mcs-endpoint":          "https://" + g.mcs.Addr().String(),
		"ignore-certificate-errors": true,
	}
}

// Connected tells whether a browser is there.
func (g *GCM) Connected() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.conn != nil
}

// checkin names a new device. The browser asks once in the life of a profile.
func (g *GCM) checkin(w http.ResponseWriter, _ *http.Request) {
	var m protobuf
	m.uint(1, 1) // stats_ok
	m.uint(3, uint64(time.Now().UnixMilli()))
	m.fixed64(7, 4_000_000_001) // android_id
	m.fixed64(8, 4_000_000_002) // security_token
	w.Header().Set("Content-Type", "application/x-protobuf")
	_, _ = w.Write(m)
}

// register makes a subscription, or ends all that an app has. An app is one
// service worker of the browser, and X-subtype names it; sender is the VAPID key.
// The browser also registers itself, without a subtype.
func (g *GCM) register(w http.ResponseWriter, r *http.Request) {
	app, key := r.PostFormValue("X-subtype"), trimPadding(r.PostFormValue("sender"))
	g.mu.Lock()
	defer g.mu.Unlock()
	defer g.notify()
	if app == "" {
		_, _ = w.Write([]byte("token=" + randomHex()))
		return
	}
	if r.PostFormValue("delete") == "true" {
		g.end(app)
		_, _ = w.Write([]byte("token=" + app))
		return
	}
	for _, c := range g.tokens {
		if c.id == app && c.key == key && !c.gone {
			_, _ = w.Write([]byte("token=" + c.token))
			return
		}
	}
	c := &channel{id: app, token: randomHex(), key: key}
	g.tokens[c.token] = c
	_, _ = w.Write([]byte("token=" + c.token))
}

// end removes the subscriptions of an app; the caller holds mu.
func (g *GCM) end(app string) {
	for _, c := range g.tokens {
		if c.id == app {
			c.gone, c.queue = true, nil
		}
	}
}

// testLog writes what a server complains about to the test's log.
type testLog struct{ t testing.TB }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Logf("%s", p)
	return len(p), nil
}
