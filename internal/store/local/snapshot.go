package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math/bits"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/insight"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/vector"
)

// Snapshot is one space and the pictures at one moment. It does not change when a writer
// commits. Close releases its files.
type Snapshot struct {
	Space    record.Space
	Matrix   vector.Matrix // unit vectors
	Pictures Pictures
	Tie      []int32  // row → the index of its first picture
	Keep     []uint64 // bitmap of the rows that have a picture
	rows     *rowList
	chance   []float32 // scores of random pairs, ascending

	c          *Collection
	generation string
	*sharedParts
}

// sharedParts are what the users of a snapshot share: its files, and what one of them has computed.
type sharedParts struct {
	users atomic.Int32
	files []fileState // as they were before they were opened
	unmap []func() error

	looked atomic.Int64 // names that were looked up
	naming sync.Mutex   // held while names is made
	names  atomic.Pointer[nameTable]

	fit  sync.Once
	null insight.Null
	keep sync.Once
	all  bool // every row has a picture

	orders *orders

	mu     sync.Mutex // guards what follows
	loose  map[string][]int32
	dates  *Dates
	tags   map[string][]uint64
	typed  *TypedNames
	facts  facts
	hashes []record.Hash
}

func newSnapshot(c *Collection, space record.Space) *Snapshot {
	s := &Snapshot{Space: space, c: c, sharedParts: &sharedParts{orders: (*orders)(nil).after("")}}
	s.users.Store(1)
	return s
}

// share adds a user of the snapshot, who must close it, too.
func (s *Snapshot) share() *Snapshot {
	s.users.Add(1)
	other := *s
	return &other
}

// snapshot opens a space for reading.
func (c *Collection) snapshot(ctx context.Context, space record.Space) (s *Snapshot, err error) {
	s = newSnapshot(c, space)
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	var chanceRows int
	err = c.read(ctx, func(tx *readTx) error {
		var blob []byte
		err := tx.one(`SELECT chance, chance_rows FROM space WHERE id = ?`, []any{space.ID}, &blob, &chanceRows)
		if err == nil {
			s.Space.Rows, err = c.rowsOf(ctx, tx, space)
		}
		if err != nil {
			return fmt.Errorf("read space %s: %w", space.Model, err)
		}
		s.chance = append([]float32(nil), valuesOf[float32](blob)...)
		s.files = c.filesOf(s.Space)
		// Before the lists, whose length is the database's number of rows: this fails if the segments have fewer.
		if err := s.mapRows(c.spaceDir(space)); err != nil {
			return err
		}
		if err := s.readPictures(ctx, tx); err != nil {
			return err
		}
		return s.readRows(ctx, tx)
	})
	if err != nil {
		return s, fmt.Errorf("space %s: %w", space.Model, err)
	}
	if chanceRows != s.Space.Rows || !ascending(s.chance) {
		s.chance = randomPairs(s)
	}
	return s, nil
}

// lists are what was last read from the database, for snapshots of the same generation.
type lists struct {
	mu         sync.Mutex
	generation string
	pictures   *Pictures
	rows       map[int64]*rowList // by space
}

// of returns the lists of a generation. The caller holds the mutex.
func (l *lists) of(generation string) *lists {
	if generation == "" {
		return &lists{rows: map[int64]*rowList{}}
	}
	if l.generation != generation {
		l.generation, l.pictures, l.rows = generation, nil, map[int64]*rowList{}
	}
	return l
}

// readPictures sets the snapshot's pictures: mapped, else as they were read before,
// else from the database.
func (s *Snapshot) readPictures(ctx context.Context, tx *readTx) (err error) {
	if s.generation, err = generation(tx); err != nil {
		return err
	}
	if p, unmap := s.c.openPictures(s.generation); p != nil {
		s.Pictures, s.unmap = *p, append(s.unmap, unmap)
		return nil
	}
	s.c.lists.mu.Lock()
	defer s.c.lists.mu.Unlock()
	known := s.c.lists.of(s.generation)
	if known.pictures == nil {
		if known.pictures, err = readPictures(ctx, tx); err != nil {
			return err
		}
	}
	s.Pictures = *known.pictures
	return nil
}

