package akin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
	"golang.org/x/image/draw"
)

// readFlag decodes a real flag.
func readFlag(t testing.TB, name string) image.Image {
	t.Helper()
	f, err := os.Open(filepath.Join(golden.Flags(t), "images", name+".png"))
	must(t, err)
	defer f.Close()
	p, err := png.Decode(f)
	must(t, err)
	return p
}

// pixels makes a picture of one, pixel by pixel.
func pixels(width, height int, from func(x, y int) (int, int), of image.Image) image.Image {
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			fx, fy := from(x, y)
			out.Set(x, y, of.At(of.Bounds().Min.X+fx, of.Bounds().Min.Y+fy))
		}
	}
	return out
}

func scaled(p image.Image, width, height int) image.Image {
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.CatmullRom.Scale(out, out.Rect, p, p.Bounds(), draw.Src, nil)
	return out
}

func asPNG(t testing.TB, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, p))
	return b.Bytes()
}

func asJPEG(t testing.TB, p image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, p, &jpeg.Options{Quality: quality}))
	return b.Bytes()
}

// oriented puts an EXIF orientation into a JPEG.
func oriented(file []byte, orientation byte) []byte {
	exif := []byte{0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0}
	return slices.Concat(file[:2], exif, file[2:])
}

// copyCollection is 60 real flags and hand-made copies of some, indexed.
type copyCollection struct {
	*akin.Collection
	dir string
}

func (c copyCollection) path(name string) string { return filepath.Join(c.dir, name) }

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o777))
	must(t, os.WriteFile(path, data, 0o666))
}

func withCopies(t testing.TB) copyCollection {
	t.Helper()
	golden.Deps(t)
	dir := filepath.Join(t.TempDir(), "pictures")
	for _, name := range copiedFlags(t) {
		copyFile(t, filepath.Join(golden.Flags(t), "images", name+".png"), filepath.Join(dir, name+".png"))
	}
	chad, bhutan, brazil, lanka := readFlag(t, "Chad"), readFlag(t, "Bhutan"), readFlag(t, "Brazil"), readFlag(t, "Sri_Lanka")
	w, h := bhutan.Bounds().Dx(), bhutan.Bounds().Dy()
	chadFile, err := os.ReadFile(filepath.Join(dir, "Chad.png"))
	must(t, err)
	write(t, filepath.Join(dir, "again", "chad exact.png"), chadFile)
	write(t, filepath.Join(dir, "again", "chad as jpeg.jpg"), asJPEG(t, chad, 80))
	write(t, filepath.Join(dir, "again", "bhutan small.png"), asPNG(t, scaled(bhutan, w*6/10, h*6/10)))
	write(t, filepath.Join(dir, "again", "bhutan enlarged.png"), asPNG(t, scaled(scaled(bhutan, w/2, h/2), 2*w, 2*h)))
	write(t, filepath.Join(dir, "again", "bhutan jpeg.jpg"), asJPEG(t, bhutan, 60))
	write(t, filepath.Join(dir, "again", "brazil trimmed.png"), asPNG(t, pixels(brazil.Bounds().Dx()-3, brazil.Bounds().Dy()-2, func(x, y int) (int, int) { return x + 3, y + 2 }, brazil)))
	// Stored turned counterclockwise; orientation 6 says to turn it back.
	stored := pixels(h, w, func(x, y int) (int, int) { return w - 1 - y, x }, bhutan)
	write(t, filepath.Join(dir, "again", "bhutan oriented.jpg"), oriented(asJPEG(t, stored, 90), 6))
	nw, nh := lanka.Bounds().Dx(), lanka.Bounds().Dy()
	write(t, filepath.Join(dir, "again", "lanka mirrored.png"), asPNG(t, pixels(nw, nh, func(x, y int) (int, int) { return nw - 1 - x, y }, lanka)))
	write(t, filepath.Join(dir, "again", "lanka turned.png"), asPNG(t, pixels(nh, nw, func(x, y int) (int, int) { return nw - 1 - y, x }, lanka)))
	c := open(t, filepath.Join(t.TempDir(), "copies.akin"), akin.Options{})
	_, err = c.Index(t.Context(), []string{dir}, api.IndexOptions{})
	must(t, err)
	return copyCollection{c, dir}
}

