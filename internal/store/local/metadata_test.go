package local

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/akin-search/akin/internal/record"
)

func described(source, content string, m *record.Metadata) record.Put {
	p := put(source, content)
	p.Metadata = m
	return p
}

var (
	nikon  = record.Metadata{Camera: "NIKON D850", Lens: "24-70mm f/2.8", Label: "Green", Rating: 4, Keywords: []string{"Paris", "\u00e9t\u00e9"}, Position: &record.Position{Latitude: 48.858222, Longitude: -2.2945}, Sidecar: 7, Title: "La tour", Caption: "Il pleut; it's raining.\nLes gens d\u2019ici"}
	iphone = record.Metadata{Camera: "Apple iPhone 15", Rating: -1, Keywords: []string{"PARIS"}, Position: &record.Position{Latitude: -90, Longitude: 180}}
)

// stored is the metadata of every picture, by its source.
func stored(t *testing.T, c *Collection) map[string]*record.Metadata {
	t.Helper()
	out := map[string]*record.Metadata{}
	err := c.Each(t.Context(), nil, func(some []record.Stored) error {
		for _, p := range some {
			out[p.Source] = p.Metadata
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestMetadataIsStoredWithThePicture(t *testing.T) {
	t.Parallel()
	c, _ := create4(t)
	commit := func(b record.Batch) {
		t.Helper()
		write(t, c, func(w *Writer) error { return w.Commit(t.Context(), b) })
	}
	check := func(why string, want map[string]*record.Metadata) {
		t.Helper()
		if got := stored(t, c); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", why, got, want)
		}
		if p := verify(t, c); len(p) > 0 {
			t.Error(why, p)
		}
	}
	commit(record.Batch{Puts: []record.Put{described("/p/a.png", "A", &nikon), described("/p/b.png", "B", &iphone), put("/p/c.png", "C"), described("/p/d.png", "A", &record.Metadata{})}})
	asFirstWritten := iphone
	asFirstWritten.Keywords = []string{"Paris"}
	all := map[string]*record.Metadata{"/p/a.png": &nikon, "/p/b.png": &asFirstWritten, "/p/c.png": nil, "/p/d.png": {}}
	check("as it came: of the same bytes each its own, which a sidecar may change", all)

	written, err := c.Sidecars(t.Context())
	if want := map[int64]int64{1: 7, 2: 0, 4: 0}; err != nil || !reflect.DeepEqual(written, want) {
		t.Errorf("%v, %v, want %v", written, err, want)
	}

	commit(record.Batch{Puts: []record.Put{put("/p/a.png", "A"), put("/p/c.png", "C")}})
	check("a picture whose file nobody read for it keeps it", all)
	commit(record.Batch{Puts: []record.Put{described("/p/b.png", "B", &record.Metadata{Keywords: []string{"sea"}})}})
	all["/p/b.png"] = &record.Metadata{Keywords: []string{"sea"}}
	check("the new in the place of the old", all)
	commit(record.Batch{Move: map[int64]record.Put{1: described("/q/a.png", "A", &record.Metadata{Camera: "moved"})}})
	delete(all, "/p/a.png")
	all["/q/a.png"] = &record.Metadata{Camera: "moved"}
	check("a file that moved to another sidecar", all)
	commit(record.Batch{Puts: []record.Put{{Source: "/p/b.png", Root: "/p", Size: 1, Error: "cut off"}}, Remove: []int64{1}})
	all["/p/b.png"] = nil
	delete(all, "/q/a.png")
	check("a file that cannot be read any more, and one that is forgotten", all)
	values, err := openCatalog(t, c).Values(t.Context(), record.Camera)
	if err != nil || len(values) > 0 {
		t.Errorf("cameras of no picture: %v, %v", values, err)
	}
}

func openCatalog(t testing.TB, c *Collection) *Snapshot {
	t.Helper()
	s, err := c.Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestPicturesAreFoundByTheirMetadata(t *testing.T) {
	t.Parallel()
	c, _ := create4(t)
	var b record.Batch
	for i := range 200 { // more than one word of a bitmap, and more than the bits of one row
		m := record.Metadata{Camera: "Leica M3"}
		if i%3 == 0 {
			m = nikon
		}
		b.Puts = append(b.Puts, described(numberedSource(i), numberedSource(i), &m))
	}
	write(t, c, func(w *Writer) error {
		if err := w.Commit(t.Context(), b); err != nil {
			return err
		}
		return w.Commit(t.Context(), record.Batch{Remove: []int64{1, 4, 100, 200}}) // ids with gaps
	})
	s := openCatalog(t, c)
	values, err := s.Values(t.Context(), record.Camera)
	if err != nil || len(values) != 2 || values[0].Name != "Leica M3" || values[1].Key != "nikon d850" {
		t.Fatal(values, err)
	}
	of := func(bits []uint64) (ids []int64) {
		for i := range s.Pictures.Len() {
			if bits[i/64]>>(i%64)&1 != 0 {
				ids = append(ids, s.Pictures.ID(i))
			}
		}
		return ids
	}
	var nikons, leicas []int64
	for i := range 200 {
		switch id := int64(i + 1); {
		case slices.Contains([]int64{1, 4, 100, 200}, id):
		case i%3 == 0:
			nikons = append(nikons, id)
		default:
			leicas = append(leicas, id)
		}
	}
	for _, x := range []struct {
		why    string
		values []int64
		want   []int64
	}{
		{"one", []int64{values[1].ID}, nikons},
		{"the other", []int64{values[0].ID}, leicas},
		{"both", []int64{values[0].ID, values[1].ID}, slices.Sorted(slices.Values(slices.Concat(nikons, leicas)))},
		{"none", nil, nil},
	} {
		for range 2 { // the second time it is known
			if having, err := s.Having(t.Context(), x.values); err != nil || !slices.Equal(of(having), x.want) {
				t.Errorf("%s: %v, %v, want %v", x.why, of(having), err, x.want)
			}
		}
	}
	every := make([]uint64, (s.Pictures.Len()+63)/64)
	for i := range 10 {
		every[0] |= 1 << i
	}
	// The first ten ids that are left are 2, 3, 5 … 12: of these 7 and 10 are Nikons'.
	counted := map[string]int{}
	for range 2 {
		clear(counted)
		if err := s.Count(t.Context(), record.Camera, every, func(v record.Value, n int) { counted[v.Name] = n }); err != nil {
			t.Fatal(err)
		}
		if want := map[string]int{"Leica M3": 8, "NIKON D850": 2}; !reflect.DeepEqual(counted, want) {
			t.Errorf("%v, want %v", counted, want)
		}
	}
	north, err := s.Taken(t.Context(), 48.8, 48.9, func(p record.Position) bool { return p == *nikon.Position })
	if err != nil || !slices.Equal(of(north), nikons) {
		t.Errorf("%v, %v, want %v", of(north), err, nikons)
	}
	if none, err := s.Taken(t.Context(), 48.9, 90, func(record.Position) bool { return true }); err != nil || len(of(none)) > 0 {
		t.Errorf("further north: %v, %v", of(none), err)
	}
}

func numberedSource(i int) string {
	return "/p/" + string(rune('a'+i/26)) + string(rune('a'+i%26)) + ".png"
}

// A collection of an older format, or one whose files were never read for it, has none: that is no empty answer.
func TestAnOlderCollectionHasNoMetadataUntilItIsIndexed(t *testing.T) {
	t.Parallel()
	c, _ := openOld(t, version1(t), Options{})
	for _, why := range []string{"of format 1", "upgraded"} {
		s := openCatalog(t, c)
		if _, err := s.Values(t.Context(), record.Camera); !errors.Is(err, record.ErrNoMetadata) {
			t.Errorf("%s: values: %v", why, err)
		}
		if _, err := s.Having(t.Context(), []int64{1}); !errors.Is(err, record.ErrNoMetadata) {
			t.Errorf("%s: having: %v", why, err)
		}
		if _, err := s.Taken(t.Context(), -90, 90, nil); !errors.Is(err, record.ErrNoMetadata) {
			t.Errorf("%s: taken: %v", why, err)
		}
		if written, err := c.Sidecars(t.Context()); err != nil || len(written) > 0 || written == nil {
			t.Errorf("%s: %v, %v", why, written, err)
		}
		write(t, c, func(*Writer) error { return nil })
	}
	write(t, c, func(w *Writer) error {
		return w.Commit(t.Context(), record.Batch{Puts: []record.Put{described("/p/a.png", "A", &nikon)}})
	})
	if values, err := openCatalog(t, c).Values(t.Context(), record.Camera); err != nil || len(values) != 1 {
		t.Errorf("indexed: %v, %v", values, err)
	}
}

// What akin never writes is damage, and no crash.
func TestHostileMetadataInTheDatabase(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		statement string
		damaged   bool
	}{
		{`UPDATE metadata SET latitude = 'x'`, true},
		{`UPDATE metadata SET latitude = 48.5, longitude = 1e300`, true},
		{`UPDATE metadata SET latitude = 9223372036854775807`, false}, // no latitude that is asked for
		{`INSERT INTO picture_value VALUES (77, 1)`, false},
		{`UPDATE value SET name = x'ff00'`, false},
		{`UPDATE value SET name = NULL`, false}, // the table does not take it
		{`DELETE FROM value`, false},
		{`UPDATE picture_value SET picture = -picture`, false},
		{`UPDATE picture_value SET picture = 9223372036854775807`, false},
		{`UPDATE picture_value SET picture = 'x'`, false},
	} {
		c, _ := create4(t)
		write(t, c, func(w *Writer) error {
			return w.Commit(t.Context(), record.Batch{Puts: []record.Put{described("/p/a.png", "A", &nikon)}})
		})
		_, _ = c.db.Exec(`PRAGMA foreign_keys = OFF`)
		_, _ = c.db.Exec(x.statement) // what SQLite refuses needs no other care
		s := openCatalog(t, c)
		var errs []error
		values, err := s.Values(t.Context(), record.Camera)
		errs = append(errs, err)
		for _, v := range values {
			_, err := s.Having(t.Context(), []int64{v.ID})
			errs = append(errs, err)
		}
		errs = append(errs, s.Count(t.Context(), record.Camera, []uint64{1}, func(record.Value, int) {}))
		_, err = s.Taken(t.Context(), -90, 90, func(record.Position) bool { return true })
		errs = append(errs, err, c.Each(t.Context(), nil, func([]record.Stored) error { return nil }))
		_, err = c.Sidecars(t.Context())
		err = errors.Join(append(errs, err)...)
		if x.damaged && !errors.Is(err, record.ErrDamaged) {
			t.Errorf("%s: %v", x.statement, err)
		}
		for _, e := range errs {
			if e != nil && !errors.Is(e, record.ErrDamaged) && !errors.Is(e, record.ErrNoMetadata) {
				t.Errorf("%s: %v", x.statement, e)
			}
		}
	}
}

func TestARescueKeepsMetadata(t *testing.T) {
	t.Parallel()
	c, dir := create4(t)
	write(t, c, func(w *Writer) error {
		return w.Commit(t.Context(), record.Batch{Puts: []record.Put{described("/p/a.png", "A", &nikon), described("/p/b.png", "B", &record.Metadata{}), put("/p/c.png", "C")}})
	})
	if _, err := c.db.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "akin.db"), os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteAt([]byte("damaged"), 0)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	if r, err := Repair(t.Context(), dir); err != nil || len(r.Problems) > 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	again, err := Open(dir, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { again.Close() })
	want := map[string]*record.Metadata{"/p/a.png": &nikon, "/p/b.png": {}, "/p/c.png": nil}
	if got := stored(t, again); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
