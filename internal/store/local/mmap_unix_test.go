//go:build unix

package local

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/vector"
)

// A file that cannot be read any more where it is mapped ends no program: each question of it is
// an error, and another collection answers as before.
func TestMappedFilesThatFailAreErrors(t *testing.T) {
	t.Parallel()
	for _, end := range []string{".vec", compactSuffix, rowsList, picturesList} {
		c, space, w := grown(t, 900)
		if err := w.Prepare(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		s := snapshot(t, c, space)
		path := filepath.Join(c.spaceDir(space), segmentName(1)+end)
		if end == rowsList {
			path = filepath.Join(c.spaceDir(space), end)
		} else if end == picturesList {
			path = filepath.Join(c.dir, end)
		}
		if err := os.Truncate(path, 100); err != nil {
			t.Fatal(err)
		}
		q := make([]float32, space.Dim)
		q[0] = 1
		errs := map[string]error{}
		_, errs["search"] = vector.Search(t.Context(), s.Matrix, q, vector.Options{K: 10, Keep: s.Keep, Tie: s.Tie, Threads: 2})
		_, errs["search of many"] = vector.SearchBatch(t.Context(), s.Matrix, vector.Matrix{Dim: space.Dim, Parts: [][]float32{q, q}}, vector.Options{K: 10, Keep: s.Keep, Tie: s.Tie, Threads: 2})
		_, errs["scores"] = vector.Scores(t.Context(), s.Matrix, q, 2)
		errs["neighbours"] = vector.Neighbors(t.Context(), s.Matrix, vector.Options{K: 3, Keep: s.Keep, Tie: s.Tie, Threads: 2}, func(int, []vector.Hit) {})
		_, errs["build"] = vector.Build(t.Context(), s.Matrix.Parts[0], space.Dim, vector.BuildOptions{Threads: 2})
		failed := 0
		for what, err := range errs {
			if err != nil {
				failed++
				if !errors.Is(err, record.ErrDamaged) {
					t.Errorf("%s, %s: %v", end, what, err)
				}
			}
		}
		if failed == 0 && end != picturesList {
			t.Errorf("%s: nothing failed, so nothing was tried", end)
		}
		// What is opened after it is an error, or as good as before: of what is derived there is another.
		again, err := c.Snapshot(t.Context(), space)
		if end == ".vec" {
			if !errors.Is(err, record.ErrDamaged) {
				t.Errorf("%s: %v", end, err)
			}
		} else if err != nil {
			t.Errorf("%s: %v", end, err)
		} else if hits, err := vector.Search(t.Context(), again.Matrix, q, vector.Options{K: 10, Keep: again.Keep, Tie: again.Tie}); err != nil || len(hits) != 10 {
			t.Errorf("%s: %d hits, %v", end, len(hits), err)
		}
		if problems, err := c.Verify(t.Context()); err != nil || len(problems) == 0 {
			t.Errorf("%s: %q, %v", end, problems, err)
		}
	}
}
