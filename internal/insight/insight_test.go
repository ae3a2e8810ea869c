package insight

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/akin-search/akin/api"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestFuse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why      string
		rankings []Ranking
		weights  []float64
		items    []int
		scores   []float64
	}{
		{
			// Item 0 is first of one list: 1/61. Item 1 is second and first:
			// 1/62 + 1/61. Item 2 is third and second: 1/63 + 1/62.
			"two good places beat one best",
			[]Ranking{{0, 1, 2}, {1, 2}}, nil,
			[]int{1, 2, 0}, []float64{1/62. + 1/61., 1/63. + 1/62., 1 / 61.},
		},
		{
			// Item 0: 10/61 = 0.16393; item 1: 10/62 = 0.16129;
			// item 2: 10/63 + 1/61 = 0.15873 + 0.01639 = 0.17512.
			"a weight multiplies its list",
			[]Ranking{{0, 1, 2}, {2}}, []float64{10, 1},
			[]int{2, 0, 1}, []float64{10/63. + 1/61., 10 / 61., 10 / 62.},
		},
		{
			// Item 0: 1/61 + 2/62 = 0.04865; item 1: 1/62 + 2/61 = 0.04892.
			"a missing weight is 1",
			[]Ranking{{0, 1}, {1, 0}}, []float64{0.5},
			[]int{1, 0}, []float64{0.5/62. + 1/61., 0.5/61. + 1/62.},
		},
		{
			"a weight of 0 keeps the items, without a score",
			[]Ranking{{4}, {1}}, []float64{1, 0},
			[]int{4, 1}, []float64{1 / 61., 0},
		},
		{"numbers that are no items are passed over, their places count", []Ranking{{-1, 5, 3}}, nil, []int{3}, []float64{1 / 63.}},
		{"no rankings", nil, nil, nil, nil},
		{"empty rankings", []Ranking{{}, nil}, nil, nil, nil},
	} {
		fused := Fuse(c.rankings, c.weights, 5)
		var items []int
		for i, f := range fused {
			items = append(items, f.Item)
			if i < len(c.scores) && !near(f.Score, c.scores[i]) {
				t.Errorf("%s: item %d scores %v, want %v", c.why, f.Item, f.Score, c.scores[i])
			}
		}
		if !slices.Equal(items, c.items) {
			t.Errorf("%s: got %v, want %v", c.why, items, c.items)
		}
	}
}

// Each item has each of the ranks 1 to n once, in another order, so all scores are
// the same sum. Added up as they come, some would differ in the last bit.
func TestFuseOrdersTiesByItem(t *testing.T) {
	t.Parallel()
	rounded := false
	for n := 2; n < 9; n++ {
		rankings := make([]Ranking, n)
		for i := range rankings {
			for j := range n {
				rankings[i] = append(rankings[i], (i+j)%n)
			}
		}
		asTheyCome := map[float64]bool{}
		for item := range n {
			sum := 0.0
			for _, r := range rankings {
				sum += 1 / float64(60+slices.Index(r, item)+1)
			}
			asTheyCome[sum] = true
		}
		rounded = rounded || len(asTheyCome) > 1
		for i, f := range Fuse(rankings, nil, n) {
			if f.Item != i {
				t.Errorf("%d rankings: item %d at place %d", n, f.Item, i)
			}
		}
	}
	if !rounded {
		t.Error("the case no longer shows anything: rounding makes no difference")
	}
}

