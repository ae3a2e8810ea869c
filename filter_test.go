package akin_test

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/draw"
	"image/png"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
)

func names(hits []api.Hit) []string {
	out := []string{}
	for _, h := range hits {
		out = append(out, h.Name)
	}
	return out
}

func TestListsTagAndDatesComeWithTheNextIndex(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	flags := filepath.Join(golden.Flags(t), "images")
	root := t.TempDir()
	dir, list := filepath.Join(root, "p"), filepath.Join(root, "list.csv")
	for i, name := range []string{"Chad", "Mali"} {
		at := filepath.Join(dir, name+".png")
		copyFile(t, filepath.Join(flags, name+".png"), at)
		written := time.Date(2020+i, 6, 15, 12, 0, 0, 0, time.UTC)
		must(t, os.Chtimes(at, written, written))
	}
	c := open(t, filepath.Join(root, "c.akin"), akin.Options{})
	index := func(why string, unchanged, embedded, tagged int, paths ...string) {
		t.Helper()
		r, err := c.Index(t.Context(), paths, api.IndexOptions{})
		if err != nil || r.Unchanged != unchanged || r.Embedded != embedded || r.Tagged != tagged || len(r.Failed) > 0 {
			t.Errorf("%s: %+v, %v", why, r, err)
		}
	}
	find := func(f api.Filter) string {
		r, err := c.Search(t.Context(), akin.Like("Chad"), api.SearchOptions{Filter: f, IncludeSelf: true})
		if err != nil {
			return err.Error()
		}
		found := names(r.Hits)
		slices.Sort(found)
		return strings.Join(found, ",")
	}
	must(t, os.WriteFile(list, []byte("path,tags\np/Chad.png,Africa; dry\np/Mali.png,africa\n"), 0o666))
	index("a folder and a list of what lies in it", 0, 2, 3, dir, list)
	index("again", 2, 0, 0, list)
	if _, err := c.AddTag(t.Context(), "mine", "Mali"); err != nil {
		t.Error(err)
	}
	if _, err := c.AddTag(t.Context(), "mine", "["); !errors.Is(err, akin.ErrInvalid) {
		t.Error("a malformed glob:", err)
	}
	must(t, os.WriteFile(list, []byte("path,tags\np/Chad.png,\np/Mali.png,wide;"+strings.Repeat("x", 300)+"\n"), 0o666))
	index("the list changed: nothing is taken away", 2, 0, 1, list)
	for _, x := range []struct {
		filter api.Filter
		want   string
	}{
		{api.Filter{Tags: []string{"AFRICA"}}, "Chad,Mali"}, {api.Filter{Tags: []string{"dry"}}, "Chad"},
		{api.Filter{Tags: []string{"mine", "wide"}}, "Mali"}, {api.Filter{Before: "2021"}, "Chad"}, {api.Filter{After: "2021"}, "Mali"},
	} {
		if got := find(x.filter); got != x.want {
			t.Errorf("%+v: %s, want %s", x.filter, got, x.want)
		}
	}
	must(t, os.Rename(filepath.Join(dir, "Mali.png"), filepath.Join(root, "moved.png")))
	index("a move", 0, 0, 0, filepath.Join(root, "moved.png"))
	if got := find(api.Filter{Tags: []string{"mine"}}); got != "moved" {
		t.Errorf("the tag of a moved file: %s", got)
	}
}

// dated is a PNG file with an EXIF chunk that says when it was taken.
func dated(t testing.TB, file, taken string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	must(t, err)
	exif := "eXIfMM\x00*\x00\x00\x00\x08" +
		"\x00\x01\x87\x69\x00\x04\x00\x00\x00\x01\x00\x00\x00\x1a\x00\x00\x00\x00" + // at 8: the camera's directory is at 26
		"\x00\x01\x90\x03\x00\x02\x00\x00\x00\x14\x00\x00\x00\x2c\x00\x00\x00\x00" + taken + "\x00" // at 26: its date is at 44
	chunk := append(binary.BigEndian.AppendUint32(nil, uint32(len(exif)-4)), exif...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE([]byte(exif)))
	return slices.Concat(data[:33], chunk, data[33:]) // after IHDR
}