// copiedFlags are some flags, with those that are most alike.
func copiedFlags(t testing.TB) []string {
	names := []string{"Chad", "Romania", "Indonesia", "Monaco", "Poland", "Bhutan", "Brazil", "Sri_Lanka", "Ireland", "Ivory_Coast", "Mali", "Senegal", "Australia", "New_Zealand"}
	files, err := filepath.Glob(filepath.Join(golden.Flags(t), "images", "*.png"))
	must(t, err)
	for _, f := range files[:46] {
		if name := strings.TrimSuffix(filepath.Base(f), ".png"); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// summary gives groups as "Chad: chad exact exact, chad as jpeg near".
func summary(d api.Duplicates) []string {
	var out []string
	for _, g := range d.Groups {
		var copies []string
		for _, p := range g.Copies[1:] {
			copies = append(copies, p.Name+" "+string(p.Kind))
		}
		slices.Sort(copies)
		out = append(out, g.Copies[0].Name+": "+strings.Join(copies, ", "))
	}
	slices.Sort(out)
	return out
}

func duplicates(t testing.TB, c copyCollection, o api.DuplicateOptions) api.Duplicates {
	t.Helper()
	d, err := c.Duplicates(t.Context(), o)
	must(t, err)
	return d
}

func wantGroups(t testing.TB, d api.Duplicates, want ...string) {
	t.Helper()
	if got := summary(d); !slices.Equal(got, want) {
		js, _ := json.Marshal(d.Calibration)
		t.Errorf("%s\nwant %s\n%s", strings.Join(got, "\n     "), strings.Join(want, "\n     "), js)
	}
}

const (
	bhutanGroup = "Bhutan: bhutan enlarged near, bhutan jpeg near, bhutan oriented near, bhutan small near"
	brazilGroup = "Brazil: brazil trimmed near"
	chadGroup   = "Chad: chad as jpeg near, chad exact exact"
)

func TestHandMadeCopiesAreFound(t *testing.T) {
	if testing.Short() {
		t.Skip("it reads hundreds of pictures")
	}
	t.Parallel()
	c := withCopies(t)
	d := duplicates(t, c, api.DuplicateOptions{})
	wantGroups(t, d, bhutanGroup, brazilGroup, chadGroup)
	if d.Remove != 7 || d.Calibration.Wrong > 0.5 || d.Calibration.Found < 0.8 {
		t.Errorf("%d to be removed, %+v", d.Remove, d.Calibration)
	}
	for _, g := range d.Groups {
		want := map[string]string{"Bhutan": "sharper", "Brazil": "larger", "Chad": "lossless"}[g.Copies[0].Name]
		if g.Why != want {
			t.Errorf("%s is the best because it is %s, want %s", g.Copies[0].Name, g.Why, want)
		}
		for _, p := range g.Copies {
			if p.Remove == p.Best || p.Evidence == nil != (p.Best || p.Kind == api.ExactCopy) {
				t.Errorf("%+v", p)
			}
			if p.Name == "bhutan enlarged" && p.Sharpness > 0.9 {
				t.Errorf("the enlarged copy is %v as sharp", p.Sharpness)
			}
		}
	}

	// The same again, out of the signatures that were kept, is the same.
	again := duplicates(t, c, api.DuplicateOptions{})
	if a, _ := json.Marshal(d); true {
		if b, _ := json.Marshal(again); !bytes.Equal(a, b) {
			t.Errorf("again:\n%s\n%s", a, b)
		}
	}
	wantGroups(t, duplicates(t, c, api.DuplicateOptions{Exact: true}), "Chad: chad exact exact")
	wantGroups(t, duplicates(t, c, api.DuplicateOptions{Mirrored: true}), bhutanGroup, brazilGroup, chadGroup, "Sri_Lanka: lanka mirrored mirrored")
	wantGroups(t, duplicates(t, c, api.DuplicateOptions{Rotated: true}), bhutanGroup, brazilGroup, chadGroup, "Sri_Lanka: lanka turned rotated")
	wantGroups(t, duplicates(t, c, api.DuplicateOptions{Rotated: true, Mirrored: true}), bhutanGroup, brazilGroup, chadGroup, "Sri_Lanka: lanka mirrored mirrored, lanka turned rotated")
	wantGroups(t, duplicates(t, c, api.DuplicateOptions{Filter: api.Filter{Names: []string{"b*"}}}), bhutanGroup, brazilGroup)
}

// The real flags have no copies among them, however alike some are.
func TestFlagsAreNoCopiesOfOneAnother(t *testing.T) {
	if testing.Short() {
		t.Skip("it reads hundreds of pictures")
	}
	t.Parallel()
	c := indexFlags(t)
	d, err := c.Duplicates(t.Context(), api.DuplicateOptions{})
	must(t, err)
	wantGroups(t, d)
	if d.Pictures != 195 || d.Calibration.Limit < 0.9 {
		t.Errorf("%d, %+v", d.Pictures, d.Calibration)
	}
}

func TestReferencePicturesAreKept(t *testing.T) {
	t.Parallel()
	c := withCopies(t)
	d := duplicates(t, c, api.DuplicateOptions{Reference: []string{c.path("again")}})
	for _, g := range d.Groups {
		if !g.Copies[0].Reference || g.Why != "in a reference folder" {
			t.Errorf("the best is %+v, %s", g.Copies[0], g.Why)
		}
		for _, p := range g.Copies {
			if p.Remove == p.Reference {
				t.Errorf("%+v", p)
			}
		}
	}
	if d.Remove != 3 { // Chad, Bhutan and Brazil themselves
		t.Errorf("%d are to be removed", d.Remove)
	}
	r, err := c.RemoveDuplicates(t.Context(), d.Groups, api.RemoveOptions{DryRun: true, Folder: filepath.Join(t.TempDir(), "x")})
	must(t, err)
	if len(r.Removed) != 3 || len(r.Skipped) != 0 {
		t.Errorf("%+v", r)
	}
	if _, err := c.Duplicates(t.Context(), api.DuplicateOptions{Reference: []string{t.TempDir()}}); !errors.Is(err, akin.ErrNotIndexed) || !strings.Contains(err.Error(), "holds no picture") {
		t.Errorf("a reference folder that is not indexed: %v", err)
	}
}

// A PNG that shows what a JPEG shows was made from it, also where it was mirrored: the JPEG is the
// original. One that shows more is not.
func TestAnOriginalIsKeptRatherThanWhatWasMadeOfIt(t *testing.T) {
	t.Parallel()
	c := withCopies(t)
	photo := c.path("lossy/bahrain photo.jpg")
	write(t, photo, asJPEG(t, scaled(readFlag(t, "Bahrain"), 400, 240), 90))
	i, pix, err := akin.Inspect(t.Context(), photo, akin.Options{})
	must(t, err)
	shown := &image.RGBA{Pix: make([]byte, 0, 4*i.Width*i.Height), Stride: 4 * i.Width, Rect: image.Rect(0, 0, i.Width, i.Height)}
	for p := range slices.Chunk(pix, 3) {
		shown.Pix = append(append(shown.Pix, p...), 255)
	}
	mirrored := pixels(i.Width, i.Height, func(x, y int) (int, int) { return i.Width - 1 - x, y }, shown)
	write(t, c.path("lossy/upright.png"), asPNG(t, shown))
	write(t, c.path("lossy/mirrored.png"), asPNG(t, mirrored))
	_, err = c.Index(t.Context(), []string{c.dir}, api.IndexOptions{})
	must(t, err)
	d := duplicates(t, c, api.DuplicateOptions{Mirrored: true, Filter: api.Filter{Under: c.path("lossy")}})
	wantGroups(t, d, "bahrain photo: mirrored mirrored, upright near")
	if len(d.Groups) == 1 && d.Groups[0].Why != "the original" {
		t.Errorf("the best is %s", d.Groups[0].Why)
	}
}

// A folder that is linked to holds the same files, not copies of them: removing one would
// remove the other.
func TestALinkedFolderHasNoCopies(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real"), filepath.Join(dir, "link")
	c := open(t, exactCopies(t, real, 2, 1), akin.Options{})
	must(t, os.Symlink(real, link))
	_, err := c.Index(t.Context(), []string{real, link}, api.IndexOptions{})
	must(t, err)
	d, err := c.Duplicates(t.Context(), api.DuplicateOptions{Exact: true})
	must(t, err)
	if len(d.Groups) != 0 || d.Remove != 0 || d.Pictures != 4 {
		t.Errorf("%+v", d)
	}
}

// A reviewed group stays reviewed, whatever its files are called; a new copy opens it, and
// only that one can go.
func TestAReviewedGroupStaysReviewed(t *testing.T) {
	t.Parallel()
	c := withCopies(t)
	n, err := c.ReviewDuplicates(t.Context(), []string{"Bhutan", "bhutan *"}, []string{"Chad", "chad exact", "chad as jpeg"})
	if err != nil || n != 2 {
		t.Fatal(n, err)
	}
	d := duplicates(t, c, api.DuplicateOptions{})
	wantGroups(t, d, brazilGroup)
	if d.Reviewed != 2 {
		t.Errorf("%d were reviewed", d.Reviewed)
	}
	wantGroups(t, duplicates(t, c, api.DuplicateOptions{Reviewed: true}), bhutanGroup, brazilGroup, chadGroup)

	must(t, os.Rename(c.path("again/bhutan jpeg.jpg"), c.path("again/another name.jpg")))
	write(t, c.path("new/bhutan tiny.png"), asPNG(t, scaled(readFlag(t, "Bhutan"), 132, 88)))
	chad, err := os.ReadFile(c.path("Chad.png"))
	must(t, err)
	write(t, c.path("new/chad once more.png"), chad)
	_, err = c.Index(t.Context(), []string{c.dir}, api.IndexOptions{Prune: true})
	must(t, err)
	d = duplicates(t, c, api.DuplicateOptions{})
	wantGroups(t, d,
		"Bhutan: another name near, bhutan enlarged near, bhutan oriented near, bhutan small near, bhutan tiny near", brazilGroup,
		"Chad: chad as jpeg near, chad exact exact, chad once more exact")
	var remove []string
	for _, g := range d.Groups {
		for _, p := range g.Copies {
			if p.Remove {
				remove = append(remove, p.Name)
			}
			if p.Reviewed && p.Remove {
				t.Errorf("%+v", p)
			}
		}
	}
	slices.Sort(remove)
	if !slices.Equal(remove, []string{"bhutan tiny", "brazil trimmed", "chad once more"}) {
		t.Errorf("to be removed are %v", remove)
	}
	if n, err := c.UnreviewDuplicates(t.Context(), "another name"); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	if d := duplicates(t, c, api.DuplicateOptions{}); d.Groups[0].Copies[1].Reviewed {
		t.Errorf("%+v", d.Groups[0])
	}
	for _, set := range [][]string{{"Chad"}, {"Atlantis", "Chad"}, {}} {
		if _, err := c.ReviewDuplicates(context.Background(), set); err == nil {
			t.Errorf("%v is reviewed", set)
		}
	}
}
