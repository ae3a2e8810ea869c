package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/record"
	"github.com/gofrs/flock"
	"github.com/mattn/go-sqlite3"
)

// Options open a collection.
type Options struct {
	ReadOnly bool // fail with ErrNotFound instead of creating one
}

// Collection is an open collection. It is safe for concurrent use.
type Collection struct {
	dir          string
	db           *sql.DB
	segmentBytes int           // of new spaces; tests make it small,
	compactLeast int           // and this
	least        time.Duration // patience with a statement
	lists        lists
	sound        soundLists
	current      current
}

// Open opens the collection in dir.
func Open(dir string, o Options) (*Collection, error) {
	path := filepath.Join(dir, "akin.db")
	if info, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
		if o.ReadOnly {
			return nil, fmt.Errorf("%w: %s", record.ErrNotFound, dir)
		}
		if err := create(disk.OS, dir); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, fmt.Errorf("open collection %s: %w", dir, err)
	} else if !info.Mode().IsRegular() { // SQLite would write to the target of a link, and beside it
		return nil, fmt.Errorf("open collection %s: akin.db: %w", dir, disk.ErrLink)
	}
	db, err := connect(path)
	if err != nil && o.ReadOnly && !errors.Is(err, record.ErrDamaged) {
		db, err = connectReadOnly(path)
	}
	if err != nil {
		return nil, errors.Join(writable(dir), err)
	}
	c := newCollection(dir, db)
	// A newer akin may have what this one would take for damage: its number is read before the rest.
	err = untrusted(db, path, "meta", c.least)
	if err == nil {
		_, err = c.version(c.db)
	}
	if err == nil {
		err = untrusted(db, path, "*", c.least)
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return c, nil
}

func newCollection(dir string, db *sql.DB) *Collection {
	return &Collection{dir: dir, db: db, segmentBytes: segmentBytes, compactLeast: compactLeast, least: leastPatience}
}

// writable returns why nothing can be written in a folder; SQLite does not say.
func writable(dir string) error {
	f, err := disk.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	return f.Close()
}

// create makes a new collection: the database is complete before it gets its name.
// The folder must be a new one, an empty one, or what a killed create left behind.
func create(on disk.FS, dir string) error {
	if err := disk.MkdirAll(on, dir, 0o777); err != nil {
		return fmt.Errorf("make collection: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("make collection: %w", err)
	}
	for _, e := range entries {
		name := e.Name()
		if name == "spaces" {
			return fmt.Errorf("%w: %s has embeddings and no akin.db", record.ErrDamaged, dir)
		}
		if name != "lock" && !strings.HasPrefix(name, "akin.db") {
			return fmt.Errorf("make collection %s: the folder holds other things (%s): name a new one", dir, name)
		}
	}
	lock, err := takeLock(dir)
	if err != nil {
		return err
	}
	defer lock.Unlock()
	path := filepath.Join(dir, "akin.db")
	if _, err := os.Stat(path); err == nil {
		return nil // another process was faster
	}
	partial := path + ".new"
	if err := removeDatabase(partial); err != nil {
		return fmt.Errorf("make collection: %w", err)
	}
	db, err := connect(partial)
	if err != nil {
		return err
	}
	_, err = db.Exec(schema + `INSERT INTO meta VALUES ('version', '` + strconv.Itoa(formatVersion) + `');` + newGeneration)
	if err = errors.Join(err, seal(db)); err != nil {
		return fmt.Errorf("make collection %s: %w", dir, err)
	}
	if err := on.Rename(partial, path); err != nil {
		return fmt.Errorf("make collection: %w", err)
	}
	return on.SyncDir(dir)
}

// removeDatabase removes what a killed process left of an unfinished database.
func removeDatabase(path string) error {
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := absent(os.Remove(path + end)); err != nil {
			return err
		}
	}
	return nil
}

