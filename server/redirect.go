package server

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"recado/server/config"
)

// httpsAddress is where a request that came by http should have gone.
func httpsAddress(origin string, r *http.Request) string {
	path := r.URL.RequestURI()
	if !strings.HasPrefix(path, "/") { // OPTIONS *
		path = "/"
	}
	return origin + path
}

// redirects listens on port 80 for browsers that were given a bare name, when this
// server is its host's only one: base_url and listen both have https's own port. nil
// when it is not, or when the port is not to be had, which stops nothing.
func (s *server) redirects(ctx context.Context) (*listener, error) {
	address := plainAddress(s.Config)
	if address == "" {
		return nil, nil
	}
	l := &listener{Server: s.httpServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// 308: the method and the body stay (RFC 9110 §15.4.9).
		http.Redirect(w, r, httpsAddress(s.Config.BaseURL, r), http.StatusPermanentRedirect)
	}))}
	if err := l.open(ctx, "beside listen", address, "http"); err != nil {
		s.Logger.Warn("http is not redirected to https, since port 80 cannot be listened on", "error", err)
		return nil, nil
	}
	l.limit(s.connections)
	return l, nil
}

// plainAddress is where to listen for http; empty = nowhere.
func plainAddress(c config.Config) string {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil || port != "443" || c.TLS.CertFile == "" {
		return ""
	}
	base, err := url.Parse(c.BaseURL)
	if err != nil || base.Scheme != "https" || base.Port() != "" {
		return ""
	}
	return net.JoinHostPort(host, "80")
}

// maxUnread is how much of a request that is redirected is let pass: the largest
// body that any route takes.
const maxUnread = 1 << 20

// sniffing is a listener for TLS that sends whoever speaks plain HTTP to origin.
type sniffing struct {
	net.Listener
	origin string
}

func (l sniffing) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &sniffed{Conn: conn, origin: l.origin}, nil
}

// sniffed is a connection whose first octet shows what is spoken: a method of HTTP
// is in capitals, a TLS record begins with its type, 22 (RFC 8446 §5.1).
type sniffed struct {
	net.Conn
	origin string
	known  bool
}

func (c *sniffed) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.known || n == 0 {
		return n, err
	}
	c.known = true
	if b[0] < 'A' || 'Z' < b[0] {
		return n, err
	}
	c.redirect(b[:n])
	return 0, io.EOF
}

// redirect answers the request that begins with what was read. The time that a TLS
// handshake may take bounds it.
func (c *sniffed) redirect(first []byte) {
	in := io.LimitReader(io.MultiReader(bytes.NewReader(first), c.Conn), maxHeaderBytes)
	r, err := http.ReadRequest(bufio.NewReader(in))
	if err != nil {
		return // not HTTP either
	}
	answer := http.Response{
		StatusCode: http.StatusPermanentRedirect, ProtoMajor: 1, ProtoMinor: 1, Request: r, Close: true,
		Header: http.Header{"Location": {httpsAddress(c.origin, r)}},
	}
	if answer.Write(c.Conn) != nil {
		return
	}
	// Closing on a body that was not read would reset the connection and with it the
	// answer (RFC 9112 §9.6).
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(c.Conn, maxUnread))
	}
}
