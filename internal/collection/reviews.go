package collection

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Review are contents that someone has looked at together, with how many files had each.
type Review map[Hash]int

// covers reports whether r holds all that other does.
func (r Review) covers(other Review) bool {
	for h, files := range other {
		if r[h] < files {
			return false
		}
	}
	return true
}

// AddReviews tells what becomes of known reviews when fresh ones join them: which of the known
// are gone, by their indexes, for a fresh one holds them; and which of the fresh say something new.
func AddReviews(known, fresh []Review) (gone []int, added []Review) {
	all := slices.Clone(known)
	for _, r := range fresh {
		if len(r) == 0 || slices.ContainsFunc(all, func(k Review) bool { return k.covers(r) }) {
			continue
		}
		for i, k := range known {
			if r.covers(k) && !slices.Contains(gone, i) {
				gone = append(gone, i)
			}
		}
		all, added = append(all, r), append(added, r)
	}
	return gone, added
}

// HasAny reports whether one of some contents is part of the review.
func (r Review) HasAny(contents []Hash) bool {
	return slices.ContainsFunc(contents, func(h Hash) bool { return r[h] > 0 })
}

// Hashes are the review's contents, in order.
func (r Review) Hashes() []Hash {
	return slices.SortedFunc(maps.Keys(r), func(a, b Hash) int { return slices.Compare(a[:], b[:]) })
}

// Reviews gives all reviews, the oldest first.
func (c *Collection) Reviews(ctx context.Context) ([]Review, error) {
	var out []Review
	err := c.read(ctx, func(tx *readTx) error {
		if version, err := c.version(tx); err != nil || version < 4 {
			return err
		}
		_, reviews, err := readReviews(ctx, tx)
		out = reviews
		return err
	})
	return out, err
}

func readReviews(ctx context.Context, tx *readTx) (ids []int64, reviews []Review, err error) {
	err = eachRow(ctx, tx, `SELECT review, hash, files FROM reviewed ORDER BY review`, func(scan func(...any) error) error {
		var id int64
		var hash Hash
		var files int
		if err := scan(&id, intoHash{&hash}, &files); err != nil {
			return err
		}
		if len(ids) == 0 || ids[len(ids)-1] != id {
			ids, reviews = append(ids, id), append(reviews, Review{})
		}
		reviews[len(reviews)-1][hash] = files
		return nil
	})
	return ids, reviews, err
}

// Review adds reviews, all or none, and tells how many say something new. Older ones that a new
// one holds are gone.
func (w *Writer) Review(ctx context.Context, reviews []Review) (added int, err error) {
	err = w.rereview(ctx, func(t *transaction, ids []int64, known []Review) {
		gone, fresh := AddReviews(known, reviews)
		for _, i := range gone {
			t.exec(`DELETE FROM review WHERE id = ?`, ids[i])
		}
		for _, r := range fresh {
			t.exec(`INSERT INTO review (at) VALUES (?)`, time.Now().Unix())
			for _, h := range r.Hashes() {
				t.exec(`INSERT INTO reviewed (review, hash, files) VALUES ((SELECT max(id) FROM review), ?, ?)`, h[:], r[h])
			}
		}
		added = len(fresh)
	})
	return added, err
}

// Unreview forgets the reviews that have one of these contents, and tells how many there were.
func (w *Writer) Unreview(ctx context.Context, contents []Hash) (removed int, err error) {
	err = w.rereview(ctx, func(t *transaction, ids []int64, known []Review) {
		for i, k := range known {
			if k.HasAny(contents) {
				removed += t.count(`DELETE FROM review WHERE id = ?`, ids[i])
			}
		}
	})
	return removed, err
}

func (w *Writer) rereview(ctx context.Context, change func(t *transaction, ids []int64, known []Review)) error {
	tx, err := w.c.db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	ids, known, err := readReviews(ctx, w.c.reading(ctx, tx))
	if err != nil {
		return err
	}
	t := w.c.writing(ctx, tx)
	change(t, ids, known)
	if t.err == nil {
		t.err = tx.Commit()
	}
	if t.err != nil {
		return fmt.Errorf("review pictures of collection %s: %w", w.c.dir, w.c.damaged(t.err))
	}
	return nil
}
