package server

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"recado/server/config"
	"recado/server/push/pushtest"
)

// pair is a certificate for loopback as it lies in files.
type pair struct {
	cert, key []byte
	serial    string
}

// newPair makes one and adds its authority to pool.
func newPair(t *testing.T, pool *x509.CertPool) pair {
	t.Helper()
	leaf, authority, err := pushtest.NewCertificate()
	if err != nil {
		t.Fatal(err)
	}
	pool.AppendCertsFromPEM(authority)
	key, err := x509.MarshalPKCS8PrivateKey(leaf.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return pair{
		cert:   pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Certificate[0]}),
		key:    pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		serial: leaf.Leaf.SerialNumber.String(),
	}
}

// put replaces a file as tools do: written beside it and renamed.
func put(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name+".new", data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
}

func relink(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name+".new"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
}

// inFiles puts p into two files of a new directory and returns their names.
func (p pair) inFiles(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	put(t, certFile, p.cert)
	put(t, keyFile, p.key)
	return certFile, keyFile
}

func (c *certificate) serial() string { return c.current.Load().Leaf.SerialNumber.String() }

// heard is a log that is read while it is written.
type heard struct {
	mu   sync.Mutex
	text strings.Builder
}

func (h *heard) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.Write(b)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}

// watched runs check in a bubble with a certificate that is watched, and a
// function that lets its files be looked at n times.
func watched(t *testing.T, certFile, keyFile string, check func(c *certificate, look func(n int), log *heard)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var log heard
		c, err := loadCertificate(certFile, keyFile, time.Now, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var ended sync.WaitGroup
		ended.Go(func() { c.watch(ctx, nil) })
		check(c, func(n int) {
			time.Sleep(time.Duration(n) * lookEvery)
			synctest.Wait()
		}, &log)
		cancel()
		ended.Wait()
	})
}

func TestACertificateIsReadAgainWhenItsFilesChange(t *testing.T) {
	pool := x509.NewCertPool()
	first, second := newPair(t, pool), newPair(t, pool)
	certFile, keyFile := first.inFiles(t)
	watched(t, certFile, keyFile, func(c *certificate, look func(int), log *heard) {
		look(3)
		if log.String() != "" {
			t.Errorf("nothing changed, and the log says\n%s", log)
		}
		// One after the other, with looks in between: they do not belong together.
		put(t, certFile, second.cert)
		look(5)
		if c.serial() != first.serial || strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "not reloaded") {
			t.Errorf("with half of it replaced; the log is\n%s", log)
		}
		put(t, keyFile, second.key)
		look(1)
		if c.serial() != second.serial || strings.Count(log.String(), "\n") != 2 {
			t.Errorf("the new one is not used; the log is\n%s", log)
		}
		// Gone for a while, as in the middle of an unpacking.
		if err := os.Remove(keyFile); err != nil {
			t.Fatal(err)
		}
		look(2)
		put(t, keyFile, first.key)
		put(t, certFile, first.cert)
		look(1)
		if c.serial() != first.serial {
			t.Errorf("the files came back, and were not read; the log is\n%s", log)
		}
	})
}

func TestACertificateIsReadAgainWhenALinkIsSwapped(t *testing.T) {
	pool := x509.NewCertPool()
	first, second := newPair(t, pool), newPair(t, pool)
	for name, arrange := range map[string]func(dir, oldCert, oldKey, newCert, newKey string) (swap func()){
		// certbot: live/NAME/*.pem lead to archive/NAME/*1.pem, then *2.pem.
		"each file": func(dir, oldCert, oldKey, newCert, newKey string) func() {
			relink(t, oldCert, filepath.Join(dir, "cert.pem"))
			relink(t, oldKey, filepath.Join(dir, "key.pem"))
			return func() {
				relink(t, newCert, filepath.Join(dir, "cert.pem"))
				relink(t, newKey, filepath.Join(dir, "key.pem"))
			}
		},
		// Kubernetes: the files lead through ..data, which is what is swapped.
		"their directory": func(dir, oldCert, _, newCert, _ string) func() {
			data := filepath.Join(dir, "..data")
			relink(t, filepath.Dir(oldCert), data)
			relink(t, filepath.Join("..data", "cert.pem"), filepath.Join(dir, "cert.pem"))
			relink(t, filepath.Join("..data", "key.pem"), filepath.Join(dir, "key.pem"))
			return func() { relink(t, filepath.Dir(newCert), data) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			oldCert, oldKey := first.inFiles(t)
			newCert, newKey := second.inFiles(t)
			swap := arrange(dir, oldCert, oldKey, newCert, newKey)
			watched(t, filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), func(c *certificate, look func(int), log *heard) {
				look(1)
				swap()
				look(1)
				if c.serial() != second.serial {
					t.Errorf("the new one is not used; the log is\n%s", log)
				}
			})
		})
	}
}

