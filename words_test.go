package akin_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/vector"
)

// importNoise imports vectors that have nothing to do with each other, named n0, n1, …, and writes as many
// more as queries.
func importNoise(t testing.TB, rows, dim, queries int) (c *akin.Collection, vectors string) {
	t.Helper()
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(uint64(rows), uint64(dim)))
	write := func(name string, rows int) string {
		values := make([]float32, rows*dim)
		for i := range values {
			values[i] = float32(r.NormFloat64())
		}
		var b bytes.Buffer
		must(t, vector.WriteNPY(&b, vector.Matrix{Dim: dim, Parts: [][]float32{values}}))
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, b.Bytes(), 0o666))
		return path
	}
	var names strings.Builder
	for i := range rows {
		fmt.Fprintf(&names, "n%d\n", i)
	}
	list := filepath.Join(dir, "names.txt")
	must(t, os.WriteFile(list, []byte(names.String()), 0o666))
	c = open(t, filepath.Join(dir, "noise.akin"), akin.Options{})
	_, err := c.Import(t.Context(), api.ImportOptions{Model: "m", File: write("rows.npy", rows), Names: list})
	must(t, err)
	return c, write("queries.npy", queries)
}

// Forty searches by name and forty by vector among 20 000 vectors of noise: 5 % of them may have a hit
// above weak, two of forty; more than four of forty is rarer than one in thirty.
func TestNoiseHasNoGoodMatch(t *testing.T) {
	t.Parallel()
	c, queries := importNoise(t, 20_000, 48, 40)
	wrong := 0
	for i := range 40 {
		r, err := c.Search(t.Context(), akin.Like(fmt.Sprintf("n%d", 17*i)), api.SearchOptions{})
		must(t, err)
		if len(r.Hits) != 10 {
			t.Fatalf("%d hits", len(r.Hits))
		}
		if r.NoGoodMatch != (r.Hits[0].Grade == api.Weak) {
			t.Errorf("no good match is %v, and the first hit %s", r.NoGoodMatch, r.Hits[0].Grade)
		}
		if !r.NoGoodMatch {
			wrong++
		}
	}
	if wrong > 4 {
		t.Errorf("%d of 40 searches by name have a hit above weak", wrong)
	}
	v, err := c.SearchFile(t.Context(), queries, api.SearchOptions{Model: "m", Top: 3})
	must(t, err)
	wrong = 0
	for i, none := range v.NoGoodMatch {
		if len(v.Grades[i]) != 3 || len(v.ByLuck[i]) != 3 || none != (v.Grades[i][0] == api.Weak) || v.ByLuck[i][0] > v.ByLuck[i][2] {
			t.Errorf("query %d: no good match %v, grades %v, by luck %v", i, none, v.Grades[i], v.ByLuck[i])
		}
		if !none {
			wrong++
		}
	}
	if wrong > 4 || len(v.NoGoodMatch) != 40 {
		t.Errorf("%d of %d searches by vector have a hit above weak", wrong, len(v.NoGoodMatch))
	}
}

// The number by luck is that of the pictures that were asked: of a tenth of them, a tenth.
func TestByLuckCountsThePicturesThatAreAsked(t *testing.T) {
	t.Parallel()
	c, _ := importNoise(t, 2000, 16, 1)
	all, err := c.Search(t.Context(), akin.Like("n1"), api.SearchOptions{All: true})
	must(t, err)
	luck := map[string]float64{}
	for _, h := range all.Hits {
		luck[h.Name] = *h.ByLuck
	}
	// The least close of all is as close as all are.
	if got := luck[all.Hits[len(all.Hits)-1].Name]; got < 1980 || got > 2000 {
		t.Errorf("%g of 1999 are as close as the last hit", got)
	}
	some, err := c.Search(t.Context(), akin.Like("n1"), api.SearchOptions{Filter: api.Filter{Names: []string{"n1??"}}})
	must(t, err)
	for _, h := range some.Hits {
		if want := luck[h.Name] * 100 / 1999; math.Abs(*h.ByLuck-want) > 0.02*want {
			t.Errorf("%s: %g by luck among 100, want %g", h.Name, *h.ByLuck, want)
		}
	}
}

