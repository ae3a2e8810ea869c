package indexer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
)

// An EmptiedFolderError reports that a folder no longer has any picture, as if its disk were not
// mounted, and that pruning kept its pictures for that reason.
type EmptiedFolderError struct {
	Folder   string
	Pictures int // that were kept
}

func (e *EmptiedFolderError) Error() string {
	return fmt.Sprintf("it no longer has any picture: its %d pictures are kept, because its disk may not be mounted", e.Pictures)
}

// prune counts the known pictures below the paths whose files no longer exist, and with Prune
// removes them.
func (x *indexer) prune(ctx context.Context, paths []string) error {
	gone, err := x.findGone(ctx, paths)
	if err != nil {
		return err
	}
	var remove []int64
	for root, ids := range gone {
		if x.o.Prune && !x.o.PruneEmpty && x.isEmptied(root) {
			x.report.Missing += len(ids)
			if x.o.Problem != nil {
				x.o.Problem(root, &EmptiedFolderError{Folder: root, Pictures: len(ids)})
			}
			continue
		}
		remove = append(remove, ids...)
	}
	if !x.o.Prune {
		x.report.Missing = len(remove)
		return nil
	}
	slices.Sort(remove)
	if len(remove) > 0 {
		if err := x.writer.Commit(ctx, record.Batch{Remove: remove}); err != nil {
			return fmt.Errorf("remove %d pictures: %w", len(remove), err)
		}
	}
	x.report.Removed = len(remove)
	return nil
}

// findGone returns, by path, the ids of known pictures that the walk did not meet and whose files no
// longer exist.
func (x *indexer) findGone(ctx context.Context, paths []string) (map[string][]int64, error) {
	var roots []string
	for _, p := range paths {
		if source.IsAddress(p) {
			continue
		}
		abs, err := filepath.Abs(p)
		if err != nil {
			return nil, err
		}
		roots = append(roots, abs)
	}
	known, err := x.c.Store.Known(ctx) // again: files may have moved during the run
	if err != nil {
		return nil, err
	}
	gone := map[string][]int64{}
	for src, k := range known {
		if x.seen[src] || !x.o.Shard.Has(src) || source.IsAddress(src) || record.IsImported(src) {
			continue
		}
		at := slices.IndexFunc(roots, func(root string) bool { return source.Under(src, root) })
		if at < 0 {
			continue
		}
		if _, err := source.Lstat(src); errors.Is(err, os.ErrNotExist) {
			gone[roots[at]] = append(gone[roots[at]], k.ID)
		}
	}
	return gone, nil
}

// isEmptied reports whether a root is a folder in which the walk met nothing: the mount point of a disk
// that is not mounted looks like that.
func (x *indexer) isEmptied(root string) bool {
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		return false
	}
	for src := range x.seen {
		if source.Under(src, root) {
			return false
		}
	}
	return true
}
