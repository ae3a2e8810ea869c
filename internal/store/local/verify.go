package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/akin-search/akin/internal/crc32c"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/record"
)

// Verify reads everything and returns what is wrong, a line each. It changes
// nothing. Rows that were written and never committed are no fault.
func (c *Collection) Verify(ctx context.Context) (problems []string, err error) {
	defer disk.Catch(&err)()
	problems, err = c.verifyDatabase(ctx)
	if err != nil || len(problems) > 0 {
		return problems, err
	}
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	err = c.eachList(ctx, func(path string) error {
		if err := checkList(path); err != nil {
			add("%s: %v; nothing is lost: a repair makes it again", path, err)
		}
		return ctx.Err()
	})
	if err != nil {
		return problems, err
	}
	err = c.eachMap(func(path string) error {
		if err := checkMap(path); err != nil {
			add("%s: %v; nothing is lost: a repair removes it, and the next map makes it again", path, err)
		}
		return ctx.Err()
	})
	if err != nil {
		return problems, err
	}
	err = c.eachSegment(ctx, func(s record.Space, base string, rows int) error {
		if err := checkSegment(ctx, base, s, rows); err != nil && ctx.Err() == nil {
			add("%s: %v", base+".vec", err)
		}
		if err := checkCompact(base+compactSuffix, rows, s.Dim); err != nil {
			add("%s: %v; nothing is lost: a repair makes it again", base+compactSuffix, err)
		}
		return ctx.Err()
	})
	return problems, err
}

