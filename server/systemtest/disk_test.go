//go:build system

package systemtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"recado/server/browsertest"
	"recado/server/push/pushtest"
)

const (
	subscriptions = 3000
	// unrecorded is how many may be with the push service without a stored outcome:
	// push.concurrency and a settle batch.
	unrecorded = 256 + 500
	// fsImmutable is FS_IMMUTABLE_FL of linux/fs.h.
	fsImmutable = 0x10
)

// mounted is a new file system for as long as the test runs. A container may let
// even root mount nothing.
func mounted(t *testing.T, options string) (dir string, err error) {
	t.Helper()
	dir = t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		return "", err
	}
	t.Cleanup(func() { must(t, unix.Unmount(dir, unix.MNT_DETACH)) })
	return dir, nil
}

// smallDisk is a directory where room ends soon: a file system of its own, or a
// container's small shared memory.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir, err := mounted(t, "size=32m")
	if err == nil {
		return dir
	}
	const shared, small = "/dev/shm", 256 << 20
	var st unix.Statfs_t
	if unix.Statfs(shared, &st) != nil || st.Type != unix.TMPFS_MAGIC || st.Blocks*uint64(st.Bsize) > small {
		t.Skipf("nothing can be mounted here, and %s is too large to be filled: %v", shared, err)
	}
	dir, err = os.MkdirTemp(shared, "recado")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	return dir
}

// fanOut is recado in the middle of sending to many.
type fanOut struct {
	*browsertest.Recado
	t       *testing.T
	service *pushtest.Server
	ids     []string // of what was accepted
}

// startFanOut starts recado with its data below dir, publishes to all and returns
// when a third of it is sent. The push service takes its time.
func startFanOut(t *testing.T, dir string) *fanOut {
	t.Helper()
	service := pushtest.Start(t, pushtest.Options{HTTP2: true, CountOnly: true})
	roots := filepath.Join(t.TempDir(), "roots.pem")
	must(t, os.WriteFile(roots, service.CertificatePEM(), 0o600))
	f := &fanOut{t: t, service: service, Recado: browsertest.StartRecado(t, browsertest.BuildBinary(t),
		browsertest.ForAutopush(map[string]string{"data_dir": filepath.Join(dir, "data")}), "SSL_CERT_FILE="+roots)}
	var lines bytes.Buffer
	for _, s := range service.SubscribeN(subscriptions, true) {
		lines.Write(append(s.ImportJSON(), '\n'))
	}
	file := filepath.Join(t.TempDir(), "subscriptions.jsonl")
	must(t, os.WriteFile(file, lines.Bytes(), 0o600))
	f.Run("subscription", "import", file)
	service.Always(&pushtest.Step{Delay: 100 * time.Millisecond})
	if !f.publish() {
		t.Fatal("the first message was refused")
	}
	must(t, service.Wait(t.Context(), subscriptions/3))
	return f
}

// ask sends a request with the admin token; its body is closed by the caller.
func (f *fanOut) ask(method, path, body string) *http.Response {
	f.t.Helper()
	r, err := http.NewRequestWithContext(f.t.Context(), method, f.URL+path, strings.NewReader(body))
	must(f.t, err)
	r.Header = http.Header{"Authorization": {"Bearer " + f.Token}, "Content-Type": {"application/json"}, "Accept": {"application/json"}}
	answer, err := http.DefaultClient.Do(r)
	must(f.t, err)
	return answer
}

// publish publishes to all and reports whether that was accepted; what is refused
// must be so in the right way.
func (f *fanOut) publish() bool {
	f.t.Helper()
	answer := f.ask(http.MethodPost, "/api/notify?wait=0", `{"title": "Hello"}`)
	defer answer.Body.Close()
	var told struct{ ID, Message string }
	must(f.t, json.NewDecoder(answer.Body).Decode(&told))
	switch {
	case answer.StatusCode == http.StatusAccepted:
		f.ids = append(f.ids, told.ID)
		return true
	case answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" || told.Message == "":
		f.t.Errorf("publishing while nothing can be stored: %d, Retry-After %q, %q", answer.StatusCode, answer.Header.Get("Retry-After"), told.Message)
	}
	return false
}

// sent is how many outcomes of all messages are stored.
func (f *fanOut) sent() (n int) {
	f.t.Helper()
	for _, id := range f.ids {
		status, body := f.Get("/v1/pushnotification/" + id)
		var told struct{ Counts struct{ Sent int } }
		if err := json.Unmarshal([]byte(body), &told); err != nil || status != http.StatusOK {
			f.t.Fatalf("%s: %d %s", id, status, body)
		}
		n += told.Counts.Sent
	}
	return n
}

