package storagetest

import (
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

// The steps of the property test that change who is subscribed and what is
// published; the queue's are in property.go.

var services = []string{"one.example", "two.example", "three.example"}

func pick[T any](m *model, list []T, ok func(T) bool) (T, bool) {
	var none T
	if len(list) == 0 {
		return none, false
	}
	start := m.IntN(len(list))
	for i := range list {
		if v := list[(start+i)%len(list)]; ok(v) {
			return v, true
		}
	}
	return none, false
}

func anyone(*person) bool { return true }

func (m *model) join() {
	w := m.wish()
	w.Service = services[m.IntN(len(services))]
	p := &person{categories: make(map[string]bool), alive: true}
	var names []string
	for _, c := range m.categories {
		if m.IntN(2) == 0 {
			names = append(names, c)
			p.categories[c] = true
		}
	}
	w.Categories = &names
	if m.IntN(3) == 0 {
		w.User = new("ana")
	}
	p.wish = w
	p.id = m.subscribe(w)
	p.key = m.subscription(p.id).Key
	if m.byKey[p.key] != nil {
		m.failf("the key %d was given again", p.key)
	}
	m.people = append(m.people, p)
	m.byKey[p.key] = p
}

// again: a known browser comes to sync, or comes back.
func (m *model) again() {
	p, ok := pick(m, m.people, func(p *person) bool { return p.wish.Endpoint != "" })
	if !ok {
		return
	}
	equal(m.suite, "id", m.subscribe(p.wish), p.id)
	m.revive(p)
}

// revive: who comes back while something is being sent may get it.
func (m *model) revive(p *person) {
	if p.alive {
		return
	}
	p.alive, p.restorable = true, false
	for _, n := range m.messages {
		if n.began {
			n.may[p.key] = n.may[p.key] || m.targeted(n, p)
		}
	}
}

func (m *model) replace() {
	p, ok := pick(m, m.people, anyone)
	if !ok {
		return
	}
	w := m.wish()
	w.Service, w.Replaces = p.wish.Service, p.id.String()
	if other, ok := pick(m, m.people, func(o *person) bool { return o != p && o.wish.Endpoint != "" }); ok && m.IntN(2) == 0 {
		w.Endpoint = other.wish.Endpoint
		other.wish.Endpoint = ""
		m.bury(other, false)
	}
	equal(m.suite, "id", m.subscribe(w), p.id)
	m.revive(p)
	w.Replaces, w.Categories, w.User = "", p.wish.Categories, p.wish.User
	p.wish = w
}

func (m *model) bury(p *person, restorable bool) {
	p.alive, p.restorable = false, restorable
	for _, n := range m.messages {
		delete(n.must, p.key)
	}
}

func (m *model) leave() {
	p, ok := pick(m, m.people, func(p *person) bool { return p.alive })
	if !ok {
		return
	}
	equal(m.suite, "unsubscribed", must[bool](m.suite)(m.Unsubscribe(m.ctx, m.now, p.id)), true)
	m.bury(p, false)
}

func (m *model) restore() {
	want := 0
	for _, p := range m.people {
		if p.restorable {
			want++
			m.revive(p)
		}
	}
	equal(m.suite, "restored", must[int](m.suite)(m.RestoreSubscriptions(m.ctx, m.now, "", time.Time{})), want)
}

func (m *model) publish() {
	n := &message{Notification: m.message()}
	n.TTL = []time.Duration{0, time.Minute, time.Hour}[m.IntN(3)]
	if m.IntN(4) == 0 {
		n.ExpiresAt = m.now.Add(time.Duration(m.IntN(300)) * time.Second)
	}
	m.address(n)
	switch m.IntN(10) {
	case 0, 1:
		n.ScheduledAt = m.now.Add(time.Duration(1+m.IntN(120)) * time.Second)
	case 2:
		n.Repeat = []string{"1m", "7m", "1h"}[m.IntN(3)]
		n.NextAt = every{}.Next(n.Repeat, "", m.now)
		n.ExpiresAt = m.now.Add(time.Duration(1+m.IntN(60)) * time.Minute) // drained in the end
	}
	n.Notification = m.accept(n.Notification)
	m.know(n)
}

// know takes a message into the model.
func (m *model) know(n *message) {
	m.messages = append(m.messages, n)
	m.byMessage[n.Key] = n
	if n.State == storage.Sending {
		m.begin(n)
	}
}

func (m *model) address(n *message) {
	n.Target = storage.Target{}
	for _, c := range m.categories {
		if m.IntN(3) == 0 {
			n.Target.Categories = append(n.Target.Categories, c)
		}
	}
	if m.IntN(6) == 0 {
		n.Target.Users = []string{"ana"}
	}
	if p, ok := pick(m, m.people, anyone); ok && m.IntN(6) == 0 {
		n.Target.Subscriptions = []uuid.UUID{p.id, uuid.New()}
	}
}

// change replaces a message, which works only while it is scheduled.
func (m *model) change() {
	n, ok := pick(m, m.messages, func(n *message) bool { return !n.deleted })
	if !ok {
		return
	}
	w := message{Notification: m.message()}
	w.ID = n.ID
	m.address(&w)
	if m.IntN(3) > 0 {
		w.ScheduledAt = m.now.Add(time.Duration(1+m.IntN(120)) * time.Second)
	}
	before := m.notification(n.ID)
	got, err := m.Replace(m.ctx, m.now, w.Notification)
	if before.State != storage.Scheduled {
		m.is(err, storage.ErrEnded)
		return
	}
	m.ok(err)
	equal(m.suite, "key", got.Key, n.Key)
	n.Notification = got
	if got.State == storage.Sending {
		m.begin(n)
	}
}

// remove deletes a message: from then on it is as if it had never been.
func (m *model) remove() {
	// Mostly late ones: the others have long ended.
	from := max(0, len(m.messages)-1-m.IntN(20))
	n, ok := pick(m, m.messages[from:], func(n *message) bool { return !n.deleted })
	if !ok {
		return
	}
	equal(m.suite, "key", must[int64](m.suite)(m.Delete(m.ctx, m.now, n.ID)), n.Key)
	n.deleted, n.canceled = true, true
}

// runsMade finds the runs that a claim has made, and holds them to their parent.
func (m *model) runsMade() {
	for _, n := range m.list(storage.NotificationFilter{}, storage.Page{Limit: 64}) {
		if m.byMessage[n.Key] != nil {
			return // the newest first
		}
		k := run{n.ParentID, n.DueAt}
		if n.ParentID == uuid.Nil || m.ran[k] || n.DueAt.After(m.now) {
			m.failf("a notification that nobody made: %+v", n)
		}
		m.ran[k] = true
		n.State = storage.Sending
		m.know(&message{Notification: n})
	}
}

// begin fixes the audience of a message that is due.
func (m *model) begin(n *message) {
	n.began, n.may, n.must = true, make(map[int64]bool), make(map[int64]bool)
	for _, p := range m.people {
		if p.alive && m.targeted(n, p) {
			n.may[p.key], n.must[p.key] = true, true
		}
	}
}

func (m *model) targeted(n *message, p *person) bool {
	if n.Target.All() {
		return true
	}
	for _, c := range n.Target.Categories {
		if p.categories[c] {
			return true
		}
	}
	if len(n.Target.Users) > 0 && p.wish.User != nil {
		return true
	}
	return len(n.Target.Subscriptions) > 0 && n.Target.Subscriptions[0] == p.id
}
