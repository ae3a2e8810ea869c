package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/record"
)

// current holds the snapshots that readers share until someone commits: opening a space takes
// longer than searching it. SQLite's data_version changes when any process commits; whether a
// derived file was replaced is seen from the file.
type current struct {
	mu        sync.Mutex
	conn      *sql.Conn // a connection that only reads data_version,
	ask       *sql.Stmt // which this does
	version   int64
	read      bool // spaces were
	spaces    []record.Space
	info      *record.Info
	roots     []record.Root       // nil: not read
	snapshots map[int64]*Snapshot // by space; the catalog is space 0
	orders    *orders             // of the last catalog; they are kept when the rest is forgotten
}

// renew forgets what is older than the last commit; the caller holds the mutex. What is
// read after it is as new, or newer, and then is forgotten the next time.
func (u *current) renew(ctx context.Context, c *Collection) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("read collection %s: %w", c.dir, err)
	}
	if u.conn == nil {
		conn, err := c.db.Conn(ctx)
		if err != nil {
			return fmt.Errorf("read collection %s: %w", c.dir, withCause(err))
		}
		ask, err := conn.PrepareContext(ctx, `PRAGMA data_version`)
		if err != nil {
			return fmt.Errorf("read collection %s: %w", c.dir, errors.Join(withCause(err), conn.Close()))
		}
		u.conn, u.ask = conn, ask
	}
	var version int64
	// It reads one number, and a reader that gives up must not make all others open the collection again.
	if err := u.ask.QueryRowContext(context.WithoutCancel(ctx)).Scan(&version); err != nil {
		// Another connection counts otherwise.
		err = errors.Join(withCause(err), u.end())
		return fmt.Errorf("read collection %s: %w", c.dir, err)
	}
	if version == u.version {
		return nil
	}
	err := u.forget()
	u.version = version
	return err
}

// end drops what is shared, and closes the connection; the caller holds the mutex.
func (u *current) end() error {
	err := u.forget()
	u.orders = nil
	if u.conn != nil {
		err = errors.Join(err, u.ask.Close(), u.conn.Close())
		u.conn, u.ask = nil, nil
	}
	return err
}

// forget drops what is shared; the caller holds the mutex.
func (u *current) forget() error {
	var errs []error
	for _, s := range u.snapshots {
		errs = append(errs, s.Close())
	}
	u.version, u.read, u.spaces, u.info, u.roots, u.snapshots = 0, false, nil, nil, nil, nil
	return errors.Join(errs...)
}

// Spaces lists the spaces, the oldest first.
func (c *Collection) Spaces(ctx context.Context) (spaces []record.Space, err error) {
	err = c.asCommitted(ctx, func(u *current) error {
		all, err := u.list(ctx, c)
		spaces = slices.Clone(all)
		return err
	})
	return spaces, err
}

// asCommitted lends what is shared as of the last commit.
func (c *Collection) asCommitted(ctx context.Context, use func(u *current) error) (err error) {
	defer disk.Catch(&err)()
	u := &c.current
	u.mu.Lock()
	defer u.mu.Unlock()
	if err := u.renew(ctx, c); err != nil {
		return err
	}
	return use(u)
}

// list returns the spaces as of the last commit; the caller holds the mutex.
func (u *current) list(ctx context.Context, c *Collection) ([]record.Space, error) {
	if !u.read {
		spaces, err := c.spaces(ctx)
		if err != nil {
			return nil, err
		}
		u.spaces, u.read = spaces, true
	}
	return u.spaces, nil
}

// Info counts the pictures and lists those that could not be read, as of the last commit.
func (c *Collection) Info(ctx context.Context) (info record.Info, err error) {
	err = c.asCommitted(ctx, func(u *current) error {
		if u.info == nil {
			read, err := c.readInfo(ctx)
			if err != nil {
				return err
			}
			u.info = &read
		}
		info = record.Info{Pictures: u.info.Pictures, Failures: slices.Clone(u.info.Failures)}
		return nil
	})
	return info, err
}

// Roots returns the folders, lists, files and addresses that pictures came by, as of the last commit.
func (c *Collection) Roots(ctx context.Context) (roots []record.Root, err error) {
	err = c.asCommitted(ctx, func(u *current) error {
		if u.roots == nil {
			read, err := c.readRoots(ctx)
			if err != nil {
				return err
			}
			u.roots = read
		}
		roots = slices.Clone(u.roots)
		return nil
	})
	return roots, err
}

