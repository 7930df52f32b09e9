package delivery_test

import (
	"context"
	"crypto/x509"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"recado/server/delivery"
	"recado/server/push"
	"recado/server/push/pushtest"
	"recado/server/secrettest"
	"recado/storage"
	"recado/storage/sqlite"
)

// rig is the engine with a real store and a real sender, against a push service
// that is played.
type rig struct {
	t        testing.TB
	secrets  *secrettest.Recorder // is logged to, and fails for what must not be there
	dir      string
	store    *sqlite.Store
	queue    delivery.Queue // the store, or what a test puts before it
	key      *push.Key
	policy   push.Policy
	roots    *x509.CertPool
	options  delivery.Options
	timeout  time.Duration
	engine   *delivery.Engine
	receipts *delivery.Receipts
	end      func()

	mu      sync.Mutex
	changed chan struct{}
	changes []storage.Change
}

func newRig(t testing.TB, services ...*pushtest.Server) *rig {
	t.Helper()
	r := &rig{
		t: t, secrets: secrettest.New(t), dir: t.TempDir(), timeout: 5 * time.Second, roots: x509.NewCertPool(), changed: make(chan struct{}),
		policy: push.Policy{AllowedHosts: []string{"*"}, AllowPrivateNetworks: true, AllowHTTP: true},
	}
	for _, s := range services {
		r.roots.AppendCertsFromPEM(s.CertificatePEM())
	}
	store, err := sqlite.Open(t.Context(), r.dir)
	must(t, err)
	t.Cleanup(func() { must(t, store.Close()) })
	r.store, r.queue = store, store
	r.key, err = push.GenerateKey()
	must(t, err)
	r.secrets.Bytes("private key", r.key.Private())
	r.addKey(r.key)
	secret, err := store.Secret(t.Context(), "receipts", delivery.ReceiptSecretSize)
	must(t, err)
	r.receipts, err = delivery.NewReceipts(secret)
	must(t, err)
	r.options = delivery.Options{
		Keys:     store,
		Composer: &delivery.Composer{BaseURL: "https://recado.example", InstanceName: "recado", Receipts: r.receipts},
		Retry:    delivery.RetryPolicy{Base: 10 * time.Millisecond, Max: 100 * time.Millisecond},
		Now:      time.Now, Concurrency: 64, Grace: 5 * time.Second,
		Log: r.secrets.Logger(),
	}
	r.secrets.AtEnd(func() { r.tell(services) })
	return r
}

// tell tells of what push services got, and of what became of it.
func (r *rig) tell(services []*pushtest.Server) {
	for _, s := range services {
		for _, m := range s.Received() {
			r.secrets.Secret("VAPID token", m.Header.Get("Authorization"))
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.changes {
		r.secrets.Text("a delivery's error", c.Error)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) addKey(k *push.Key) {
	r.t.Helper()
	must(r.t, r.store.AddKey(context.Background(), storage.VAPIDKey{ID: k.ID(), Public: k.Public(), Private: k.Private(), CreatedAt: time.Now()}))
}

// start runs the engine until stop or the test's end.
func (r *rig) start() {
	r.t.Helper()
	o := r.options
	o.Queue = r.queue
	if o.OnSettled == nil {
		o.OnSettled = r.settled
	}
	if o.Sender == nil {
		sender := push.NewSender(push.Options{
			Policy: r.policy, Subject: "mailto:test@example.com", Timeout: r.timeout, MaxConns: o.Concurrency,
			RootCAs: r.roots,
		})
		r.t.Cleanup(sender.Close)
		o.Sender = sender
	}
	r.engine = delivery.New(o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.engine.Run(ctx) }()
	r.end = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			r.t.Errorf("the engine ended with: %v", err)
		}
	})
	r.t.Cleanup(r.end)
}

func (r *rig) stop() { r.end() }

func (r *rig) settled(s storage.Settled) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changes = append(r.changes, s.Changes...)
	close(r.changed)
	r.changed = make(chan struct{})
}

