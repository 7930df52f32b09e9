package delivery

import (
	"testing"
	"time"
)

func TestRetryPolicyNext(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	p := RetryPolicy{Base: 2 * time.Second, Max: 15 * time.Minute}
	far := now.Add(24 * time.Hour)
	tests := []struct {
		name       string
		attempts   int
		retryAfter time.Duration
		deadline   time.Time
		random     float64
		want       time.Duration // after now
		ok         bool
	}{
		{"first, no luck", 1, 0, far, 0, 0, true},
		{"first, half", 1, 0, far, 0.5, time.Second, true},
		{"doubles", 2, 0, far, 0.5, 2 * time.Second, true},
		{"doubles again", 4, 0, far, 0.5, 8 * time.Second, true},
		{"is bounded", 60, 0, far, 0.5, 450 * time.Second, true},
		{"never before Retry-After", 1, time.Minute, far, 0, time.Minute, true},
		{"jitter comes after Retry-After", 1, time.Minute, far, 0.5, 61 * time.Second, true},
		{"negative Retry-After is none", 1, -time.Minute, far, 0.5, time.Second, true},
		{"shortened by the deadline", 10, 0, now.Add(10 * time.Second), 0.5, 5 * time.Second, true},
		{"no time left", 1, 0, now, 0.5, 0, false},
		{"long past", 1, 0, now.Add(-time.Hour), 0.5, 0, false},
		{"Retry-After beyond the deadline", 1, time.Hour, now.Add(time.Minute), 0, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			due, ok := p.Next(tt.attempts, tt.retryAfter, now, tt.deadline, tt.random)
			if ok != tt.ok {
				t.Fatalf("ok = %v, want %v", ok, tt.ok)
			}
			if ok && due.Sub(now) != tt.want {
				t.Errorf("due after %v, want %v", due.Sub(now), tt.want)
			}
		})
	}
}

func FuzzRetryPolicyNext(f *testing.F) {
	f.Add(1, int64(0), int64(time.Hour), 0.5)
	f.Add(1<<30, int64(time.Hour), int64(-1), 0.999)
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	p := RetryPolicy{Base: 2 * time.Second, Max: 15 * time.Minute}
	f.Fuzz(func(t *testing.T, attempts int, retryAfter, left int64, random float64) {
		if attempts < 1 || random < 0 || random >= 1 || retryAfter > int64(time.Hour) || left > int64(10000*time.Hour) {
			t.Skip()
		}
		deadline := now.Add(time.Duration(left))
		due, ok := p.Next(attempts, time.Duration(retryAfter), now, deadline, random)
		if !ok {
			return
		}
		if due.Before(now.Add(time.Duration(retryAfter))) || due.Before(now) || due.After(deadline) {
			t.Errorf("due %v is not between now+%v and %v", due, time.Duration(retryAfter), deadline)
		}
	})
}
