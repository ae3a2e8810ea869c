package report

import (
	"errors"
	"github.com/akin-search/akin/internal/model"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight/alter"
	"github.com/akin-search/akin/internal/record"
)

func TestBiasIsTheRatioOfRanks(t *testing.T) {
	t.Parallel()
	c := twoModels(t)
	r, err := Bias(t.Context(), c, nil, api.BiasOptions{})
	must(t, err)
	if !slices.Equal(r.Language, []string{"clip"}) || !slices.Equal(r.Visual, []string{"dinov2"}) || r.Pictures != 4 || r.Sample {
		t.Errorf("%+v", r)
	}
	want := []struct {
		pair   string
		ratio  float64 // dinov2's geometric mean rank by clip's
		chance float64
		fdr    float64 // pairs that are as wide the other way round, by these
	}{
		{"ab", 3, 1. / 6, 1},                         // 3·3 by 1·1
		{"bc", math.Sqrt(6) / math.Sqrt2, 2. / 6, 1}, // 2·3 by 2·1
		{"cd", 2 / math.Sqrt(3), 3. / 6, 2. / 3},     // 2·2 by 3·1
		{"ad", 1, 4. / 6, 3. / 4},                    // 2·3 by 3·2
		{"ac", 0.5, 5. / 6, 1},                       // 1·1 by 2·2
		{"bd", 1. / 3, 1, 1},                         // 1·1 by 3·3
	}
	for i, p := range r.Pairs {
		near := func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }
		if w := want[i]; p.A+p.B != w.pair || !near(p.Ratio, w.ratio) || !near(p.Chance, w.chance) || !near(p.FDR, w.fdr) || p.Times != p.Ratio || p.False != p.FDR {
			t.Errorf("%+v, want %+v", p, w)
		}
	}
	r, err = Bias(t.Context(), c, []api.Pair{{A: "a", B: "c"}, {A: "b", B: "a"}, {A: "a", B: "z"}}, api.BiasOptions{})
	must(t, err)
	if len(r.Pairs) != 2 || r.Pairs[0].A != "b" || r.Pairs[0].Ratio < 2.999 || !slices.Equal(r.Missing, []string{"z"}) {
		t.Errorf("%+v", r)
	}
	r, err = Bias(t.Context(), c, nil, api.BiasOptions{Language: []string{"dinov2"}, Top: 1})
	if err != nil || len(r.Pairs) != 1 || r.Pairs[0].A+r.Pairs[0].B != "bd" {
		t.Errorf("the other way round: %+v, %v", r.Pairs, err)
	}
}

func TestBiasNeedsBothKinds(t *testing.T) {
	t.Parallel()
	c := twoModels(t)
	_, err := Bias(t.Context(), c, nil, api.BiasOptions{Models: []string{"clip"}})
	var kinds *api.NeedsBothKindsError
	if !errors.Is(err, api.ErrNeedsBothKinds) || !errors.As(err, &kinds) || !slices.Equal(kinds.Models, []string{"clip"}) {
		t.Error(err)
	}
	if _, err := Bias(t.Context(), c, nil, api.BiasOptions{Language: []string{"vit"}}); !errors.Is(err, api.ErrNoSpace) {
		t.Error(err)
	}
	if _, err := Bias(t.Context(), c, []api.Pair{{A: "y", B: "z"}}, api.BiasOptions{}); !errors.Is(err, record.ErrNotIndexed) {
		t.Error(err)
	}
}

