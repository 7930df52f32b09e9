package live_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"recado/server/live"
	"recado/storage"
	"recado/storage/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a hub with a real store, and commits as the engine makes them.
type rig struct {
	t      testing.TB
	store  *sqlite.Store
	log    live.Log // the store, or what a test puts before it
	hub    *live.Hub
	end    func()
	served int // subscriptions so far

	commits sync.Mutex // one at a time, and published in order
}

func newRig(t testing.TB, subscriptions int) *rig {
	t.Helper()
	r := &rig{t: t}
	var err error
	r.store, err = sqlite.Open(t.Context(), t.TempDir())
	must(t, err)
	t.Cleanup(func() { must(t, r.store.Close()) })
	r.log = r.store
	must(t, r.store.AddKey(t.Context(), storage.VAPIDKey{ID: "k1", Public: []byte("p"), Private: []byte("q"), CreatedAt: time.Now()}))
	r.subscribe(subscriptions)
	return r
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) subscribe(n int, categories ...string) {
	r.t.Helper()
	for n > 0 {
		batch := make([]storage.Subscribe, min(n, 500))
		for i := range batch {
			r.served++
			label := fmt.Sprintf("device %d", r.served)
			batch[i] = storage.Subscribe{
				Endpoint: fmt.Sprintf("https://push.example/%d", r.served), P256dh: []byte{4}, Auth: []byte{1},
				Service: "push.example", Label: &label, Categories: &categories,
			}
		}
		_, err := r.store.ImportSubscriptions(r.t.Context(), time.Now(), batch)
		must(r.t, err)
		n -= len(batch)
	}
}

