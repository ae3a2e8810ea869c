package api

import "math"

// ContextOptions say what to remove from pictures. The zero value removes every cue that can be removed, such as colour,
// each by itself, for all installed models.
type ContextOptions struct {
	Models   []string
	Without  []string // names of cues; nil means all
	Pictures int      // a sample that pairs are ranked among, in larger collections; 0 means 500
	Progress func(done, total int)
}

// ContextPair is a pair with its ranks, unaltered and altered.
type ContextPair struct {
	A string `json:"a"`
	B string `json:"b"`
	// Ranks are, for each model, the ranks in both directions for each of Without, "" first.
	Ranks map[string]map[string][2]int `json:"ranks"`
}

// ContextReport is the answer to Context.
type ContextReport struct {
	Models   []string      `json:"models"`
	Without  []string      `json:"without"`  // "" first: the pictures as they are
	Pictures int           `json:"pictures"` // that pairs were ranked among
	Pairs    []ContextPair `json:"pairs"`
	Missing  []string      `json:"missing,omitempty"`
	Failed   []Failure     `json:"failed,omitempty"`
	Skipped  []Failure     `json:"skipped,omitempty"`                  // models that could not run, and why
	Absent   []Failure     `json:"absent,omitempty" deprecated:"true"` // Deprecated: Skipped, until the next release.
}

// Near is the geometric mean of the ranks of one entry of ContextPair.Ranks.
func (p ContextPair) Near(model, without string) float64 {
	ranks := p.Ranks[model][without]
	return math.Sqrt(float64(ranks[0]) * float64(ranks[1]))
}
