//go:build system

package systemtest

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"recado/server/browsertest"
	"recado/server/push/pushtest"
)

// On https's own port it redirects from http's as well, and SIGHUP lets it read a
// renewed certificate while nobody notices.
func TestSystemTLSWithoutAProxy(t *testing.T) {
	// An address of loopback on which nothing else listens.
	const host, origin = "127.0.76.3", "https://push.example.org"
	dir := t.TempDir()
	files := []string{filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")}
	pool := x509.NewCertPool()
	first := certify(t, pool, files)
	r := browsertest.StartRecado(t, browsertest.BuildBinary(t), map[string]string{
		"listen": host + ":443", "base_url": origin, "tls.cert_file": files[0], "tls.key_file": files[1],
	})
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, address := range []string{"http://" + host + "/admin?x=1", "http://" + host + ":443/admin?x=1"} {
		answer, err := client.Get(address)
		must(t, err)
		answer.Body.Close()
		if got := answer.Header.Get("Location"); answer.StatusCode != http.StatusPermanentRedirect || got != origin+"/admin?x=1" {
			t.Errorf("%s: %d to %q", address, answer.StatusCode, got)
		}
	}
	seen := func() string {
		conn, err := tls.Dial("tcp", host+":443", &tls.Config{RootCAs: pool, ServerName: "push.example.org"})
		must(t, err)
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
	}
	if got := seen(); got != first {
		t.Errorf("the certificate is %s, not %s", got, first)
	}
	second := certify(t, pool, files)
	must(t, syscall.Kill(r.Pid(), syscall.SIGHUP))
	waitUntil(t, "the renewed certificate is shown", func() bool { return seen() == second })

	// Without port 80 it serves all the same, and says so.
	if code := r.Stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	taken, err := net.Listen("tcp", host+":80")
	must(t, err)
	defer taken.Close()
	r.Restart()
	wants(t, r.Log(), "http is not redirected to https, since port 80 cannot be listened on")
	if got := seen(); got != second {
		t.Errorf("the certificate is %s, not %s", got, second)
	}
}

// certify puts a fresh certificate and its key into the files, adds its authority
// to pool and returns its number.
func certify(t *testing.T, pool *x509.CertPool, files []string) string {
	t.Helper()
	leaf, authority, err := pushtest.NewCertificate("push.example.org")
	must(t, err)
	pool.AppendCertsFromPEM(authority)
	key, err := x509.MarshalPKCS8PrivateKey(leaf.PrivateKey)
	must(t, err)
	must(t, os.WriteFile(files[0], pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Certificate[0]}), 0o600))
	must(t, os.WriteFile(files[1], pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), 0o600))
	return leaf.Leaf.SerialNumber.String()
}
