package server

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"recado/server/access"
	"recado/server/api"
	"recado/server/config"
	"recado/server/console"
	"recado/server/console/qr"
	"recado/server/delivery"
	"recado/server/live"
	"recado/server/metrics"
	"recado/server/openapi"
	"recado/server/push"
	"recado/server/schedule"
	"recado/server/systemd"
	"recado/storage"
)

// Storage is what the parts of the server need of an engine, each by its own
// interface.
type Storage interface {
	api.Subscriptions
	api.Notifications
	api.Catalog
	api.History
	api.CategoryAdmin
	api.Directory
	api.Invites
	api.Tokens
	api.Keys
	api.Stats
	access.Tokens
	access.Sessions
	delivery.Queue
	delivery.Keys
	delivery.Cleaner
	live.Log
	// Secret returns n random octets under that name: made once, then always the
	// same.
	Secret(ctx context.Context, name string, n int) ([]byte, error)
	// OnWrite has told called after every write: how long it took, and the error when
	// storage could not do it.
	OnWrite(told func(took time.Duration, err error))
	// Ping fails when storage cannot be read or written.
	Ping(ctx context.Context) error
}

// Options are what a server is made of. All but the last three are required.
type Options struct {
	Config  config.Config
	Store   Storage
	Web     fs.FS // the frontend
	Logger  *slog.Logger
	Out     io.Writer // is told where the server listens
	Version string
	// SignedIn hears of every sign-in, and the hash of its token; nil = nobody does.
	SignedIn func(ctx context.Context, tokenHash [32]byte)
	// Manager is the service manager that is told how the server stands.
	Manager systemd.Notifier
	// Reload receives when TLS files are to be read again (SIGHUP); nil = never.
	Reload <-chan struct{}
	// Roots is whom push services' certificates are checked against; nil = as Go has it.
	Roots *x509.CertPool
	// Dial, in tests, leads connections to push services elsewhere, past the check
	// of the address. nil is how the binary has it.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// server is the assembled parts.
type server struct {
	Options
	sender  *push.Sender
	engine  *delivery.Engine
	janitor *delivery.Janitor
	api     *api.API
	auth    *access.Authenticator
	console *console.Console
	hub     *live.Hub
	metrics *metrics.Metrics
	// connections are those of clients, to all who may connect from elsewhere.
	connections *connections
	refused     refusedHosts
	templates   brokenTemplates
	rates       rates
	storage     health
	taken       func() func(topic string) bool // see router; once there is a table
	stop        chan struct{}                  // closed when the shutdown begins
	// certificate is the main listener's; nil without TLS.
	certificate *certificate
}

func assemble(ctx context.Context, o Options) (*server, error) {
	s := &server{Options: o, connections: newConnections(connectionLimit()), stop: make(chan struct{})}
	s.taken = sync.OnceValue(func() func(string) bool { return taken(s.routes()) })
	cfg := o.Config
	composer, err := s.composer(ctx)
	if err != nil {
		return nil, err
	}
	subject, warning := cfg.VAPIDSubject()
	if warning != "" {
		o.Logger.Warn(warning)
	}
	policy := push.Policy{
		AllowedHosts:         cfg.Push.AllowedHosts,
		AllowPrivateNetworks: cfg.Push.AllowPrivateNetworks,
		AllowHTTP:            cfg.Push.AllowHTTP,
	}
	s.sender = push.NewSender(push.Options{
		Policy: policy, Subject: subject, Timeout: cfg.Push.Timeout, MaxConns: cfg.Push.Concurrency,
		UserAgent: "recado/" + o.Version, RootCAs: o.Roots, Dial: o.Dial,
	})
	s.janitor = delivery.NewJanitor(o.Store, storage.Retention{
		Deliveries: cfg.Retention.Deliveries, Notifications: cfg.Retention.Notifications, Keys: goneKeysKept,
		Sessions: access.SessionIdle,
	}, time.Now, o.Logger)
	s.metrics = metrics.New(metrics.Options{Version: o.Version, Ask: s.snapshot, AlertKinds: alertKinds()})
	o.Store.OnWrite(s.metrics.Wrote)
	watch := &api.Watch{}
	s.hub = live.New(live.Options{Log: o.Store, Version: o.Version, Logger: o.Logger})
	s.engine = delivery.New(delivery.Options{
		Queue: o.Store, Keys: o.Store, Sender: s.sender, Composer: composer,
		Retry:       delivery.RetryPolicy{Base: cfg.Push.RetryBase, Max: cfg.Push.RetryMax},
		Concurrency: cfg.Push.Concurrency, Grace: cfg.ShutdownTimeout - cfg.ShutdownTimeout/drainShare,
		Now: time.Now, Log: o.Logger, Runs: schedule.Cron{},
		OnSettled: func(settled storage.Settled) {
			watch.Notify(settled.Progress)
			s.rates.add(time.Now(), settled.Changes)
			s.metrics.Settled(settled.Tallies)
			s.hub.Publish(settled)
			s.janitor.Stir()
		},
		OnAnswer: s.metrics.Answered,
		OnAlert:  func(a delivery.Alert) { s.metrics.Alert(string(a.Kind)) },
	})
	s.auth, err = access.New(access.Options{
		Tokens: o.Store, Sessions: o.Store, Now: time.Now, Origin: cfg.BaseURL,
		TrustedProxies: cfg.TrustedProxies, ListenLoopback: loopback(cfg.Listen),
		OpenPublish: cfg.Access.Publish == "open", SignedIn: o.SignedIn,
	})
	if err != nil {
		return nil, err
	}
	options := s.apiOptions(composer, policy, watch)
	if options.Webhooks, err = webhooks(cfg.Webhooks); err != nil {
		return nil, err
	}
	if err := s.checkWebhooks(ctx); err != nil {
		return nil, err
	}
	if s.api, err = api.New(options); err != nil {
		return nil, err
	}
	document, err := openapi.Document(openapi.Options{Version: o.Version, BaseURL: cfg.BaseURL, Metrics: cfg.Metrics.Listen == ""})
	if err != nil {
		return nil, err
	}
	s.console, err = console.New(console.Options{
		FS: o.Web, InstanceName: cfg.InstanceName, BaseURL: cfg.BaseURL, Version: o.Version, OpenAPI: document,
	})
	return s, err
}

// goneKeysKept is how long a subscription that a push service called gone can be
// restored.
const goneKeysKept = 7 * 24 * time.Hour

func (s *server) composer(ctx context.Context) (*delivery.Composer, error) {
	c := &delivery.Composer{BaseURL: s.Config.BaseURL, InstanceName: s.Config.InstanceName}
	if !s.Config.Receipts.Enabled {
		return c, nil
	}
	secret, err := s.Store.Secret(ctx, "receipts", delivery.ReceiptSecretSize)
	if err != nil {
		return nil, fmt.Errorf("the key that receipts are made with: %w", err)
	}
	c.Receipts, err = delivery.NewReceipts(secret)
	return c, err
}

func (s *server) apiOptions(composer *delivery.Composer, policy push.Policy, watch *api.Watch) api.Options {
	o := api.Options{
		Subscriptions: s.Store, Notifications: s.Store, Catalog: s.Store, History: s.Store, CategoryAdmin: s.Store,
		Directory: s.Store, Invites: s.Store, Tokens: s.Store, Sessions: s.auth, Keys: s.Store, Stats: s.Store,
		Now: time.Now, Log: s.Logger,
		Origin: s.Config.BaseURL, CORSOrigins: s.Config.Access.CORSOrigins,
		InviteOnly: s.Config.Access.Subscribe == "invite", TTL: s.Config.Push.TTL,
		ParseSubscription: parser(policy),
		RefusedHost:       func(ctx context.Context, host string) { s.refused.add(ctx, s.Logger, host, time.Now()) },
		TakenTopic:        func(topic string) bool { return s.taken()(topic) },
		Version:           s.Version,
		TemplatesFailed:   s.templatesFailed,
		KeyID:             push.KeyID,
		Size:              composer.Size,
		CheckRepeat:       checkRepeat,
		NextRun:           schedule.Cron{}.Next,
		SendTest:          s.sendTest,
		QR:                qr.SVG,
		NewKey:            newKey,
		ReservedToken:     ConfigToken,
		Live:              s.live,
		Wake:              s.engine.Wake,
		Stop:              s.engine.Stop,
		Changed:           watch.Register,
		Stopping:          s.stop,
		Report:            s.engine.Report,
		Ready:             s.ready,
	}
	if composer.Receipts != nil {
		o.Receipt = composer.Receipts.Read
	}
	return o
}

// ConfigToken is the name of access.admin_token, which no other token may have.
const ConfigToken = "config"

// parser lets package api check what a browser sends without knowing push.
func parser(policy push.Policy) func(endpoint, p256dh, auth string) (api.Parsed, error) {
	return func(endpoint, p256dh, auth string) (api.Parsed, error) {
		e, err := policy.Check(endpoint)
		var refused *push.EndpointError
		if errors.As(err, &refused) && refused.Reason == push.HostNotAllowed {
			return api.Parsed{}, &api.HostError{Host: refused.Host, Message: refused.Detail}
		}
		if err != nil {
			return api.Parsed{}, err
		}
		p, a, err := push.ParseSubscriptionKeys(p256dh, auth)
		var field *push.FieldError
		if errors.As(err, &field) {
			return api.Parsed{}, &api.FieldError{Field: field.Field, Message: field.Problem}
		}
		return api.Parsed{Service: e.Service, P256dh: p, Auth: a}, err
	}
}

func (s *server) ready(ctx context.Context) []string {
	reasons := s.engine.Health()
	news, err := s.storage.check(ctx, s.Store.Ping, time.Now())
	if err != nil {
		reasons = append(reasons, "storage: it cannot be read or written")
	}
	switch {
	case news && err != nil:
		s.Logger.WarnContext(ctx, "storage does not answer", "error", err)
	case news:
		s.Logger.InfoContext(ctx, "storage answers again")
	}
	return reasons
}

// handler is everything that answers HTTP.
func (s *server) handler() http.Handler {
	r := newRouter(append(s.named(s.routes()), s.nothing()...), s.elsewhere(s.api.NotFound), func(allowed ...string) http.HandlerFunc {
		return s.elsewhere(s.api.MethodNotAllowed(allowed...))
	})
	return console.SecurityHeaders(s.Config.BaseURL)(s.exchanges(s.logPanics(r)))
}

// elsewhere lets the pages that may call family A read what they did wrong.
func (s *server) elsewhere(h http.HandlerFunc) http.HandlerFunc {
	shared := s.api.CORS(h)
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodOptions && (r.URL.Path == "/api" || strings.HasPrefix(r.URL.Path, "/api/")) {
			shared.ServeHTTP(w, r)
			return
		}
		h(w, r)
	}
}

// logPanics writes a panic in a handler to the log, where net/http's own words
// would only stand at debug level, and ends the connection as net/http does.
func (s *server) logPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				if p != http.ErrAbortHandler {
					s.Logger.ErrorContext(r.Context(), "a request failed unexpectedly; this is a bug", "panic", p, "method", r.Method, "stack", string(debug.Stack()))
				}
				panic(http.ErrAbortHandler)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// loopback reports whether a listen address is reached from this machine alone.
func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	at, notAddress := netip.ParseAddr(host)
	return err == nil && (host == "localhost" || notAddress == nil && at.IsLoopback())
}
