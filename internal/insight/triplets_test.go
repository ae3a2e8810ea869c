package insight

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
)

func TestReadTriplets(t *testing.T) {
	t.Parallel()
	want := []api.Triplet{{Ref: "Chad", Left: "Mali", Right: "Romania", Share: 1}}
	for _, c := range []struct {
		why, text string
		undecided int
		rater     string
	}{
		{"titles and a choice", "ref,left,right,choice\nChad,Mali,Romania,right\n", 0, ""},
		{"all that a judge exports", "ref,left,right,choice,rater,time\nChad,Mali,Romania,right,Ada,2026-11-30T10:00:00Z\n", 0, "Ada"},
		{"a share", "ref,left,right,share\nChad,Mali,Romania,1.0\n", 0, ""},
		{"another order, NIGHTS' titles", "id,right_vote,ref_path,left_path,right_path\n7,1,Chad,Mali,Romania\n", 0, ""},
		{"no titles, a word", "Chad,Mali,Romania,RIGHT\n", 0, ""},
		{"no titles, a share", "Chad;Mali;Romania;1\n", 0, ""},
		{"answers that prefer neither", "ref,left,right,choice\nChad,Mali,Peru,neither\nChad,Mali,Peru,both\nChad,Mali,Romania,right\nChad,Mali,Peru,same\n", 3, ""},
		{"comments and blank lines", "# by eye\n\nref,left,right,choice\n,,,\nChad,Mali,Romania,r\n", 0, ""},
	} {
		got, undecided, err := ReadTriplets(strings.NewReader(c.text))
		expect := slices.Clone(want)
		expect[0].Rater = c.rater
		if err != nil || undecided != c.undecided || !slices.Equal(got, expect) {
			t.Errorf("%s: %+v, %d undecided, %v", c.why, got, undecided, err)
		}
	}
	for _, c := range []struct{ why, text, want string }{
		{"no answer", "ref,left,right\nChad,Mali,Romania\n", "what people answered"},
		{"three names", "Chad,Mali,Romania\n", "3 fields"},
		{"a name that is missing", "ref,left,right,choice\nChad,Mali,,left\n", "line 2"},
		{"twice the same", "ref,left,right,choice\nChad,Mali,Mali,left\n", "line 2"},
		{"another word", "ref,left,right,choice\nChad,Mali,Romania,maybe\n", `line 2: "maybe"`},
		{"a share above 1", "ref,left,right,share\nChad,Mali,Romania,3\n", `line 2: "3"`},
		{"a share that is no number", "ref,left,right,share\nChad,Mali,Romania,NaN\n", `line 2: "NaN"`},
		{"nothing but ties", "ref,left,right,choice\nChad,Mali,Romania,both\n", "prefers one"},
		{"nothing", "# none\n", "empty"},
	} {
		got, _, err := ReadTriplets(strings.NewReader(c.text))
		if !errors.Is(err, ErrPairs) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, %v; want %s", c.why, got, err, c.want)
		}
	}
}

// Three raters, worked by hand. Triplet 1 2 3: Ada and Bo prefer 3, Cy prefers 2, and Bo saw it the other way round.
// Triplet 1 4 5: Ada and Bo prefer 5. Triplet 6 2 3: Ada alone, who prefers 2.
func TestAnswersToTripletsArePooled(t *testing.T) {
	t.Parallel()
	answers := []struct {
		rater            string
		ref, left, right int
		share            float64
	}{
		{"Ada", 1, 2, 3, 1}, {"Bo", 1, 3, 2, 0}, {"Cy", 1, 2, 3, 0},
		{"Ada", 1, 4, 5, 1}, {"Bo", 1, 4, 5, 1},
		{"Ada", 6, 2, 3, 0},
	}
	var triplets []api.Triplet
	for _, a := range answers {
		triplets = append(triplets, api.Triplet{Rater: a.rater, Share: a.share})
	}
	votes := PoolTriplets(triplets, func(i int) (ref, left, right int) { return answers[i].ref, answers[i].left, answers[i].right })
	var shares []float64
	for _, v := range votes {
		shares = append(shares, v.Share())
	}
	if want := []float64{2. / 3, 1, 0}; !slices.Equal(shares, want) {
		t.Fatalf("shares %v, want %v", shares, want)
	}
	// Of the first, Ada and Bo each agree with one of two others, Cy with none; of the second both agree.
	s := Agreement(votes)
	if s == nil || s.Triplets != 5 || math.Abs(s.TwoAFC-(0.5+0.5+0+1+1)/5) > 1e-12 {
		t.Errorf("%+v", s)
	}
	if Agreement(votes[2:]) != nil {
		t.Error("one rater agrees with nobody")
	}
}

// A rater who is divided has half a point, and so has a model to which both are as near.
func TestTwoAFC(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ left, right, share, want float64 }{
		{0.9, 0.1, 0.25, 0.75}, {0.1, 0.9, 0.25, 0.25}, {0.5, 0.5, 0.25, 0.5}, {0.9, 0.1, 0, 1}, {-0.2, -0.1, 1, 1},
	} {
		if got := TwoAFC(c.left, c.right, c.share); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	s := ScoreTriplets([]int{7, 8, 7}, []float64{1, 0.5, 0})
	if s.TwoAFC != 0.5 || s.Triplets != 3 || len(s.PerRef) != 2 || s.PerRef[0][0] != 0.5 || s.PerRef[0][1] != 2 {
		t.Errorf("%+v", s)
	}
	// Twelve reference pictures, all of which one model answers rightly and the other wrongly: of 2^12 ways to swap them, two
	// differ as much.
	var refs []int
	var right, wrong []float64
	for i := range 12 {
		refs, right, wrong = append(refs, i), append(right, 1), append(wrong, 0)
	}
	if p := CompareTriplets(ScoreTriplets(refs, right), ScoreTriplets(refs, wrong)); p != 2./4096 {
		t.Errorf("p = %v", p)
	}
}

func FuzzReadTriplets(f *testing.F) {
	f.Add("ref,left,right,choice\nChad,Mali,Romania,right\n")
	f.Add("Chad,Mali,Romania,0.25\n")
	f.Add("ref,left,right,share,rater\n,,\n\"")
	f.Fuzz(func(t *testing.T, text string) {
		got, undecided, err := ReadTriplets(strings.NewReader(text))
		if err == nil && len(got) == 0 || undecided < 0 {
			t.Errorf("%v, %d", got, undecided)
		}
		for _, x := range got {
			if x.Ref == "" || x.Left == x.Right || !(x.Share >= 0 && x.Share <= 1) {
				t.Errorf("%+v", x)
			}
		}
	})
}
