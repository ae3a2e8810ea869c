package result

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// tolerance is how many times as bad as the last time a row may be before that is told.
const tolerance = 1.10

// Regression is a row that was better the last time.
type Regression struct {
	Row    Row
	Before Measure
	Times  float64 // of the best rounds, how many times as bad: 2 for twice the time or half the answers a second
	// Peer is the best of the peers that were measured both times, or "". Where it got worse as well, the
	// machine was slower.
	Peer      string
	PeerTimes float64
}

// Regressions compares the rows that two results have in common, worst first.
func Regressions(before, now File) []Regression {
	var out []Regression
	for _, r := range now.Rows {
		i := slices.IndexFunc(before.Rows, func(old Row) bool { return old.Name == r.Name && old.Unit == r.Unit })
		if i < 0 {
			continue
		}
		old := before.Rows[i]
		g := Regression{Row: r, Before: old.Akin, Times: r.Unit.times(old.Akin.Best, r.Akin.Best)}
		if !finite(g.Times) || g.Times <= tolerance {
			continue
		}
		best := 0.
		for _, p := range r.Peers {
			at := slices.IndexFunc(old.Peers, func(q Peer) bool { return q.Name == p.Name })
			if at >= 0 && (g.Peer == "" || r.Unit.better(p.Best, best)) {
				best, g.Peer, g.PeerTimes = p.Best, p.Name, r.Unit.times(old.Peers[at].Best, p.Best)
			}
		}
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b Regression) int {
		return cmp.Or(cmp.Compare(b.Times, a.Times), strings.Compare(a.Row.Name, b.Row.Name))
	})
	return out
}

func (g Regression) String() string {
	text := fmt.Sprintf("%s: %s, before %s: %.0f %% worse", g.Row.Name, number(g.Row.Akin.Best, g.Row.Unit), number(g.Before.Best, g.Row.Unit), 100*(g.Times-1))
	switch {
	case g.Peer == "" || !finite(g.PeerTimes):
	case g.PeerTimes > 1:
		text += fmt.Sprintf("; %s: %.0f %% worse", g.Peer, 100*(g.PeerTimes-1))
	default:
		text += fmt.Sprintf("; %s: %.0f %% better", g.Peer, 100*(1/g.PeerTimes-1))
	}
	return text
}
