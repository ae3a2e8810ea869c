package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/danielgtaylor/huma/v2"
)

var errShuttingDown = errors.New("the server is shutting down")

// collections are those that are served, opened when they are first asked for.
type collections struct {
	options akin.Options // with the models that all share
	only    string       // the name of the one that is served; "" is all in the user's data folder
	path    string       // of that one

	mu      sync.Mutex
	open    map[string]*akin.Collection
	opening map[string]chan struct{} // closed when it is open, or cannot be
	awake   []string                 // those that may hold files open, the last used last
	most    int                      // that may at one time
	locks   map[string]chan struct{} // by path: held by who writes
	closed  bool

	patience time.Duration // a request may take
}

func newCollections(ctx context.Context, o Options) (*collections, error) {
	c := &collections{options: o.Open, open: map[string]*akin.Collection{}, opening: map[string]chan struct{}{}, locks: map[string]chan struct{}{}, most: mostAwake(), patience: o.Limits.Request}
	c.options.ReadOnly = true // asking creates none
	c.options.Engine = akin.NewEngine(o.Open)
	if o.Collection == "" {
		return c, nil
	}
	name, _, _ := strings.Cut(o.Collection, "?") // a cluster's address may have options
	c.only, c.path = filepath.Base(name), o.Collection
	making := c.options
	making.ReadOnly = o.Open.ReadOnly
	opened, err := akin.Open(ctx, c.path, making)
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
	names, err := c.options.Home.Collections()
	if names == nil {
		names = []string{}
	}
	return names, err
}

