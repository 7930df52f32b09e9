package server

import (
	"net/http"

	"recado/server/access"
	"recado/storage"
)

// scope is what a route asks of who calls it.
type scope string

const (
	public    scope = "public"    // anyone, as often as their address may
	subscribe scope = "subscribe" // anyone; a token may do more; counted as subscribes
	publish   scope = "publish"   // a publish token, or anyone while access.publish is open
)

// routes is the whole route table.
func (s *server) routes() []route {
	a := s.api
	table := []route{
		{"GET", "/healthz", public, http.HandlerFunc(a.Healthz)},
		{"GET", "/readyz", public, http.HandlerFunc(a.Readyz)},
	}
	methods := map[string][]string{}
	for _, r := range []route{ // family A: pages on other sites may call it
		{"GET", "/api", public, http.HandlerFunc(a.Hello)},
		{"GET", "/api/subscribe", public, http.HandlerFunc(a.PublicKey)},
		{"POST", "/api/subscribe", subscribe, http.HandlerFunc(a.Subscribe)},
		{"POST", "/api/unsubscribe", public, http.HandlerFunc(a.Unsubscribe)},
		{"POST", "/api/notify", publish, http.HandlerFunc(a.Notify)},
		{"GET", "/api/categories", public, http.HandlerFunc(a.Categories)},
		{"POST", "/api/receipt", public, http.HandlerFunc(a.Receipt)},
	} {
		methods[r.pattern] = append(methods[r.pattern], r.method)
		r.handler = a.CORS(s.guard(r.scope, r.handler))
		table = append(table, r)
	}
	for path, has := range methods {
		table = append(table, route{"OPTIONS", path, public, a.CORS(a.MethodNotAllowed(has...))})
	}
	for _, path := range s.console.Files() {
		pattern := path
		if path == "/" {
			pattern = "/{$}"
		}
		table = append(table, route{"GET", pattern, public, s.console})
	}
	return table
}

// guard lets through to next what the scope allows.
func (s *server) guard(sc scope, next http.Handler) http.Handler {
	gate := s.auth.Gate(s.api.Fail)
	switch sc {
	case publish:
		return gate.Publish(next)
	case subscribe:
		return gate.Limit(access.Subscribes, gate.Optional(next))
	case public:
		return gate.Limit(access.Requests, next)
	default:
		return gate.Require(storage.Scope(sc), next)
	}
}
