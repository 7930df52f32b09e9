package browsertest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/coder/websocket"
)

// socket is one connection of the browser. What is to be written goes through
// out, so that no lock is held while the network waits.
type socket struct {
	out   chan any
	ctx   context.Context
	close context.CancelFunc
}

// frame is every message of the protocol in either direction.
type frame struct {
	MessageType  string            `json:"messageType,omitempty"`
	UAID         string            `json:"uaid,omitempty"`
	Status       int               `json:"status,omitempty"`
	UseWebPush   bool              `json:"use_webpush,omitempty"`
	Broadcasts   map[string]string `json:"broadcasts,omitempty"`
	ChannelID    string            `json:"channelID,omitempty"`
	Key          string            `json:"key,omitempty"`
	PushEndpoint string            `json:"pushEndpoint,omitempty"`
	Version      string            `json:"version,omitempty"`
	Data         string            `json:"data,omitempty"`
	Headers      map[string]string `json:"headers,omitempty"`
	Code         int               `json:"code,omitempty"`
	Updates      []frameUpdate     `json:"updates,omitempty"`
}

// frameUpdate is one acknowledged message.
type frameUpdate struct {
	ChannelID string `json:"channelID"`
	Version   string `json:"version"`
	Code      int    `json:"code"`
}

// accept serves the browser's connection until either side ends it.
func (p *Autopush) accept(w http.ResponseWriter, r *http.Request) {
	p.sockets.Add(1)
	defer p.sockets.Done()
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols: []string{"push-notification"}, InsecureSkipVerify: true})
	if err != nil {
		return
	}
	defer conn.CloseNow()
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	s := &socket{out: make(chan any, 1024), ctx: ctx, close: cancel}
	p.sockets.Go(func() { s.write(conn) })
	defer p.leave(s)
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return
		}
		var f frame
		if json.Unmarshal(data, &f) != nil {
			return
		}
		p.receive(s, f)
	}
}

func (s *socket) write(conn *websocket.Conn) {
	defer s.close()
	for {
		select {
		case <-s.ctx.Done():
			return
		case f := <-s.out:
			data, err := json.Marshal(f)
			if err != nil || conn.Write(s.ctx, websocket.MessageText, data) != nil {
				return
			}
		}
	}
}

// send hands f to the writer; one that is full belongs to a dead connection.
func (s *socket) send(f any) {
	select {
	case s.out <- f:
	default:
		s.close()
	}
}

func (p *Autopush) leave(s *socket) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.socket == s {
		p.socket = nil
		p.notify()
	}
}

func (p *Autopush) receive(s *socket, f frame) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.notify()
	switch f.MessageType {
	case "": // {} is a ping
		s.send(struct{}{})
	case "hello":
		p.hello(s, f)
	case "register":
		if p.held != nil {
			p.held = append(p.held, func() { s.send(p.register(f)) })
			return
		}
		s.send(p.register(f))
	case "unregister":
		if c := p.channels[f.ChannelID]; c != nil {
			c.gone, c.queue = true, nil
			delete(p.channels, f.ChannelID)
		}
		s.send(frame{MessageType: "unregister", ChannelID: f.ChannelID, Status: 200})
	case "ack":
		for _, u := range f.Updates {
			p.settle(Ack{ChannelID: u.ChannelID, Version: u.Version, Code: u.Code})
		}
	case "nack":
		p.settle(Ack{Version: f.Version, Code: f.Code, Nack: true})
	}
}

// hello greets a browser and hands it what waited for it. A browser that names
// another uaid than the one known here is a new one and loses what the old one
// had.
func (p *Autopush) hello(s *socket, f frame) {
	if p.uaid == "" || f.UAID != p.uaid {
		p.forget()
		p.uaid = randomHex()
	}
	p.socket = s
	// Broadcasts has to be there even when it is empty.
	s.send(map[string]any{"messageType": "hello", "uaid": p.uaid, "status": 200,
		"use_webpush": true, "broadcasts": struct{}{}})
	for _, c := range p.channels {
		for _, m := range c.queue {
			m.sent = false
		}
		p.deliver(c)
	}
}

func (p *Autopush) register(f frame) frame {
	c := p.channels[f.ChannelID]
	if c == nil {
		c = &channel{id: f.ChannelID, token: randomHex()}
		p.channels[c.id], p.tokens[c.token] = c, c
	}
	c.key = trimPadding(f.Key)
	return frame{MessageType: "register", ChannelID: c.id, Status: 200, PushEndpoint: p.endpoint(c.token)}
}

// settle notes an acknowledgement and drops the message it is about.
func (p *Autopush) settle(a Ack) {
	p.acks = append(p.acks, a)
	for _, c := range p.channels {
		c.queue = slices.DeleteFunc(c.queue, func(m *message) bool { return m.version == a.Version })
	}
}

// deliver sends what waits on c, if the browser is there.
func (p *Autopush) deliver(c *channel) {
	if p.socket == nil {
		c.expire(time.Now())
		return
	}
	for _, m := range c.queue {
		if m.sent {
			continue
		}
		m.sent = true
		p.socket.send(frame{MessageType: "notification", ChannelID: c.id, Version: m.version,
			Data:    base64.RawURLEncoding.EncodeToString(m.body),
			Headers: map[string]string{"encoding": "aes128gcm"}})
	}
}