// What an older akin has indexed gets its dates at the next index, and no picture is
// embedded again, nor lost if its file cannot be read any more.
func TestAnOlderCollectionGetsItsDates(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	flags := filepath.Join(golden.Flags(t), "images")
	root := t.TempDir()
	dir, at := filepath.Join(root, "p"), filepath.Join(root, "c.akin")
	must(t, os.Mkdir(dir, 0o777))
	written := time.Date(2021, 6, 15, 12, 0, 0, 0, time.UTC)
	write := func(name string, data []byte) {
		must(t, os.WriteFile(filepath.Join(dir, name+".png"), data, 0o666))
		must(t, os.Chtimes(filepath.Join(dir, name+".png"), written, written))
	}
	write("Chad", dated(t, filepath.Join(flags, "Chad.png"), "2019:05:06 07:08:09"))
	write("Peru", dated(t, filepath.Join(flags, "Peru.png"), "0000:00:00 00:00:00"))
	mali := dated(t, filepath.Join(flags, "Mali.png"), "2018:01:01 00:00:00")
	write("Mali", mali)
	c := open(t, at, akin.Options{})
	index := func() api.IndexReport {
		t.Helper()
		r, err := c.Index(t.Context(), []string{dir}, api.IndexOptions{})
		must(t, err)
		return r
	}
	if r := index(); r.Added != 3 {
		t.Fatalf("%+v", r)
	}
	db, err := sql.Open("sqlite3", filepath.Join(at, "akin.db"))
	must(t, err)
	_, err = db.Exec(`DROP TABLE caption; DROP TABLE picture_value; DROP TABLE value; DROP TABLE metadata; DROP TABLE picture_tag; DROP TABLE tag; DROP TABLE reviewed; DROP TABLE review; ALTER TABLE content DROP COLUMN taken; ALTER TABLE space DROP COLUMN per_segment; UPDATE meta SET value = '1' WHERE key = 'version'`)
	must(t, errors.Join(err, db.Close()))
	segments, err := filepath.Glob(filepath.Join(at, "spaces", "*", "*.vec"))
	must(t, err)
	for _, path := range segments { // an older one does not say how many rows a segment has
		data, err := os.ReadFile(path)
		must(t, err)
		binary.LittleEndian.PutUint32(data[4088:], 0)
		binary.LittleEndian.PutUint32(data[4092:], crc32.Checksum(data[:4092], crc32.MakeTable(crc32.Castagnoli)))
		must(t, os.WriteFile(path, data, 0o666))
	}

	find := func(f api.Filter) ([]string, error) {
		r, err := c.Search(t.Context(), akin.Like("Peru"), api.SearchOptions{Filter: f, IncludeSelf: true})
		found := names(r.Hits)
		slices.Sort(found)
		return found, err
	}
	if found, err := find(api.Filter{}); err != nil || len(found) != 3 {
		t.Errorf("it does not answer: %v, %v", found, err)
	}
	if _, err := find(api.Filter{After: "2000"}); !errors.Is(err, akin.ErrNeedsReindex) {
		t.Errorf("dates that it does not have: %v", err)
	}
	write("Mali", bytes.Repeat([]byte{0}, len(mali))) // as long, as old, and no picture
	if r := index(); r.Unchanged != 3 || r.Embedded != 0 || len(r.Failed) != 0 {
		t.Errorf("the next index: %+v", r)
	}
	for _, x := range []struct {
		why  string
		f    api.Filter
		want []string
	}{
		{"the camera's date", api.Filter{After: "2019-05-06", Before: "2019-05-07"}, []string{"Chad"}},
		{"the files' dates", api.Filter{After: "2021-06-15", Before: "2021-06-16"}, []string{"Mali", "Peru"}},
	} {
		if found, err := find(x.f); err != nil || !slices.Equal(found, x.want) {
			t.Errorf("%s: %v, %v, want %v", x.why, found, err, x.want)
		}
	}
	write("Mali", mali)
	if r := index(); r.Unchanged != 3 || r.Embedded != 0 {
		t.Errorf("it can be read again: %+v", r)
	}
	if found, err := find(api.Filter{Before: "2019"}); err != nil || !slices.Equal(found, []string{"Mali"}) {
		t.Errorf("%v, %v", found, err)
	}
}

