package push

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// maxEndpoint bounds an endpoint's length in bytes; real ones have under 600.
const maxEndpoint = 2048

// Policy says which endpoints may be posted to.
type Policy struct {
	// AllowedHosts are host names; "*.example.com" is every name below
	// example.com, "*" every public host name.
	AllowedHosts []string
	// AllowPrivateNetworks lifts the check of the address that a name leads to.
	AllowPrivateNetworks bool
	// AllowHTTP lets http beside https. Together with AllowPrivateNetworks it
	// also lets any port, and IP addresses that AllowedHosts lets.
	AllowHTTP bool
}

// Endpoint is a push endpoint that a Policy has let pass.
type Endpoint struct {
	URL     string // in canonical form; it is a secret
	Origin  string // scheme://host[:port], without the scheme's own port
	Service string // host, or host:port when the port is not the scheme's own

	parsed *url.URL
}

// EndpointProblem is the kind of an EndpointError.
type EndpointProblem int

const (
	// Malformed: it is no endpoint that a push service could have given.
	Malformed EndpointProblem = iota + 1
	// HostNotAllowed: the operator's Policy leaves its host out.
	HostNotAllowed
)

// EndpointError says why an endpoint is refused. It never holds more of the
// endpoint than the host.
type EndpointError struct {
	Reason EndpointProblem
	Host   string // set with HostNotAllowed
	Detail string // a sentence for whoever sent or runs it
}

func (e *EndpointError) Error() string { return "endpoint: " + e.Detail }

func malformed(format string, args ...any) error {
	return &EndpointError{Reason: Malformed, Detail: fmt.Sprintf(format, args...)}
}

// Check parses an endpoint and judges it. Every error is an *EndpointError.
//
// It looks at the parsed URL only: what a pattern finds somewhere in the text
// says nothing about where a request would go.
func (p Policy) Check(endpoint string) (Endpoint, error) {
	u, err := parseEndpoint(endpoint)
	if err != nil {
		return Endpoint{}, err
	}
	lan := p.AllowPrivateNetworks && p.AllowHTTP
	ownPort := "443"
	switch {
	case u.Scheme == "http" && p.AllowHTTP:
		ownPort = "80"
	case u.Scheme != "https":
		return Endpoint{}, malformed("must be an https URL")
	}
	port := u.Port()
	if port == ownPort || port == "" {
		port = ""
	} else if !lan {
		return Endpoint{}, malformed("port %s is not allowed, only the default one; other ports need push.allow_private_networks and push.allow_http", port)
	}
	host, err := p.checkHost(u.Hostname(), lan)
	if err != nil {
		return Endpoint{}, err
	}
	u.Host = host
	if strings.Contains(host, ":") {
		u.Host = "[" + host + "]"
	}
	if port != "" {
		u.Host += ":" + port
	}
	return Endpoint{URL: u.String(), Origin: u.Scheme + "://" + u.Host, Service: u.Host, parsed: u}, nil
}

// parseEndpoint lets pass only what every URL parser reads alike.
func parseEndpoint(endpoint string) (*url.URL, error) {
	if endpoint == "" {
		return nil, malformed("is missing")
	}
	if len(endpoint) > maxEndpoint {
		return nil, malformed("has %d bytes, at most %d are allowed", len(endpoint), maxEndpoint)
	}
	for i := range len(endpoint) {
		if c := endpoint[i]; c <= ' ' || c >= 0x7f || c == '\\' || c == '#' {
			return nil, malformed("must be a URL of printable ASCII without blanks, backslashes or a fragment")
		}
	}
	u, err := url.Parse(endpoint)
	if err != nil { // not wrapped: it would repeat the endpoint
		return nil, malformed("is not a URL")
	}
	switch {
	case u.Host == "" || u.Opaque != "":
		return nil, malformed("must be an absolute https URL")
	case u.User != nil:
		return nil, malformed("must not name a user")
	case strings.HasSuffix(u.Host, ":"):
		return nil, malformed("names an empty port")
	}
	if port := u.Port(); port != "" && (port[0] == '0' || len(port) > 5 || len(port) == 5 && port > "65535") {
		return nil, malformed("names a port that does not exist")
	}
	return u, nil
}

// checkHost answers the canonical form of an allowed host.
func (p Policy) checkHost(raw string, lan bool) (string, error) {
	host := strings.ToLower(strings.TrimSuffix(raw, "."))
	if addr, err := netip.ParseAddr(host); err == nil {
		if addr.Zone() != "" {
			return "", malformed("must not name a network zone")
		}
		host = addr.String()
		if !lan {
			return "", refusedHost(host, "the host "+host+" is an IP address; it needs push.allow_private_networks and push.allow_http, and a place in push.allowed_hosts")
		}
	} else if problem := hostNameProblem(host); problem != "" {
		return "", malformed("%s", problem)
	}
	for _, rule := range p.AllowedHosts {
		if p.matches(rule, host) {
			return host, nil
		}
	}
	return "", refusedHost(host, "the host "+host+" is not in push.allowed_hosts")
}

func refusedHost(host, detail string) error {
	return &EndpointError{Reason: HostNotAllowed, Host: host, Detail: detail}
}

func (p Policy) matches(rule, host string) bool {
	rule = strings.TrimSpace(rule)
	if rule == "*" {
		return p.AllowPrivateNetworks || isPublicName(host)
	}
	rule = strings.TrimSuffix(rule, ".")
	if below, ok := strings.CutPrefix(rule, "*"); ok {
		// below starts with its dot, so that only whole labels match.
		return len(below) > 1 && below[0] == '.' && len(host) > len(below) &&
			strings.EqualFold(host[len(host)-len(below):], below)
	}
	return strings.EqualFold(strings.Trim(rule, "[]"), host)
}

// isPublicName leaves out names that only a local resolver knows (RFC 6761,
// RFC 6762, RFC 8375 and the reserved .internal).
func isPublicName(host string) bool {
	if !strings.Contains(host, ".") {
		return false
	}
	for _, local := range []string{".localhost", ".local", ".internal", ".home.arpa", ".localdomain"} {
		if strings.HasSuffix(host, local) {
			return false
		}
	}
	return true
}

// hostNameProblem says what keeps a lower-case host from being a DNS name, or
// nothing.
func hostNameProblem(host string) string {
	if len(host) == 0 || len(host) > 253 {
		return "has no valid host name"
	}
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if len(label) == 0 || len(label) > 63 {
			return "has no valid host name"
		}
		for i := range len(label) {
			if c := label[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return "has no valid host name; an international one is written in its xn-- form"
			}
		}
	}
	// Resolvers read 2130706433, 0x7f.1 and 127.1 as IPv4 addresses. No top-level
	// domain is a number (WHATWG URL, "ends in a number").
	last := labels[len(labels)-1]
	if strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") && strings.Trim(last[2:], "0123456789abcdef") == "" {
		return "must name its host, not a number"
	}
	return ""
}
