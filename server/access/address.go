package access

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// ClientAddress is the address that a request comes from: the peer's, or, when
// the peer is a trusted proxy, the rightmost address in X-Forwarded-For that is
// none. What stands further left was written by the client itself and proves
// nothing. Loopback peers are trusted while the server listens on loopback
// only: then whoever connects is a proxy of this machine, or its user.
//
// An entry that is no address ends the walk: the proxy that wrote it counts as
// the client. The zero Addr means that the peer has no address (a unix socket).
func ClientAddress(r *http.Request, trustedProxies []netip.Prefix, listenLoopback bool) netip.Addr {
	trusted := func(a netip.Addr) bool { return isProxy(a, trustedProxies, listenLoopback) }
	client, ok := parseAddress(r.RemoteAddr)
	if !ok || !trusted(client) {
		return client
	}
	// Several header lines are one list (RFC 9110 §5.3).
	lines := r.Header.Values("X-Forwarded-For")
	for i := len(lines) - 1; i >= 0; i-- {
		for rest, more := lines[i], true; more; {
			var entry string
			rest, entry, more = cutLast(rest)
			hop, ok := parseAddress(strings.TrimSpace(entry))
			if !ok {
				return client
			}
			if client = hop; !trusted(hop) {
				return client
			}
		}
	}
	return client
}

func isProxy(a netip.Addr, trustedProxies []netip.Prefix, listenLoopback bool) bool {
	return listenLoopback && a.IsLoopback() ||
		slices.ContainsFunc(trustedProxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// cutLast cuts s around its last comma.
func cutLast(s string) (before, last string, found bool) {
	if i := strings.LastIndexByte(s, ','); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return "", s, false
}

// parseAddress reads an address with or without a port, IPv6 with or without
// brackets. An IPv4 address in IPv6 form is the IPv4 address; a zone is dropped,
// for it means something on this machine only.
func parseAddress(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	if err != nil {
		ap, err := netip.ParseAddrPort(s)
		if err != nil {
			return netip.Addr{}, false
		}
		a = ap.Addr()
	}
	return a.Unmap().WithZone(""), true
}

// limitKey is what limits count by: an IPv6 client can use any address of its
// /64, so that is one client.
func limitKey(a netip.Addr) netip.Addr {
	if !a.Is6() {
		return a
	}
	p, err := a.Prefix(64)
	if err != nil {
		return a
	}
	return p.Addr()
}