// verifyDatabase returns what is wrong with the database alone.
func (c *Collection) verifyDatabase(ctx context.Context) ([]string, error) {
	problems := []string{}
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	type damage struct {
		query, text string
	}
	err := c.read(ctx, func(tx *readTx) error {
		err := eachRow(ctx, tx, `PRAGMA integrity_check`, func(scan func(...any) error) error {
			var line string
			if err := scan(&line); err != nil {
				return err
			}
			if line != "ok" {
				add("akin.db: %s", line)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, d := range []damage{
			{`SELECT count(*) FROM picture WHERE content IS NOT NULL AND content NOT IN (SELECT id FROM content)`, "pictures whose content is missing"},
			{`SELECT count(*) FROM picture WHERE (content IS NULL) != (error != '')`, "pictures with neither content nor error, or with both"},
			{`SELECT count(*) FROM embedding WHERE content NOT IN (SELECT id FROM content)`, "embeddings of no content"},
			{`SELECT count(*) FROM embedding e WHERE row < 0 OR row >= (SELECT coalesce(sum(rows), 0) FROM segment g WHERE g.space = e.space)`, "embeddings beyond the rows of their space"},
			{`SELECT count(*) - count(DISTINCT space || ':' || row) FROM embedding`, "embeddings that share a row with another content"},
		} {
			var n int
			if err := tx.one(d.query, nil, &n); err != nil {
				return err
			}
			if n > 0 {
				add("akin.db: %d %s", n, d.text)
			}
		}
		return nil
	})
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		add("akin.db: %v", err)
	}
	if len(problems) == 0 {
		err = c.eachSpace(ctx, func(s record.Space) error {
			n, err := c.strangers(ctx, s)
			if n > 0 {
				add("akin.db: %d embeddings of %s are rows that were written for other pictures", n, s.Model)
			}
			if err == nil {
				err = c.contradicted(s)
			}
			return err
		})
		if errors.Is(err, record.ErrDamaged) && ctx.Err() == nil {
			add("akin.db: %v", err)
			err = nil
		}
	}
	return problems, err
}

// contradicted says that the header of a space's first segment is sound and of another length of vectors, or of another
// number of rows in a segment.
func (c *Collection) contradicted(s record.Space) error {
	head, ok, err := readSpace(c.spaceDir(s), []int{1})
	if err == nil && ok && s.Rows > 0 && head.Dim != s.Dim {
		return fmt.Errorf("%w: space %.80q has %d dimensions, and its segments have %d", record.ErrDamaged, s.Model, s.Dim, head.Dim)
	}
	if err == nil && ok && s.Rows > 0 && head.PerSegment != s.PerSegment {
		return fmt.Errorf("%w: space %.80q has %d rows in a segment, and its segments have %d", record.ErrDamaged, s.Model, s.PerSegment, head.PerSegment)
	}
	return nil // what else is wrong is told where segments are checked
}

// strangers counts the embeddings of a space that its records say are of another content
// that there is. What files took over from imported pictures is recorded as the import's.
func (c *Collection) strangers(ctx context.Context, s record.Space) (n int, err error) {
	owner := map[int]record.Hash{}
	err = c.rows(ctx, `SELECT e.row, c.hash FROM embedding e JOIN content c ON c.id = e.content WHERE e.space = ?`, func(scan func(...any) error) error {
		var row int
		var hash record.Hash
		if err := scan(&row, intoHash{&hash}); err != nil {
			return err
		}
		owner[row] = hash
		return nil
	}, s.ID)
	if err != nil {
		return 0, err
	}
	present := map[record.Hash]bool{}
	for _, h := range owner {
		present[h] = true
	}
	per := s.PerSegment
	for first := 0; first < s.Rows; first += per {
		f, err := disk.Open(filepath.Join(c.spaceDir(s), segmentName(first/per+1)) + ".rows")
		if err != nil {
			return n, absent(err) // told where segments are checked
		}
		records := bufio.NewReaderSize(f, 1<<16)
		for at, end := first, min(first+per, s.Rows); at < end; {
			hashes, _, err := readRecord(records, end-at)
			if err != nil {
				break
			}
			for i, h := range hashes {
				if has, ok := owner[at+i]; ok && has != h && present[h] {
					n++
				}
			}
			at += len(hashes)
		}
		f.Close()
	}
	return n, nil
}

// eachSpace calls f with every space.
func (c *Collection) eachSpace(ctx context.Context, f func(record.Space) error) error {
	spaces, err := c.Spaces(ctx)
	for _, s := range spaces {
		err = errors.Join(err, f(s))
	}
	return err
}

// eachSegment calls f with the path of every segment, without what its files end in, and
// with its committed rows.
func (c *Collection) eachSegment(ctx context.Context, f func(s record.Space, base string, rows int) error) error {
	spaces, err := c.Spaces(ctx)
	if err != nil {
		return err
	}
	for _, s := range spaces {
		per := s.PerSegment
		for first := 0; first < s.Rows; first += per {
			if err := f(s, filepath.Join(c.spaceDir(s), segmentName(first/per+1)), min(per, s.Rows-first)); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkSegment checks n rows of a segment against their checksums.
func checkSegment(ctx context.Context, base string, s record.Space, n int) error {
	vec, err := disk.Open(base + ".vec")
	if err != nil {
		return err
	}
	defer vec.Close()
	rows, err := disk.Open(base + ".rows")
	if err != nil {
		return err
	}
	defer rows.Close()
	vectors, records := bufio.NewReaderSize(vec, 1<<20), bufio.NewReaderSize(rows, 1<<16)
	head := make([]byte, headerBytes)
	if _, err := io.ReadFull(vectors, head); err != nil {
		return fmt.Errorf("its header is cut off: %w", err)
	}
	if err := checkHeader(head, s); err != nil {
		return err
	}
	var problems []error
	for at := 0; at < n; {
		if err := ctx.Err(); err != nil {
			return err
		}
		hashes, crc, err := readRecord(records, n-at)
		if err != nil {
			return errors.Join(append(problems, fmt.Errorf("rows %d to %d: %w", at, n-1, err))...)
		}
		sum := crc32c.New()
		if _, err := io.CopyN(sum, vectors, int64(len(hashes))*int64(4*s.Dim)); err != nil {
			return errors.Join(append(problems, fmt.Errorf("rows %d to %d are cut off: %w", at, n-1, err))...)
		}
		if sum.Sum32() != crc {
			problems = append(problems, fmt.Errorf("rows %d to %d: the checksum is wrong", at, at+len(hashes)-1))
		}
		at += len(hashes)
	}
	return errors.Join(problems...)
}