// The query is the region: as if it had been cut out and saved.
func TestARegionIsTheQuery(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	flags := filepath.Join(golden.Flags(t), "images")
	root := t.TempDir()
	for _, name := range []string{"Chad", "Mali", "Japan", "Poland"} {
		copyFile(t, filepath.Join(flags, name+".png"), filepath.Join(root, "p", name+".png"))
	}
	c := open(t, filepath.Join(root, "c.akin"), akin.Options{})
	_, err := c.Index(t.Context(), []string{filepath.Join(root, "p")}, api.IndexOptions{})
	must(t, err)
	in, err := os.Open(filepath.Join(flags, "Chad.png"))
	must(t, err)
	defer in.Close()
	whole, err := png.Decode(in) // 220 x 147
	must(t, err)
	cut := image.NewNRGBA(image.Rect(0, 0, 110, 49))
	draw.Draw(cut, cut.Bounds(), whole, image.Pt(110, 98), draw.Src)
	file := filepath.Join(root, "cut.png")
	out, err := os.Create(file)
	must(t, err)
	must(t, errors.Join(png.Encode(out, cut), out.Close()))
	flag, err := os.ReadFile(filepath.Join(flags, "Chad.png"))
	must(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(flag) }))
	t.Cleanup(server.Close)

	scores := func(q api.Query) map[string]float64 {
		t.Helper()
		r, err := c.Search(t.Context(), q, api.SearchOptions{IncludeSelf: true})
		must(t, err)
		s := map[string]float64{}
		for _, h := range r.Hits {
			s[h.Name] = h.Score
		}
		return s
	}
	want := scores(akin.Like(file))
	pixels, shares := api.Crop{X: 110, Y: 98, Width: 110, Height: 49}, api.Crop{X: 0.5, Y: 2. / 3, Width: 0.5, Height: 1. / 3, Relative: true}
	for _, q := range []api.Query{akin.Like("Chad"), akin.Like(filepath.Join(root, "p", "Chad.png")), akin.LikeBytes("upload", flag), akin.Like(server.URL + "/chad.png")} {
		for _, crop := range []api.Crop{pixels, shares} {
			if got := scores(q.Cropped(crop)); !maps.Equal(got, want) || got["Chad"] > 0.999 {
				t.Errorf("%s %s: %v, want %v", q[0].Picture, crop, got, want)
			}
		}
	}
	must(t, os.Remove(filepath.Join(root, "p", "Chad.png")))
	if got := scores(akin.Like("Chad")); got["Chad"] < 0.999 {
		t.Errorf("whole, its embedding is enough: %v", got)
	}
	for _, x := range []struct {
		q    api.Query
		want string
	}{
		{akin.Like("Chad").Cropped(pixels), "Chad.png: no such file"},
		{akin.Like("Chad").Cropped(pixels), "is gone"},
		{akin.Like(filepath.Join(root, "p", "Chad.png")).Cropped(pixels), "is gone"},
		{akin.Like("Mali").Cropped(api.Crop{X: 200, Width: 100, Height: 10}), "the region 200,0,100,10 lies outside of its 220 x 147 pixels"},
		{akin.Like("Mali").Cropped(api.Crop{Width: 0.5, Height: 1}), "pixels are whole"},
	} {
		if _, err := c.Search(t.Context(), x.q, api.SearchOptions{}); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%v, want %s", err, x.want)
		}
	}
}
