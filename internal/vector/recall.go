package vector

import (
	"context"
	"math"
)

// trust says which share of a bound is believed. All of it gives right answers always:
// by the Cauchy-Schwarz inequality no row scores more. Less gives them nearly always,
// for two vectors seldom point the very same way.
type trust struct {
	radius float64 // of how far rows lie from the middle of their list
	rest   float64 // of all that codes leave out, in standard deviations for directions at random; 0 means all of it
	// near says that more is believed in the lists that promise most, whose rows can be like
	// the query in what places leave out, too: copies and kin of a picture.
	near bool
}

var certain = trust{radius: 1}

// share is what is believed of a bound on the score of two vectors in n dimensions.
func (t trust) share(n int) float64 {
	if t.rest == 0 {
		return 1
	}
	return min(1, t.rest/math.Sqrt(float64(max(1, n))))
}

// The recall of a copy is measured on its own rows when it is made: for each of these
// trusts, and for the two numbers of hits that people ask for.
var (
	trusts = [...]trust{
		{0.1, 4, false}, {0.2, 4, false}, {0.3, 5, false}, {0.3, 5, true},
		{0.4, 5, true}, {0.4, 6, true}, {0.5, 6, true}, {0.8, 14, false},
	}
	hitCounts = [...]int{10, 100}
)

const (
	nearLists = 16 // lists of which more is believed
	nearRest  = 14 // of their rows, as a trust's rest
)

const recallSample = 128 // rows that recall is measured on

// recalls are what was measured.
type recalls [len(hitCounts)][len(trusts)]float32

// measureRecall searches for rows with ever more trust, until nothing is missed.
func (c *Compact) measureRecall(ctx context.Context, rows []float32, threads int) error {
	m := Matrix{Dim: c.Dim, Parts: [][]float32{rows}, Compact: []*Compact{c}}
	n := min(recallSample, c.Rows)
	if c.Rows > 1<<20 { // where each search takes its time
		n = recallSample / 2
	}
	missed := make([][len(hitCounts)][len(trusts)]int, n) // by query, so that threads share nothing
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
				for r, t := range trusts {
					o.trust = t
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
		for r := range trusts {
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
func (m Matrix) trustFor(recall float64, k int) trust {
	least := 0
	for _, c := range m.Compact {
		if c == nil {
			continue
		}
		measured := c.recalls[0]
		if k > hitCounts[0] {
			measured = c.recalls[1]
		}
		for least < len(trusts) && float64(measured[least]) < recall+(1-recall)/2 {
			least++
		}
	}
	if least == len(trusts) {
		return certain
	}
	return trusts[least]
}
