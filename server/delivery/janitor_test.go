package delivery_test

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"recado/server/delivery"
	"recado/storage"
)

// broom counts the steps it is asked for, two a round.
type broom struct{ steps []time.Duration }

func (b *broom) Clean(_ context.Context, now time.Time, _ storage.Retention) (more bool, err error) {
	b.steps = append(b.steps, time.Duration(now.Unix())*time.Second)
	return len(b.steps)%2 == 1, nil
}

func TestTheJanitorWaitsUntilItIsQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		b := &broom{}
		j := delivery.NewJanitor(b, storage.Retention{}, time.Now, slog.New(slog.NewTextHandler(io.Discard, nil)))
		done := make(chan struct{})
		go func() { defer close(done); j.Run(ctx) }()
		rounds := func(when string, want int) {
			t.Helper()
			synctest.Wait()
			if len(b.steps) != 2*want {
				t.Errorf("%s: %d steps, want %d", when, len(b.steps), 2*want)
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
