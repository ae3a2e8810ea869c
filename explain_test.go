package akin_test

import (
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/report"
)

func openModel(t *testing.T, name string, o akin.Options) *akin.Model {
	t.Helper()
	m, err := akin.OpenModel(name, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func explain(t *testing.T, m *akin.Model, a, b string) api.Explanation {
	t.Helper()
	x, err := m.Explain(t.Context(), a, b, nil)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// score is the cosine of the embeddings that the model gives otherwise.
func score(t *testing.T, m *akin.Model, a, b string) float64 {
	t.Helper()
	e, err := m.Embed(t.Context(), []string{a, b}, nil)
	if err != nil {
		t.Fatal(err)
	}
	dot, aa, bb := 0., 0., 0.
	for i, v := range e[0].Vector {
		w := e[1].Vector[i]
		dot, aa, bb = dot+float64(v)*float64(w), aa+float64(v)*float64(v), bb+float64(w)*float64(w)
	}
	return dot / math.Sqrt(aa*bb)
}

// What a convolutional net's places add up to is the cosine, exactly.
func TestPartsSumToTheScore(t *testing.T) {
	if testing.Short() {
		t.Skip("it computes for long, one thing at a time")
	}
	t.Parallel()
	golden.Deps(t)
	inputs := filepath.Join(golden.Dir(t), "inputs")
	for _, m := range []*akin.Model{
		openModel(t, "", akin.Options{}),
		openModel(t, "", akin.Options{ModelDir: filepath.Join(golden.Dir(t), "models", "efficientnet")}),
	} {
		for _, pair := range [][2]string{{"Chad.png", "Romania.png"}, {"Nepal.png", "photo1.png"}, {"photo0.png", "photo0.png"}} {
			a, b := filepath.Join(inputs, pair[0]), filepath.Join(inputs, pair[1])
			x := explain(t, m, a, b)
			want := score(t, m, a, b)
			if !x.Exact || x.Method != api.ByPlaces || math.Abs(x.Score-want) > 1e-5 || math.Abs(x.A.Sum-want) > 1e-5 || math.Abs(x.B.Sum-want) > 1e-5 {
				t.Errorf("%s and %s: score %v, parts %v and %v; the embeddings' cosine is %v", pair[0], pair[1], x.Score, x.A.Sum, x.B.Sum, want)
			}
			if len(x.A.Values) != x.A.Rows || len(x.A.Values[0]) != x.A.Columns || len(report.Overlay(x.A)) != 3*x.A.PictureWidth*x.A.PictureHeight {
				t.Errorf("%d x %d values", len(x.A.Values), len(x.A.Values[0]))
			}
		}
	}
}

// The references are transformers' tokens (scripts/explain-reference.py).
func TestCounterpartsAreThoseOfTransformers(t *testing.T) {
	if testing.Short() {
		t.Skip("it computes for long, one thing at a time")
	}
	t.Parallel()
	golden.Deps(t)
	var want map[string]struct {
		Score float64
		A, B  []float64
	}
	readJSON(t, filepath.Join("testdata", "explain.json"), &want)
	var inputs []string
	readJSON(t, filepath.Join(golden.Dir(t), "inputs.json"), &inputs)
	a, b := filepath.Join(golden.Dir(t), "inputs", inputs[0]), filepath.Join(golden.Dir(t), "inputs", inputs[2])
	for name, w := range want {
		m := openModel(t, "", akin.Options{ModelDir: filepath.Join(golden.Dir(t), "models", name)})
		x := explain(t, m, a, b)
		if x.Method != api.ByTokens || x.Exact || math.Abs(x.Score-w.Score) > 1e-5 || math.Abs(x.Score-score(t, m, a, b)) > 1e-5 {
			t.Errorf("%s: %+v, want the score %v", name, x, w.Score)
		}
		for i, side := range []api.HeatMap{x.A, x.B} {
			got, want := slices.Concat(side.Values...), [][]float64{w.A, w.B}[i]
			if len(got) != len(want) {
				t.Fatalf("%s: %d places, want %d", name, len(got), len(want))
			}
			for p := range got {
				if math.Abs(got[p]-want[p]) > 1e-4 {
					t.Errorf("%s, side %d, place %d: %v, want %v", name, i, p, got[p], want[p])
					break
				}
			}
		}
	}
}

// Every other model is asked with places covered.
func TestOcclusionOfOtherModels(t *testing.T) {
	if testing.Short() {
		t.Skip("it computes for long, one thing at a time")
	}
	t.Parallel()
	golden.Deps(t)
	inputs := filepath.Join(golden.Dir(t), "inputs")
	a, b := filepath.Join(inputs, "Chad.png"), filepath.Join(inputs, "Romania.png")
	m := openModel(t, "", akin.Options{ModelDir: filepath.Join(golden.Dir(t), "models", "blip2")})
	asked := 0
	x, err := m.Explain(t.Context(), a, b, func(done, total int) { asked = done })
	if err != nil || x.Method != api.ByOcclusion || x.Exact || asked != 200 || math.Abs(x.Score-score(t, m, a, b)) > 1e-5 {
		t.Errorf("%+v, %v", x.Score, err)
	}
}

// halves writes a picture whose left half is the same for every seed, and whose right half is not.
func halves(t *testing.T, path string, seed uint64) string {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 224, 224))
	left, right := rand.New(rand.NewPCG(7, 7)), rand.New(rand.NewPCG(seed, 1))
	for cell := range 14 * 14 {
		r := left
		if cell%14 >= 7 {
			r = right
		}
		c := color.RGBA{uint8(r.UintN(256)), uint8(r.UintN(256)), uint8(r.UintN(256)), 255}
		for y := range 16 {
			for x := range 16 {
				m.Set(cell%14*16+x, cell/14*16+y, c)
			}
		}
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
	return path
}

// Two pictures that have their left halves in common are alike there.
func TestWhatIsCommonLightsUp(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	dir := t.TempDir()
	a, b := halves(t, filepath.Join(dir, "a.png"), 1), halves(t, filepath.Join(dir, "b.png"), 2)
	sides := func(h api.HeatMap) (left, right float64) {
		for _, row := range h.Values {
			for i, v := range row {
				switch {
				case 2*i+1 < h.Columns:
					left += v
				case 2*i+1 > h.Columns:
					right += v
				}
			}
		}
		return left, right
	}
	x := explain(t, openModel(t, "efficientnet-lite0", akin.Options{}), a, b)
	for _, h := range []api.HeatMap{x.A, x.B} {
		if left, right := sides(h); left < 1.15*right {
			t.Errorf("left %v, right %v", left, right)
		}
	}
}

// Faithfulness (Petsiuk, Das and Saenko, "RISE", BMVC 2018): covering the quarter of a picture that
// is said to matter most costs more of the score than covering the quarter that matters least.
func TestCoveringWhatMattersCostsMore(t *testing.T) {
	if testing.Short() {
		t.Skip("it computes for long, one thing at a time")
	}
	t.Parallel()
	golden.Deps(t)
	flags := filepath.Join(golden.Flags(t), "images")
	m := openModel(t, "", akin.Options{})
	dir := t.TempDir()
	most, least := 0., 0.
	for _, pair := range [][2]string{{"Brazil", "India"}, {"Mexico", "Italy"}, {"Japan", "Bangladesh"}, {"Canada", "Peru"}, {"Turkey", "Tunisia"}, {"Kenya", "Malawi"}} {
		a, b := filepath.Join(flags, pair[0]+".png"), filepath.Join(flags, pair[1]+".png")
		x := explain(t, m, a, b)
		values := slices.Sorted(slices.Values(slices.Concat(x.A.Values...)))
		for _, end := range []struct {
			drop   *float64
			chosen func(v float64) bool
		}{
			{&most, func(v float64) bool { return v >= values[len(values)*3/4] }},
			{&least, func(v float64) bool { return v < values[len(values)/4] }},
		} {
			covered := filepath.Join(dir, "covered.png")
			coverPlaces(t, covered, x.A, end.chosen)
			*end.drop += (x.Score - score(t, m, covered, b)) / 6
		}
	}
	t.Logf("covering the quarter that matters most costs %.3f, the quarter that matters least %.3f", most, least)
	if most < least+0.02 {
		t.Errorf("covering what matters most costs %.3f, what matters least %.3f", most, least)
	}
}

// coverPlaces writes the picture of a heat map, with its chosen places in grey.
func coverPlaces(t *testing.T, to string, h api.HeatMap, chosen func(v float64) bool) {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, h.PictureWidth, h.PictureHeight))
	pixels := h.RGB
	for y := range h.PictureHeight {
		for x := range h.PictureWidth {
			c := color.RGBA{127, 127, 127, 255}
			if !chosen(h.Values[y*h.Rows/h.PictureHeight][x*h.Columns/h.PictureWidth]) {
				i := 3 * (y*h.PictureWidth + x)
				c = color.RGBA{pixels[i], pixels[i+1], pixels[i+2], 255}
			}
			m.Set(x, y, c)
		}
	}
	f, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
}
