package akin

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/akin-search/akin/internal/cluster"
	"github.com/akin-search/akin/internal/collection"
)

// store is where a collection lies: a folder, or a class in a cluster.
type store interface {
	About(ctx context.Context, ids []int64) (map[int64]collection.About, error)
	ContentHashes(ctx context.Context) (map[int64]collection.Hash, error)
	Each(ctx context.Context, spaces []collection.Space, f func([]collection.Stored) error) error
	Embedded(ctx context.Context, space int64) (map[collection.Hash]bool, map[int64]bool, error)
	Files(ctx context.Context) (map[int64]collection.File, error)
	Info(ctx context.Context) (collection.Info, error)
	Known(ctx context.Context) (map[string]collection.Known, error)
	Places(ctx context.Context, hash collection.Hash) ([]collection.Picture, error)
	Reviews(ctx context.Context) ([]collection.Review, error)
	Roots(ctx context.Context) ([]collection.Root, error)
	Spaces(ctx context.Context) ([]collection.Space, error)
	Tags(ctx context.Context) ([]collection.Tag, error)
	TagsOf(ctx context.Context) (map[int64][]string, error)
	Undated(ctx context.Context) (map[int64]bool, error)
	Verify(ctx context.Context) ([]string, error)
	Close() error
}

// writer is what may change a store.
type writer interface {
	Space(ctx context.Context, model, fingerprint string, dim int) (collection.Space, error)
	Commit(ctx context.Context, b collection.Batch) error
	Tag(ctx context.Context, taggings []collection.Tagging) (int, error)
	Untag(ctx context.Context, taggings []collection.Tagging) (int, error)
	Review(ctx context.Context, reviews []collection.Review) (added int, err error)
	Unreview(ctx context.Context, contents []collection.Hash) (removed int, err error)
	Drop(ctx context.Context, s collection.Space) error
	Calibrate(ctx context.Context) error
	Prepare(ctx context.Context, tell func(done, total int)) error
	Close() error
}

// place is an open store: a folder or a cluster, of which the other is nil.
type place struct {
	store   store
	folder  *collection.Collection
	cluster *cluster.Collection
	path    string // the folder, or the address
	files   string // the folder of what is derived: maps, thumbnails, the copy of a cluster's vectors
	own     string // the folder of what is not, and belongs to this machine: which files were put aside
}

// openPlace opens the store at a path or an address.
func openPlace(path string, readOnly bool) (place, error) {
	if cluster.IsAddress(path) {
		c, err := cluster.Open(context.Background(), path, os.Getenv("AKIN_WEAVIATE_API_KEY"), readOnly)
		if err != nil {
			return place{}, err
		}
		if !readOnly {
			_ = errors.Join(makeDataDir(), makePrivate(cacheDir())) // what fails, fails where it is used
		}
		name := hashString([]byte(c.Address()))[:16]
		p := place{store: c, cluster: c, path: path, files: filepath.Join(cacheDir(), "clusters", name)}
		if data, err := dataDir(); err == nil {
			p.own = filepath.Join(data, "clusters", name)
		} else { // a user without a home
			p.own = p.files
		}
		return p, nil
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return place{}, err
	}
	if data, err := dataDir(); err == nil && !readOnly && under(abs, data) {
		if err := makePrivate(data); err != nil {
			return place{}, err
		}
	}
	c, err := collection.Open(abs, collection.Options{ReadOnly: readOnly})
	if err != nil {
		return place{}, err
	}
	return place{store: c, folder: c, path: abs, files: abs, own: abs}, nil
}

// writer takes the store's writer.
func (p place) writer() (writer, error) {
	if p.cluster != nil {
		return p.cluster.Writer()
	}
	w, err := p.folder.Writer()
	if err != nil {
		return nil, err
	}
	return w, nil
}

// repair makes a store whole again as far as what is left of it allows.
func repair(ctx context.Context, path string) (r collection.Repaired, err error) {
	if !cluster.IsAddress(path) {
		return collection.Repair(ctx, path)
	}
	p, err := openPlace(path, true)
	if err != nil {
		return r, err
	}
	r, err = p.cluster.Repair(ctx)
	return r, errors.Join(err, p.store.Close())
}