func TestEvaluation(t *testing.T) {
	t.Parallel()
	c := twoModels(t)
	r, err := Evaluate(t.Context(), c, []api.Pair{{A: "b", B: "c"}, {A: "a", B: "b"}, {A: "a", B: "z"}}, api.EvaluateOptions{})
	must(t, err)
	if !slices.Equal(r.Models, []string{"clip", "dinov2", api.Fused}) || !slices.Equal(r.Missing, []string{"z"}) || r.Rows != 2 {
		t.Errorf("%+v", r)
	}
	if got := r.Pairs[0].Ranks["clip"]; got != [2]int{2, 1} {
		t.Errorf("b, c in clip: %v", got)
	}
	if s := r.Summary["clip"]; math.Abs(s.MRR-(0.5+1+1+1)/4) > 1e-12 || s.Recall1 != 0.75 || s.Recall5 != 1 || s.MedianRank != 1 {
		t.Errorf("clip: %+v", s)
	}
	if s := r.Summary["dinov2"]; math.Abs(s.MRR-(1./2+1./3+1./3+1./3)/4) > 1e-12 || s.Recall1 != 0 || s.MedianRank != 3 {
		t.Errorf("dinov2: %+v", s)
	}
	// The ranks of each direction are 2 and 2, and 1 and 3: fused, b finds c first.
	if got := r.Pairs[0].Ranks[api.Fused]; got[0] == 0 || got[1] == 0 {
		t.Errorf("fused: %v", got)
	}
	if len(r.Tests) != 3 {
		t.Errorf("%d tests of three rankings", len(r.Tests))
	}
	g, err := EvaluateGroups(t.Context(), c, []api.Label{{Name: "a", Group: "x"}, {Name: "b", Group: "x"}, {Name: "c", Group: "y"}, {Name: "z", Group: "y"}}, api.EvaluateOptions{Models: []string{"clip"}})
	must(t, err)
	if s := g.Summary["clip"]; s.MAP != 1 || s.Queries != 2 || g.Groups != 2 || !slices.Equal(g.Missing, []string{"z"}) {
		t.Errorf("%+v", g)
	}
	if _, err := Evaluate(t.Context(), c, []api.Pair{{A: "y", B: "z"}}, api.EvaluateOptions{}); !errors.Is(err, record.ErrNotIndexed) {
		t.Error(err)
	}
}

func TestLearnedWeightsPreferTheBetterModel(t *testing.T) {
	t.Parallel()
	c := twoModels(t)
	r, err := LearnFusion(t.Context(), c, []api.Pair{{A: "a", B: "b"}, {A: "c", B: "b"}}, nil)
	must(t, err)
	w := r.Fusion.Weights
	if w["clip"] <= w["dinov2"] || math.Abs(w["clip"]+w["dinov2"]-2) > 1e-9 || r.Trained.MRR < r.Equal.MRR {
		t.Errorf("%+v", r)
	}
	_, err = LearnFusion(t.Context(), c, []api.Pair{{A: "a", B: "b"}}, []string{"clip"})
	var two *api.NeedsTwoModelsError
	if !errors.As(err, &two) || two.Model != "clip" || !errors.Is(err, api.ErrInvalid) {
		t.Error(err)
	}
}

func TestDisagreement(t *testing.T) {
	t.Parallel()
	c := twoModels(t)
	r, err := Disagree(t.Context(), c, api.Query{{Picture: "a", Weight: 1}}, api.CompareOptions{Top: 1})
	must(t, err)
	want := []api.DisputedHit{ // by 1/2 + 1 and 1 + 1/3
		{Name: "c", Source: "import:c", Ranks: map[string]int{"clip": 2, "dinov2": 1}, Alone: "dinov2"},
		{Name: "b", Source: "import:b", Ranks: map[string]int{"clip": 1, "dinov2": 3}, Alone: "clip"},
	}
	if !reflect.DeepEqual(r.Hits, want) || r.Overlap[0][1] != 0 || r.Overlap[0][0] != 1 || r.Top != 1 {
		t.Errorf("%+v", r)
	}
	all, err := DisagreeAll(t.Context(), c, api.DisagreeOptions{Top: 2, Pictures: 1})
	must(t, err)
	if all.Pictures != 4 || all.Overlap[0][1] != 0.5 || len(all.Disputed) != 1 { // each has one of two in common
		t.Errorf("%+v", all)
	}
	d := all.Disputed[0]
	if d.Name != "a" || d.Agreement != 0.5 || !slices.Equal(d.Nearest["clip"], []string{"b", "c"}) || !slices.Equal(d.Nearest["dinov2"], []string{"c", "d"}) {
		t.Errorf("%+v", d)
	}
	var two *api.NeedsTwoModelsError
	if _, err := DisagreeAll(t.Context(), c, api.DisagreeOptions{Models: []string{"clip"}}); !errors.As(err, &two) {
		t.Error(err)
	}
}