// A hit's word is the same however many hits are asked for.
func TestWordsDoNotDependOnHowManyHitsAreAskedFor(t *testing.T) {
	t.Parallel()
	c := open(t, filepath.Join(t.TempDir(), "flags.akin"), akin.Options{})
	_, err := c.Import(t.Context(), api.ImportOptions{Model: "m", File: filepath.Join(golden.Flags(t), "embeddings", "national_flag_embeddings_clip.csv")})
	must(t, err)
	for _, name := range []string{"Chad", "Senegal", "Japan", "Indonesia", "Yemen", "Nicaragua"} {
		all, err := c.Search(t.Context(), akin.Like(name), api.SearchOptions{All: true})
		must(t, err)
		for _, top := range []int{1, 3, 10, 50} {
			r, err := c.Search(t.Context(), akin.Like(name), api.SearchOptions{Top: top, IncludeSelf: top == 3})
			must(t, err)
			if r.NoGoodMatch != all.NoGoodMatch {
				t.Errorf("%s, %d hits: no good match %v, of all %v", name, top, r.NoGoodMatch, all.NoGoodMatch)
			}
			for i, h := range r.Hits {
				if top == 3 {
					i-- // behind itself
				}
				if i >= 0 && h.Grade != all.Hits[i].Grade {
					t.Errorf("%s, %d hits: %s is %s, of all %s", name, top, h.Name, h.Grade, all.Hits[i].Grade)
				}
			}
		}
	}
}

// Flags that people take for one another are more than luck under the models that see it: what a word
// loses to the number of pictures, it must not lose to their relatives.
func TestKnownPairsAreMoreThanLuck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ model, pairs string }{
		{"vit", "Chad-Romania Australia-New Zealand"},
		{"efficientnet", "Chad-Romania"},
		{"DINO-v2", "Chad-Romania Indonesia-Monaco Australia-New Zealand Norway-Iceland Luxembourg-Netherlands Ireland-Ivory Coast"},
		{"clip", "Chad-Romania Indonesia-Monaco Australia-New Zealand Norway-Iceland Ireland-Ivory Coast Senegal-Mali"},
		{"blip", "Chad-Romania Indonesia-Monaco Ireland-Ivory Coast"},
		{"vgg16", "Chad-Romania Indonesia-Monaco Luxembourg-Netherlands Ireland-Ivory Coast"},
	} {
		t.Run(c.model, func(t *testing.T) {
			t.Parallel()
			flags := open(t, filepath.Join(t.TempDir(), "flags.akin"), akin.Options{})
			_, err := flags.Import(t.Context(), api.ImportOptions{Model: "m", File: filepath.Join(golden.Flags(t), "embeddings", "national_flag_embeddings_"+c.model+".csv")})
			must(t, err)
			for _, pair := range pairsOf(c.pairs) {
				for _, ask := range [][2]string{pair, {pair[1], pair[0]}} {
					r, err := flags.Search(t.Context(), akin.Like(ask[0]), api.SearchOptions{})
					must(t, err)
					found := api.Hit{}
					for _, h := range r.Hits {
						if h.Name == ask[1] {
							found = h
						}
					}
					if found.Grade != api.Near && found.Grade != api.Related || pair[0] == "Chad" && found.Grade != api.Near {
						t.Errorf("%s – %s: rank %d, %q, %v by luck", ask[0], ask[1], found.Rank, found.Grade, found.ByLuck)
					}
				}
			}
		})
	}
}

