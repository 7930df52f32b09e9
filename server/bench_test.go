package server_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"recado/server/browsertest"
	"recado/server/push"
	"recado/server/push/pushtest"
)

// These benchmarks measure the real binary from outside, with the push service
// in a process of its own. `make bench` runs them; the figures that matter are
// the reported metrics, not ns/op.

// service is a push service in another process.
type service struct {
	cmd           *exec.Cmd
	stdin         io.Closer
	url           string
	subscriptions string // file to import
	roots         string
}

func startService(b *testing.B, n int, flags ...string) *service {
	b.Helper()
	dir := b.TempDir()
	binary := filepath.Join(dir, "pushtestd")
	if out, err := exec.Command("go", "build", "-o", binary, "recado/server/push/pushtest/pushtestd").CombinedOutput(); err != nil {
		b.Fatalf("build pushtestd: %v\n%s", err, out)
	}
	s := &service{subscriptions: filepath.Join(dir, "subscriptions.jsonl"), roots: filepath.Join(dir, "roots.pem")}
	s.cmd = exec.Command(binary, append([]string{"-http2", "-skip-verify", "-subscriptions", fmt.Sprint(n), "-out", s.subscriptions, "-cert", s.roots}, flags...)...)
	stdin, err := s.cmd.StdinPipe()
	check(b, err)
	s.stdin = stdin
	stdout, err := s.cmd.StdoutPipe()
	check(b, err)
	s.cmd.Stderr = os.Stderr
	check(b, s.cmd.Start())
	b.Cleanup(func() { s.stdin.Close(); _ = s.cmd.Wait() })
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if _, url, ok := strings.Cut(lines.Text(), "listening on "); ok {
			s.url = url
			go func() { _, _ = io.Copy(io.Discard, stdout) }()
			return s
		}
	}
	b.Fatal("pushtestd did not start")
	return nil
}

func check(b testing.TB, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// serve starts the real binary with the service's subscriptions.
func serve(b *testing.B, s *service, config ...map[string]string) *browsertest.Recado {
	b.Helper()
	b.Setenv("SSL_CERT_FILE", s.roots)
	r := browsertest.StartRecado(b, browsertest.BuildBinary(b), browsertest.ForAutopush(config...))
	r.Run("subscription", "import", s.subscriptions)
	return r
}

// cpu is the user and system time of a process.
func cpu(b *testing.B, pid int) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	check(b, err)
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+2:])
	var ticks time.Duration
	for _, f := range fields[11:13] { // utime, stime
		var n int64
		_, err := fmt.Sscan(string(f), &n)
		check(b, err)
		ticks += time.Duration(n)
	}
	return ticks * (time.Second / 100)
}

// memory is a field of /proc/PID/status in MiB: VmRSS now, VmHWM at its most.
func memory(b testing.TB, pid int, field string) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	check(b, err)
	_, rest, _ := strings.Cut(string(status), field+":")
	var kib float64
	_, err = fmt.Sscan(rest, &kib)
	check(b, err)
	return kib / 1024
}

// notify publishes and returns when the notification is sent to all.
func notify(b *testing.B, r *browsertest.Recado, want int) {
	b.Helper()
	status, body := r.Do("POST", "/api/notify?wait=30s", `{"title": "Disk full", "body": "sda1 on nas is at 95 %", "url": "https://nas.example/storage"}`)
	if status != http.StatusOK || body != fmt.Sprintf("%d notification(s) sent", want) {
		b.Fatalf("%d %s", status, body)
	}
}

