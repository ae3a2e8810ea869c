package local

import (
	"context"
	"encoding/json"

	"github.com/akin-search/akin/internal/record"
)

// About returns what is stored of pictures, by their ids. Those that are gone are left out.
func (c *Collection) About(ctx context.Context, ids []int64) (map[int64]record.About, error) {
	out := map[int64]record.About{}
	list, err := json.Marshal(ids)
	if err != nil || len(ids) == 0 {
		return out, err
	}
	err = c.read(ctx, func(tx *readTx) error {
		version, err := c.version(tx)
		if err != nil {
			return err
		}
		taken := "coalesce(c.taken, '')"
		if version < 2 {
			taken = "''"
		}
		err = eachRow(ctx, tx, `SELECT p.id, c.format, c.width, c.height, p.size, p.mtime, `+taken+`, c.hash
			FROM picture p JOIN content c ON c.id = p.content WHERE p.id IN (SELECT value FROM json_each(?))`, func(scan func(...any) error) error {
			var id int64
			var a record.About
			if err := scan(&id, &a.Format, intoSide{&a.Width}, intoSide{&a.Height}, &a.Size, &a.Mtime, &a.Taken, intoHash{&a.Hash}); err != nil {
				return err
			}
			out[id] = a
			return nil
		}, string(list))
		if err != nil {
			return err
		}
		// CROSS JOIN keeps this order (sqlite.org/optoverview.html): embedding has no index but that of its key, whose
		// first column is the space, and SQLite would read all of it.
		err = eachRow(ctx, tx, `SELECT p.id, s.id FROM picture p CROSS JOIN space s CROSS JOIN embedding e ON e.space = s.id AND e.content = p.content
			WHERE p.id IN (SELECT value FROM json_each(?)) ORDER BY s.id`, func(scan func(...any) error) error {
			var id, space int64
			err := scan(&id, &space)
			if a, ok := out[id]; ok {
				a.Spaces = append(a.Spaces, space)
				out[id] = a
			}
			return err
		}, string(list))
		if err != nil || version < 2 {
			return err
		}
		err = eachRow(ctx, tx, `SELECT pt.picture, t.name FROM picture_tag pt JOIN tag t ON t.id = pt.tag
			WHERE pt.picture IN (SELECT value FROM json_each(?)) ORDER BY t.key`, func(scan func(...any) error) error {
			var id int64
			var tag string
			err := scan(&id, &tag)
			if a, ok := out[id]; ok {
				a.Tags = append(a.Tags, tag)
				out[id] = a
			}
			return err
		}, string(list))
		if err != nil {
			return err
		}
		return readMetadata(ctx, tx, version, withIDs(string(list)), func(id int64, m *record.Metadata) {
			if a, ok := out[id]; ok {
				a.Metadata = m
				out[id] = a
			}
		})
	})
	return out, err
}

// withIDs are the pictures of a JSON array of ids.
func withIDs(ids string) picturesOf {
	return picturesOf{"% IN (SELECT value FROM json_each(?))", []any{ids}}
}

// Metadata returns what files say of their pictures, by the pictures' ids, as far as it is stored.
func (c *Collection) Metadata(ctx context.Context, ids []int64) (map[int64]*record.Metadata, error) {
	out := map[int64]*record.Metadata{}
	list, err := json.Marshal(ids)
	if err != nil || len(ids) == 0 {
		return out, err
	}
	err = c.read(ctx, func(tx *readTx) error {
		version, err := c.version(tx)
		if err != nil {
			return err
		}
		return readMetadata(ctx, tx, version, withIDs(string(list)), func(id int64, m *record.Metadata) { out[id] = m })
	})
	return out, err
}

// readRoots reads the folders, lists, files and addresses that pictures came by.
func (c *Collection) readRoots(ctx context.Context) ([]record.Root, error) {
	out := []record.Root{}
	err := c.rows(ctx, `SELECT root, count(content) FROM picture WHERE root != '' GROUP BY root ORDER BY root`, func(scan func(...any) error) error {
		var r record.Root
		if err := scan(&r.Path, &r.Pictures); err != nil {
			return err
		}
		out = append(out, r)
		return nil
	})
	return out, err
}
