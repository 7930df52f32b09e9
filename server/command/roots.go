package command

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"time"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// roots is whom TLS trusts; nil where Go knows by itself. SSL_CERT_FILE adds to the
// roots of this machine. Where it has none, as in a bare container, Go would trust
// that file alone, and no push service any more.
func roots(p Process) *x509.CertPool {
	data, err := os.ReadFile(p.getenv("SSL_CERT_FILE"))
	if err != nil {
		return nil // there is none, or Go does without it as well
	}
	given := x509.NewCertPool()
	given.AppendCertsFromPEM(data)
	system, err := x509.SystemCertPool()
	if err != nil || !system.Equal(given) {
		return nil
	}
	return withEmbedded(given)
}

// withEmbedded adds to pool the roots that are embedded in the program.
func withEmbedded(pool *x509.CertPool) *x509.CertPool {
	for root := range bundle.Roots() {
		certificate, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			continue // a form that this Go does not read any more
		}
		if root.Constraint == nil {
			pool.AddCert(certificate)
		} else {
			pool.AddCertWithConstraint(certificate, root.Constraint)
		}
	}
	return pool
}

// transport is net/http's own with these roots.
func transport(p Process) *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 10 * time.Second,
		TLSClientConfig: &tls.Config{RootCAs: roots(p), MinVersion: tls.VersionTLS12},
	}
}
