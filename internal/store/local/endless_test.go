package local

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/record"
)

// view is one that never ends; a trigger that asks it never ends either.
const view = `CREATE VIEW forever AS ` + endless + `x FROM n; `

func trigger(event string) string {
	return view + `CREATE TRIGGER t BEFORE ` + event + ` BEGIN SELECT count(*) FROM forever; END`
}

// What a writer does ends in good time with record.ErrDamaged, and changes nothing, whatever another
// program makes of the database while it is at work.
func TestAWriterEndsWhereItsDatabaseIsEndless(t *testing.T) {
	t.Parallel()
	whole := filepath.Join(t.TempDir(), "whole.akin")
	damageable(t, whole)
	commit := func(b record.Batch) func(*Writer, record.Space) error {
		return func(w *Writer, _ record.Space) error { return w.Commit(t.Context(), b) }
	}
	for _, c := range []struct {
		why, statements string
		do              func(*Writer, record.Space) error
	}{
		{"a new picture", trigger(`INSERT ON picture`), commit(record.Batch{Puts: []record.Put{put("/p/new.png", "new")}})},
		{"a new content", trigger(`INSERT ON content`), commit(record.Batch{Puts: []record.Put{put("/p/new.png", "new")}})},
		{"a changed picture", trigger(`UPDATE ON picture`), commit(record.Batch{Puts: []record.Put{put(sourceOf(3), "new")}})},
		{"a moved picture", trigger(`UPDATE ON picture`), commit(record.Batch{Move: map[int64]record.Put{3: put("/p/new.png", "")}})},
		{"a removed picture", trigger(`DELETE ON picture`), commit(record.Batch{Remove: []int64{3}})},
		{"a generation", trigger(`UPDATE ON meta`) + `; ` + strings.NewReplacer("VIEW forever", "VIEW forever2", "TRIGGER t", "TRIGGER t2").Replace(trigger(`INSERT ON meta`)),
			commit(record.Batch{Remove: []int64{3}})},
		{"an embedding", trigger(`INSERT ON embedding`), func(w *Writer, s record.Space) error {
			return w.Commit(t.Context(), record.Batch{Puts: []record.Put{put("/p/new.png", "new")}, Embeddings: []record.Embedding{embedding(s, "new", 0, 0, 0, 1)}})
		}},
		{"pictures that are a view", `ALTER TABLE picture RENAME TO p2; CREATE VIEW picture AS ` + endless +
			`x AS id, x || '' AS name, x || '/' AS source, '' AS root, 1 AS size, 1 AS mtime, 1 AS content, '' AS error FROM n`,
			commit(record.Batch{Puts: []record.Put{put("/p/new.png", "new")}})},
		{"imported pictures that are a view", `ALTER TABLE picture RENAME TO p2; CREATE VIEW picture AS ` + endless +
			`x AS id, x || '' AS name, CASE WHEN x < 0 THEN 'import:' ELSE NULL END AS source, '' AS root, 1 AS size, 1 AS mtime, 1 AS content, '' AS error FROM n`,
			func(w *Writer, _ record.Space) error {
				tx, err := w.c.db.Begin()
				if err != nil {
					return err
				}
				defer tx.Rollback()
				a := w.c.writing(t.Context(), tx)
				a.readImported()
				return a.err
			}},
		{"a new space", trigger(`INSERT ON space`), func(w *Writer, _ record.Space) error {
			_, err := w.Space(t.Context(), "n", "f", dim)
			return err
		}},
		{"a space that is dropped", trigger(`DELETE ON space`), func(w *Writer, s record.Space) error { return w.Drop(t.Context(), s) }},
		{"random pairs", trigger(`UPDATE ON space`), func(w *Writer, _ record.Space) error { return w.Calibrate(t.Context()) }},
		{"a tag", trigger(`INSERT ON tag`), func(w *Writer, _ record.Space) error {
			_, err := w.Tag(t.Context(), []record.Tagging{{Picture: 3, Tag: "blue"}})
			return err
		}},
		{"a tag that is taken away", trigger(`DELETE ON picture_tag`), func(w *Writer, _ record.Space) error {
			_, err := w.Untag(t.Context(), []record.Tagging{{Picture: 1, Tag: "red"}})
			return err
		}},
		{"a review", trigger(`INSERT ON review`), func(w *Writer, _ record.Space) error {
			_, err := w.Review(t.Context(), []record.Review{{record.Hash{1}: 2}})
			return err
		}},
		{"a space that is written anew", trigger(`DELETE ON embedding`), func(w *Writer, s record.Space) error {
			_, _, err := w.rewrite(t.Context(), s)
			return err
		}},
		{"an upgrade", `UPDATE meta SET value = '3' WHERE key = 'version'; DROP TABLE reviewed; DROP TABLE review; ` + trigger(`UPDATE ON meta`),
			func(w *Writer, _ record.Space) error { return w.c.upgrade() }},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "c.akin")
			if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
				t.Fatal(err)
			}
			k, w, space := writerOf(t, dir)
			change(t, dir, c.statements)
			err := in(20*time.Second, func() error { return c.do(w, space) })
			if !errors.Is(err, record.ErrDamaged) {
				t.Errorf("%v", err)
			}
			if err := errors.Join(w.Close(), k.Close()); err != nil {
				t.Error(err)
			}
			if k, err := Open(dir, Options{}); err == nil {
				k.Close()
				t.Error("it is opened as if it were whole")
			}
			if strings.HasPrefix(c.statements, view) {
				change(t, dir, `DROP TRIGGER t; DROP TRIGGER IF EXISTS t2; DROP VIEW forever; DROP VIEW IF EXISTS forever2`)
				if pictures, n := checkLeft(t, dir, c.why); pictures != many || n != many {
					t.Errorf("%d pictures and %d embeddings are left of %d", pictures, n, many)
				}
			}
		})
	}
}

