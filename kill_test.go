package akin_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/indexer"
)

// indexAndTell is the process that is killed: it indexes a folder, and writes a
// line whenever more pictures are stored.
func indexAndTell(dir, pictures string) {
	indexer.CommitRows, indexer.CommitTime = 5, 20*time.Millisecond // more moments for a kill to strike
	c, err := akin.Open(context.Background(), dir, akin.Options{})
	if err == nil {
		fmt.Println("stored 0")
		_, err = c.Index(context.Background(), []string{pictures}, api.IndexOptions{Parts: true, Progress: func(p api.Progress) {
			if p.Step != api.StepParts {
				fmt.Println("stored", p.Done)
			}
		}})
	}
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
	fmt.Println("finished")
	os.Exit(0)
}

// A process that indexes is killed with SIGKILL at random moments. After each kill
// the collection is whole, holds what the process had said was stored, with the
// very embeddings of an undisturbed run, and the next process goes on from there.
// AKIN_KILLS is how often; the long test asks for 2000.
func TestKillingAtAnyInstantLosesNothing(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	kills := 25
	if n, err := strconv.Atoi(os.Getenv("AKIN_KILLS")); err == nil {
		kills = n
	} else if testing.Short() {
		kills = 3
	}
	pictures := filepath.Join(t.TempDir(), "pictures")
	files, err := filepath.Glob(filepath.Join(golden.Flags(t), "images", "*.png"))
	must(t, err)
	for _, f := range files[:100] {
		copyFile(t, f, filepath.Join(pictures, filepath.Base(f)))
	}
	reference := open(t, filepath.Join(t.TempDir(), "reference.akin"), akin.Options{})
	_, err = reference.Index(t.Context(), []string{pictures}, api.IndexOptions{})
	must(t, err)
	want := embeddings(t, reference)

	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	dir, stored, struck, finished := filepath.Join(t.TempDir(), "killed.akin"), 0, 0, 0
	took := 500 * time.Millisecond // of a run that is not killed; measured below
	for struck < kills {
		started := time.Now()
		said, killed := runAndKill(t, dir, pictures, time.Duration(r.Int64N(int64(took*5/4))))
		if killed {
			struck++
		} else if stored == 0 {
			took = max(took, time.Since(started))
		}
		if _, err := os.Stat(filepath.Join(dir, "akin.db")); err != nil {
			continue // it was killed before there was a collection
		}
		stored = check(t, dir, want, stored+said)
		if t.Failed() {
			t.Fatalf("after kill %d", struck)
		}
		if stored == len(want) && r.IntN(2) == 0 { // begin anew
			finished++
			must(t, os.RemoveAll(dir))
			stored = 0
		}
	}
	t.Logf("%d kills, %d collections came to their end, nothing lost", struck, finished)
}

// runAndKill runs the process for a while, and gives how many pictures it said
// were stored.
func runAndKill(t *testing.T, dir, pictures string, after time.Duration) (said int, killed bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "AKIN_TEST_INDEX="+dir, "AKIN_TEST_PICTURES="+pictures)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	finished := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		line := lines.Text()
		switch {
		case line == "finished":
			finished = true
		case strings.HasPrefix(line, "stored "):
			// A line that was cut off by the kill is no promise.
			if n, err := strconv.Atoi(strings.TrimPrefix(line, "stored ")); err == nil {
				said = max(said, n)
			}
		default:
			t.Errorf("the process says %q", line)
		}
	}
	_ = cmd.Wait()
	return said, !finished
}

// check opens what is left, and gives how many pictures it has.
func check(t *testing.T, dir string, want map[string][]float32, atLeast int) int {
	t.Helper()
	c, err := akin.Open(context.Background(), dir, akin.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	problems, err := c.Verify(t.Context())
	if err != nil || len(problems) > 0 {
		t.Errorf("verify: %v, %v", problems, err)
	}
	got := embeddings(t, c)
	if len(got) < atLeast {
		t.Errorf("%d pictures are left of at least %d that were stored", len(got), atLeast)
	}
	for name, v := range got {
		if !slices.Equal(v, want[name]) {
			t.Errorf("%s has another embedding", name)
		}
	}
	return len(got)
}

// embeddings gives every picture's unit vector by name.
func embeddings(t *testing.T, c *akin.Collection) map[string][]float32 {
	t.Helper()
	info, err := c.Info(t.Context())
	must(t, err)
	if info.Pictures == 0 {
		return nil
	}
	e, err := c.Export(t.Context(), akin.DefaultModel)
	must(t, err)
	if len(e.Names) != info.Pictures {
		t.Errorf("%d of %d pictures have an embedding", len(e.Names), info.Pictures)
	}
	out := map[string][]float32{}
	for i, name := range e.Names {
		out[name] = e.Vector(i)
	}
	return out
}
