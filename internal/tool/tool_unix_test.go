//go:build unix

package tool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func given(t *testing.T, text string) *os.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "-rf $(touch x); http:%d.txt")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

var ample = Limits{Time: time.Minute, Output: 1 << 20, Memory: 1 << 30}

// A file reaches the program whatever its name is, and as often as it is asked for.
func TestAProgramReadsTheFile(t *testing.T) {
	t.Parallel()
	f := given(t, "pixels")
	for range 2 {
		out, err := (Program{Name: "cat"}).Run(t.Context(), f, ample, func(file string) []string { return []string{"--", file, file} })
		if err != nil || string(out) != "pixelspixels" {
			t.Errorf("%q, %v", out, err)
		}
	}
}

func TestARunIsBounded(t *testing.T) {
	t.Parallel()
	f := given(t, "")
	sh := func(script string) func(string) []string {
		return func(string) []string { return []string{"-c", script} }
	}
	brief := Limits{Time: 200 * time.Millisecond, Output: 100, Memory: 1 << 30}
	for _, c := range []struct {
		why    string
		script string
		limits Limits
		is     error
		says   string
	}{
		{"it writes without end", "yes", Limits{Time: time.Minute, Output: 100, Memory: 1 << 30}, ErrOutput, "more than 100 bytes"},
		{"it never ends", "sleep 1000 & wait", brief, ErrTime, "sh was stopped after 200ms"},
		{"it ignores polite signals", "trap '' TERM INT HUP; while :; do sleep 0.01; done", brief, ErrTime, ""},
		{"its children keep its output open", "sleep 1000 & exit 0", brief, nil, ""},
		{"messages without end", "i=0; while [ $i -lt 3000 ]; do echo 0123456789 >&2; i=$((i+1)); done; exit 4", ample, nil, "sh: 0123456789"},
		{"a message", "echo '[mov,mp4 @ 0x5581d5b0] moov atom not found' >&2; exit 1", ample, nil, "sh: moov atom not found"},
		{"a message with the terminal's words", "printf '\\n\\n  Syntax Error (12): Command Line Error: bad \\n more' >&2; exit 1", ample, nil, "sh: bad"},
		{"no message", "exit 7", ample, nil, "sh: exit status 7"},
		{"a signal", "kill -9 $$", ample, nil, "sh: signal: killed"},
	} {
		start := time.Now()
		_, err := (Program{Name: "sh"}).Run(t.Context(), f, c.limits, sh(c.script))
		if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.why, err)
		}
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("%s: it took %v", c.why, took)
		}
	}
}

// What a program starts ends with it, whether it is stopped or ends by itself.
func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	for why, script := range map[string]string{"it is stopped": "sleep 1000 & echo $! >FILE; wait", "it ends": "sleep 1000 & echo $! >FILE; exit 4"} {
		pids := filepath.Join(t.TempDir(), "pid")
		_, err := (Program{Name: "sh"}).Run(t.Context(), given(t, ""), Limits{Time: time.Second, Output: 100, Memory: 1 << 30},
			func(string) []string { return []string{"-c", strings.Replace(script, "FILE", "'"+pids+"'", 1)} })
		if err == nil {
			t.Fatalf("%s: no error", why)
		}
		text, err := os.ReadFile(pids)
		if err != nil {
			t.Fatal(err)
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(10 * time.Second); runs(pid); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: its child still runs", why)
			}
		}
	}
}

// runs reports whether a process runs: one that has ended and that nobody has waited for does not.
func runs(pid int) bool {
	if status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil {
		_, after, _ := strings.Cut(string(status), ") ")
		return !strings.HasPrefix(after, "Z")
	}
	return syscall.Kill(pid, 0) == nil
}

func TestACancelledRunIsStopped(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := (Program{Name: "sleep"}).Run(ctx, given(t, ""), ample, func(string) []string { return []string{"1000"} }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux bounds the memory of another process")
	}
	_, err := (Program{Name: "sh"}).Run(t.Context(), given(t, ""), ample, func(string) []string {
		return []string{"-c", "sleep 0.2; exec dd if=/dev/zero of=/dev/null bs=3G count=1"}
	})
	if _, ok := errors.AsType[*FailedError](err); !ok || !strings.Contains(err.Error(), "memory") {
		t.Error(err)
	}
}

func TestAProgramThatIsNotThereIsNamed(t *testing.T) {
	t.Parallel()
	p := Program{Name: "no-such-program", Library: "Poppler"}
	_, err := p.Run(t.Context(), given(t, ""), ample, func(string) []string { return nil })
	if _, ok := errors.AsType[*MissingError](err); !ok || err.Error() != "Poppler is not installed: there is no program no-such-program" {
		t.Error(err)
	}
	if _, err := p.About(); err == nil {
		t.Error("it has a version")
	}
}

// What a program gets of the environment cannot make it write files.
func TestTheEnvironmentIsNotPassed(t *testing.T) {
	t.Setenv("FFREPORT", "file=/tmp/report")
	out, err := (Program{Name: "env"}).Run(t.Context(), given(t, ""), ample, func(string) []string { return nil })
	if err != nil || strings.Contains(string(out), "FFREPORT") || !strings.Contains(string(out), "LC_ALL=C\n") {
		t.Errorf("%s, %v", out, err)
	}
}
