package insight

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
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
	for _, c := range []struct {
		why   string
		ranks [][2]int
		want  Summary
	}{
		{
			// Six queries with ranks 1 1 2 4 13 and one not found.
			// 1/rank: 1 + 1 + 1/2 + 1/4 + 1/13 + 0; to rank 1: 2; to 5: 4; to 10: 4.
			// The middle two of 1 1 2 4 13 ∞ are 2 and 4.
			"both directions count",
			[][2]int{{1, 1}, {2, 13}, {0, 4}},
			Summary{(2.75 + 1/13.) / 6, 2 / 6., 4 / 6., 4 / 6., 3},
		},
		{"the bounds belong to it", [][2]int{{5, 10}}, Summary{(0.2 + 0.1) / 2, 0, 0.5, 1, 7.5}},
		{"the middle falls on one that was not found", [][2]int{{1, 0}}, Summary{0.5, 0.5, 0.5, 0.5, 0}},
		{"nothing found", [][2]int{{0, 0}}, Summary{}},
		{"no pairs", nil, Summary{}},
	} {
		got := Summarize(c.ranks)
		if !near(got.MRR, c.want.MRR) || !near(got.Recall1, c.want.Recall1) || !near(got.Recall5, c.want.Recall5) ||
			!near(got.Recall10, c.want.Recall10) || got.MedianRank != c.want.MedianRank {
			t.Errorf("%s: got %+v, want %+v", c.why, got, c.want)
		}
	}
	text, err := json.Marshal(Summarize([][2]int{{1, 1}}))
	if want := `{"mrr":1,"recall@1":1,"recall@5":1,"recall@10":1,"median_rank":1}`; string(text) != want {
		t.Errorf("got %s (%v), want %s", text, err, want)
	}
}

func TestEvaluateGroups(t *testing.T) {
	t.Parallel()
	rankings := map[int][]int{
		// Group {0, 1, 2}, R = 2.
		0: {3, 1, 4, 2, 5},    // at ranks 2 and 4: AP (1/2 + 2/4)/2 = 0.5; 1 of 2 within R
		1: {0, 2, 3, 4, 5},    // at 1 and 2: AP 1; 2 of 2 within R
		2: {3, 4, 5, 2, 0, 1}, // itself is passed over, so at 4 and 5: AP (1/4 + 2/5)/2 = 0.325; none within R
		// Group {3, 4}, R = 1.
		3: {0, 1, 2, 5, 6, 7, 8, 4}, // at 8: AP 1/8
		4: {0, 1, 2, 5},             // not found: AP 0
	}
	got := EvaluateGroups(func(query int) []int { return rankings[query] }, []Group{
		{"A", []int{2, 0, 1, 0}}, // 0 twice is one member
		{"B", []int{3, 4}},
		{"alone", []int{5}},
		{"alone, twice", []int{6, 6}},
		{"empty", nil},
	})
	// Found by rank 1: query 1; by 5: queries 0, 1, 2; by 10: these and 3.
	want := GroupSummary{
		MAP:        (0.5 + 1 + 0.325 + 0.125 + 0) / 5,
		RPrecision: (0.5 + 1 + 0 + 0 + 0) / 5,
		Recall1:    1 / 5., Recall5: 3 / 5., Recall10: 4 / 5., Queries: 5,
	}
	if !near(got.MAP, want.MAP) || !near(got.RPrecision, want.RPrecision) || !near(got.Recall1, want.Recall1) ||
		!near(got.Recall5, want.Recall5) || !near(got.Recall10, want.Recall10) || got.Queries != want.Queries {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := EvaluateGroups(nil, nil); got != (GroupSummary{}) {
		t.Errorf("no groups: %+v", got)
	}
}

func TestReadPairs(t *testing.T) {
	t.Parallel()
	chad := []Pair{{"Chad", "Romania"}}
	for _, c := range []struct {
		why, text string
		want      []Pair
	}{
		{"a pair", "Chad,Romania\n", chad},
		{"a header", "a,b\nChad,Romania", chad},
		{"a header in capitals after a comment", "# look alike\n\nA,B\nChad,Romania", chad},
		{"byte order mark, carriage returns", "\ufeffa,b\r\nChad,Romania\r\n", chad},
		{"byte order mark before a comment", "\ufeff# pairs\nChad,Romania\n", chad},
		{"byte order mark before a quote", "\ufeff\"Chad\",\"Romania\"\n", chad},
		{"spaces and empty fields", "  Chad , Romania,,\n,,\n", chad},
		{"a, b further down are names", "Chad,Romania\na,b\n", []Pair{{"Chad", "Romania"}, {"a", "b"}}},
		{"quotes", "\"Korea, North\",\"the \"\"South\"\"\"\n", []Pair{{"Korea, North", `the "South"`}}},
		{"all pairs of a row", "Mali,Senegal,Guinea\nChad,Romania\n", []Pair{
			{"Mali", "Senegal"}, {"Mali", "Guinea"}, {"Senegal", "Guinea"}, {"Chad", "Romania"}}},
	} {
		got, err := ReadPairs(strings.NewReader(c.text))
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, %v", c.why, got, err)
		}
	}
	for _, c := range []struct{ why, text, want string }{
		{"one name", "a,b\n# x\n\nChad\n", "line 4: it has one name"},
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
	if want := []Label{{"Chad", "vertical"}, {"Korea, South", "other"}, {"Romania", "vertical"}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	for _, c := range []struct{ why, text, want string }{
		{"no group", "Chad,vertical\nMali,\n", "line 2: it has 1 fields"},
		{"two groups", "Chad,vertical,blue\n", "line 1: it has 3 fields"},
		{"nothing", "", "empty"},
	} {
		got, err := ReadLabels(strings.NewReader(c.text))
		if !errors.Is(err, ErrPairs) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, %v; want %s", c.why, got, err, c.want)
		}
	}
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
				t.Fatalf("%q", p)
			}
		}
	})
}
