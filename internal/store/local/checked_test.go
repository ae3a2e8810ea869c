package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/record"
)

// endless is a question that SQLite never comes to the end of.
const endless = `WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT `

// hostile are changes of a database that SQLite's own check finds nothing wrong with, or little.
var hostile = []struct {
	why, statements string
	remark          string // "harmless": it may be so; "lost": the pictures' names are gone
}{
	{"a hash of one byte", `UPDATE content SET hash = x'01' WHERE id = 3`, ""},
	{"an empty hash", `UPDATE content SET hash = x'' WHERE id = 3`, ""},
	{"a hash of 33 bytes", `UPDATE content SET hash = hash || x'00' WHERE id = 3`, ""},
	{"a hash that is text", `UPDATE content SET hash = 'picture' WHERE id = 3`, ""},
	{"a hash that is a number", `UPDATE content SET hash = 7 WHERE id = 3`, ""},
	{"a space without dimensions", `UPDATE space SET dim = 0`, ""},
	{"a space of -4 dimensions", `UPDATE space SET dim = -4`, ""},
	{"dimensions that overflow", `UPDATE space SET dim = 4611686018427387904`, ""},
	{"dimensions that are text", `UPDATE space SET dim = 'four'`, ""},
	{"dimensions of another model", `UPDATE space SET dim = 1`, ""},
	{"segments of -5 rows", `UPDATE segment SET rows = -5`, ""},
	{"segments of 2^62 rows", `UPDATE segment SET rows = 4611686018427387904`, ""},
	{"segments of 2^31 rows", `UPDATE segment SET rows = 2147483648`, ""},
	{"segments of more rows than there are", `UPDATE segment SET rows = rows + 1`, ""},
	{"rows that are text", `UPDATE segment SET rows = 'all'`, ""},
	{"a segment of number 0", `UPDATE segment SET number = 0`, ""},
	{"a segment of number -1", `INSERT INTO segment SELECT space, -1, rows FROM segment`, ""},
	{"a segment after one that is not full", `INSERT INTO segment SELECT space, 2, rows FROM segment`, ""},
	{"a segment of number 2^62", `UPDATE segment SET number = 4611686018427387904`, ""},
	{"an embedding of row -1", `UPDATE embedding SET row = -1 WHERE content = 3`, ""},
	{"an embedding of row 2^62", `UPDATE embedding SET row = 4611686018427387904 WHERE content = 3`, ""},
	{"a row that is text", `UPDATE embedding SET row = '1 2' WHERE content = 3`, ""},
	{"all embeddings of one row", `UPDATE embedding SET row = 1`, ""},
	{"a folder above", `UPDATE space SET folder = '../../victim'`, ""},
	{"a folder elsewhere", `UPDATE space SET folder = '/tmp'`, ""},
	{"no folder", `UPDATE space SET folder = ''`, ""},
	{"the folder itself", `UPDATE space SET folder = '.'`, ""},
	{"a folder with another below", `UPDATE space SET folder = folder || '-2/../..'`, ""},
	{"a model that is bytes", `UPDATE space SET model = x'ff00'`, ""},
	{"a fingerprint of a megabyte", `UPDATE space SET fingerprint = hex(zeroblob(500000))`, ""},
	{"a picture of -1 pixels", `UPDATE content SET width = -1 WHERE id = 3`, ""},
	{"a picture of 2^62 pixels", `UPDATE content SET height = 4611686018427387904 WHERE id = 3`, ""},
	{"a width that is text", `UPDATE content SET width = 'wide' WHERE id = 3`, ""},
	{"a size that is text", `UPDATE picture SET size = 'large' WHERE id = 3`, ""},
	{"a picture without a name", `UPDATE picture SET name = x'00', source = x'00ff' WHERE id = 3`, "harmless"},
	{"a content that is not there", `PRAGMA foreign_keys = off; UPDATE picture SET content = 4611686018427387904 WHERE id = 3`, ""},
	{"neither content nor error", `UPDATE picture SET content = NULL WHERE id = 3`, ""},
	{"ids that are negative", `UPDATE picture SET id = -9223372036854775807 WHERE id = 3`, "harmless"},
	{"a review of no content", `INSERT INTO review VALUES (1, 0); INSERT INTO reviewed VALUES (1, x'', 2)`, ""},
	{"a generation that is too short", `UPDATE meta SET value = 'x' WHERE key = 'generation'`, ""},
	{"a format below 1", `UPDATE meta SET value = '-3' WHERE key = 'version'`, ""},
	{"a format that is no number", `UPDATE meta SET value = 'new' WHERE key = 'version'`, ""},
	{"no format", `DELETE FROM meta`, ""},
	{"chances that are no numbers", `UPDATE space SET chance = x'0000c07f0000803f', chance_rows = 60`, "harmless"},
	{"a table that is missing", `DROP TABLE embedding`, ""},
	{"a column that is missing", `ALTER TABLE picture RENAME COLUMN mtime TO other`, ""},
	{"pictures from an endless view", `ALTER TABLE picture RENAME TO p2; CREATE VIEW picture AS ` + endless +
		`x AS id, x || '' AS name, x || '/' AS source, '' AS root, 1 AS size, 1 AS mtime, 1 AS content, '' AS error FROM n`, "lost"},
	{"the format from an endless view", `ALTER TABLE meta RENAME TO m2; CREATE VIEW meta AS ` + endless + `'other' AS key, x AS value FROM n`, ""},
	{"segments from an endless view", `ALTER TABLE segment RENAME TO s2; CREATE VIEW segment AS ` + endless + `1 AS space, x AS number, 1 AS rows FROM n`, ""},
	{"a trigger", `CREATE TRIGGER t AFTER INSERT ON picture BEGIN DELETE FROM content; END`, ""},
	{"a table that is code", `CREATE VIRTUAL TABLE extra USING rtree(id, a, b)`, ""},
}

