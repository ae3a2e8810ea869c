package duplicates

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight/copies"
	"github.com/akin-search/akin/internal/insight/evidence"
	"github.com/akin-search/akin/internal/record"
)

// inWords describes groups: the best, what is removed of the others, and why.
func inWords(t *testing.T, dir string, d api.Duplicates) (lines []string) {
	t.Helper()
	for _, g := range d.Groups {
		var words []string
		for _, c := range g.Copies {
			rel, err := filepath.Rel(dir, c.Source)
			must(t, err)
			word := filepath.ToSlash(rel)
			if c.Remove {
				word += " goes"
			}
			words = append(words, word)
		}
		lines = append(lines, fmt.Sprintf("%s: %s (%s)", g.Kind, strings.Join(words, ", "), g.Why))
	}
	return lines
}

func TestGroupsAndTheirBest(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "pictures")
	c := newCollection(t, dir,
		made{"a/flag.png", scene(1)}, made{"a/backup/flag.png", scene(1)}, // the same bytes
		made{"b/large.png", scene(2)}, made{"b/small.png", halved(scene(2))},
		made{"c/lake.png", scene(3)}, made{"c/turned.png", mirrored(scene(3))},
		made{"d/alone.png", scene(4)},
	)
	for _, of := range []struct {
		why  string
		o    api.DuplicateOptions
		want []string
	}{
		{"equal files only", api.DuplicateOptions{Exact: true},
			[]string{"exact: a/flag.png, a/backup/flag.png goes (not in a folder for copies)"}},
		{"other sizes", api.DuplicateOptions{}, []string{
			"exact: a/flag.png, a/backup/flag.png goes (not in a folder for copies)",
			"near: b/large.png, b/small.png goes (larger)",
		}},
		{"mirrored ones as well", api.DuplicateOptions{Mirrored: true}, []string{
			"exact: a/flag.png, a/backup/flag.png goes (not in a folder for copies)",
			"near: b/large.png, b/small.png goes (larger)",
			"mirrored: c/lake.png, c/turned.png goes (the oldest of equals)",
		}},
		{"a reference folder", api.DuplicateOptions{Reference: []string{filepath.Join(dir, "a", "backup"), filepath.Join(dir, "b")}}, []string{
			"exact: a/backup/flag.png, a/flag.png goes (in a reference folder)",
		}},
	} {
		d, err := Duplicates(t.Context(), c, of.o)
		must(t, err)
		if got := inWords(t, dir, d); !slices.Equal(got, of.want) {
			t.Errorf("%s:\n%s\nwant\n%s", of.why, strings.Join(got, "\n"), strings.Join(of.want, "\n"))
		}
		if of.o.Exact == (d.Calibration != nil) || d.Pictures != 7 || len(d.Failed) > 0 {
			t.Errorf("%s: %+v", of.why, d)
		}
	}
	if _, err := Duplicates(t.Context(), c, api.DuplicateOptions{Reference: []string{t.TempDir()}}); !errors.Is(err, record.ErrNotIndexed) {
		t.Errorf("a reference folder without pictures: %v", err)
	}
}

func TestFilesThatChangedAreReported(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "pictures")
	c := newCollection(t, dir, made{"a.png", scene(1)}, made{"b.png", scene(1)}, made{"c.png", scene(1)})
	must(t, os.Remove(filepath.Join(dir, "a.png")))
	must(t, os.WriteFile(filepath.Join(dir, "b.png"), []byte("another"), 0o666))
	d, err := Duplicates(t.Context(), c, api.DuplicateOptions{Exact: true})
	must(t, err)
	want := []api.Failure{
		{Source: filepath.Join(dir, "a.png"), Error: api.ErrNoFile.Error()},
		{Source: filepath.Join(dir, "b.png"), Error: api.ErrChanged.Error()},
	}
	if !reflect.DeepEqual(d.Failed, want) || d.Pictures != 1 || len(d.Groups) != 0 {
		t.Errorf("%+v", d)
	}
}

