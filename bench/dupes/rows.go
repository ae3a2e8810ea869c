package main

import (
	"fmt"

	"github.com/akin-search/akin/bench/internal/result"
)

// row is a row of results that methods are added to; each is asked once.
type row struct{ result.Row }

// newRows returns the rows of a set: the share of its copies that are found, and the time.
func newRows(set string, part int) (quality, seconds *row) {
	name, what := fmt.Sprintf("dupes/%s/%d", set, part), set
	if part > 1 {
		what = fmt.Sprintf("one in %d of %s", part, set)
	}
	return &row{result.Row{Name: name + "/found", What: "copies found in " + what, Unit: result.Percent}},
		&row{result.Row{Name: name + "/seconds", What: "find copies in " + what, Unit: result.Seconds}}
}

// add adds a method's value. A peer's note becomes part of its name.
func (r *row) add(method string, value float64, note string) {
	m := result.Measure{Best: value, Median: value}
	if method == "akin" {
		r.Akin = m
		if note != "" {
			r.What += " (akin " + note + ")"
		}
		return
	}
	if note != "" {
		method += ", " + note
	}
	r.Peers = append(r.Peers, result.Peer{Name: method, Measure: m})
}