// start runs a hub until the test's end, or stop; again after that, another one.
func (r *rig) start() {
	r.t.Helper()
	hub := live.New(live.Options{Log: r.log, Version: "v1.2.3", Logger: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { hub.Run(ctx); close(done) }()
	r.hub = hub
	r.end = sync.OnceFunc(func() { cancel(); <-done })
	r.t.Cleanup(r.end)
}

func (r *rig) stop() { r.end() }

// accept publishes a notification, and returns the attempts that the engine would
// make. What the claim has changed is published to the hub.
func (r *rig) accept(title string, target storage.Target) (storage.Notification, []storage.Attempt) {
	r.t.Helper()
	now := time.Now()
	accepted, err := r.store.Accept(r.t.Context(), storage.Notification{
		ID: uuid.Must(uuid.NewV7()), Content: storage.Content{Title: title}, TTL: time.Hour, Urgency: "normal", CreatedAt: now, Target: target,
	}, nil)
	must(r.t, err)
	r.commits.Lock()
	defer r.commits.Unlock()
	var attempts []storage.Attempt
	for more := true; more; {
		c, err := r.store.Claim(r.t.Context(), storage.ClaimRequest{Now: now, Limit: 500})
		must(r.t, err)
		attempts, more = append(attempts, c.Attempts...), c.More
		r.publish(c.Settled)
	}
	return accepted.Notification, attempts
}

func (r *rig) settle(outcomes ...storage.Outcome) storage.Settled {
	r.t.Helper()
	r.commits.Lock()
	defer r.commits.Unlock()
	s, err := r.store.Settle(context.Background(), outcomes)
	must(r.t, err)
	r.publish(s)
	return s
}

func (r *rig) publish(s storage.Settled) {
	if r.hub != nil {
		r.hub.Publish(s)
	}
}

// settleAll gives all attempts one outcome, in commits as the engine makes them.
func (r *rig) settleAll(attempts []storage.Attempt, e storage.Event) {
	r.t.Helper()
	for len(attempts) > 0 {
		n := min(len(attempts), 250)
		outcomes := make([]storage.Outcome, n)
		for i, a := range attempts[:n] {
			outcomes[i] = outcome(a, e)
		}
		r.settle(outcomes...)
		attempts = attempts[n:]
	}
}

func outcome(a storage.Attempt, e storage.Event) storage.Outcome {
	o := storage.Outcome{
		NotificationKey: a.Notification.Key, SubscriptionKey: a.Subscription.Key, Event: e, At: time.Now(),
	}
	if e < storage.EventDisplayed {
		o.Lease, o.Attempts, o.Service = a.Lease, a.Attempts+1, a.Subscription.Service
	}
	if e == storage.EventRetrying {
		o.Code, o.Error, o.RetryAt = 503, "busy", o.At.Add(time.Hour)
	}
	return o
}

func (r *rig) seq() int64 {
	r.t.Helper()
	s, err := r.store.Seqs(context.Background())
	must(r.t, err)
	return s.Latest
}

// message is any frame.
type message struct {
	Type    string
	Seq     int64
	Version string
	Items   []item
	Count   *int
	ID      string
	State   string
	Counts  storage.Counts
	at      time.Time
}

type item struct {
	Event          string
	At             time.Time
	Seq            int64
	NotificationID string `json:"notification_id"`
	SubscriptionID string `json:"subscription_id"`
	Label          string
	Service        string
	Status         string
	Attempts       int
	SentAt         *time.Time `json:"sent_at"`
	DisplayedAt    *time.Time `json:"displayed_at"`
	Title          string
}

// watcher is a viewer that takes what it is given.
type watcher struct {
	t      testing.TB
	viewer *live.Viewer
	cancel context.CancelFunc
	done   chan struct{}

	mu       sync.Mutex
	messages []message
	news     chan struct{} // closed at every message
	err      error         // why it ended
}

func (r *rig) watch(f storage.ChangeFilter, since int64) *watcher {
	r.t.Helper()
	v, err := r.hub.Join(f, since)
	must(r.t, err)
	w := &watcher{t: r.t, viewer: v, done: make(chan struct{}), news: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	go w.run(ctx)
	r.t.Cleanup(w.leave)
	return w
}

func (w *watcher) run(ctx context.Context) {
	defer close(w.done)
	defer w.viewer.Leave()
	for {
		text, err := w.viewer.Next(ctx)
		m := message{at: time.Now()}
		if err == nil {
			err = json.Unmarshal(text, &m)
		}
		w.mu.Lock()
		w.err = err
		if err == nil {
			w.messages = append(w.messages, m)
		}
		close(w.news)
		w.news = make(chan struct{})
		w.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (w *watcher) leave() {
	w.cancel()
	<-w.done
}

// until waits until what the watcher has seen satisfies done.
func (w *watcher) until(done func([]message) bool) []message {
	w.t.Helper()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	for {
		w.mu.Lock()
		messages, news, err := w.messages, w.news, w.err
		w.mu.Unlock()
		if done(messages) {
			return messages
		}
		if err != nil {
			w.t.Fatalf("the viewer has ended: %v", err)
		}
		select {
		case <-news:
		case <-limit.C:
			w.t.Fatalf("waited a minute in vain, with %d frames and %d items", len(messages), len(items(messages)))
		}
	}
}

// reach waits until the watcher has seen an item with that seq or a higher one.
func (w *watcher) reach(seq int64) []item {
	w.t.Helper()
	return items(w.until(func(m []message) bool {
		for i := len(m) - 1; i >= 0; i-- {
			if last := len(m[i].Items) - 1; last >= 0 {
				return m[i].Items[last].Seq >= seq
			}
		}
		return false
	}))
}

func (w *watcher) seen() []message {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.messages
}

func items(messages []message) []item {
	var all []item
	for _, m := range messages {
		all = append(all, m.Items...)
	}
	return all
}

// story is the frames in short: "hello 3", "sent 4", "skipped 12".
func story(messages []message) string {
	var words []string
	for _, m := range messages {
		switch m.Type {
		case "hello":
			words = append(words, fmt.Sprint("hello ", m.Seq))
		case "skipped":
			if m.Count == nil {
				words = append(words, "skipped null")
			} else {
				words = append(words, fmt.Sprint("skipped ", *m.Count))
			}
		case "notification":
			words = append(words, m.State)
		}
		for _, i := range m.Items {
			words = append(words, fmt.Sprint(i.Event, " ", i.Seq))
		}
	}
	return strings.Join(words, ", ")
}

// ordered fails unless the items' seq grow.
func ordered(t testing.TB, all []item) {
	t.Helper()
	for i := 1; i < len(all); i++ {
		if all[i].Seq <= all[i-1].Seq {
			t.Fatalf("seq %d comes after %d", all[i].Seq, all[i-1].Seq)
		}
	}
}