func TestReviewedGroupsAreLeftOutUntilAnotherJoins(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "pictures")
	c := newCollection(t, dir, made{"a.png", scene(1)}, made{"b.png", scene(1)}, made{"x/c.png", scene(1)})
	exact := api.DuplicateOptions{Exact: true}
	n, err := ReviewDuplicates(t.Context(), c, []string{"a", "b"})
	if err != nil || n != 1 {
		t.Fatalf("%d, %v", n, err)
	}
	d, err := Duplicates(t.Context(), c, exact)
	must(t, err)
	if got := inWords(t, dir, d); d.Reviewed != 0 || len(got) != 1 || !strings.Contains(got[0], "a.png, b.png, x/c.png goes") {
		t.Errorf("with one that was not reviewed: %q", got)
	}
	_, err = ReviewDuplicates(t.Context(), c, []string{"a", "b", "c"})
	must(t, err)
	if d, err = Duplicates(t.Context(), c, exact); err != nil || d.Reviewed != 1 || len(d.Groups) != 0 {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := ReviewDuplicates(t.Context(), c, []string{"a"}); !errors.Is(err, api.ErrInvalid) {
		t.Errorf("one alone: %v", err)
	}
	if n, err = UnreviewDuplicates(t.Context(), c, "b"); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
}

func TestACancelledSearchIsAnError(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "pictures")
	c := newCollection(t, dir, made{"a.png", scene(1)}, made{"b.png", halved(scene(1))})
	ctx, cancel := context.WithCancel(t.Context())
	o := api.DuplicateOptions{Progress: func(p api.Progress) {
		if p.Step == "pixels" {
			cancel()
		}
	}}
	if _, err := Duplicates(ctx, c, o); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// Of three copies, two comparisons with the largest are enough.
func TestCopiesOfAThirdAreNotCompared(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "pictures")
	c := newCollection(t, dir, made{"a.png", scene(1)}, made{"b.png", scene(2)}, made{"c.png", scene(3)})
	v, err := c.OpenSpace(t.Context(), "")
	must(t, err)
	defer v.Close()
	f := &finder{c: c, v: v}
	must(t, f.gather(t.Context()))
	for u := range f.summaries {
		f.summaries[u] = signatureSummary{known: true, width: 300 - 100*u, height: 100}
	}
	for _, of := range []struct {
		why      string
		same     map[pair]bool
		compared int
	}{
		{"both are copies of the largest", map[pair]bool{{0, 1}: true, {0, 2}: true}, 2},
		{"one is", map[pair]bool{{0, 1}: true}, 3},
		{"none is", map[pair]bool{}, 3},
	} {
		candidates := []candidate{{a: 1, b: 2}, {a: 0, b: 2}, {a: 0, b: 1}}
		e := newExamination(f, candidates)
		compared := 0
		for len(e.open) > 0 {
			now := e.next()
			if len(now)+e.skipped == 0 {
				t.Fatal("nothing can be compared")
			}
			for _, i := range now {
				compared++
				candidates[i].seen = true
				candidates[i].evidence.Same = of.same[pair{candidates[i].a, candidates[i].b}]
			}
		}
		if compared != of.compared || candidates[0].viaThird != (of.compared == 2) {
			t.Errorf("%s: %d compared, %+v", of.why, compared, candidates[0])
		}
	}
}

