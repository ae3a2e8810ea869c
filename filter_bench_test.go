package akin

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/collection"
)

// BenchmarkFilter makes the bitmap of a million pictures: of 1000 folders, half of
// them with a date of the camera, a tenth tagged. What is read of the database once
// (dates, the pictures of a tag) is measured by itself.
func BenchmarkFilter(b *testing.B) {
	const pictures = 1_000_000
	dir := filepath.Join(b.TempDir(), "c.akin")
	store, err := collection.Open(dir, collection.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	db, err := sql.Open("sqlite3", filepath.Join(dir, "akin.db"))
	if err == nil {
		_, err = db.Exec(fmt.Sprintf(`
			WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			INSERT INTO content SELECT i, cast(printf('%%032d', i) AS BLOB), 'jpeg', 1, 1,
				iif(i %% 2, printf('%%04d-%%02d-%%02dT12:34:56', 2000 + i %% 25, 1 + i %% 12, 1 + i %% 28), '') FROM n;
			WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			INSERT INTO picture SELECT i, printf('IMG_%%08d', i), printf('/home/someone/Pictures/%%03d/IMG_%%08d.JPG', i / 1000, i), '/', 1,
				1700000000000000000 + i * 1000000000, i, '' FROM n;
			INSERT INTO tag VALUES (1, 'x', 'x');
			INSERT INTO picture_tag SELECT 1, id FROM picture WHERE id %% 10 = 0`, pictures, pictures))
	}
	if err != nil {
		b.Fatal(err)
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	w, err := store.Writer()
	if err != nil {
		b.Fatal(err)
	}
	space, err := w.Space(b.Context(), "m", "f", 1)
	if err != nil {
		b.Fatal(err)
	}
	embeddings := make([]collection.Embedding, pictures)
	for i := range embeddings {
		embeddings[i] = collection.Embedding{Space: space.ID, Hash: collection.Hash(fmt.Appendf(nil, "%032d", i+1)), Vector: []float32{1}}
	}
	err = w.Commit(b.Context(), collection.Batch{Embeddings: embeddings})
	if err == nil {
		err = w.Prepare(b.Context(), nil)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		b.Fatal(err)
	}
	open := func() *view {
		s, err := store.Snapshot(b.Context(), space)
		if err != nil || s.Pictures.Len() != pictures {
			b.Fatal(s.Pictures.Len(), err)
		}
		b.Cleanup(func() { s.Close() })
		return &view{Snapshot: s}
	}
	listed := make([]string, 10_000)
	for i := range listed {
		listed[i] = fmt.Sprintf("IMG_%08d", 77*i+1)
	}
	v := open()
	for _, c := range []struct {
		name   string
		filter Filter
	}{
		{"none", Filter{}},
		{"under", Filter{Under: "/home/someone/Pictures/123"}},
		{"name", Filter{Names: []string{"img_*7?"}}},
		{"names", Filter{Names: []string{"*1", "*2", "*3.jpg"}}},
		{"path", Filter{Names: []string{"Pictures/12?/*.jpg"}}},
		{"after", Filter{After: "2012-07"}},
		{"tag", Filter{Tags: []string{"x"}}},
		{"only 10000", Filter{Only: listed}},
		{"under, after, tag", Filter{Under: "/home/someone/Pictures/123", After: "2012-07", Tags: []string{"x"}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			if _, err := v.keep(b.Context(), c.filter); err != nil { // reads what is read once
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := v.keep(b.Context(), c.filter); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	for _, c := range []struct {
		name   string
		filter Filter
	}{{"first dates", Filter{After: "2012-07"}}, {"first tag", Filter{Tags: []string{"x"}}}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				v := open()
				b.StartTimer()
				if _, err := v.keep(b.Context(), c.filter); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("the snapshot itself", func(b *testing.B) {
		for b.Loop() {
			open()
		}
	})
}
