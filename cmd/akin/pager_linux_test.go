package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// person is someone at a terminal of 80 columns, who has started akin.
type person struct {
	t    *testing.T
	tty  *os.File
	cmd  *exec.Cmd
	done chan error

	mu  sync.Mutex
	saw []byte
}

// sit starts a command on a pseudoterminal that has so many rows.
func sit(t *testing.T, rows uint16, env []string, args ...string) *person {
	t.Helper()
	tty, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudoterminals here: ", err)
	}
	fd := int(tty.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err = errors.Join(err, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0), unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: 80})); err != nil {
		t.Fatal(err)
	}
	end, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer end.Close()
	s := &session{dir: t.TempDir(), env: append([]string{"TERM=xterm", "LANG=C.UTF-8", "LESS=", "PAGER=less", "AKIN_PAGER="}, env...)}
	p := &person{t: t, tty: tty, cmd: s.command(args...), done: make(chan error, 1)}
	if env == nil {
		p.cmd.Env = append(p.cmd.Env, "AKIN_PAGER=less")
	}
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = end, end, end
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		b := make([]byte, 4096)
		for {
			n, err := tty.Read(b)
			p.mu.Lock()
			p.saw = append(p.saw, b[:n]...)
			p.mu.Unlock()
			if err != nil {
				break // nobody is at the other end any more
			}
		}
		p.done <- p.cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_ = tty.Close()
	})
	return p
}

func (p *person) screen() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return string(p.saw)
}

// waits waits until a text is on the screen.
func (p *person) waits(text string) {
	p.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if strings.Contains(p.screen(), text) {
			return
		}
	}
	p.t.Fatalf("%q does not come: %q", text, p.screen())
}

func (p *person) types(keys string) {
	p.t.Helper()
	if _, err := io.WriteString(p.tty, keys); err != nil {
		p.t.Fatal(err)
	}
}

// ends waits until akin has ended, without an error.
func (p *person) ends() string {
	p.t.Helper()
	select {
	case err := <-p.done:
		if err != nil || strings.Contains(p.screen(), "akin:") {
			p.t.Errorf("%v: %q", err, p.screen())
		}
	case <-time.After(time.Minute):
		p.t.Fatalf("it goes on: %q", p.screen())
	}
	return p.screen()
}

const lastLine = "The file is " // of akin config

// A list that is longer than the screen is read in less, and ends when its reader has had enough.
func TestALongListIsPaged(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("less"); err != nil {
		t.Skip("less is not installed")
	}
	p := sit(t, 8, nil, "config")
	p.waits("about")
	time.Sleep(100 * time.Millisecond)
	if strings.Contains(p.screen(), lastLine) {
		t.Errorf("all of it is on a screen of 8 rows: %q", p.screen())
	}
	p.types("\x03") // Ctrl-C is less's, which drops what is typed at once behind it
	for end := time.Now().Add(time.Minute); !strings.Contains(p.screen(), lastLine) && time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		p.types("G") // to the end
	}
	p.waits(lastLine)
	p.types("q")
	p.ends()

	p = sit(t, 8, nil, "config")
	p.waits("about")
	p.types("q")
	if saw := p.ends(); strings.Contains(saw, lastLine) {
		t.Errorf("q does not end it: %q", saw)
	}
}

func TestAShortListAndOneThatIsNotToBePagedAreWritten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why  string
		rows uint16
		env  []string
		args []string
	}{
		{"it fits", 60, nil, []string{"config"}},
		{"--no-pager", 8, nil, []string{"config", "--no-pager"}},
		{"AKIN_PAGER=cat", 8, []string{"AKIN_PAGER=cat"}, []string{"config"}},
		{"no pager", 8, []string{"PAGER=less"}, []string{"config"}}, // AKIN_PAGER is empty
		{"a pager that shows all", 8, []string{"AKIN_PAGER=cat -u"}, []string{"config"}},
		{"one that ends early", 8, []string{"AKIN_PAGER=true"}, []string{"config"}},
	} {
		saw := sit(t, c.rows, c.env, c.args...).ends()
		if strings.Contains(saw, lastLine) == (c.why == "one that ends early") {
			t.Errorf("%s: %q", c.why, saw)
		}
	}
	p := sit(t, 8, []string{"AKIN_PAGER=no-such-program -x"}, "config")
	<-p.done
	if saw := p.screen(); !strings.Contains(saw, lastLine) || !strings.Contains(saw, "there is no program no-such-program") {
		t.Errorf("%q", saw)
	}
}

// Programs that read akin's answers get them all, whatever the pager.
func TestAPipeIsNeverPaged(t *testing.T) {
	t.Parallel()
	s := &session{dir: t.TempDir()}
	marker := filepath.Join(s.dir, "marker")
	s.env = []string{"AKIN_PAGER=tee " + marker}
	out, err := s.command("config").Output()
	if err != nil || !bytes.Contains(out, []byte(lastLine)) {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := os.Stat(marker); err == nil {
		t.Error("the pager was started")
	}
}
