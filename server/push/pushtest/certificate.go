package pushtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"time"
)

type certificates struct {
	leaf tls.Certificate
	pool *x509.CertPool
	pem  []byte
}

// NewCertificate makes a certificate for loopback and for hosts, and returns with
// it, as PEM for SSL_CERT_FILE, that of the authority which signed it.
func NewCertificate(hosts ...string) (leaf tls.Certificate, authority []byte, err error) {
	c, err := newCertificates(Options{Hosts: hosts}, nil)
	return c.leaf, c.pem, err
}

func newCertificates(o Options, addr net.Addr) (certificates, error) {
	ca, err := newAuthority()
	if err != nil {
		return certificates{}, err
	}
	c := certificates{
		pool: x509.NewCertPool(),
		pem:  pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Certificate[0]}),
	}
	c.pool.AddCert(ca.Leaf)
	signer := ca
	if o.BadCertificate {
		if signer, err = newAuthority(); err != nil {
			return certificates{}, err
		}
	}
	if !o.Intermediate {
		c.leaf, err = newCertificate(leafTemplate(o, addr), &signer)
		return c, err
	}
	between, err := newCertificate(authorityTemplate("pushtest intermediate"), &signer)
	if err != nil {
		return certificates{}, err
	}
	c.leaf, err = newCertificate(leafTemplate(o, addr), &between)
	c.leaf.Certificate = append(c.leaf.Certificate, between.Certificate[0])
	return c, err
}

func newAuthority() (tls.Certificate, error) {
	return newCertificate(authorityTemplate("pushtest authority"), nil)
}

func authorityTemplate(name string) *x509.Certificate {
	return &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
}

func leafTemplate(o Options, addr net.Addr) *x509.Certificate {
	t := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "pushtest"},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if o.WrongHost {
		t.DNSNames = []string{"wrong.example"}
		return t
	}
	t.DNSNames = append([]string{"localhost"}, o.Hosts...)
	t.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	if tcp, ok := addr.(*net.TCPAddr); ok {
		t.IPAddresses = append(t.IPAddresses, tcp.IP)
	}
	return t
}

// newCertificate signs the template with signer, or with itself.
func newCertificate(t *x509.Certificate, signer *tls.Certificate) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	t.SerialNumber = big.NewInt(time.Now().UnixNano())
	// A fixed, wide span, so that an injected clock does not end it.
	t.NotBefore = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	t.NotAfter = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	parent, signKey := t, any(key)
	if signer != nil {
		parent, signKey = signer.Leaf, signer.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, t, parent, key.Public(), signKey)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}
