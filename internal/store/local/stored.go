package local

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/record"
)

// eachPictures is how many pictures Each passes at once.
const eachPictures = 1000

// Each returns all pictures, also those that could not be read, some at a time, with their
// vectors in some spaces. All are of one moment.
func (c *Collection) Each(ctx context.Context, spaces []record.Space, f func([]record.Stored) error) (err error) {
	defer disk.Catch(&err)()
	var open []*Snapshot
	defer func() {
		for _, s := range open {
			s.Close()
		}
	}()
	return c.read(ctx, func(tx *readTx) error {
		for _, space := range spaces {
			s := newSnapshot(c, space)
			open = append(open, s)
			rows, err := c.rowsOf(ctx, tx, space)
			if s.Space.Rows = rows; err == nil {
				err = s.mapRows(c.spaceDir(space))
			}
			if err != nil {
				return fmt.Errorf("space %s: %w", space.Model, err)
			}
		}
		for last := int64(-1 << 62); ; {
			some, err := c.some(ctx, tx, open, last)
			if err != nil || len(some) == 0 {
				return err
			}
			last = some[len(some)-1].ID
			if err := f(some); err != nil {
				return err
			}
		}
	})
}

// some returns the pictures that follow one.
func (c *Collection) some(ctx context.Context, tx *readTx, open []*Snapshot, after int64) (some []record.Stored, err error) {
	var contents []sql.NullInt64
	err = eachRow(ctx, tx, `SELECT p.id, p.name, p.source, p.root, p.size, p.mtime, p.error, p.content,
		coalesce(c.hash, x''), coalesce(c.format, ''), coalesce(c.width, 0), coalesce(c.height, 0), coalesce(c.taken, '')
		FROM picture p LEFT JOIN content c ON c.id = p.content WHERE p.id > ? ORDER BY p.id LIMIT ?`, func(scan func(...any) error) error {
		var s record.Stored
		var content sql.NullInt64
		var hash []byte
		err := scan(&s.ID, &s.Name, &s.Source, &s.Root, &s.Size, &s.Mtime, &s.Error, &content, &hash, &s.Format, intoSide{&s.Width}, intoSide{&s.Height}, &s.Taken)
		if err == nil && content.Valid {
			if err = (intoHash{&s.Hash}).Scan(hash); err != nil {
				err = fmt.Errorf("%w: akin.db: picture %d: %w", record.ErrDamaged, s.ID, err)
			}
		}
		some, contents = append(some, s), append(contents, content)
		return err
	}, after, eachPictures)
	if err != nil || len(some) == 0 {
		return nil, err
	}
	for _, space := range open {
		row, err := tx.Prepare(`SELECT row FROM embedding WHERE space = ? AND content = ?`)
		if err != nil {
			return nil, err
		}
		for i, content := range contents {
			var at int
			if !content.Valid {
				continue
			}
			if err := tx.first(row, []any{space.Space.ID, content.Int64}, &at); errors.Is(err, sql.ErrNoRows) {
				continue
			} else if err != nil || at < 0 || at >= space.Space.Rows {
				return nil, errors.Join(fmt.Errorf("%w: akin.db: picture %d has row %d of %d of %s", record.ErrDamaged, some[i].ID, at, space.Space.Rows, space.Space.Model), err, row.Close())
			}
			if some[i].Vectors == nil {
				some[i].Vectors = map[int64][]float32{}
			}
			some[i].Vectors[space.Space.ID] = slices.Clone(space.Matrix.Row(at))
		}
		row.Close()
	}
	version, err := c.version(tx)
	if err != nil || version < 2 {
		return some, err
	}
	byID := map[int64]int{}
	for i, s := range some {
		byID[s.ID] = i
	}
	err = eachRow(ctx, tx, `SELECT pt.picture, t.name FROM picture_tag pt JOIN tag t ON t.id = pt.tag
		WHERE pt.picture > ? AND pt.picture <= ? ORDER BY t.key`, func(scan func(...any) error) error {
		var id int64
		var tag string
		if err := scan(&id, &tag); err != nil {
			return err
		}
		if i, ok := byID[id]; ok {
			some[i].Tags = append(some[i].Tags, tag)
		}
		return nil
	}, after, some[len(some)-1].ID)
	if err != nil {
		return nil, err
	}
	return some, readMetadata(ctx, tx, version, picturesOf{"% > ? AND % <= ?", []any{after, some[len(some)-1].ID}}, func(id int64, m *record.Metadata) {
		if i, ok := byID[id]; ok {
			some[i].Metadata = m
		}
	})
}

// SnapshotOf is a snapshot of a few pictures, of whatever collection: those that a search
// elsewhere found. chance are scores of random pairs of the whole space, ascending.
func SnapshotOf(space record.Space, pictures []record.Stored, chance []float32) *Snapshot {
	s := newSnapshot(nil, space)
	s.chance = chance
	slices.SortFunc(pictures, func(a, b record.Stored) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), strings.Compare(a.Source, b.Source))
	})
	l := &rowList{}
	var values []float32
	for i, p := range pictures {
		s.Pictures.ids = append(s.Pictures.ids, p.ID)
		s.Pictures.starts = append(s.Pictures.starts, uint64(len(s.Pictures.text)), uint64(len(s.Pictures.text)+len(p.Name)))
		s.Pictures.text = append(s.Pictures.text, p.Name+p.Source...)
		row := int32(-1)
		if v := p.Vectors[space.ID]; len(v) == space.Dim && space.Dim > 0 {
			row = int32(len(l.first))
			l.first = append(l.first, int32(i))
			values = append(values, v...)
			l.covered++
		}
		l.row, l.next = append(l.row, row), append(l.next, -1)
	}
	s.Pictures.starts = append(s.Pictures.starts, uint64(len(s.Pictures.text)))
	l.keep = make([]uint64, (len(l.first)+63)/64)
	for row := range l.first {
		l.keep[row/64] |= 1 << (row % 64)
	}
	s.Space.Rows = len(l.first)
	s.Matrix.Dim, s.Matrix.Parts = space.Dim, [][]float32{values}
	s.rows, s.Tie, s.Keep = l, l.first, l.keep
	s.Pictures.row, s.Pictures.rows = l.row, s.Space.Rows
	return s
}

// RandomPairsOf returns the scores of random pairs among pictures, as SnapshotOf takes them.
func RandomPairsOf(space record.Space, pictures []record.Stored) []float32 {
	return randomPairs(SnapshotOf(space, pictures, nil))
}
