package local

import (
	"context"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/akin-search/akin/internal/crc32c"
	"github.com/akin-search/akin/internal/record"
)

// Known returns what is stored of every source.
func (c *Collection) Known(ctx context.Context) (map[string]record.Known, error) {
	known := map[string]record.Known{}
	err := c.rows(ctx, `SELECT id, source, size, mtime, coalesce(content, 0), error != '' FROM picture`, func(scan func(...any) error) error {
		var source string
		var k record.Known
		if err := scan(&k.ID, &source, &k.Size, &k.Mtime, &k.Content, &k.Failed); err != nil {
			return err
		}
		known[source] = k
		return nil
	})
	return known, err
}

// Embedded returns the contents that have an embedding in the space.
func (c *Collection) Embedded(ctx context.Context, space int64) (map[record.Hash]bool, map[int64]bool, error) {
	hashes, ids := map[record.Hash]bool{}, map[int64]bool{}
	err := c.rows(ctx, `SELECT c.id, c.hash FROM embedding e JOIN content c ON c.id = e.content WHERE e.space = ?`, func(scan func(...any) error) error {
		var id int64
		var hash record.Hash
		if err := scan(&id, intoHash{&hash}); err != nil {
			return err
		}
		ids[id] = true
		hashes[hash] = true
		return nil
	}, space)
	return hashes, ids, err
}

// ContentHashes returns the content of every picture, by its id.
func (c *Collection) ContentHashes(ctx context.Context) (map[int64]record.Hash, error) {
	hashes := map[int64]record.Hash{}
	err := c.rows(ctx, `SELECT p.id, c.hash FROM picture p JOIN content c ON c.id = p.content`, func(scan func(...any) error) error {
		var id int64
		var hash record.Hash
		if err := scan(&id, intoHash{&hash}); err != nil {
			return err
		}
		hashes[id] = hash
		return nil
	})
	return hashes, err
}

// Files returns the files of pictures, by the picture's id.
func (c *Collection) Files(ctx context.Context) (map[int64]record.File, error) {
	files := map[int64]record.File{}
	err := c.rows(ctx, `SELECT p.id, c.hash, p.size, p.mtime, c.format, c.width, c.height FROM picture p JOIN content c ON c.id = p.content`, func(scan func(...any) error) error {
		var id int64
		var f record.File
		if err := scan(&id, intoHash{&f.Hash}, &f.Size, &f.Mtime, &f.Format, intoSide{&f.Width}, intoSide{&f.Height}); err != nil {
			return err
		}
		f.Added = id
		files[id] = f
		return nil
	})
	return files, err
}

// Places returns the pictures of a content: where its file was last seen.
func (c *Collection) Places(ctx context.Context, hash record.Hash) ([]record.Picture, error) {
	var out []record.Picture
	err := c.rows(ctx, `SELECT p.id, p.name, p.source FROM picture p JOIN content c ON c.id = p.content WHERE c.hash = ? ORDER BY p.id`, func(scan func(...any) error) error {
		var p record.Picture
		if err := scan(&p.ID, &p.Name, &p.Source); err != nil {
			return err
		}
		out = append(out, p)
		return nil
	}, hash[:])
	return out, err
}

// spaces reads the list of spaces.
func (c *Collection) spaces(ctx context.Context) ([]record.Space, error) {
	var out []record.Space
	err := c.read(ctx, func(tx *readTx) error {
		g, err := generation(tx)
		if err != nil {
			return err
		}
		version, err := c.version(tx)
		if err != nil {
			return err
		}
		perSegment := "per_segment"
		if version < 6 {
			perSegment = "0"
		}
		err = eachRow(ctx, tx, `
			SELECT id, model, fingerprint, dim, folder, `+perSegment+` FROM space s ORDER BY id`, func(scan func(...any) error) error {
			var s record.Space
			if err := scan(&s.ID, &s.Model, &s.Fingerprint, &s.Dim, &s.Folder, &s.PerSegment); err != nil {
				return err
			}
			if s.PerSegment == 0 {
				s.PerSegment = oldPerSegment(s.Dim)
			}
			if err := checkSpace(s); err != nil {
				return err
			}
			out = append(out, s)
			return nil
		})
		for i := range out {
			if err == nil {
				out[i].Rows, err = c.rowsOf(ctx, tx, out[i])
			}
			if err == nil {
				out[i].Covered, err = c.covered(tx, g, out[i])
			}
		}
		return err
	})
	return out, err
}

