package command

import (
	"bufio"
	"context"
	"database/sql"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"recado/server/secrettest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"recado": func() {
			os.Exit(Main(context.Background(), Process{
				Args: os.Args, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Environ: os.Environ(), Version: "test",
			}))
		},
	})
}

func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("one command after the other: nothing for the race detector, which makes each of them slow")
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start":    startServer,
			"stop":     stopServer,
			"token":    tokenFrom,
			"losekey":  loseKeys,
			"hangup":   hangUp,
			"freeport": freePort,
		},
		Setup: func(env *testscript.Env) error {
			// Free ports, so that scripts can run beside each other.
			env.Setenv("RECADO_LISTEN", "127.0.0.1:0")
			env.Setenv("TZ", "UTC")
			env.Values[serverKey{}] = map[string]*runningServer{}
			env.Values[testKey{}] = t
			return nil
		},
	})
}

// serverTimeout is how long a server may take to start or to stop.
const serverTimeout = 30 * time.Second

// serverKey is where a script keeps the server that it started.
type serverKey struct{}

// testKey is where a script finds the test that it belongs to.
type testKey struct{}

// runningServer is a recado serve that a script started.
type runningServer struct {
	cmd         *exec.Cmd
	out         strings.Builder // complete when read is closed
	log         strings.Builder // complete when ended is closed
	read, ended chan struct{}
}

// startServer implements `start [args…]`: it runs recado serve in the background,
// waits until it listens, sets RECADO_SERVER and keeps what it printed in the
// file server.out.
func startServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("unsupported: ! start")
	}
	s := &runningServer{cmd: exec.Command("recado", append([]string{"serve"}, args...)...), read: make(chan struct{}), ended: make(chan struct{})}
	s.cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"HOME", "TMPDIR", "PATH", "TZ", "RECADO_LISTEN", "RECADO_ACCESS_ADMIN_TOKEN"} {
		if value := ts.Getenv(name); value != "" {
			s.cmd.Env = append(s.cmd.Env, name+"="+value)
		}
	}
	s.cmd.Env = append(s.cmd.Env, "RECADO_LOG_LEVEL=debug")
	s.cmd.Stderr = &s.log
	stdout, err := s.cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(s.cmd.Start())
	ts.Defer(func() {
		_ = s.cmd.Process.Kill()
		<-s.ended
		if found := secrettest.Shapes(s.log.String()); len(found) > 0 {
			ts.Value(testKey{}).(*testing.T).Errorf("%s: secrets in the log, %q:\n%s", ts.Name(), found, s.log.String())
		}
	})

	type greeting struct{ url, out string }
	listens := make(chan greeting, 1)
	go func() {
		defer close(s.read)
		listening := regexp.MustCompile(`^listening on (http://\S+)$`)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			s.out.WriteString(lines.Text() + "\n")
			if m := listening.FindStringSubmatch(lines.Text()); m != nil {
				listens <- greeting{m[1], s.out.String()}
			}
		}
	}()
	go func() {
		defer close(s.ended)
		<-s.read
		_ = s.cmd.Wait()
	}()
	select {
	case g := <-listens:
		ts.Setenv("RECADO_SERVER", g.url)
		ts.Check(os.WriteFile(ts.MkAbs("server.out"), []byte(g.out), 0o600))
	case <-s.ended:
		ts.Fatalf("recado serve ended: %v\n%s", s.cmd.ProcessState, s.out.String())
	case <-time.After(serverTimeout):
		ts.Fatalf("recado serve does not listen")
	}
	ts.Value(serverKey{}).(map[string]*runningServer)["server"] = s
}

// stopServer implements `stop [INT]`: it sends SIGTERM or SIGINT, expects exit code 0 and keeps what the server
// printed in the file server.out.
func stopServer(ts *testscript.TestScript, neg bool, args []string) {
	s, ok := ts.Value(serverKey{}).(map[string]*runningServer)["server"]
	if neg || !ok {
		ts.Fatalf("stop without start, or ! stop")
	}
	signal := syscall.SIGTERM
	if len(args) > 0 && args[0] == "INT" {
		signal = syscall.SIGINT
	}
	ts.Check(s.cmd.Process.Signal(signal))
	select {
	case <-s.ended:
	case <-time.After(serverTimeout):
		ts.Fatalf("recado serve does not stop")
	}
	ts.Check(os.WriteFile(ts.MkAbs("server.out"), []byte(s.out.String()), 0o600))
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		ts.Fatalf("recado serve ended with %v", s.cmd.ProcessState)
	}
}

// hangUp implements `hangup`: it sends the server SIGHUP.
func hangUp(ts *testscript.TestScript, neg bool, args []string) {
	s := ts.Value(serverKey{}).(map[string]*runningServer)["server"]
	ts.Check(s.cmd.Process.Signal(syscall.SIGHUP))
}

// tokenFrom implements `token FILE`: RECADO_TOKEN becomes what the file holds.
func tokenFrom(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: token FILE")
	}
	ts.Setenv("RECADO_TOKEN", strings.TrimSpace(ts.ReadFile(args[0])))
}

// freePort implements `freeport`: RECADO_LISTEN is then a port that is known
// before the server listens.
func freePort(ts *testscript.TestScript, neg bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer l.Close()
	ts.Setenv("RECADO_LISTEN", l.Addr().String())
}

// loseKeys implements `losekey DIR`: the VAPID keys are gone, as after a restore
// of the wrong things.
func loseKeys(ts *testscript.TestScript, neg bool, args []string) {
	db, err := sql.Open("sqlite", filepath.Join(ts.MkAbs(args[0]), "recado.db")+"?_pragma=foreign_keys(1)")
	ts.Check(err)
	defer db.Close()
	_, err = db.Exec("DELETE FROM vapid_key")
	ts.Check(err)
}
