package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/akin-search/akin/bench/internal/result"
)

// engine are the processes that run one model in one way. Each says {"first", "embedding"}
// in a line of JSON when it is ready; told "BATCH SECONDS" in a line, it runs for that long and
// says how many milliseconds a picture each run took, as a JSON array.
type engine struct {
	title     string
	processes []*process
	times     map[way][]float64
}

// way is a process, of the engine's, and a batch size.
type way struct{ process, batch int }

type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Scanner
	errors strings.Builder
	ready  struct {
		First     float64     `json:"first"`
		Embedding [][]float64 `json:"embedding"`
	}
}

// start loads a model. akin runs a batch on all cores, as a server does, and a batch on
// each core, as an index does; the latter's process starts when the former has said its part.
func (b *bench) start(title, name string) (*engine, error) {
	e := &engine{title: title, times: map[way][]float64{}}
	var commands []*exec.Cmd
	if precision, ok := precisions[title]; ok {
		program, err := os.Executable()
		if err != nil {
			return nil, err
		}
		args := []string{"-self", name, "-precision", string(precision), "-work", b.work}
		if b.processor { // on one thread, both ways are the same
			commands = append(commands, exec.Command(program, append(args, "-processor")...))
		} else {
			commands = append(commands, exec.Command(program, args...), exec.Command(program, append(args, "-each")...))
		}
	} else {
		args := []string{"bench/models/peer.py", b.work, name, title}
		if b.processor {
			args = append(args, "processor")
		}
		commands = append(commands, exec.Command(b.python, args...))
	}
	for _, cmd := range commands {
		p, err := launch(cmd)
		if err != nil {
			e.stop()
			return nil, err
		}
		e.processes = append(e.processes, p)
	}
	return e, nil
}

func launch(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd}
	cmd.Stderr = &p.errors
	var err error
	if p.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p.out = bufio.NewScanner(out)
	p.out.Buffer(nil, 64<<20)
	return p, p.read(&p.ready)
}

// read takes the next line of JSON; exporters talk in between.
func (p *process) read(v any) error {
	for p.out.Scan() {
		if json.Unmarshal(p.out.Bytes(), v) == nil {
			return nil
		}
	}
	err := cmp.Or(p.cmd.Wait(), io.ErrUnexpectedEOF)
	text := strings.TrimSpace(p.errors.String())
	return fmt.Errorf("it ended: %w: %s", err, text[strings.LastIndexByte(text, '\n')+1:])
}

// turn runs a batch size for some seconds, in each process.
func (e *engine) turn(batch int, seconds float64) error {
	for i, p := range e.processes {
		if _, err := fmt.Fprintln(p.in, batch, seconds); err != nil {
			return fmt.Errorf("%s: %w", e.title, err)
		}
		var times []float64
		if err := p.read(&times); err != nil {
			return fmt.Errorf("%s: %w", e.title, err)
		}
		e.times[way{i, batch}] = append(e.times[way{i, batch}], times...)
	}
	return nil
}

// result ends the engine's processes. Its memory is that of the one that holds more.
func (e *engine) result() (measured, error) {
	none := result.Measure{Best: math.Inf(1), Median: math.Inf(1)}
	r := measured{one: none, best: none, first: e.processes[0].ready.First, embedding: e.processes[0].ready.Embedding}
	for w, times := range e.times {
		t := result.Of(times)
		if w == (way{0, 1}) {
			r.one = t
		}
		r.best.Best, r.best.Median = min(r.best.Best, t.Best), min(r.best.Median, t.Median)
	}
	for _, p := range e.processes {
		p.in.Close()
		if err := p.cmd.Wait(); err != nil {
			return measured{}, fmt.Errorf("%s: %w: %s", e.title, err, p.errors.String())
		}
		r.peak = max(r.peak, p.cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss*1024)
	}
	return r, nil
}

// stop ends what is still running.
func (e *engine) stop() {
	for _, p := range e.processes {
		if p.cmd.ProcessState == nil {
			p.cmd.Process.Kill()
			p.cmd.Wait()
		}
	}
}