// Space returns the space of a model and fingerprint, and creates it if it does not exist.
func (w *Writer) Space(ctx context.Context, model, fingerprint string, dim int) (record.Space, error) {
	if model == "" || dim < 1 || len(fingerprint) > 1024 {
		return record.Space{}, fmt.Errorf("make space: model %q, %d dimensions, fingerprint of %d bytes", model, dim, len(fingerprint))
	}
	err := w.c.exec(ctx, `INSERT OR IGNORE INTO space (model, fingerprint, dim, folder, per_segment) VALUES (?, ?, ?, ?, ?)`,
		model, fingerprint, dim, folderName(model, fingerprint), w.c.perSegment(dim))
	if err != nil {
		return record.Space{}, fmt.Errorf("make space %s: %w", model, err)
	}
	spaces, err := w.c.Spaces(ctx)
	if err != nil {
		return record.Space{}, err
	}
	for _, s := range spaces {
		if s.Model == model && s.Fingerprint == fingerprint {
			if s.Dim != dim {
				return record.Space{}, fmt.Errorf("space %s has %d dimensions, not %d", model, s.Dim, dim)
			}
			return s, nil
		}
	}
	return record.Space{}, fmt.Errorf("make space %s: another space has its folder", model)
}

// folderName is a model's name as a folder's, with the first digits of its fingerprint.
func folderName(model, fingerprint string) string {
	safe := strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, model)
	if len(safe) > 80 {
		safe = safe[:80]
	}
	head := hex.EncodeToString([]byte(fingerprint))
	if _, err := hex.DecodeString(fingerprint); err == nil {
		head = fingerprint
	}
	// The checksum distinguishes models whose names become the same when unsafe characters are replaced.
	return safe + "@" + head[:min(12, len(head))] + fmt.Sprintf("-%08x", crc32c.Sum([]byte(model+"\x00"+fingerprint)))
}

// readInfo counts the pictures and lists those that could not be read.
func (c *Collection) readInfo(ctx context.Context) (record.Info, error) {
	var info record.Info
	err := c.read(ctx, func(tx *readTx) error {
		return tx.one(`SELECT count(*) FROM picture WHERE content IS NOT NULL`, nil, &info.Pictures)
	})
	if err != nil {
		return record.Info{}, err
	}
	err = c.rows(ctx, `SELECT source, error FROM picture WHERE content IS NULL ORDER BY source`, func(scan func(...any) error) error {
		var f record.Failure
		if err := scan(&f.Source, &f.Error); err != nil {
			return err
		}
		info.Failures = append(info.Failures, f)
		return nil
	})
	return info, err
}

// rows runs a query in a transaction of its own and calls f with each row.
func (c *Collection) rows(ctx context.Context, query string, f func(scan func(...any) error) error, args ...any) error {
	return c.read(ctx, func(tx *readTx) error { return eachRow(ctx, tx, query, f, args...) })
}

// eachRow calls f with each row of an answer; a value that f does not scan is ErrDamaged.
func eachRow(ctx context.Context, tx *readTx, query string, f func(scan func(...any) error) error, args ...any) error {
	ctx, cancel := context.WithTimeoutCause(ctx, tx.patience, errPatience)
	defer cancel()
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read collection: %w", outOfPatience(ctx, err))
	}
	defer rows.Close()
	scan := func(into ...any) error {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("%w: akin.db: %w", record.ErrDamaged, err)
		}
		return nil
	}
	for rows.Next() {
		if err := f(scan); err != nil {
			return fmt.Errorf("read collection: %w", err)
		}
	}
	return outOfPatience(ctx, rows.Err())
}

// Dir is the folder of a space.
func (c *Collection) spaceDir(s record.Space) string { return filepath.Join(c.dir, "spaces", s.Folder) }
