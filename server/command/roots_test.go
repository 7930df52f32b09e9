package command

import (
	"crypto/x509"
	"testing"

	"golang.org/x/crypto/x509roots/fallback/bundle"

	"recado/server/push/pushtest"
)

// What a bare container is given to trust comes on top of what is embedded.
func TestEmbeddedRootsAreTrustedBesideTheGiven(t *testing.T) {
	leaf, authority, err := pushtest.NewCertificate()
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	pool = withEmbedded(pool)
	if _, err := leaf.Leaf.Verify(x509.VerifyOptions{Roots: pool}); err != nil {
		t.Error(err)
	}
	embedded := 0
	for root := range bundle.Roots() {
		certificate, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := certificate.Verify(x509.VerifyOptions{Roots: pool}); err != nil {
			t.Errorf("%s: %v", certificate.Subject, err)
		}
		embedded++
	}
	if embedded < 100 {
		t.Errorf("only %d roots are embedded", embedded)
	}
	if roots(Process{}) != nil || roots(Process{Environ: []string{"SSL_CERT_FILE=/nowhere"}}) != nil {
		t.Error("Go's own way is not kept where nothing is given")
	}
}
