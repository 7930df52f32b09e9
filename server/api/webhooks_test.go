package api

import (
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"

	"recado/server/publishers/webhook"
)

func TestReceivedIsBounded(t *testing.T) {
	var k received
	now := time.Unix(1, 0)
	for i := range 20 {
		k.note("w"+strconv.Itoa(i), webhook.Request{Body: make([]byte, maxPublished)}, "", nil, now.Add(time.Duration(i)*time.Second))
	}
	size := 0
	for i := range 20 {
		a, ok := k.of("w" + strconv.Itoa(i))
		size += len(a.request.Body)
		if !ok || a.at.IsZero() || (len(a.request.Body) > 0) != (i >= 20-maxReceived/maxPublished) {
			t.Errorf("w%d: %v, %d bytes", i, ok, len(a.request.Body))
		}
	}
	if size > maxReceived {
		t.Errorf("%d bytes are kept", size)
	}
}

func TestReceivedKeepsNoSecrets(t *testing.T) {
	var k received
	k.note("w", webhook.Request{Header: http.Header{
		"Authorization": {"Bearer x"}, "Cookie": {"x"}, "X-Gotify-Key": {"x"}, "X-Hub-Signature-256": {"x"},
		"User-Agent": {"a"}, "Content-Type": {"b"}, "X-Github-Event": {"push"}, "X-Gitea-Event-Type": {"push"},
	}}, "", nil, time.Now())
	a, _ := k.of("w")
	if len(a.request.Header) != 4 || a.request.Header.Get("X-GitHub-Event") != "push" || a.request.Header.Get("Authorization") != "" {
		t.Errorf("%v", a.request.Header)
	}
}

// The same trouble again and again is told once.
func TestReceivedTellsNews(t *testing.T) {
	var k received
	a, b := errors.New("a"), errors.New("b")
	for i, tt := range []struct {
		err  error
		news bool
	}{{nil, false}, {a, true}, {a, false}, {b, true}, {nil, false}, {b, true}} {
		if news := k.note("w", webhook.Request{}, "", tt.err, time.Now()); news != tt.news {
			t.Errorf("%d: %v", i, news)
		}
	}
}
