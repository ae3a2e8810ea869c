package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/client"
)

var errShuttingDown = errors.New("the server is shutting down")

// collections are those that are served, opened when they are first asked for.
type collections struct {
	options akin.Options // with the models that all share
	only    string       // the name of the one that is served; "" is all in the user's data folder
	path    string       // of that one

	mu     sync.Mutex
	open   map[string]*akin.Collection
	locks  map[string]chan struct{} // by path: held by who writes
	closed bool

	patience time.Duration // a request may take
}

func newCollections(o Options) (*collections, error) {
	c := &collections{options: o.Open, open: map[string]*akin.Collection{}, locks: map[string]chan struct{}{}, patience: o.Limits.Request}
	c.options.ReadOnly = true // asking creates none
	c.options.Engine = akin.NewEngine(o.Open)
	if o.Collection == "" {
		return c, nil
	}
	name, _, _ := strings.Cut(o.Collection, "?") // a cluster's address may have options
	c.only, c.path = filepath.Base(name), o.Collection
	making := c.options
	making.ReadOnly = o.Open.ReadOnly
	opened, err := akin.Open(c.path, making)
	if err != nil {
		return nil, errors.Join(err, c.options.Engine.Close())
	}
	c.open[c.only] = opened
	return c, nil
}

// names lists what is served.
func (c *collections) names() ([]string, error) {
	if c.only != "" {
		return []string{c.only}, nil
	}
	names, err := akin.Collections()
	if names == nil {
		names = []string{}
	}
	return names, err
}

// properName is what a collection may be called here: no path.
var properName = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$`)

// get gives a collection by its name.
func (c *collections) get(name string) (*akin.Collection, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, errShuttingDown
	}
	if opened, ok := c.open[name]; ok {
		return opened, nil
	}
	if c.only != "" || !properName.MatchString(name) {
		return nil, fmt.Errorf("%w: %q", akin.ErrNoCollection, name)
	}
	return c.openNamed(name, c.options)
}

// openNamed opens a collection of the user's data folder; the caller holds the mutex.
func (c *collections) openNamed(name string, o akin.Options) (*akin.Collection, error) {
	path, err := akin.CollectionPath(name)
	if err != nil {
		return nil, err
	}
	opened, err := akin.Open(path, o)
	if errors.Is(err, akin.ErrNoCollection) {
		return nil, fmt.Errorf("%w: %q", akin.ErrNoCollection, name)
	} else if err != nil {
		return nil, err
	}
	c.open[name] = opened
	return opened, nil
}

// create makes a collection, or opens the one that is there.
func (c *collections) create(name string) (*akin.Collection, error) {
	if c.only != "" {
		return nil, huma.Error409Conflict(fmt.Sprintf("this server serves the collection %s alone", c.only))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if opened, ok := c.open[name]; ok {
		return opened, nil
	}
	o := c.options
	o.ReadOnly = false
	return c.openNamed(name, o)
}

// lock waits until nobody else of this server writes to a collection. Other processes
// are told of by akin.ErrLocked.
func (c *collections) lock(ctx context.Context, path string) (unlock func(), err error) {
	c.mu.Lock()
	lock, ok := c.locks[path]
	if !ok {
		lock = make(chan struct{}, 1)
		c.locks[path] = lock
	}
	c.mu.Unlock()
	select {
	case lock <- struct{}{}:
		return func() { <-lock }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// reopen opens a collection anew whose files may be others now. Those who use the old one
// still may go on for as long as a request takes.
func (c *collections) reopen(old *akin.Collection) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, opened := range c.open {
		if opened != old {
			continue
		}
		again, err := akin.Open(old.Path(), c.options)
		if err != nil {
			return err
		}
		c.open[name] = again
		time.AfterFunc(c.patience, func() { _ = old.Close() })
	}
	return nil
}

func (c *collections) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	var errs []error
	for name, opened := range c.open {
		errs = append(errs, opened.Close())
		delete(c.open, name)
	}
	return errors.Join(append(errs, c.options.Engine.Close())...)
}

// CollectionPath names the collection that an operation is about.
type CollectionPath struct {
	Collection string `path:"collection" doc:"The collection's name" example:"default"`
}

type collectionOutput struct{ Body client.CollectionInfo }

func (s *Server) collectionRoutes(api huma.API) {
	add(s, api, tagged(huma.Operation{
		OperationID: "list-collections", Method: http.MethodGet, Path: "/collections", Tags: []string{"Collections"},
		Summary: "List the collections",
	}), func(ctx context.Context, _ *struct{}) (*struct {
		Body struct {
			Collections []client.CollectionInfo `json:"collections"`
		}
	}, error) {
		var out struct {
			Body struct {
				Collections []client.CollectionInfo `json:"collections"`
			}
		}
		out.Body.Collections = []client.CollectionInfo{}
		names, err := s.collections.names()
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			info, err := s.collectionInfo(ctx, name)
			if err != nil {
				return nil, err
			}
			out.Body.Collections = append(out.Body.Collections, info)
		}
		return &out, nil
	})
	add(s, api, huma.Operation{
		OperationID: "create-collection", Method: http.MethodPost, Path: "/collections", Tags: []string{"Collections"},
		Summary: "Make a collection", Description: "Makes an empty collection in the user's data folder, or gives the one that has the name.",
	}, func(ctx context.Context, in *struct {
		Body struct {
			Name string `json:"name" pattern:"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$" example:"shop"`
		}
	}) (*collectionOutput, error) {
		if _, err := s.collections.create(in.Body.Name); err != nil {
			return nil, err
		}
		info, err := s.collectionInfo(ctx, in.Body.Name)
		return &collectionOutput{info}, err
	})
	add(s, api, tagged(huma.Operation{
		OperationID: "get-collection", Method: http.MethodGet, Path: "/collections/{collection}", Tags: []string{"Collections"},
		Summary: "Tell what a collection holds",
	}), func(ctx context.Context, in *CollectionPath) (*collectionOutput, error) {
		info, err := s.collectionInfo(ctx, in.Collection)
		return &collectionOutput{info}, err
	})
}

func (s *Server) collectionInfo(ctx context.Context, name string) (client.CollectionInfo, error) {
	out := client.CollectionInfo{Name: name}
	c, err := s.collections.get(name)
	if err != nil {
		return out, err
	}
	if out.Info, err = c.Info(ctx); err != nil {
		return out, err
	}
	if out.Answers, err = c.Answers(ctx); err != nil {
		return out, err
	}
	out.Folders, err = c.Folders(ctx)
	return out, err
}
