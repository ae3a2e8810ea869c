package akin_test

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/draw"
	"image/png"
	"maps"
	"math"
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
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/store/local"
)

// made is a collection of the model "m", and half of it of "n", whose pictures stand
// at 0, 10, 20 … degrees to the first, the query: the nearer, the earlier in the list.
func made(t testing.TB) *akin.Collection {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "c.akin")
	store, err := local.Open(dir, local.Options{})
	must(t, err)
	defer store.Close()
	w, err := store.Writer()
	must(t, err)
	at := func(s string) int64 {
		m, err := time.Parse(time.RFC3339, s)
		must(t, err)
		return m.UnixNano()
	}
	var b record.Batch
	spaces := [2]record.Space{}
	for i, model := range []string{"m", "n"} {
		spaces[i], err = w.Space(t.Context(), model, "f", 2)
		must(t, err)
	}
	for i, p := range []struct {
		source, taken string
		mtime         int64
		content       string // "" is the source
	}{
		{"/p/query.png", "", 0, ""},
		{"/p/cat.png", "2024-07-01T00:00:00", 1, ""},
		{"/p/2024/cat.jpg", "2023-12-31T23:59:59", 1, ""},
		{"/p/Sa\u0303o Paulo.png", "2024-07-01T05:00:00+09:00", 1, ""}, // its name is composed; 2024-06-30 in Greenwich
		{"/p/IMG_7.PNG", "", at("2024-07-15T12:00:00Z"), ""},
		{"/q/dog.png", "", 0, ""},
		{"https://x.org/a/cow.png", "", 0, ""},
		{"/q/twin.png", "2024-07-01T00:00:00", 1, "/p/cat.png"},
	} {
		if p.content == "" {
			p.content = p.source
		}
		hash := sha256.Sum256([]byte(p.content))
		b.Puts = append(b.Puts, record.Put{Source: p.source, Root: "/p", Hash: hash, Format: "png", Taken: p.taken, Mtime: p.mtime})
		if p.content != p.source {
			continue
		}
		angle := float64(i) * math.Pi / 18
		for k, s := range spaces {
			if k == 0 || i < 4 {
				b.Embeddings = append(b.Embeddings, record.Embedding{Space: s.ID, Hash: hash, Vector: []float32{float32(math.Cos(angle)), float32(math.Sin(angle))}})
			}
		}
	}
	must(t, w.Commit(t.Context(), b))
	must(t, w.Close())
	c := open(t, dir, akin.Options{Models: []string{"m"}})
	for tag, pictures := range map[string][]string{"Red": {"cat", "dog"}, "to print": {"cat", "IMG_7"}} {
		_, err := c.AddTag(t.Context(), tag, pictures...)
		must(t, err)
	}
	return c
}

func names(hits []api.Hit) []string {
	out := []string{}
	for _, h := range hits {
		out = append(out, h.Name)
	}
	return out
}

const sao = "S\u00e3o Paulo"

