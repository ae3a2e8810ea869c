//go:build unix && !darwin

package main

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/golden"
)

// A restore is killed at every step that it takes on the disk, and in the middle of every write: whatever the step, each
// file is in its old place or in the one that it was moved to, as it was; the next restore brings all of them back.
func TestKillingARestoreLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts and kills a process some hundred times")
	}
	t.Parallel()
	deps := golden.Deps(t)
	libraries, _ := filepath.Glob(filepath.Join(deps, "lib", "*onnxruntime*.so*"))
	targets := map[string]string{"from the trash": "", "from a folder": filepath.Join(t.TempDir(), "aside")}
	if other, err := os.MkdirTemp("/dev/shm", "akin-test-"); err == nil {
		t.Cleanup(func() { _ = os.RemoveAll(other) })
		targets["from another disk"] = filepath.Join(other, "aside")
	}
	for why, target := range targets {
		t.Run(why, func(t *testing.T) {
			s := &session{dir: t.TempDir()}
			data := filepath.Join(s.dir, "data")
			s.env = []string{"XDG_DATA_HOME=" + data, "AKIN_MODELS=" + filepath.Join(deps, "models")}
			if len(libraries) > 0 {
				s.env = append(s.env, "AKIN_ONNXRUNTIME="+libraries[0])
			}
			pictures := filepath.Join(s.dir, "pictures")
			for _, name := range []string{"Chad", "Mali"} {
				for _, folder := range []string{"", "again", "once more"} {
					copyPicture(t, filepath.Join(deps, "flags", name+".png"), filepath.Join(pictures, folder, name+".png"))
				}
			}
			before := holding(t, pictures)
			remove, moved := []string{"dupes", "--exact", "--trash"}, filepath.Join(data, "Trash")
			if target != "" {
				remove, moved = []string{"dupes", "--exact", "--move", target}, target
			}
			s.must(t, "index", pictures)
			s.must(t, remove...)
			if left := holding(t, pictures); len(left) != 2 {
				t.Fatalf("%v are left", left)
			}
			// What every restore begins with: the collection knows where files are, so that it lies where it was made.
			begin := t.TempDir()
			places := []string{pictures, moved, filepath.Join(s.dir, "c.akin")}
			for i, place := range places {
				copyTree(t, place, filepath.Join(begin, strconv.Itoa(i)))
			}
			steps := 0
			for ; ; steps++ {
				for i, place := range places {
					if err := os.RemoveAll(place); err != nil {
						t.Fatal(err)
					}
					copyTree(t, filepath.Join(begin, strconv.Itoa(i)), place)
				}
				cmd := s.command("dupes", "restore", "--all")
				cmd.Env = append(cmd.Env, "AKIN_TEST_DIE="+strconv.Itoa(steps))
				out, err := cmd.CombinedOutput()
				var exit *exec.ExitError
				if err == nil {
					break // it takes no more steps
				} else if !errors.As(err, &exit) || exit.ExitCode() != -1 {
					t.Fatalf("at step %d: %v: %s", steps, err, out)
				}
				there := holding(t, pictures)
				left := counts(there, holding(t, moved))
				for content, n := range counts(before) {
					if left[content] < n {
						t.Errorf("at step %d: of %d files that were alike %d are left", steps, n, left[content])
					}
				}
				for path := range there {
					if content, known := before[path]; known && there[path] != content {
						t.Errorf("at step %d: %s is not what it was", steps, path)
					}
				}
				s.must(t, "verify")
				s.must(t, "dupes", "restore", "--all")
				if back := holding(t, pictures); !maps.Equal(back, before) {
					t.Errorf("after step %d: %d of %d files are back", steps, len(back), len(before))
				}
				if left := holding(t, moved); len(left) > 0 {
					t.Errorf("after step %d: %v are left", steps, left)
				}
				if out := s.must(t, "dupes", "restore", "--all"); !strings.Contains(out, "Put back 0 files") {
					t.Errorf("after step %d, once more: %s", steps, out)
				}
				if t.Failed() {
					t.FailNow()
				}
			}
			if steps < 2*4 { // of four files: each is moved, and written down
				t.Errorf("killed at %d steps only", steps)
			}
			s.must(t, "index", pictures)
			if n := s.pictures(t, why); n != len(before) {
				t.Errorf("%d pictures, not %d", n, len(before))
			}
			t.Logf("killed at each of %d steps", steps)
		})
	}
}

// must runs a command that must succeed.
func (s *session) must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := s.command(args...).CombinedOutput()
	if err != nil {
		t.Fatalf("akin %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// holding gives what the files below a folder hold, by their paths in it; none where there is no folder.
func holding(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path == dir {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		out[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// counts gives how many files hold each content; what is copied halfway is no file yet.
func counts(trees ...map[string]string) map[string]int {
	n := map[string]int{}
	for _, tree := range trees {
		for path, content := range tree {
			if !strings.HasSuffix(path, ".akin-part") {
				n[content]++
			}
		}
	}
	return n
}

func copyPicture(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o777)
	}
	if err == nil {
		err = os.WriteFile(to, data, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// copyTree copies a folder, with the times and permissions of its files.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if out, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
