package main

import (
	"fmt"
	"os/exec"
	"strings"

	"github.com/akin-search/akin/bench/internal/result"
)

// part is what was measured in the shape of all programs of bench/; the first server is akin's.
func (b *bench) part(servers []*server, runs map[*server][]measured) result.Part {
	var p result.Part
	row := func(job, what string, unit result.Unit, of func(measured) float64) {
		r := result.Row{Name: fmt.Sprintf("serve/%d-%d/%s", b.rows, b.dim, job), Unit: unit, What: fmt.Sprintf("%s of searches by name over HTTP, %d pictures, %d clients", what, b.rows, b.connections)}
		for i, s := range servers {
			m := result.Of(values(runs[s], of))
			if unit.More() {
				m = result.OfMost(values(runs[s], of))
			}
			if i == 0 {
				r.Akin = m
			} else {
				r.Peers = append(r.Peers, result.Peer{Name: s.name, Measure: m})
			}
		}
		p.Add(r)
	}
	row("rate", "answers", result.PerSecond, func(m measured) float64 { return m.rate })
	row("p99", "the slowest hundredth", result.Milliseconds, func(m measured) float64 { return m.p99 })
	if out, _ := exec.Command("wrk", "-v").Output(); len(out) > 0 { // its status is 1
		if fields := strings.Fields(string(out)); len(fields) > 1 {
			p.Versions = map[string]string{"wrk": fields[1]}
		}
	}
	return p
}
