package live

import (
	"sync"

	"recado/storage"
)

// maxQueued bounds what waits for the hub: some 8 MB, a second or two of the
// fastest fan-out.
const maxQueued = 40_000

// queue holds the commits that the hub has not come to yet. Whoever adds one never
// waits: when it is full, what is there is lost.
type queue struct {
	added chan struct{} // receives after put

	mu      sync.Mutex
	commits []storage.Settled
	size    int // of all that they hold
	lost    loss
}

// loss is what was lost at once.
type loss struct {
	changes int
	through int64 // the highest seq of these
}

func newQueue() *queue { return &queue{added: make(chan struct{}, 1)} }

func (q *queue) put(s storage.Settled) {
	q.mu.Lock()
	if q.size += len(s.Changes) + len(s.Progress); q.size > maxQueued {
		for _, c := range q.commits {
			q.lost.add(c.Changes)
		}
		q.commits, q.size = nil, len(s.Changes)+len(s.Progress)
	}
	q.commits = append(q.commits, s)
	q.mu.Unlock()
	poke(q.added)
}

// take empties the queue. What was lost came before what is there.
func (q *queue) take() ([]storage.Settled, loss) {
	q.mu.Lock()
	defer q.mu.Unlock()
	commits, lost := q.commits, q.lost
	q.commits, q.size, q.lost = nil, 0, loss{}
	return commits, lost
}

func (l *loss) add(changes []storage.Change) {
	if n := len(changes); n > 0 {
		l.changes += n
		l.through = changes[n-1].Seq
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
