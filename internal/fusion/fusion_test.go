package fusion

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/store/local"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// made returns a collection with the pictures a, b, c … whose embeddings of the models "m" and "n" lie at
// so many degrees; NaN is none.
func made(t *testing.T, m, n []float64) *space.Collection {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "c.akin")
	store, err := local.Open(dir, local.Options{})
	must(t, err)
	w, err := store.Writer()
	must(t, err)
	var b record.Batch
	for k, angles := range [][]float64{m, n} {
		s, err := w.Space(t.Context(), []string{"m", "n"}[k], "f", 2)
		must(t, err)
		for i, angle := range angles {
			name := string(rune('a' + i))
			hash := sha256.Sum256([]byte(name))
			if k == 0 {
				b.Puts = append(b.Puts, record.Put{Source: fmt.Sprintf("/p/%s.png", name), Hash: hash, Format: "png"})
			}
			if !math.IsNaN(angle) {
				y, x := math.Sincos(angle * math.Pi / 180)
				b.Embeddings = append(b.Embeddings, record.Embedding{Space: s.ID, Hash: hash, Vector: []float32{float32(x), float32(y)}})
			}
		}
	}
	must(t, w.Commit(t.Context(), b))
	must(t, errors.Join(w.Close(), store.Close()))
	c, err := space.Open(t.Context(), dir, models.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	return c
}

// Reciprocal ranks of 1, 2 and 3 are 1/61, 1/62 and 1/63.
func TestRanksAreFusedByTheirReciprocals(t *testing.T) {
	t.Parallel()
	spaces := []*space.Space{{Model: "m"}, {Model: "n"}}
	first, second := Ranking{{ID: 10}, {ID: 20}, {ID: 30}}, Ranking{{ID: 30}, {ID: 20}, {ID: 10}}
	for _, x := range []struct {
		why      string
		weights  map[string]float64
		rankings []Ranking
		ids      []int64
		scores   []float64
	}{
		{"opposite rankings: ties by id", nil, []Ranking{first, second}, []int64{10, 30, 20}, []float64{1./61 + 1./63, 1./61 + 1./63, 2. / 62}},
		{"the first counts twice", map[string]float64{"m": 2}, []Ranking{first, second}, []int64{10, 20, 30}, []float64{2./61 + 1./63, 3. / 62, 2./63 + 1./61}},
		{"the first does not count", map[string]float64{"m": 0}, []Ranking{first, second}, []int64{30, 20, 10}, []float64{1. / 61, 1. / 62, 1. / 63}},
		{"a picture that one model lacks", nil, []Ranking{first, {{ID: 20}}}, []int64{20, 10, 30}, []float64{1./62 + 1./61, 1. / 61, 1. / 63}},
	} {
		f, err := New(spaces, api.Fusion{Weights: x.weights}, 0)
		must(t, err)
		ids, scores, err := f.Fuse(t.Context(), x.rankings)
		if err != nil || !slices.Equal(ids, x.ids) || !near(scores, x.scores, 1e-12) {
			t.Errorf("%s: %v, %v, %v", x.why, ids, scores, err)
		}
	}
}

func near(a, b []float64, within float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Abs(x-y) <= within })
}

// The pairs of m are 60, 90 and 30 degrees apart: cosines 0.5, 0 and 0.866, with mean 0.45534 and standard deviation
// 0.35496. So 0.5 is 0.12581 deviations above the mean, and 0 is 1.28279 below. In n, b and c are the other way round.
func TestScoresAreFusedByTheirMeanInStandardDeviations(t *testing.T) {
	t.Parallel()
	c := made(t, []float64{0, 60, 90}, []float64{0, 90, 60})
	for _, x := range []struct {
		why     string
		weights map[string]float64
		want    map[string]float64
	}{
		{"equal weights", nil, map[string]float64{"b": -0.57849, "c": -0.57849}},
		{"m counts three times as much", map[string]float64{"m": 3}, map[string]float64{"b": -0.22634, "c": -0.93064}},
	} {
		r, err := Search(t.Context(), c, api.Like("a"), api.SearchOptions{Fuse: &api.Fusion{Method: api.FuseScores, Weights: x.weights}})
		must(t, err)
		if r.Model != api.Fused || !slices.Equal(r.Models, []string{"m", "n"}) || len(r.Hits) != 2 || r.Hits[0].Name != "b" {
			t.Fatalf("%s: %+v", x.why, r)
		}
		for _, h := range r.Hits {
			if math.Abs(h.Score-x.want[h.Name]) > 1e-4 || h.Chance != nil {
				t.Errorf("%s: %s scores %.5f, want %.5f", x.why, h.Name, h.Score, x.want[h.Name])
			}
		}
	}
}