func TestFiltersKeepWhatTheySay(t *testing.T) {
	t.Parallel()
	c := made(t)
	all := []string{"cat", "twin", "2024/cat", sao, "IMG_7", "dog", "cow"}
	for _, x := range []struct {
		why    string
		filter api.Filter
		want   []string
	}{
		{"no filter", api.Filter{}, all},
		{"a folder", api.Filter{Under: "/p"}, []string{"cat", "2024/cat", sao, "IMG_7"}},
		{"of two files with the same bytes the one in it", api.Filter{Under: "/q/"}, []string{"twin", "dog"}},
		{"not a folder that begins alike", api.Filter{Under: "/p/2"}, nil},
		{"the root", api.Filter{Under: "/"}, []string{"cat", "twin", "2024/cat", sao, "IMG_7", "dog"}},
		{"a folder of addresses", api.Filter{Under: "https://x.org/a/"}, []string{"cow"}},

		{"a name, also behind its folder", api.Filter{Names: []string{"CAT"}}, []string{"cat", "2024/cat"}},
		{"a name's beginning", api.Filter{Names: []string{"img_*"}}, []string{"IMG_7"}},
		{"a name as a Mac writes it", api.Filter{Names: []string{"sa\u0303o*"}}, []string{sao}},
		{"no extension", api.Filter{Names: []string{"*g"}}, []string{"dog"}},
		{"an extension", api.Filter{Names: []string{"*.jpg", "*7.png"}}, []string{"2024/cat", "IMG_7"}},
		{"the end of a path", api.Filter{Names: []string{"p/*.png"}}, []string{"cat", sao, "IMG_7"}},
		{"a path as a Mac writes it", api.Filter{Names: []string{"p/S\u00c3O*"}}, []string{sao}},
		{"a whole path", api.Filter{Names: []string{"/p/**"}}, []string{"cat", "2024/cat", sao, "IMG_7"}},
		{"a name with its folder", api.Filter{Names: []string{"2024/cat"}}, []string{"2024/cat"}},
		{"an address", api.Filter{Names: []string{"https://x.org/**"}}, []string{"cow"}},

		{"a day", api.Filter{After: "2024-07-01", Before: "2024-07-02"}, []string{"cat", "twin", sao}},
		{"a month", api.Filter{After: "2024-07", Before: "2024-08"}, []string{"cat", "twin", sao, "IMG_7"}},
		{"before a year", api.Filter{Before: "2024"}, []string{"2024/cat"}},
		{"a year's last second", api.Filter{After: "2023-12-31T23:59:59", Before: "2024"}, []string{"2024/cat"}},
		{"the second after it", api.Filter{After: "2024-1-1"}, []string{"cat", "twin", sao, "IMG_7"}},
		{"by the camera's clock", api.Filter{After: "2024-07-01 05:00", Before: "2024-07-01 05:01"}, []string{sao}},
		{"an instant is one everywhere", api.Filter{After: "2024-06-30T22:00:00+02:00", Before: "2024-06-30T20:00:01Z", Names: []string{"s*"}}, []string{sao}},
		{"and it is not later", api.Filter{After: "2024-06-30T20:00:01Z", Names: []string{"s*"}}, nil},

		{"a tag, in another case", api.Filter{Tags: []string{"red"}}, []string{"cat", "dog"}},
		{"two tags", api.Filter{Tags: []string{"Red", "TO PRINT"}}, []string{"cat"}},
		{"one tag without another", api.Filter{Tags: []string{"red"}, NotTags: []string{"to print"}}, []string{"dog"}},
		{"without a tag that no one has", api.Filter{NotTags: []string{"blue"}}, all},
		{"a tag that no one has", api.Filter{Tags: []string{"blue"}}, nil},

		{"listed ones", api.Filter{Only: []string{"dog", "/p/cat.png", "Sa\u0303o Paulo", "https://x.org/a/cow.png"}}, []string{"cat", sao, "dog", "cow"}},
		{"none listed", api.Filter{Only: []string{}}, nil},
		{"all at once", api.Filter{Under: "/p", Names: []string{"c*", "i*"}, After: "2024", Tags: []string{"to print"}, NotTags: []string{"red"}, Only: []string{"cat", "IMG_7"}}, []string{"IMG_7"}},
	} {
		r, err := c.Search(t.Context(), akin.Like("query"), api.SearchOptions{Filter: x.filter})
		if x.want == nil {
			if !errors.Is(err, akin.ErrEmptyFilter) {
				t.Errorf("%s: %v, %v", x.why, names(r.Hits), err)
			}
			continue
		}
		if err != nil || !slices.Equal(names(r.Hits), x.want) {
			t.Errorf("%s: %v, %v, want %v", x.why, names(r.Hits), err, x.want)
		}
	}
}

// The best of those that pass are found, however many better ones do not.
func TestAFilterIsNotAppliedAfterTheSearch(t *testing.T) {
	t.Parallel()
	c := made(t)
	r, err := c.Search(t.Context(), akin.Like("query"), api.SearchOptions{Filter: api.Filter{Under: "https://x.org"}, Top: 1})
	if err != nil || !slices.Equal(names(r.Hits), []string{"cow"}) || r.Hits[0].Rank != 1 {
		t.Errorf("%v, %v", r.Hits, err)
	}
}

