package browsertest

import (
	"os/exec"
	"syscall"
)

// ownGroup puts cmd into a process group of its own, so that it can be ended
// with all its children, and lets it die with the test binary: a test that
// runs into go test's -timeout runs no clean-up.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
