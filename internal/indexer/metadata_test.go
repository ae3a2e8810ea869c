package indexer

import (
	"database/sql"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/record"
)

// The files and what exiftool reads of them are described in internal/picture/testdata/metadata/make.sh.
func TestIndexingStoresWhatFilesAndSidecarsSay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const from = "../picture/testdata/metadata"
	move := func(name, to string) {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(from, name))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, to), data, 0o666))
	}
	move("xmp.png", "phone.png")
	move("plain.jpg", "plain.jpg")
	c, store := open(t)
	stored := func() map[string]record.Metadata {
		t.Helper()
		out := map[string]record.Metadata{}
		must(t, store.Each(t.Context(), nil, func(some []record.Stored) error {
			for _, p := range some {
				if p.Metadata != nil {
					m := *p.Metadata
					m.Sidecar = 0
					out[filepath.Base(p.Source)] = m
				}
			}
			return nil
		}))
		return out
	}
	phone := record.Metadata{Camera: "Apple iPhone 15", Lens: "back camera", Rating: -1, Keywords: []string{"<b> & c", "a"}}
	side := phone
	side.Rating, side.Label, side.Caption, side.Keywords = 3, "Red", "from a sidecar", []string{"<b> & c", "a", "side"}
	day := time.Date(2024, 7, 31, 12, 0, 0, 0, time.UTC)
	sidecar := filepath.Join(dir, "phone.xmp")
	forget := func(statement string) {
		t.Helper()
		db, err := sql.Open("sqlite3", filepath.Join(c.Location, "akin.db"))
		must(t, err)
		_, err = db.Exec(statement)
		must(t, err)
		must(t, db.Close())
	}
	for _, step := range []struct {
		why                        string
		do                         func()
		added, unchanged, embedded int
		phone                      record.Metadata
	}{
		{"new", func() {}, 2, 0, 2, phone},
		{"again: nothing is read", func() {}, 0, 2, 0, phone},
		{"a sidecar came", func() { move("xmp.xmp", "phone.xmp"); must(t, os.Chtimes(sidecar, day, day)) }, 0, 2, 0, side},
		{"again", func() {}, 0, 2, 0, side},
		{"it was written again", func() {
			must(t, os.WriteFile(sidecar, []byte("nothing"), 0o666))
			must(t, os.Chtimes(sidecar, day.Add(time.Second), day.Add(time.Second)))
		}, 0, 2, 0, phone},
		{"it is gone", func() { must(t, os.Remove(sidecar)) }, 0, 2, 0, phone},
		{"a collection of an older akin, without captions", func() {
			forget(`DELETE FROM caption; UPDATE metadata SET sidecar = -1`)
			move("xmp.xmp", "phone.xmp")
		}, 0, 2, 0, side},
		{"it is gone again", func() { must(t, os.Remove(sidecar)) }, 0, 2, 0, phone},
		{"a collection of an older akin, without any", func() { forget(`DELETE FROM picture_value; DELETE FROM metadata`) }, 0, 2, 0, phone},
	} {
		step.do()
		r, err := Run(t.Context(), c, []string{dir}, api.IndexOptions{})
		must(t, err)
		if r.Added != step.added || r.Unchanged != step.unchanged || r.Embedded != step.embedded || r.Changed > 0 {
			t.Errorf("%s: %+v", step.why, r)
		}
		if got, want := stored(), (map[string]record.Metadata{"phone.png": step.phone, "plain.jpg": {}}); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", step.why, got, want)
		}
	}
}
