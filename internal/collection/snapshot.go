package collection

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/akin-search/akin/internal/vector"
)

// Picture is a picture in a snapshot.
type Picture struct {
	ID     int64
	Name   string
	Source string
	Row    int // of the space; -1 when it has no embedding there
}

// Snapshot is one space as it was at one moment, with the pictures of then. It
// stays as it is while a writer goes on. Close lets its files go.
type Snapshot struct {
	Space    Space
	Matrix   vector.Matrix // unit vectors
	Pictures []Picture     // by id
	ByRow    [][]int32     // row → indices into Pictures; none for rows whose files are gone
	Tie      []int64       // row → smallest picture id
	Keep     []uint64      // bitmap of the rows that have a picture
	chance   []float32     // scores of random pairs, ascending
	unmap    []func() error
	names    map[string]int32
	looked   int // names that were looked for
	loose    map[string][]int32

	c     *Collection
	mu    sync.Mutex // guards what follows
	dates *Dates
	tags  map[string][]uint64
}

// Snapshot opens a space for reading.
func (c *Collection) Snapshot(ctx context.Context, space Space) (s *Snapshot, err error) {
	s = &Snapshot{Space: space, c: c}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	var chanceRows int
	err = c.read(ctx, func(tx *sql.Tx) error {
		var blob []byte
		err := tx.QueryRow(`SELECT (SELECT coalesce(sum(rows), 0) FROM segment WHERE space = s.id), chance, chance_rows FROM space s WHERE id = ?`,
			space.ID).Scan(&s.Space.Rows, &blob, &chanceRows)
		if err != nil {
			return fmt.Errorf("read space %s: %w", space.Model, err)
		}
		s.chance = append([]float32(nil), floatsOf(blob)...)
		return s.readPictures(ctx, tx)
	})
	if err != nil {
		return s, err
	}
	if err := s.mapRows(c.spaceDir(space), c.perSegment(space.Dim)); err != nil {
		return s, err
	}
	if err := s.index(); err != nil {
		return s, fmt.Errorf("%w: space %s: %w", ErrDamaged, space.Model, err)
	}
	if chanceRows != s.Space.Rows {
		s.chance = randomPairs(s)
	}
	return s, nil
}

// picturesQuery gives some thousand pictures a row: id, row, lengths of name and source in
// bytes, and both. A value of its own for each costs three times as much.
const picturesQuery = `
SELECT group_concat(text, '') FROM (
	SELECT p.id / 4096 AS part,
		printf('%d %d %d %d ', p.id, coalesce(e.row, -1), length(CAST(p.name AS BLOB)), length(CAST(p.source AS BLOB))) || p.name || p.source AS text
	FROM picture p LEFT JOIN embedding e ON e.content = p.content AND e.space = ?
	WHERE p.content IS NOT NULL ORDER BY p.id
) GROUP BY part`

func (s *Snapshot) readPictures(ctx context.Context, tx *sql.Tx) error {
	err := eachRow(ctx, tx, picturesQuery, func(scan func(...any) error) error {
		var text string
		if err := scan(&text); err != nil {
			return err
		}
		for len(text) > 0 {
			var n [4]int
			for i := range n {
				number, rest, ok := strings.Cut(text, " ")
				v, err := strconv.Atoi(number)
				if !ok || err != nil {
					return fmt.Errorf("%w: the list of pictures", ErrDamaged)
				}
				n[i], text = v, rest
			}
			name, source := n[2], n[2]+n[3]
			if name < 0 || source < name || source > len(text) {
				return fmt.Errorf("%w: the list of pictures", ErrDamaged)
			}
			s.Pictures = append(s.Pictures, Picture{ID: int64(n[0]), Row: n[1], Name: text[:name], Source: text[name:source]})
			text = text[source:]
		}
		return nil
	}, s.Space.ID)
	// The order within a group is as SQLite likes it.
	byID := func(a, b Picture) int { return cmp.Compare(a.ID, b.ID) }
	if !slices.IsSortedFunc(s.Pictures, byID) {
		slices.SortFunc(s.Pictures, byID)
	}
	return err
}