// A collection that became endless after it was opened gets no writer.
func TestAWriterLooksAgain(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "c.akin")
	damageable(t, dir)
	k, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	change(t, dir, trigger(`INSERT ON picture`))
	if w, err := k.Writer(); !errors.Is(err, record.ErrDamaged) {
		t.Errorf("%v", errors.Join(err, w.Close()))
	}
	change(t, dir, `DROP TRIGGER t; DROP VIEW forever`)
	write(t, k, func(w *Writer) error {
		return w.Commit(t.Context(), record.Batch{Puts: []record.Put{put("/p/new.png", "new")}})
	})
}

// Pages that name one another make a table of 200^17 rows out of 17 pages. SQLite's cursor
// walks them without a word.
func TestAWriterEndsWherePagesAreKnotted(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "c.akin")
	damageable(t, dir)
	knot(t, dir, "embedding")
	k, w, _ := writerOf(t, dir)
	defer k.Close()
	err := in(20*time.Second, func() error { return k.exec(t.Context(), `DELETE FROM space WHERE id = 1`) })
	if !errors.Is(err, errPatience) {
		t.Errorf("drop: %v", err)
	}
	if err := in(20*time.Second, w.Close); err != nil {
		t.Error(err)
	}
	if testing.Short() {
		return // a repair reads as long as its patience lasts
	}
	if _, err := Repair(t.Context(), dir); err != nil {
		t.Errorf("repair: %v", err)
	}
	if pictures, n := checkLeft(t, dir, "knotted"); pictures != many || n != many {
		t.Errorf("%d pictures and %d embeddings are left of %d", pictures, n, many)
	}
}

// writerOf opens a collection of little patience, and its writer, and names its space.
func writerOf(t *testing.T, dir string) (*Collection, *Writer, record.Space) {
	t.Helper()
	k, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	k.least = time.Second
	w, err := k.Writer()
	if err != nil {
		t.Fatal(err)
	}
	return k, w, record.Space{ID: 1, Model: "m", Fingerprint: "f", Dim: dim, PerSegment: k.perSegment(dim), Rows: many, Folder: folderName("m", "f")}
}

