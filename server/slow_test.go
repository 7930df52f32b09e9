package server_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"recado/server/browsertest"
)

// slowClients is how many connect and never finish what they say: more than there
// are places.
const slowClients = 5000

// TestSlowClients has thousands connect to the real binary that send a byte now and
// then, of a request's head or of its body. Meanwhile others are answered, a viewer
// of the live log stays, and memory is bounded.
func TestSlowClients(t *testing.T) {
	if testing.Short() {
		t.Skip("ten thousand connections")
	}
	r := browsertest.StartRecado(t, browsertest.BuildBinary(t), browsertest.ForAutopush())
	address := strings.TrimPrefix(r.URL, "http://")
	viewer, _, err := websocket.Dial(t.Context(), r.URL+"/v1/deliveries/live", &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + r.Token}}})
	must(t, err)
	defer viewer.CloseNow()
	_, _, err = viewer.Read(t.Context()) // hello
	must(t, err)
	for name, says := range map[string]string{
		"heads":  "POST /api/subscribe HTTP/1.1\r\nHost: recado\r\nX-Slow: ",
		"bodies": "POST /api/subscribe HTTP/1.1\r\nHost: recado\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{\"endpoint\":\"",
	} {
		slow := dialSlow(t, address, says)
		defer slow.hangUp()
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
		for i := range 50 {
			slow.more()
			answer, err := client.Get(r.URL + "/api/subscribe")
			if err != nil {
				t.Fatalf("%s, request %d: %v", name, i, err)
			}
			body, err := io.ReadAll(answer.Body)
			must(t, errors.Join(err, answer.Body.Close()))
			if answer.StatusCode != http.StatusOK {
				t.Fatalf("%s, request %d: %s %s", name, i, answer.Status, body)
			}
		}
		if status, body := r.Do("POST", "/api/notify?wait=0", `{"title":"x"}`); status >= 300 {
			t.Errorf("%s: publishing: %d %s", name, status, body)
		}
		open := slow.open()
		t.Logf("%s: %d of %d slow clients are connected, the server takes %.0f MiB", name, open, slowClients, memory(t, r.Pid(), "VmRSS"))
		if open > 4100 || open < 3000 {
			t.Errorf("%s: %d slow clients are connected", name, open)
		}
		if mib := memory(t, r.Pid(), "VmRSS"); mib > 400 {
			t.Errorf("%s: the server takes %.0f MiB", name, mib)
		}
	}
	_, text, err := viewer.Read(t.Context())
	if err != nil || !strings.Contains(string(text), `"notification"`) {
		t.Errorf("the viewer reads %s, %v", text, err)
	}
}

// slow are clients that never finish.
type slow struct {
	conns []net.Conn
	next  int
}

func dialSlow(t *testing.T, address, says string) *slow {
	t.Helper()
	s := &slow{conns: make([]net.Conn, slowClients)}
	var all sync.WaitGroup
	for worker := range 16 {
		all.Go(func() {
			for i := worker; i < slowClients; i += 16 {
				c, err := net.Dial("tcp", address)
				if err != nil {
					t.Error(err)
					c, _ = net.Pipe()
				}
				_, _ = io.WriteString(c, says) // one that has no place any more cannot
				s.conns[i] = c
			}
		})
	}
	all.Wait()
	return s
}

// more has some of them send a byte.
func (s *slow) more() {
	for range 100 {
		_, _ = s.conns[s.next%len(s.conns)].Write([]byte("x"))
		s.next++
	}
}

// open is how many the server has not hung up on.
func (s *slow) open() (n int) {
	for _, c := range s.conns {
		_ = c.SetReadDeadline(time.Now().Add(time.Microsecond))
		_, err := c.Read(make([]byte, 1))
		if errors.Is(err, os.ErrDeadlineExceeded) {
			n++
		}
	}
	return n
}

func (s *slow) hangUp() {
	for _, c := range s.conns {
		_ = c.Close()
	}
}
