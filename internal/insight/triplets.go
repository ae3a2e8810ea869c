package insight

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/table"
)

// tripletTitles are the titles of the columns of triplets, as akin, NIGHTS and others write them.
var tripletTitles = map[string][]string{
	"ref":    {"ref", "reference", "refpath", "anchor", "query"},
	"left":   {"left", "leftpath", "a", "p0", "image0"},
	"right":  {"right", "rightpath", "b", "p1", "image1"},
	"share":  {"share", "rightvote", "judge"},
	"choice": {"choice", "answer", "preferred"},
	"rater":  {"rater", "user", "worker"},
}

// choices are what people answer, as the share that prefers right; NaN marks an answer that prefers none.
var choices = map[string]float64{
	"left": 0, "l": 0, "a": 0, "0": 0,
	"right": 1, "r": 1, "b": 1, "1": 1,
	"neither": math.NaN(), "both": math.NaN(), "same": math.NaN(), "tie": math.NaN(), "": math.NaN(),
}

// ReadTriplets reads triplets from a table with the columns ref, left and right, and share, the share of people who
// preferred right, or choice: left, right, neither, both or same. A column rater says who answered. Without titles,
// columns are in this order, and a fourth that is no word is the share. undecided counts answers that prefer neither picture.
func ReadTriplets(r io.Reader) (triplets []api.Triplet, undecided int, err error) {
	rows, err := readRows(r)
	if err != nil {
		return nil, 0, err
	}
	rows = slices.DeleteFunc(rows, func(r textRow) bool { return len(namesIn(r.fields, nil)) == 0 })
	if len(rows) == 0 {
		return nil, 0, fmt.Errorf("%w: the list is empty", ErrPairs)
	}
	columns, titled, err := tripletColumns(rows[0])
	if err != nil {
		return nil, 0, err
	}
	if titled {
		rows = rows[1:]
	}
	for _, row := range rows {
		t, decided, err := readTriplet(row, columns)
		switch {
		case err != nil:
			return triplets, undecided, err
		case decided:
			triplets = append(triplets, t)
		default:
			undecided++
		}
	}
	if len(triplets) == 0 {
		return nil, undecided, fmt.Errorf("%w: no answer in the list prefers one picture", ErrPairs)
	}
	return triplets, undecided, nil
}

// tripletColumns says in which column each part of a triplet is, by the titles if the first row has some.
func tripletColumns(first textRow) (columns map[string]int, titled bool, err error) {
	columns = map[string]int{}
	for part, titles := range tripletTitles {
		for _, title := range titles {
			at := slices.IndexFunc(first.fields, func(f string) bool { return table.Plainly(f) == title })
			if at >= 0 {
				columns[part] = at
				break
			}
		}
	}
	_, ref := columns["ref"]
	_, left := columns["left"]
	_, right := columns["right"]
	_, share := columns["share"]
	_, choice := columns["choice"]
	switch {
	case ref && left && right && (share || choice):
		return columns, true, nil
	case ref && left && right:
		return nil, false, first.errorf("no column says what people answered: want share or choice beside ref, left and right")
	case len(first.fields) != 4:
		return nil, false, first.errorf("%d fields, want the columns ref, left, right and share or choice", len(first.fields))
	}
	columns = map[string]int{"ref": 0, "left": 1, "right": 2, "share": 3}
	if _, err := strconv.ParseFloat(first.fields[3], 64); err != nil {
		delete(columns, "share")
		columns["choice"] = 3
	}
	return columns, false, nil
}

// readTriplet reads a row; decided is false where its answer prefers neither picture.
func readTriplet(row textRow, columns map[string]int) (t api.Triplet, decided bool, err error) {
	field := func(part string) string {
		if at, ok := columns[part]; ok && at < len(row.fields) {
			return row.fields[at]
		}
		return ""
	}
	t = api.Triplet{Ref: field("ref"), Left: field("left"), Right: field("right"), Rater: field("rater")}
	switch {
	case t.Ref == "" || t.Left == "" || t.Right == "":
		return t, false, row.errorf("a triplet of %q, %q and %q, want three names", t.Ref, t.Left, t.Right)
	case t.Left == t.Right || t.Ref == t.Left || t.Ref == t.Right:
		return t, false, row.errorf("%q, %q and %q are not three pictures", t.Ref, t.Left, t.Right)
	}
	if _, ok := columns["share"]; ok && field("share") != "" {
		t.Share, err = strconv.ParseFloat(field("share"), 64)
		if err != nil || !(t.Share >= 0 && t.Share <= 1) {
			return t, false, row.errorf("%.60q is no share from 0, all prefer left, to 1, all prefer right", field("share"))
		}
		return t, true, nil
	}
	share, ok := choices[strings.ToLower(field("choice"))]
	if !ok {
		return t, false, row.errorf("%.60q is no choice: want left, right, neither, both or same", field("choice"))
	}
	t.Share = share
	return t, !math.IsNaN(share), nil
}

