package akin_test

import (
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"

	drawn "github.com/akin-search/akin/internal/insight/copies/made"
)

// indexedFolder is a collection of the pictures of a folder.
func indexedFolder(t testing.TB, dir string) copyCollection {
	t.Helper()
	golden.Deps(t)
	c := open(t, filepath.Join(t.TempDir(), "c.akin"), akin.Options{})
	_, err := c.Index(t.Context(), []string{dir}, api.IndexOptions{})
	must(t, err)
	return copyCollection{c, dir}
}

func someFlags(t testing.TB, dir string, n int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(golden.Flags(t), "images", "*.png"))
	must(t, err)
	for i := range n {
		f := files[i*len(files)/n]
		copyFile(t, f, filepath.Join(dir, filepath.Base(f)))
	}
}

// removed are the names of what would go.
func removed(d api.Duplicates) (names []string) {
	for _, g := range d.Groups {
		for _, p := range g.Copies {
			if p.Remove {
				names = append(names, p.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// What alpha draws is what is seen: shapes in one colour differ, also white ones, and colours that are
// hidden under it do not.
func TestWhatIsSeenIsCompared(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for n := range drawn.Icons {
		write(t, filepath.Join(dir, fmt.Sprintf("%02d black.png", n)), asPNG(t, drawn.Icon(n, 96, color.NRGBA{0, 0, 0, 255})))
		write(t, filepath.Join(dir, fmt.Sprintf("%02d white.png", n)), asPNG(t, drawn.Icon(n, 96, color.NRGBA{255, 255, 255, 255})))
	}
	wantGroups(t, duplicates(t, indexedFolder(t, dir), api.DuplicateOptions{}))

	for i, hidden := range []color.NRGBA{{0, 0, 0, 0}, {0, 200, 0, 0}, {255, 255, 255, 0}} {
		logo := drawn.Icon(5, 160, color.NRGBA{160, 20, 60, 255})
		for y := range 160 {
			for x := range 160 {
				if logo.NRGBAAt(x, y).A == 0 {
					logo.SetNRGBA(x, y, hidden)
				}
			}
		}
		write(t, filepath.Join(dir, fmt.Sprintf("logo %d.png", i)), asPNG(t, logo))
	}
	blank := image.NewNRGBA(image.Rect(0, 0, 96, 96))
	for i := range blank.Pix {
		blank.Pix[i] = byte(i) &^ 3 // colours, all hidden
		if i%4 == 3 {
			blank.Pix[i] = 0
		}
	}
	write(t, filepath.Join(dir, "nothing.png"), asPNG(t, blank))
	write(t, filepath.Join(dir, "paper.png"), asPNG(t, pixels(96, 96, func(x, y int) (int, int) { return 0, 0 }, grey(255))))
	d := duplicates(t, indexedFolder(t, dir), api.DuplicateOptions{})
	wantGroups(t, d, "logo 0: logo 1 near, logo 2 near")
	if len(d.Blank) != 2 || filepath.Base(d.Blank[0]) != "nothing.png" || filepath.Base(d.Blank[1]) != "paper.png" {
		t.Errorf("blank are %v", d.Blank)
	}
}

// Pages of one kind differ in what is written on them: they are a series. A copy of one of them is a copy of that
// one alone.
func TestPagesOfOneKindAreNoCopies(t *testing.T) {
	if testing.Short() {
		t.Skip("it compares hundreds of pages")
	}
	t.Parallel()
	dir := t.TempDir()
	someFlags(t, dir, 24)
	for _, kind := range drawn.Kinds {
		for n := range 3 {
			write(t, filepath.Join(dir, fmt.Sprintf("%s %d.png", kind, n)), asPNG(t, drawn.Page(kind, n)))
		}
	}
	var want []string
	for _, kind := range []string{"chat", "invoice", "letter", "ticket"} {
		write(t, filepath.Join(dir, kind+" saved.jpg"), asJPEG(t, drawn.Page(kind, 2), 60))
		want = append(want, kind+" 2: "+kind+" saved near")
	}
	d := duplicates(t, indexedFolder(t, dir), api.DuplicateOptions{})
	wantGroups(t, d, want...)
	if got := removed(d); !slices.Equal(got, []string{"chat saved", "invoice saved", "letter saved", "ticket saved"}) {
		t.Errorf("removed are %v", got)
	}
	of := map[string]int{}
	for _, g := range d.Series {
		for _, p := range g.Copies {
			of[strings.Fields(p.Name)[0]]++
			if p.Remove || p.Kind != api.Series || p.Evidence == nil || p.Evidence.Pixels.Verdict == "same" {
				t.Errorf("%+v", p)
			}
		}
	}
	for _, kind := range drawn.Kinds {
		if of[kind] != 3 {
			t.Errorf("%d pages of %s are told as a series", of[kind], kind)
		}
	}
	t.Logf("%+v", *d.Calibration)
}

// A folder with bursts: what a messenger made of other photographs is found all the same, and no frame goes.
func TestBurstsAreSeriesAndCopiesAreFound(t *testing.T) {
	if testing.Short() {
		t.Skip("it compares hundreds of photographs")
	}
	t.Parallel()
	dir := t.TempDir()
	set, err := drawn.NewSet(dir)
	must(t, err)
	const photos, each = 8, 3
	must(t, set.Photos(photos, 640, 480, each))
	must(t, set.Bursts(2, 8, 640, 480))
	must(t, set.Close())
	must(t, os.Remove(filepath.Join(dir, "truth.csv")))
	d := duplicates(t, indexedFolder(t, dir), api.DuplicateOptions{})
	got := removed(d)
	for _, name := range got {
		if !strings.Contains(name, "_messenger") && !strings.Contains(name, "_mail") {
			t.Errorf("%s goes", name)
		}
	}
	if len(got) < photos*each*95/100 {
		t.Errorf("%d of %d copies are found", len(got), photos*each)
	}
	frames := 0
	for _, g := range d.Series {
		frames += len(g.Copies)
	}
	if frames != 16 || d.Calibration.Found < 0.9 {
		t.Errorf("%d frames in series, %+v", frames, *d.Calibration)
	}
	t.Logf("%d of %d; %+v", len(got), photos*each, *d.Calibration)
}

// The file stands for what it holds, not a link to it, however short its path is; and who has a link to
// what went is told.
func TestALinkIsNoCopy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	someFlags(t, dir, 20)
	big := drawn.Photo(3, 300, 200)
	write(t, filepath.Join(dir, "big.png"), asPNG(t, big))
	write(t, filepath.Join(dir, "small_one.jpg"), asJPEG(t, drawn.Scaled(big, 0.5), 85))
	must(t, os.Symlink("small_one.jpg", filepath.Join(dir, "s.jpg")))
	c := indexedFolder(t, dir)
	d := duplicates(t, c, api.DuplicateOptions{})
	if got := removed(d); !slices.Equal(got, []string{"small_one"}) {
		t.Errorf("removed are %v", got)
	}
	links := 0
	for _, g := range d.Groups {
		for _, p := range g.Copies {
			if p.Link != "" {
				links++
				if p.Name != "s" || filepath.Base(p.Link) != "small_one.jpg" || p.Remove {
					t.Errorf("%+v", p)
				}
			}
		}
	}
	if links != 1 {
		t.Errorf("%d links are listed", links)
	}
	r, err := c.RemoveDuplicates(t.Context(), d.Groups, api.RemoveOptions{Folder: filepath.Join(t.TempDir(), "away")})
	must(t, err)
	if len(r.Removed) != 1 || len(r.Skipped) != 0 || len(r.Removed[0].Links) != 1 || filepath.Base(r.Removed[0].Links[0]) != "s.jpg" {
		t.Errorf("%+v", r)
	}
}

// The best is a file of a folder that is kept in order, before one that was put aside; and what has more to show than
// that stays.
func TestTheBestLiesInAnOrderlyFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	someFlags(t, dir, 12)
	photo := func(n int) image.Image { return drawn.Photo(20+n, 400, 300) }
	for _, f := range []struct {
		path    string
		content []byte
	}{
		{"holidays/a.png", asPNG(t, photo(0))},
		{"Backup 2019/a_backed_up.png", asPNG(t, photo(0))},
		{"holidays/b.jpg", asJPEG(t, photo(1), 80)},
		{"old/b_lossless.png", asPNG(t, photo(1))},
		{"holidays/c_small.jpg", asJPEG(t, drawn.Scaled(photo(2), 0.5), 85)},
		{"Downloads/c_large.png", asPNG(t, photo(2))},
		{"goldfish/d.png", asPNG(t, photo(3))}, // no word of its own is "old"
		{"bold/d_small.png", asPNG(t, drawn.Scaled(photo(3), 0.5))},
	} {
		write(t, filepath.Join(dir, f.path), f.content)
	}
	d := duplicates(t, indexedFolder(t, dir), api.DuplicateOptions{})
	var got []string
	for _, g := range d.Groups {
		for _, p := range g.Copies[1:] {
			fate := "goes"
			if p.Better {
				fate = "is better"
			}
			got = append(got, fmt.Sprintf("%s: %s %s (%s)", g.Copies[0].Name, p.Name, fate, g.Why))
			if p.Remove == p.Better {
				t.Errorf("%+v", p)
			}
		}
	}
	slices.Sort(got)
	want := []string{
		"a: a_backed_up goes (not in a folder for copies)",
		"b: b_lossless goes (not in a folder for copies)",
		"c_small: c_large is better (not in a folder for copies)",
		"d: d_small goes (larger)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}
