package push

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

var vendors = Policy{AllowedHosts: []string{"*.googleapis.com", "*.google.com", "*.mozilla.com", "*.mozaws.net", "*.apple.com", "*.windows.com", "*.microsoft.com"}}

type addressVectors struct {
	MustBlock []string `json:"must_block"`
	MustAllow []string `json:"must_allow"`
	URLs      []string `json:"must_block_url_forms"`
	V4        []string `json:"v4_deny"`
	V6        []string `json:"v6_deny_inside_2000_3"`
}

func TestAllowedAddr(t *testing.T) {
	var v addressVectors
	readVectors(t, "addresses.json", &v)
	for _, s := range v.MustBlock {
		if AllowedAddr(netip.MustParseAddr(s)) {
			t.Errorf("%s is allowed", s)
		}
	}
	for _, s := range append(v.MustAllow, "::ffff:8.8.8.8") {
		if !AllowedAddr(netip.MustParseAddr(s)) {
			t.Errorf("%s is blocked", s)
		}
	}
	for _, s := range append(v.V4, v.V6...) {
		block := netip.MustParsePrefix(s)
		for _, a := range []netip.Addr{block.Addr(), lastOf(block)} {
			if AllowedAddr(a) {
				t.Errorf("%s of %s is allowed", a, s)
			}
			if a.Is4() && AllowedAddr(netip.AddrFrom16(a.As16())) {
				t.Errorf("::ffff:%s is allowed", a)
			}
		}
	}
	if AllowedAddr(netip.Addr{}) || AllowedAddr(netip.MustParseAddr("2606:4700::1%eth0")) {
		t.Error("no address, or one with a zone, is allowed")
	}
}

func lastOf(p netip.Prefix) netip.Addr {
	raw := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(raw)*8; bit++ {
		raw[bit/8] |= 1 << (7 - bit%8)
	}
	a, _ := netip.AddrFromSlice(raw)
	return a
}

func TestPolicyRefuses(t *testing.T) {
	var v addressVectors
	readVectors(t, "addresses.json", &v)
	public := Policy{AllowedHosts: []string{"*"}}
	for _, s := range append(v.URLs,
		"https://127.0.0.1/x.google.com/",
		"https://user@10.0.0.1:8443/.mozilla.com/",
		"https://google.com.evil.example/",
		"https://evilgoogle.com/x",
		"https://google.com/x", // "*.google.com" is below it
		"https://.google.com/x",
		"https://a..google.com/x",
		"https://fcm.googleapis.com:80/x",
		"https://fcm.googleapis.com:/x",
		"https://fcm.googleapis.com:00443/x",
		"https://fcm.googleapis.com../x",
		"https://fcm.googleapis.com%00.evil.example/x",
		"https://fcm。googleapis。com/x",
		"https://fcm.googleapis.com /x",
		"https://fcm.googleapis.com\t/x",
		"https://fcm.googleapis.com/x y",
		"https://fcm.googleapis.com/é",
		"https://fcm.googleapis.com/x\\y",
		"https:fcm.googleapis.com/x",
		"HTTPS:\\\\fcm.googleapis.com\\x",
		"https://[fe80::1%25eth0]/x",
		"https://fcm.googleapis.com/"+strings.Repeat("x", maxEndpoint),
		"",
	) {
		if e, err := vendors.Check(s); err == nil {
			t.Errorf("%q passes as %q", s, e.URL)
		} else {
			var endpoint *EndpointError
			if !errors.As(err, &endpoint) {
				t.Errorf("%q: %T", s, err)
			}
		}
	}
	// What no list of hosts makes right.
	for _, s := range []string{
		"http://push.example.net/x", "https://push.example.net:8443/x", "https://8.8.8.8/x", "https://[2606:4700::1]/x",
		"https://0x7f.1/x", "https://127.1/x", "https://2130706433/x", "https://0x7f000001/x", "https://a.0x/x", "https://017700000001/x",
		"https://localhost/x", "https://localhost./x", "https://a.localhost/x", "https://router/x", "https://printer.local/x",
		"https://u:p@push.example.net/x", "https://push.example.net/x#f", "https://metadata.google.internal/x",
	} {
		if e, err := public.Check(s); err == nil {
			t.Errorf("with *: %q passes as %q", s, e.URL)
		}
	}
}

