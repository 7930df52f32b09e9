package browsertest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"os"
	"testing"

	webpush "github.com/SherClockHolmes/webpush-go"
)

// reachGCM is an HTTP client for which GCMHost is g.
func reachGCM(t *testing.T, g *GCM) *http.Client {
	t.Helper()
	authority, err := os.ReadFile(g.CertificateFile())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: roots},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, g.Address())
		}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func TestGCMJudgesPosts(t *testing.T) {
	g := StartGCM(t)
	client := reachGCM(t, g)
	own, other := newSender(t), newSender(t)
	own.client, other.client = client, client
	register := func(form url.Values) {
		answer, err := http.PostForm(g.flags()["gcm-registration-url"].(string), form)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	form := url.Values{"X-subtype": {"wp:https://example.org/#1"}, "sender": {own.public}}
	register(form)
	register(form) // the same again is no second one
	endpoint := oneEndpoint(t, g)
	post := func(s sender, endpoint string, want int) {
		t.Helper()
		answer := s.send(t, &webpush.Subscription{Endpoint: endpoint, Keys: newKeys(t)}, 60, "")
		wantStatus(t, answer, want)
		if answer.ProtoMajor != 2 {
			t.Errorf("the push service speaks %s", answer.Proto)
		}
	}
	post(own, endpoint, http.StatusCreated)
	post(other, endpoint, http.StatusForbidden)
	post(own, endpoint+"0", http.StatusNotFound)
	g.Answer(endpoint, http.StatusTooManyRequests)
	post(own, endpoint, http.StatusTooManyRequests)
	form.Set("delete", "true")
	register(form)
	post(own, endpoint, http.StatusGone)
	if pushes := g.Pushes(endpoint); len(pushes) != 4 {
		t.Errorf("%d posts are kept, want 4", len(pushes))
	}
}
