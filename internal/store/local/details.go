package local

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/akin-search/akin/internal/record"
)

// What few searches need of a picture, its date and its tags, is not read with the
// snapshot but when it is first needed, and then cached.

// catalog is a snapshot of the pictures alone.
func (c *Collection) catalog(ctx context.Context) (*Snapshot, error) {
	s := newSnapshot(c, record.Space{})
	s.files = []fileState{stateOf(filepath.Join(c.dir, picturesList))}
	err := c.read(ctx, func(tx *readTx) error { return s.readPictures(ctx, tx) })
	if err != nil {
		err = errors.Join(err, s.Close())
	}
	return s, err
}

// Dates are the dates of the pictures of a snapshot, by their index in Pictures:
// when the camera says that they were taken, else when the file was last written.
// An address has a date only if its picture has one.
type Dates struct {
	Clock   []int64 // local time at the camera, in seconds, as if it were UTC; or NoDate
	Instant []int64 // seconds since 1970; or NoDate
}

// Dates returns the dates of the pictures. A time without a zone is one of the
// machine's own zone. ErrNeedsReindex in a collection that was last written to
// before akin stored dates.
func (s *Snapshot) Dates(ctx context.Context) (*Dates, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dates != nil {
		return s.dates, nil
	}
	if s.Pictures.stamps == nil {
		err := s.c.read(ctx, func(tx *readTx) error {
			if version, err := s.c.version(tx); err != nil {
				return err
			} else if version < 2 {
				return fmt.Errorf("%w: it has no dates", record.ErrNeedsReindex)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	f, err := s.stamps(ctx)
	if err != nil {
		return nil, err
	}
	d := &Dates{Clock: make([]int64, s.Pictures.Len()), Instant: make([]int64, s.Pictures.Len())}
	for i := range d.Clock {
		d.Clock[i], d.Instant[i] = f.taken(i).Date(f.written(i), time.Local)
	}
	s.dates = d
	return d, nil
}

// Undated returns the contents whose dates were never read: those that were indexed before
// akin stored dates.
func (c *Collection) Undated(ctx context.Context) (map[int64]bool, error) {
	undated := map[int64]bool{}
	err := c.rows(ctx, `SELECT id FROM content WHERE taken IS NULL`, func(scan func(...any) error) error {
		var id int64
		if err := scan(&id); err != nil {
			return err
		}
		undated[id] = true
		return nil
	})
	return undated, err
}

// Tagged returns a bitmap of the pictures that have a tag, by their index in Pictures.
func (s *Snapshot) Tagged(ctx context.Context, tag string) ([]uint64, error) {
	key := record.TagKey(tag)
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.tags[key]; ok {
		return known, nil
	}
	tagged := make([]uint64, (s.Pictures.Len()+63)/64)
	err := s.c.tagRows(ctx, `SELECT pt.picture FROM picture_tag pt JOIN tag t ON t.id = pt.tag WHERE t.key = ?`, func(scan func(...any) error) error {
		var id int64
		if err := scan(&id); err != nil {
			return err
		}
		if i, ok := s.Pictures.Index(id); ok {
			tagged[i/64] |= 1 << (i % 64)
		}
		return nil
	}, key)
	if err != nil {
		return nil, err
	}
	if s.tags == nil {
		s.tags = map[string][]uint64{}
	}
	s.tags[key] = tagged
	return tagged, nil
}

// tagRows is rows for queries of tags: collections of format 1 have no tags.
func (c *Collection) tagRows(ctx context.Context, query string, f func(scan func(...any) error) error, args ...any) error {
	return c.read(ctx, func(tx *readTx) error {
		if version, err := c.version(tx); err != nil || version < 2 {
			return err
		}
		return eachRow(ctx, tx, query, f, args...)
	})
}

// Tags lists the tags by name.
func (c *Collection) Tags(ctx context.Context) ([]record.Tag, error) {
	var out []record.Tag
	err := c.tagRows(ctx, `SELECT t.name, count(*) FROM tag t JOIN picture_tag pt ON pt.tag = t.id GROUP BY t.id ORDER BY t.key`, func(scan func(...any) error) error {
		var t record.Tag
		if err := scan(&t.Name, &t.Pictures); err != nil {
			return err
		}
		out = append(out, t)
		return nil
	})
	return out, err
}

// TagsOf returns the tags of every picture that has some, by its id, in order.
func (c *Collection) TagsOf(ctx context.Context) (map[int64][]string, error) {
	out := map[int64][]string{}
	err := c.tagRows(ctx, `SELECT pt.picture, t.name FROM picture_tag pt JOIN tag t ON t.id = pt.tag ORDER BY t.key`, func(scan func(...any) error) error {
		var id int64
		var name string
		if err := scan(&id, &name); err != nil {
			return err
		}
		out[id] = append(out[id], name)
		return nil
	})
	return out, err
}

// Tag gives pictures tags, all or none, and returns how many of these were new.
// Pictures that were removed meanwhile are skipped.
func (w *Writer) Tag(ctx context.Context, taggings []record.Tagging) (added int, err error) {
	return w.retag(ctx, taggings, func(t *transaction, tag string, picture int64) int {
		t.exec(`INSERT OR IGNORE INTO tag (name, key) VALUES (?, ?)`, tag, record.TagKey(tag))
		return t.count(`INSERT OR IGNORE INTO picture_tag (tag, picture)
			SELECT t.id, p.id FROM tag t, picture p WHERE t.key = ? AND p.id = ?`, record.TagKey(tag), picture)
	})
}

// Untag removes tags from pictures, all or none, and returns how many they had.
func (w *Writer) Untag(ctx context.Context, taggings []record.Tagging) (removed int, err error) {
	return w.retag(ctx, taggings, func(t *transaction, tag string, picture int64) int {
		return t.count(`DELETE FROM picture_tag WHERE tag = (SELECT id FROM tag WHERE key = ?) AND picture = ?`, record.TagKey(tag), picture)
	})
}

// RenameTag gives a tag another name, in one step, and returns how many pictures had it. Where there is a tag of that
// name, both become one.
func (w *Writer) RenameTag(ctx context.Context, tag, name string) (changed int, err error) {
	name, err = record.CleanTag(name)
	if err != nil {
		return 0, err
	}
	tx, err := w.c.db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	t := w.c.writing(ctx, tx)
	from, to := record.TagKey(tag), record.TagKey(name)
	if from == to {
		t.exec(`UPDATE tag SET name = ? WHERE key = ?`, name, to)
		if t.err == nil {
			t.err = t.scan(`SELECT count(*) FROM picture_tag WHERE tag = (SELECT id FROM tag WHERE key = ?)`, to, &changed)
		}
	} else {
		t.exec(`INSERT OR IGNORE INTO tag (name, key) VALUES (?, ?)`, name, to)
		t.exec(`INSERT OR IGNORE INTO picture_tag (tag, picture)
			SELECT (SELECT id FROM tag WHERE key = ?), picture FROM picture_tag WHERE tag = (SELECT id FROM tag WHERE key = ?)`, to, from)
		changed = t.count(`DELETE FROM picture_tag WHERE tag = (SELECT id FROM tag WHERE key = ?)`, from)
		t.exec(`DELETE FROM tag WHERE id NOT IN (SELECT tag FROM picture_tag)`)
	}
	if t.err == nil {
		t.err = tx.Commit()
	}
	if t.err != nil {
		return 0, fmt.Errorf("rename a tag of collection %s: %w", w.c.dir, w.c.damaged(t.err))
	}
	return changed, nil
}

func (w *Writer) retag(ctx context.Context, taggings []record.Tagging, one func(t *transaction, tag string, picture int64) int) (n int, err error) {
	tx, err := w.c.db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	t := w.c.writing(ctx, tx)
	for _, g := range taggings {
		tag, err := record.CleanTag(g.Tag)
		if err != nil {
			return 0, err
		}
		n += one(t, tag, g.Picture)
	}
	t.exec(`DELETE FROM tag WHERE id NOT IN (SELECT tag FROM picture_tag)`)
	if t.err == nil {
		t.err = tx.Commit()
	}
	if t.err != nil {
		return 0, fmt.Errorf("tag pictures of collection %s: %w", w.c.dir, w.c.damaged(t.err))
	}
	return n, nil
}