// BenchmarkFanout is the time and the sender's CPU a message, 20,000 of them.
func BenchmarkFanout(b *testing.B) {
	const n = 20_000
	s := startService(b, n)
	r := serve(b, s)
	notify(b, r, n) // connections and tokens are there
	var spent time.Duration
	for b.Loop() {
		before := cpu(b, r.Pid())
		notify(b, r, n)
		spent += cpu(b, r.Pid()) - before
	}
	sent := float64(b.N * n)
	b.ReportMetric(sent/b.Elapsed().Seconds(), "messages/s")
	b.ReportMetric(float64(spent.Microseconds())/sent, "cpu-µs/message")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkFanoutBare is what BenchmarkFanout is to be compared with, in the same
// run: the same messages through the same sender, with nothing around it.
func BenchmarkFanoutBare(b *testing.B) {
	const n, workers = 20_000, 64
	s := startService(b, n)
	targets := s.targets(b)
	pem, err := os.ReadFile(s.roots)
	check(b, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	sender := push.NewSender(push.Options{
		Policy:  push.Policy{AllowedHosts: []string{"*"}, AllowPrivateNetworks: true, AllowHTTP: true},
		Subject: "mailto:operator@example.com", RootCAs: roots,
	})
	defer sender.Close()
	key, err := push.GenerateKey()
	check(b, err)
	payload := bytes.Repeat([]byte("x"), 260) // as large as BenchmarkFanout's
	round := func() {
		var group errgroup.Group
		for w := range workers {
			group.Go(func() error {
				for i := w; i < n; i += workers {
					if r := sender.Send(context.Background(), key, targets[i], push.Message{Payload: payload, TTL: time.Hour}); r.Class != push.Sent {
						return fmt.Errorf("%s: %s", r.Class, r.Reason)
					}
				}
				return nil
			})
		}
		check(b, group.Wait())
	}
	round()
	var spent time.Duration
	for b.Loop() {
		before := cpu(b, os.Getpid())
		round()
		spent += cpu(b, os.Getpid()) - before
	}
	sent := float64(b.N * n)
	b.ReportMetric(sent/b.Elapsed().Seconds(), "messages/s")
	b.ReportMetric(float64(spent.Microseconds())/sent, "cpu-µs/message")
	b.ReportMetric(0, "ns/op")
}

// targets reads the file to import.
func (s *service) targets(b *testing.B) []push.Target {
	b.Helper()
	file, err := os.ReadFile(s.subscriptions)
	check(b, err)
	var targets []push.Target
	for line := range bytes.Lines(file) {
		var sub struct {
			Endpoint string
			Keys     struct{ P256dh, Auth string }
		}
		check(b, json.Unmarshal(line, &sub))
		p256dh, auth, err := push.ParseSubscriptionKeys(sub.Keys.P256dh, sub.Keys.Auth)
		check(b, err)
		targets = append(targets, push.Target{Endpoint: sub.Endpoint, Keys: push.Keys{P256dh: p256dh, Auth: auth}})
	}
	return targets
}

// BenchmarkFanoutMemory is the most that the sender takes during 200,000.
func BenchmarkFanoutMemory(b *testing.B) {
	const n = 200_000
	s := startService(b, n)
	r := serve(b, s)
	b.ReportMetric(memory(b, r.Pid(), "VmRSS"), "MiB-before")
	for b.Loop() {
		notify(b, r, n)
	}
	b.ReportMetric(memory(b, r.Pid(), "VmHWM"), "MiB-most")
	b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "messages/s")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkPublishToArrival is how long an idle server takes from the publisher's
// request to the message's arrival at the push service.
func BenchmarkPublishToArrival(b *testing.B) {
	s, err := pushtest.New(pushtest.Options{HTTP2: true, CountOnly: true})
	check(b, err)
	b.Cleanup(s.Close)
	roots := filepath.Join(b.TempDir(), "roots.pem")
	check(b, os.WriteFile(roots, s.CertificatePEM(), 0o600))
	b.Setenv("SSL_CERT_FILE", roots)
	r := browsertest.StartRecado(b, browsertest.BuildBinary(b), browsertest.ForAutopush())
	r.Do("POST", "/api/subscribe", string(s.Subscribe().JSON()))
	arrived := make(chan time.Time, 1)
	s.OnReceive(func(pushtest.Received) { arrived <- time.Now() })
	notify(b, r, 1)
	<-arrived
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		r.Do("POST", "/api/notify?wait=0", `{"title": "Hello"}`)
		took = append(took, (<-arrived).Sub(start))
	}
	report(b, took)
}

// BenchmarkAccept is the answer to ?wait=0 with few and with many subscriptions.
func BenchmarkAccept(b *testing.B) {
	for _, n := range []int{100, 200_000} {
		b.Run(fmt.Sprintf("subscriptions=%d", n), func(b *testing.B) {
			s := startService(b, n, "-status", "201")
			r := serve(b, s)
			// Scheduled a day ahead, so that only the accepting is measured.
			message := fmt.Sprintf(`{"title": "Hello", "scheduled_at": %q}`, time.Now().Add(24*time.Hour).Format(time.RFC3339))
			for _, kind := range []struct{ name, message string }{{"scheduled", message}, {"now", `{"title": "Hello", "target": {"subscriptions": ["00000000-0000-4000-8000-000000000000"]}}`}} {
				b.Run(kind.name, func(b *testing.B) {
					var took []time.Duration
					for b.Loop() {
						start := time.Now()
						if status, body := r.Do("POST", "/api/notify?wait=0", kind.message); status != http.StatusAccepted && status != http.StatusOK {
							b.Fatal(status, body)
						}
						took = append(took, time.Since(start))
					}
					report(b, took)
				})
			}
		})
	}
}

// BenchmarkStart is the time from exec to listening, on a data directory that is
// there.
func BenchmarkStart(b *testing.B) {
	r := browsertest.StartRecado(b, browsertest.BuildBinary(b), browsertest.ForAutopush())
	var took []time.Duration
	for b.Loop() {
		b.StopTimer()
		r.Stop()
		b.StartTimer()
		start := time.Now()
		r.Restart()
		took = append(took, time.Since(start))
	}
	report(b, took)
}

// BenchmarkIdleMemory is what a server that has served and delivered takes.
func BenchmarkIdleMemory(b *testing.B) {
	s := startService(b, 10)
	r := serve(b, s)
	for b.Loop() {
		notify(b, r, 10)
		r.Get("/")
	}
	b.ReportMetric(memory(b, r.Pid(), "VmRSS"), "MiB")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkImport is the command, from file to durable.
func BenchmarkImport(b *testing.B) {
	const n = 50_000
	s := startService(b, n)
	var spent time.Duration
	for b.Loop() {
		r := browsertest.StartRecado(b, browsertest.BuildBinary(b), browsertest.ForAutopush())
		start := time.Now()
		r.Run("subscription", "import", s.subscriptions)
		spent += time.Since(start)
		r.Kill()
	}
	b.ReportMetric(float64(b.N*n)/spent.Seconds(), "subscriptions/s")
	b.ReportMetric(0, "ns/op")
}

func report(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	at := func(p int) float64 { return float64(took[len(took)*p/100].Microseconds()) / 1000 }
	b.ReportMetric(at(50), "p50-ms")
	b.ReportMetric(at(99), "p99-ms")
	b.ReportMetric(float64(took[0].Microseconds())/1000, "min-ms")
	b.ReportMetric(0, "ns/op")
}