// readRows sets which row each picture has.
func (s *Snapshot) readRows(ctx context.Context, tx *readTx) (err error) {
	rows, unmap := s.c.openRows(s.generation, s.Space, s.Pictures.Len())
	if rows != nil {
		s.unmap = append(s.unmap, unmap)
	} else {
		s.c.lists.mu.Lock()
		defer s.c.lists.mu.Unlock()
		known := s.c.lists.of(s.generation)
		if rows = known.rows[s.Space.ID]; rows == nil {
			if rows, err = readRows(ctx, tx, s.Space, &s.Pictures); err != nil {
				return err
			}
			known.rows[s.Space.ID] = rows
		}
	}
	s.rows, s.Tie, s.Keep = rows, rows.first, rows.keep
	s.Pictures.row, s.Pictures.rows = rows.row, s.Space.Rows
	return nil
}

// Files are the files that the snapshot's rows lie in, in their order.
func (s *Snapshot) Files() []api.VectorFile {
	files := []api.VectorFile{}
	per := s.Space.PerSegment
	for first := 0; first < s.Space.Rows; first += per {
		path := filepath.Join(s.c.spaceDir(s.Space), segmentName(first/per+1)+".vec")
		files = append(files, api.VectorFile{Path: path, Offset: headerBytes, Rows: min(per, s.Space.Rows-first)})
	}
	return files
}

// Kept is the bitmap of the rows that have a picture; nil where all have.
func (s *Snapshot) Kept() []uint64 {
	s.keep.Do(func() {
		n := 0
		for _, word := range s.Keep {
			n += bits.OnesCount64(word)
		}
		s.all = n == s.Space.Rows
	})
	if s.all {
		return nil
	}
	return s.Keep
}

// Of returns the pictures of a row, by their index in Pictures.
func (s *Snapshot) Of(row int) iter.Seq[int] { return s.rows.of(row) }

// mapRows maps every segment's committed rows.
func (s *Snapshot) mapRows(dir string) error {
	s.Matrix.Dim = s.Space.Dim
	per := s.Space.PerSegment
	for first := 0; first < s.Space.Rows; first += per {
		path := filepath.Join(dir, segmentName(first/per+1)+".vec")
		n := min(per, s.Space.Rows-first)
		data, unmap, err := openMapped(path, headerBytes+int64(n)*int64(4*s.Space.Dim))
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errCutOff) {
			return fmt.Errorf("%w: read %s: %w", record.ErrDamaged, path, err)
		} else if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		s.unmap = append(s.unmap, unmap)
		if err := checkHeader(data, s.Space); err != nil {
			return fmt.Errorf("%w: %s: %w", record.ErrDamaged, path, err)
		}
		s.Matrix.Parts = append(s.Matrix.Parts, valuesOf[float32](data[headerBytes:]))
		compact, _, unmap := openCompact(strings.TrimSuffix(path, ".vec")+compactSuffix, n, s.Space.Dim)
		if unmap != nil {
			s.unmap = append(s.unmap, unmap)
		}
		for _, other := range s.Matrix.Compact {
			compact.Share(other)
		}
		s.Matrix.Compact = append(s.Matrix.Compact, compact)
	}
	return nil
}

var errCutOff = errors.New("it is cut off")

func openMapped(path string, size int64) ([]byte, func() error, error) {
	f, err := disk.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close() // the mapping outlives it
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	if info.Size() < size {
		return nil, nil, fmt.Errorf("%w: %d bytes of %d are left", errCutOff, info.Size(), size)
	}
	return disk.Map(f, size)
}

// Picture returns a picture by its id.
func (s *Snapshot) Picture(id int64) (record.Picture, bool) {
	if i, ok := s.Pictures.Index(id); ok {
		return s.Pictures.At(i), true
	}
	return record.Picture{}, false
}

// Find returns a picture by its name: by the exact name, else the only one that differs
// in nothing but case, Unicode composition, underscores and brackets, else in a footnote mark. Its errors are ErrNotIndexed, with the nearest names, and ErrAmbiguous.
func (s *Snapshot) Find(name string) (record.Picture, error) {
	p, err := s.Lookup(name)
	if e, ok := errors.AsType[*record.NotIndexedError](err); ok {
		e.Near = record.Closest(name, s.Pictures.names())
	}
	return p, err
}

