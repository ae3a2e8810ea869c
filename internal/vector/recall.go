package vector

import (
	"context"
	"math"
	"math/rand/v2"
)

// boundScale scales upper bounds. Unscaled ones are exact: by the Cauchy–Schwarz inequality
// no row scores more. Scaled down they hold for nearly all rows, because two vectors seldom
// point in the same direction.
type boundScale struct {
	radius   float64 // share of the distance of rows from the centre of their list
	residual float64 // of what codes leave out, in standard deviations of random directions; 0 is all of it
	// firstResidual is residual for the lists that are scanned first: their rows may be similar to the
	// query in what coordinates leave out as well, as near duplicates of a picture are.
	firstResidual float64
}

var exactBounds = boundScale{radius: 1}

// share is the scale of a bound on the score of two vectors in n dimensions, for so many standard
// deviations.
func share(deviations float64, n int) float64 {
	if deviations == 0 {
		return 1
	}
	return min(1, deviations/math.Sqrt(float64(max(1, n))))
}

// The recall of a copy is measured on its own rows when it is built: for each of these scales, and
// for three numbers of hits.
var (
	boundScales = [...]boundScale{
		{0.1, 4, 4}, {0.2, 4, 4}, {0.3, 5, 5}, {0.3, 5, 14},
		{0.4, 5, 14}, {0.4, 6, 14}, {0.5, 6, 14}, {0.6, 9, 14}, {0.8, 14, 14},
	}
	hitCounts = [...]int{1, 10, 100}
)

const probedFirstLists = 16 // lists that firstResidual applies to

const (
	recallSample = 512  // rows that recall is measured on,
	graphSample  = 2048 // and that of walks: their queries lose hits together, so that fewer say less
)

// measured holds for each bound scale a lower limit of the recall, recalls one such for each number of hits.
type (
	measured [len(boundScales)]float32
	recalls  [len(hitCounts)]measured
)

// measureRecall searches for the neighbours of rows with ever larger bounds, until none is missed. A row is searched for as if
// it were new: it is not among its own neighbours.
func (c *Compact) measureRecall(ctx context.Context, rows []float32, threads int) error {
	m := Matrix{Dim: c.Dim, Parts: [][]float32{rows}, Compact: []*Compact{c}}
	sample := sampleIndexes(c.Rows, recallSample)
	if c.graph != nil {
		sample = sampleIndexes(c.Rows, graphSample)
	}
	ofLists := min(len(sample), recallSample)
	// By count, scale and query, so that threads share nothing.
	var lost, left [len(hitCounts)][len(boundScales)][]int // by lists and by the graph
	var wanted [len(hitCounts)][]int
	for j := range hitCounts {
		wanted[j] = make([]int, len(sample))
		for r := range boundScales {
			lost[j][r], left[j][r] = make([]int, ofLists), make([]int, len(sample))
		}
	}
	err := inParallel(ctx, len(sample), threads, func() func(int) {
		others := make([]uint64, (len(rows)/c.Dim+63)/64)
		for i := range others {
			others[i] = ^uint64(0)
		}
		return func(i int) {
			row := sample[i]
			others[row/64] &^= 1 << (row % 64)
			defer func() { others[row/64] |= 1 << (row % 64) }()
			q := rows[row*c.Dim:][:c.Dim]
			all := Options{K: hitCounts[len(hitCounts)-1], Keep: others, Threads: 1}
			right, ok, _ := searchCompact(ctx, m, q, &all)
			if !ok { // an outlier
				return
			}
			for j, k := range hitCounts {
				o, right := Options{K: k, Keep: others, Threads: 1}, right[:min(k, len(right))]
				wanted[j][i] = len(right)
				for r, t := range boundScales {
					if i >= ofLists {
						break
					}
					o.scale = t
					found, _, _ := searchCompact(ctx, m, q, &o)
					lost[j][r][i] = len(right) - among(right, found)
					if lost[j][r][i] == 0 {
						break
					}
				}
				// Its own links would lead a walk to its neighbours.
				o.scale, o.unknown = boundScale{}, row+1
				for r, extra := range beamExtras {
					if c.graph == nil {
						break
					}
					o.extra = extra
					found, _ := searchGraph(ctx, m, q, &o)
					if left[j][r][i] = len(right) - among(right, found); left[j][r][i] == 0 {
						break
					}
				}
			}
		}
	})
	for j := range hitCounts {
		c.recalls[j] = leastRecalls(lost[j], wanted[j][:ofLists])
		if c.graph != nil {
			c.graph.recalls[j] = leastRecalls(left[j], wanted[j])
		}
	}
	return err
}

