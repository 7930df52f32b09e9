package access

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

func TestClientAddress(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	tests := []struct {
		name, peer string
		forwarded  []string
		loopback   bool
		want       string
	}{
		{"no proxy", "192.0.2.1:1234", nil, false, "192.0.2.1"},
		{"an untrusted peer cannot speak for others", "192.0.2.1:1234", []string{"198.51.100.7"}, false, "192.0.2.1"},
		{"nor while listening on loopback", "192.0.2.1:1234", []string{"198.51.100.7"}, true, "192.0.2.1"},
		{"a trusted proxy", "10.1.2.3:1", []string{"198.51.100.7"}, false, "198.51.100.7"},
		{"two trusted proxies", "10.1.2.3:1", []string{"198.51.100.7, 10.9.9.9"}, false, "198.51.100.7"},
		{"what the client itself wrote", "10.1.2.3:1", []string{"1.1.1.1, 198.51.100.7"}, false, "198.51.100.7"},
		{"on a line of its own", "10.1.2.3:1", []string{"1.1.1.1", "198.51.100.7"}, false, "198.51.100.7"},
		{"a trusted address as a disguise", "10.1.2.3:1", []string{"10.0.0.1, 198.51.100.7"}, false, "198.51.100.7"},
		{"everybody is trusted", "10.1.2.3:1", []string{"10.0.0.1, 10.0.0.2"}, false, "10.0.0.1"},
		{"a proxy without the header", "10.1.2.3:1", nil, false, "10.1.2.3"},
		{"garbage", "10.1.2.3:1", []string{"unknown"}, false, "10.1.2.3"},
		{"garbage to the left", "10.1.2.3:1", []string{"<script>, 198.51.100.7"}, false, "198.51.100.7"},
		{"garbage behind a proxy", "10.1.2.3:1", []string{"198.51.100.7, _hidden, 10.4.4.4"}, false, "10.4.4.4"},
		{"empty entries", "10.1.2.3:1", []string{",,"}, false, "10.1.2.3"},
		{"an empty header", "10.1.2.3:1", []string{""}, false, "10.1.2.3"},
		{"with a port", "10.1.2.3:1", []string{"198.51.100.7:5555"}, false, "198.51.100.7"},
		{"IPv6", "10.1.2.3:1", []string{"2a00::1"}, false, "2a00::1"},
		{"IPv6 in brackets with a port", "10.1.2.3:1", []string{"[2a00::1]:5555"}, false, "2a00::1"},
		{"IPv6 in brackets", "10.1.2.3:1", []string{"[2a00::1]"}, false, "2a00::1"},
		{"an IPv6 proxy", "[2001:db8::1]:1", []string{"198.51.100.7"}, false, "198.51.100.7"},
		{"IPv4 in IPv6", "[::ffff:10.1.2.3]:1", []string{"::ffff:198.51.100.7"}, false, "198.51.100.7"},
		{"a zone", "[fe80::1%eth0]:1", nil, false, "fe80::1"},
		{"loopback while listening on loopback", "127.0.0.1:1", []string{"198.51.100.7"}, true, "198.51.100.7"},
		{"through two of this machine", "[::1]:1", []string{"198.51.100.7, 127.0.0.1"}, true, "198.51.100.7"},
		{"loopback while listening on all", "127.0.0.1:1", []string{"198.51.100.7"}, false, "127.0.0.1"},
		{"a unix socket", "@", []string{"198.51.100.7"}, true, "invalid IP"},
	}
	for _, tt := range tests {
		r := &http.Request{RemoteAddr: tt.peer, Header: http.Header{"X-Forwarded-For": tt.forwarded}}
		if got := ClientAddress(r, proxies, tt.loopback).String(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestLimitKey(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.1":            "192.0.2.1",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::",
	} {
		if got := limitKey(netip.MustParseAddr(addr)).String(); got != want {
			t.Errorf("limitKey(%s) = %s, want %s", addr, got, want)
		}
	}
	if limitKey(netip.Addr{}).IsValid() {
		t.Error("no address has become one")
	}
}

func FuzzClientAddress(f *testing.F) {
	f.Add("192.0.2.1:1", "198.51.100.7", "10.0.0.1")
	f.Add("10.0.0.1:1", "a, [::1]:99999, 1.2.3.4", ",,")
	f.Add("[::1]:1", strings.Repeat("10.0.0.1,", 1000), "[fe80::1%25eth0]")
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	f.Fuzz(func(t *testing.T, peer, first, second string) {
		r := &http.Request{RemoteAddr: peer, Header: http.Header{"X-Forwarded-For": {first, second}}}
		got := ClientAddress(r, proxies, false)
		own, ok := parseAddress(peer)
		if ok != got.IsValid() {
			t.Errorf("%q became %s", peer, got)
		}
		if ok && !proxies[0].Contains(own) && got != own {
			t.Errorf("%s spoke for %s", own, got)
		}
		if got.Is4In6() || got.Zone() != "" {
			t.Errorf("%s is not in canonical form", got)
		}
	})
}