func TestSummarize(t *testing.T) {
	t.Parallel()
	rank := func(ranks ...[2]int) (out []Ranks) {
		for i, r := range ranks {
			out = append(out, Ranks{r, i})
		}
		return out
	}
	for _, c := range []struct {
		why                         string
		ranks                       []Ranks
		mrr, at1, at5, at10, median float64
	}{
		// Six queries with ranks 1 1 2 4 13 and one not found.
		// 1/rank: 1 + 1 + 1/2 + 1/4 + 1/13 + 0; to rank 1: 2; to 5: 4; to 10: 4.
		// The middle two of 1 1 2 4 13 ∞ are 2 and 4.
		{"both directions count", rank([2]int{1, 1}, [2]int{2, 13}, [2]int{0, 4}), (2.75 + 1/13.) / 6, 2 / 6., 4 / 6., 4 / 6., 3},
		{"the bounds belong to it", rank([2]int{5, 10}), (0.2 + 0.1) / 2, 0, 0.5, 1, 7.5},
		{"the middle falls on one that was not found", rank([2]int{1, 0}), 0.5, 0.5, 0.5, 0.5, 0},
		{"nothing found", rank([2]int{0, 0}), 0, 0, 0, 0, 0},
		{"no pairs", nil, 0, 0, 0, 0, 0},
	} {
		got := Summarize(c.ranks)
		if !near(got.MRR, c.mrr) || !near(got.Recall1, c.at1) || !near(got.Recall5, c.at5) || !near(got.Recall10, c.at10) || got.MedianRank != c.median {
			t.Errorf("%s: got %+v", c.why, got)
		}
	}
	text, err := json.Marshal(Summarize(rank([2]int{1, 1})))
	want := `{"mrr":1,"recall@1":1,"recall@5":1,"recall@10":1,"median_rank":1,` +
		`"mrr_interval":[1,1],"recall@1_interval":[1,1],"recall@5_interval":[1,1],"recall@10_interval":[1,1]}`
	if string(text) != want {
		t.Errorf("got %s (%v), want %s", text, err, want)
	}
}

// Pairs of one row are drawn together: ten pairs that are one row tell nothing of how they
// might differ, and ten rows do.
func TestIntervalsAreOfRows(t *testing.T) {
	t.Parallel()
	var together, apart []Ranks
	for i := range 10 {
		r := [2]int{1, 1}
		if i%2 == 1 {
			r = [2]int{20, 20}
		}
		together, apart = append(together, Ranks{r, 1}), append(apart, Ranks{r, i})
	}
	if got := Summarize(together).Recall1Within; got != (api.Interval{0.5, 0.5}) {
		t.Errorf("one row: %v", got)
	}
	// Of ten fair draws these are the quantiles of the binomial distribution,
	// and SciPy's percentile bootstrap.
	if got := Summarize(apart).Recall1Within; got != (api.Interval{0.2, 0.8}) {
		t.Errorf("ten rows: %v", got)
	}
}

// The values are those of scipy.stats.permutation_test (SciPy 1.18, permutation_type
// "samples", of the mean difference; 2 million resamples for the longer one).
func TestSignFlip(t *testing.T) {
	t.Parallel()
	a := []float64{1, .5, .25, 1, .2, 1 / 3., .1, 1, .5}
	b := []float64{.5, .5, 1 / 6., .25, .25, 1 / 7., .05, 1, .125}
	d := make([]float64, len(a))
	for i := range a {
		d[i] = a[i] - b[i]
	}
	if p := SignFlip(d); !near(p, 0.046875) {
		t.Errorf("short: %v", p)
	}
	long := []float64{
		2.341, -2.256, 0.718, -0.268, -0.153, 0.084, -1.72, 0.068, -0.565, 3.623, 0.526, -0.053, 0.019, -0.368, -0.755, -0.091, 0.782, 0.061, 1.258, 0.1,
		0.324, 1.846, 0.845, -0.205, 0.117, 0.841, 2.235, 0.03, 0.056, 1.302, -0.586, 0.008, 1.183, 0.88, 0.392, 0.97, -2.528, 1.321, -0.66, -1.369,
	}
	if p := SignFlip(long); math.Abs(p-0.1741) > 0.006 { // three standard errors of 50 000 flips
		t.Errorf("long: %v", p)
	}
	if p := SignFlip([]float64{0, 0}); p != 1 {
		t.Errorf("no difference: %v", p)
	}
	if p := SignFlip(nil); p != 1 {
		t.Errorf("nothing: %v", p)
	}
}

