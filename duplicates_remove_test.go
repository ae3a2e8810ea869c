package akin_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
)

// grey is a picture of one grey.
func grey(v byte) image.Image {
	p := image.NewGray(image.Rect(0, 0, 4, 4))
	for i := range p.Pix {
		p.Pix[i] = v
	}
	return p
}

// exactCopies is a collection without a model, as far as copies are asked for: imported vectors, and
// files with the same bytes.
func exactCopies(t testing.TB, dir string, groups, each int) (collection string) {
	t.Helper()
	collection = filepath.Join(filepath.Dir(dir), "exact.akin")
	for g := range groups {
		p := asPNG(t, pixels(4, 4, func(x, y int) (int, int) { return x, y }, grey(byte(g))))
		for i := range each {
			write(t, filepath.Join(dir, fmt.Sprintf("%d", i), fmt.Sprintf("picture %d.png", g)), p)
		}
	}
	c := open(t, collection, akin.Options{})
	_, err := c.Index(t.Context(), []string{dir}, api.IndexOptions{})
	must(t, err)
	return collection
}

func files(t testing.TB, dir string) (contents map[[32]byte]int, names []string) {
	t.Helper()
	contents = map[[32]byte]int{}
	must(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if d.Type()&os.ModeSymlink == 0 {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			contents[sha256.Sum256(data)]++
		}
		rel, _ := filepath.Rel(dir, path)
		names = append(names, filepath.ToSlash(rel))
		return nil
	}))
	return contents, names
}

func TestCopiesAreMovedAndNothingElse(t *testing.T) {
	if testing.Short() {
		t.Skip("compares the pixels of many pictures")
	}
	t.Parallel()
	c := withCopies(t)
	d := duplicates(t, c, api.DuplicateOptions{})
	to := filepath.Join(t.TempDir(), "copies of mine")
	before, namesBefore := files(t, c.dir)

	dry, err := c.RemoveDuplicates(t.Context(), d.Groups, api.RemoveOptions{Folder: to, DryRun: true})
	must(t, err)
	if _, names := files(t, c.dir); !slices.Equal(names, namesBefore) || len(dry.Removed) != 7 {
		t.Errorf("a dry run moves files: %v, %+v", names, dry)
	}
	if _, err := os.Stat(to); err == nil {
		t.Error("a dry run makes the folder")
	}

	// Since the groups were found, a copy has changed, and a name is taken.
	trimmed, err := os.ReadFile(c.path("again/brazil trimmed.png"))
	must(t, err)
	overwritten := sha256.Sum256(trimmed)
	write(t, c.path("again/brazil trimmed.png"), []byte("something else"))
	write(t, filepath.Join(to, "chad exact.png"), []byte("was here before"))
	r, err := c.RemoveDuplicates(t.Context(), d.Groups, api.RemoveOptions{Folder: to})
	must(t, err)
	if len(r.Removed) != 6 || len(r.Skipped) != 1 || !strings.Contains(r.Skipped[0].Error, "brazil trimmed.png has changed") {
		t.Errorf("%+v", r)
	}
	left, _ := files(t, c.dir)
	moved, names := files(t, to)
	if data, err := os.ReadFile(filepath.Join(to, "chad exact.png")); err != nil || string(data) != "was here before" {
		t.Errorf("a file was replaced: %s, %v", data, err)
	}
	if !slices.Contains(names, "chad exact (2).png") {
		t.Errorf("%v", names)
	}
	for h := range before {
		if left[h]+moved[h] < before[h] && h != overwritten {
			t.Errorf("of %d files with one content %d are left, and %d were moved", before[h], left[h], moved[h])
		}
	}
	for _, p := range r.Removed {
		if _, err := c.Picture(t.Context(), strings.TrimSuffix(filepath.Base(p.Source), filepath.Ext(p.Source))); err == nil {
			t.Errorf("%s is still in the collection", p.Source)
		}
	}
	if again := duplicates(t, c, api.DuplicateOptions{}); len(again.Groups) != 0 || len(again.Failed) != 1 {
		t.Errorf("%+v", again)
	}
	if _, err := c.RemoveDuplicates(t.Context(), d.Groups, api.RemoveOptions{Folder: c.path("aside")}); err == nil || !strings.Contains(err.Error(), "is indexed") {
		t.Errorf("into an indexed folder: %v", err)
	}
}

// removeAndDie is the process that is killed: it moves copies away.
func removeAndDie(collection, to string) {
	c, err := akin.Open(context.Background(), collection, akin.Options{})
	if err == nil {
		var d api.Duplicates
		if d, err = c.Duplicates(context.Background(), api.DuplicateOptions{Exact: true}); err == nil {
			_, err = c.RemoveDuplicates(context.Background(), d.Groups, api.RemoveOptions{Folder: to})
		}
	}
	fmt.Println(err)
	os.Exit(0)
}

// A process that moves copies away is killed at random moments, within one disk and from one
// to another. Whatever the moment: every content is still there, every best is where it was,
// and the next run brings it to its end.
func TestKillingARemovalLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts and kills a process some sixty times")
	}
	golden.Deps(t)
	targets := map[string]string{"one disk": ""}
	if other, err := os.MkdirTemp("/dev/shm", "akin-test-"); err == nil {
		t.Cleanup(func() { os.RemoveAll(other) })
		targets["two disks"] = other
	}
	for why, to := range targets {
		t.Run(why, func(t *testing.T) {
			base := t.TempDir()
			dir := filepath.Join(base, "pictures")
			const groups, each = 40, 4
			collection := exactCopies(t, dir, groups, each)
			if to == "" {
				to = filepath.Join(base, "copies")
			}
			contents, _ := files(t, dir)
			r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 3))
			kills, took := 0, 60*time.Millisecond
			for runs := 0; ; runs++ {
				if runs == 500 {
					t.Fatal("it never comes to an end")
				}
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), "AKIN_TEST_REMOVE="+collection, "AKIN_TEST_TO="+to)
				var out bytes.Buffer
				cmd.Stdout = &out
				must(t, cmd.Start())
				timer := time.AfterFunc(time.Duration(r.Int64N(int64(took))), func() { _ = cmd.Process.Kill() })
				err := cmd.Wait()
				timer.Stop()
				left, _ := files(t, dir)
				gone := map[[32]byte]int{}
				if _, err := os.Stat(to); err == nil {
					gone, _ = files(t, to)
				}
				for h := range contents {
					if left[h] < 1 || left[h]+gone[h] < each {
						t.Fatalf("after %d kills: of %d files with one content %d are left, and %d were moved", kills, each, left[h], gone[h])
					}
				}
				if err == nil {
					if out.String() != "<nil>\n" {
						t.Fatalf("it says %s", &out)
					}
					break
				}
				kills++
				took += took / 40 // until a run comes to its end
			}
			left, _ := files(t, dir)
			gone, names := files(t, to)
			for h := range contents {
				if left[h] != 1 || gone[h] != each-1 {
					t.Errorf("of one content %d files are left, and %d were moved", left[h], gone[h])
				}
			}
			for _, name := range names {
				if strings.HasPrefix(name, ".") {
					t.Errorf("%s was left behind", name)
				}
			}
			c := open(t, collection, akin.Options{})
			if info, err := c.Info(t.Context()); err != nil || info.Pictures != groups {
				t.Errorf("%d pictures are left in the collection: %v", info.Pictures, err)
			}
			t.Logf("%d kills", kills)
		})
	}
}
