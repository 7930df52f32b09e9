//go:build !linux

package browsertest

import (
	"os/exec"
	"syscall"
)

// ownGroup puts cmd into a process group of its own, so that it can be ended
// with all its children.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
