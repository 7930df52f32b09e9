package pushtest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// misbehaver is what an HTTP/2 answer can do beyond http.ResponseWriter.
type misbehaver interface {
	reset(refuse bool)
	goAway(how goAway)
}

// serve answers one request.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/stats" && r.Method == http.MethodGet {
		w.Header().Set("Content-Type", "application/json")
		// A client that has left is not told.
		_ = json.NewEncoder(w).Encode(s.Summary())
		return
	}
	id, ok := strings.CutPrefix(r.URL.Path, endpointPath)
	var sub *Subscription
	if ok {
		sub = s.find(id)
	}
	step := s.step(sub)
	if step != nil && step.RefuseStream {
		refuse(w, step)
		return
	}
	s.record.enter()
	defer s.record.leave()
	s.receive(w, r, sub, step)
}

func (s *Server) receive(w http.ResponseWriter, r *http.Request, sub *Subscription, step *Step) {
	m := Received{Subscription: sub, Status: step.answered()}
	if s.options.SkipVerify {
		_, _ = io.Copy(io.Discard, r.Body)
		m.Accepted = m.Status/100 == 2
		s.note(m)
		s.perform(w, r, step)
		return
	}
	m.At, m.Proto, m.Header = s.now(), r.Proto, r.Header.Clone()
	v := s.judge(r, sub, &m)
	if v != nil {
		m.Status = v.status
	}
	m.Accepted = m.Status/100 == 2
	if v != nil && v.violation {
		s.violate("%s %s: %d %s", r.Method, r.URL.Path, v.status, v.why)
		s.record.requests.Add(1)
		s.record.announce()
	} else {
		s.note(m)
	}
	if v != nil {
		http.Error(w, v.why, v.status)
		return
	}
	s.perform(w, r, step)
}

// perform answers a valid message as the step says.
func (s *Server) perform(w http.ResponseWriter, r *http.Request, p *Step) {
	if p == nil {
		s.created(w, r)
		return
	}
	if p.Before != nil {
		p.Before()
	}
	if p.After != nil {
		defer p.After()
	}
	if !s.pause(r.Context(), p.Delay) {
		reset(w, false)
		return
	}
	switch {
	case p.Hang:
		s.pause(r.Context(), -1)
		reset(w, false)
		return
	case p.Reset && p.GoAway:
		leave(w, goAwayAbruptly)
		return
	case p.Reset:
		reset(w, false)
		return
	case p.GoAway:
		leave(w, goAwayAfterThis)
	}
	s.answer(w, r, p)
}

// created is the answer of RFC 8030 section 5: 201 with the message's Location.
func (s *Server) created(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Location", s.url+"/message/"+strconv.FormatInt(s.messages.Add(1), 10))
	if ttl := r.Header.Get("TTL"); ttl != "" {
		h.Set("TTL", ttl)
	}
	w.WriteHeader(http.StatusCreated)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, p *Step) {
	for name, values := range p.Header {
		w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	if p.RetryAfter != "" {
		w.Header().Set("Retry-After", p.RetryAfter)
	}
	if p.answered() == http.StatusCreated {
		s.created(w, r)
	} else {
		w.WriteHeader(p.Status)
	}
	switch {
	case p.Drip > 0:
		s.drip(w, r, p)
	case p.Giant > 0:
		_, _ = io.CopyN(w, filler{}, p.Giant) // ends early when the client leaves
	case len(p.Body) > 0:
		_, _ = io.Copy(w, bytes.NewReader(p.Body))
	}
}

func (s *Server) drip(w http.ResponseWriter, r *http.Request, p *Step) {
	flush := http.NewResponseController(w).Flush
	for i := 0; len(p.Body) == 0 || i < len(p.Body); i++ {
		if flush() != nil || !s.pause(r.Context(), p.Drip) {
			reset(w, false) // or net/http would end the body as if it were whole
			return
		}
		b := []byte{'.'}
		if len(p.Body) > 0 {
			b[0] = p.Body[i]
		}
		if _, err := w.Write(b); err != nil {
			return
		}
	}
}

// pause waits, without end for a negative d, and tells whether the client and
// the service are still there.
func (s *Server) pause(ctx context.Context, d time.Duration) bool {
	if d == 0 {
		return true
	}
	var end <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		end = t.C
	}
	select {
	case <-end:
		return true
	case <-ctx.Done():
	case <-s.ctx.Done():
	}
	return false
}

func refuse(w http.ResponseWriter, p *Step) {
	if p.After != nil {
		defer p.After()
	}
	if p.GoAway {
		leave(w, goAwayBeforeThis)
		return
	}
	reset(w, true)
}

// reset ends a request without an answer.
func reset(w http.ResponseWriter, refuse bool) {
	if h2, ok := w.(misbehaver); ok {
		h2.reset(refuse)
		return
	}
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	hard := c
	if t, ok := c.(interface{ NetConn() net.Conn }); ok {
		hard = t.NetConn()
	}
	if tcp, ok := hard.(*net.TCPConn); ok && !refuse {
		_ = tcp.SetLinger(0) // Close then sends RST instead of FIN
	}
	_ = hard.Close()
}

// leave announces the end of the connection.
func leave(w http.ResponseWriter, how goAway) {
	if h2, ok := w.(misbehaver); ok {
		h2.goAway(how)
		return
	}
	if how == goAwayAfterThis {
		w.Header().Set("Connection", "close")
		return
	}
	reset(w, how == goAwayBeforeThis)
}

// filler is an endless answer body.
type filler struct{}

func (filler) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	return len(b), nil
}