// sampleIndexes draws up to n different ones of count indexes, always the same.
func sampleIndexes(count, n int) []int {
	r := rand.New(rand.NewPCG(uint64(count), uint64(n)))
	if count <= 2*n {
		return r.Perm(count)[:min(count, n)]
	}
	out, drawn := make([]int, 0, n), make(map[int]bool, n)
	for len(out) < n {
		if i := r.IntN(count); !drawn[i] {
			drawn[i] = true
			out = append(out, i)
		}
	}
	return out
}

// among counts the hits of found that are as good as those of right: of equal scores, any will do.
func among(right, found []Hit) (n int) {
	for _, h := range found {
		if len(right) > 0 && h.Score >= right[len(right)-1].Score {
			n++
		}
	}
	return min(n, len(right))
}

// sureness is how many standard deviations a lower limit of a recall is below what was measured: the recall on other queries
// of the kind is above it with a probability of 95 %.
const sureness = 1.6448536269514722

// leastRecalls returns Wilson's lower limits of the recalls of all scales, given how many hits each query lost of those that
// were wanted. A query that loses a hit often loses others as well, so that its hits count as fewer independent ones: by the
// ratio of the variance to that of independent hits, or, where nothing is ever lost, by the worst ratio there can be.
func leastRecalls(lost [len(boundScales)][]int, wanted []int) (least measured) {
	all, most := 0, 1
	for _, n := range wanted {
		all, most = all+n, max(most, n)
	}
	if all == 0 {
		return least
	}
	var shares [len(boundScales)]float64
	effect, measured := 1., false // of losing hits together
	for r := range lost {
		total, squares := 0, 0.
		for _, n := range lost[r] {
			total += n
		}
		shares[r] = float64(total) / float64(all)
		for i, n := range lost[r] {
			d := float64(n) - shares[r]*float64(wanted[i])
			squares += d * d
		}
		if total > 0 && total < all {
			effect, measured = max(effect, squares/(shares[r]*(1-shares[r])*float64(all))), true
		}
	}
	if !measured {
		effect = float64(most)
	}
	n := float64(all) / min(effect, float64(most))
	for r, missed := range shares {
		least[r] = float32(wilson(1-missed, n))
	}
	return least
}

// wilson is the lower end of Wilson's interval of a proportion p that n independent trials gave.
func wilson(p, n float64) float64 {
	z := sureness * sureness
	return (p + z/(2*n) - sureness*math.Sqrt(p*(1-p)/n+z/(4*n*n))) / (1 + z/n)
}

// scaleFor returns the smallest bounds that reach a target recall of k hits.
func (m Matrix) scaleFor(recall float64, k int, filtered bool) boundScale {
	least := 0.
	for _, c := range m.Compact {
		if c == nil {
			continue
		}
		least = max(least, c.recalls.needed(recall, k, filtered))
	}
	if least > float64(len(boundScales)-1) {
		return exactBounds
	}
	from := int(least)
	return boundScales[from].interpolate(boundScales[min(from+1, len(boundScales)-1)], least-float64(from))
}

// needed returns the least index into boundScales that reaches a recall of k hits. A filter may thin out a query's neighbours,
// which makes of k hits the nearest of more rows: then it takes the bounds of all counts from k on.
func (r *recalls) needed(recall float64, k int, filtered bool) (least float64) {
	for j, of := range r {
		above := j+1 < len(hitCounts) && k >= hitCounts[j+1]
		below := j > 0 && k <= hitCounts[j-1] && !filtered
		if !above && !below { // between two counts, both
			least = max(least, of.needed(recall))
		}
	}
	return least
}

// needed returns the least index into boundScales that reaches a recall, interpolated between two of them: recall is
// concave in the scale, so that it is at least what interpolation says. Where none reaches it, the index is past the end.
func (m measured) needed(recall float64) float64 {
	for i, found := range m {
		if !(float64(found) >= recall) {
			continue
		}
		if i > 0 && float64(m[i-1]) < recall {
			before := float64(m[i-1])
			return float64(i-1) + (recall-before)/(float64(found)-before)
		}
		return float64(i)
	}
	return float64(len(m))
}

// interpolate returns the scale between t and u, at a share of the way.
func (t boundScale) interpolate(u boundScale, share float64) boundScale {
	between := func(a, b float64) float64 { return a + share*(b-a) }
	return boundScale{between(t.radius, u.radius), between(t.residual, u.residual), between(t.firstResidual, u.firstResidual)}
}