func TestPolicyAllows(t *testing.T) {
	lan := Policy{AllowedHosts: []string{"*"}, AllowPrivateNetworks: true, AllowHTTP: true}
	some := Policy{AllowedHosts: []string{"push.example.net", "192.0.2.7", "[2001:db8::1]", "*.Example.ORG."}, AllowPrivateNetworks: true, AllowHTTP: true}
	for _, c := range []struct {
		policy                   Policy
		in, url, origin, service string
	}{
		{vendors, "https://fcm.googleapis.com/fcm/send/a:b-c_d?x=%2F", "https://fcm.googleapis.com/fcm/send/a:b-c_d?x=%2F", "https://fcm.googleapis.com", "fcm.googleapis.com"},
		{vendors, "https://updates.push.services.mozilla.com:443/wpush/v2/gAA%3D%3D", "https://updates.push.services.mozilla.com/wpush/v2/gAA%3D%3D", "https://updates.push.services.mozilla.com", "updates.push.services.mozilla.com"},
		{vendors, "https://WEB.Push.Apple.com./Q", "https://web.push.apple.com/Q", "https://web.push.apple.com", "web.push.apple.com"},
		{Policy{AllowedHosts: []string{"*"}}, "https://xn--bcher-kva.example/x", "https://xn--bcher-kva.example/x", "https://xn--bcher-kva.example", "xn--bcher-kva.example"},
		{lan, "http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x", "http://127.0.0.1:8080", "127.0.0.1:8080"},
		{lan, "http://localhost:80/x", "http://localhost/x", "http://localhost", "localhost"},
		{lan, "https://[::1]:8443/x", "https://[::1]:8443/x", "https://[::1]:8443", "[::1]:8443"},
		{lan, "https://ntfy/x", "https://ntfy/x", "https://ntfy", "ntfy"},
		{some, "https://192.0.2.7/x", "https://192.0.2.7/x", "https://192.0.2.7", "192.0.2.7"},
		{some, "http://[2001:DB8::1]:99/x", "http://[2001:db8::1]:99/x", "http://[2001:db8::1]:99", "[2001:db8::1]:99"},
		{some, "https://a.b.example.org/x", "https://a.b.example.org/x", "https://a.b.example.org", "a.b.example.org"},
		{Policy{AllowedHosts: []string{"push.example.net"}, AllowHTTP: true}, "http://push.example.net/x", "http://push.example.net/x", "http://push.example.net", "push.example.net"},
	} {
		e, err := c.policy.Check(c.in)
		if err != nil || e.URL != c.url || e.Origin != c.origin || e.Service != c.service {
			t.Errorf("%q: %+v, %v", c.in, e, err)
		}
	}
	for _, s := range []string{"http://192.0.2.8/x", "http://example.org/x", "http://127.0.0.1/x"} {
		var refused *EndpointError
		if _, err := some.Check(s); !errors.As(err, &refused) || refused.Reason != HostNotAllowed || refused.Host == "" {
			t.Errorf("%q: %v", s, err)
		}
	}
	if _, err := (Policy{AllowedHosts: []string{"*google.com", "", "*."}}).Check("https://evilgoogle.com/x"); err == nil {
		t.Error("a rule that splits a label matches")
	}
	// Each permission alone does not open what takes both.
	for _, p := range []Policy{{AllowedHosts: []string{"*"}, AllowHTTP: true}, {AllowedHosts: []string{"*"}, AllowPrivateNetworks: true}} {
		for _, s := range []string{"https://push.example.net:8443/x", "https://8.8.8.8/x"} {
			if _, err := p.Check(s); err == nil {
				t.Errorf("%+v lets %q pass", p, s)
			}
		}
	}
}

func TestEndpointErrorsAreDiscreet(t *testing.T) {
	for _, s := range []string{"https://evil.example/TOPSECRETTOPSECRET", "https://%zz/TOPSECRETTOPSECRET", "https://fcm.googleapis.com:1/TOPSECRETTOPSECRET"} {
		_, err := vendors.Check(s)
		if err == nil || strings.Contains(err.Error(), "TOPSECRET") {
			t.Errorf("%q: %v", s, err)
		}
	}
	_, err := vendors.Check("https://push.example.net/x")
	if err == nil || !strings.Contains(err.Error(), "push.allowed_hosts") || !strings.Contains(err.Error(), "push.example.net") {
		t.Errorf("the error does not say what to do: %v", err)
	}
}

func FuzzPolicyCheck(f *testing.F) {
	var v addressVectors
	readVectors(f, "addresses.json", &v)
	for _, s := range v.URLs {
		f.Add(s)
	}
	f.Add("https://fcm.googleapis.com/fcm/send/abc:def")
	f.Add("https://WEB.push.apple.com.:443/a?b#")
	f.Fuzz(func(t *testing.T, s string) {
		e, err := vendors.Check(s)
		if err != nil {
			var endpoint *EndpointError
			if !errors.As(err, &endpoint) {
				t.Fatalf("%T", err)
			}
			return
		}
		u, err := url.Parse(e.URL)
		if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" || u.Fragment != "" {
			t.Fatalf("%q passes as %q", s, e.URL)
		}
		allowed := false
		for _, rule := range vendors.AllowedHosts {
			allowed = allowed || strings.HasSuffix(u.Host, rule[1:])
		}
		if !allowed || e.Origin != "https://"+u.Host || e.Service != u.Host {
			t.Fatalf("%q passes as %+v", s, e)
		}
		again, err := vendors.Check(e.URL)
		if err != nil || again.URL != e.URL {
			t.Fatalf("%q is not canonical: %q, %v", e.URL, again.URL, err)
		}
	})
}
