//go:build system

package systemtest

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"recado/server/browsertest"
	"recado/server/push/pushtest"
)

// The program needs nothing around it: in a root with only itself and the
// certificate that it is given to trust, as in a container made from scratch, it
// makes its data, sends over TLS, and knows time zones.
func TestSystemBareRoot(t *testing.T) {
	service := pushtest.Start(t, pushtest.Options{HTTP2: true, Intermediate: true})
	r := &root{t, t.TempDir()}
	r.link(browsertest.BuildBinary(t), "/recado")
	r.write("/roots.pem", string(service.CertificatePEM()), 0o644)
	url, stop := serveBare(t, r, "SSL_CERT_FILE=/roots.pem", "RECADO_PUSH_ALLOWED_HOSTS=*",
		"RECADO_PUSH_ALLOW_PRIVATE_NETWORKS=true", "RECADO_PUSH_ALLOW_HTTP=true")
	token := strings.TrimSpace(r.read("/data/admin-token"))
	call := func(path, body string, into any) int {
		t.Helper()
		q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+path, strings.NewReader(body))
		must(t, err)
		q.Header = http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}, "Accept": {"application/json"}}
		answer, err := http.DefaultClient.Do(q)
		must(t, err)
		defer answer.Body.Close()
		must(t, json.NewDecoder(answer.Body).Decode(into))
		return answer.StatusCode
	}

	var told struct {
		Sent   int
		NextAt time.Time `json:"next_at"`
	}
	if status := call("/api/subscribe", string(service.Subscribe().JSON()), &told); status != http.StatusOK {
		t.Fatalf("subscribe: %d", status)
	}
	if status := call("/api/notify", `{"title": "Hello"}`, &told); status != http.StatusOK || told.Sent != 1 || service.Count() != 1 {
		t.Errorf("notify: %d, %+v; the push service got %+v", status, told, service.Summary())
	}
	zone, err := time.LoadLocation("Pacific/Chatham")
	must(t, err)
	status := call("/v1/pushnotification", `{"title": "Hello", "repeat": "30 7 * * *", "time_zone": "Pacific/Chatham"}`, &told)
	if next := told.NextAt.In(zone).Format(time.TimeOnly); status != http.StatusCreated || next != "07:30:00" {
		t.Errorf("schedule: %d, next at %s there", status, next)
	}
	stop()
	var left []string
	entries, err := os.ReadDir(r.dir)
	must(t, err)
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if got := strings.Join(left, " "); got != "data recado roots.pem" {
		t.Errorf("in the root there are %s", got)
	}
}

// serveBare runs the root's /recado until stop, which checks that it ends well.
func serveBare(t *testing.T, r *root, env ...string) (url string, stop func()) {
	t.Helper()
	cmd := r.command("/recado", "serve", "--listen", "127.0.0.1:0")
	cmd.Env = env
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	must(t, err)
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // where the test failed before it stopped
		if said, err := os.ReadFile(log.Name()); t.Failed() {
			t.Logf("its log, %v:\n%s", err, said)
		}
		log.Close()
	})
	lines := bufio.NewScanner(out)
	for url == "" && lines.Scan() {
		url, _ = strings.CutPrefix(lines.Text(), "listening on ")
		if !strings.HasPrefix(url, "http://") {
			url = ""
		}
	}
	return url, func() {
		t.Helper()
		must(t, cmd.Process.Signal(syscall.SIGTERM))
		must(t, cmd.Wait())
	}
}
