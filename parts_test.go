package akin_test

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// spotted is a picture with structure that is nowhere else: soft spots at places that a seed gives.
func spotted(width, height int, seed uint64) *image.RGBA {
	r := rand.New(rand.NewPCG(seed, 1))
	light := make([]float64, 3*width*height)
	for i := range light {
		light[i] = 110
	}
	for range 260 {
		cx, cy, size := r.Float64()*float64(width), r.Float64()*float64(height), 3+16*r.Float64()
		colour := [3]float64{320 * (r.Float64() - 0.5), 320 * (r.Float64() - 0.5), 320 * (r.Float64() - 0.5)}
		for y := max(0, int(cy-size)); y < min(height, int(cy+size)); y++ {
			for x := max(0, int(cx-size)); x < min(width, int(cx+size)); x++ {
				if d := math.Hypot(float64(x)-cx, float64(y)-cy) / size; d < 1 {
					for c := range colour {
						light[3*(y*width+x)+c] += colour[c] * (1 - d)
					}
				}
			}
		}
	}
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		for c := range 3 {
			img.Pix[4*i+c] = uint8(max(0, min(255, light[3*i+c])))
		}
		img.Pix[4*i+3] = 255
	}
	return img
}

// A crop, a picture that is framed, two crops that overlap, and a copy; and pictures that have nothing in common.
func TestParts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name string, img image.Image) {
		t.Helper()
		f, err := os.Create(filepath.Join(dir, name+".png"))
		must(t, err)
		must(t, png.Encode(f, img))
		must(t, f.Close())
	}
	whole := spotted(480, 360, 1)
	write("whole", whole)
	write("crop", whole.SubImage(image.Rect(150, 90, 370, 270)))
	framed := image.NewRGBA(image.Rect(0, 0, 620, 500))
	draw.Draw(framed, framed.Bounds(), &image.Uniform{color.RGBA{240, 235, 220, 255}}, image.Point{}, draw.Src)
	draw.Draw(framed, image.Rect(70, 70, 550, 430), whole, image.Point{}, draw.Src)
	write("framed", framed)
	other := spotted(480, 360, 2)
	write("left", other.SubImage(image.Rect(0, 0, 300, 360)))
	write("right", other.SubImage(image.Rect(120, 0, 480, 360)))
	write("alone", spotted(480, 360, 3))
	c := open(t, filepath.Join(dir, "c.akin"), at(t.TempDir()))
	index := func() {
		t.Helper()
		_, err := c.Index(t.Context(), []string{dir}, api.IndexOptions{})
		must(t, err)
	}
	first := true
	find := func() (r api.Parts, said []string) {
		t.Helper()
		steps := map[string]bool{}
		r, err := c.Parts(t.Context(), api.PartsOptions{Progress: func(p api.Progress) { steps[p.Step] = true }})
		must(t, err)
		if (!steps[api.StepParts] && first) || !steps["candidates"] || !steps["proof"] || len(r.Failed) > 0 {
			t.Errorf("%v, %v", steps, r.Failed)
		}
		for _, g := range r.Groups {
			for _, p := range g.Parts {
				said = append(said, fmt.Sprintf("%s %s %s %.2f", g.Whole.Name, p.Kind, p.Name, p.Share))
			}
		}
		return r, said
	}
	// 480 x 360 of 620 x 500 is 0.56, 220 x 180 of 480 x 360 0.23 and of 620 x 500 0.13; left and right share 180 of 360 columns.
	want := []string{"framed part whole 0.56", "framed part crop 0.13", "right shared left 0.50", "whole part crop 0.23"}
	index()
	r, said := find()
	if !slices.Equal(said, want) || r.Pictures != 6 || r.Pairs != 15 {
		t.Errorf("%d pictures, %d pairs: %q, want %q", r.Pictures, r.Pairs, said, want)
	}
	crop := r.Groups[slices.IndexFunc(r.Groups, func(g api.PartGroup) bool { return g.Whole.Name == "whole" })].Parts[0].Match
	for i, v := range [2]api.Box{crop.BoxA, crop.BoxB} {
		for j, w := range [2]api.Box{{150, 90, 220, 180}, {0, 0, 220, 180}}[i] {
			if math.Abs(v[j]-w) > 0.5 {
				t.Errorf("the crop lies at %v of the whole, and %v is seen of it", crop.BoxA, crop.BoxB)
			}
		}
	}
	// x' = x - 150, y' = y - 90
	if x, y := crop.Transform[0][2], crop.Transform[1][2]; math.Abs(x+150) > 0.5 || math.Abs(y+90) > 0.5 || crop.ExpectedFalse > 1e-6 {
		t.Errorf("%v, %g", crop.Transform, crop.ExpectedFalse)
	}
	if testing.Short() {
		return
	}
	// Among many.
	first = false
	for i := range 300 {
		write(fmt.Sprintf("small %03d", i), spotted(24, 24, uint64(100+i)))
	}
	index()
	if r, said = find(); !slices.Equal(said, want) || r.Pairs != 306*305/2 || r.Verified > 40 {
		t.Errorf("among many: %d pictures, %d pairs, %d verified: %q, want %q", r.Pictures, r.Pairs, r.Verified, said, want)
	}
	// What is gone is told, and the rest found.
	must(t, os.Remove(filepath.Join(dir, "framed.png")))
	r, err := c.Parts(t.Context(), api.PartsOptions{Filter: api.Filter{NotTags: []string{"x"}}})
	must(t, err)
	if len(r.Groups) != 2 || len(r.Failed) != 1 || filepath.Base(r.Failed[0].Source) != "framed.png" {
		t.Errorf("a file that is gone: %d groups, %v", len(r.Groups), r.Failed)
	}
}

