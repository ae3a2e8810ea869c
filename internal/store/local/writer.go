package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/record"
	"github.com/gofrs/flock"
)

// Writer is the one process that may change a collection.
type Writer struct {
	c      *Collection
	lock   *flock.Flock
	disk   disk.FS
	spaces map[int64]*openSpace
}

// openSpace is a space that this writer appends to.
type openSpace struct {
	record.Space
	rows     int        // committed
	segments []*segment // open: the one that the next row is appended to, and those that this commit began after it
}

func (s *openSpace) close() error {
	var errs []error
	for _, g := range s.segments {
		errs = append(errs, g.close())
	}
	s.segments = nil
	return errors.Join(errs...)
}

// Writer takes the writer's lock; ErrLocked says who holds it. It upgrades a collection of an
// older format.
func (c *Collection) Writer() (*Writer, error) {
	lock, err := takeLock(c.dir)
	if err != nil {
		return nil, err
	}
	// It may have been changed since it was opened, and not only by akin.
	err = untrusted(c.db, filepath.Join(c.dir, "akin.db"), "*", c.least)
	if err == nil {
		err = c.upgrade()
	}
	if err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return &Writer{c: c, lock: lock, disk: disk.OS, spaces: map[int64]*openSpace{}}, nil
}

// Drop removes a space with all its vectors; pictures and other spaces stay. It takes effect
// at once for readers that begin after it; then the files are removed.
func (w *Writer) Drop(ctx context.Context, s record.Space) error {
	if open := w.spaces[s.ID]; open != nil {
		if err := open.close(); err != nil {
			return fmt.Errorf("drop %s: %w", s.Model, err)
		}
		delete(w.spaces, s.ID)
	}
	err := w.c.exec(ctx, `DELETE FROM space WHERE id = ?`, s.ID)
	if err = errors.Join(err, w.c.release()); err != nil { // Windows does not remove a mapped file
		return fmt.Errorf("drop %s from collection %s: %w", s.Model, w.c.dir, err)
	}
	return w.removeOrphans(ctx)
}

