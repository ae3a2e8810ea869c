package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/akin-search/akin/internal/glob"
	"github.com/akin-search/akin/internal/record"
)

// Repair repairs the collection in dir as far as possible: it rebuilds derived files, rebuilds a damaged database from
// what can be read of it and from the segments, and removes damaged embeddings, so that indexing makes them again. A
// damaged database stays beside the new one: it may hold more than could be read.
func Repair(ctx context.Context, dir string) (r record.Repaired, err error) {
	if err := rescue(ctx, dir, &r); err != nil {
		return r, err
	}
	c, err := Open(dir, Options{ReadOnly: true})
	if err != nil {
		return r, err
	}
	defer c.Close()
	w, err := c.Writer()
	if err != nil {
		return r, err
	}
	again, err := w.Repair(ctx)
	r.Join(again)
	return r, errors.Join(err, w.Close())
}

// Repair is Repair of a collection whose database can be read.
func (w *Writer) Repair(ctx context.Context) (r record.Repaired, err error) {
	if err := w.mend(ctx, &r); err != nil {
		return r, err
	}
	if err := w.dropDamaged(ctx, &r); err != nil {
		return r, err
	}
	if err := w.Calibrate(ctx); err != nil {
		return r, err
	}
	if err := w.Prepare(ctx, nil); err != nil {
		return r, err
	}
	r.Problems, err = w.c.Verify(ctx)
	return r, err
}

// mend rewrites each space that has damaged segments, without the damaged rows.
func (w *Writer) mend(ctx context.Context, r *record.Repaired) error {
	spaces, err := w.c.Spaces(ctx)
	if err != nil {
		return err
	}
	for _, s := range spaces {
		sound := true
		for first := 0; first < s.Rows && sound; first += s.PerSegment {
			base := filepath.Join(w.c.spaceDir(s), segmentName(first/s.PerSegment+1))
			sound = checkSegment(ctx, base, s, min(s.PerSegment, s.Rows-first)) == nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if sound {
			continue
		}
		kept, lost, err := w.rewrite(ctx, s)
		if err != nil {
			return fmt.Errorf("rewrite %s: %w", s.Model, err)
		}
		switch {
		case lost == 0:
			r.Add("%s: rewritten, all %d embeddings of %s kept", w.c.spaceDir(s), kept, s.Model)
			continue
		case s.Imported():
			r.Reimport = append(r.Reimport, s.Model)
		default:
			r.Reindex = true
		}
		r.Add("%s: rewritten, %d embeddings of %s kept, %d were damaged and are removed", w.c.spaceDir(s), kept, s.Model, lost)
	}
	return nil
}

func absent(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// segmentsOf lists the segments that lie in a space's folder, by number.
func segmentsOf(dir string) ([]int, error) {
	files, err := glob.Files(dir, "??????.vec")
	var numbers []int
	for _, f := range files {
		var n int
		if _, err := fmt.Sscanf(filepath.Base(f), "%06d.vec", &n); err == nil && n > 0 {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, err
}