// Lookup is Find without suggesting the nearest names, which takes long.
func (s *Snapshot) Lookup(name string) (record.Picture, error) {
	if i, ok := s.named(name); ok {
		return s.Pictures.At(i), nil
	}
	found := s.loosely(name)
	if len(found) == 0 { // Denmark[i] is Denmarki where a file was named after it, else Denmark
		found = s.loosely(record.Footnote.ReplaceAllString(name, ""))
	}
	switch len(found) {
	case 1:
		return s.Pictures.At(int(found[0])), nil
	case 0:
		return record.Picture{}, &record.NotIndexedError{Name: name}
	default:
		names := make([]string, len(found))
		for i, f := range found {
			names[i] = s.Pictures.At(int(f)).Name
		}
		return record.Picture{}, fmt.Errorf("%w by %q: %s", record.ErrAmbiguous, name, strings.Join(names, ", "))
	}
}

// loosely returns the pictures whose names differ only in case and the like.
func (s *Snapshot) loosely(name string) []int32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.loose == nil {
		s.loose = map[string][]int32{}
		for i, p := range s.Pictures.All() {
			key := record.FoldName(p.Name)
			s.loose[key] = append(s.loose[key], int32(i))
		}
	}
	return s.loose[record.FoldName(name)]
}

// lookups is how many names are looked up in the database before a table of all names is
// made, which takes as long as some thousands of lookups.
const lookups = 1000

// named returns the index of the picture of a name. While one caller makes the table, the others go on asking the
// database.
func (s *Snapshot) named(name string) (int, bool) {
	table := s.names.Load()
	if table == nil {
		if s.looked.Add(1) != lookups+1 {
			if i, sure := s.lookUp(`SELECT id FROM picture WHERE name = ?`, name); sure {
				return i, i >= 0 && s.Pictures.string(2*i) == name
			}
		}
		table = s.nameTable()
	}
	return table.find(&s.Pictures, name)
}

// nameTable returns the table of names, and makes it first if there is none.
func (s *Snapshot) nameTable() *nameTable {
	s.naming.Lock()
	defer s.naming.Unlock()
	table := s.names.Load()
	if table == nil {
		table = newNameTable(&s.Pictures)
		s.names.Store(table)
	}
	return table
}

// BySource returns the picture of a file or address.
func (s *Snapshot) BySource(source string) (record.Picture, bool) {
	i, sure := s.lookUp(`SELECT id FROM picture WHERE source = ?`, source)
	if sure {
		if i < 0 {
			return record.Picture{}, false
		}
		return s.Pictures.At(i), true
	}
	for i, p := range s.Pictures.All() {
		if p.Source == source {
			return s.Pictures.At(i), true
		}
	}
	return record.Picture{}, false
}

// lookUp returns the index of the picture that a query finds, or -1. It is not sure if someone
// has committed since the snapshot, or the database cannot be read.
func (s *Snapshot) lookUp(query, key string) (i int, sure bool) {
	if s.c == nil {
		return -1, false
	}
	var now string
	var id sql.NullInt64
	ctx, cancel := context.WithTimeout(context.Background(), s.c.patience())
	defer cancel()
	err := s.c.db.QueryRowContext(ctx, `SELECT coalesce((SELECT value FROM meta WHERE key = 'generation'), ''), (`+query+`)`, key).Scan(&now, &id)
	if err != nil || now != s.generation || now == "" {
		return -1, false
	}
	if i, ok := s.Pictures.Index(id.Int64); ok && id.Valid {
		return i, true
	}
	return -1, true
}

// Close releases the files when the last user closes the snapshot. Matrix, Pictures and what
// was borrowed from them must not be used after it.
func (s *Snapshot) Close() error {
	held := s.sharedParts
	if held == nil {
		return nil // closed already
	}
	s.sharedParts, s.Matrix.Parts, s.Matrix.Compact, s.Pictures = nil, nil, nil, Pictures{}
	if held.users.Add(-1) > 0 {
		return nil
	}
	var errs []error
	for _, unmap := range held.unmap {
		errs = append(errs, unmap())
	}
	return errors.Join(errs...)
}
