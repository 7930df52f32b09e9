package server

import (
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"recado/embed"
	"recado/server/config"
	"recado/storage/sqlite"
)

// BenchmarkExchange is what the server does around the least that a handler can do,
// and around the most usual write, without the network.
func BenchmarkExchange(b *testing.B) {
	store, err := sqlite.Open(b.Context(), b.TempDir())
	check(b, err)
	defer store.Close()
	cfg := config.Default()
	cfg.Access.Publish = "open"
	s, err := assemble(b.Context(), Options{
		Config: cfg, Store: store, Web: embed.Web(), Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Out: io.Discard, Version: "1.2.3",
	})
	check(b, err)
	defer s.sender.Close()
	handler := s.handler()
	for _, c := range []struct{ method, path, body string }{
		{"GET", "/healthz", ""}, {"POST", "/api/notify?wait=0", `{"title":"Disk full","target":{"users":["nobody"]}}`},
	} {
		b.Run(c.method+" "+c.path, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
				r.Header.Set("Content-Type", "application/json")
				r.RemoteAddr = "[2001:db8:" + strings.Repeat("0:", 5) + "1]:1"
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				if w.Code >= 400 && w.Code != 429 {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
}

func check(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
