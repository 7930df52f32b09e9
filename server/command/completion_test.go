package command

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write completions/recado.fish anew")

const completions = "../../completions/"

// fish's completions are a list of all commands and flags: it has to be the list of
// today's. go test ./server/command -run Fish -update writes it.
func TestFishCompletesTodaysCommands(t *testing.T) {
	made, err := New(Process{Version: "test"}).ToFishCompletion()
	if err != nil {
		t.Fatal(err)
	}
	made = strings.TrimSpace(made) + "\n"
	if *update {
		if err := os.WriteFile(completions+"recado.fish", []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(completions + "recado.fish")
	if err != nil {
		t.Fatal(err)
	}
	if string(committed) != made {
		t.Error("completions/recado.fish is not what the commands are: go test ./server/command -run Fish -update")
	}
}

// bash asks the program, with what is on the line so far, and runs none of it.
func TestBashCompletes(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, "recado")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ line, want string }{
		{"recado ", "serve notify subscription keys category token backup restore doctor version help h"},
		{"recado s", "serve subscription"},
		{"recado token ", "create list revoke"},
		{"recado token create --s", "--scope --style"},
		{"recado token create --name x --sc", "--scope"},
		{"recado backup ", ""},
		{"recado backup -- ", ""},
		{"recado backup $(touch run) ", ""},
	} {
		words := strings.Split(c.line, " ")
		script := `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _recado; echo "${COMPREPLY[*]}"`
		path, err := filepath.Abs(completions + "recado.bash")
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), bash, append([]string{"-c", script, path}, words...)...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
		var complaints bytes.Buffer
		cmd.Stderr = &complaints
		got, err := cmd.Output()
		if err != nil || complaints.Len() > 0 {
			t.Fatalf("%s: %v %s", c.line, err, &complaints)
		}
		if strings.TrimSpace(string(got)) != c.want {
			t.Errorf("%q completes to %q, want %q", c.line, bytes.TrimSpace(got), c.want)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 1 {
		t.Errorf("completing left %v", left)
	}
}