// SnapshotOf is Snapshot of the space that choose finds among all, as of the last commit. choose does not keep or
// change the list.
func (c *Collection) SnapshotOf(ctx context.Context, choose func([]record.Space) (record.Space, error)) (s *Snapshot, err error) {
	err = c.asCommitted(ctx, func(u *current) error {
		spaces, err := u.list(ctx, c)
		if err != nil {
			return err
		}
		space, err := choose(spaces)
		if err != nil {
			return err
		}
		s, err = u.share(space.ID, func() (*Snapshot, error) { return c.snapshot(ctx, space) })
		return err
	})
	return s, err
}

// Snapshot opens a space for reading, or shares what was opened since the last commit.
func (c *Collection) Snapshot(ctx context.Context, space record.Space) (*Snapshot, error) {
	return c.shared(ctx, space.ID, func() (*Snapshot, error) { return c.snapshot(ctx, space) })
}

// Catalog is a snapshot of the pictures alone, without a space. Close releases it.
func (c *Collection) Catalog(ctx context.Context) (s *Snapshot, err error) {
	err = c.asCommitted(ctx, func(u *current) error {
		s, err = u.share(0, func() (*Snapshot, error) {
			s, err := c.catalog(ctx)
			if err == nil {
				u.orders = u.orders.after(s.generation)
				s.orders = u.orders
			}
			return s, err
		})
		return err
	})
	return s, err
}

func (c *Collection) shared(ctx context.Context, space int64, open func() (*Snapshot, error)) (s *Snapshot, err error) {
	err = c.asCommitted(ctx, func(u *current) error {
		s, err = u.share(space, open)
		return err
	})
	return s, err
}

// share returns the snapshot of a space, and opens it if it is not open; the caller holds the mutex.
func (u *current) share(space int64, open func() (*Snapshot, error)) (*Snapshot, error) {
	s, ok := u.snapshots[space]
	if ok && !s.whole() {
		delete(u.snapshots, space)
		if err := s.Close(); err != nil {
			return nil, err
		}
		ok = false
	}
	if !ok {
		var err error
		if s, err = open(); err != nil {
			return nil, err
		}
		if u.snapshots == nil {
			u.snapshots = map[int64]*Snapshot{}
		}
		u.snapshots[space] = s
	}
	return s.share(), nil
}

// fileState shows whether a file was replaced or its length changed: bytes that are cut off
// while they are mapped must not be read any more. A user's file needs the stricter one of internal/space.
type fileState struct {
	path string
	size int64 // -1 where there is none
	time time.Time
}

func stateOf(path string) fileState {
	info, err := os.Stat(path)
	if err != nil {
		return fileState{path: path, size: -1}
	}
	return fileState{path, info.Size(), info.ModTime()}
}

// same reports whether a file is as it was.
func (f fileState) same(now fileState) bool { return now.size == f.size && now.time.Equal(f.time) }

// filesOf are the files that a snapshot of a space is made of, and those that it may be
// made of later.
func (c *Collection) filesOf(space record.Space) []fileState {
	dir := c.spaceDir(space)
	files := []fileState{stateOf(filepath.Join(c.dir, picturesList)), stateOf(filepath.Join(dir, rowsList))}
	for first := 0; first < space.Rows; first += space.PerSegment {
		base := filepath.Join(dir, segmentName(first/space.PerSegment+1))
		files = append(files, stateOf(base+".vec"), stateOf(base+compactSuffix))
	}
	return files
}

// whole reports whether the snapshot's files are unchanged.
func (s *Snapshot) whole() bool {
	for _, f := range s.files {
		if !f.same(stateOf(f.path)) {
			return false
		}
	}
	return true
}

// release drops what is shared.
func (c *Collection) release() error {
	c.current.mu.Lock()
	defer c.current.mu.Unlock()
	return c.current.forget()
}

// Rest closes the files that no call is using, and drops what was cached of them.
func (c *Collection) Rest() {
	_ = c.closeCurrent() // what cannot be closed is not used any more
	c.db.SetMaxIdleConns(-1)
	c.db.SetMaxIdleConns(idleConnections)
	c.lists.mu.Lock()
	defer c.lists.mu.Unlock()
	c.lists.generation, c.lists.pictures, c.lists.rows = "", nil, nil
}

// closeCurrent ends the sharing.
func (c *Collection) closeCurrent() error {
	c.current.mu.Lock()
	defer c.current.mu.Unlock()
	return c.current.end()
}
