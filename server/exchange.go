package server

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"recado/server/metrics"
)

// exchange is a request and what is answered, as the metrics have them.
type exchange struct {
	http.ResponseWriter
	route  *metrics.Route
	status int // 0 = nothing has been answered yet
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
	return x.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController and whoever takes the connection over.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

type exchangeKey struct{}

func exchangeFrom(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// exchanges counts every request with its answer.
func (s *server) exchanges(next http.Handler) http.Handler {
	none := s.metrics.Route("none")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &exchange{ResponseWriter: w, route: none}
		began, completed := time.Now(), false
		defer func() {
			status := cmp.Or(x.status, http.StatusOK) // net/http's for an answer without a body
			if !completed && x.status == 0 {
				status = http.StatusInternalServerError // it panics: the connection is cut
			}
			x.route.Served(r.Method, status, time.Since(began))
		}()
		next.ServeHTTP(x, r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x)))
		completed = true
	})
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