func TestWhatIsTooSmallToShowWritingIsACopyOnlyAlone(t *testing.T) {
	t.Parallel()
	writing := evidence.Evidence{Verdict: evidence.Unsure, Reason: evidence.Writing}
	for _, of := range []struct {
		why        string
		candidates []candidate
		pairs      []pair
		similar    []pair
	}{
		{"alone", []candidate{{a: 0, b: 1, seen: true, evidence: writing}}, []pair{{0, 1}}, nil},
		{"with another that is as similar", []candidate{{a: 0, b: 1, seen: true, evidence: writing}, {a: 0, b: 2, seen: true}}, nil, []pair{{0, 1}, {0, 2}}},
		{"the pixels agree", []candidate{{a: 0, b: 1, seen: true, distance: 1.5, evidence: evidence.Evidence{Verdict: evidence.Same, Same: true}}}, []pair{{0, 1}}, nil},
		{"far apart, and different", []candidate{{a: 0, b: 1, seen: true, distance: 1.5}}, nil, nil},
	} {
		f := &finder{summaries: make([]signatureSummary, 3), accepted: map[pairKey]bool{}}
		f.decide(of.candidates)
		if !slices.Equal(f.pairs, of.pairs) || !slices.Equal(f.similar, of.similar) {
			t.Errorf("%s: copies %v, similar %v", of.why, f.pairs, f.similar)
		}
	}
}

func TestNearestHashes(t *testing.T) {
	t.Parallel()
	all := func(int) bool { return true }
	if got := nearestHashes(0, []uint64{0, 1, 3, 7, 15}, 1, 2, all); !slices.Equal(got, []int{1, 2}) {
		t.Errorf("%v", got)
	}
	if got := nearestHashes(0, []uint64{0, 1, 3, 7, 15}, 0, 3, func(i int) bool { return i%2 == 1 }); !slices.Equal(got, []int{1, 3}) {
		t.Errorf("%v", got)
	}
	many := slices.Concat(slices.Repeat([]uint64{3}, byHashEach), []uint64{1})
	if got := nearestHashes(0, many, 0, 2, all); len(got) != byHashEach || got[0] != byHashEach {
		t.Errorf("of many, the nearest: %v", got)
	}
}

func TestFoldersForCopies(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"/p/old/a.png": true, "/p/Backup 2019/a.png": true, "/p/photos_copy/x/a.png": true, "/p/WhatsApp/Sent/a.png": true,
		"/p/gold/a.png": false, "/p/Olden days/a.png": false, "/p/old.png": false, "/p/copyright/a.png": false,
	} {
		if got := inCopyFolder(path); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
	f := &finder{common: "/p/Downloads/"}
	if f.liesWithCopies("/p/Downloads/a.png") || !f.liesWithCopies("/p/Downloads/old/a.png") || !f.liesWithCopies("/q/old/a.png") {
		t.Error("the folder that holds all pictures counts")
	}
}

func TestCommonFolder(t *testing.T) {
	t.Parallel()
	if filepath.Separator != '/' {
		t.Skip("paths are Unix's")
	}
	for _, c := range []struct {
		sources []string
		want    string
	}{
		{nil, ""},
		{[]string{"/p/a.png"}, "/p/"},
		{[]string{"/p/x/a.png", "/p/y/b.png"}, "/p/"},
		{[]string{"/p/xa/a.png", "/p/xb/b.png", "/p/b.png"}, "/p/"},
		{[]string{"/p/a.png", "/q/b.png"}, "/"},
	} {
		if got := commonFolder(c.sources); got != c.want {
			t.Errorf("%v: %q", c.sources, got)
		}
	}
}

func TestClearlyBetter(t *testing.T) {
	t.Parallel()
	size := func(width, height int) copies.Quality { return copies.Quality{Width: width, Height: height} }
	sharp := func(q copies.Quality, v float32) copies.Quality {
		q.Signature = &copies.Signature{}
		q.Signature.Sharp[0] = v * v
		return q
	}
	for _, c := range []struct {
		why     string
		q, best copies.Quality
		want    bool
	}{
		{"a quarter more pixels", size(125, 100), size(100, 100), true},
		{"a little less than that", size(124, 100), size(100, 100), false},
		{"sharper", sharp(size(100, 100), 2), sharp(size(100, 100), 1), true},
		{"larger and less sharp", sharp(size(200, 200), 1), sharp(size(100, 100), 2), false},
		{"larger and as sharp", sharp(size(200, 200), 1), sharp(size(100, 100), 1), true},
	} {
		if got := clearlyBetter(c.q, c.best, 1.05); got != c.want {
			t.Errorf("%s: %v", c.why, got)
		}
	}
}
