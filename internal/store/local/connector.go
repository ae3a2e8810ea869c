package local

import (
	"context"
	"database/sql/driver"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/mattn/go-sqlite3"
)

// sqlite is SQLite with settings for databases that somebody else may have made: its schema
// is not trusted, and every page is checked as it is read.
var sqlite = &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
	_, err := c.Exec(`PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON`, nil)
	return err
}}

// connector connects to a database within a patience. SQLite reads the whole schema when it
// connects, which the pages of a database can make endless, and nothing can interrupt it there:
// that thread is left behind, one of a path at most.
type connector struct {
	path, name string
	least      time.Duration
}

func newConnector(path, options string, least time.Duration) *connector {
	// '?' and '#' would end the path in a URI.
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.ToSlash(path))
	return &connector{path, "file:" + escaped + "?" + options, least}
}

// stuck are the paths of databases that a thread still connects to, after its patience.
var stuck sync.Map

func (k *connector) Driver() driver.Driver { return sqlite }

func (k *connector) Connect(ctx context.Context) (driver.Conn, error) {
	if _, ok := stuck.Load(k.path); ok {
		return nil, errPatience
	}
	ctx, cancel := context.WithTimeoutCause(ctx, patienceFor(k.path, k.least), errPatience)
	defer cancel()
	type connected struct {
		conn driver.Conn
		err  error
	}
	ended := make(chan connected, 1)
	go func() {
		conn, err := sqlite.Open(k.name)
		// Where no file handle is free, SQLite tries a file that it would create once more, without creating it. If a handle
		// was given back in between, it reports that the file is absent.
		if e, ok := errors.AsType[sqlite3.Error](err); ok && e.Code == sqlite3.ErrCantOpen && e.SystemErrno == syscall.ENOENT {
			conn, err = sqlite.Open(k.name)
		}
		ended <- connected{conn, err}
	}()
	select {
	case c := <-ended:
		return c.conn, c.err
	case <-ctx.Done():
	}
	late := errors.Is(context.Cause(ctx), errPatience)
	if late {
		stuck.Store(k.path, true)
	}
	go func() {
		if c := <-ended; c.err == nil {
			_ = c.conn.Close()
		}
		if late {
			stuck.Delete(k.path)
		}
	}()
	return nil, context.Cause(ctx)
}
