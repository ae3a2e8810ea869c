package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/features"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store/local"
)

// RegionsFolder is the name of the collection of regions, in the folder of what is derived.
const RegionsFolder = "regions"

// Repair repairs the collection at a path or address as far as possible, even one that cannot be opened. It rebuilds
// derived files, rebuilds a damaged database from what can be read of it and from the embeddings' files, and removes
// damaged embeddings, so that indexing makes them again.
func Repair(ctx context.Context, path string) (api.Repaired, error) {
	r, err := repair(ctx, path)
	return api.Repaired{Done: append([]string{}, r.Done...), Problems: append([]string{}, r.Problems...), Reindex: r.Reindex, Reimport: r.Reimport}, err
}

func repair(ctx context.Context, path string) (r record.Repaired, err error) {
	if !record.IsAddress(path) {
		if r, err = local.Repair(ctx, path); err != nil {
			return r, err
		}
		mended, err := features.Mend(path)
		if mended {
			r.Done = append(r.Done, "features: left out what was damaged")
			r.Reindex = true
		}
		return r, errors.Join(err, repairRegions(ctx, path, &r))
	}
	remote, err := openRemote(ctx, path, true)
	if err != nil {
		return r, err
	}
	r, err = remote.Repair(ctx)
	return r, errors.Join(err, remote.Close())
}

// repairRegions repairs the collection of regions that a collection may have.
func repairRegions(ctx context.Context, path string, r *record.Repaired) error {
	dir := filepath.Join(path, RegionsFolder)
	if info, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return nil
	}
	mended, err := local.Repair(ctx, dir)
	for _, list := range []*[]string{&mended.Done, &mended.Problems} {
		for i, line := range *list {
			(*list)[i] = "regions: " + line
		}
	}
	mended.Reimport = nil
	mended.Problems = append(r.Problems, mended.Problems...)
	r.Join(mended)
	r.Problems = mended.Problems
	return err
}
