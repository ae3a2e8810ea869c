package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/glob"
	"github.com/akin-search/akin/internal/record"
)

// Repair makes the collection in dir whole again as far as what is left of it allows:
// what is derived is made anew, a damaged database is written anew from what can be
// read of it and from the segments, and embeddings whose bytes are damaged are
// forgotten, so that indexing makes them again. What was damaged is kept beside the new
// one where it may hold more than could be read.
func Repair(ctx context.Context, dir string) (r record.Repaired, err error) {
	if err := rescue(ctx, dir, &r); err != nil {
		return r, err
	}
	c, err := Open(dir, Options{ReadOnly: true})
	if err != nil {
		return r, err
	}
	defer c.Close()
	w, err := c.Writer()
	if err != nil {
		return r, err
	}
	again, err := w.Repair(ctx)
	r.Done = append(r.Done, again.Done...)
	r.Problems = append(r.Problems, again.Problems...)
	return r, errors.Join(err, w.Close())
}

// Repair is Repair of a collection whose database can be read.
func (w *Writer) Repair(ctx context.Context) (r record.Repaired, err error) {
	if err := w.mend(ctx, &r); err != nil {
		return r, err
	}
	if err := w.dropDamaged(ctx, &r); err != nil {
		return r, err
	}
	if err := w.Calibrate(ctx); err != nil {
		return r, err
	}
	if err := w.Prepare(ctx, nil); err != nil {
		return r, err
	}
	r.Problems, err = w.c.Verify(ctx)
	return r, err
}

// mend writes every space anew that has damaged segments, without the damaged rows.
func (w *Writer) mend(ctx context.Context, r *record.Repaired) error {
	spaces, err := w.c.Spaces(ctx)
	if err != nil {
		return err
	}
	for _, s := range spaces {
		sound := true
		per := w.c.perSegment(s.Dim)
		for first := 0; first < s.Rows && sound; first += per {
			base := filepath.Join(w.c.spaceDir(s), segmentName(first/per+1))
			sound = checkSegment(ctx, base, s, min(per, s.Rows-first)) == nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if sound {
			continue
		}
		kept, lost, err := w.rewrite(ctx, s)
		if err != nil {
			return fmt.Errorf("write %s anew: %w", s.Model, err)
		}
		remedy := "index the pictures again to make them anew"
		if s.Imported() {
			remedy = "import them again"
		}
		if lost == 0 {
			r.Add("%s: written anew, all %d embeddings of %s kept", w.c.spaceDir(s), kept, s.Model)
		} else {
			r.Add("%s: written anew, %d embeddings of %s kept, %d were damaged and are forgotten; %s", w.c.spaceDir(s), kept, s.Model, lost, remedy)
		}
	}
	return nil
}

// rewrite copies the sound rows of a space that have a content into a new folder, and
// makes it the space's in one transaction.
func (w *Writer) rewrite(ctx context.Context, s record.Space) (kept, lost int, err error) {
	contents := map[int]int64{} // row → content
	hashes := map[int]record.Hash{}
	err = w.c.rows(ctx, `SELECT e.row, e.content, c.hash FROM embedding e JOIN content c ON c.id = e.content WHERE e.space = ?`, func(scan func(...any) error) error {
		var row int
		var content int64
		var hash record.Hash
		if err := scan(&row, &content, intoHash{&hash}); err != nil {
			return err
		}
		contents[row], hashes[row] = content, hash
		return nil
	}, s.ID)
	if err != nil {
		return 0, 0, err
	}
	moved := &openSpace{Space: s}
	for i := 2; ; i++ {
		moved.Folder = fmt.Sprintf("%s-%d", folderName(s.Model, s.Fingerprint), i)
		if _, err := os.Stat(w.c.spaceDir(moved.Space)); errors.Is(err, os.ErrNotExist) {
			break
		}
	}
	defer moved.close()
	tx, err := w.c.db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return 0, 0, err
	}
	defer tx.Rollback()
	t := w.c.writing(ctx, tx)
	t.exec(newGeneration)
	t.exec(`DELETE FROM embedding WHERE space = ?`, s.ID)
	t.exec(`DELETE FROM segment WHERE space = ?`, s.ID)
	t.exec(`UPDATE space SET folder = ?, chance_rows = -1 WHERE id = ?`, moved.Folder, s.ID)
	per := w.c.perSegment(s.Dim)
	for first := 0; first < s.Rows; first += per {
		base := filepath.Join(w.c.spaceDir(s), segmentName(first/per+1))
		blocks, err := soundBlocks(base, s.Dim, min(per, s.Rows-first))
		for k, readErr := range blocks {
			if readErr != nil {
				return 0, 0, readErr
			}
			if err := ctx.Err(); err != nil {
				return 0, 0, err
			}
			b := block{space: moved, first: moved.rows}
			flush := func() error {
				if len(b.hashes) == 0 {
					return nil
				}
				if err := w.append(b); err != nil {
					return err
				}
				w.advance(b)
				t.exec(`INSERT OR REPLACE INTO segment (space, number, rows) VALUES (?, ?, ?)`, s.ID, w.segment(b), b.first%per+len(b.hashes))
				b = block{space: moved, first: moved.rows}
				return nil
			}
			for i := range k.hashes {
				content, ok := contents[first+k.first+i]
				if !ok {
					continue
				}
				delete(contents, first+k.first+i)
				if len(b.hashes) > 0 && (b.first+len(b.hashes))%per == 0 {
					if err := flush(); err != nil {
						return 0, 0, err
					}
				}
				t.exec(`INSERT INTO embedding (space, content, row) VALUES (?, ?, ?)`, s.ID, content, b.first+len(b.hashes))
				b.hashes = append(b.hashes, hashes[first+k.first+i])
				b.vectors = append(b.vectors, k.vectors[i*s.Dim:(i+1)*s.Dim]...)
				kept++
			}
			if err := flush(); err != nil {
				return 0, 0, err
			}
		}
		if err != nil {
			return 0, 0, err
		}
	}
	if t.err == nil {
		t.err = tx.Commit()
	}
	if t.err != nil {
		return 0, 0, t.err
	}
	delete(w.spaces, s.ID)
	return kept, len(contents), w.sweep(ctx)
}