// The values are those of statsmodels.stats.multitest.multipletests, method "holm".
func TestHolm(t *testing.T) {
	t.Parallel()
	got := Holm([]float64{.01, .04, .03, .005, .5})
	for i, want := range []float64{.04, .09, .09, .025, .5} {
		if !near(got[i], want) {
			t.Errorf("%v", got)
		}
	}
	if got := Holm(nil); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func TestFuseScores(t *testing.T) {
	t.Parallel()
	unknown := math.NaN()
	for _, c := range []struct {
		why     string
		scores  [][]float64
		weights []float64
		want    []Fused
	}{
		{"means, ties by item", [][]float64{{1, 3, 0}, {3, 1, 1}}, nil, []Fused{{0, 2}, {1, 2}, {2, 0.5}}},
		{"weights", [][]float64{{1, 3, 0}, {3, 1, 1}}, []float64{3, 1}, []Fused{{1, 2.5}, {0, 1.5}, {2, 0.25}}},
		{"what a model does not know does not count", [][]float64{{unknown, 1}, {2, 1}}, nil, []Fused{{0, 2}, {1, 1}}},
		{"what no model with a weight knows is left out", [][]float64{{unknown, 1}, {2, unknown}}, []float64{1, 0}, []Fused{{1, 1}}},
		{"nothing", nil, nil, nil},
	} {
		if got := FuseScores(c.scores, c.weights); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.why, got, c.want)
		}
	}
}

func TestScale(t *testing.T) {
	t.Parallel()
	s := ScaleOf([]float32{2, 4, 4, 4, 5, 5, 7, 9}) // mean 5, deviation 2
	if s != (Scale{5, 2}) || s.Standard(9) != 2 {
		t.Errorf("%v", s)
	}
	if got := (Scale{0.5, 0}).Standard(0.7); got != 0 {
		t.Errorf("all pairs alike: %v", got)
	}
	if got := ScaleOf[float64](nil); got != (Scale{}) {
		t.Errorf("%v", got)
	}
}

// The first model is always right, the second always wrong, the third says nothing.
func TestLearnWeights(t *testing.T) {
	t.Parallel()
	var examples []Example
	for i := range 12 {
		right := i % 4
		e := Example{Right: right, Row: i / 2}
		for item := range 4 {
			of := []float64{0, 1, 0.5}
			if item == right {
				of = []float64{1, 0, 0.5}
			}
			e.Scores = append(e.Scores, of)
		}
		examples = append(examples, e)
	}
	w := LearnWeights(examples, 3)
	if w[0] < 1.5 || w[1] > 0.2 || math.Abs(w[0]+w[1]+w[2]-3) > 1e-9 {
		t.Errorf("%v", w)
	}
	if ranks := RanksUnder(examples, []float64{0, 1, 0}); slices.Max(ranks) != 4 || slices.Min(ranks) != 4 {
		t.Errorf("the second alone: %v", ranks)
	}
	if ranks := CrossValidate(examples, 3); slices.Max(ranks) != 1 {
		t.Errorf("%v", ranks)
	}
	if w := LearnWeights(nil, 2); w[0] != 1 || w[1] != 1 {
		t.Errorf("of nothing: %v", w)
	}
	// What one row teaches is not used on itself.
	alone := CrossValidate(examples[:2], 3)
	if want := RanksUnder(examples[:2], []float64{1, 1, 1}); !slices.Equal(alone, want) {
		t.Errorf("one row: %v, want %v", alone, want)
	}
}