// TestOnlyPixelsMakePicturesTheSame: a model takes Chad and Romania for as good as one picture, and a saved
// copy of Chad as well; the pixels tell.
func TestOnlyPixelsMakePicturesTheSame(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	images := filepath.Join(golden.Flags(t), "images")
	dir := t.TempDir()
	for _, name := range []string{"Chad", "Romania", "Japan", "Andorra", "Moldova", "Brazil"} {
		data, err := os.ReadFile(filepath.Join(images, name+".png"))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, name+".png"), data, 0o666))
	}
	chad := decodePNG(t, filepath.Join(dir, "Chad.png"))
	saveJPEG(t, filepath.Join(dir, "Saved.jpg"), chad)
	savePNG(t, filepath.Join(dir, "Half.png"), halved(chad))
	data, err := os.ReadFile(filepath.Join(dir, "Chad.png"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "Twin.png"), data, 0o666))
	c := open(t, filepath.Join(t.TempDir(), "few.akin"), akin.Options{})
	report, err := c.Index(t.Context(), []string{dir, images}, api.IndexOptions{})
	must(t, err)
	if len(report.Failed) > 0 {
		t.Fatalf("%+v", report.Failed)
	}
	search := func(q api.Query, o api.SearchOptions) map[string]api.Hit {
		t.Helper()
		r, err := c.Search(t.Context(), q, o)
		must(t, err)
		out := map[string]api.Hit{}
		for _, h := range r.Hits {
			out[filepath.Base(h.Source)] = h
		}
		return out
	}
	under := api.Filter{Under: dir}
	check := func(why string, hits map[string]api.Hit) {
		t.Helper()
		for name, want := range map[string]bool{"Twin.png": true, "Saved.jpg": true, "Half.png": true, "Romania.png": false, "Andorra.png": false} {
			if h, ok := hits[name]; !ok || h.SamePixels != want || (h.Grade == api.Same) != want {
				t.Errorf("%s: %s is %q, same pixels %v, score %.4f", why, name, h.Grade, h.SamePixels, h.Score)
			}
		}
	}
	asked := akin.Like(filepath.Join(dir, "Chad.png"))
	check("an indexed picture", search(asked, api.SearchOptions{Filter: under}))
	check("remembered", search(asked, api.SearchOptions{Filter: under}))
	check("bytes", search(akin.LikeBytes("sent", data), api.SearchOptions{Filter: under, IncludeSelf: true}))
	compared, err := c.Compare(t.Context(), asked, api.CompareOptions{Filter: under})
	must(t, err)
	for _, row := range compared.Rows {
		for _, h := range row.Hits {
			if base := filepath.Base(h.Source); h.SamePixels != (base == "Twin.png" || base == "Saved.jpg" || base == "Half.png") {
				t.Errorf("row %s: %s has the same pixels: %v", row.Model, base, h.SamePixels)
			}
		}
	}
	folded := search(akin.Like(filepath.Join(dir, "Romania.png")), api.SearchOptions{Filter: under, Fold: true})
	for name, h := range folded {
		for _, f := range h.Folded {
			if base := filepath.Base(f.Source); name == "Romania.png" || base == "Romania.png" || base == "Andorra.png" {
				t.Errorf("%s is folded under %s", base, name)
			}
		}
	}
	if len(folded) != 5 { // Chad with its three copies, Japan, Andorra, Moldova, Brazil
		t.Errorf("%d hits after folding: %v", len(folded), folded)
	}
	// A region, a sum and a text are no picture that could be the same.
	for _, q := range []api.Query{asked.Cropped(api.Crop{Width: 1, Height: 1, Relative: true}), asked.Plus(akin.Like("Japan").Times(0.01))} {
		for name, h := range search(q, api.SearchOptions{Filter: under}) {
			if h.SamePixels || h.Grade == api.Same {
				t.Errorf("%v: %s is %s", q, name, h.Grade)
			}
		}
	}
	// Without the file as it was indexed there is nothing to compare.
	other := open(t, c.Path(), akin.Options{})
	must(t, os.WriteFile(filepath.Join(dir, "Half.png"), []byte("another"), 0o666))
	r, err := other.Search(t.Context(), asked, api.SearchOptions{Filter: under})
	must(t, err)
	for _, h := range r.Hits {
		if filepath.Base(h.Source) == "Half.png" && (h.SamePixels || h.Grade == api.Same) {
			t.Errorf("a file that has changed is %s", h.Grade)
		}
	}
}

// pairsOf reads "A-B C-D", where names may have spaces.
func pairsOf(text string) (pairs [][2]string) {
	parts := strings.Split(text, "-")
	a := parts[0]
	for i, p := range parts[1:] {
		if i == len(parts)-2 {
			return append(pairs, [2]string{a, p})
		}
		at := strings.LastIndex(p, " ")
		pairs, a = append(pairs, [2]string{a, p[:at]}), p[at+1:]
	}
	return pairs
}

func decodePNG(t testing.TB, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	must(t, err)
	defer f.Close()
	p, err := png.Decode(f)
	must(t, err)
	return p
}

func savePNG(t testing.TB, path string, p image.Image) {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, p))
	must(t, os.WriteFile(path, b.Bytes(), 0o666))
}

func saveJPEG(t testing.TB, path string, p image.Image) {
	t.Helper()
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, p, &jpeg.Options{Quality: 80}))
	must(t, os.WriteFile(path, b.Bytes(), 0o666))
}

// halved averages 2 x 2 pixels each.
func halved(p image.Image) image.Image {
	b := p.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx()/2, b.Dy()/2))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			var sum [3]uint32
			for i := range 4 {
				r, g, bl, _ := p.At(b.Min.X+2*x+i%2, b.Min.Y+2*y+i/2).RGBA()
				sum[0], sum[1], sum[2] = sum[0]+r, sum[1]+g, sum[2]+bl
			}
			out.Set(x, y, color.RGBA{uint8(sum[0] / 4 >> 8), uint8(sum[1] / 4 >> 8), uint8(sum[2] / 4 >> 8), 255})
		}
	}
	return out
}
