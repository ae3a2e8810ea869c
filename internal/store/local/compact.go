package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/vector"
)

// Beside N.vec lies N.compact, a compact copy of its first rows by which a search is
// fast. It is derived: whoever removes it loses time and nothing else.
const (
	compactSuffix = ".compact"
	compactLeast  = 16_384 // rows from which on a copy is worth its making
)

// Prepare makes what makes a collection open and search fast: the lists and compact copies that are missing, damaged or
// out of date. progress, which may be nil, receives the number of vectors done and their total. What was made stays
// when ctx ends.
func (w *Writer) Prepare(ctx context.Context, progress func(done, total int)) (err error) {
	defer disk.Catch(&err)()
	if err := w.list(ctx); err != nil {
		return fmt.Errorf("write the lists of collection %s: %w", w.c.dir, err)
	}
	spaces, err := w.c.Spaces(ctx)
	if err != nil {
		return err
	}
	var open []*Snapshot
	total := 0
	for _, space := range spaces {
		s := newSnapshot(w.c, space)
		open = append(open, s)
		if err = s.mapRows(w.c.spaceDir(space)); err != nil {
			break
		}
		for i := range s.Matrix.Parts {
			total += w.due(s, i)
		}
	}
	done := 0
	step := func(rows int) {
		done += rows
		if progress != nil && total > 0 {
			progress(done, total)
		}
	}
	step(0)
	for _, s := range open {
		if err == nil {
			if err = w.compact(ctx, s, step); err != nil {
				err = fmt.Errorf("make compact copies of %s: %w", s.Space.Model, err)
			}
		}
		err = errors.Join(err, s.Close())
	}
	return err
}

// due returns how many vectors a segment has whose copy is to be made, or 0.
func (w *Writer) due(s *Snapshot, segment int) int {
	rows, c, least := len(s.Matrix.Parts[segment])/s.Matrix.Dim, s.Matrix.Compact[segment], w.c.compactLeast
	if c == nil && rows < least || c != nil && !c.Outdated() && rows-c.Rows <= max(least/2, c.Rows/16) {
		return 0
	}
	return rows
}

func (w *Writer) compact(ctx context.Context, s *Snapshot, step func(rows int)) error {
	var first *vector.Compact
	for i, rows := range s.Matrix.Parts {
		c := s.Matrix.Compact[i]
		if n := w.due(s, i); n > 0 {
			var err error
			c, err = vector.Build(ctx, rows, s.Matrix.Dim, vector.BuildOptions{Like: first})
			if err == nil {
				err = replaceFile(w.disk, filepath.Join(w.c.spaceDir(s.Space), segmentName(i+1)+compactSuffix), c.Write)
			}
			if err != nil {
				return err
			}
			step(n)
		}
		if first == nil {
			first = c
		}
	}
	return nil
}

// replaceFile replaces a file that only the writer writes. Where a reader on Windows has the old one open, that stays:
// what is derived is checked before it is used.
func replaceFile(on disk.FS, path string, write func(io.Writer) error) error {
	if err := disk.RemoveUnfinished(on, path); err != nil {
		return err
	}
	if err := disk.ReplaceWith(on, path, 0o666, write); !inUse(err) {
		return err
	}
	return nil
}

// openCompact maps the copy of a segment; none where there is no sound one.
func openCompact(path string, rows, dim int) (c *vector.Compact, data []byte, unmap func() error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, nil
	}
	data, unmap, err = openMapped(path, info.Size())
	if err != nil {
		return nil, nil, nil
	}
	open := func() (err error) {
		defer disk.Catch(&err)()
		c, err = vector.OpenCompact(data, rows, dim)
		return err
	}
	if err := open(); err != nil {
		unmap()
		return nil, nil, nil
	}
	return c, data, unmap
}

// dropDamaged removes the lists and copies that are not as they were written, so that
// Prepare makes them again.
func (w *Writer) dropDamaged(ctx context.Context, r *record.Repaired) error {
	drop := func(path string) error {
		r.Add("%s: made again", path)
		return os.Remove(path)
	}
	err := w.c.eachList(ctx, func(path string) error {
		if checkList(path) != nil {
			return drop(path)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = w.c.eachMap(func(path string) error {
		if checkMap(path) == nil {
			return nil
		}
		r.Add("%s: removed", path)
		return os.Remove(path)
	})
	if err != nil {
		return err
	}
	return w.c.eachSegment(ctx, func(s record.Space, base string, rows int) error {
		if checkCompact(base+compactSuffix, rows, s.Dim) != nil {
			return drop(base + compactSuffix)
		}
		return nil
	})
}

// checkCompact reads the whole compact copy of a segment, if there is one.
func checkCompact(path string, rows, dim int) (err error) {
	defer disk.Catch(&err)()
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	c, data, unmap := openCompact(path, rows, dim)
	if c == nil {
		return vector.ErrCompact
	}
	return errors.Join(vector.CheckCompact(data), unmap())
}