func TestEvaluateGroups(t *testing.T) {
	t.Parallel()
	rankings := map[int][]int{
		// Group {0, 1, 2}, R = 2.
		0: {3, 1, 4, 2, 5},    // at ranks 2 and 4: AP (1/2 + 2/4)/2 = 0.5; 1 of 2 within R, with precision 1/2 there
		1: {0, 2, 3, 4, 5},    // at 1 and 2: AP 1; 2 of 2 within R
		2: {3, 4, 5, 2, 0, 1}, // itself is passed over, so at 4 and 5: AP (1/4 + 2/5)/2 = 0.325; none within R
		// Group {3, 4}, R = 1.
		3: {0, 1, 2, 5, 6, 7, 8, 4}, // at 8: AP 1/8
		4: {0, 1, 2, 5},             // not found: AP 0
	}
	groups := []Group{
		{"A", []int{2, 0, 1, 0}}, // 0 twice is one member
		{"B", []int{3, 4}},
		{"alone", []int{5}},
		{"alone, twice", []int{6, 6}},
		{"empty", nil},
	}
	queries := Queries(groups)
	got := EvaluateGroups(groups, func(i int) (ranks []int) {
		neighbors := slices.DeleteFunc(slices.Clone(rankings[queries[i].Item]), func(item int) bool { return item == queries[i].Item })
		for _, other := range queries[i].Others {
			ranks = append(ranks, 1+slices.Index(neighbors, other))
		}
		return ranks
	})
	// Found by rank 1: query 1; by 5: queries 0, 1, 2; by 10: these and 3.
	want := api.GroupSummary{
		MAP:        (0.5 + 1 + 0.325 + 0.125 + 0) / 5,
		RPrecision: (0.5 + 1 + 0 + 0 + 0) / 5,
		MAPAtR:     (0.25 + 1 + 0 + 0 + 0) / 5,
		Recall1:    1 / 5., Recall5: 3 / 5., Recall10: 4 / 5., Queries: 5,
	}
	if !near(got.MAP, want.MAP) || !near(got.RPrecision, want.RPrecision) || !near(got.MAPAtR, want.MAPAtR) || !near(got.Recall1, want.Recall1) ||
		!near(got.Recall5, want.Recall5) || !near(got.Recall10, want.Recall10) || got.Queries != want.Queries {
		t.Errorf("got %+v, want %+v", got, want)
	}
	// Only B drawn twice, or only A: the ends of what two groups can give.
	if a, b := 1.825/3, 0.125/2; !near(got.MAPInterval[0], b) || !near(got.MAPInterval[1], a) {
		t.Errorf("interval %v, want %v to %v", got.MAPInterval, b, a)
	}
	if p := CompareGroups(got, got); p != 1 {
		t.Errorf("a model beside itself: p = %v", p)
	}
	if got := EvaluateGroups(nil, nil); got.Queries != 0 || got.MAP != 0 {
		t.Errorf("no groups: %+v", got)
	}
}