func TestAdviceOrdersModelsByTheirMeasure(t *testing.T) {
	t.Parallel()
	r, err := Advise(t.Context(), twoModels(t), api.AdviceOptions{Pairs: []api.Pair{{A: "b", B: "c"}, {A: "a", B: "b"}}})
	must(t, err)
	if r.By != api.ByPairs || r.Queries != 4 || r.Models[0].Model != "clip" || r.Models[0].Value != 0.875 || r.Models[0].P != 1 || r.Models[0].VectorBytes != 8 {
		t.Errorf("%+v", r)
	}
	if r.Models[0].Milliseconds != 0 || r.Fused == nil || r.Fused.P != -1 {
		t.Errorf("%+v", r)
	}
	if _, err := Advise(t.Context(), twoModels(t), api.AdviceOptions{Pairs: []api.Pair{{}}, Labels: []api.Label{{}}}); !errors.Is(err, api.ErrInvalid) {
		t.Error(err)
	}
}

func TestAdviceInWords(t *testing.T) {
	t.Parallel()
	model := func(name string, value, p float64) api.ModelAdvice {
		return api.ModelAdvice{Model: name, Value: value, P: p, Within: api.Interval{value - 0.1, value + 0.1}}
	}
	fast := model("fast", 0.65, 0.3)
	fast.Milliseconds = 10
	slow := model("slow", 0.7, 1)
	slow.Milliseconds = 40
	for _, c := range []struct {
		why  string
		a    api.Advice
		want string
	}{
		{"a clear best", api.Advice{By: api.ByPairs, Queries: 60, Models: []api.ModelAdvice{model("clip", 0.8, 1), model("vit", 0.4, 0.001)}},
			"Use clip: its mean reciprocal rank is 0.80 (95 % interval 0.70 to 0.90)."},
		{"two are equal", api.Advice{By: api.ByGroups, Queries: 60, Models: []api.ModelAdvice{model("clip", 0.8, 1), model("vit", 0.8, 0.9)}},
			"Use clip or vit: they are equal, with a mean average precision of 0.80 (95 % interval 0.70 to 0.90)."},
		{"chance, and a faster one", api.Advice{By: api.ByPairs, Queries: 60, Models: []api.ModelAdvice{slow, fast}},
			"Use slow: its mean reciprocal rank is 0.70 (95 % interval 0.60 to 0.80). Chance may explain that fast is behind (p = 0.3). fast is 4.0 times as fast."},
		{"fused is better, by few queries", api.Advice{By: api.ByPairs, Queries: 8, Models: []api.ModelAdvice{model("clip", 0.8, 1), model("vit", 0.4, 0.001)}, Fused: &api.ModelAdvice{Value: 0.9}},
			"Use clip: its mean reciprocal rank is 0.80 (95 % interval 0.70 to 0.90). All models together find more: 0.90, when fused by their scores. 8 queries are few: a difference below about 0.2 may be chance."},
	} {
		if got := strings.Join(adviceWords(&c.a), " "); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.why, got, c.want)
		}
	}
}

func TestSteadinessIsOverBenignChanges(t *testing.T) {
	t.Parallel()
	probed := api.Probed{Model: "m"}
	benign := 0
	for _, c := range alter.Changes() {
		r := api.Reaction{Change: c.Name}
		if c.Benign {
			benign++
			r.Found, r.FoundWithin = 0.5, api.Interval{0.25, 0.75}
		}
		probed.Reactions = append(probed.Reactions, r)
	}
	a := steadiness(api.ProbeReport{Pictures: 3, Models: []api.Probed{probed}})
	if m := a.Models[0]; benign != 6 || a.Queries != 18 || math.Abs(m.Value-0.5) > 1e-12 || math.Abs(m.Within[0]-0.25) > 1e-12 || math.Abs(m.Within[1]-0.75) > 1e-12 || m.P != -1 {
		t.Errorf("%+v", a)
	}
}

