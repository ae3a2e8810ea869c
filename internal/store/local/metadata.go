package local

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/akin-search/akin/internal/record"
)

// What files say of their pictures is, as dates and tags are, read when it is first needed.

// perDegree is what a degree is stored as: a ten-millionth is about a centimetre.
const perDegree = 1e7

// facts are what a snapshot has read of the metadata.
type facts struct {
	values map[record.Field][]record.Value
	having map[string][]uint64 // by the ids of values: the pictures that have one of them
	said   map[string][]uint64 // by words of titles and captions: the pictures that have them
	shares map[record.Field]*shares
}

// maxHaving is how many answers of Having, and of Said, a snapshot keeps.
const maxHaving = 64

// metadata runs f where metadata is stored. ErrNoMetadata where no file was ever read for it.
func (s *Snapshot) metadata(ctx context.Context, f func(tx *readTx) error) error {
	return s.since(ctx, 5, `SELECT EXISTS (SELECT 1 FROM metadata)`, f)
}

// since runs f where the collection has a version or a later one, and a query of what is stored there says that there is some.
// ErrNoMetadata where not.
func (s *Snapshot) since(ctx context.Context, least int, query string, f func(tx *readTx) error) error {
	return s.c.read(ctx, func(tx *readTx) error {
		version, err := s.c.version(tx)
		if err != nil {
			return err
		}
		some := false
		if version >= least {
			err = tx.one(query, nil, &some)
		}
		if err == nil && !some {
			err = record.ErrNoMetadata
		}
		if err != nil {
			return err
		}
		return f(tx)
	})
}

// Values returns the values that pictures have in a field, by their keys.
func (s *Snapshot) Values(ctx context.Context, field record.Field) ([]record.Value, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.facts.values[field]; ok {
		return known, nil
	}
	values := []record.Value{}
	err := s.metadata(ctx, func(tx *readTx) error {
		return eachRow(ctx, tx, `SELECT id, name, key FROM value v
			WHERE field = ? AND EXISTS (SELECT 1 FROM picture_value WHERE value = v.id) ORDER BY key`, func(scan func(...any) error) error {
			var v record.Value
			err := scan(&v.ID, &v.Name, &v.Key)
			values = append(values, v)
			return err
		}, string(field))
	})
	if err != nil {
		return nil, err
	}
	if s.facts.values == nil {
		s.facts.values = map[record.Field][]record.Value{}
	}
	s.facts.values[field] = values
	return values, nil
}