func TestReadPairs(t *testing.T) {
	t.Parallel()
	chad := []api.Pair{{A: "Chad", B: "Romania", Row: 1}}
	for _, c := range []struct {
		why, text string
		want      []api.Pair
	}{
		{"a pair", "Chad,Romania\n", chad},
		{"a header", "a,b\nChad,Romania", chad},
		{"a header in capitals after a comment", "# look alike\n\nA,B\nChad,Romania", chad},
		{"byte order mark, carriage returns", "\ufeffa,b\r\nChad,Romania\r\n", chad},
		{"byte order mark before a comment", "\ufeff# pairs\nChad,Romania\n", chad},
		{"byte order mark before a quote", "\ufeff\"Chad\",\"Romania\"\n", chad},
		{"spaces and empty fields", "  Chad , Romania,,\n,,\n", chad},
		{"a, b further down are names", "Chad,Romania\na,b\n", []api.Pair{{A: "Chad", B: "Romania", Row: 1}, {A: "a", B: "b", Row: 2}}},
		{"quotes", "\"Korea, North\",\"the \"\"South\"\"\"\n", []api.Pair{{A: "Korea, North", B: `the "South"`, Row: 1}}},
		{"semicolons, UTF-16", utf16LE("\ufeffa;b\r\nKorea, North;Chad\r\n"), []api.Pair{{A: "Korea, North", B: "Chad", Row: 1}}},
		{"old line ends", "Chad,Romania\rMali,Senegal\r", []api.Pair{{A: "Chad", B: "Romania", Row: 1}, {A: "Mali", B: "Senegal", Row: 2}}},
		{"titles and columns that are no names", "id,image_a,image_b,same\n7,Chad,Romania,1\n", chad},
		{"numbered titles", "name1,name2,score\nChad,Romania,0.9\n", chad},
		{"names that look like numbered titles", "img1,img2\nimg3,img4\n", []api.Pair{{A: "img1", B: "img2", Row: 1}, {A: "img3", B: "img4", Row: 2}}},
		{"a query and its match", "query,match\nChad,Romania\n", chad},
		{"all pairs of a row", "Mali,Senegal,Guinea\nChad,Romania\n", []api.Pair{
			{A: "Mali", B: "Senegal", Row: 1}, {A: "Mali", B: "Guinea", Row: 1}, {A: "Senegal", B: "Guinea", Row: 1}, {A: "Chad", B: "Romania", Row: 2}}},
	} {
		got, err := ReadPairs(strings.NewReader(c.text))
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, %v", c.why, got, err)
		}
	}
	for _, c := range []struct{ why, text, want string }{
		{"one name", "a,b\n# x\n\nChad\n", "line 4: one name"},
		{"itself", "Chad,Romania\nMali,Senegal,Mali\n", `line 2: "Mali" is paired with itself`},
		{"an open quote", "Chad,Romania\n\"Mali,Senegal\n", "line 2"},
		{"nothing", "# none\n", "empty"},
		{"only a header", "a,b\n", "empty"},
	} {
		got, err := ReadPairs(strings.NewReader(c.text))
		if !errors.Is(err, ErrPairs) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, %v; want %s", c.why, got, err, c.want)
		}
	}
}

func TestReadLabels(t *testing.T) {
	t.Parallel()
	text := "\ufeffName,Group\n# tricolours\nChad,vertical\n\"Korea, South\", other\nRomania,vertical\n"
	got, err := ReadLabels(strings.NewReader(text))
	if want := []api.Label{{Name: "Chad", Group: "vertical"}, {Name: "Korea, South", Group: "other"}, {Name: "Romania", Group: "vertical"}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	for _, c := range []struct{ why, text string }{
		{"turned round, with others", "label,score,file_name\nvertical,1,Chad\nother,2,Mali\n"},
		{"semicolons", "Name;Class\nChad;vertical\nMali;other\n"},
		{"tabs, UTF-16", utf16LE("name\tgroup\r\nChad\tvertical\r\nMali\tother\r\n")},
		{"no titles", "Chad,vertical\nMali,other"},
	} {
		got, err := ReadLabels(strings.NewReader(c.text))
		if want := []api.Label{{Name: "Chad", Group: "vertical"}, {Name: "Mali", Group: "other"}}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %v, %v", c.why, got, err)
		}
	}
	for _, c := range []struct{ why, text, want string }{
		{"another encoding", "Cura\xe7ao,x\n", `line 1: "Cura\xe7ao" is not UTF-8`},
		{"no group", "Chad,vertical\nMali,\n", "line 2: 1 fields"},
		{"two groups", "Chad,vertical,blue\n", "line 1: 3 fields"},
		{"nothing", "", "empty"},
	} {
		got, err := ReadLabels(strings.NewReader(c.text))
		if !errors.Is(err, ErrPairs) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, %v; want %s", c.why, got, err, c.want)
		}
	}
}

func utf16LE(text string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}

func FuzzReadPairs(f *testing.F) {
	f.Add("\ufeffa,b\n# x\nChad,Romania,,\n\"Mali\",Senegal,Guinea\n")
	f.Fuzz(func(t *testing.T, text string) {
		pairs, err := ReadPairs(strings.NewReader(text))
		if err == nil && len(pairs) == 0 {
			t.Fatal("no pairs and no error")
		}
		for _, p := range pairs {
			if p.A == "" || p.B == "" || p.A == p.B {
				t.Fatalf("%+v", p)
			}
		}
	})
}