// asked are all that a program asks of a collection, but for a repair.
func asked(ctx context.Context, dir string) error {
	c, err := Open(dir, Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer c.Close()
	c.least = 2 * time.Second
	var errs []error
	add := func(err error) { errs = append(errs, err) }
	spaces, err := c.Spaces(ctx)
	add(err)
	for _, s := range append(spaces, record.Space{ID: 1, Model: "m", Dim: dim}) {
		snapshot, err := c.Snapshot(ctx, s)
		add(err)
		if err == nil {
			for i, p := range snapshot.Pictures.All() {
				if p.Row >= 0 {
					_ = snapshot.Matrix.Row(p.Row)
				}
				_ = snapshot.Pictures.At(i)
			}
			_, err = snapshot.Dates(ctx)
			add(err)
			_, err = snapshot.Tagged(ctx, "red")
			add(err)
			_, _ = snapshot.Find("picture 3")
			_, _ = snapshot.BySource(sourceOf(3))
			snapshot.Chance(0.5)
			add(snapshot.Close())
		}
		_, _, err = c.Embedded(ctx, s.ID)
		add(err)
	}
	_, err = c.Known(ctx)
	add(err)
	_, err = c.ContentHashes(ctx)
	add(err)
	_, err = c.Files(ctx)
	add(err)
	_, err = c.About(ctx, []int64{1, 2, 3, 4, -9223372036854775807})
	add(err)
	_, err = c.Roots(ctx)
	add(err)
	_, err = c.Info(ctx)
	add(err)
	_, err = c.Reviews(ctx)
	add(err)
	_, err = c.Tags(ctx)
	add(err)
	_, err = c.TagsOf(ctx)
	add(err)
	_, err = c.Undated(ctx)
	add(err)
	add(c.Each(ctx, spaces, func([]record.Stored) error { return nil }))
	problems, err := c.Verify(ctx)
	add(err)
	if len(problems) > 0 {
		add(fmt.Errorf("%w: %s", record.ErrDamaged, strings.Join(problems, "; ")))
	}
	w, err := c.Writer()
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	add(w.Commit(ctx, record.Batch{Puts: []record.Put{put("/p/new.png", "new")}}))
	if len(spaces) > 0 {
		add(w.Commit(ctx, record.Batch{Puts: []record.Put{put("/p/newer.png", "newer")}, Embeddings: []record.Embedding{embedding(spaces[0], "newer", 0, 0, 0, 1)}}))
	}
	add(w.Calibrate(ctx))
	add(w.Prepare(ctx, nil))
	return errors.Join(append(errs, w.Close())...)
}

// in calls f, and reports an error where it panics or does not end.
func in(patience time.Duration, f func() error) error {
	ended := make(chan error, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				ended <- fmt.Errorf("it panics: %v", r)
			}
		}()
		ended <- f()
	}()
	select {
	case err := <-ended:
		return err
	case <-time.After(patience):
		return errors.New("it never ends")
	}
}

func change(t *testing.T, dir, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(dir, "akin.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statements); err != nil {
		t.Fatalf("%s: %v", statements, err)
	}
}

// Whatever a database says, nobody panics, hangs or writes elsewhere, the damage is told, and a
// repair leaves a whole collection with what the segments have.
func TestHostileDatabasesAreRefusedAndRepaired(t *testing.T) {
	t.Parallel()
	whole := filepath.Join(t.TempDir(), "whole.akin")
	damageable(t, whole)
	for _, h := range hostile {
		t.Run(strings.ReplaceAll(h.why, "/", " "), func(t *testing.T) {
			t.Parallel()
			above := t.TempDir()
			dir := filepath.Join(above, "c.akin")
			if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
				t.Fatal(err)
			}
			change(t, dir, h.statements)
			err := in(30*time.Second, func() error { return asked(t.Context(), dir) })
			if !errors.Is(err, record.ErrDamaged) && (err != nil || h.remark != "harmless") {
				t.Errorf("%v", err)
			}
			var r record.Repaired
			err = in(30*time.Second, func() (err error) { r, err = Repair(t.Context(), dir); return err })
			if err != nil || len(r.Problems) > 0 {
				t.Fatalf("repaired: %+v, %v", r, err)
			}
			pictures, n := checkLeft(t, dir, h.why)
			if h.remark == "lost" {
				indexAgain(t, dir, h.why)
			} else if pictures < many-1 || n < many-1 {
				t.Errorf("%d pictures and %d embeddings are left of %d: %q", pictures, n, many, r.Done)
			}
			if entries, err := os.ReadDir(above); err != nil || len(entries) != 1 {
				t.Errorf("beside the collection there is something: %v, %v", entries, err)
			}
		})
	}
}
