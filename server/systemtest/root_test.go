//go:build system

package systemtest

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"recado/server/browsertest"
)

// programs are those that install.sh and the units use.
var programs = []string{"sh", "sed", "cat", "cp", "mv", "rm", "mkdir", "chmod", "chown", "head", "id", "dirname", "date", "setpriv", "useradd", "userdel"}

// root is a directory that is / for what runs in it.
type root struct {
	t   *testing.T
	dir string
}

// newRoot makes a root with this machine's programs, what they are linked with,
// and no user but root. install.sh and the recado binary are in its /src.
func newRoot(t *testing.T) *root {
	t.Helper()
	// Not t.TempDir(): the path of a socket may have 107 octets only.
	dir, err := os.MkdirTemp("", "recado")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	must(t, os.Chmod(dir, 0o755))
	r := &root{t, dir}
	for _, name := range []string{"dev", "etc", "root", "run", "src", "tmp", "usr/bin", "var/lib"} {
		must(t, os.MkdirAll(r.path(name), 0o755))
	}
	for _, name := range []string{"bin", "sbin", "usr/sbin"} {
		must(t, os.Symlink("/usr/bin", r.path(name)))
	}
	for to, from := range foundation(t) {
		r.link(from, to)
	}
	r.write("/dev/null", "", 0o666)
	r.write("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n", 0o644)
	r.write("/etc/shadow", "root:*:19000:0:99999:7:::\n", 0o640)
	r.write("/etc/group", "root:x:0:\n", 0o644)
	r.write("/etc/gshadow", "root:*::\n", 0o640)
	r.write("/etc/login.defs", "SYS_UID_MIN 100\nSYS_UID_MAX 999\nSYS_GID_MIN 100\nSYS_GID_MAX 999\n", 0o644)
	return r
}

// foundation is which files of this machine's lie where in a root.
func foundation(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{
		"/src/install.sh":          "../../install.sh",
		"/src/config.example.toml": "../../config.example.toml",
		"/src/recado":              browsertest.BuildBinary(t),
	}
	var found []string
	for _, name := range programs {
		file, err := exec.LookPath(name)
		must(t, err)
		files["/usr/bin/"+name] = file
		found = append(found, file)
	}
	linked, err := exec.Command("ldd", found...).Output()
	must(t, err)
	for word := range strings.FieldsSeq(string(linked)) {
		if strings.HasPrefix(word, "/") && !strings.HasSuffix(word, ":") {
			files[word] = word
		}
	}
	return files
}

// path is where a file of the root lies on this machine.
func (r *root) path(name string) string { return filepath.Join(r.dir, name) }

// link puts a file into the root, as a second name of the same where that is
// possible: nothing in a root writes into a file, all is put in place by renaming.
func (r *root) link(from, to string) {
	r.t.Helper()
	must(r.t, os.MkdirAll(filepath.Dir(r.path(to)), 0o755))
	from, err := filepath.EvalSymlinks(from)
	must(r.t, err)
	if os.Link(from, r.path(to)) == nil {
		return
	}
	data, err := os.ReadFile(from)
	must(r.t, err)
	r.write(to, string(data), 0o755)
}

// write puts a new file in place.
func (r *root) write(name, content string, mode fs.FileMode) {
	r.t.Helper()
	must(r.t, os.MkdirAll(filepath.Dir(r.path(name)), 0o755))
	fresh := r.path(name) + "~"
	must(r.t, os.WriteFile(fresh, []byte(content), mode))
	must(r.t, os.Chmod(fresh, mode))
	must(r.t, os.Rename(fresh, r.path(name)))
}

func (r *root) read(name string) string {
	r.t.Helper()
	data, err := os.ReadFile(r.path(name))
	must(r.t, err)
	return string(data)
}

func (r *root) exists(name string) bool {
	_, err := os.Lstat(r.path(name))
	return err == nil
}

// command is one that runs in the root, as its root.
func (r *root) command(args ...string) *exec.Cmd {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: r.dir, Setpgid: true, Pdeathsig: syscall.SIGKILL}
	return cmd
}

// run runs a command in the root and returns what it printed, on both outputs.
func (r *root) run(args ...string) (output string, err error) {
	out, err := r.command(args...).CombinedOutput()
	return string(out), err
}

// must runs a command that has to succeed.
func (r *root) must(args ...string) string {
	r.t.Helper()
	out, err := r.run(args...)
	if err != nil {
		r.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return out
}

// install runs install.sh in the root, for a root user who lets nobody read anything.
func (r *root) install(args ...string) string {
	r.t.Helper()
	return r.must(append([]string{"/bin/sh", "-c", `umask 077; exec /bin/sh /src/install.sh "$@"`, "sh"}, args...)...)
}

// user is the ids of one of the root's users; false when there is none.
func (r *root) user(name string) (uid, gid uint32, ok bool) {
	for line := range strings.Lines(r.read("/etc/passwd")) {
		if f := strings.Split(line, ":"); f[0] == name {
			u, err := strconv.ParseUint(f[2], 10, 32)
			must(r.t, err)
			g, err := strconv.ParseUint(f[3], 10, 32)
			must(r.t, err)
			return uint32(u), uint32(g), true
		}
	}
	return 0, 0, false
}

// owner is OWNER:GROUP and mode of a file, in words.
func (r *root) owner(name string) string {
	st, err := os.Lstat(r.path(name))
	if err != nil {
		return "missing"
	}
	sys, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return "unknown"
	}
	return fmt.Sprintf("%s:%s %04o", r.named("/etc/passwd", sys.Uid), r.named("/etc/group", sys.Gid), st.Mode().Perm())
}

func (r *root) named(file string, id uint32) string {
	for line := range strings.Lines(r.read(file)) {
		if f := strings.Split(line, ":"); f[2] == strconv.Itoa(int(id)) {
			return f[0]
		}
	}
	return strconv.Itoa(int(id))
}

// tree is every file of the root but what the manager and useradd keep there, with
// mode, owner, size and time.
func (r *root) tree() []string {
	r.t.Helper()
	var list []string
	must(r.t, filepath.WalkDir(r.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path, r.dir)
		if sys, ok := info.Sys().(*syscall.Stat_t); ok && !strings.HasPrefix(name, "/run") && name != "/dev/null" {
			list = append(list, fmt.Sprintf("%s %s %d:%d %d %d.%09d", name, info.Mode(), sys.Uid, sys.Gid, sys.Size, sys.Mtim.Sec, sys.Mtim.Nsec))
		}
		return nil
	}))
	slices.Sort(list)
	return list
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// patience is how long a test waits for what has to come.
const patience = time.Minute

// waitUntil asks again and again until it is so.
func waitUntil(t *testing.T, what string, so func() bool) {
	t.Helper()
	limit, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-limit.Done():
			t.Fatalf("%s: not within %s", what, patience)
		}
	}
}
