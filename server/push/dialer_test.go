package push

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"recado/server/push/pushtest"
)

// rebinding is a name server that gives each lookup the next of its answers.
type rebinding struct {
	mu      sync.Mutex
	answers []netip.Addr
	lookups atomic.Int32
}

func (r *rebinding) resolver(t *testing.T) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			if err := r.serve(server); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
				t.Error(err)
			}
		}()
		return client, nil
	}}
}

// serve answers over a stream (RFC 1035 §4.2.2), which is what the resolver
// takes a connection for that is no net.PacketConn.
func (r *rebinding) serve(conn net.Conn) error {
	for {
		var size [2]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return err
		}
		packet := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(conn, packet); err != nil {
			return err
		}
		var query dnsmessage.Message
		if err := query.Unpack(packet); err != nil {
			return err
		}
		answer := dnsmessage.Message{Header: dnsmessage.Header{ID: query.ID, Response: true, RecursionAvailable: true}, Questions: query.Questions}
		if a := r.next(); query.Questions[0].Type == dnsmessage.TypeA && a.Is4() {
			answer.Answers = []dnsmessage.Resource{{
				Header: dnsmessage.ResourceHeader{Name: query.Questions[0].Name, Class: dnsmessage.ClassINET},
				Body:   &dnsmessage.AResource{A: a.As4()},
			}}
		} else if query.Questions[0].Type == dnsmessage.TypeAAAA && !a.Is4() {
			answer.Answers = []dnsmessage.Resource{{
				Header: dnsmessage.ResourceHeader{Name: query.Questions[0].Name, Class: dnsmessage.ClassINET},
				Body:   &dnsmessage.AAAAResource{AAAA: a.As16()},
			}}
		}
		out, err := answer.AppendPack([]byte{0, 0})
		if err != nil {
			return err
		}
		binary.BigEndian.PutUint16(out, uint16(len(out)-2))
		if _, err := conn.Write(out); err != nil {
			return err
		}
	}
}

func (r *rebinding) next() netip.Addr {
	r.lookups.Add(1)
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.answers[0]
	if len(r.answers) > 1 {
		r.answers = r.answers[1:]
	}
	return a
}

// A name that passes the policy may still lead anywhere; only the address at the
// moment of connecting counts.
func TestResolverCannotLeadInside(t *testing.T) {
	var v addressVectors
	readVectors(t, "addresses.json", &v)
	keys, key := newBrowser(t).keys(), newKey(t)
	for _, s := range v.MustBlock {
		r := &rebinding{answers: []netip.Addr{netip.MustParseAddr(s)}}
		sender := NewSender(Options{Policy: vendors, Resolver: r.resolver(t), Timeout: 2 * time.Second})
		got := sender.Send(t.Context(), key, Target{"https://fcm.googleapis.com/fcm/send/SECRETSECRET", keys}, Message{})
		sender.Close()
		if got.Class != Retry || got.Code != 0 || !strings.Contains(got.Reason, "not public") || strings.Contains(got.Reason, "SECRET") {
			t.Errorf("%s: %+v", s, got)
		}
		if r.lookups.Load() == 0 {
			t.Errorf("%s: the name server was not asked", s)
		}
	}
}

func TestGuardActsAtConnectTime(t *testing.T) {
	service := pushtest.Start(t, pushtest.Options{})
	address := strings.TrimPrefix(service.URL(), "http://")
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	// The first answers are public, as a check ahead of the connection would see
	// them; the one that is connected to is not.
	r := &rebinding{answers: []netip.Addr{netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("127.0.0.1")}}
	resolver := r.resolver(t)
	if addrs, err := resolver.LookupHost(t.Context(), "push.example.net"); err != nil || addrs[0] != "8.8.8.8" {
		t.Fatalf("%v, %v", addrs, err)
	}
	for _, target := range []string{address, "push.example.net:" + port} {
		conn, err := guardedDialer(Options{Resolver: resolver, Timeout: 2 * time.Second}).DialContext(t.Context(), "tcp", target)
		var blocked *BlockedAddrError
		if !errors.As(err, &blocked) {
			t.Errorf("%s: %v", target, err)
		}
		if conn != nil {
			conn.Close()
		}
	}
	conn, err := guardedDialer(Options{Policy: loopback, Resolver: resolver, Timeout: 2 * time.Second}).DialContext(t.Context(), "tcp", "push.example.net:"+port)
	if err != nil {
		t.Fatalf("with private networks allowed: %v", err)
	}
	conn.Close()
}

func TestNoProxy(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:9")
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:9")
	if newTransport(Options{}.withDefaults()).Proxy != nil {
		t.Error("a proxy would be used")
	}
}
