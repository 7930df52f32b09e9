package access

import (
	"container/list"
	"math"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxAddresses is how many addresses one limiter remembers: some 3 MB when all
// are in use.
const maxAddresses = 10_000

// limiter is a token bucket for every address, all of one size.
type limiter struct {
	perMinute int
	size      int // addresses remembered at most

	mu      sync.Mutex
	buckets map[netip.Addr]*list.Element
	used    *list.List // of *bucket, the latest used first
}

type bucket struct {
	addr netip.Addr
	rate *rate.Limiter
}

func newLimiter(perMinute int) *limiter {
	return &limiter{
		perMinute: perMinute,
		size:      maxAddresses,
		buckets:   map[netip.Addr]*list.Element{},
		used:      list.New(),
	}
}

// take takes one from the address's bucket. When that is empty it takes nothing
// and returns how long it stays so; 0 = taken.
func (l *limiter) take(a netip.Addr, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucket(limitKey(a), now)
	if b.rate.AllowN(now, 1) {
		return 0
	}
	return l.wait(b, now)
}

// empty returns how long the address's bucket stays empty; 0 = it is not.
func (l *limiter) empty(a netip.Addr, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.buckets[limitKey(a)]
	if !ok {
		return 0
	}
	return l.wait(e.Value.(*bucket), now)
}

// wait rounds up to whole seconds, which is all that Retry-After can say.
func (l *limiter) wait(b *bucket, now time.Time) time.Duration {
	missing := 1 - b.rate.TokensAt(now)
	if missing <= 0 {
		return 0
	}
	return time.Duration(math.Ceil(missing*60/float64(l.perMinute))) * time.Second
}

func (l *limiter) bucket(a netip.Addr, now time.Time) *bucket {
	if e, ok := l.buckets[a]; ok {
		l.used.MoveToFront(e)
		return e.Value.(*bucket)
	}
	if l.used.Len() >= l.size {
		l.evict(now)
	}
	b := &bucket{addr: a, rate: rate.NewLimiter(rate.Limit(float64(l.perMinute)/60), l.perMinute)}
	l.buckets[a] = l.used.PushFront(b)
	return b
}

// evict forgets one address. A full bucket is as good as none, so one of those
// goes first; the ones longest unused are the likeliest to be full, and looking
// at a few of them keeps this cheap however many there are.
func (l *limiter) evict(now time.Time) {
	victim := l.used.Back()
	for e, looked := victim, 0; e != nil && looked < 16; e, looked = e.Prev(), looked+1 {
		if e.Value.(*bucket).rate.TokensAt(now) >= float64(l.perMinute) {
			victim = e
			break
		}
	}
	l.used.Remove(victim)
	delete(l.buckets, victim.Value.(*bucket).addr)
}