func TestTheEndOfACertificateIsToldOnce(t *testing.T) {
	certFile, keyFile := newPair(t, x509.NewCertPool()).inFiles(t) // ends with the year 2099
	var log heard
	now := time.Date(2099, 12, 1, 0, 0, 0, 0, time.UTC)
	c, err := loadCertificate(certFile, keyFile, func() time.Time { return now }, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	c.warnOfEnd()
	if log.String() != "" {
		t.Errorf("a month before its end the log says %s", &log)
	}
	for range 3 {
		now = now.Add(20 * 24 * time.Hour)
		c.warnOfEnd()
	}
	if strings.Count(log.String(), "the certificate ends soon") != 1 {
		t.Errorf("the log is\n%s", &log)
	}
}

// served is a server with TLS that answers every request with its method, and the
// address it listens on.
func served(t *testing.T, certFile, keyFile, origin string, asked <-chan struct{}) *listener {
	t.Helper()
	s := &server{Options: Options{Logger: slog.New(slog.DiscardHandler)}, connections: newConnections(mostConnections)}
	s.Config = config.Config{Listen: "127.0.0.1:0", BaseURL: origin, TLS: config.TLS{CertFile: certFile, KeyFile: keyFile}}
	l, err := s.listenTLS(t.Context(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Method) }))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { s.certificate.watch(ctx, asked) })
	running.Go(func() {
		if err := l.serve(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		cancel()
		l.Close()
		running.Wait()
	})
	return l
}

// Clients on new and kept connections, over HTTP/1.1 and HTTP/2, go on while the
// certificate is replaced: no request fails, and new connections see the new one.
func TestACertificateIsReplacedUnderTraffic(t *testing.T) {
	pool := x509.NewCertPool()
	pairs := []pair{newPair(t, pool), newPair(t, pool), newPair(t, pool)}
	certFile, keyFile := pairs[0].inFiles(t)
	asked := make(chan struct{})
	l := served(t, certFile, keyFile, "https://push.example.org", asked)

	var clients sync.WaitGroup
	var stop atomic.Bool
	for i := range 12 {
		http2, kept := i%2 == 0, i%4 < 2
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: http2, DisableKeepAlives: !kept}
		clients.Go(func() {
			defer transport.CloseIdleConnections()
			client := http.Client{Transport: transport}
			for done := 0; !stop.Load() || done == 0; done++ {
				answer, err := client.Get(l.url)
				if err != nil {
					t.Errorf("a client (HTTP/2: %v, kept: %v) after %d requests: %v", http2, kept, done, err)
					return
				}
				_, err = io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
				if err != nil || (answer.ProtoMajor == 2) != http2 {
					t.Errorf("%s, %v", answer.Proto, err)
				}
			}
		})
	}
	for _, p := range append(pairs[1:], pairs...) {
		put(t, certFile, p.cert)
		asked <- struct{}{} // does not belong to the key: the one in use stays
		put(t, keyFile, p.key)
		asked <- struct{}{}
		for seen := ""; seen != p.serial; { // read while watch takes the wish
			conn, err := tls.Dial("tcp", l.net.Addr().String(), &tls.Config{RootCAs: pool})
			if err != nil {
				t.Fatal(err)
			}
			seen = conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
			conn.Close()
		}
	}
	stop.Store(true)
	clients.Wait()
}
