package server

import (
	"net/http"
	"slices"

	"recado/server/access"
	"recado/server/api"
	"recado/server/publishers/ntfy"
	"recado/storage"
)

// scope is what a route asks of who calls it. Where a token is needed, a session is
// as good as its token.
type scope string

const (
	public    scope = "public"    // anyone, as often as their address may
	subscribe scope = "subscribe" // anyone; a token may do more; counted as subscribes
	open      scope = "open"      // a publish token, or anyone while access.publish is open
	publish   scope = "publish"   // a publish token
	read      scope = "read"      // a read token
	readOwn   scope = "read own"  // a read token, or the publish token that made it, which the handler checks
	admin     scope = "admin"     // an admin token, which may do everything else as well
)

// fail is how a family of routes tells about errors.
type fail func(http.ResponseWriter, *http.Request, error)

// routes is the whole route table, a function for each family.
func (s *server) routes() []route {
	return slices.Concat(s.probes(), s.familyA(), s.familyB(), s.familyC(), s.senders(), s.files())
}

// probes are what monitors ask. They are not counted: who asks whether it is alive is
// to hear it. /metrics is, for it takes a token.
func (s *server) probes() []route {
	a := s.api
	probes := []route{
		{"GET", "/healthz", public, http.HandlerFunc(a.Healthz)},
		{"GET", "/readyz", public, http.HandlerFunc(a.Readyz)},
		{"GET", "/health", public, http.HandlerFunc(a.GotifyHealth)},
		{"GET", "/v1/health", public, http.HandlerFunc(a.NtfyHealth)},
	}
	if s.Config.Metrics.Listen == "" {
		probes = append(probes, s.guarded(a.Fail, []route{{"GET", "/metrics", read, s.metrics.Handler()}})...)
	}
	return probes
}

// familyA is for pages, service workers and simple publishers, of other sites too.
func (s *server) familyA() []route {
	a := s.api
	return s.shared(s.guarded(a.Fail, []route{
		{"GET", "/api", public, http.HandlerFunc(a.Hello)},
		{"GET", "/api/subscribe", public, http.HandlerFunc(a.PublicKey)},
		{"POST", "/api/subscribe", subscribe, http.HandlerFunc(a.Subscribe)},
		{"POST", "/api/unsubscribe", public, http.HandlerFunc(a.Unsubscribe)},
		{"POST", "/api/notify", open, http.HandlerFunc(a.Notify)},
		{"GET", "/api/categories", public, http.HandlerFunc(a.Categories)},
		{"POST", "/api/receipt", public, http.HandlerFunc(a.Receipt)},
	}))
}

// familyB is the same in other words, for clients that were written for it.
func (s *server) familyB() []route {
	a := s.api
	return s.guarded(a.Fail, []route{
		{"GET", "/subscription", public, http.HandlerFunc(a.PublicKey)},
		{"POST", "/subscription", subscribe, http.HandlerFunc(a.CreateSubscription)},
		{"DELETE", "/subscription/{id}", public, http.HandlerFunc(a.DeleteSubscription)},
		{"POST", "/push", open, http.HandlerFunc(a.Push)},
		{"POST", "/push_v1", publish, http.HandlerFunc(a.PushV1)},
	})
}

// familyC is everything as a resource.
func (s *server) familyC() []route {
	a := s.api
	v1 := func(method, pattern string, sc scope, h api.Handler) route {
		return route{method, pattern, sc, a.V1(h)}
	}
	return s.guarded(a.Problem, []route{
		v1("GET", "/v1/pushnotification", read, a.ListNotifications),
		v1("POST", "/v1/pushnotification", publish, a.CreateNotification),
		v1("POST", "/v1/pushnotification/preview", publish, a.Preview),
		v1("GET", "/v1/pushnotification/{id}", readOwn, a.Notification),
		v1("PUT", "/v1/pushnotification/{id}", publish, a.ReplaceNotification),
		v1("DELETE", "/v1/pushnotification/{id}", publish, a.DeleteNotification),
		v1("POST", "/v1/pushnotification/{id}/cancel", publish, a.CancelNotification),
		v1("GET", "/v1/pushnotification/{id}/deliveries", readOwn, a.Deliveries),
		v1("GET", "/v1/pushnotification/categories", read, a.ListCategories),
		v1("POST", "/v1/pushnotification/categories", admin, a.CreateCategory),
		v1("PUT", "/v1/pushnotification/categories/{categoryId}", admin, a.UpdateCategory),
		v1("DELETE", "/v1/pushnotification/categories/{categoryId}", admin, a.DeleteCategory),
		v1("GET", "/v1/subscriptions", read, a.ListSubscriptions),
		v1("GET", "/v1/subscriptions/{id}", read, a.Subscription),
		v1("PATCH", "/v1/subscriptions/{id}", admin, a.ChangeSubscription),
		v1("DELETE", "/v1/subscriptions/{id}", admin, a.RemoveSubscription),
		v1("GET", "/v1/invites", admin, a.ListInvites),
		v1("POST", "/v1/invites", admin, a.CreateInvite),
		v1("DELETE", "/v1/invites/{id}", admin, a.DeleteInvite),
		v1("GET", "/v1/tokens", admin, a.ListTokens),
		v1("POST", "/v1/tokens", admin, a.CreateToken),
		v1("DELETE", "/v1/tokens/{id}", admin, a.RevokeToken),
		v1("GET", "/v1/session", public, a.Session),
		v1("POST", "/v1/session", public, a.SignIn),
		v1("DELETE", "/v1/session", public, a.SignOut),
		v1("GET", "/v1/keys", admin, a.ListKeys),
		v1("POST", "/v1/keys/rotate", admin, a.RotateKey),
		v1("DELETE", "/v1/keys/{id}", admin, a.RetireKey),
		v1("GET", "/v1/stats", read, a.Statistics),
		{"GET", "/v1/deliveries/live", read, s.liveLog()},
		v1("GET", "/v1/webhooks", admin, a.ListWebhooks),
		v1("POST", "/v1/webhooks/preview", admin, a.PreviewWebhook),
	})
}

