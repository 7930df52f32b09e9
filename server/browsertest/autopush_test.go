package browsertest

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	webpush "github.com/SherClockHolmes/webpush-go"
	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// fakeBrowser plays the browser's end of the push service's WebSocket.
type fakeBrowser struct {
	t    *testing.T
	conn *websocket.Conn
	uaid string
}

func dialBrowser(t *testing.T, push *Autopush, uaid string) *fakeBrowser {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), push.SocketURL(),
		&websocket.DialOptions{Subprotocols: []string{"push-notification"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseNow() })
	b := &fakeBrowser{t: t, conn: conn}
	b.send(frame{MessageType: "hello", UAID: uaid, UseWebPush: true})
	b.uaid = b.receive().UAID
	return b
}

func (b *fakeBrowser) send(f frame) {
	b.t.Helper()
	if err := wsjson.Write(b.t.Context(), b.conn, f); err != nil {
		b.t.Fatal(err)
	}
}

func (b *fakeBrowser) receive() frame {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), stepTimeout)
	defer cancel()
	var f frame
	if err := wsjson.Read(ctx, b.conn, &f); err != nil {
		b.t.Fatal(err)
	}
	return f
}

// subscribe registers a channel restricted to a VAPID key.
func (b *fakeBrowser) subscribe(channel, key string) *webpush.Subscription {
	b.t.Helper()
	b.send(frame{MessageType: "register", ChannelID: channel, Key: key + "="})
	f := b.receive()
	if f.MessageType != "register" || f.Status != http.StatusOK || f.ChannelID != channel {
		b.t.Fatalf("register answers %+v", f)
	}
	return &webpush.Subscription{Endpoint: f.PushEndpoint, Keys: newKeys(b.t)}
}

// newKeys are a browser's, for a subscription.
func newKeys(t *testing.T) webpush.Keys {
	t.Helper()
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return webpush.Keys{
		Auth:   base64.RawURLEncoding.EncodeToString(make([]byte, 16)),
		P256dh: base64.RawURLEncoding.EncodeToString(private.PublicKey().Bytes())}
}

type sender struct {
	private, public string
	client          *http.Client // nil = the usual one
}

func newSender(t *testing.T) sender {
	t.Helper()
	private, public, err := webpush.GenerateVAPIDKeys()
	if err != nil {
		t.Fatal(err)
	}
	return sender{private: private, public: public}
}

func (s sender) send(t *testing.T, sub *webpush.Subscription, ttl int, topic string) *http.Response {
	t.Helper()
	options := &webpush.Options{
		Subscriber: "test@example.com", VAPIDPublicKey: s.public, VAPIDPrivateKey: s.private, TTL: ttl, Topic: topic}
	if s.client != nil {
		options.HTTPClient = s.client
	}
	answer, err := webpush.SendNotificationWithContext(t.Context(), []byte("hello"), sub, options)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer
}

func wantStatus(t *testing.T, answer *http.Response, want int) {
	t.Helper()
	if answer.StatusCode != want {
		t.Errorf("the push service answers %d, want %d", answer.StatusCode, want)
	}
}

func TestAutopushAccepts(t *testing.T) {
	push, s := StartAutopush(t), newSender(t)
	b := dialBrowser(t, push, "")
	sub := b.subscribe("c1", s.public)
	answer := s.send(t, sub, 60, "")
	wantStatus(t, answer, http.StatusCreated)
	if answer.Header.Get("Location") == "" || answer.Header.Get("TTL") != "60" {
		t.Errorf("answer's header is %v", answer.Header)
	}
	first := b.receive()
	if first.MessageType != "notification" || first.ChannelID != "c1" || first.Headers["encoding"] != "aes128gcm" {
		t.Errorf("the browser is given %+v", first)
	}
	if !push.Resend(sub.Endpoint) {
		t.Fatal("nothing to send again")
	}
	if again := b.receive(); again.Data != first.Data || again.Version == first.Version {
		t.Errorf("sent again: %+v", again)
	}
	if n := len(push.Pushes(sub.Endpoint)); n != 1 {
		t.Errorf("%d pushes, want 1", n)
	}
	b.send(frame{MessageType: "nack", Version: first.Version, Code: 302})
	push.Wait(t, "the nack is there", func() bool { return len(push.Acks()) == 1 })
	if ack := push.Acks()[0]; !ack.Nack || ack.Code != 302 {
		t.Errorf("ack is %+v", ack)
	}
}

