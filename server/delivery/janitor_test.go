package delivery_test

import (
	"context"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"recado/server/delivery"
	"recado/storage"
)

// broom counts the steps it is asked for, two a round.
type broom struct{ steps atomic.Int64 }

func (b *broom) Clean(context.Context, time.Time, storage.Retention) (more bool, err error) {
	return b.steps.Add(1)%2 == 1, nil
}

func TestTheJanitorWaitsUntilItIsQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		b := &broom{}
		j := delivery.NewJanitor(b, storage.Retention{}, time.Now, slog.New(slog.NewTextHandler(io.Discard, nil)))
		done := make(chan struct{})
		go func() { defer close(done); j.Run(ctx) }()
		rounds := func(when string, want int64) {
			t.Helper()
			synctest.Wait()
			if got := b.steps.Load(); got != 2*want {
				t.Errorf("%s: %d steps, want %d", when, got, 2*want)
			}
		}
		time.Sleep(59 * time.Second)
		rounds("at the start", 0)
		time.Sleep(2 * time.Second)
		rounds("after a minute", 1)
		for range 30 {
			j.Stir()
			time.Sleep(5 * time.Second)
		}
		rounds("while deliveries go on", 1)
		time.Sleep(6 * time.Second)
		rounds("when they have come to rest", 2)
		time.Sleep(59 * time.Minute)
		rounds("idle", 2)
		time.Sleep(2 * time.Minute)
		rounds("after an hour", 3)
		for range 1000 {
			j.Stir()
			time.Sleep(5 * time.Second)
		}
		rounds("after more than an hour of deliveries", 4)
		cancel()
		<-done
	})
}
