package space

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store/local"
)

// BenchmarkFilter makes the bitmap of a million pictures: of 1000 folders, half of
// them with a date of the camera, a tenth tagged. What is read of the database once
// (dates, the pictures of a tag) is measured by itself.
func BenchmarkFilter(b *testing.B) {
	const pictures = 1_000_000
	dir := filepath.Join(b.TempDir(), "c.akin")
	store, err := local.Open(dir, local.Options{})
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
	embeddings := make([]record.Embedding, pictures)
	for i := range embeddings {
		embeddings[i] = record.Embedding{Space: space.ID, Hash: record.Hash(fmt.Appendf(nil, "%032d", i+1)), Vector: []float32{1}}
	}
	err = w.Commit(b.Context(), record.Batch{Embeddings: embeddings})
	if err == nil {
		err = w.Prepare(b.Context(), nil)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		b.Fatal(err)
	}
	open := func() *Space {
		s, err := store.Snapshot(b.Context(), space)
		if err != nil || s.Pictures.Len() != pictures {
			b.Fatal(s.Pictures.Len(), err)
		}
		b.Cleanup(func() { s.Close() })
		return &Space{Snapshot: s}
	}
	listed := make([]string, 10_000)
	for i := range listed {
		listed[i] = fmt.Sprintf("IMG_%08d", 77*i+1)
	}
	v := open()
	for _, c := range []struct {
		name   string
		filter api.Filter
	}{
		{"none", api.Filter{}},
		{"under", api.Filter{Under: "/home/someone/Pictures/123"}},
		{"name", api.Filter{Names: []string{"img_*7?"}}},
		{"names", api.Filter{Names: []string{"*1", "*2", "*3.jpg"}}},
		{"path", api.Filter{Names: []string{"Pictures/12?/*.jpg"}}},
		{"after", api.Filter{After: "2012-07"}},
		{"tag", api.Filter{Tags: []string{"x"}}},
		{"only 10000", api.Filter{Only: listed}},
		{"under, after, tag", api.Filter{Under: "/home/someone/Pictures/123", After: "2012-07", Tags: []string{"x"}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			if _, err := v.Filter(b.Context(), c.filter); err != nil { // reads what is read once
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := v.Filter(b.Context(), c.filter); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	for _, c := range []struct {
		name   string
		filter api.Filter
	}{{"first dates", api.Filter{After: "2012-07"}}, {"first tag", api.Filter{Tags: []string{"x"}}}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				v := open()
				b.StartTimer()
				if _, err := v.Filter(b.Context(), c.filter); err != nil {
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