// advised runs a recado command on f's data and checks its exit code and its advice.
func (f *fanOut) advised(code int, advice string, args ...string) {
	f.t.Helper()
	cmd := exec.CommandContext(f.t.Context(), browsertest.BuildBinary(f.t), append(args, "--data-dir", f.DataDir)...)
	cmd.Dir, cmd.Env = f.t.TempDir(), []string{"PATH=" + os.Getenv("PATH"), "RECADO_LISTEN=127.0.0.1:0"}
	out, _ := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != code || !strings.Contains(string(out), advice) || !strings.Contains(string(out), f.DataDir) {
		f.t.Errorf("recado %v: exit %d\n%s\ndoes not say %q", args, got, out, advice)
	}
}

// outage checks how recado stands when nothing can be stored any more.
func (f *fanOut) outage() {
	f.t.Helper()
	waitUntil(f.t, "readyz says that storage fails", func() bool {
		status, body := f.Get("/readyz")
		return status == http.StatusServiceUnavailable && strings.Contains(body, "storage: outcomes cannot be stored")
	})
	waitUntil(f.t, "publishing is refused", func() bool { return !f.publish() })
	waitUntil(f.t, "sending stops", func() bool { return f.service.InFlight() == 0 })
	count, total := f.service.Count(), len(f.ids)*subscriptions
	if sent := f.sent(); count == total || count-sent > unrecorded {
		f.t.Errorf("of %d it sent %d, and stored %d", total, count, sent)
	}
	if status, body := f.Get("/healthz"); status != http.StatusOK {
		f.t.Errorf("healthz: %d %s", status, body)
	}
	if _, body := f.Get("/v1/stats"); !strings.Contains(body, `"storage"`) {
		f.t.Errorf("no alert stands in the statistics: %s", body)
	}
	if after := f.service.Count(); after != count {
		f.t.Errorf("it went on: %d messages became %d", count, after)
	}
}

// complete checks that everything that was accepted arrives, and what is new as well.
func (f *fanOut) complete() {
	f.t.Helper()
	f.service.Always(nil)
	waitUntil(f.t, "publishing works again", f.publish)
	total := len(f.ids) * subscriptions
	waitUntil(f.t, "all is stored", func() bool { return f.sent() == total })
	if status, body := f.Get("/readyz"); status != http.StatusOK {
		f.t.Errorf("readyz: %d %s", status, body)
	}
	sum := f.service.Summary()
	if int(sum.Unique) != total || sum.Violations != 0 {
		f.t.Errorf("of %d the push service got %+v", total, sum)
	}
	f.t.Logf("%d messages accepted; the push service got %+v", len(f.ids), sum)
	if code := f.Stop(); code != 0 {
		f.t.Errorf("exit %d", code)
	}
}

// A disk that fills up in the middle of a fan-out stops it, and nothing is lost.
func TestSystemFullDisk(t *testing.T) {
	dir := smallDisk(t)
	f := startFanOut(t, dir)
	filler := filepath.Join(dir, "filler")
	fill(t, filler)
	f.outage()
	f.advised(1, "make room", "doctor", "--offline")
	must(t, os.Remove(filler))
	f.complete()
	if f.service.Summary().Duplicates != 0 {
		t.Error("something was sent twice")
	}
	fill(t, filler)
	f.advised(1, "no room is left where the data lies", "serve")
	f.advised(1, "make room", "doctor", "--offline")
}

// fill takes all the room that is left.
func fill(t *testing.T, name string) {
	t.Helper()
	file, err := os.Create(name)
	must(t, err)
	defer file.Close()
	for page := make([]byte, os.Getpagesize()); err == nil; {
		_, err = file.Write(page)
	}
	if !errors.Is(err, unix.ENOSPC) {
		t.Fatal(err)
	}
}

// A disk that takes no more writes stops it, too. The kernel remounts nothing
// read-only by itself while files are open but after an error; files that may not be
// changed any more refuse writes in the same way.
func TestSystemDiskThatRefusesWrites(t *testing.T) {
	dir := t.TempDir()
	f := startFanOut(t, dir)
	files := []string{filepath.Join(f.DataDir, "recado.db"), filepath.Join(f.DataDir, "recado.db-wal")}
	t.Cleanup(func() { immutable(t, false, files...) })
	immutable(t, true, files...)
	f.outage()
	f.refusals()
	immutable(t, false, files...)
	f.complete()
	if f.service.Summary().Duplicates != 0 {
		t.Error("something was sent twice")
	}
}

