package space

import (
	"context"
	"errors"

	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/thumb"
)

// Collection is an open collection.
type Collection struct {
	store.Opened
	Options  models.Options
	Engine   *models.Engine
	Client   *source.Client
	Mirror   store.Mirror // of a cluster
	thumbs   thumb.Thumbs
	verified verified
	sights   sights
}

// Open opens the collection in the folder at path, or in a cluster, at an address as
// weaviate://host:port/Name (docs/cluster.md). It creates a collection that is absent
// when it is not ReadOnly. It takes no lock: Index and the other methods that write take
// it while they run, and fail with ErrLocked when another process holds it; a cluster has
// none.
func Open(ctx context.Context, path string, o models.Options) (*Collection, error) {
	p, err := store.Open(ctx, path, store.Options{ReadOnly: o.ReadOnly, Home: o.Home})
	if err != nil {
		return nil, err
	}
	c := &Collection{Opened: p, Options: o, Engine: o.Engine, Client: models.NewClient(o), Mirror: store.Mirror{Limit: o.ClusterCache}}
	if c.Engine == nil {
		c.Engine = models.NewEngine(o)
	}
	return c, nil
}

// Path is the collection's folder, or its address.
func (c *Collection) Path() string { return c.Location }

// Close ends the collection's sessions and files. Pictures and embeddings that
// were stored are safe whether or not it is called.
func (c *Collection) Close() error {
	var err error
	if c.Options.Engine == nil {
		err = c.Engine.Close()
	}
	return errors.Join(err, c.Mirror.Close(), c.Store.Close())
}

// Rest gives back the files that no question uses now. The next one opens them again, which takes
// some milliseconds: it is for programs that serve many collections.
func (c *Collection) Rest() {
	if c.Folder != nil {
		c.Folder.Rest()
	}
}
