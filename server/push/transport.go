package push

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// Transport carries one request to a push service and answers with the status
// and headers; the body is read from the response and closed by the Sender.
//
// It must not follow redirects, and must send a request again only when the
// first was provably not processed. It is safe for concurrent use, and ends when
// the request's context does.
type Transport interface {
	RoundTrip(*http.Request) (*http.Response, error)
}

// BlockedAddrError says that a host leads to an address outside the public
// internet; no connection was made.
type BlockedAddrError struct{ Addr netip.Addr }

func (e *BlockedAddrError) Error() string {
	return fmt.Sprintf("the host leads to the address %s, which is not public; push.allow_private_networks would allow it", e.Addr)
}

const (
	defaultMaxConns = 16
	idleTimeout     = 90 * time.Second
	maxHeader       = 32 << 10 // bytes of an answer's header

	// An HTTP/2 connection that is silent for pingAfter while something waits on
	// it is probed, and closed when that is not answered within pingTimeout.
	pingAfter   = 10 * time.Second
	pingTimeout = 5 * time.Second
)

// newTransport is the Transport of net/http behind the guarded dialer.
func newTransport(o Options) *http.Transport {
	dial := o.Dial
	if dial == nil {
		dial = guardedDialer(o).DialContext
	}
	return &http.Transport{
		Proxy:       nil, // a proxy would resolve names past the guard
		DialContext: dial,
		TLSClientConfig: &tls.Config{
			MinVersion:         tls.VersionTLS12,
			RootCAs:            o.RootCAs,
			ClientSessionCache: tls.NewLRUClientSessionCache(256),
		},
		TLSHandshakeTimeout:    o.Timeout, // dials outlive the request that began them
		ForceAttemptHTTP2:      true,      // a DialContext of one's own turns it off
		DisableCompression:     true,      // an answer must not grow after it was counted
		MaxConnsPerHost:        o.MaxConns,
		MaxIdleConnsPerHost:    o.MaxConns,
		MaxIdleConns:           16 * o.MaxConns,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxHeader,
		HTTP2: &http.HTTP2Config{
			SendPingTimeout:  pingAfter,
			PingTimeout:      pingTimeout,
			WriteByteTimeout: o.Timeout,
			// Answers are short; what is not read must not pile up.
			MaxReceiveBufferPerStream:     16 << 10,
			MaxReceiveBufferPerConnection: 1 << 20,
		},
	}
}

// guardedDialer judges each address at the moment of connecting, after the name
// has been resolved: a resolver that answers differently the second time gains
// nothing.
func guardedDialer(o Options) *net.Dialer {
	d := &net.Dialer{Timeout: o.Timeout, Resolver: o.Resolver}
	if !o.Policy.AllowPrivateNetworks {
		d.ControlContext = func(_ context.Context, network, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil {
				return fmt.Errorf("unexpected address to connect to: %w", err)
			}
			if !AllowedAddr(at.Addr()) {
				return &BlockedAddrError{at.Addr()}
			}
			return nil
		}
	}
	return d
}

// Options configures a Sender. Only Policy has no useful zero value.
type Options struct {
	Policy  Policy
	Subject string        // the VAPID sub claim, a mailto: or https: URL
	Timeout time.Duration // of one request from dial to answer; 0 means 15 s
	// MaxConns bounds the connections to one push service that are made at a
	// time; 0 means 16, each of which carries a hundred requests at a time over
	// HTTP/2 and one over HTTP/1.1.
	MaxConns  int
	UserAgent string // empty means "recado"
	// Transport carries the requests; nil means net/http behind a dialer that
	// enforces the Policy. One that is given has to enforce it by itself.
	Transport Transport
	Now       func() time.Time // nil means time.Now

	// For the transport of nil only: where names are looked up, whose
	// certificates are believed, and, in tests, what replaces the guarded dialer.
	Resolver *net.Resolver
	RootCAs  *x509.CertPool
	Dial     func(ctx context.Context, network, address string) (net.Conn, error)
}

const defaultTimeout = 15 * time.Second

func (o Options) withDefaults() Options {
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.MaxConns <= 0 {
		o.MaxConns = defaultMaxConns
	}
	if o.UserAgent == "" {
		o.UserAgent = "recado"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Transport == nil {
		o.Transport = newTransport(o)
	}
	return o
}
