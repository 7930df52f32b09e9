package metrics

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"recado/storage"
)

func made() *Metrics {
	return New(Options{Version: "1.2.3", Ask: func(context.Context) Snapshot { return Snapshot{} }, AlertKinds: []string{"storage"}})
}

func scrape(t testing.TB, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatal(w.Code, w.Body)
	}
	return w.Body.String()
}

func lines(text, prefix string) (all []string) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, prefix) {
			all = append(all, strings.TrimSpace(line))
		}
	}
	return all
}

// TestServicesAreBounded: whoever subscribes may name push services, but not
// without end.
func TestServicesAreBounded(t *testing.T) {
	var names []string
	for i := range 10 * maxServices {
		names = append(names, fmt.Sprintf("push-%03d.example", i))
	}
	m := New(Options{Version: "1.2.3", Ask: func(context.Context) Snapshot {
		return Snapshot{Services: names, Paused: names[maxServices-1:], Slowed: names[:1]}
	}})
	for _, name := range names[:maxServices] {
		m.Answered(name, http.StatusCreated, time.Millisecond)
	}
	var all sync.WaitGroup
	for _, name := range names[maxServices:] {
		all.Go(func() {
			for range 100 {
				m.Settled([]storage.Tally{{Service: name, Event: storage.EventSent, Count: 2}, {Service: name, Event: storage.EventRetrying, Count: 1}})
				m.Answered(name, http.StatusCreated, time.Millisecond)
			}
		})
	}
	all.Wait()
	for status := range 1000 {
		m.Answered(names[0], status, time.Millisecond)
	}
	text := scrape(t, m)
	for prefix, most := range map[string]int{
		"recado_deliveries_total{":                           5 * (maxServices + 1),
		"recado_delivery_retries_total{":                     maxServices + 1,
		"recado_receipts_total{":                             3 * (maxServices + 1),
		"recado_push_requests_total{":                        maxServices + 1 + 502, // no status of HTTP's is left out
		"recado_push_request_duration_seconds_count{":        maxServices + 1,
		"recado_push_service_paused{":                        maxServices + 1,
		"recado_push_service_slowed{":                        maxServices + 1,
		`recado_push_requests_total{service="other"`:         1,
		`recado_deliveries_total{outcome="sent",service="o`:  1,
		`recado_push_requests_total{service="push-000.ex`:    502,
		`recado_push_service_slowed{service="push-000.examp`: 1,
	} {
		if n := len(lines(text, prefix)); n == 0 || n > most {
			t.Errorf("%d series of %s, at most %d are right", n, prefix, most)
		}
	}
	sent := 0
	for _, line := range lines(text, `recado_deliveries_total{outcome="sent"`) {
		var n int
		fmt.Sscan(line[strings.LastIndexByte(line, ' '):], &n)
		sent += n
	}
	if want := 2 * 100 * 9 * maxServices; sent != want {
		t.Errorf("%d were sent, want %d", sent, want)
	}
	paused := lines(text, `recado_push_service_paused{service="other"}`)
	if len(paused) != 1 || paused[0] == `recado_push_service_paused{service="other"} 0` {
		t.Errorf("the others that are paused: %q", paused)
	}
}

func TestRoutesAreBounded(t *testing.T) {
	m := made()
	r := m.Route("/{topic}")
	if len(lines(scrape(t, m), "recado_http_")) > 0 {
		t.Error("a route without requests has series")
	}
	for i := range 100 {
		r.Served(fmt.Sprintf("MADE-UP-%d", i), 405, time.Second)
		r.Served("POST", 200, time.Millisecond)
	}
	r.Served("GET", http.StatusSwitchingProtocols, time.Hour)
	got := lines(scrape(t, m), "recado_http_")
	for _, want := range []string{
		`recado_http_requests_total{method="other",route="/{topic}",status="405"} 100`,
		`recado_http_requests_total{method="POST",route="/{topic}",status="200"} 100`,
		`recado_http_requests_total{method="GET",route="/{topic}",status="101"} 1`,
		`recado_http_request_duration_seconds_count{route="/{topic}"} 200`, // how long somebody watched is not in it
	} {
		if !strings.Contains(strings.Join(got, "\n"), want) {
			t.Errorf("%s is not in %q", want, got)
		}
	}
}

// BenchmarkMessage is what counting costs a message: an answer, and its part of a
// commit of 250.
func BenchmarkMessage(b *testing.B) {
	m := made()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.Answered("fcm.googleapis.com", http.StatusCreated, 12*time.Millisecond)
		if i%250 == 0 {
			m.Settled([]storage.Tally{{Service: "fcm.googleapis.com", Event: storage.EventSent, Count: 250}})
		}
	}
}

func BenchmarkRequest(b *testing.B) {
	r := made().Route("/api/notify")
	b.ReportAllocs()
	for b.Loop() {
		r.Served("POST", http.StatusOK, 3*time.Millisecond)
	}
}
