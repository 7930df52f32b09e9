package server

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"recado/server/config"
)

// Who speaks http to the port of https is sent to https, with method and body.
func TestPlainHTTPOnTheTLSPortIsRedirected(t *testing.T) {
	pool := x509.NewCertPool()
	certFile, keyFile := newPair(t, pool).inFiles(t)
	l := served(t, certFile, keyFile, "https://push.example.org", nil)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	plain := strings.Replace(l.url, "https://", "http://", 1)
	for _, test := range []struct{ method, path, body string }{
		{"GET", "/", ""},
		{"GET", "/?invite=a%20b&x=1", ""},
		{"HEAD", "/admin", ""},
		{"GET", "//elsewhere.example/x", ""},
		{"POST", "/api/notify", strings.Repeat("x", 20_000)},
	} {
		r, err := http.NewRequest(test.method, plain+test.path, strings.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Do(r)
		if err != nil {
			t.Errorf("%s %s: %v", test.method, test.path, err)
			continue
		}
		answer.Body.Close()
		if got := answer.Header.Get("Location"); answer.StatusCode != 308 || got != "https://push.example.org"+test.path {
			t.Errorf("%s %s: %d to %q", test.method, test.path, answer.StatusCode, got)
		}
	}
	for said, want := range map[string]string{
		"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n":                      "Location: https://push.example.org/\r\n",
		"GET http://elsewhere.example/x HTTP/1.1\r\nHost: x\r\n\r\n": "Location: https://push.example.org/x\r\n",
		// Not before all of it is said does anybody listen to the answer.
		"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" + strings.Repeat("x", 900_000): "Location: https://push.example.org/hook\r\n",
		"HELO me\r\n\r\n": "",
		"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("y", 2*maxHeaderBytes) + "\r\n\r\n": "",
	} {
		if got := answerTo(t, l.net.Addr(), said); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%.60q: %q", said, got)
		}
	}
	if conn, err := tls.Dial("tcp", l.net.Addr().String(), &tls.Config{RootCAs: pool}); err != nil {
		t.Errorf("TLS does not work any more: %v", err)
	} else {
		conn.Close()
	}
}

// answerTo is all that comes back for what is said.
func answerTo(t *testing.T, addr net.Addr, said string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = fmt.Fprint(conn, said) // may be cut off
	got, _ := io.ReadAll(conn)    // may be reset
	return string(got)
}

func TestPort80IsListenedOnBeside443Only(t *testing.T) {
	files := config.TLS{CertFile: "c", KeyFile: "k"}
	for _, test := range []struct {
		listen, base string
		tls          config.TLS
		want         string
	}{
		{":443", "https://push.example.org", files, ":80"},
		{"192.0.2.1:443", "https://push.example.org", files, "192.0.2.1:80"},
		{"[::]:443", "https://[2001:db8::1]", files, "[::]:80"},
		{":443", "https://push.example.org:8443", files, ""}, // behind something
		{":8443", "https://push.example.org", files, ""},
		{":443", "http://push.example.org", files, ""},
		{":443", "https://push.example.org", config.TLS{}, ""},
	} {
		if got := plainAddress(config.Config{Listen: test.listen, BaseURL: test.base, TLS: test.tls}); got != test.want {
			t.Errorf("%+v: %q", test, got)
		}
	}
}
