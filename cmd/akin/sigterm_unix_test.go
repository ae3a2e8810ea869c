//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/golden"
)

// session runs akin in processes of its own.
type session struct {
	dir string
	env []string
}

func (s *session) command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Dir = s.dir
	cmd.Env = append(append(os.Environ(), "AKIN_TEST_RUN=1", "AKIN_HOME="+filepath.Join(s.dir, "home"), "AKIN_COLLECTION="+filepath.Join(s.dir, "c.akin")), s.env...)
	return cmd
}

// pictures is how many pictures a sound collection has; -1 where there is none yet.
func (s *session) pictures(t *testing.T, why string) int {
	t.Helper()
	if _, err := os.Stat(filepath.Join(s.dir, "c.akin", "akin.db")); err != nil {
		return -1
	}
	if out, err := s.command("verify").CombinedOutput(); err != nil {
		t.Fatalf("%s: verify: %v: %s", why, err, out)
	}
	out, err := s.command("info", "--json").Output()
	var info struct{ Pictures int }
	if err == nil {
		err = json.Unmarshal(out, &info)
	}
	if err != nil {
		t.Fatalf("%s: info: %v", why, err)
	}
	return info.Pictures
}

// terminate runs a command and sends it SIGTERM after a while. It must end soon, either
// because it was done, or with a line that says that it was stopped.
func (s *session) terminate(t *testing.T, after time.Duration, args ...string) (stopped bool) {
	t.Helper()
	cmd := s.command(args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var err error
	select {
	case err = <-ended:
	case <-time.After(after):
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case err = <-ended:
		case <-time.After(30 * time.Second):
			_ = cmd.Process.Kill()
			t.Fatalf("akin %s: still there 30 s after SIGTERM at %v: %s", strings.Join(args, " "), after, out.String())
		}
	}
	var exit *exec.ExitError
	switch {
	case err == nil:
		return false
	case !errors.As(err, &exit):
		t.Fatal(err)
	case exit.ExitCode() == -1: // it came before the program had begun to listen
		return true
	case args[0] == "drop" && strings.Contains(out.String(), "no embeddings of that model"): // one before it was done
		return false
	case exit.ExitCode() != 1 || !strings.Contains(out.String(), "stopped"):
		t.Fatalf("akin %s: SIGTERM at %v: status %d: %s", strings.Join(args, " "), after, exit.ExitCode(), out.String())
	}
	return true
}

// Whatever akin is doing, SIGTERM ends it soon, with a line that says so, and loses
// nothing that was stored.
func TestSIGTERMEndsEveryCommandInOrder(t *testing.T) {
	t.Parallel()
	deps := golden.Deps(t)
	flags := filepath.Join(golden.Flags(t), "images")
	libraries, _ := filepath.Glob(filepath.Join(deps, "lib", "*onnxruntime*.so*"))
	s := &session{dir: t.TempDir(), env: []string{"AKIN_MODELS=" + filepath.Join(deps, "models")}}
	if len(libraries) > 0 {
		s.env = append(s.env, "AKIN_ONNXRUNTIME="+libraries[0])
	}
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 8))
	var rows strings.Builder
	for i := range 20_000 { // enough for lists and compact copies
		fmt.Fprintf(&rows, "row %d,%g,%g,%g,%g\n", i, r.NormFloat64(), r.NormFloat64(), r.NormFloat64(), r.NormFloat64())
	}
	if err := os.WriteFile(filepath.Join(s.dir, "rows.csv"), []byte("name,a,b,c,d\n"+rows.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	tries := 4
	if testing.Short() {
		tries = 1
	}
	signals, stopped, stored := 0, 0, -1
	for _, x := range []struct {
		args []string
		took time.Duration // about as long as it lasts
	}{
		{[]string{"index", flags}, 2 * time.Second},
		{[]string{"index", "--watch", flags}, 3 * time.Second},
		{[]string{"import", "-m", "rows", "rows.csv"}, 1500 * time.Millisecond},
		{[]string{"search", "Chad", "--top", "1"}, 100 * time.Millisecond},
		{[]string{"tag", "add", "flag", flags}, 200 * time.Millisecond},
		{[]string{"map", "-m", "mobilenetv2-gem", "--html", "map.html"}, time.Second},
		{[]string{"verify"}, 300 * time.Millisecond},
		{[]string{"verify", "--repair"}, 400 * time.Millisecond},
		{[]string{"drop", "rows"}, 200 * time.Millisecond},
	} {
		for range tries {
			why := "akin " + strings.Join(x.args, " ")
			signals++
			if s.terminate(t, time.Duration(r.Int64N(int64(x.took))), x.args...) {
				stopped++
			}
			have := s.pictures(t, why)
			if have < stored {
				t.Fatalf("%s: %d pictures of %d are left", why, have, stored)
			}
			stored = have
		}
		if x.args[0] == "import" || x.args[0] == "index" && x.args[1] == flags {
			if out, err := s.command(x.args...).CombinedOutput(); err != nil && !strings.Contains(string(out), "could not be read") {
				t.Fatalf("akin %s: %v: %s", strings.Join(x.args, " "), err, out)
			}
			stored = s.pictures(t, "after it")
		}
	}
	t.Logf("faults: SIGTERM %d times in the work of 9 commands, %d stopped by it; nothing lost", signals, stopped)
}
