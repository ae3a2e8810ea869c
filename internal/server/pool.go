package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/internal/home"
)

var errShuttingDown = errors.New("the server is shutting down")

// collections are the collections that are served. Each is opened at its first use.
type collections struct {
	options akin.Options // with an Engine that all share
	only    string       // the name of the only one served; "" serves all of the user's data folder
	path    string       // its path

	mu      sync.Mutex
	open    map[string]*akin.Collection
	opening map[string]chan struct{} // closed once opening has ended
	awake   []string                 // those that may hold files open, least recently used first
	most    int                      // of awake
	locks   map[string]chan struct{} // by path: held by the writer
	closed  bool

	patience time.Duration // the time that a request may take
}

func newCollections(ctx context.Context, o Options) (*collections, error) {
	c := &collections{options: o.Open, open: map[string]*akin.Collection{}, opening: map[string]chan struct{}{}, locks: map[string]chan struct{}{}, most: mostAwake(), patience: o.Limits.Request}
	c.options.ReadOnly = true // requests other than create make none
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

// names returns the names of the collections.
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

// get returns a collection by its name.
func (c *collections) get(ctx context.Context, name string) (*akin.Collection, error) {
	return c.opened(ctx, name, c.options)
}

// opened returns a collection, and opens it if needed. Opening one does not block requests for others.
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
		if c.only != "" || !home.ProperName(name) {
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

// openNamed opens a collection of the user's data folder. If no file handle is left, the others close
// theirs first.
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

// use makes a collection the most recently used, and returns those that must close their files for it; the
// caller holds the mutex.
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

// rest makes all collections close the files that are not in use.
func (c *collections) rest() {
	c.mu.Lock()
	all := slices.Collect(maps.Values(c.open))
	c.awake = nil
	c.mu.Unlock()
	for _, opened := range all {
		opened.Rest()
	}
}

// noHandles reports whether an error means that this process, or this machine, has too many open files.
func noHandles(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

// handlesEach is how many files a collection has open under concurrent requests: several connections to
// its database, each with a log.
const handlesEach = 16

// mostAwake returns how many collections may hold files open, with half of the process's handles.
func mostAwake() int {
	handles, ok := handleLimit()
	if !ok {
		return 64
	}
	return int(min(256, max(2, handles/2/handlesEach)))
}

// create creates a collection, or opens an existing one.
func (c *collections) create(ctx context.Context, name string) (*akin.Collection, error) {
	if c.only != "" {
		return nil, huma.Error409Conflict(fmt.Sprintf("this server serves only the collection %s", c.only))
	}
	o := c.options
	o.ReadOnly = false
	return c.opened(ctx, name, o)
}

// lock serialises this server's writers of a collection. Against other processes there is
// akin.ErrLocked.
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

// reopen opens a collection again after its files have been replaced. Running requests may use the old one
// until they end.
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

// move closes a collection and calls f, which gives its folder another path; requests for it wait.
func (c *collections) move(ctx context.Context, name string, f func() error) error {
	if c.only != "" {
		return huma.Error409Conflict(fmt.Sprintf("this server serves only the collection %s", c.only))
	}
	if !home.ProperName(name) {
		return fmt.Errorf("%w: %q", akin.ErrNoCollection, name)
	}
	path, err := c.options.Home.CollectionFolder(name)
	if err != nil {
		return err
	}
	unlock, err := c.lock(ctx, path) // a writer ends first
	if err != nil {
		return err
	}
	defer unlock()
	done := make(chan struct{})
	for {
		c.mu.Lock()
		wait, ok := c.opening[name]
		if !ok {
			break // with the mutex
		}
		c.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if c.closed {
		c.mu.Unlock()
		return errShuttingDown
	}
	c.opening[name] = done
	opened := c.open[name]
	delete(c.open, name)
	c.mu.Unlock()
	if opened != nil {
		err = opened.Close()
	}
	if err == nil {
		err = f()
	}
	c.mu.Lock()
	delete(c.opening, name)
	c.mu.Unlock()
	close(done)
	return err
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
