// Package tool runs programs of the system that read what akin does not read itself: FFmpeg for films, Poppler for PDF.
//
// A program gets a list of arguments, never a line for a shell, and the file as one that is already open: its name is
// no argument, and so no option, no address and no pattern. Time, memory and output are bounded.
package tool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Program is a program of the system.
type Program struct {
	Name    string   // "ffprobe"
	Library string   // what it is part of, as package managers and people call it: "FFmpeg"
	Version []string // the arguments with which it tells its version
}

// MissingError says that a program is not installed.
type MissingError struct {
	Program Program
	Err     error // of looking for it
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("%s is not installed: there is no program %s", e.Program.Library, e.Program.Name)
}
func (e *MissingError) Unwrap() error { return e.Err }

// Find returns the program's path, or a [MissingError].
func (p Program) Find() (string, error) {
	path, err := exec.LookPath(p.Name)
	if err != nil {
		return "", &MissingError{p, err}
	}
	return path, nil
}

var versions sync.Map // by path: func() string

// About is the program's path and the first line that it says of its version, which changes when it is replaced by another
// version. It is asked once.
func (p Program) About() (string, error) {
	path, err := p.Find()
	if err != nil {
		return "", err
	}
	ask, _ := versions.LoadOrStore(path, sync.OnceValue(func() string {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, path, p.Version...)
		cmd.Env = environment()
		out, _ := cmd.CombinedOutput() // pdfinfo -v writes to stderr
		line, _, _ := bytes.Cut(out, []byte("\n"))
		return strings.TrimSpace(string(line))
	}))
	return path + ": " + ask.(func() string)(), nil
}

// Limits bound a run.
type Limits struct {
	Time   time.Duration
	Output int64 // bytes
	Memory int64 // bytes of addresses, where the system can bound them
}

var (
	// ErrOutput marks a run that wrote more than Limits.Output.
	ErrOutput = errors.New("it gives more than is read")
	// ErrTime marks a run that took longer than Limits.Time.
	ErrTime = errors.New("it takes too long")
)

// FailedError says that a program ended with an error.
type FailedError struct {
	Program Program
	Says    string // the line of its messages that tells most, or ""
	Err     error
}

func (e *FailedError) Error() string {
	if e.Says == "" {
		return fmt.Sprintf("%s: %v", e.Program.Name, e.Err)
	}
	return fmt.Sprintf("%s: %s", e.Program.Name, e.Says)
}
func (e *FailedError) Unwrap() error { return e.Err }

// saidMost of what a program writes to stderr is kept.
const saidMost = 16 << 10

// Run runs the program on a file and returns what it writes. args makes the arguments from the name under which the
// program finds the file. Errors: [MissingError], [ErrOutput], [ErrTime], [FailedError], that of ctx.
func (p Program) Run(ctx context.Context, f *os.File, l Limits, args func(file string) []string) ([]byte, error) {
	path, err := p.Find()
	if err != nil {
		return nil, err
	}
	inner, cancel := context.WithTimeoutCause(ctx, l.Time, ErrTime)
	defer cancel()
	name, files := inherit(f)
	cmd := exec.CommandContext(inner, path, args(name)...)
	cmd.Env, cmd.ExtraFiles, cmd.WaitDelay = environment(), files, time.Second
	out, said := &kept{most: l.Output, stop: cancel}, &kept{most: saidMost}
	cmd.Stdout, cmd.Stderr = out, said
	end := together(cmd)
	defer end()
	if err := cmd.Start(); err != nil {
		return nil, &FailedError{Program: p, Err: err}
	}
	confine(cmd.Process.Pid, l)
	err = cmd.Wait()
	switch {
	case out.over:
		return nil, fmt.Errorf("%w: more than %d bytes", ErrOutput, l.Output)
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case inner.Err() != nil:
		return nil, fmt.Errorf("%w: %s was stopped after %v", ErrTime, p.Name, l.Time)
	case err != nil:
		return nil, &FailedError{p, telling(said.data, name), err}
	}
	return out.data, nil
}

// kept keeps what is written to it, up to most bytes. Behind those it calls stop, or drops the rest.
type kept struct {
	data []byte
	most int64
	stop func()
	over bool
}

func (k *kept) Write(p []byte) (int, error) {
	room := k.most - int64(len(k.data))
	if int64(len(p)) <= room {
		k.data = append(k.data, p...)
		return len(p), nil
	}
	k.data = append(k.data, p[:room]...)
	k.over = true
	if k.stop != nil {
		k.stop()
	}
	return len(p), nil
}

// passed are the variables that programs get. FFmpeg writes a report to where $FFREPORT says, for one.
var passed = []string{"PATH", "HOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH",
	"XDG_CACHE_HOME", "TMPDIR", "TMP", "TEMP", "SYSTEMROOT"}

func environment() []string {
	env := []string{"LC_ALL=C"} // messages in English, numbers with points
	for _, name := range passed {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// tag is FFmpeg's and Poppler's word before a message: "[mov,mp4 @ 0x5581d5b0]", "Syntax Error (123):", "Command Line Error:".
var tag = regexp.MustCompile(`^(\[[^\]]* @ 0x[0-9a-f]+\] |(Syntax|Command Line|Internal|I/O) (Error|Warning)( \(\d+\))?: )+`)

// telling returns the first line of messages, without what only the program's authors read.
func telling(said []byte, file string) string {
	for line := range strings.Lines(strings.ToValidUTF8(string(said), "?")) {
		line = strings.TrimSpace(tag.ReplaceAllString(strings.TrimSpace(line), ""))
		line = strings.TrimPrefix(strings.ReplaceAll(line, "file:"+file, file), file+": ")
		if line = strings.ReplaceAll(line, file, "the file"); line != "" {
			r := []rune(line)
			return string(slices.Clip(r[:min(len(r), 200)]))
		}
	}
	return ""
}
