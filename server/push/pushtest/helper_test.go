package pushtest

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"testing"
	"time"

	webpush "github.com/SherClockHolmes/webpush-go"
)

// sender sends with webpush-go, which shares no code with this package.
type sender struct {
	t               *testing.T
	client          *http.Client
	private, public string
	options         webpush.Options
}

func newSender(t *testing.T, s *Server) *sender {
	t.Helper()
	private, public, err := webpush.GenerateVAPIDKeys()
	if err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{ForceAttemptHTTP2: s.options.HTTP2, TLSClientConfig: &tls.Config{RootCAs: s.Pool()}}
	t.Cleanup(tr.CloseIdleConnections)
	return &sender{t: t, client: &http.Client{Transport: tr}, private: private, public: public}
}

// change lets a test spoil a finished request.
type change struct {
	client *http.Client
	f      func(*http.Request)
}

func (c change) Do(r *http.Request) (*http.Response, error) {
	c.f(r)
	return c.client.Do(r)
}

func (x *sender) send(ctx context.Context, sub *Subscription, message string, f func(*http.Request)) (*http.Response, error) {
	b64 := base64.RawURLEncoding.EncodeToString
	o := x.options
	o.HTTPClient, o.VAPIDPrivateKey, o.VAPIDPublicKey = x.client, x.private, x.public
	o.Subscriber, o.TTL = "ops@example.com", 60
	if f != nil {
		o.HTTPClient = change{x.client, f}
	}
	return webpush.SendNotificationWithContext(ctx, []byte(message), &webpush.Subscription{
		Endpoint: sub.Endpoint, Keys: webpush.Keys{P256dh: b64(sub.P256dh), Auth: b64(sub.Auth)},
	}, &o)
}

// status sends a message and returns its answer's status.
func (x *sender) status(sub *Subscription, message string, f func(*http.Request)) int {
	x.t.Helper()
	res, err := x.send(limit(x.t), sub, message, f)
	if err != nil {
		x.t.Fatalf("send: %v", err)
	}
	if err := res.Body.Close(); err != nil {
		x.t.Fatal(err)
	}
	return res.StatusCode
}

func limit(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// each runs a test against every protocol.
func each(t *testing.T, f func(t *testing.T, s *Server)) {
	for name, o := range map[string]Options{
		"http/1.1":     {},
		"http/1.1 tls": {TLS: true},
		"http/2":       {HTTP2: true},
	} {
		t.Run(name, func(t *testing.T) { f(t, Start(t, o)) })
	}
}

type vectors struct {
	RFC8291 map[string]any `json:"rfc8291"`
	RFC8292 struct {
		T, K   string
		Claims struct {
			Aud, Sub string
			Exp      int64
		} `json:"jwt_claims"`
	} `json:"rfc8292"`
}

func readVectors(t *testing.T) vectors {
	t.Helper()
	b, err := os.ReadFile("testdata/webpush.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func unb64(t *testing.T, v any) []byte {
	t.Helper()
	s, _ := v.(string)
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) == 0 {
		t.Fatalf("decode %q: %v", s, err)
	}
	return b
}