func TestAutopushRefuses(t *testing.T) {
	push, s := StartAutopush(t), newSender(t)
	b := dialBrowser(t, push, "")
	sub := b.subscribe("c1", s.public)
	wantStatus(t, newSender(t).send(t, sub, 60, ""), http.StatusUnauthorized)
	mixed := sender{private: newSender(t).private, public: s.public} // the right k, the wrong signature
	wantStatus(t, mixed.send(t, sub, 60, ""), http.StatusUnauthorized)

	unknown := *sub
	unknown.Endpoint = push.URL + "/wpush/v2/0000"
	wantStatus(t, s.send(t, &unknown, 60, ""), http.StatusNotFound)

	push.Answer(sub.Endpoint, 503, 429)
	for _, want := range []int{503, 429, http.StatusCreated} {
		wantStatus(t, s.send(t, sub, 60, ""), want)
	}

	b.receive()
	b.send(frame{MessageType: "unregister", ChannelID: "c1"})
	if f := b.receive(); f.MessageType != "unregister" || f.Status != http.StatusOK {
		t.Errorf("unregister answers %+v", f)
	}
	wantStatus(t, s.send(t, sub, 60, ""), http.StatusGone)
}

// TestAutopushChecksTheRequest posts without VAPID to a subscription that is
// not restricted to a key.
func TestAutopushChecksTheRequest(t *testing.T) {
	push := StartAutopush(t)
	sub := dialBrowser(t, push, "").subscribe("c1", "")
	for _, test := range []struct {
		name, ttl, encoding string
		size, want          int
	}{
		{"as it should be", "0", "aes128gcm", 4096, http.StatusCreated},
		{"without a body", "0", "", 0, http.StatusCreated},
		{"no TTL", "", "aes128gcm", 100, http.StatusBadRequest},
		{"TTL is a word", "soon", "aes128gcm", 100, http.StatusBadRequest},
		{"too large", "0", "aes128gcm", 4097, http.StatusRequestEntityTooLarge},
		{"the old encoding", "0", "aesgcm", 100, http.StatusBadRequest},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, sub.Endpoint,
			bytes.NewReader(make([]byte, test.size)))
		if err != nil {
			t.Fatal(err)
		}
		for name, v := range map[string]string{"TTL": test.ttl, "Content-Encoding": test.encoding} {
			if v != "" {
				request.Header.Set(name, v)
			}
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != test.want {
			t.Errorf("%s: %d, want %d", test.name, answer.StatusCode, test.want)
		}
	}
}

func TestAutopushKeepsForABrowserThatIsAway(t *testing.T) {
	push, s := StartAutopush(t), newSender(t)
	b := dialBrowser(t, push, "")
	sub := b.subscribe("c1", s.public)
	b.conn.CloseNow()
	push.Wait(t, "the browser is gone", func() bool { return !push.Connected() })
	s.send(t, sub, 0, "") // RFC 8030 §5.2: for now or never
	s.send(t, sub, 60, "t")
	wantStatus(t, s.send(t, sub, 60, "t"), http.StatusCreated) // takes the place of the one before

	b = dialBrowser(t, push, b.uaid)
	last := b.receive()
	b.send(frame{MessageType: "ack", Updates: []frameUpdate{{ChannelID: "c1", Version: last.Version, Code: 100}}})
	b.send(frame{})
	if f := b.receive(); f.MessageType != "" {
		t.Errorf("more than one message waited: %+v", f)
	}
	if acks := push.Acks(); len(acks) != 1 || acks[0].Code != 100 {
		t.Errorf("acks are %+v", acks)
	}
}

func TestAutopushForgets(t *testing.T) {
	push, s := StartAutopush(t), newSender(t)
	b := dialBrowser(t, push, "")
	sub := b.subscribe("c1", s.public)
	push.Forget()
	wantStatus(t, s.send(t, sub, 60, ""), http.StatusGone)
	if again := dialBrowser(t, push, b.uaid); again.uaid == b.uaid || again.uaid == "" {
		t.Errorf("the browser is called %q as before", again.uaid)
	}
	if endpoints := push.Endpoints(); len(endpoints) != 0 {
		t.Errorf("endpoints are %s", strings.Join(endpoints, " "))
	}
}

func TestAutopushSendsAgainWhatWasNotAcknowledged(t *testing.T) {
	push, s := StartAutopush(t), newSender(t)
	b := dialBrowser(t, push, "")
	s.send(t, b.subscribe("c1", s.public), 60, "")
	first := b.receive()
	push.Drop()
	if again := dialBrowser(t, push, b.uaid).receive(); again.Version != first.Version {
		t.Errorf("after the reconnect the browser is given %+v", again)
	}
}
