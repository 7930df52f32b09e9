package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	webpush "github.com/SherClockHolmes/webpush-go"

	"recado/server/push/pushtest"
)

func readImport(t *testing.T, file string) []webpush.Subscription {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var subs []webpush.Subscription
	for line := range bytes.Lines(b) {
		var sub webpush.Subscription
		if err := json.Unmarshal(line, &sub); err != nil {
			t.Fatal(err)
		}
		subs = append(subs, sub)
	}
	return subs
}

func clientFor(t *testing.T, cert string) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		t.Fatal("-cert holds no certificate")
	}
	tr := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: pool}}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func TestRun(t *testing.T) {
	dir := t.TempDir()
	out, cert := filepath.Join(dir, "out"), filepath.Join(dir, "cert.pem")
	stdin, stop := io.Pipe()
	stdout, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(context.Background(), []string{"-http2", "-subscriptions", "4", "-out", out, "-cert", cert,
			"-status", "503", "-status-share", "0.5"}, stdin, w)
		_ = w.Close()
	}()
	lines := bufio.NewScanner(stdout)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "listening on https://127.0.0.1:") {
		t.Fatalf("first line %q", lines.Text())
	}
	client := clientFor(t, cert)
	private, public, err := webpush.GenerateVAPIDKeys()
	if err != nil {
		t.Fatal(err)
	}
	var codes []int
	for _, sub := range readImport(t, out) {
		res, err := webpush.SendNotification([]byte(`{"id":"1"}`), &sub, &webpush.Options{
			HTTPClient: client, Subscriber: "a@example.com", VAPIDPrivateKey: private, VAPIDPublicKey: public,
		})
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		codes = append(codes, res.StatusCode)
	}
	_ = stop.Close()
	if !lines.Scan() {
		t.Fatal("no summary")
	}
	var got pushtest.Summary
	if err := json.Unmarshal(lines.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := pushtest.Summary{Requests: 4, Messages: 2, Unique: 2, MaxInFlight: 1}
	if got != want || len(codes) != 4 {
		t.Errorf("summary %+v, answers %v", got, codes)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestBadFlags(t *testing.T) {
	for _, args := range [][]string{
		{"x"}, {"-subscriptions", "-1"}, {"-status-share", "2"}, {"-status", "99"}, {"-cert", "f"},
		{"-addr", "256.0.0.1:0"}, {"-out", filepath.Join(t.TempDir(), "no", "such")},
	} {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := run(ctx, args, nil, io.Discard); err == nil {
			t.Errorf("%q passes", args)
		}
	}
}