// knot puts pages above the one page of a table without row ids, each of which names the next 200 times.
func knot(t *testing.T, dir, table string) {
	t.Helper()
	path := filepath.Join(dir, "akin.db")
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	var root int
	err = db.QueryRow(`SELECT rootpage FROM sqlite_schema WHERE name = ?`, table).Scan(&root)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// https://www.sqlite.org/fileformat.html
	const names = 200
	size := int(binary.BigEndian.Uint16(data[16:]))
	leaf := data[(root-1)*size : root*size]
	if leaf[0] != 0x0a {
		t.Fatalf("the root of %s has the type %d, want one page", table, leaf[0])
	}
	above := func(child int) []byte {
		p := make([]byte, size)
		p[0] = 0x02 // within an index
		cell := append(binary.BigEndian.AppendUint32(nil, uint32(child)), 7 /* bytes of a record: */, 4, 1, 1, 1 /* bytes each */, 1, 1, 1)
		binary.BigEndian.PutUint16(p[3:], names)
		binary.BigEndian.PutUint32(p[8:], uint32(child)) // the last one
		at := size
		for i := range names {
			at -= len(cell)
			copy(p[at:], cell)
			binary.BigEndian.PutUint16(p[12+2*i:], uint16(at))
		}
		binary.BigEndian.PutUint16(p[5:], uint16(at))
		return p
	}
	data = append(data, leaf...)
	for range 16 {
		data = append(data, above(len(data)/size)...)
	}
	copy(data[(root-1)*size:], above(len(data)/size))
	binary.BigEndian.PutUint32(data[28:], uint32(len(data)/size))
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// connectTwice is a process of its own: what it leaves behind ends with it.
func connectTwice(dir string) {
	for range 2 {
		began := time.Now()
		_, err := newConnector(filepath.Join(dir, "akin.db"), "mode=rw", time.Second).Connect(context.Background())
		fmt.Println(errors.Is(err, record.ErrDamaged), time.Since(began) < 10*time.Second)
	}
	os.Exit(0)
}

// A schema that never ends is given up, and not begun anew.
func TestASchemaThatNeverEndsIsGivenUp(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "c.akin")
	damageable(t, dir)
	change(t, dir, `DROP TABLE caption; DROP TABLE picture_value; DROP TABLE value; DROP TABLE metadata; VACUUM`) // so that the schema has one page
	knotSchema(t, dir)
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), "AKIN_TEST_CONNECT="+dir)
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "true true\ntrue true\n" {
		t.Errorf("%v: %s", err, out)
	}
}

// knotSchema puts pages behind those of the schema that name one another, and at last one with an
// entry for an index that there is, which SQLite takes as often as it comes.
func knotSchema(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, "akin.db")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	size := int(binary.BigEndian.Uint16(data[16:]))
	const head = 100 // of the file, on its first page
	if data[head] != 0x0d {
		t.Fatalf("the schema's root has the type %d, want one page", data[head])
	}
	first := make([]byte, size) // the schema as it is
	from := int(binary.BigEndian.Uint16(data[head+5:]))
	copy(first, data[head:from])
	copy(first[from:], data[from:size])
	name := bytes.Index(data[:size], []byte("indexsqlite_autoindex_content_1content"))
	entry := data[name-8:][:2+int(data[name-8])] // its length and row id, a byte each, then a record
	one := make([]byte, size)
	one[0] = 0x0d
	at := size - len(entry)
	copy(one[at:], entry)
	binary.BigEndian.PutUint16(one[3:], 1) // entries
	binary.BigEndian.PutUint16(one[5:], uint16(at))
	binary.BigEndian.PutUint16(one[8:], uint16(at)) // of the first
	above := func(page []byte, offset int, children ...int) {
		page[offset] = 0x05
		last := len(children) - 1
		binary.BigEndian.PutUint16(page[offset+3:], uint16(last))
		binary.BigEndian.PutUint32(page[offset+8:], uint32(children[last]))
		at := size
		for i, child := range children[:last] {
			at -= 5
			binary.BigEndian.PutUint32(page[at:], uint32(child))
			page[at+4] = 120 // a row id
			binary.BigEndian.PutUint16(page[offset+12+2*i:], uint16(at))
		}
		binary.BigEndian.PutUint16(page[offset+5:], uint16(at))
	}
	data = append(append(data, first...), one...)
	schema := len(data)/size - 1
	for range 15 {
		page := make([]byte, size)
		above(page, 0, slices.Repeat([]int{len(data) / size}, 200)...)
		data = append(data, page...)
	}
	clear(data[head:size])
	above(data[:size], head, schema, len(data)/size)
	binary.BigEndian.PutUint32(data[28:], uint32(len(data)/size))
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}