// mapRows maps every segment's committed rows.
func (s *Snapshot) mapRows(dir string, per int) error {
	s.Matrix.Dim = s.Space.Dim
	for first := 0; first < s.Space.Rows; first += per {
		path := filepath.Join(dir, segmentName(first/per+1)+".vec")
		n := min(per, s.Space.Rows-first)
		data, unmap, err := openMapped(path, headerBytes+int64(n)*int64(4*s.Space.Dim))
		if err != nil {
			return fmt.Errorf("%w: read %s: %w; restore it from a copy, or remove the collection and index again", ErrDamaged, path, err)
		}
		s.unmap = append(s.unmap, unmap)
		if err := checkHeader(data, s.Space.Dim, s.Space.Fingerprint); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrDamaged, path, err)
		}
		s.Matrix.Parts = append(s.Matrix.Parts, floatsOf(data[headerBytes:]))
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

func openMapped(path string, size int64) ([]byte, func() error, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close() // the mapping outlives it
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	if info.Size() < size {
		return nil, nil, fmt.Errorf("%d bytes of %d are left", info.Size(), size)
	}
	return mapFile(f, size)
}

func (s *Snapshot) index() error {
	s.ByRow = make([][]int32, s.Space.Rows)
	s.Tie = make([]int64, s.Space.Rows)
	s.Keep = make([]uint64, (s.Space.Rows+63)/64)
	for i, p := range s.Pictures {
		if p.Row < 0 {
			continue
		}
		if p.Row >= s.Space.Rows {
			return fmt.Errorf("picture %s has row %d of %d", p.Name, p.Row, s.Space.Rows)
		}
		if len(s.ByRow[p.Row]) == 0 {
			s.Tie[p.Row] = p.ID // Pictures are by id
		}
		s.ByRow[p.Row] = append(s.ByRow[p.Row], int32(i))
		s.Keep[p.Row/64] |= 1 << (p.Row % 64)
	}
	return nil
}

// Picture gives a picture by its id.
func (s *Snapshot) Picture(id int64) (Picture, bool) {
	if i, ok := s.at(id); ok {
		return s.Pictures[i], true
	}
	return Picture{}, false
}

// at is the index of a picture in Pictures, which are by id.
func (s *Snapshot) at(id int64) (int, bool) {
	i := sort.Search(len(s.Pictures), func(i int) bool { return s.Pictures[i].ID >= id })
	return i, i < len(s.Pictures) && s.Pictures[i].ID == id
}

// Find gives a picture by its name: the very name, else the only one that
// differs in case, composition, underscores and brackets alone. Its errors are
// ErrNotIndexed, with the nearest names, and ErrAmbiguous.
func (s *Snapshot) Find(name string) (Picture, error) {
	if i, ok := s.named(name); ok {
		return s.Pictures[i], nil
	}
	if s.loose == nil {
		s.loose = map[string][]int32{}
		for i, p := range s.Pictures {
			key := loose(p.Name)
			s.loose[key] = append(s.loose[key], int32(i))
		}
	}
	switch found := s.loose[loose(name)]; len(found) {
	case 1:
		return s.Pictures[found[0]], nil
	case 0:
		names := make([]string, len(s.Pictures))
		for i, p := range s.Pictures {
			names[i] = p.Name
		}
		hint := ""
		if near := closest(name, names); len(near) > 0 {
			hint = "; did you mean " + strings.Join(near, ", ") + "?"
		}
		return Picture{}, fmt.Errorf("%w: no picture is called %q%s", ErrNotIndexed, name, hint)
	default:
		names := make([]string, len(found))
		for i, f := range found {
			names[i] = s.Pictures[f].Name
		}
		return Picture{}, fmt.Errorf("%w by %q: %s", ErrAmbiguous, name, strings.Join(names, ", "))
	}
}

// lookups are how many names are looked for in the list before a map is made of it,
// which takes as long as some dozens of them.
const lookups = 32

// named gives the index of the picture of a name.
func (s *Snapshot) named(name string) (int32, bool) {
	if s.looked++; s.looked <= lookups {
		i := slices.IndexFunc(s.Pictures, func(p Picture) bool { return p.Name == name })
		return int32(i), i >= 0
	}
	if s.names == nil {
		s.names = make(map[string]int32, len(s.Pictures))
		for i, p := range s.Pictures {
			s.names[p.Name] = int32(i)
		}
	}
	i, ok := s.names[name]
	return i, ok
}

// Close unmaps the vectors: Matrix must not be used after.
func (s *Snapshot) Close() error {
	var errs []error
	for _, unmap := range s.unmap {
		errs = append(errs, unmap())
	}
	s.unmap, s.Matrix.Parts, s.Matrix.Compact = nil, nil, nil
	return errors.Join(errs...)
}