// removeOrphans removes the folders that belong to no space: those of dropped spaces, even if
// the process that dropped them was killed before it removed them.
func (w *Writer) removeOrphans(ctx context.Context) error {
	spaces, err := w.c.Spaces(ctx)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(filepath.Join(w.c.dir, "spaces"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if e.IsDir() && !strings.HasSuffix(e.Name(), damagedSuffix) && !slices.ContainsFunc(spaces, func(s record.Space) bool { return s.Folder == e.Name() }) {
			if err := os.RemoveAll(filepath.Join(w.c.dir, "spaces", e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close releases the lock.
func (w *Writer) Close() error {
	var errs []error
	for _, s := range w.spaces {
		errs = append(errs, s.close())
	}
	return errors.Join(append(errs, w.lock.Unlock())...)
}

// Commit stores a batch, all or none of it; when it returns nil, it is on disk. Vectors are normalised. One without
// a direction is refused before anything is written.
func (w *Writer) Commit(ctx context.Context, b record.Batch) error {
	blocks, err := w.blocks(ctx, b.Embeddings)
	for _, k := range blocks {
		if err == nil {
			err = w.append(k)
		}
	}
	if err == nil {
		err = w.record(ctx, b, blocks)
	}
	if err != nil {
		// Rows that are not in the database do not count: opening the space again cuts them off.
		for _, k := range blocks {
			err = errors.Join(err, k.space.close())
			delete(w.spaces, k.space.ID)
		}
		return fmt.Errorf("write to collection %s: %w", w.c.dir, w.c.damaged(err))
	}
	for _, k := range blocks {
		w.advance(k)
	}
	return nil
}

// block is what one commit adds to one segment.
type block struct {
	space   *openSpace
	first   int // row of the space
	hashes  []record.Hash
	vectors []float32
}

// segment is the number of the segment that the block lies in.
func (w *Writer) segment(k block) int { return k.first/k.space.PerSegment + 1 }

// blocks normalises embeddings and divides them among segments, in the order in
// which they are written.
func (w *Writer) blocks(ctx context.Context, embeddings []record.Embedding) ([]block, error) {
	next := map[*openSpace]*block{} // the one being filled
	var all []*block
	for _, e := range embeddings {
		s, err := w.space(ctx, e.Space)
		if err != nil {
			return nil, err
		}
		if len(e.Vector) != s.Dim {
			return nil, fmt.Errorf("an embedding of %s has %d values, not %d", s.Model, len(e.Vector), s.Dim)
		}
		k, per := next[s], s.PerSegment
		switch {
		case k == nil:
			k = &block{space: s, first: s.rows}
		case (k.first+len(k.hashes))%per == 0:
			k = &block{space: s, first: k.first + len(k.hashes)}
		}
		if k != next[s] {
			next[s] = k
			all = append(all, k)
		}
		k.hashes = append(k.hashes, e.Hash)
		k.vectors = append(k.vectors, e.Vector...)
		if err := e.Normalize(k.vectors[len(k.vectors)-s.Dim:]); err != nil {
			return nil, fmt.Errorf("an embedding of %s %w", s.Model, err)
		}
	}
	blocks := make([]block, len(all))
	for i, k := range all {
		blocks[i] = *k
	}
	return blocks, nil
}

// append writes a block to its segment and syncs it.
func (w *Writer) append(k block) error {
	s, number := k.space, w.segment(k)
	if n := len(s.segments); n == 0 || s.segments[n-1].number != number {
		g, err := openSegment(w.disk, w.c.dir, s.Space, number, k.first%s.PerSegment)
		if err != nil {
			return err
		}
		s.segments = append(s.segments, g)
	}
	return s.segments[len(s.segments)-1].append(k.hashes, k.vectors)
}

// advance records that a block is committed.
func (w *Writer) advance(k block) {
	s, number := k.space, w.segment(k)
	for s.segments[0].number < number {
		s.segments[0].close() // it is synced: nothing can be lost
		s.segments = s.segments[1:]
	}
	s.rows = k.first + len(k.hashes)
}

// record writes a batch to the database, in one transaction.
func (w *Writer) record(ctx context.Context, b record.Batch, blocks []block) error {
	tx, err := w.c.db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	t := w.c.writing(ctx, tx)
	t.exec(newGeneration)
	for _, id := range b.Remove {
		t.exec(`DELETE FROM picture WHERE id = ?`, id)
	}
	for _, id := range slices.Sorted(maps.Keys(b.Move)) {
		t.move(id, b.Move[id])
		t.describe(b.Move[id])
	}
	for _, p := range b.Puts {
		t.put(p)
		t.describe(p)
	}
	for _, k := range blocks {
		for i, h := range k.hashes {
			t.exec(`INSERT OR REPLACE INTO embedding (space, content, row)
				SELECT ?, id, ? FROM content WHERE hash = ?`, k.space.ID, k.first+i, h[:])
		}
		t.exec(`INSERT OR REPLACE INTO segment (space, number, rows) VALUES (?, ?, ?)`,
			k.space.ID, w.segment(k), k.first%k.space.PerSegment+len(k.hashes))
	}
	if t.err != nil {
		return t.err
	}
	return tx.Commit()
}

func (w *Writer) space(ctx context.Context, id int64) (*openSpace, error) {
	if s, ok := w.spaces[id]; ok {
		return s, nil
	}
	spaces, err := w.c.Spaces(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range spaces {
		if s.ID == id {
			w.spaces[id] = &openSpace{Space: s, rows: s.Rows}
			return w.spaces[id], nil
		}
	}
	return nil, fmt.Errorf("there is no space %d", id)
}

// transaction runs statements until one fails. Each ends within the same patience as those of
// readers: triggers and knotted pages can make a change endless, too.
type transaction struct {
	tx       *sql.Tx
	ctx      context.Context
	patience time.Duration // of one statement
	err      error
	prepared map[string]*sql.Stmt // by their text; they end with tx
	imported map[string][]string  // sources of pictures without a file, by their loose names
}

// writing is a transaction that continues after ctx ends.
func (c *Collection) writing(ctx context.Context, tx *sql.Tx) *transaction {
	return &transaction{tx: tx, ctx: context.WithoutCancel(ctx), patience: c.patience()}
}

// limited is the context of one statement.
func (t *transaction) limited() (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(t.ctx, t.patience, errPatience)
}

// statement prepares a statement once: parsing it takes longer than running it.
func (t *transaction) statement(query string) (*sql.Stmt, error) {
	if s := t.prepared[query]; s != nil {
		return s, nil
	}
	s, err := t.tx.Prepare(query)
	if t.prepared == nil {
		t.prepared = map[string]*sql.Stmt{}
	}
	if err == nil {
		t.prepared[query] = s
	}
	return s, err
}

func (t *transaction) exec(query string, args ...any) { t.count(query, args...) }

// scan returns the first row of an answer; sql.ErrNoRows when there is none.
func (t *transaction) scan(query string, key any, into ...any) error {
	s, err := t.statement(query)
	if err != nil {
		return err
	}
	ctx, cancel := t.limited()
	defer cancel()
	return outOfPatience(ctx, s.QueryRowContext(ctx, key).Scan(into...))
}

// count is exec, and returns how many rows changed.
func (t *transaction) count(query string, args ...any) int {
	if t.err != nil {
		return 0
	}
	s, err := t.statement(query)
	if err != nil {
		t.err = err
		return 0
	}
	ctx, cancel := t.limited()
	defer cancel()
	r, err := s.ExecContext(ctx, args...)
	if err != nil {
		t.err = outOfPatience(ctx, err)
		return 0
	}
	n, err := r.RowsAffected()
	t.err = err
	return int(n)
}

func (t *transaction) taken(name string) bool {
	var n int
	if t.err == nil {
		t.err = t.scan(`SELECT count(*) FROM picture WHERE name = ?`, name, &n)
	}
	return n > 0
}

func (t *transaction) content(p record.Put) any {
	if p.Error != "" {
		return nil
	}
	t.exec(`INSERT INTO content (hash, format, width, height, taken) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (hash) DO UPDATE SET format = excluded.format, width = excluded.width, height = excluded.height, taken = excluded.taken
		WHERE excluded.format != ''`, p.Hash[:], p.Format, p.Width, p.Height, p.Taken)
	var id int64
	if t.err == nil {
		t.err = t.scan(`SELECT id FROM content WHERE hash = ?`, p.Hash[:], &id)
	}
	return id
}

func (t *transaction) put(p record.Put) {
	if t.err != nil {
		return
	}
	content := t.content(p)
	var id int64
	switch err := t.scan(`SELECT id FROM picture WHERE source = ?`, p.Source, &id); {
	case t.err != nil:
	case err == nil:
		t.exec(`UPDATE picture SET root = ?, size = ?, mtime = ?, content = ?, error = ? WHERE id = ?`,
			p.Root, p.Size, p.Mtime, content, p.Error, id)
		return
	case !errors.Is(err, sql.ErrNoRows):
		t.err = err
		return
	}
	if p.ID == 0 && t.adopt(p, content) {
		return
	}
	name := p.Name
	if name == "" || t.taken(name) {
		name = record.NameFor(p.Source, t.taken)
	}
	t.exec(`INSERT INTO picture (id, name, source, root, size, mtime, content, error) VALUES (nullif(?, 0), ?, ?, ?, ?, ?, ?, ?)`,
		p.ID, name, p.Source, p.Root, p.Size, p.Mtime, content, p.Error)
}

// adopt makes a file that of the imported picture of its name, of nearly its name, or of its path or file name, and
// gives the picture's embeddings to the file's content. It reports whether there is one.
func (t *transaction) adopt(p record.Put, content any) bool {
	if content == nil || t.err != nil {
		return false
	}
	name := p.OwnName()
	if t.imported == nil {
		t.readImported()
	}
	sources := t.imported[record.FoldName(name)]
	from := record.ImportedSource(name)
	if !slices.Contains(sources, from) {
		if len(sources) == 1 {
			from = sources[0]
		} else if from = t.importedFile(p.Source); from == "" {
			return false
		}
	}
	key := record.FoldName(strings.TrimPrefix(from, record.ImportedSource("")))
	var id, old int64
	if err := t.scan(`SELECT id, content FROM picture WHERE source = ?`, from, &id, &old); err != nil {
		t.err = err
		return false
	}
	t.exec(`UPDATE picture SET source = ?, root = ?, size = ?, mtime = ?, content = ? WHERE id = ?`,
		p.Source, p.Root, p.Size, p.Mtime, content, id)
	t.exec(`UPDATE OR REPLACE embedding SET content = ? WHERE content = ?`, content, old)
	t.imported[key] = slices.DeleteFunc(t.imported[key], func(s string) bool { return s == from })
	return true
}

// importedFile returns the source of the imported picture that has a file's path, or its file name, as its name.
func (t *transaction) importedFile(source string) string {
	for _, name := range record.FileNames(source) {
		if from := record.ImportedSource(name); slices.Contains(t.imported[record.FoldName(name)], from) {
			return from
		}
	}
	return ""
}

// readImported lists the pictures that have no file.
func (t *transaction) readImported() {
	t.imported = map[string][]string{}
	ctx, cancel := t.limited()
	defer cancel()
	rows, err := t.tx.QueryContext(ctx, `SELECT source FROM picture WHERE source >= 'import:' AND source < 'import;'`)
	if err != nil {
		t.err = outOfPatience(ctx, err)
		return
	}
	defer rows.Close()
	for rows.Next() {
		var source string
		if t.err = rows.Scan(&source); t.err != nil {
			return
		}
		key := record.FoldName(strings.TrimPrefix(source, record.ImportedSource("")))
		t.imported[key] = append(t.imported[key], source)
	}
	t.err = outOfPatience(ctx, rows.Err())
}

// move changes the source of a picture to one that no other picture has.
func (t *transaction) move(id int64, p record.Put) {
	var old, name string
	if t.err == nil {
		t.err = t.scan(`SELECT name, source FROM picture WHERE id = ?`, id, &name, &old)
	}
	if t.err != nil {
		return
	}
	// A name made of the old source is made again of the new one.
	if p.Name == "" && record.IsNameOf(name, old) {
		t.exec(`UPDATE picture SET name = '' WHERE id = ?`, id)
		name = record.NameFor(p.Source, t.taken)
	} else if p.Name != "" && p.Name != name && !t.taken(p.Name) {
		name = p.Name
	}
	t.exec(`UPDATE picture SET name = ?, source = ?, root = ?, size = ?, mtime = ?, error = '' WHERE id = ?`,
		name, p.Source, p.Root, p.Size, p.Mtime, id)
}