// Having returns a bitmap of the pictures that have one of some values, by their index in Pictures.
func (s *Snapshot) Having(ctx context.Context, values []int64) ([]uint64, error) {
	key := fmt.Sprint(values)
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.facts.having[key]; ok {
		return known, nil
	}
	having := make([]uint64, (s.Pictures.Len()+63)/64)
	err := s.metadata(ctx, func(tx *readTx) error {
		for _, v := range values {
			if err := s.addHaving(ctx, tx, having, v); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if s.facts.having == nil || len(s.facts.having) >= maxHaving {
		s.facts.having = map[string][]uint64{}
	}
	s.facts.having[key] = having
	return having, nil
}

// havingQuery returns the pictures that have a value as bits: of each 62 ids one row. A picture has a value once, so a sum
// of its bits is their union.
const havingQuery = `SELECT picture / 62, sum(1 << (picture % 62)) FROM picture_value WHERE value = ? AND picture > 0 GROUP BY picture / 62`

func (s *Snapshot) addHaving(ctx context.Context, tx *readTx, to []uint64, value int64) error {
	next := 0 // ids come in order
	return eachRow(ctx, tx, havingQuery, func(scan func(...any) error) error {
		var part, ids int64
		if err := scan(&part, &ids); err != nil {
			return err
		}
		for left := uint64(ids); left != 0; left &= left - 1 {
			id := 62*part + int64(bits.TrailingZeros64(left))
			if next >= len(s.Pictures.ids) || s.Pictures.ids[next] != id {
				at, ok := s.Pictures.Index(id)
				if next = at; !ok { // it came after the snapshot, or went before
					continue
				}
			}
			to[next/64] |= 1 << (next % 64)
			next++
		}
		return nil
	}, value)
}

// shares are the pictures of each value of a field.
type shares struct {
	values   []record.Value
	starts   []int   // len(values)+1: where the pictures of each begin
	pictures []int32 // by their index in Pictures
}

// sharesQuery returns the pictures of each value in one row: a row for each of them takes three times as long.
const sharesQuery = `SELECT group_concat(picture || ' ' || value || ' ', '') FROM picture_value
	WHERE value IN (SELECT id FROM value WHERE field = ?) GROUP BY value`

// Count calls each with the values of a field that pictures of a bitmap have, and the number of these.
func (s *Snapshot) Count(ctx context.Context, field record.Field, of []uint64, each func(v record.Value, pictures int)) error {
	values, err := s.Values(ctx, field)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.facts.shares[field]
	if l == nil {
		if l, err = s.readShares(ctx, field, values); err != nil {
			return err
		}
		if s.facts.shares == nil {
			s.facts.shares = map[record.Field]*shares{}
		}
		s.facts.shares[field] = l
	}
	for v, value := range l.values {
		n := 0
		for _, i := range l.pictures[l.starts[v]:l.starts[v+1]] {
			n += int(of[i/64] >> (i % 64) & 1)
		}
		if n > 0 {
			each(value, n)
		}
	}
	return nil
}

func (s *Snapshot) readShares(ctx context.Context, field record.Field, values []record.Value) (*shares, error) {
	byID := slices.SortedFunc(slices.Values(values), func(a, b record.Value) int { return cmp.Compare(a.ID, b.ID) })
	l := &shares{values: byID, starts: make([]int, 1, len(byID)+1)}
	err := s.metadata(ctx, func(tx *readTx) error {
		return eachNumber(ctx, tx, sharesQuery, "the values of pictures", func(n [2]int) error {
			picture, value := int64(n[0]), int64(n[1])
			for len(l.starts) <= len(byID) && byID[len(l.starts)-1].ID < value {
				l.starts = append(l.starts, len(l.pictures))
			}
			if i, ok := s.Pictures.Index(picture); ok && len(l.starts) <= len(byID) && byID[len(l.starts)-1].ID == value {
				l.pictures = append(l.pictures, int32(i))
			}
			return nil
		}, string(field))
	})
	for len(l.starts) <= len(byID) {
		l.starts = append(l.starts, len(l.pictures))
	}
	return l, err
}

// placesQuery returns the places between two latitudes in one row.
const placesQuery = `SELECT coalesce(group_concat(picture || ' ' || latitude || ' ' || longitude || ' ', ''), '') FROM metadata
	WHERE latitude BETWEEN ? AND ?`

// Taken returns a bitmap of the pictures that were taken between two latitudes, at a place that in accepts.
func (s *Snapshot) Taken(ctx context.Context, south, north float64, in func(record.Position) bool) ([]uint64, error) {
	taken := make([]uint64, (s.Pictures.Len()+63)/64)
	err := s.metadata(ctx, func(tx *readTx) error {
		var text string
		err := tx.one(placesQuery, []any{int64(math.Floor(south * perDegree)), int64(math.Ceil(north * perDegree))}, &text)
		for err == nil && text != "" {
			var n [3]int
			if n, text, err = numbers[[3]int](text); err != nil {
				return fmt.Errorf("%w: the places of pictures", record.ErrDamaged)
			}
			if i, ok := s.Pictures.Index(int64(n[0])); ok && in(record.Position{Latitude: float64(n[1]) / perDegree, Longitude: float64(n[2]) / perDegree}) {
				taken[i/64] |= 1 << (i % 64)
			}
		}
		return err
	})
	return taken, err
}

// saidQuery returns, in one row, the pictures whose title and caption have a word.
const saidQuery = `SELECT coalesce(group_concat(picture || ' ', ''), '') FROM caption WHERE instr(words, ?) > 0`

// Said returns a bitmap of the pictures whose title and caption have all of some words, as record.Words returns them.
func (s *Snapshot) Said(ctx context.Context, words []string) ([]uint64, error) {
	key := strings.Join(words, "\x00")
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.facts.said[key]; ok {
		return known, nil
	}
	said := make([]uint64, (s.Pictures.Len()+63)/64)
	for i := range s.Pictures.Len() {
		said[i/64] |= 1 << (i % 64)
	}
	err := s.since(ctx, 7, `SELECT EXISTS (SELECT 1 FROM metadata WHERE sidecar >= 0)`, func(tx *readTx) error {
		for _, w := range words {
			has := make([]uint64, len(said))
			err := eachNumber(ctx, tx, saidQuery, "the captions of pictures", func(n [1]int) error {
				if i, ok := s.Pictures.Index(int64(n[0])); ok {
					has[i/64] |= 1 << (i % 64)
				}
				return nil
			}, w)
			if err != nil {
				return err
			}
			for i, word := range has {
				said[i] &= word
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if s.facts.said == nil || len(s.facts.said) >= maxHaving {
		s.facts.said = map[string][]uint64{}
	}
	s.facts.said[key] = said
	return said, nil
}

// Sidecars returns when the sidecar of each picture whose metadata is stored was last written, by its id.
func (c *Collection) Sidecars(ctx context.Context) (map[int64]int64, error) {
	out := map[int64]int64{}
	err := c.read(ctx, func(tx *readTx) error {
		if version, err := c.version(tx); err != nil || version < 5 {
			return err
		}
		return eachRow(ctx, tx, `SELECT picture, sidecar FROM metadata`, func(scan func(...any) error) error {
			var id, written int64
			err := scan(&id, &written)
			out[id] = written
			return err
		})
	})
	return out, err
}

// picturesOf are those that a query is about: a condition of the column that has their ids, and its arguments.
type picturesOf struct {
	condition string // with % for the column
	args      []any
}

func (p picturesOf) on(column string) string { return strings.ReplaceAll(p.condition, "%", column) }

// readMetadata calls set with the metadata of pictures whose file was read for it.
func readMetadata(ctx context.Context, tx *readTx, version int, of picturesOf, set func(id int64, m *record.Metadata)) error {
	if version < 5 {
		return nil
	}
	read := map[int64]*record.Metadata{}
	err := eachRow(ctx, tx, `SELECT picture, sidecar, latitude, longitude FROM metadata WHERE `+of.on("picture"), func(scan func(...any) error) error {
		var id int64
		m := &record.Metadata{}
		var latitude, longitude *int64
		if err := scan(&id, &m.Sidecar, &latitude, &longitude); err != nil {
			return err
		}
		if latitude != nil && longitude != nil {
			m.Position = &record.Position{Latitude: float64(*latitude) / perDegree, Longitude: float64(*longitude) / perDegree}
		}
		read[id] = m
		set(id, m)
		return nil
	}, of.args...)
	if err != nil {
		return err
	}
	err = eachRow(ctx, tx, `SELECT pv.picture, v.field, v.name FROM picture_value pv JOIN value v ON v.id = pv.value
		WHERE `+of.on("pv.picture")+` ORDER BY pv.picture, v.key`, func(scan func(...any) error) error {
		var id int64
		var field record.Field
		var name string
		err := scan(&id, &field, &name)
		if m := read[id]; m != nil {
			m.Set(field, name)
		}
		return err
	}, of.args...)
	if err != nil || version < 7 {
		return err
	}
	return eachRow(ctx, tx, `SELECT picture, title, caption FROM caption WHERE `+of.on("picture"), func(scan func(...any) error) error {
		var id int64
		var title, caption string
		err := scan(&id, &title, &caption)
		if m := read[id]; m != nil {
			m.Title, m.Caption = title, caption
		}
		return err
	}, of.args...)
}

// describe stores the metadata of a picture, in the place of what was known of it.
func (t *transaction) describe(p record.Put) {
	if t.err != nil || p.Metadata == nil && p.Error == "" {
		return
	}
	var id int64
	if t.err = t.scan(`SELECT id FROM picture WHERE source = ?`, p.Source, &id); t.err != nil {
		return
	}
	t.exec(`DELETE FROM picture_value WHERE picture = ?`, id)
	t.exec(`DELETE FROM metadata WHERE picture = ?`, id)
	t.exec(`DELETE FROM caption WHERE picture = ?`, id)
	if p.Metadata == nil {
		return
	}
	var latitude, longitude any
	if at := p.Metadata.Position; at != nil {
		latitude, longitude = int64(math.Round(at.Latitude*perDegree)), int64(math.Round(at.Longitude*perDegree))
	}
	t.exec(`INSERT INTO metadata (picture, sidecar, latitude, longitude) VALUES (?, ?, ?, ?)`, id, p.Metadata.Sidecar, latitude, longitude)
	if m := p.Metadata; m.Title != "" || m.Caption != "" {
		t.exec(`INSERT INTO caption (picture, title, caption, words) VALUES (?, ?, ?, ?)`, id, m.Title, m.Caption, record.WordsKey(m.Title, m.Caption))
	}
	for field, name := range p.Metadata.Values() {
		key := record.ValueKey(name)
		t.exec(`INSERT OR IGNORE INTO value (field, name, key) VALUES (?, ?, ?)`, string(field), name, key)
		t.exec(`INSERT OR IGNORE INTO picture_value (value, picture) SELECT id, ? FROM value WHERE field = ? AND key = ?`, id, string(field), key)
	}
}
