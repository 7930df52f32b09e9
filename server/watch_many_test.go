package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"recado/storage"
)

// slowDial connects with so small a buffer that who does not read stalls the other
// side at once.
func slowDial(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, network, address)
	if tcp, ok := c.(*net.TCPConn); ok {
		err = tcp.SetReadBuffer(64 << 10)
	}
	return c, err
}

// tally is what a viewer was shown of a fan-out.
type tally struct {
	sent, others, skipped int
	last                  int64 // seq
}

// follow reads until all n are sent or skipped.
func (w *watcher) follow(ctx context.Context, n int) (t tally, err error) {
	for t.sent+t.skipped < n {
		_, text, err := w.Read(ctx)
		if err != nil {
			return t, err
		}
		var f struct {
			Items []struct {
				Event string
				Seq   int64
			}
			Count int
		}
		if err := json.Unmarshal(text, &f); err != nil {
			return t, err
		}
		t.skipped += f.Count
		for _, item := range f.Items {
			if item.Seq <= t.last {
				return t, fmt.Errorf("%w: %d after %d", errOrder, item.Seq, t.last)
			}
			if t.last = item.Seq; item.Event == "sent" {
				t.sent++
			} else {
				t.others++
			}
		}
	}
	return t, nil
}

var errOrder = errors.New("out of order")

// TestFanoutBeforeFortyViewers: of forty viewers twenty read, and each of them sees
// every delivery once and in order; the twenty that do not are told what they missed,
// or dropped, and nobody waits for them.
func TestFanoutBeforeFortyViewers(t *testing.T) {
	n := 5000
	if testing.Short() {
		n = 200
	}
	quiet := goleak.IgnoreCurrent()
	t.Run("rig", func(t *testing.T) {
		d := newDesk(t, nil)
		d.show()
		d.deliver()
		d.importSubscriptions(n)
		var live, stalled []*watcher
		for range 20 {
			live = append(live, d.watch("read", ""))
			stalled = append(stalled, d.slow())
		}
		for _, w := range append(live, stalled...) {
			w.next() // hello
		}
		tallies := make([]tally, len(live))
		var reading errgroup.Group
		for i, w := range live {
			reading.Go(func() (err error) {
				tallies[i], err = w.follow(t.Context(), n)
				return err
			})
		}
		start := time.Now()
		d.made(d.ask("publish", "POST", "/v1/pushnotification", `{"title":"To all of you","body":"x"}`))
		d.no(reading.Wait())
		t.Logf("it took %v, and %d retries", time.Since(start), tallies[0].others)
		for i, got := range tallies {
			if got != tallies[0] || got.sent != n || got.skipped > 0 {
				t.Errorf("viewer %d: %+v", i, got)
			}
		}
		dropped, told := 0, 0
		for i, w := range stalled {
			_, err := w.follow(t.Context(), n)
			switch {
			case errors.Is(err, errOrder):
				t.Errorf("stalled viewer %d: %v", i, err)
			case err != nil:
				dropped++
			default:
				told++
			}
		}
		t.Logf("of the stalled, %d were dropped and %d told what they missed, if they did", dropped, told)
		for _, w := range append(live, stalled...) {
			_ = w.CloseNow()
		}
	})
	http.DefaultClient.CloseIdleConnections()
	runtime.GC()
	goleak.VerifyNone(t, quiet)
}

func (d *desk) importSubscriptions(n int) {
	d.Helper()
	list := make([]storage.Subscribe, n)
	for i := range list {
		s := d.push.Subscribe()
		at, err := url.Parse(s.Endpoint)
		d.no(err)
		list[i] = storage.Subscribe{Endpoint: s.Endpoint, P256dh: s.P256dh, Auth: s.Auth, Service: at.Host}
	}
	_, err := d.store.ImportSubscriptions(d.Context(), time.Now(), list)
	d.no(err)
}

// slow is a viewer with a small buffer.
func (d *desk) slow() *watcher {
	d.Helper()
	transport := &http.Transport{DialContext: slowDial}
	d.Cleanup(transport.CloseIdleConnections)
	c, _, err := websocket.Dial(d.Context(), d.url+"/v1/deliveries/live", &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Bearer " + d.tokens["read"]}}, HTTPClient: &http.Client{Transport: transport},
	})
	d.no(err)
	c.SetReadLimit(-1)
	d.Cleanup(func() { _ = c.CloseNow() })
	return &watcher{d, c}
}