// refusals checks that whatever would have to be stored is refused for now, in the
// manner of each interface, and that what only reads goes on.
func (f *fanOut) refusals() {
	f.t.Helper()
	subscription := string(f.service.Subscribe().JSON())
	for path, body := range map[string]string{
		"/push/": `{"title": "x"}`, "/v1/pushnotification": `{"title": "x"}`, "/hook": `{"title": "x"}`,
		"/message": `{"message": "x"}`, "/some-topic": "x", "/": `{"topic": "other-topic", "message": "x"}`,
		"/api/subscribe": subscription, "/subscription/": `{"subscription_token": ` + subscription + `}`,
		"/v1/pushnotification/categories": `{"name": "x"}`, "/v1/tokens": `{"name": "x", "scope": "read"}`,
		"/v1/invites": `{"user": "x"}`, "/v1/keys/rotate": "", "/v1/session": `{"token": "` + f.Token + `"}`,
	} {
		answer := f.ask(http.MethodPost, path, body)
		said, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" {
			f.t.Errorf("POST %s: %d, Retry-After %q, %s, %v", path, answer.StatusCode, answer.Header.Get("Retry-After"), said, err)
		}
	}
	for _, path := range []string{"/", "/admin", "/api/subscribe", "/v1/pushnotification", "/v1/subscriptions", "/v1/stats", "/v1/keys", "/metrics"} {
		answer := f.ask(http.MethodGet, path, "")
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			f.t.Errorf("GET %s: %d", path, answer.StatusCode)
		}
	}
}

// immutable sets or takes away the attribute of chattr(1).
func immutable(t *testing.T, on bool, names ...string) {
	t.Helper()
	for _, name := range names {
		file, err := os.Open(name)
		if err != nil {
			continue // the log goes with the server
		}
		defer file.Close()
		flags, err := unix.IoctlGetUint32(int(file.Fd()), unix.FS_IOC_GETFLAGS)
		if err == nil {
			flags &^= fsImmutable
			if on {
				flags |= fsImmutable
			}
			err = unix.IoctlSetPointerInt(int(file.Fd()), unix.FS_IOC_SETFLAGS, int(flags))
		}
		if on && (errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOTTY) || errors.Is(err, unix.EOPNOTSUPP)) {
			t.Skipf("here root cannot make files immutable: %v", err)
		}
		must(t, err)
	}
}

// A server does not start on a read-only disk, says why, and goes on where it was
// when it can be written to again.
func TestSystemReadOnlyDisk(t *testing.T) {
	dir, err := mounted(t, "size=64m")
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
		t.Skipf("nothing can be mounted here: %v", err)
	}
	must(t, err)
	f := startFanOut(t, dir)
	f.Kill()
	remount := func(flags uintptr) { t.Helper(); must(t, unix.Mount("", dir, "", unix.MS_REMOUNT|flags, "")) }
	remount(unix.MS_RDONLY)
	f.advised(1, syscall.EROFS.Error(), "serve")
	f.advised(1, "mount it writable", "doctor", "--offline")
	remount(0)
	f.Restart()
	f.complete()
	if sum := f.service.Summary(); sum.Duplicates > unrecorded {
		t.Errorf("%d were sent again, at most %d may", sum.Duplicates, unrecorded)
	}
}

// What is no database any more is refused, with the way back, which works.
func TestSystemDamagedDatabase(t *testing.T) {
	f := startFanOut(t, t.TempDir())
	backup := filepath.Join(t.TempDir(), "backup.db")
	f.Run("backup", backup)
	f.Kill()
	database := filepath.Join(f.DataDir, "recado.db")
	must(t, os.Truncate(database, 3*4096+17))
	must(t, os.Remove(database+"-wal"))
	f.advised(1, "is damaged: bring a backup back with recado restore FILE --force", "serve")
	f.advised(1, "recado restore FILE --force", "doctor", "--offline")
	f.Run("restore", backup, "--force")
	f.Restart()
	f.complete()
}

// Stopped while nothing can be stored it says what that means, and a later start
// makes up for it.
func TestSystemStopWhileNothingCanBeStored(t *testing.T) {
	f := startFanOut(t, t.TempDir())
	files := []string{filepath.Join(f.DataDir, "recado.db"), filepath.Join(f.DataDir, "recado.db-wal")}
	t.Cleanup(func() { immutable(t, false, files...) })
	immutable(t, true, files...)
	f.outage()
	if code := f.Stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	immutable(t, false, files...)
	if said := f.Log(); strings.Count(said, "storage does not answer") != 1 || !strings.Contains(said, "sent again at the next start") {
		t.Errorf("its log is\n%s", said)
	}
	f.Restart()
	f.complete()
	if sum := f.service.Summary(); sum.Duplicates > unrecorded {
		t.Errorf("%d were sent again, at most %d may", sum.Duplicates, unrecorded)
	}
}
