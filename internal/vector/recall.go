package vector

import (
	"context"
	"math"
)

// trust says which share of a bound is believed. All of it gives right answers always:
// by the Cauchy-Schwarz inequality no row scores more. Less gives them nearly always,
// for two vectors seldom point the very same way.
type boundScale struct {
	radius   float64 // of how far rows lie from the middle of their list
	residual float64 // of all that codes leave out, in standard deviations for directions at random; 0 means all of it
	// near is rest for rows of the lists that promise most: they can be like the query in what places
	// leave out, too, as copies and kin of a picture are.
	firstResidual float64
}

var exactBounds = boundScale{radius: 1}

// share is what is believed of a bound on the score of two vectors in n dimensions.
func share(believed float64, n int) float64 {
	if believed == 0 {
		return 1
	}
	return min(1, believed/math.Sqrt(float64(max(1, n))))
}

// The recall of a copy is measured on its own rows when it is made: for each of these
// trusts, and for the two numbers of hits that people ask for.
var (
	boundScales = [...]boundScale{
		{0.1, 4, 4}, {0.2, 4, 4}, {0.3, 5, 5}, {0.3, 5, 14},
		{0.4, 5, 14}, {0.4, 6, 14}, {0.5, 6, 14}, {0.8, 14, 14},
	}
	hitCounts = [...]int{10, 100}
)

const probedFirstLists = 16 // lists that a trust's near is for

const recallSample = 128 // rows that recall is measured on

// measured are the recalls of the trusts, and recalls those of the numbers of hits.
type (
	measured [len(boundScales)]float32
	recalls  [len(hitCounts)]measured
)

// measureRecall searches for rows with ever more trust, until nothing is missed.
func (c *Compact) measureRecall(ctx context.Context, rows []float32, threads int) error {
	m := Matrix{Dim: c.Dim, Parts: [][]float32{rows}, Compact: []*Compact{c}}
	n := min(recallSample, c.Rows)
	if c.Rows > 1<<20 { // where each search takes its time
		n = recallSample / 2
	}
	missed := make([][len(hitCounts)][len(boundScales)]int, n) // by query, so that threads share nothing
	wanted := make([][len(hitCounts)]int, n)
	err := inParallel(ctx, n, threads, func() func(int) {
		return func(i int) {
			q := rows[i*c.Rows/n*c.Dim:][:c.Dim]
			all := Options{K: hitCounts[len(hitCounts)-1], Threads: 1}
			right, ok, _ := searchCompact(ctx, m, q, &all)
			if !ok { // an odd row
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

// common counts the hits that two lists have both.
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

// trustFor is as little trust as finds the wanted share of k hits: half of what may be
// missed is kept in reserve, for queries that are not like the rows.
func (m Matrix) scaleFor(recall float64, k int) boundScale {
	wanted, least := recall+(1-recall)/2, 0.
	for _, c := range m.Compact {
		if c == nil {
			continue
		}
		measured := c.recalls[0]
		if k > hitCounts[0] {
			measured = c.recalls[1]
		}
		least = max(least, measured.needed(wanted))
	}
	if least > float64(len(boundScales)-1) {
		return exactBounds
	}
	from := int(least)
	return boundScales[from].interpolate(boundScales[min(from+1, len(boundScales)-1)], least-float64(from))
}

// reach is the least number of a trust that finds so much. It lies between two numbers where more is found than
// wanted: recall grows ever more slowly with trust, and so by no less than in proportion. It is beyond all where none does.
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

// towards is what lies between t and u, at a share of the way.
func (t boundScale) interpolate(u boundScale, share float64) boundScale {
	between := func(a, b float64) float64 { return a + share*(b-a) }
	return boundScale{between(t.radius, u.radius), between(t.residual, u.residual), between(t.firstResidual, u.firstResidual)}
}
