package container

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

const (
	idleTime = 30 * time.Second // a container stays open after it was used last
	idleMost = 8                // of them
)

// A Cache keeps containers open while they are read, so that the list of members is read once, not for each. The zero
// value is ready to use, by several goroutines.
type Cache struct {
	mu   sync.Mutex
	open []*opened // the most recently used last
}

// opened is a container in a cache.
type opened struct {
	kind  *Kind
	info  os.FileInfo
	ready chan struct{} // closed when c or err is set
	c     Container
	err   error
	users int
	idle  *time.Timer // closes it; nil while it is used
}

// Use returns the container of an open file, which it takes over, and a function to call when it is no longer needed.
// A file that was replaced or written to is another container.
func (s *Cache) Use(ctx context.Context, f *os.File) (c Container, done func(), err error) {
	kind := kindOf(filepath.Base(f.Name()))
	info, err := f.Stat()
	if err == nil && kind == nil {
		err = fmt.Errorf("%w: its name does not say what it is", ErrFile)
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	for {
		o, mine := s.find(kind, info)
		if mine {
			o.c, o.err = kind.Open(ctx, f)
			close(o.ready)
		} else {
			select {
			case <-o.ready:
			case <-ctx.Done():
				s.release(o)
				return nil, nil, errors.Join(ctx.Err(), f.Close())
			}
		}
		switch {
		case o.err == nil:
			if !mine {
				err = f.Close()
			}
			return o.c, func() { s.release(o) }, err
		case !mine && isCancelled(o.err) && ctx.Err() == nil: // whoever opened it gave up
			s.release(o)
			continue
		}
		err = o.err
		s.release(o)
		if !mine {
			err = errors.Join(err, f.Close())
		}
		return nil, nil, err
	}
}

func isCancelled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// find returns the container of a file's state, and whether the caller is to open it.
func (s *Cache) find(kind *Kind, info os.FileInfo) (o *opened, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.open, func(o *opened) bool {
		return o.kind == kind && os.SameFile(o.info, info) && o.info.Size() == info.Size() && o.info.ModTime().Equal(info.ModTime())
	})
	if i < 0 {
		o = &opened{kind: kind, info: info, ready: make(chan struct{}), users: 1}
		s.open = append(s.open, o)
		return o, true
	}
	o = s.open[i]
	s.open = append(slices.Delete(s.open, i, i+1), o)
	if o.users++; o.idle != nil {
		o.idle.Stop()
		o.idle = nil
	}
	return o, false
}

// release ends a use. A container that nobody uses is closed after a while.
func (s *Cache) release(o *opened) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o.users--; o.users > 0 {
		return
	}
	if o.err != nil {
		s.forget(o)
		return
	}
	o.idle = time.AfterFunc(idleTime, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if o.users == 0 {
			s.forget(o)
		}
	})
	idle := 0
	for i := len(s.open) - 1; i >= 0; i-- {
		if other := s.open[i]; other.users == 0 {
			if idle++; idle > idleMost {
				other.idle.Stop()
				s.forget(other)
			}
		}
	}
}

// forget closes a container that nobody uses. s.mu is held.
func (s *Cache) forget(o *opened) {
	i := slices.Index(s.open, o)
	if i < 0 {
		return
	}
	s.open = slices.Delete(s.open, i, i+1)
	if o.c != nil {
		_ = o.c.Close() // it was only read
	}
}