// soundBlocks gives the blocks of a segment's first n rows whose bytes are as they were
// written. A file that is gone has none. Where a record is damaged, what follows cannot
// be told apart, and ends the blocks.
func soundBlocks(base string, dim, n int) (func(yield func(block, error) bool), error) {
	vec, err := disk.Open(base + ".vec")
	if err != nil {
		return none, absent(err)
	}
	rows, err := disk.Open(base + ".rows")
	if err != nil {
		return none, errors.Join(absent(err), vec.Close())
	}
	return func(yield func(block, error) bool) {
		defer vec.Close()
		defer rows.Close()
		vectors, records := bufio.NewReaderSize(vec, 1<<20), bufio.NewReaderSize(rows, 1<<16)
		if _, err := vectors.Discard(headerBytes); err != nil {
			if unreadable(err) {
				yield(block{}, fmt.Errorf("read %s.vec: %w", base, err))
			}
			return
		}
		for at := 0; at < n; {
			hashes, crc, err := readRecord(records, n-at)
			if err != nil {
				if unreadable(err) {
					yield(block{}, fmt.Errorf("read %s.rows: %w", base, err))
				}
				return
			}
			k := block{first: at, hashes: hashes, vectors: make([]float32, len(hashes)*dim)}
			data := bytesOf(k.vectors)
			if _, err := io.ReadFull(vectors, data); isShort(err) {
				return
			} else if err != nil {
				yield(block{}, fmt.Errorf("read %s.vec: %w", base, err))
				return
			}
			at += len(hashes)
			if crc32.Checksum(data, castagnoli) == crc && !yield(k, nil) {
				return
			}
		}
	}, nil
}

func none(func(block, error) bool) {}

func absent(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// segmentsOf lists the segments that lie in a space's folder, by number.
func segmentsOf(dir string) ([]int, error) {
	files, err := glob.Files(dir, "??????.vec")
	var numbers []int
	for _, f := range files {
		var n int
		if _, err := fmt.Sscanf(filepath.Base(f), "%06d.vec", &n); err == nil && n > 0 {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, err
}
