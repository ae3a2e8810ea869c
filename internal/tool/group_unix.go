//go:build unix

package tool

import (
	"os/exec"
	"syscall"
)

// together puts a program and the processes that it starts into a group, which is killed as a whole where the program is
// stopped. end kills what the program has left behind.
func together(cmd *exec.Cmd) (end func()) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	kill := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Cancel = kill
	return func() {
		if cmd.Process != nil {
			_ = kill() // no process is left of most programs
		}
	}
}
