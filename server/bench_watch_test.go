package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"recado/server/browsertest"
)

// watched is a benchmark's viewers, in another process.
type watched struct {
	cmd   *exec.Cmd
	stdin io.Closer
	lines *bufio.Scanner
}

// seenByAll is what the viewers have seen together.
type seenByAll struct{ Items, Skipped, Bytes int64 }

// startViewers returns when all of them have been greeted.
func startViewers(b *testing.B, r *browsertest.Recado, n int) *watched {
	b.Helper()
	w := &watched{cmd: exec.Command(os.Args[0], "-test.run=^TestViewers$")}
	w.cmd.Env = append(os.Environ(), "RECADO_TEST_VIEWERS="+fmt.Sprint(n), "RECADO_TEST_URL="+r.URL, "RECADO_TEST_TOKEN="+r.Token)
	w.cmd.Stderr = os.Stderr
	stdin, err := w.cmd.StdinPipe()
	check(b, err)
	w.stdin = stdin
	stdout, err := w.cmd.StdoutPipe()
	check(b, err)
	check(b, w.cmd.Start())
	w.lines = bufio.NewScanner(stdout)
	for w.lines.Scan() {
		if w.lines.Text() == "watching" {
			return w
		}
	}
	b.Fatal("the viewers did not start")
	return nil
}

// stop ends them, a little after the last frame.
func (w *watched) stop(b *testing.B) (seen seenByAll) {
	b.Helper()
	check(b, w.stdin.Close())
	for w.lines.Scan() {
		if text, ok := strings.CutPrefix(w.lines.Text(), "seen "); ok {
			check(b, json.Unmarshal([]byte(text), &seen))
		}
	}
	check(b, w.cmd.Wait())
	return seen
}

// TestViewers is the process of startViewers.
func TestViewers(t *testing.T) {
	var n int
	if _, err := fmt.Sscan(os.Getenv("RECADO_TEST_VIEWERS"), &n); err != nil {
		t.Skip("is the viewers of a benchmark")
	}
	var items, skipped, size, last atomic.Int64
	for range n {
		c, _, err := websocket.Dial(context.Background(), os.Getenv("RECADO_TEST_URL")+"/v1/deliveries/live", &websocket.DialOptions{
			HTTPHeader: http.Header{"Authorization": {"Bearer " + os.Getenv("RECADO_TEST_TOKEN")}},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer c.CloseNow()
		c.SetReadLimit(-1)
		if _, _, err := c.Read(context.Background()); err != nil { // hello
			t.Fatal(err)
		}
		go func() {
			buffer := make([]byte, 0, 1<<20)
			for {
				_, from, err := c.Reader(context.Background())
				if err != nil {
					return
				}
				into := bytes.NewBuffer(buffer[:0])
				if _, err := into.ReadFrom(from); err != nil {
					return
				}
				text := into.Bytes()
				buffer = text
				size.Add(int64(len(text)))
				items.Add(int64(bytes.Count(text, []byte(`{"event":`))))
				var lost int64
				if _, err := fmt.Sscanf(string(text[:min(len(text), 50)]), `{"type":"skipped","count":%d}`, &lost); err == nil {
					skipped.Add(lost)
				}
				last.Store(time.Now().UnixNano())
			}
		}()
	}
	fmt.Println("watching")
	_, _ = io.Copy(io.Discard, os.Stdin)
	for time.Since(time.Unix(0, last.Load())) < time.Second {
		time.Sleep(100 * time.Millisecond)
	}
	report, err := json.Marshal(seenByAll{items.Load(), skipped.Load(), size.Load()})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("seen " + string(report))
}

// BenchmarkFanoutWatched sends 20,000 messages in turn with nobody watching and with
// viewers, and reports by how much longer it takes.
func BenchmarkFanoutWatched(b *testing.B) {
	const n = 20_000
	for _, viewers := range []int{1, 20, 200} {
		b.Run(fmt.Sprint("viewers=", viewers), func(b *testing.B) {
			s := startService(b, n)
			r := serve(b, s)
			notify(b, r, n)
			var alone, watched, cpuAlone, cpuWatched time.Duration
			var seen seenByAll
			fanout := func(wall, spent *time.Duration) {
				before, start := cpu(b, r.Pid()), time.Now()
				notify(b, r, n)
				*wall += time.Since(start)
				*spent += cpu(b, r.Pid()) - before
			}
			for b.Loop() {
				fanout(&alone, &cpuAlone)
				w := startViewers(b, r, viewers)
				fanout(&watched, &cpuWatched)
				s := w.stop(b)
				seen.Items, seen.Skipped, seen.Bytes = seen.Items+s.Items, seen.Skipped+s.Skipped, seen.Bytes+s.Bytes
			}
			sent := float64(b.N * n)
			b.ReportMetric(watched.Seconds()/alone.Seconds(), "times-as-long")
			b.ReportMetric(sent/alone.Seconds(), "messages/s-alone")
			b.ReportMetric(sent/watched.Seconds(), "messages/s-watched")
			b.ReportMetric(float64(cpuAlone.Microseconds())/sent, "cpu-µs/message-alone")
			b.ReportMetric(float64(cpuWatched.Microseconds())/sent, "cpu-µs/message-watched")
			b.ReportMetric(float64(seen.Items)/sent/float64(viewers), "items-seen/message")
			b.ReportMetric(float64(seen.Skipped), "skipped")
			b.ReportMetric(float64(seen.Bytes)/float64(max(seen.Items, 1)), "bytes/item")
			b.ReportMetric(0, "ns/op")
		})
	}
}
