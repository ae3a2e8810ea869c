package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/akin-search/akin/bench/internal/result"
)

// part is what was measured in the shape of all programs of bench/. Of approximate searches only engines that
// reach the recall are in it.
func (b *bench) part() result.Part {
	p := result.Part{Rates: result.Limit{Operations: b.Limits.Operations, Bytes: b.Limits.Bytes}}
	for _, set := range distinct(b.Exact, func(r exactRow) string { return r.Set }) {
		b.addExact(&p, set, "one", "one query", func(r exactRow) span { return r.One })
		b.addExact(&p, set, "batch", fmt.Sprintf("each of %d queries", queryCount), func(r exactRow) span { return r.Batch })
	}
	for _, set := range distinct(b.Approximate, func(r approximateRow) string { return r.Set }) {
		for _, k := range []int{10, 100} {
			b.addApproximate(&p, set, k, "akin approximate")
			b.addApproximate(&p, set, k, tuned)
		}
	}
	b.addGrowth(&p)
	return p
}

// distinct are the names of rows, once each.
func distinct[T any](rows []T, name func(T) string) (names []string) {
	for _, r := range rows {
		if n := name(r); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

func (s span) measure() result.Measure { return result.Measure{Best: s.Min, Median: s.Median} }

func isAkin(engine string) bool { return strings.HasPrefix(engine, "akin") }

func (b *bench) addExact(p *result.Part, set, job, what string, of func(exactRow) span) {
	r := result.Row{Name: "search/exact/" + set + "/" + job, What: fmt.Sprintf("exact search of %s, %s", set, what), Unit: result.Milliseconds}
	for _, x := range b.Exact {
		switch {
		case x.Set != set:
		case isAkin(x.Engine):
			r.Akin = of(x).measure()
		default:
			r.Peers = append(r.Peers, result.Peer{Name: fmt.Sprintf("%s, threads: %d", x.Engine, x.Threads), Measure: of(x).measure()})
		}
	}
	if rows, dim, err := shape(set); err == nil {
		values := float64(rows) * float64(dim)
		r.Limit = &result.Limit{Bytes: values * 4}
		if job == "batch" { // the vectors are read once for many
			r.Limit = &result.Limit{Operations: values * 2}
		}
	}
	p.Add(r)
}

func (b *bench) addApproximate(p *result.Part, set string, k int, akin string) {
	r := result.Row{
		Name: fmt.Sprintf("search/approximate/%s/%d", set, k), Unit: result.Milliseconds,
		What: fmt.Sprintf("search of %s at recall %g of %d", set, b.recall, k),
	}
	if akin == tuned {
		r.Name, r.What = r.Name+"/tuned", r.What+", tuned to the queries as the others are"
	}
	reached := false
	for _, x := range b.Approximate {
		switch {
		case x.Set != set || x.K != k || !x.Reached:
		case x.Engine == akin:
			r.Akin, reached = x.One.measure(), true
		case !isAkin(x.Engine):
			r.Peers = append(r.Peers, result.Peer{Name: x.Engine + ", " + x.Setting, Measure: x.One.measure()})
		}
	}
	if reached {
		p.Add(r)
	}
}

// addGrowth adds a row for each number of rows, of approximate searches.
func (b *bench) addGrowth(p *result.Part) {
	of := func(r growthRow) string { return fmt.Sprintf("%d-%d", r.Rows, r.Dim) }
	for _, size := range distinct(b.Growth, of) {
		r := result.Row{Name: "search/growth/" + size, What: fmt.Sprintf("search of clustered-%s at recall %g of 10", size, b.recall), Unit: result.Milliseconds}
		reached := false
		for _, x := range b.Growth {
			m := result.Measure{Best: x.Time, Median: x.Time}
			switch {
			case of(x) != size || x.Setting == "" || x.Recall < b.recall:
			case isAkin(x.Engine):
				r.Akin, reached = m, true
			default:
				r.Peers = append(r.Peers, result.Peer{Name: x.Engine + ", " + x.Setting, Measure: m})
			}
		}
		if reached {
			p.Add(r)
		}
	}
}