// properName is what a collection may be called here: no path.
var properName = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$`)

// get gives a collection by its name.
func (c *collections) get(ctx context.Context, name string) (*akin.Collection, error) {
	return c.opened(ctx, name, c.options)
}

// opened gives a collection, opened where it is not yet: one that takes long to open keeps nobody
// waiting who asks for another.
func (c *collections) opened(ctx context.Context, name string, o akin.Options) (*akin.Collection, error) {
	for {
		c.mu.Lock()
		if c.closed {
			c.mu.Unlock()
			return nil, errShuttingDown
		}
		if opened, ok := c.open[name]; ok {
			rest := c.use(name)
			c.mu.Unlock()
			for _, other := range rest {
				go other.Rest()
			}
			return opened, nil
		}
		if c.only != "" || !properName.MatchString(name) {
			c.mu.Unlock()
			return nil, fmt.Errorf("%w: %q", akin.ErrNoCollection, name)
		}
		if wait, ok := c.opening[name]; ok {
			c.mu.Unlock()
			<-wait
			continue
		}
		done := make(chan struct{})
		c.opening[name] = done
		c.mu.Unlock()
		opened, err := c.openNamed(ctx, name, o)
		c.mu.Lock()
		delete(c.opening, name)
		if err == nil && c.closed {
			err = errors.Join(errShuttingDown, opened.Close())
		} else if err == nil {
			c.open[name] = opened
		}
		c.mu.Unlock()
		close(done)
		if err != nil {
			return nil, err
		}
	}
}

// openNamed opens a collection of the user's data folder. Where no file handle is left, others give
// theirs back first.
func (c *collections) openNamed(ctx context.Context, name string, o akin.Options) (*akin.Collection, error) {
	path, err := c.options.Home.CollectionFolder(name)
	if err != nil {
		return nil, err
	}
	opened, err := akin.Open(ctx, path, o)
	if noHandles(err) {
		c.rest()
		opened, err = akin.Open(ctx, path, o)
	}
	if errors.Is(err, akin.ErrNoCollection) {
		return nil, fmt.Errorf("%w: %q", akin.ErrNoCollection, name)
	}
	return opened, err
}

// use makes a collection the last used, and gives those that are to give back their files for it;
// the caller holds the mutex.
func (c *collections) use(name string) (rest []*akin.Collection) {
	if at := slices.Index(c.awake, name); at >= 0 {
		c.awake = slices.Delete(c.awake, at, at+1)
	}
	c.awake = append(c.awake, name)
	for len(c.awake) > c.most {
		if opened, ok := c.open[c.awake[0]]; ok {
			rest = append(rest, opened)
		}
		c.awake = c.awake[1:]
	}
	return rest
}

// rest has all collections give back the files that nobody uses now.
func (c *collections) rest() {
	c.mu.Lock()
	all := slices.Collect(maps.Values(c.open))
	c.awake = nil
	c.mu.Unlock()
	for _, opened := range all {
		opened.Rest()
	}
}

// noHandles reports whether an error is that this process, or this machine, may open no file more.
func noHandles(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

// handlesEach is how many files a collection that is asked by several at once has open: its
// database by some connections, and the log of each.
const handlesEach = 16

// mostAwake is how many collections may hold files open: with half of the handles that there are.
func mostAwake() int {
	handles, ok := handleLimit()
	if !ok {
		return 64
	}
	return int(min(256, max(2, handles/2/handlesEach)))
}

// create makes a collection, or opens the one that is there.
func (c *collections) create(ctx context.Context, name string) (*akin.Collection, error) {
	if c.only != "" {
		return nil, huma.Error409Conflict(fmt.Sprintf("this server serves the collection %s alone", c.only))
	}
	o := c.options
	o.ReadOnly = false
	return c.opened(ctx, name, o)
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
func (c *collections) reopen(ctx context.Context, old *akin.Collection) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, opened := range c.open {
		if opened != old {
			continue
		}
		again, err := akin.Open(ctx, old.Path(), c.options)
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

type collectionOutput struct{ Body api.CollectionInfo }

func (s *Server) collectionRoutes(routes huma.API) {
	add(s, routes, tagged(huma.Operation{
		OperationID: "list-collections", Method: http.MethodGet, Path: "/collections", Tags: []string{"Collections"},
		Summary: "List the collections", Description: "One that cannot be read has an `error`, and nothing else.",
	}), func(ctx context.Context, _ *struct{}) (*struct {
		Body struct {
			Collections []api.CollectionInfo `json:"collections"`
		}
	}, error) {
		var out struct {
			Body struct {
				Collections []api.CollectionInfo `json:"collections"`
			}
		}
		out.Body.Collections = []api.CollectionInfo{}
		names, err := s.collections.names()
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			info, err := s.collectionInfo(ctx, name)
			if noHandles(err) {
				s.collections.rest()
				info, err = s.collectionInfo(ctx, name)
			}
			switch {
			case noHandles(err) || errors.Is(err, errShuttingDown) || ctx.Err() != nil:
				return nil, err // of all
			case errors.Is(err, akin.ErrNoCollection):
				continue // dropped meanwhile
			case err != nil: // one that is damaged, or newer, hides no other
				info = api.CollectionInfo{Name: name, Error: err.Error(), Folders: []api.Folder{},
					Info: api.Info{Spaces: []api.SpaceInfo{}}, Answers: api.Answers{Models: []string{}, Text: []string{}}}
			}
			out.Body.Collections = append(out.Body.Collections, info)
		}
		return &out, nil
	})
	add(s, routes, huma.Operation{
		OperationID: "create-collection", Method: http.MethodPost, Path: "/collections", Tags: []string{"Collections"},
		Summary: "Make a collection", Description: "Makes an empty collection in the user's data folder, or gives the one that has the name.",
	}, func(ctx context.Context, in *struct {
		Body struct {
			Name string `json:"name" pattern:"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$" example:"shop"`
		}
	}) (*collectionOutput, error) {
		if _, err := s.collections.create(ctx, in.Body.Name); err != nil {
			return nil, err
		}
		info, err := s.collectionInfo(ctx, in.Body.Name)
		return &collectionOutput{info}, err
	})
	add(s, routes, tagged(huma.Operation{
		OperationID: "get-collection", Method: http.MethodGet, Path: "/collections/{collection}", Tags: []string{"Collections"},
		Summary: "Tell what a collection holds",
	}), func(ctx context.Context, in *CollectionPath) (*collectionOutput, error) {
		info, err := s.collectionInfo(ctx, in.Collection)
		return &collectionOutput{info}, err
	})
}

func (s *Server) collectionInfo(ctx context.Context, name string) (api.CollectionInfo, error) {
	out := api.CollectionInfo{Name: name}
	c, err := s.collections.get(ctx, name)
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
