package push

import "net/netip"

// deniedV4 are the special-purpose blocks of the IANA registry (RFC 6890 and its
// updates) and one that a large cloud uses for its hosts' metadata.
var deniedV4 = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
	"172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24",
	"192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
	"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
	"240.0.0.0/4", "255.255.255.255/32", "168.63.129.16/32",
)

// Of IPv6 only the global unicast block is allowed, which leaves out loopback,
// NAT64, unique local, link local and multicast, less what is special in it.
var (
	globalV6 = netip.MustParsePrefix("2000::/3")
	deniedV6 = prefixes("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)

func prefixes(blocks ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(blocks))
	for i, block := range blocks {
		list[i] = netip.MustParsePrefix(block)
	}
	return list
}

// AllowedAddr reports whether an address is on the public internet, so that a
// stranger's endpoint may lead there.
func AllowedAddr(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" {
		return false
	}
	// An IPv4 address in IPv6 clothes is the IPv4 address.
	a = a.Unmap()
	if a.Is4() {
		return !inAny(deniedV4, a)
	}
	return globalV6.Contains(a) && !inAny(deniedV6, a)
}

func inAny(list []netip.Prefix, a netip.Addr) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
