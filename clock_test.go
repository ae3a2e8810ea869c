package akin_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
)

// The clock jumps, in either direction and however far: files are written in 1970, before
// it, and in two hundred years. What did not change is not embedded again, what changed
// is, also when its date is then earlier, and nothing is lost.
func TestAClockThatJumpsLosesNothing(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	flags, err := filepath.Glob(filepath.Join(golden.Flags(t), "images", "*.png"))
	must(t, err)
	dir := filepath.Join(t.TempDir(), "pictures")
	clocks := []time.Time{
		time.Unix(0, 0), time.Date(1969, 7, 20, 20, 17, 40, 0, time.UTC), time.Date(1901, 12, 14, 0, 0, 0, 0, time.UTC),
		time.Date(2038, 1, 19, 3, 14, 8, 0, time.UTC), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC), time.Now().Add(72 * time.Hour),
	}
	var files []string
	for i, at := range clocks {
		path := filepath.Join(dir, filepath.Base(flags[i]))
		copyFile(t, flags[i], path)
		must(t, os.Chtimes(path, at, at))
		files = append(files, path)
	}
	c := open(t, filepath.Join(t.TempDir(), "c.akin"), akin.Options{})
	index := func(why string, embedded, unchanged int) {
		t.Helper()
		r, err := c.Index(t.Context(), []string{dir}, api.IndexOptions{})
		must(t, err)
		if r.Embedded != embedded || r.Unchanged != unchanged || len(r.Failed) > 0 {
			t.Errorf("%s: %d embedded, %d unchanged, %v failed", why, r.Embedded, r.Unchanged, r.Failed)
		}
	}
	index("new", len(files), 0)
	index("again", 0, len(files))
	// Another picture of an earlier date, in each file's place.
	for i, path := range files {
		must(t, os.Remove(path))
		copyFile(t, flags[len(files)+i], path)
		earlier := clocks[i].Add(-time.Hour)
		must(t, os.Chtimes(path, earlier, earlier))
	}
	index("changed, and earlier", len(files), 0)
	index("again", 0, len(files))
	info, err := c.Info(t.Context())
	must(t, err)
	if info.Pictures != len(files) {
		t.Errorf("%d pictures of %d", info.Pictures, len(files))
	}
	if problems, err := c.Verify(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	t.Logf("faults: %d clocks, nothing lost, nothing embedded twice", 2*len(clocks))
}
