package term

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strings"
	"sync"
)

// heldMost of an answer is held back before a pager gets it, because only then is it known to be longer than the screen.
const heldMost = 1 << 20

// Pager shows an answer that is longer than the screen in another program, such as less, and writes a shorter one to the
// terminal. Nothing is written before Close or heldMost bytes, so that notes on stderr do not run into the program's screen.
type Pager struct {
	t       *Terminal
	out     *os.File
	command []string // the program and its arguments

	mu    sync.Mutex
	held  []byte
	plain bool // what comes is written to the terminal
	cmd   *exec.Cmd
	in    io.WriteCloser
}

// NewPager returns a pager for a terminal. The command is split at spaces; no shell reads it.
func NewPager(t *Terminal, out *os.File, command string) *Pager {
	return &Pager{t: t, out: out, command: strings.Fields(command)}
}

// Write holds p back, or writes it to the program. The error is EPIPE where the person has left the program.
func (p *Pager) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.in != nil:
		return p.in.Write(b)
	case p.plain:
		return p.out.Write(b)
	}
	p.held = append(p.held, b...)
	if len(p.held) <= heldMost {
		return len(b), nil
	}
	return len(b), p.release()
}

// Close shows what is held, and waits until the person leaves the program.
func (p *Pager) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.release()
	if p.in != nil {
		err = errors.Join(err, p.in.Close())
		_ = p.cmd.Wait() // how it ended is between it and the person
		signal.Reset(os.Interrupt)
		p.in, p.plain = nil, true
	}
	return err
}

// release writes what is held to the terminal, or to the program if it is too long for that.
func (p *Pager) release() error {
	if p.in != nil || p.plain {
		return nil
	}
	held := p.held
	p.held = nil
	if drawn(held) || p.t.rowsOf(held) < p.t.Height() || !p.start() {
		p.plain = true
		_, err := p.out.Write(held)
		return err
	}
	_, err := p.in.Write(held)
	return err
}

// start starts the program. It is false where there is none.
func (p *Pager) start() bool {
	cmd := exec.Command(p.command[0], p.command[1:]...)
	cmd.Stdout, cmd.Stderr, cmd.Env = p.out, os.Stderr, os.Environ()
	// As git does: quit where all fits, show colours, leave the text on the screen.
	for name, value := range map[string]string{"LESS": "FRX", "LV": "-c"} {
		if os.Getenv(name) == "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	in, err := cmd.StdinPipe()
	if err != nil || cmd.Start() != nil {
		return false
	}
	// Ctrl-C is the program's: less stops a search with it. It began before, and so does not ignore it as well.
	signal.Ignore(os.Interrupt)
	p.cmd, p.in = cmd, in
	return true
}

// drawn reports whether a text has pictures in it, which programs that page would show as text.
func drawn(b []byte) bool {
	return bytes.Contains(b, []byte("\x1b_G")) || bytes.Contains(b, []byte("\x1b]1337;")) || bytes.Contains(b, []byte("\x1bP"))
}

// sequence is a colour, or whatever else is of no width.
var sequence = regexp.MustCompile(`\x1b\[[0-9;]*[A-Za-z]`)

// rowsOf returns how many rows of the terminal a text takes.
func (t *Terminal) rowsOf(text []byte) int {
	widths, width, rows := t.widths(), t.Width(), 0
	for line := range bytes.Lines(text) {
		line = sequence.ReplaceAllLiteral(bytes.TrimRight(line, "\r\n"), nil)
		rows += max(1, (widths.StringWidth(string(line))+width-1)/width)
	}
	return rows
}

// CheckPager says what is wrong with the command of a pager that a person has named.
func CheckPager(command string) error {
	words := strings.Fields(command)
	if len(words) == 0 {
		return nil
	}
	if _, err := exec.LookPath(words[0]); err != nil {
		return fmt.Errorf("the pager %q: there is no program %s", command, words[0])
	}
	return nil
}
