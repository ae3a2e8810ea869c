package space

import (
	"crypto/sha256"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/home"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/store/local"
	"github.com/akin-search/akin/internal/store/storetest"
	"github.com/akin-search/akin/internal/vector"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// made returns a collection with embeddings of the model "m", and of "n" for half of it. The
// vectors lie at 0, 10, 20 … degrees to the first picture, which is the query of the tests.
func made(t testing.TB) *Collection {
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
	c, err := Open(t.Context(), dir, models.Options{Models: []string{"m"}})
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
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

// remotely returns a copy of a collection in a remote store.
func remotely(t *testing.T, c *Collection) *Collection {
	t.Helper()
	address := storetest.ReferenceIn(filepath.Join(t.TempDir(), "remote.akin"))
	o := c.Options
	o.Home = home.Dir(t.TempDir())
	_, err := store.Copy(t.Context(), c.Location, address, api.CopyOptions{Home: string(o.Home)})
	must(t, err)
	out, err := Open(t.Context(), address, o)
	must(t, err)
	t.Cleanup(func() { must(t, out.Close()) })
	return out
}

// Each condition is applied here, and by a remote store.
func TestFilters(t *testing.T) {
	c := made(t)
	t.Run("folder", func(t *testing.T) { testFilters(t, c) })
	t.Run("remote", func(t *testing.T) { testFilters(t, remotely(t, c)) })
}

func testFilters(t *testing.T, c *Collection) {
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
		{"any letter, also of a Mac's file", api.Filter{Names: []string{"s?o*.png"}}, []string{sao}},
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
		r, err := c.Search(t.Context(), api.Like("query"), api.SearchOptions{Filter: x.filter})
		if x.want == nil {
			if !errors.Is(err, api.ErrEmptyFilter) {
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
	r, err := c.Search(t.Context(), api.Like("query"), api.SearchOptions{Filter: api.Filter{Under: "https://x.org"}, Top: 1})
	if err != nil || !slices.Equal(names(r.Hits), []string{"cow"}) || r.Hits[0].Rank != 1 {
		t.Errorf("%v, %v", r.Hits, err)
	}
}

func TestAnEmptyFilterNamesTheCondition(t *testing.T) {
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
		_, err := c.Search(t.Context(), api.Like("query"), x.o)
		if !errors.Is(err, api.ErrEmptyFilter) || !strings.HasSuffix(err.Error(), x.want) {
			t.Errorf("%v, want %s", err, x.want)
		}
	}
	for _, bad := range []api.Filter{
		{After: "yesterday"}, {Before: "2024-13"}, {After: "2023-02-29"}, {After: "20240731"}, {After: "2024", Before: "2024-01-01"},
		{Names: []string{"[a"}}, {Names: []string{""}}, {Tags: []string{""}}, {NotTags: []string{"a;b"}},
	} {
		if err := CheckFilter(bad); err == nil {
			t.Errorf("%+v is accepted", bad)
		}
		if _, err := c.Search(t.Context(), api.Like("query"), api.SearchOptions{Filter: bad}); err == nil || errors.Is(err, api.ErrEmptyFilter) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestListedPicturesThatAreMissingAreReported(t *testing.T) {
	t.Parallel()
	c := made(t)
	dir, err := os.Getwd()
	must(t, err)
	relative, err := filepath.Rel(dir, "/p/cat.png")
	must(t, err)
	r, err := c.Search(t.Context(), api.Like("query"), api.SearchOptions{Filter: api.Filter{Only: []string{
		"cat", "horse", relative, "/p/cat.png", "/p/./cat.png", "horse", "/p/horse.png", "Dog",
	}}})
	if err != nil || !slices.Equal(names(r.Hits), []string{"cat"}) || !slices.Equal(r.Missing, []string{"horse", "/p/horse.png", "Dog"}) {
		t.Errorf("%v, missing %q, %v", names(r.Hits), r.Missing, err)
	}
}

// The pictures stand at 10, 20 … degrees: 0.94 is the cosine of 20, 0.5 of 60.
func TestAllHitsAreThoseAboveTheMinimumScore(t *testing.T) {
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
		r, err := c.Search(t.Context(), api.Like("query"), x.o)
		if err != nil || !slices.Equal(names(r.Hits), x.want) {
			t.Errorf("%s: %v, %v, want %v", x.why, names(r.Hits), err, x.want)
		}
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
		r, err := c.Search(t.Context(), api.Like("query"), api.SearchOptions{Filter: api.Filter{Tags: []string{"Sea"}}})
		if x.has == nil {
			if !errors.Is(err, api.ErrEmptyFilter) {
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

func TestVectorsAreSearchedWithFilters(t *testing.T) {
	t.Parallel()
	c := made(t)
	queries := vector.Matrix{Dim: 2, Parts: [][]float32{{1, 0}, {0, 1}}}
	r, err := c.SearchVectors(t.Context(), queries, api.SearchOptions{Filter: api.Filter{Under: "/q"}})
	must(t, err)
	if len(r.Names) != 2 || !slices.Equal(r.Names[0], []string{"twin", "dog"}) || !slices.Equal(r.Names[1], []string{"dog", "twin"}) {
		t.Errorf("%v", r.Names)
	}
	if _, err := c.SearchVectors(t.Context(), vector.Matrix{Dim: 3, Parts: [][]float32{{1, 0, 0}}}, api.SearchOptions{}); err == nil {
		t.Error("queries of another dimension are accepted")
	}
}
