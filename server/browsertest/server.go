package browsertest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"recado/server/secrettest"
)

// BuildBinary builds the recado binary as it is shipped, without cgo, into a
// directory that ends with t, and returns its path. RECADO_TEST_BINARY in the
// environment names one that is there already, a release to be tested.
func BuildBinary(t testing.TB) string {
	t.Helper()
	if binary := os.Getenv("RECADO_TEST_BINARY"); binary != "" {
		path, err := filepath.Abs(binary)
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	binary := filepath.Join(t.TempDir(), "recado")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".")
	cmd.Dir = moduleRoot(t)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build recado: %v\n%s", err, output)
	}
	return binary
}

// Recado is a running recado server with a data directory of its own. Its
// methods fail the test it was started for.
type Recado struct {
	URL     string // http://127.0.0.1:PORT, the same after a restart
	Token   string // the admin token
	DataDir string

	t       testing.TB
	binary  string
	env     []string
	cmd     *exec.Cmd
	log     *lockedBuffer
	exited  chan struct{} // closed when cmd has ended
	stopped bool          // the test ended it itself
}

// ForAutopush is the configuration with which recado sends to [Autopush] on
// loopback; more is added or replaced by the maps given, key by key.
func ForAutopush(more ...map[string]string) map[string]string {
	config := map[string]string{
		"push.allow_private_networks": "true",
		"push.allow_http":             "true",
		"push.allowed_hosts":          "*",
		"push.retry_base":             "50ms",
		"instance_name":               "Oficina Aurora",
	}
	for _, m := range more {
		maps.Copy(config, m)
	}
	return config
}

// StartRecado starts binary on an empty data directory with the configuration
// keys given ("push.allow_http") and further variables in its environment
// ("NAME=value"), waits until it listens, and ends it with t. Unless they are
// given, listen is a free port of loopback, base_url is that address, and data_dir
// a directory that ends with t.
func StartRecado(t testing.TB, binary string, config map[string]string, env ...string) *Recado {
	t.Helper()
	r := &Recado{t: t, binary: binary, DataDir: filepath.Join(t.TempDir(), "data")}
	address := freeAddress(t)
	settings := map[string]string{"listen": address, "base_url": "http://" + address, "data_dir": r.DataDir}
	maps.Copy(settings, config)
	r.DataDir = settings["data_dir"]
	r.env = append(environment(settings), env...)
	r.start()
	t.Cleanup(func() {
		if !r.stopped {
			r.Kill()
		}
		if secrets := secrettest.Shapes(r.Log()); len(secrets) > 0 {
			t.Errorf("recado printed secrets: %q", secrets)
		}
		if t.Failed() {
			t.Logf("recado's log:\n%s", r.log)
		}
	})
	token, err := os.ReadFile(filepath.Join(r.DataDir, "admin-token"))
	if err != nil {
		t.Fatalf("recado's admin token: %v\n%s", err, r.log)
	}
	r.Token = strings.TrimSpace(string(token))
	return r
}

// environment is this process's own, without any of recado's variables, and
// with one for each configuration key.
func environment(config map[string]string) []string {
	env := slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "RECADO_") })
	for key, value := range config {
		env = append(env, "RECADO_"+strings.ToUpper(strings.ReplaceAll(key, ".", "_"))+"="+value)
	}
	return env
}

// freeAddress is a loopback address on which nothing listens at this moment.
// base_url has to be known before the server starts, so port 0 is no way out.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start runs the server and waits for the line that says where it listens.
func (r *Recado) start() {
	r.t.Helper()
	if r.log == nil {
		r.log = new(lockedBuffer)
	}
	r.cmd = exec.Command(r.binary, "serve")
	r.cmd.Env, r.cmd.Dir = r.env, filepath.Dir(r.DataDir)
	ownGroup(r.cmd)
	reader, writer := io.Pipe()
	r.cmd.Stdout, r.cmd.Stderr = writer, writer
	if err := r.cmd.Start(); err != nil {
		r.t.Fatalf("start recado: %v", err)
	}
	listening, exited := make(chan string, 1), make(chan struct{})
	r.exited, r.stopped = exited, false
	go r.readLog(reader, listening)
	go func() {
		_ = r.cmd.Wait()
		writer.Close()
		close(exited)
	}()
	select {
	case r.URL = <-listening:
	case <-exited:
		r.t.Fatalf("recado ended at once, code %d:\n%s", r.cmd.ProcessState.ExitCode(), r.log)
	case <-time.After(stepTimeout):
		r.Kill()
		r.t.Fatalf("recado never said where it listens:\n%s", r.log)
	}
}

// readLog keeps every line and reports the first address listened on.
func (r *Recado) readLog(output io.Reader, listening chan<- string) {
	lines := bufio.NewScanner(output)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		fmt.Fprintln(r.log, lines.Text())
		if _, after, ok := strings.Cut(lines.Text(), "listening on "); ok {
			address, _, _ := strings.Cut(after, " ")
			select {
			case listening <- strings.TrimRight(address, `"`):
			default:
			}
		}
	}
	_, _ = io.Copy(io.Discard, output)
}

// Log is all that the server has printed, over restarts.
func (r *Recado) Log() string { return r.log.String() }

// Pid is the server's process id.
func (r *Recado) Pid() int { return r.cmd.Process.Pid }

// Kill ends the server as a power cut does.
func (r *Recado) Kill() {
	killGroup(r.cmd)
	<-r.exited
	r.stopped = true
}

// Stop ends the server with SIGTERM and returns its exit code.
func (r *Recado) Stop() int {
	r.t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		r.t.Fatalf("stop recado: %v", err)
	}
	select {
	case <-r.exited:
	case <-time.After(2 * stepTimeout):
		r.Kill()
		r.t.Fatalf("recado did not end after SIGTERM:\n%s", r.log)
	}
	r.stopped = true
	return r.cmd.ProcessState.ExitCode()
}

// Restart starts the server again on the same data directory and address,
// stopping it first if it still runs.
func (r *Recado) Restart() {
	r.t.Helper()
	if !r.stopped {
		r.Stop()
	}
	r.start()
}

// MoveTo lets the next start and other commands work on another data directory,
// where the token has to be the same.
func (r *Recado) MoveTo(dataDir string) {
	r.DataDir = dataDir
	r.env = append(r.env, "RECADO_DATA_DIR="+dataDir) // the last one counts
}

// Run runs another recado command on the same configuration and data directory
// and returns what it printed; a failing one fails the test.
func (r *Recado) Run(args ...string) string {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), stepTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, r.binary, args...)
	cmd.Env, cmd.Dir = r.env, filepath.Dir(r.DataDir)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if err != nil {
		r.t.Fatalf("recado %s: %v\n%s%s", strings.Join(args, " "), err, stdout, &stderr)
	}
	return string(stdout)
}

// Do sends a request with the admin token and returns status and body. A body
// that is not empty is JSON.
func (r *Recado) Do(method, path, body string, header ...string) (int, string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 2*stepTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, r.URL+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+r.Token)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer.StatusCode, strings.TrimSpace(string(text))
}

// Get is [Recado.Do] with GET.
func (r *Recado) Get(path string) (int, string) {
	r.t.Helper()
	return r.Do(http.MethodGet, path, "")
}

// Notify publishes a message and waits up to the 5 s default for its outcomes.
func (r *Recado) Notify(message string) (int, string) {
	r.t.Helper()
	return r.Do(http.MethodPost, "/api/notify", message)
}

// lockedBuffer is a buffer that one goroutine fills while others read.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
