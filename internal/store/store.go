// Package store opens the place that a collection lies in: a folder of this machine (local), or a remote store, by the
// scheme of its address. What both store is defined in package record; storetest is the contract that both are held to.
package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/home"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/store/local"
)

// Store is where a collection lies: a folder, or a class in a cluster.
type Store interface {
	About(ctx context.Context, ids []int64) (map[int64]record.About, error)
	ContentHashes(ctx context.Context) (map[int64]record.Hash, error)
	Each(ctx context.Context, spaces []record.Space, f func([]record.Stored) error) error
	Embedded(ctx context.Context, space int64) (map[record.Hash]bool, map[int64]bool, error)
	Files(ctx context.Context) (map[int64]record.File, error)
	Info(ctx context.Context) (record.Info, error)
	Known(ctx context.Context) (map[string]record.Known, error)
	Places(ctx context.Context, hash record.Hash) ([]record.Picture, error)
	Reviews(ctx context.Context) ([]record.Review, error)
	Roots(ctx context.Context) ([]record.Root, error)
	Spaces(ctx context.Context) ([]record.Space, error)
	Tags(ctx context.Context) ([]record.Tag, error)
	TagsOf(ctx context.Context) (map[int64][]string, error)
	// Sidecars returns when the sidecar of each picture whose metadata is stored was last written, by its id: in nanoseconds
	// since 1970, 0 where there is none.
	Sidecars(ctx context.Context) (map[int64]int64, error)
	Undated(ctx context.Context) (map[int64]bool, error)
	Verify(ctx context.Context) ([]string, error)
	Close() error
}

// Writer is what may change a store.
type Writer interface {
	Space(ctx context.Context, model, fingerprint string, dim int) (record.Space, error)
	Commit(ctx context.Context, b record.Batch) error
	Tag(ctx context.Context, taggings []record.Tagging) (int, error)
	Untag(ctx context.Context, taggings []record.Tagging) (int, error)
	RenameTag(ctx context.Context, tag, name string) (int, error)
	Review(ctx context.Context, reviews []record.Review) (added int, err error)
	Unreview(ctx context.Context, contents []record.Hash) (removed int, err error)
	Drop(ctx context.Context, s record.Space) error
	Calibrate(ctx context.Context) error
	Prepare(ctx context.Context, progress func(done, total int)) error
	Close() error
}

// Handle is an open store: a folder of this machine, or a remote one; the other is nil.
type Handle struct {
	Store      Store
	Folder     *local.Collection
	Remote     Remote
	Location   string // the folder, or the address
	DerivedDir string // the folder of what can be made again: maps, thumbnails, the copy of a remote store's vectors
	LocalDir   string // the folder of what cannot, and belongs to this machine: which files were moved to the trash
}

// OpenRemote opens the store at an address.
type OpenRemote func(ctx context.Context, address string, readOnly bool) (Remote, error)

var remotes = map[string]OpenRemote{}

// Register makes Open open the addresses of a scheme, such as "weaviate". Call it before Open: it is not safe for concurrent use.
func Register(scheme string, open OpenRemote) { remotes[scheme] = open }

// Options open a store.
type Options struct {
	ReadOnly bool     // fail with record.ErrNotFound instead of making one
	Home     home.Dir // of the user's data and cache
}

// Open opens the store at a path or an address.
func Open(ctx context.Context, path string, o Options) (Handle, error) {
	if record.IsAddress(path) {
		return openAddress(ctx, path, o)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return Handle{}, err
	}
	if data, err := o.Home.Data(); err == nil && !o.ReadOnly && source.Under(abs, data) {
		if err := home.MakePrivate(data); err != nil {
			return Handle{}, err
		}
	}
	c, err := local.Open(abs, local.Options{ReadOnly: o.ReadOnly})
	if err != nil {
		return Handle{}, err
	}
	return Handle{Store: c, Folder: c, Location: abs, DerivedDir: abs, LocalDir: abs}, nil
}

// openRemote opens the store at an address.
func openRemote(ctx context.Context, address string, readOnly bool) (Remote, error) {
	scheme, _, _ := strings.Cut(address, "://")
	open := remotes[scheme]
	if open == nil {
		return nil, fmt.Errorf("open %s: no store is registered for %s://", address, scheme)
	}
	return open(ctx, address, readOnly)
}

func openAddress(ctx context.Context, address string, o Options) (Handle, error) {
	c, err := openRemote(ctx, address, o.ReadOnly)
	if err != nil {
		return Handle{}, err
	}
	if !o.ReadOnly {
		_ = errors.Join(home.MakeData(o.Home), home.MakePrivate(o.Home.Cache())) // what fails, fails where it is used
	}
	name := embed.HashString([]byte(c.Address()))[:16]
	h := Handle{Store: c, Remote: c, Location: address, DerivedDir: filepath.Join(o.Home.Cache(), "clusters", name)}
	if data, err := o.Home.Data(); err == nil {
		h.LocalDir = filepath.Join(data, "clusters", name)
	} else { // a user without a home
		h.LocalDir = h.DerivedDir
	}
	return h, nil
}

// Writer returns the store's writer. A folder has one at a time: ErrLocked.
func (h Handle) Writer() (Writer, error) {
	if h.Remote != nil {
		return h.Remote.Writer()
	}
	w, err := h.Folder.Writer()
	if err != nil {
		return nil, err
	}
	return w, nil
}