func TestAFilterThatLeavesNothingTellsWhere(t *testing.T) {
	t.Parallel()
	c := made(t)
	for _, x := range []struct {
		o    api.SearchOptions
		want string
	}{
		{api.SearchOptions{Filter: api.Filter{Under: "/p", Tags: []string{"red"}, Names: []string{"d*"}}}, `8 in the collection, 2 tagged "red", 1 under /p, 0 called d*`},
		{api.SearchOptions{Filter: api.Filter{After: "2025"}}, "8 in the collection, 0 taken in 2025 or later"},
		{api.SearchOptions{Filter: api.Filter{Names: []string{"dog"}}, Model: "n"}, "1 called dog, 0 with an embedding of n"},
	} {
		_, err := c.Search(t.Context(), akin.Like("query"), x.o)
		if !errors.Is(err, akin.ErrEmptyFilter) || !strings.HasSuffix(err.Error(), x.want) {
			t.Errorf("%v, want %s", err, x.want)
		}
	}
	for _, bad := range []api.Filter{
		{After: "yesterday"}, {Before: "2024-13"}, {After: "2023-02-29"}, {After: "20240731"}, {After: "2024", Before: "2024-01-01"},
		{Names: []string{"[a"}}, {Names: []string{""}}, {Tags: []string{""}}, {NotTags: []string{"a;b"}},
	} {
		if err := space.CheckFilter(bad); err == nil {
			t.Errorf("%+v is taken", bad)
		}
		if _, err := c.Search(t.Context(), akin.Like("query"), api.SearchOptions{Filter: bad}); err == nil || errors.Is(err, akin.ErrEmptyFilter) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestListedPicturesThatAreNotThereAreTold(t *testing.T) {
	t.Parallel()
	c := made(t)
	dir, err := os.Getwd()
	must(t, err)
	relative, err := filepath.Rel(dir, "/p/cat.png")
	must(t, err)
	r, err := c.Search(t.Context(), akin.Like("query"), api.SearchOptions{Filter: api.Filter{Only: []string{
		"cat", "horse", relative, "/p/cat.png", "/p/./cat.png", "horse", "/p/horse.png", "Dog",
	}}})
	if err != nil || !slices.Equal(names(r.Hits), []string{"cat"}) || !slices.Equal(r.Missing, []string{"horse", "/p/horse.png", "Dog"}) {
		t.Errorf("%v, missing %q, %v", names(r.Hits), r.Missing, err)
	}
}

func TestComparingAndVectorsTakeFilters(t *testing.T) {
	t.Parallel()
	c := made(t)
	r, err := c.Compare(t.Context(), akin.Like("query"), api.CompareOptions{
		Models: []string{"n", "m"}, Filter: api.Filter{Tags: []string{"red"}, Only: []string{"cat", "dog", "horse"}}})
	must(t, err)
	for i, want := range [][]string{{"cat"}, {"cat", "dog"}, {"cat", "dog"}} { // n does not know the dog
		if got := names(r.Rows[i].Hits); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", r.Rows[i].Model, got, want)
		}
	}
	if !slices.Equal(r.Missing, []string{"horse"}) {
		t.Errorf("missing %v", r.Missing)
	}
	r, err = c.Compare(t.Context(), akin.Like("query"), api.CompareOptions{Models: []string{"n", "m"}, Filter: api.Filter{Names: []string{"dog"}}})
	if err != nil || len(r.Rows[0].Hits) != 0 || !slices.Equal(names(r.Rows[2].Hits), []string{"dog"}) {
		t.Errorf("a model that knows none of them: %+v, %v", r.Rows, err)
	}
	if _, err := c.Compare(t.Context(), akin.Like("query"), api.CompareOptions{Models: []string{"n", "m"}, Filter: api.Filter{After: "2030"}}); !errors.Is(err, akin.ErrEmptyFilter) {
		t.Errorf("nothing left: %v", err)
	}
	file := filepath.Join(t.TempDir(), "q.npy")
	f, err := os.Create(file)
	must(t, err)
	must(t, akin.WriteEmbeddings(f, []int{2, 2}, []api.Embedded{{Vector: []float32{1, 0}}, {Vector: []float32{0, 1}}}, false))
	must(t, f.Close())
	v, err := c.SearchFile(t.Context(), file, api.SearchOptions{Filter: api.Filter{Under: "/q"}})
	if want := [][]string{{"twin", "dog"}, {"dog", "twin"}}; err != nil || fmt.Sprint(v.Names) != fmt.Sprint(want) {
		t.Errorf("%v, %v, want %v", v.Names, err, want)
	}
}

// The pictures stand at 10, 20 … degrees: 0.94 is the cosine of 20, 0.5 of 60.
func TestAllHitsAreThoseAboveTheLeastScore(t *testing.T) {
	t.Parallel()
	c := made(t)
	score := func(v float64) *float64 { return &v }
	for _, x := range []struct {
		why  string
		o    api.SearchOptions
		want []string
	}{
		{"everything", api.SearchOptions{All: true, Top: 1}, []string{"cat", "twin", "2024/cat", sao, "IMG_7", "dog", "cow"}},
		{"everything above", api.SearchOptions{All: true, MinScore: score(0.93)}, []string{"cat", "twin", "2024/cat"}},
		{"in a folder", api.SearchOptions{All: true, MinScore: score(0.6), Filter: api.Filter{Under: "/q"}}, []string{"twin", "dog"}},
		{"nothing so close is an answer", api.SearchOptions{All: true, MinScore: score(0.999)}, []string{}},
		{"the two best of them", api.SearchOptions{Top: 2, MinScore: score(0.93)}, []string{"cat", "twin"}},
	} {
		r, err := c.Search(t.Context(), akin.Like("query"), x.o)
		if err != nil || !slices.Equal(names(r.Hits), x.want) {
			t.Errorf("%s: %v, %v, want %v", x.why, names(r.Hits), err, x.want)
		}
	}
	r, err := c.Compare(t.Context(), akin.Like("query"), api.CompareOptions{All: true})
	if err != nil || len(r.Rows[0].Hits) != 7 || len(r.Rows[1].Hits) != 7 {
		t.Errorf("%+v, %v", r.Rows, err)
	}
}

func TestTagsAreGivenByNamesFoldersAndGlobs(t *testing.T) {
	t.Parallel()
	c := made(t)
	for _, x := range []struct {
		why    string
		remove bool
		which  []string
		want   api.TagReport
		has    []string // what the tag is then
	}{
		{"a name, loosely", false, []string{"CAT"}, api.TagReport{Pictures: 1, Changed: 1}, []string{"cat"}},
		{"a folder and a file in it", false, []string{"/q", "/q/dog.png", "/q/"}, api.TagReport{Pictures: 2, Changed: 2}, []string{"cat", "twin", "dog"}},
		{"again, with another", false, []string{"dog", "https://x.org/a/cow.png"}, api.TagReport{Pictures: 2, Changed: 1}, []string{"cat", "twin", "dog", "cow"}},
		{"a glob takes it away", true, []string{"*o?"}, api.TagReport{Pictures: 2, Changed: 2}, []string{"cat", "twin"}},
		{"from all", true, []string{"*"}, api.TagReport{Pictures: 8, Changed: 2}, nil},
	} {
		change := c.AddTag
		if x.remove {
			change = c.RemoveTag
		}
		x.want.Tag = "sea"
		if r, err := change(t.Context(), " sea", x.which...); err != nil || r != x.want {
			t.Errorf("%s: %+v, %v, want %+v", x.why, r, err, x.want)
		}
		r, err := c.Search(t.Context(), akin.Like("query"), api.SearchOptions{Filter: api.Filter{Tags: []string{"Sea"}}})
		if x.has == nil {
			if !errors.Is(err, akin.ErrEmptyFilter) {
				t.Errorf("%s: %v, %v", x.why, names(r.Hits), err)
			}
		} else if err != nil || !slices.Equal(names(r.Hits), x.has) {
			t.Errorf("%s: %v, %v, want %v", x.why, names(r.Hits), err, x.has)
		}
	}
	for _, which := range [][]string{{"dog", "horse"}, {"dog", "/p/horse.png"}, {"dog", "h*"}, {"[z"}, nil} {
		if r, err := c.AddTag(t.Context(), "sea", which...); err == nil {
			t.Errorf("%q: %+v", which, r)
		}
	}
	tags, err := c.Tags(t.Context())
	if want := []api.TagInfo{{Tag: "Red", Pictures: 2}, {Tag: "to print", Pictures: 2}}; err != nil || !slices.Equal(tags, want) {
		t.Errorf("%v, %v, want %v: one of them was given to some", tags, err, want)
	}
	of, err := c.TagsOf(t.Context(), "/p/cat.png", "cow")
	if err != nil || len(of) != 2 || !slices.Equal(of[0].Tags, []string{"Red", "to print"}) || of[1].Name != "cow" || len(of[1].Tags) != 0 {
		t.Errorf("%+v, %v", of, err)
	}
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
	_, err = db.Exec(`DROP TABLE picture_tag; DROP TABLE tag; DROP TABLE reviewed; DROP TABLE review; ALTER TABLE content DROP COLUMN taken; UPDATE meta SET value = '1' WHERE key = 'version'`)
	must(t, errors.Join(err, db.Close()))

	find := func(f api.Filter) ([]string, error) {
		r, err := c.Search(t.Context(), akin.Like("Peru"), api.SearchOptions{Filter: f, IncludeSelf: true})
		found := names(r.Hits)
		slices.Sort(found)
		return found, err
	}
	if found, err := find(api.Filter{}); err != nil || len(found) != 3 {
		t.Errorf("it does not answer: %v, %v", found, err)
	}
	if _, err := find(api.Filter{After: "2000"}); !errors.Is(err, akin.ErrOld) || !strings.Contains(err.Error(), "akin index") {
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
