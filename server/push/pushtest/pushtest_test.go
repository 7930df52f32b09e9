package pushtest

import (
	"context"
	"crypto/ecdh"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAccepts(t *testing.T) {
	each(t, func(t *testing.T, s *Server) {
		x, sub := newSender(t, s), s.Subscribe()
		x.options.Topic, x.options.Urgency = "news", "high"
		var hooked Received
		s.OnReceive(func(m Received) { hooked = m })
		if got := x.status(sub, `{"id":"1","title":"Hello"}`, nil); got != http.StatusCreated {
			t.Fatalf("status %d, violations %q", got, s.Violations())
		}
		if err := s.Wait(limit(t), 1); err != nil {
			t.Fatal(err)
		}
		m := s.Received()[0]
		if string(m.Plaintext) != `{"id":"1","title":"Hello"}` || m.TTL != 60 || m.Topic != "news" ||
			m.Urgency != "high" || m.Subscription != sub || m.VAPIDKey != x.public || m.BodySize != 4096 || !m.Accepted {
			t.Errorf("received %+v", m)
		}
		want := "HTTP/1.1"
		if s.options.HTTP2 {
			want = "HTTP/2.0"
		}
		if m.Proto != want || string(hooked.Plaintext) != string(m.Plaintext) {
			t.Errorf("proto %s, want %s; hooked %+v", m.Proto, want, hooked)
		}
		if v := s.Violations(); len(v) != 0 || s.CountOf(sub) != 1 || s.MaxInFlight() != 1 {
			t.Errorf("violations %q, count %d, in flight %d", v, s.CountOf(sub), s.MaxInFlight())
		}
	})
}

func TestDecryptsRFC8291(t *testing.T) {
	v := readVectors(t).RFC8291
	key, err := ecdh.P256().NewPrivateKey(unb64(t, v["ua_private"]))
	if err != nil {
		t.Fatal(err)
	}
	m, err := parseBody(unb64(t, v["body"]))
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.open(key, unb64(t, v["auth_secret"]))
	if err != nil || string(got) != v["plaintext_ascii"] {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestSubscriptionJSON(t *testing.T) {
	s := Start(t, Options{})
	sub := s.SubscribeN(2, true)[1]
	var got struct {
		Endpoint       string
		ID             string
		ExpirationTime any
		Keys           struct{ P256dh, Auth string }
	}
	if err := json.Unmarshal(sub.ImportJSON(), &got); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(got.Endpoint, s.URL()+"/") || got.ID != sub.ID || got.ExpirationTime != nil ||
		len(unb64(t, got.Keys.P256dh)) != 65 || len(unb64(t, got.Keys.Auth)) != 16 {
		t.Errorf("got %+v", got)
	}
	if strings.Contains(string(sub.JSON()), `"id"`) {
		t.Errorf("a browser gives no id: %s", sub.JSON())
	}
	if s.Subscribe().key == sub.key {
		t.Error("a subscription of its own has the shared key")
	}
}

func TestWaitEnds(t *testing.T) {
	s := Start(t, Options{})
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if err := s.Wait(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	s.Close()
	if err := s.WaitRequests(context.Background(), 1); err == nil {
		t.Error("Wait goes on after Close")
	}
}
