package server

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// pipes is a listener of pipes.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if c, ok := <-p; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// hall is a server with a place for three.
type hall struct {
	*testing.T
	all     *connections
	door    pipes
	answers chan struct{} // lets one request be answered
}

func inHall(t *testing.T, test func(h *hall)) {
	synctest.Test(t, func(t *testing.T) {
		h := &hall{T: t, all: newConnections(3), door: make(pipes), answers: make(chan struct{})}
		web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/refused" {
				return
			}
			_, _ = io.ReadAll(r.Body)
			<-h.answers
			if r.URL.Path == "/socket" {
				c, _, err := http.NewResponseController(w).Hijack()
				if err == nil {
					_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\n\r\n")
					_, _ = io.Copy(io.Discard, c)
					_ = c.Close()
				}
			}
		})}
		h.all.watch(web)
		go func() { _ = web.Serve(limited{h.door, h.all}) }()
		test(h)
		close(h.answers)
		close(h.door)
		_ = web.Close()
		synctest.Wait()
		if h.all.open != 0 || h.all.waiting.Len() != 0 {
			t.Errorf("in the end %d are open, %d of them waiting", h.all.open, h.all.waiting.Len())
		}
	})
}

// guest is a client's end.
type guest struct {
	net.Conn
	said strings.Builder
	gone bool // the server has hung up
}

// enter connects and says something.
func (h *hall) enter(says string) *guest {
	client, server := net.Pipe()
	g := &guest{Conn: client}
	go func() {
		_, _ = io.Copy(&g.said, client)
		g.gone = true
	}()
	h.Cleanup(func() { _ = client.Close() })
	h.door <- server
	h.say(g, says)
	return g
}

func (h *hall) say(g *guest, text string) {
	if _, err := io.WriteString(g, text); err != nil {
		h.Errorf("%q: %v", text, err)
	}
	synctest.Wait()
}

func (h *hall) answer() { h.answers <- struct{}{}; synctest.Wait() }

const (
	whole    = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
	head     = "GET / HTTP/1.1\r\nHost: x\r\n"
	refused  = "POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345"
	bodiless = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"
)

func TestWhoWaitsLongestLeavesFirst(t *testing.T) {
	for name, c := range map[string]struct {
		first, second string
		then          string // said by the first, when all have come
		leaves        int
	}{
		"nobody has said anything":         {"", "", "", 0},
		"the head is complete":             {"", "", whole, 1},
		"it was refused at once":           {"", "", refused, 1},
		"the head is slow":                 {head, whole, "", 0},
		"the body is slow":                 {bodiless, whole, "", 0},
		"a chunked body is slow":           {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", whole, "", 0},
		"the first is being answered":      {whole, head, "", 1},
		"a body has come":                  {bodiless + "12345", bodiless, "", 1},
		"a head byte by byte helps nobody": {"G", "", "ET / HT", 0},
	} {
		inHall(t, func(h *hall) {
			guests := []*guest{h.enter(c.first), h.enter(c.second), h.enter("")}
			h.say(guests[0], c.then)
			h.enter("")
			for i, g := range guests {
				if g.gone != (i == c.leaves) {
					t.Errorf("%s: guest %d is gone: %v", name, i, g.gone)
				}
			}
		})
	}
}

// Who has been answered is waited for from then on.
func TestWhoWasAnsweredGoesToTheEnd(t *testing.T) {
	inHall(t, func(h *hall) {
		first, second := h.enter(whole), h.enter("")
		h.answer()
		if !strings.HasPrefix(first.said.String(), "HTTP/1.1 200 OK") {
			t.Errorf("answered %q", first.said.String())
		}
		h.enter("")
		h.enter("")
		if first.gone || !second.gone {
			t.Errorf("the answered one is gone: %v, the silent one: %v", first.gone, second.gone)
		}
		h.enter("")
		if !first.gone {
			t.Error("who was answered first of those that are left stays")
		}
	})
}

// When something is being done for all, a new one is refused, until one is ready.
func TestWhoIsAnsweredStays(t *testing.T) {
	inHall(t, func(h *hall) {
		busy := []*guest{h.enter(whole), h.enter(whole), h.enter("GET /socket HTTP/1.1\r\nHost: x\r\n\r\n")}
		h.answer()
		h.answer()
		h.answer() // one of them is a socket from now on
		for i := range 2 {
			h.say(busy[i], whole)
		}
		client, server := net.Pipe()
		h.door <- server
		if _, err := client.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("one too many hears %v", err)
		}
		h.answer()
		h.answer()
		h.enter("")
		h.enter("")
		h.enter("")
		if !busy[0].gone || !busy[1].gone || busy[2].gone {
			t.Errorf("gone: %v and %v, the socket: %v", busy[0].gone, busy[1].gone, busy[2].gone)
		}
		_ = busy[2].Close()
		synctest.Wait()
		if h.all.open != 2 {
			t.Errorf("%d are open", h.all.open)
		}
	})
}