// A crop, turned and compressed, is found in the picture that it is of, among others, and in a collage.
func TestSearchParts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "in"), 0o777))
	write := func(name string, img image.Image) string {
		t.Helper()
		path := filepath.Join(dir, name+".png")
		f, err := os.Create(path)
		must(t, err)
		must(t, png.Encode(f, img))
		must(t, f.Close())
		return path
	}
	whole := spotted(480, 360, 1)
	write("in/whole", whole)
	write("in/again", whole) // the same bytes
	collage := image.NewRGBA(image.Rect(0, 0, 900, 500))
	draw.Draw(collage, image.Rect(0, 0, 400, 500), spotted(400, 500, 9), image.Point{}, draw.Src)
	draw.Draw(collage, image.Rect(400, 100, 880, 460), whole, image.Point{}, draw.Src)
	write("in/collage", collage)
	others := 40
	if testing.Short() {
		others = 6
	}
	for i := range others {
		write(fmt.Sprintf("in/other %d", i), spotted(300, 240, uint64(20+i)))
	}
	turned := image.NewRGBA(image.Rect(0, 0, 180, 240)) // 240 x 180 at 200, 100, by a quarter
	for y := range 240 {
		for x := range 180 {
			turned.Set(x, y, whole.At(200+y, 100+179-x))
		}
	}
	crop := write("crop", turned)

	c := open(t, filepath.Join(dir, "c.akin"), at(t.TempDir()))
	index := func(o api.IndexOptions) api.IndexReport {
		t.Helper()
		r, err := c.Index(t.Context(), []string{filepath.Join(dir, "in")}, o)
		must(t, err)
		return r
	}
	search := func(q api.Query, o api.SearchOptions) api.Result {
		t.Helper()
		o.Parts = true
		r, err := c.Search(t.Context(), q, o)
		must(t, err)
		return r
	}
	if r := index(api.IndexOptions{}); r.Parts != nil {
		t.Errorf("without parts: %+v", r.Parts)
	}
	if _, err := c.Search(t.Context(), akin.Like(crop), api.SearchOptions{Parts: true}); !errors.Is(err, akin.ErrNoParts) {
		t.Errorf("without an index of parts: %v", err)
	}
	steps := map[string]bool{}
	if r := index(api.IndexOptions{Parts: true, Progress: func(p api.Progress) { steps[p.Step] = true }}); r.Parts.Pictures != others+2 || r.Parts.Added != others+2 || !steps[api.StepParts] {
		t.Errorf("%+v, %v", r.Parts, steps)
	}
	names := func(r api.Result) (out []string) {
		for _, h := range r.Hits {
			out = append(out, h.Name)
		}
		slices.Sort(out)
		return out
	}
	r := search(akin.Like(crop), api.SearchOptions{Sizes: true})
	if got, want := names(r), []string{"again", "collage", "whole"}; !slices.Equal(got, want) || r.Parts.Pictures != others+2 || r.Parts.Missing != 0 || r.Parts.Verified < 2 {
		t.Fatalf("%q, %+v, want %q", got, r.Parts, want)
	}
	for i, h := range r.Hits {
		box := api.Box{200, 100, 240, 180}
		if h.Name == "collage" {
			box = api.Box{600, 200, 240, 180}
		}
		for j := range box {
			if math.Abs(h.Match.BoxB[j]-box[j]) > 1 {
				t.Errorf("in %s at %v, want %v", h.Name, h.Match.BoxB, box)
				break
			}
		}
		if h.Rank != i+1 || h.Score < 0.99 || h.Width < 480 || h.Match.ExpectedFalse > 1e-6 {
			t.Errorf("%+v", h)
		}
	}
	// An indexed picture is not a part of itself; another of the same bytes is. A filter is held to.
	if got := names(search(akin.Indexed("whole"), api.SearchOptions{})); !slices.Equal(got, []string{"again", "collage"}) {
		t.Errorf("of whole: %q", got)
	}
	if got := names(search(akin.Indexed("whole"), api.SearchOptions{IncludeSelf: true, Filter: api.Filter{Names: []string{"w*", "c*"}}})); !slices.Equal(got, []string{"collage", "whole"}) {
		t.Errorf("filtered: %q", got)
	}
	if r := search(akin.Like(crop), api.SearchOptions{Top: 1}); len(r.Hits) != 1 || r.NoGoodMatch {
		t.Errorf("the best alone: %+v", r)
	}
	if r := search(akin.Like(write("none", spotted(200, 200, 77))), api.SearchOptions{}); len(r.Hits) != 0 || !r.NoGoodMatch || r.Hits == nil {
		t.Errorf("a part of none: %+v", r)
	}
	// Later runs keep the index, of what is there.
	write("in/new", spotted(300, 240, 99))
	must(t, os.Remove(filepath.Join(dir, "in", "whole.png")))
	if r := index(api.IndexOptions{Prune: true}); r.Parts == nil || r.Parts.Added != 1 || r.Parts.Pictures != others+3 {
		t.Errorf("%+v", r.Parts)
	}
	if got := names(search(akin.Like(crop), api.SearchOptions{})); !slices.Equal(got, []string{"again", "collage"}) {
		t.Errorf("after pruning: %q", got)
	}
	if problems, err := c.Verify(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	// Damage is told by verify, and the next run mends it.
	path := filepath.Join(dir, "c.akin", "features")
	data, err := os.ReadFile(path)
	must(t, err)
	data[9000] ^= 1
	must(t, os.WriteFile(path, data, 0o666))
	if problems, err := c.Verify(t.Context()); err != nil || len(problems) != 1 {
		t.Errorf("damaged: %v, %v", problems, err)
	}
	if r := index(api.IndexOptions{}); r.Parts.Added != 1 {
		t.Errorf("%+v", r.Parts)
	}
	for _, o := range []api.SearchOptions{{Model: "m"}, {Skip: 1}, {MaxChance: 0.1}, {Fold: true}, {Recall: 0.5}, {Fuse: &api.Fusion{}}} {
		o.Parts = true
		if _, err := c.Search(t.Context(), akin.Like(crop), o); !errors.Is(err, akin.ErrInvalid) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if _, err := c.Search(t.Context(), append(akin.Like(crop), akin.Indexed("again")...), api.SearchOptions{Parts: true}); !errors.Is(err, akin.ErrInvalid) {
		t.Errorf("two pictures: %v", err)
	}
}