// subscribe stores what a push service's subscriptions are.
func (r *rig) subscribe(subs ...*pushtest.Subscription) []uuid.UUID {
	r.t.Helper()
	ids := make([]uuid.UUID, 0, len(subs))
	for len(subs) > 0 {
		n := min(len(subs), 500)
		batch := make([]storage.Subscribe, n)
		for i, s := range subs[:n] {
			e, err := r.policy.Check(s.Endpoint)
			must(r.t, err)
			if len(ids) < 100 { // of a hundred thousand these will do
				r.secrets.Endpoint(s.Endpoint)
				r.secrets.Bytes("auth", s.Auth)
			}
			batch[i] = storage.Subscribe{Endpoint: e.URL, Service: e.Service, P256dh: s.P256dh, Auth: s.Auth}
		}
		imported, err := r.store.ImportSubscriptions(context.Background(), time.Now(), batch)
		must(r.t, err)
		for _, i := range imported {
			must(r.t, i.Err)
			ids = append(ids, i.ID)
		}
		subs = subs[n:]
	}
	return ids
}

// publish accepts a notification and wakes the engine.
func (r *rig) publish(edit func(*storage.Notification)) storage.Notification {
	r.t.Helper()
	now := time.Now()
	n := storage.Notification{
		ID: uuid.Must(uuid.NewV7()), Content: storage.Content{Title: "Title", Body: "Body", URL: "https://example.org/"},
		TTL: 24 * time.Hour, Urgency: "normal", CreatedAt: now, DueAt: now,
	}
	if edit != nil {
		edit(&n)
	}
	accepted, err := r.store.Accept(context.Background(), n, nil)
	must(r.t, err)
	if r.engine != nil {
		r.engine.Wake()
	}
	return accepted.Notification
}

func (r *rig) get(id uuid.UUID) storage.Notification {
	r.t.Helper()
	n, err := r.store.Notification(context.Background(), id)
	must(r.t, err)
	c := n.Counts
	if sum := c.Pending + c.Retrying + c.Sent + c.Failed + c.Gone + c.Expired + c.Canceled; sum != c.Targeted {
		r.t.Errorf("the counts do not add up: %+v", c)
	}
	return n
}

// until waits until the notification, as stored, satisfies done.
func (r *rig) until(id uuid.UUID, done func(storage.Notification) bool) storage.Notification {
	r.t.Helper()
	limit := time.NewTimer(60 * time.Second)
	defer limit.Stop()
	for {
		r.mu.Lock()
		changed := r.changed
		r.mu.Unlock()
		n := r.get(id)
		if done(n) {
			return n
		}
		select {
		case <-changed:
		case <-limit.C:
			r.t.Fatalf("waited a minute in vain; the notification is %s with %+v", n.State, n.Counts)
		}
	}
}

func (r *rig) finished(id uuid.UUID) storage.Notification {
	r.t.Helper()
	return r.until(id, func(n storage.Notification) bool { return !n.FinishedAt.IsZero() })
}

// delivery returns the only delivery of a notification.
func (r *rig) delivery(n storage.Notification) storage.Delivery {
	r.t.Helper()
	all, err := r.store.Deliveries(context.Background(), n.Key, 0, 10)
	must(r.t, err)
	if len(all) != 1 {
		r.t.Fatalf("there are %d deliveries", len(all))
	}
	return all[0]
}

// events lists what happened to the deliveries of a notification, in order.
func (r *rig) events(n storage.Notification) []storage.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []storage.Event
	for _, c := range r.changes {
		if c.NotificationKey == n.Key {
			out = append(out, c.Event)
		}
	}
	return out
}

func (r *rig) clean(services ...*pushtest.Server) {
	r.t.Helper()
	for _, s := range services {
		if v := s.Violations(); len(v) > 0 {
			r.t.Errorf("the push service complains %d times, first: %s", len(v), v[0])
		}
	}
}