// Votes are the answers to one triplet.
type Votes struct {
	Ref, Left, Right int
	Shares           []float64 // that prefer right, one of each row
	Raters           []string  // of each row, "" where it is not known
}

// Share is the mean share that prefers right.
func (v Votes) Share() float64 {
	sum := 0.
	for _, s := range v.Shares {
		sum += s
	}
	return sum / float64(len(v.Shares))
}

// PoolTriplets puts the answers to the same triplet together, also where left and right changed places. triplet(i) are the
// pictures of the i-th. The order is that of first mention.
func PoolTriplets(triplets []api.Triplet, pictures func(i int) (ref, left, right int)) []Votes {
	at := map[[3]int]int{}
	var out []Votes
	for i, t := range triplets {
		ref, left, right := pictures(i)
		share := t.Share
		if left > right {
			left, right, share = right, left, 1-share
		}
		key := [3]int{ref, left, right}
		k, ok := at[key]
		if !ok {
			k = len(out)
			at[key], out = k, append(out, Votes{Ref: ref, Left: left, Right: right})
		}
		out[k].Shares = append(out[k].Shares, share)
		out[k].Raters = append(out[k].Raters, t.Rater)
	}
	return out
}

// TwoAFC is the two-alternative forced choice score of one answer: the share of people who answered so, where share prefers
// right, and half where both pictures are equally near (Zhang, Isola, Efros, Shechtman and Wang, "The Unreasonable
// Effectiveness of Deep Features as a Perceptual Metric", CVPR 2018; NIGHTS' scorer is the same). left and right are scores:
// more is nearer.
func TwoAFC(left, right, share float64) float64 {
	switch {
	case left > right:
		return 1 - share
	case right > left:
		return share
	}
	return 0.5
}

// ScoreTriplets summarizes scores of triplets. Those of one reference picture depend on one another, so they are
// resampled together.
func ScoreTriplets(refs []int, scores []float64) api.TripletSummary {
	at := map[int]int{}
	var units [][]float64
	s := api.TripletSummary{Triplets: len(scores)}
	for i, ref := range refs {
		k, ok := at[ref]
		if !ok {
			k = len(units)
			at[ref], units = k, append(units, []float64{0, 0})
		}
		units[k][0] += scores[i]
		units[k][1]++
		s.TwoAFC += scores[i]
	}
	if len(scores) == 0 {
		return s
	}
	s.TwoAFC /= float64(len(scores))
	for _, u := range units {
		u[0] /= u[1]
	}
	s.PerRef, s.Within = units, Bootstrap(units)[0]
	return s
}

// CompareTriplets returns the p-value of the difference between two models over the same triplets, by a sign-flip test over
// reference pictures.
func CompareTriplets(a, b api.TripletSummary) float64 {
	var differences []float64
	for i := range a.PerRef {
		differences = append(differences, (a.PerRef[i][0]-b.PerRef[i][0])*a.PerRef[i][1])
	}
	return SignFlip(differences)
}

// Agreement scores each rater against the others who answered the same triplet. It is nil where no triplet has two raters.
// A rater's several answers to a triplet count as one, their mean.
func Agreement(votes []Votes) *api.TripletSummary {
	var refs []int
	var scores []float64
	for _, v := range votes {
		answers := map[string][]float64{}
		for i, rater := range v.Raters {
			if rater != "" {
				answers[rater] = append(answers[rater], v.Shares[i])
			}
		}
		if len(answers) < 2 {
			continue
		}
		means, sum := map[string]float64{}, 0.
		for rater, shares := range answers {
			means[rater] = Votes{Shares: shares}.Share()
		}
		for _, rater := range slices.Sorted(maps.Keys(means)) {
			sum += means[rater]
		}
		for _, rater := range slices.Sorted(maps.Keys(means)) {
			others := (sum - means[rater]) / float64(len(means)-1)
			refs, scores = append(refs, v.Ref), append(scores, TwoAFC(1-means[rater], means[rater], others))
		}
	}
	if len(scores) == 0 {
		return nil
	}
	s := ScoreTriplets(refs, scores)
	return &s
}
