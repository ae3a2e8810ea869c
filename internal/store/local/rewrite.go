package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/akin-search/akin/internal/crc32c"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/record"
)

// rewrite copies the sound rows of a space that have a content into a new folder, and makes that the space's folder in
// one transaction. It returns how many rows were copied, and how many were damaged.
func (w *Writer) rewrite(ctx context.Context, s record.Space) (kept, lost int, err error) {
	x := &rewriting{w: w, from: s, to: &openSpace{Space: s}, per: s.PerSegment}
	if x.contents, err = w.contentsOf(ctx, s); err != nil {
		return 0, 0, err
	}
	rows := len(x.contents)
	for i := 2; ; i++ {
		x.to.Folder = fmt.Sprintf("%s-%d", folderName(s.Model, s.Fingerprint), i)
		if _, err := os.Stat(w.c.spaceDir(x.to.Space)); errors.Is(err, os.ErrNotExist) {
			break
		}
	}
	defer x.to.close()
	tx, err := w.c.db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return 0, 0, err
	}
	defer tx.Rollback()
	x.tx = w.c.writing(ctx, tx)
	x.tx.exec(newGeneration)
	x.tx.exec(`DELETE FROM embedding WHERE space = ?`, s.ID)
	x.tx.exec(`DELETE FROM segment WHERE space = ?`, s.ID)
	x.tx.exec(`UPDATE space SET folder = ?, chance_rows = -1 WHERE id = ?`, x.to.Folder, s.ID)
	for first := 0; first < s.Rows; first += x.per {
		if err := x.copySegment(ctx, first); err != nil {
			return 0, 0, err
		}
	}
	if x.tx.err == nil {
		x.tx.err = tx.Commit()
	}
	if x.tx.err != nil {
		return 0, 0, x.tx.err
	}
	delete(w.spaces, s.ID)
	return rows - len(x.contents), len(x.contents), w.removeOrphans(ctx)
}

// rowContent is what the database says of a row.
type rowContent struct {
	id   int64
	hash record.Hash
}

// contentsOf returns the contents of a space's rows.
func (w *Writer) contentsOf(ctx context.Context, s record.Space) (map[int]rowContent, error) {
	contents := map[int]rowContent{}
	err := w.c.rows(ctx, `SELECT e.row, e.content, c.hash FROM embedding e JOIN content c ON c.id = e.content WHERE e.space = ?`, func(scan func(...any) error) error {
		var row int
		var c rowContent
		if err := scan(&row, &c.id, intoHash{&c.hash}); err != nil {
			return err
		}
		contents[row] = c
		return nil
	}, s.ID)
	return contents, err
}

// rewriting is a rewrite under way.
type rewriting struct {
	w        *Writer
	tx       *transaction
	from     record.Space
	to       *openSpace
	per      int                // rows a segment
	contents map[int]rowContent // by row of from: those that were not copied yet
}

// copySegment copies the sound rows of the segment that begins with a row.
func (x *rewriting) copySegment(ctx context.Context, first int) error {
	base := filepath.Join(x.w.c.spaceDir(x.from), segmentName(first/x.per+1))
	blocks, err := soundBlocks(base, x.from.Dim, min(x.per, x.from.Rows-first))
	for k, readErr := range blocks {
		if readErr != nil {
			return readErr
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		k.first += first
		if err := x.copyBlock(k); err != nil {
			return err
		}
	}
	return err
}

// copyBlock appends the rows of a block that have a content. Where they fill a segment, the rest goes to the next.
func (x *rewriting) copyBlock(k block) error {
	dim := x.from.Dim
	b := block{space: x.to, first: x.to.rows}
	for i := range k.hashes {
		c, ok := x.contents[k.first+i]
		if !ok {
			continue
		}
		delete(x.contents, k.first+i)
		if len(b.hashes) > 0 && (b.first+len(b.hashes))%x.per == 0 {
			if err := x.append(b); err != nil {
				return err
			}
			b = block{space: x.to, first: x.to.rows}
		}
		x.tx.exec(`INSERT INTO embedding (space, content, row) VALUES (?, ?, ?)`, x.from.ID, c.id, b.first+len(b.hashes))
		b.hashes = append(b.hashes, c.hash)
		b.vectors = append(b.vectors, k.vectors[i*dim:(i+1)*dim]...)
	}
	return x.append(b)
}

func (x *rewriting) append(b block) error {
	if len(b.hashes) == 0 {
		return nil
	}
	if err := x.w.append(b); err != nil {
		return err
	}
	x.w.advance(b)
	x.tx.exec(`INSERT OR REPLACE INTO segment (space, number, rows) VALUES (?, ?, ?)`, x.from.ID, x.w.segment(b), b.first%x.per+len(b.hashes))
	return nil
}

// soundBlocks returns the undamaged blocks among a segment's first n rows; a missing file has none. A damaged record
// ends them: where the next one begins is not known.
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
			if crc32c.Sum(data) == crc && !yield(k, nil) {
				return
			}
		}
	}, nil
}

func none(func(block, error) bool) {}