// senders are for products that publish in words of their own.
func (s *server) senders() []route {
	a := s.api
	hooks := s.guardedBy(s.auth.Gate(a.Fail).Finding(hookToken), []route{
		{"POST", "/hook", publish, http.HandlerFunc(a.Hook)},
		{"POST", "/hook/{token}", publish, http.HandlerFunc(a.Hook)},
	})
	gotify := s.guardedBy(s.auth.Gate(a.GotifyFail).Finding(access.GotifyToken), []route{
		{"POST", "/message", publish, http.HandlerFunc(a.GotifyMessage)},
		{"GET", "/version", public, http.HandlerFunc(a.GotifyVersion)},
	})
	topics := s.ofTopics(s.guardedBy(s.auth.Gate(a.NtfyFail).Finding(access.NtfyToken), []route{
		{"POST", "/{$}", publish, http.HandlerFunc(a.NtfyPublishJSON)},
		{"PUT", "/{$}", publish, http.HandlerFunc(a.NtfyPublishJSON)},
		{"POST", "/{topic}", publish, http.HandlerFunc(a.NtfyPublish)},
		{"PUT", "/{topic}", publish, http.HandlerFunc(a.NtfyPublish)},
		{"GET", "/{topic}/publish", publish, http.HandlerFunc(a.NtfyPublish)},
		{"GET", "/{topic}/send", publish, http.HandlerFunc(a.NtfyPublish)},
		{"GET", "/{topic}/trigger", publish, http.HandlerFunc(a.NtfyPublish)},
	}))
	return slices.Concat(hooks, gotify, topics)
}

// files are the pages and what they are made of.
func (s *server) files() []route {
	var table []route
	for _, path := range s.console.Files() {
		pattern := path
		if path == "/" {
			pattern = "/{$}"
		}
		table = append(table, s.guarded(s.api.Fail, []route{{"GET", pattern, public, s.console}})...)
	}
	return table
}

// reserved are first segments of routes that this server may not have, where they
// are switched off or on a listener of their own: no topic has these names either.
func reserved() []string { return []string{"admin", "hook", "metrics"} }

// nothing is what is no route although it looks like one: below /push and /push_v1
// there is nothing to read, and nobody can write.
func (s *server) nothing() []route {
	none := http.HandlerFunc(s.api.NotFound)
	return []route{
		{"GET", "/push/{nothing...}", public, none},
		{"GET", "/push_v1/{nothing...}", public, none},
	}
}

// guarded puts before each handler what its scope asks for.
func (s *server) guarded(f fail, table []route) []route {
	return s.guardedBy(s.auth.Gate(f), table)
}

// guardedBy is guarded for routes that look for tokens in places of their own.
func (s *server) guardedBy(gate access.Gate, table []route) []route {
	for i := range table {
		table[i].handler = guard(gate, table[i].scope, table[i].handler)
	}
	return table
}

// ofTopics leaves what has not the form of a topic to nobody, before anyone is
// asked for a token.
func (s *server) ofTopics(table []route) []route {
	for i, line := range table {
		if !line.ofTopic() {
			continue
		}
		table[i].handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !ntfy.IsTopic(r.PathValue("topic")) {
				s.api.NtfyFail(w, r, ntfy.StatusError(http.StatusNotFound, ""))
				return
			}
			line.handler.ServeHTTP(w, r)
		})
	}
	return table
}

// hookToken finds a webhook's token in its path.
func hookToken(r *http.Request) (token string, ok bool) {
	token = r.PathValue("token")
	return token, token != ""
}

// shared lets pages of other sites call these routes.
func (s *server) shared(table []route) []route {
	methods := map[string][]string{}
	for i, r := range table {
		methods[r.pattern] = append(methods[r.pattern], withHead(r.method)...)
		table[i].handler = s.api.CORS(r.handler)
	}
	for path, has := range methods {
		table = append(table, route{"OPTIONS", path, public, s.api.CORS(s.api.MethodNotAllowed(has...))})
	}
	return table
}

// guard lets through to next what the scope allows.
func guard(gate access.Gate, sc scope, next http.Handler) http.Handler {
	switch sc {
	case public:
		return gate.Limit(access.Requests, next)
	case subscribe:
		return gate.Limit(access.Subscribes, gate.Optional(next))
	case open:
		return gate.Publish(next)
	case readOwn:
		return gate.RequireAny(next, storage.ScopeRead, storage.ScopePublish)
	default: // the three that tokens have
		return gate.Require(storage.Scope(sc), next)
	}
}
