package local

import (
	"context"
	"fmt"
	"time"

	"github.com/akin-search/akin/internal/record"
)

// Reviews returns all reviews, the oldest first.
func (c *Collection) Reviews(ctx context.Context) ([]record.Review, error) {
	var out []record.Review
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

func readReviews(ctx context.Context, tx *readTx) (ids []int64, reviews []record.Review, err error) {
	err = eachRow(ctx, tx, `SELECT review, hash, files FROM reviewed ORDER BY review`, func(scan func(...any) error) error {
		var id int64
		var hash record.Hash
		var files int
		if err := scan(&id, intoHash{&hash}, &files); err != nil {
			return err
		}
		if len(ids) == 0 || ids[len(ids)-1] != id {
			ids, reviews = append(ids, id), append(reviews, record.Review{})
		}
		reviews[len(reviews)-1][hash] = files
		return nil
	})
	return ids, reviews, err
}

// Review adds reviews, all or none, and returns how many say something new. Older ones that a new
// one holds are gone.
func (w *Writer) Review(ctx context.Context, reviews []record.Review) (added int, err error) {
	err = w.rereview(ctx, func(t *transaction, ids []int64, known []record.Review) {
		gone, fresh := record.AddReviews(known, reviews)
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

// Unreview forgets the reviews that have one of these contents, and returns how many there were.
func (w *Writer) Unreview(ctx context.Context, contents []record.Hash) (removed int, err error) {
	err = w.rereview(ctx, func(t *transaction, ids []int64, known []record.Review) {
		for i, k := range known {
			if k.HasAny(contents) {
				removed += t.count(`DELETE FROM review WHERE id = ?`, ids[i])
			}
		}
	})
	return removed, err
}

func (w *Writer) rereview(ctx context.Context, change func(t *transaction, ids []int64, known []record.Review)) error {
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