func TestReactionsAreSummarized(t *testing.T) {
	t.Parallel()
	same := func(r reaction) []reaction { return slices.Repeat([]reaction{r}, 5) }
	r := summarizeReactions("m", []alter.Change{{Name: "mirror"}, {Name: "grey"}, {Name: "blur"}}, [][]reaction{
		same(reaction{0.99, 0.95, true}),
		same(reaction{0.6, 0.2, false}),
		{{0.8, 0.6, true}, {0.9, 0.8, false}, {0.7, 0.4, true}, {0.8, 0.6, false}},
	})
	if !slices.Equal(r.Invariant, []string{"mirror"}) || !slices.Equal(r.Sensitive, []string{"grey"}) {
		t.Errorf("invariant to %q, sensitive to %q", r.Invariant, r.Sensitive)
	}
	if b := r.Reactions[2]; !slices.Equal(r.Blind, r.Invariant) || !slices.Equal(r.Moved, r.Sensitive) || b.Kept != b.Retained || b.KeptWithin != b.RetainedWithin {
		t.Errorf("the old names say something else: %+v", r)
	}
	if b := r.Reactions[2]; math.Abs(b.Score-0.8) > 1e-12 || math.Abs(b.Retained-0.6) > 1e-12 || b.Found != 0.5 || b.RetainedWithin[0] < 0.4 || b.RetainedWithin[1] > 0.8 || b.RetainedWithin[0] > 0.6 {
		t.Errorf("%+v", b)
	}
}

func TestProbeAndContextNeedAModel(t *testing.T) {
	t.Parallel()
	c := twoModels(t)
	if _, err := Probe(t.Context(), c, api.ProbeOptions{}); !errors.Is(err, api.ErrInvalid) {
		t.Error(err)
	}
	if _, err := Context(t.Context(), c, []api.Pair{{A: "a", B: "b"}}, api.ContextOptions{}); !errors.Is(err, api.ErrInvalid) {
		t.Error(err)
	}
	if _, err := Context(t.Context(), c, nil, api.ContextOptions{Without: []string{"sound"}}); !errors.Is(err, api.ErrInvalid) || !strings.Contains(err.Error(), `"sound"`) {
		t.Error(err)
	}
}

func TestContextRanks(t *testing.T) {
	t.Parallel()
	v := newContextVectors(1, 2)
	v.at = map[int64]int{7: 0, 8: 1, 9: 2}
	v.rows[0] = [][][]float32{{at(0), at(10), at(60)}, {at(0), at(90), at(30)}}
	got, ok := v.ranks(7, 8, []string{"m"}, []string{"", "colour"})
	want := map[string]map[string][2]int{"m": {"": {1, 1}, "colour": {2, 2}}}
	if !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if _, ok := v.ranks(7, 10, []string{"m"}, []string{""}); ok {
		t.Error("a picture that was not read has ranks")
	}
}

func TestCoverPaintsACellAndHalfItsNeighbours(t *testing.T) {
	t.Parallel()
	const side = 2 * occlusionGrid
	input := make([]float32, 3*side*side)
	for i := range input {
		input[i] = float32(i % 2) // its mean is 1/2
	}
	cover(input, model.Preprocess{Width: side, Height: side}.Values(input), 1, 0) // columns 1 to 4, rows 0 to 2
	for i, v := range input {
		x, y := i%side, i/side%side
		inside := x >= 1 && x <= 4 && y <= 2
		if inside != (v == 0.5) {
			t.Fatalf("%d, %d: %v", x, y, v)
		}
	}
}

func TestBenchComparesWithThePlainScan(t *testing.T) {
	t.Parallel()
	r, err := Bench(t.Context(), twoModels(t), api.BenchOptions{Model: "clip", Queries: 5, Top: 2})
	must(t, err)
	if r.Rows != 4 || r.Dim != 2 || r.Bytes != 8 || r.Queries != 5 || len(r.Runs) == 0 {
		t.Errorf("%+v", r)
	}
	for _, run := range r.Runs {
		if run.Recall != 1 || run.Rate <= 0 {
			t.Errorf("%+v", run)
		}
	}
}