// seal folds a database's log into its file, so that the file alone is the database, and
// closes it. Closing does so too, but does not report that a full disk prevented it.
func seal(db *sql.DB) error {
	var busy, pages, folded int
	err := db.QueryRow(`PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &folded)
	if err == nil && busy != 0 {
		err = errors.New("its log is in use")
	}
	return errors.Join(err, db.Close())
}

// connect opens a database for reading and writing. Readers need it too: they
// leave a mark in the -shm file.
func connect(path string) (*sql.DB, error) {
	db, err := dial(path, "_journal_mode=WAL&_synchronous=FULL&_busy_timeout=20000&_foreign_keys=on&_txlock=deferred")
	if err == nil {
		return db, nil
	}
	var e sqlite3.Error
	if errors.As(err, &e) && (e.Code == sqlite3.ErrCorrupt || e.Code == sqlite3.ErrNotADB) {
		return nil, fmt.Errorf("%w: open %s: %w", record.ErrDamaged, path, err)
	}
	return nil, fmt.Errorf("open %s: %w", path, withCause(err))
}

// withCause adds the system's error, which SQLite's hides from errors.Is.
func withCause(err error) error {
	var e sqlite3.Error
	if errors.As(err, &e) && e.SystemErrno != 0 {
		return fmt.Errorf("%w (%w)", err, e.SystemErrno)
	}
	return err
}

// connectReadOnly opens a database where nothing can be written: on a read-only
// disk, or in another person's folder.
func connectReadOnly(path string) (*sql.DB, error) {
	db, err := dial(path, "mode=ro&_busy_timeout=20000")
	if err == nil {
		return db, nil
	}
	// Nobody writes to it now if it has no log.
	if info, statErr := os.Stat(path + "-wal"); statErr == nil && info.Size() > 0 {
		return nil, fmt.Errorf("open %s: %w; another process is writing to it", path, err)
	}
	if db, err = dial(path, "mode=ro&immutable=1"); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return db, nil
}

// idleConnections are those that a server keeps: connecting takes longer than most queries.
const idleConnections = 8

func dial(path, options string) (*sql.DB, error) {
	db := sql.OpenDB(newConnector(path, options, leastPatience))
	db.SetMaxIdleConns(idleConnections)
	ctx, cancel := context.WithTimeoutCause(context.Background(), 2*patienceFor(path, leastPatience), errPatience) // for connecting and for the query
	defer cancel()
	var n int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&n); err != nil {
		db.Close()
		return nil, outOfPatience(ctx, err)
	}
	return db, nil
}

// version is the collection's format: an older one until someone writes to it.
func (c *Collection) version(db interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), c.patience())
	defer cancel()
	var version int
	err := db.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = 'version'`).Scan(&version)
	if err == nil && version < 1 {
		err = fmt.Errorf("its format is %d", version)
	}
	if err != nil {
		return 0, fmt.Errorf("%w: read %s: %w", record.ErrDamaged, filepath.Join(c.dir, "akin.db"), err)
	}
	if version > formatVersion {
		return 0, fmt.Errorf("%w: %s has format %d, this program knows %d; update akin", record.ErrVersion, c.dir, version, formatVersion)
	}
	return version, nil
}

// upgraded is called after every statement of an upgrade; tests kill the process there.
var upgraded = func(statement int) {}

// upgrade brings a collection of an older format up to this one, in one
// transaction: readers, and whoever opens it after a kill, find all of it or nothing.
// The caller holds the writer's lock.
func (c *Collection) upgrade() error {
	tx, err := c.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	version, err := c.version(tx)
	if err != nil || version == formatVersion {
		return err
	}
	t := c.writing(context.Background(), tx)
	n := 0
	for _, statements := range append(upgrades[version-1:len(upgrades):len(upgrades)],
		[]string{`UPDATE meta SET value = '` + strconv.Itoa(formatVersion) + `' WHERE key = 'version'`}) {
		for _, s := range statements {
			ctx, cancel := t.limited()
			_, err := tx.ExecContext(ctx, s)
			err = c.damaged(outOfPatience(ctx, err))
			cancel()
			if err != nil {
				return fmt.Errorf("bring collection %s from format %d to %d: %w", c.dir, version, formatVersion, err)
			}
			n++
			upgraded(n)
		}
	}
	return tx.Commit()
}

// Close closes the database. Snapshots stay valid until they are closed.
func (c *Collection) Close() error { return errors.Join(c.closeCurrent(), c.db.Close()) }

// patience is how long one statement may take.
func (c *Collection) patience() time.Duration {
	return patienceFor(filepath.Join(c.dir, "akin.db"), c.least)
}

func (c *Collection) reading(ctx context.Context, tx *sql.Tx) *readTx {
	return &readTx{tx, ctx, c.patience()}
}

// takeLock takes the writer's lock, which dies with its process.
func takeLock(dir string) (*flock.Flock, error) {
	path := filepath.Join(dir, "lock")
	if err := writable(dir); err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	lock := flock.New(path, flock.SetFlag(disk.Lock))
	ok, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if !ok {
		holder := "another process"
		if data, err := disk.Read(path); err == nil && len(data) > 0 {
			holder = "process " + strings.TrimSpace(string(data))
		}
		return nil, fmt.Errorf("%w: %s holds %s", record.ErrLocked, holder, path)
	}
	if err := disk.Write(path, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o666); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), lock.Unlock())
	}
	return lock, nil
}

// read runs f in one read transaction, so that all that it reads is of one moment.
func (c *Collection) read(ctx context.Context, f func(*readTx) error) error {
	tx, err := c.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("read collection %s: %w", c.dir, withCause(err))
	}
	defer tx.Rollback()
	err = c.damaged(f(c.reading(ctx, tx)))
	if err != nil && ctx.Err() != nil { // what SQLite says of it is that there is no transaction
		err = fmt.Errorf("read collection %s: %w", c.dir, ctx.Err())
	}
	return err
}
