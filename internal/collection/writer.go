package collection

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

	"github.com/gofrs/flock"

	"github.com/akin-search/akin/internal/vector"
)

// Writer is the one process that may change a collection.
type Writer struct {
	c      *Collection
	lock   *flock.Flock
	disk   disk
	spaces map[int64]*openSpace
}

// openSpace is a space that this writer appends to.
type openSpace struct {
	Space
	rows    int      // committed
	segment *segment // the last one; nil until something is appended
}

// Writer takes the writer's lock; ErrLocked tells who holds it.
func (c *Collection) Writer() (*Writer, error) {
	lock, err := takeLock(c.dir)
	if err != nil {
		return nil, err
	}
	return &Writer{c: c, lock: lock, disk: osDisk{}, spaces: map[int64]*openSpace{}}, nil
}

// Close gives the lock back.
func (w *Writer) Close() error {
	var errs []error
	for _, s := range w.spaces {
		if s.segment != nil {
			errs = append(errs, s.segment.close())
		}
	}
	return errors.Join(append(errs, w.lock.Unlock())...)
}

// Put is a picture as it was found: with its content, or with the reason why it
// could not be read.
type Put struct {
	Name   string // "" makes one of the source
	Source string
	Root   string
	Size   int64
	Mtime  int64 // nanoseconds since 1970
	Hash   Hash
	Format string
	Width  int
	Height int
	Error  string // not "" when the picture could not be read
}

// Embedding is the vector of a content, of any length but 0, as a model gives it.
type Embedding struct {
	Space  int64
	Hash   Hash
	Vector []float32
}

// Batch is what becomes true at once.
type Batch struct {
	Puts       []Put       // by source: new pictures, and changes to known ones
	Embeddings []Embedding // of contents that are known or among Puts
	Move       map[int64]Put
	Remove     []int64 // pictures to forget
}

// Commit makes a batch true: all of it, on disk, or none. Vectors are normalised
// here; one that has no direction is refused before anything is written.
func (w *Writer) Commit(ctx context.Context, b Batch) (err error) {
	var appended []func()
	var touched []*openSpace
	defer func() {
		if err == nil {
			for _, f := range appended {
				f()
			}
			return
		}
		for _, s := range touched { // what is in the files but not in the database never was
			if s.segment != nil {
				if rollback := s.segment.rollback(); rollback != nil {
					s.segment.close()
					s.segment = nil // opening it again cuts it
				}
			}
		}
		err = fmt.Errorf("write to collection %s: %w", w.c.dir, err)
	}()

	type placed struct {
		space *openSpace
		hash  Hash
		row   int
	}
	var rows []placed
	bySpace := map[int64][]Embedding{}
	for _, e := range b.Embeddings {
		bySpace[e.Space] = append(bySpace[e.Space], e)
	}
	for _, id := range slices.Sorted(maps.Keys(bySpace)) {
		s, err := w.space(ctx, id)
		if err != nil {
			return err
		}
		touched = append(touched, s)
		next := s.rows
		for embeddings := bySpace[id]; len(embeddings) > 0; {
			n := min(len(embeddings), rowsPerSegment(s.Dim)-next%rowsPerSegment(s.Dim))
			committed, err := w.append(s, next, embeddings[:n])
			if err != nil {
				return err
			}
			appended = append(appended, committed)
			for i, e := range embeddings[:n] {
				rows = append(rows, placed{s, e.Hash, next + i})
			}
			next += n
			embeddings = embeddings[n:]
		}
		appended = append(appended, func() { s.rows = next })
	}

	tx, err := w.c.db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	t := &transaction{tx: tx}
	for _, id := range b.Remove {
		t.exec(`DELETE FROM picture WHERE id = ?`, id)
	}
	for id, p := range b.Move {
		t.move(id, p)
	}
	for _, p := range b.Puts {
		t.put(p)
	}
	counts := map[*openSpace]int{}
	for _, p := range rows {
		t.exec(`INSERT OR REPLACE INTO embedding (space, content, row)
			SELECT ?, id, ? FROM content WHERE hash = ?`, p.space.ID, p.row, p.hash[:])
		counts[p.space] = p.row + 1
	}
	for s, n := range counts {
		per := rowsPerSegment(s.Dim)
		for number := s.rows/per + 1; number <= (n-1)/per+1; number++ {
			t.exec(`INSERT OR REPLACE INTO segment (space, number, rows) VALUES (?, ?, ?)`, s.ID, number, min(per, n-(number-1)*per))
		}
	}
	if t.err != nil {
		return t.err
	}
	return tx.Commit()
}

