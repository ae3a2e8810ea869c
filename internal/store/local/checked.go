package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/akin-search/akin/internal/record"
	"github.com/mattn/go-sqlite3"
)

// A database is not trusted: it may be damaged in a way that SQLite does not see, or come from somebody else. Each kind
// of value is read by one function here, which refuses with ErrDamaged what akin never writes.

const (
	maxDim  = 1 << 24       // values of a vector
	maxRows = math.MaxInt32 // of a space: lists count with 32 bits
	maxSide = math.MaxInt32 // pixels of a picture's side
)

// intoHash scans a content's hash.
type intoHash struct{ to *record.Hash }

func (h intoHash) Scan(value any) error {
	b, ok := value.([]byte)
	if !ok || len(b) != len(record.Hash{}) {
		return errors.New("a content's hash is no SHA-256")
	}
	*h.to = record.Hash(b)
	return nil
}

// intoSide scans a picture's width or height.
type intoSide struct{ to *int }

func (s intoSide) Scan(value any) error {
	n, ok := value.(int64)
	if !ok || n < 0 || n > maxSide {
		return fmt.Errorf("a picture is %v pixels wide or high", value)
	}
	*s.to = int(n)
	return nil
}

// rewritten is the suffix of a space's folder that a repair has rewritten.
var rewritten = regexp.MustCompile(`^(-[1-9][0-9]{0,8})?$`)

// check refuses a space that akin never makes: above all one whose folder would lie elsewhere.
func checkSpace(s record.Space) error {
	rest, ok := strings.CutPrefix(s.Folder, folderName(s.Model, s.Fingerprint))
	switch {
	case s.Dim < 1 || s.Dim > maxDim:
		return fmt.Errorf("%w: space %.80q has %d dimensions", record.ErrDamaged, s.Model, s.Dim)
	case s.PerSegment < 1 || s.PerSegment > maxRows:
		return fmt.Errorf("%w: space %.80q has %d rows in a segment", record.ErrDamaged, s.Model, s.PerSegment)
	case len(s.Fingerprint) > maxFingerprint:
		return fmt.Errorf("%w: space %.80q has a fingerprint of %d bytes", record.ErrDamaged, s.Model, len(s.Fingerprint))
	case !ok || !rewritten.MatchString(rest):
		return fmt.Errorf("%w: space %.80q has the folder %.200q", record.ErrDamaged, s.Model, s.Folder)
	}
	return nil
}

// rowsOf returns how many rows a space has: its segments are numbered from 1, and all but the last are full.
func (c *Collection) rowsOf(ctx context.Context, tx *readTx, s record.Space) (rows int, err error) {
	per, next, full := s.PerSegment, 1, true
	err = eachRow(ctx, tx, `SELECT number, rows FROM segment WHERE space = ? ORDER BY number`, func(scan func(...any) error) error {
		var number, n int
		if err := scan(&number, &n); err != nil {
			return err
		}
		if !full || number != next || n < 0 || n > per || n > maxRows-rows {
			return fmt.Errorf("%w: segment %d of space %.80q is recorded with %d rows, after %d", record.ErrDamaged, number, s.Model, n, rows)
		}
		rows, next, full = rows+n, next+1, n == per
		return nil
	}, s.ID)
	return rows, err
}

// readTx is a read transaction whose statements end within its patience, even if the pages of the database form a
// cycle.
type readTx struct {
	*sql.Tx
	ctx      context.Context
	patience time.Duration // of one statement
}

// one scans the only row of an answer; sql.ErrNoRows when there is none.
func (t *readTx) one(query string, args []any, into ...any) error {
	ctx, cancel := context.WithTimeoutCause(t.ctx, t.patience, errPatience)
	defer cancel()
	err := t.QueryRowContext(ctx, query, args...).Scan(into...)
	return outOfPatience(ctx, err)
}

// first is one, for a prepared statement.
func (t *readTx) first(s *sql.Stmt, args []any, into ...any) error {
	ctx, cancel := context.WithTimeoutCause(t.ctx, t.patience, errPatience)
	defer cancel()
	return outOfPatience(ctx, s.QueryRowContext(ctx, args...).Scan(into...))
}

// exec changes a collection by one statement, in a transaction of its own.
func (c *Collection) exec(ctx context.Context, query string, args ...any) error {
	ctx, cancel := context.WithTimeoutCause(ctx, c.patience(), errPatience)
	defer cancel()
	_, err := c.db.ExecContext(ctx, query, args...)
	return c.damaged(outOfPatience(ctx, err))
}

var errPatience = fmt.Errorf("%w: reading it takes longer than its size explains", record.ErrDamaged)

func outOfPatience(ctx context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(ctx), errPatience) {
		return errPatience
	}
	return err
}

// leastPatience is how long any statement may take; each megabyte of the database
// adds a second.
const leastPatience = 30 * time.Second

func patienceFor(path string, least time.Duration) time.Duration {
	var size int64
	for _, end := range []string{"", "-wal"} {
		if info, err := os.Stat(path + end); err == nil {
			size += info.Size()
		}
	}
	return least + time.Duration(size>>20)*time.Second
}

// untrusted refuses views, triggers and virtual tables with such names: akin never creates them, and reading one may
// run code or never end.
func untrusted(db *sql.DB, path, like string, least time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(context.Background(), patienceFor(path, least), errPatience)
	defer cancel()
	var kind, name sql.NullString
	err := db.QueryRowContext(ctx, `SELECT type, name FROM sqlite_schema
		WHERE name GLOB ? AND (type NOT IN ('table', 'index') OR type = 'table' AND coalesce(rootpage, 0) = 0) LIMIT 1`, like).Scan(&kind, &name)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("%w: open %s: it has a %.20q called %.80q, which akin does not create", record.ErrDamaged, path, kind.String, name.String)
	}
	return outOfPatience(ctx, err)
}

// damaged makes an error of SQLite about a malformed database an ErrDamaged.
func (c *Collection) damaged(err error) error {
	var e sqlite3.Error
	if err == nil || errors.Is(err, record.ErrDamaged) || !errors.As(err, &e) {
		return err
	}
	if e.SystemErrno != 0 {
		return withCause(err)
	}
	switch e.Code {
	case sqlite3.ErrCorrupt, sqlite3.ErrNotADB, sqlite3.ErrError, sqlite3.ErrMismatch, sqlite3.ErrTooBig, sqlite3.ErrRange, sqlite3.ErrFormat:
		return fmt.Errorf("%w: %s: %w", record.ErrDamaged, filepath.Join(c.dir, "akin.db"), err)
	}
	return err
}