// The mean cosines to the others are 0.25, 0.683 and 0.433. So the corrected cosine of a and b is 2·0.5 - 0.25 - 0.683 =
// 0.067, that of a and c is -0.683, and that of b and c 0.616: their mean is 0, and their standard deviation 0.532.
func TestCSLSCorrectsForHubs(t *testing.T) {
	t.Parallel()
	c := made(t, []float64{0, 60, 90}, []float64{0, 60, 90})
	r, err := Search(t.Context(), c, api.Like("a"), api.SearchOptions{Models: []string{"m"}, Fuse: &api.Fusion{Method: api.FuseCSLS}})
	must(t, err)
	want := []float64{0.067 / 0.532, -0.683 / 0.532}
	if len(r.Hits) != 2 || !near([]float64{r.Hits[0].Score, r.Hits[1].Score}, want, 0.03) { // the pairs are a sample
		t.Errorf("%+v, want %v", r.Hits, want)
	}
}

func TestFusionsThatAreRefused(t *testing.T) {
	t.Parallel()
	spaces := []*space.Space{{Model: "m"}, {Model: "n"}}
	for _, x := range []struct {
		fusion api.Fusion
		is     error
		says   string
	}{
		{api.Fusion{Method: "sum"}, api.ErrInvalid, `"sum"`},
		{api.Fusion{Weights: map[string]float64{"x": 1}}, api.ErrNoSpace, `"x" has a weight`},
		{api.Fusion{Weights: map[string]float64{"m": -1}}, api.ErrInvalid, "m has the weight -1"},
		{api.Fusion{Weights: map[string]float64{"m": math.NaN()}}, api.ErrInvalid, "m has the weight NaN"},
		{api.Fusion{Weights: map[string]float64{"m": 0, "n": 0}}, api.ErrInvalid, "the weight 0"},
	} {
		if _, err := New(spaces, x.fusion, 0); !errors.Is(err, x.is) || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%+v: %v", x.fusion, err)
		}
	}
	minimum := 0.5
	for _, o := range []api.SearchOptions{
		{Models: []string{"m"}}, {Fuse: &api.Fusion{}, MinScore: &minimum}, {Fuse: &api.Fusion{}, MaxChance: 0.1}, {Fuse: &api.Fusion{}, Fold: true}, {Fuse: &api.Fusion{}, Recall: 0.9},
	} {
		if _, err := Search(t.Context(), nil, api.Like("a"), o); !errors.Is(err, api.ErrInvalid) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func TestModelsAreComparedSideBySide(t *testing.T) {
	t.Parallel()
	none := math.NaN()
	c := made(t, []float64{0, 10, 20, 30}, []float64{0, 20, 10, none})
	r, err := Compare(t.Context(), c, api.Like("a"), api.CompareOptions{Top: 2})
	must(t, err)
	for i, want := range []string{"m: b c", "n: c b", "fused: b c"} { // b and c tie
		names := []string{}
		for _, h := range r.Rows[i].Hits {
			names = append(names, h.Name)
		}
		if got := r.Rows[i].Model + ": " + strings.Join(names, " "); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for i, row := range r.Overlap {
		for j, share := range row {
			if share != 1 { // the same two pictures, in any order
				t.Errorf("rows %d and %d have %g in common", i, j, share)
			}
		}
	}

	// A model without an embedding of the query is left out.
	r, err = Compare(t.Context(), c, api.Like("d"), api.CompareOptions{})
	if err == nil {
		t.Errorf("d has no file to embed: %+v", r)
	}

	// A model that the filter leaves nothing of has no hits; it is an error if that is so of all.
	r, err = Compare(t.Context(), c, api.Like("a"), api.CompareOptions{Filter: api.Filter{Only: []string{"d", "x"}}})
	must(t, err)
	if len(r.Rows[0].Hits) != 1 || len(r.Rows[1].Hits) != 0 || len(r.Rows[2].Hits) != 1 || !slices.Equal(r.Missing, []string{"x"}) {
		t.Errorf("%+v", r)
	}
	if _, err := Compare(t.Context(), c, api.Like("a"), api.CompareOptions{Filter: api.Filter{Under: "/q"}}); !errors.Is(err, api.ErrEmptyFilter) {
		t.Errorf("nothing passes: %v", err)
	}
}

// The fusion of one ranking is that ranking: a row of it would say the same again, under another name.
func TestOneModelIsNotFused(t *testing.T) {
	t.Parallel()
	none := math.NaN()
	c := made(t, []float64{0, 10, 20, 30}, []float64{0, 20, 10, none})
	r, err := Compare(t.Context(), c, api.Like("a"), api.CompareOptions{Models: []string{"n"}})
	must(t, err)
	if len(r.Rows) != 1 || r.Rows[0].Model != "n" || len(r.Rows[0].Hits) != 2 {
		t.Errorf("%+v", r.Rows)
	}
	if len(r.Overlap) != 1 || len(r.Overlap[0]) != 1 || r.Overlap[0][0] != 1 {
		t.Errorf("overlap %v", r.Overlap)
	}
	// A search that asks for fusion is answered by its scores, whatever the number of models.
	fused, err := Search(t.Context(), c, api.Like("a"), api.SearchOptions{Models: []string{"n"}, Fuse: &api.Fusion{}})
	must(t, err)
	if fused.Model != api.Fused || !slices.Equal(fused.Models, []string{"n"}) || len(fused.Hits) != 2 || fused.Hits[0].Name != "c" || fused.Hits[0].Score == r.Rows[0].Hits[0].Score {
		t.Errorf("%+v", fused)
	}
}
