package space

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"

	"github.com/akin-search/akin/internal/features"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/thumbnail"
)

// Collection is an open collection.
type Collection struct {
	store.Handle
	Options  models.Options
	Engine   *models.Engine
	Client   *source.Client
	Mirror   store.Mirror // of a remote store
	thumbs   thumbnail.Cache
	hashes   hashCache
	verdicts verdictCache
	Features *features.Index // of the collection's pictures, for parts of them
	searches atomic.Int64    // that run now
}

// Open opens the collection in the folder at path, or in a cluster at an address such as
// weaviate://host:port/Name. It creates one that does not exist, unless ReadOnly. Open takes
// no lock: methods that write take it while they run, and fail with ErrLocked while another
// process holds it. A cluster has no lock.
func Open(ctx context.Context, path string, o models.Options) (*Collection, error) {
	h, err := store.Open(ctx, path, store.Options{ReadOnly: o.ReadOnly, Home: o.Home})
	if err != nil {
		return nil, err
	}
	c := &Collection{Handle: h, Options: o, Engine: o.Engine, Client: models.NewClient(o), Mirror: store.Mirror{Limit: o.ClusterCache}, Features: features.Open(h.DerivedDir)}
	if c.Engine == nil {
		c.Engine = models.NewEngine(o)
	}
	return c, nil
}

// enter begins a search, and returns how many threads it may use: those that options allow, shared with the searches
// that run already. One alone is answered soonest by all of them, many at once by one each. The caller calls leave.
func (c *Collection) enter() (threads int) {
	threads = c.Options.Threads
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	return max(1, threads/int(c.searches.Add(1)))
}

func (c *Collection) leave() { c.searches.Add(-1) }

// Path is the collection's folder, or its address.
func (c *Collection) Path() string { return c.Location }

// Close closes the collection's sessions and files. What was stored is safe whether or not it is
// called.
func (c *Collection) Close() error {
	var err error
	if c.Options.Engine == nil {
		err = c.Engine.Close()
	}
	return errors.Join(err, c.Features.Close(), c.Mirror.Close(), c.Store.Close())
}

// Rest closes the files that no call is using. The next call opens them again, which takes some
// milliseconds. It is for programs that serve many collections.
func (c *Collection) Rest() {
	_ = c.Features.Close()
	if c.Folder != nil {
		c.Folder.Rest()
	}
}
