package vector

import (
	"context"
	"math"
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
// for two numbers of hits.
var (
	boundScales = [...]boundScale{
		{0.1, 4, 4}, {0.2, 4, 4}, {0.3, 5, 5}, {0.3, 5, 14},
		{0.4, 5, 14}, {0.4, 6, 14}, {0.5, 6, 14}, {0.8, 14, 14},
	}
	hitCounts = [...]int{10, 100}
)

const probedFirstLists = 16 // lists that firstResidual applies to

const recallSample = 128 // rows that recall is measured on

// measured holds a recall for each bound scale, recalls one such for each number of hits.
type (
	measured [len(boundScales)]float32
	recalls  [len(hitCounts)]measured
)

// measureRecall searches for rows with ever larger bounds, until none is missed.
func (c *Compact) measureRecall(ctx context.Context, rows []float32, threads int) error {
	m := Matrix{Dim: c.Dim, Parts: [][]float32{rows}, Compact: []*Compact{c}}
	n := min(recallSample, c.Rows)
	if c.Rows > 1<<20 { // where a search is slow
		n = recallSample / 2
	}
	missed := make([][len(hitCounts)][len(boundScales)]int, n) // by query, so that threads share nothing
	wanted := make([][len(hitCounts)]int, n)
	err := inParallel(ctx, n, threads, func() func(int) {
		return func(i int) {
			q := rows[i*c.Rows/n*c.Dim:][:c.Dim]
			all := Options{K: hitCounts[len(hitCounts)-1], Threads: 1}
			right, ok, _ := searchCompact(ctx, m, q, &all)
			if !ok { // an outlier
				return
			}
			for j, k := range hitCounts {
				o, right := Options{K: k, Threads: 1}, right[:min(k, len(right))]
				wanted[i][j] = len(right)
				for r, t := range boundScales {
					o.scale = t
					found, _, _ := searchCompact(ctx, m, q, &o)
					missed[i][j][r] = len(right) - common(right, found)
					if missed[i][j][r] == 0 {
						break
					}
				}
			}
		}
	})
	for j := range hitCounts {
		for r := range boundScales {
			lost, all := 0, 0
			for i := range n {
				lost, all = lost+missed[i][j][r], all+wanted[i][j]
			}
			c.recalls[j][r] = 1 - float32(lost)/float32(max(1, all))
		}
	}
	return err
}

// common counts the hits that are in both lists.
func common(a, b []Hit) int {
	rows, n := make(map[int]bool, len(a)), 0
	for _, h := range a {
		rows[h.Row] = true
	}
	for _, h := range b {
		if rows[h.Row] {
			n++
		}
	}
	return n
}

// scaleFor returns the smallest bounds that reach a target recall of k hits. Half of what may be
// missed is held in reserve, for queries that are unlike the rows.
func (m Matrix) scaleFor(recall float64, k int) boundScale {
	wanted, least := recall+(1-recall)/2, 0.
	for _, c := range m.Compact {
		if c == nil {
			continue
		}
		if k < hitCounts[1] {
			least = max(least, c.recalls[0].needed(wanted))
		}
		if k > hitCounts[0] { // between the two counts, both
			least = max(least, c.recalls[1].needed(wanted))
		}
	}
	if least > float64(len(boundScales)-1) {
		return exactBounds
	}
	from := int(least)
	return boundScales[from].interpolate(boundScales[min(from+1, len(boundScales)-1)], least-float64(from))
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