// append writes one block to the segment that row next lies in.
func (w *Writer) append(s *openSpace, next int, embeddings []Embedding) (func(), error) {
	per := rowsPerSegment(s.Dim)
	count := next % per
	if s.segment == nil || count == 0 && s.segment.count > 0 {
		if s.segment != nil {
			if err := s.segment.close(); err != nil {
				return nil, err
			}
			s.segment = nil
		}
		dir := filepath.Join(w.c.dir, "spaces", s.Folder)
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return nil, err
		}
		var err error
		if s.segment, err = openSegment(w.disk, dir, next/per+1, count, s.Dim, s.Fingerprint); err != nil {
			return nil, err
		}
	}
	hashes := make([]Hash, len(embeddings))
	vectors := make([]float32, 0, len(embeddings)*s.Dim)
	for i, e := range embeddings {
		if len(e.Vector) != s.Dim {
			return nil, fmt.Errorf("an embedding of %s has %d values, not %d", s.Model, len(e.Vector), s.Dim)
		}
		hashes[i] = e.Hash
		vectors = append(vectors, e.Vector...)
		if !vector.Normalize(vectors[i*s.Dim:]) {
			return nil, fmt.Errorf("an embedding of %s is zero or not finite: it has no direction", s.Model)
		}
	}
	return s.segment.append(hashes, vectors)
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

// transaction runs statements until one fails.
type transaction struct {
	tx  *sql.Tx
	err error
}

func (t *transaction) exec(query string, args ...any) {
	if t.err == nil {
		_, t.err = t.tx.Exec(query, args...)
	}
}

func (t *transaction) taken(name string) bool {
	var n int
	if t.err == nil {
		t.err = t.tx.QueryRow(`SELECT count(*) FROM picture WHERE name = ?`, name).Scan(&n)
	}
	return n > 0
}

func (t *transaction) content(p Put) any {
	if p.Error != "" {
		return nil
	}
	t.exec(`INSERT INTO content (hash, format, width, height) VALUES (?, ?, ?, ?)
		ON CONFLICT (hash) DO UPDATE SET format = excluded.format, width = excluded.width, height = excluded.height
		WHERE excluded.format != ''`, p.Hash[:], p.Format, p.Width, p.Height)
	var id int64
	if t.err == nil {
		t.err = t.tx.QueryRow(`SELECT id FROM content WHERE hash = ?`, p.Hash[:]).Scan(&id)
	}
	return id
}

func (t *transaction) put(p Put) {
	if t.err != nil {
		return
	}
	content := t.content(p)
	var id int64
	switch err := t.tx.QueryRow(`SELECT id FROM picture WHERE source = ?`, p.Source).Scan(&id); {
	case t.err != nil:
	case err == nil:
		t.exec(`UPDATE picture SET root = ?, size = ?, mtime = ?, content = ?, error = ? WHERE id = ?`,
			p.Root, p.Size, p.Mtime, content, p.Error, id)
		return
	case !errors.Is(err, sql.ErrNoRows):
		t.err = err
		return
	}
	if t.adopt(p, content) {
		return
	}
	name := p.Name
	if name == "" || t.taken(name) {
		name = nameFor(p.Source, t.taken)
	}
	t.exec(`INSERT INTO picture (name, source, root, size, mtime, content, error) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		name, p.Source, p.Root, p.Size, p.Mtime, content, p.Error)
}

// adopt gives a file to the picture of its name that came with imported
// embeddings and had none; the imported rows follow.
func (t *transaction) adopt(p Put, content any) bool {
	if content == nil || t.err != nil {
		return false
	}
	name := p.Name
	if name == "" {
		name = nameFor(p.Source, func(string) bool { return false })
	}
	var id, old int64
	err := t.tx.QueryRow(`SELECT id, content FROM picture WHERE source = ?`, ImportedSource(name)).Scan(&id, &old)
	if err != nil {
		if !errors.Is(err, sql.ErrNoRows) {
			t.err = err
		}
		return false
	}
	t.exec(`UPDATE picture SET source = ?, root = ?, size = ?, mtime = ?, content = ? WHERE id = ?`,
		p.Source, p.Root, p.Size, p.Mtime, content, id)
	t.exec(`UPDATE OR REPLACE embedding SET content = ? WHERE content = ?`, content, old)
	return true
}

func (t *transaction) move(id int64, p Put) {
	var old, name string
	if t.err == nil {
		t.err = t.tx.QueryRow(`SELECT name, source FROM picture WHERE id = ?`, id).Scan(&name, &old)
	}
	if t.err != nil {
		return
	}
	// A name that was made of the old place is made anew of the new one.
	if p.Name == "" && strings.HasSuffix(filepath.ToSlash(old), "/"+name+filepath.Ext(old)) {
		t.exec(`UPDATE picture SET name = '' WHERE id = ?`, id)
		name = nameFor(p.Source, t.taken)
	} else if p.Name != "" && p.Name != name && !t.taken(p.Name) {
		name = p.Name
	}
	t.exec(`UPDATE picture SET name = ?, source = ?, root = ?, size = ?, mtime = ?, error = '' WHERE id = ?`,
		name, p.Source, p.Root, p.Size, p.Mtime, id)
}
