package server

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"recado/server/metrics"
	"recado/server/requestid"
)

// exchange is a request and what is answered, as the metrics and the log have them.
type exchange struct {
	http.ResponseWriter
	route  *metrics.Route
	status int   // 0 = nothing has been answered yet
	bytes  int64 // of the answer's body
}

// WriteHeader notes the final status (RFC 9110 §15.2: there may be others before).
func (x *exchange) WriteHeader(status int) {
	if x.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		x.status = status
	}
	x.ResponseWriter.WriteHeader(status)
}

func (x *exchange) Write(b []byte) (int, error) {
	x.status = cmp.Or(x.status, http.StatusOK)
	n, err := x.ResponseWriter.Write(b)
	x.bytes += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController and whoever takes the connection over.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

type exchangeKey struct{}

func exchangeFrom(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// exchanges names every request, counts it with its answer, and writes it to the
// log: at info when it ends in a 5xx, otherwise at debug.
func (s *server) exchanges(next http.Handler) http.Handler {
	none := s.metrics.Route("none")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &exchange{ResponseWriter: w, route: none}
		id := s.requestID(r)
		w.Header().Set(requestid.Header, id)
		ctx := context.WithValue(requestid.With(r.Context(), id), exchangeKey{}, x)
		began, completed := time.Now(), false
		defer func() {
			took := time.Since(began)
			if !completed { // it panics: the connection is cut
				x.status = cmp.Or(x.status, http.StatusInternalServerError)
			}
			x.status = cmp.Or(x.status, http.StatusOK) // net/http's for an answer without a body
			x.route.Served(r.Method, x.status, took)
			s.logExchange(ctx, r, x, took)
		}()
		next.ServeHTTP(x, r.WithContext(ctx))
		completed = true
	})
}

// requestID is what a trusted proxy calls the request, or else a new name.
func (s *server) requestID(r *http.Request) string {
	if given := r.Header.Get(requestid.Header); requestid.Valid(given) && s.auth.FromProxy(r) {
		return given
	}
	return requestid.New()
}

// logExchange writes the route's pattern, never the path or the query, for both may
// hold a token.
func (s *server) logExchange(ctx context.Context, r *http.Request, x *exchange, took time.Duration) {
	level := slog.LevelDebug
	if x.status >= http.StatusInternalServerError {
		level = slog.LevelInfo
	}
	if !s.Logger.Enabled(ctx, level) {
		return
	}
	s.Logger.LogAttrs(ctx, level, "request",
		slog.String("method", metrics.Method(r.Method)), slog.String("route", x.route.Pattern), slog.Int("status", x.status),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000), slog.Int64("bytes", x.bytes),
		slog.String("client", s.auth.ClientAddress(r).String()))
}

// named has the table's handlers tell the exchange which route it is. The pages
// and their files count as one.
func (s *server) named(table []route) []route {
	files := s.console.Files()
	counted := map[string]*metrics.Route{}
	for i, line := range table {
		pattern := strings.TrimSuffix(line.pattern, "{$}")
		if line.method == http.MethodGet && slices.Contains(files, pattern) {
			pattern = "files"
		}
		if counted[pattern] == nil {
			counted[pattern] = s.metrics.Route(pattern)
		}
		table[i].handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if x := exchangeFrom(r.Context()); x != nil {
				x.route = counted[pattern]
			}
			line.handler.ServeHTTP(w, r)
		})
	}
	return table
}
