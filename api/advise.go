package api

// AdviceOptions say what models are judged by: Pairs, or Labels, or, without both, pairs made of the
// collection's own pictures.
type AdviceOptions struct {
	Models   []string
	Pairs    []Pair
	Labels   []Label
	Progress func(done, total int)
}

// ModelAdvice is what is known of one model.
type ModelAdvice struct {
	Model  string   `json:"model"`
	Value  float64  `json:"value"` // of the measure, in 0…1
	Within Interval `json:"interval"`
	// P is the probability that chance makes it as much worse than the best model as it is,
	// corrected for the models compared; 1 of the best itself, -1 where there is no test.
	P float64 `json:"p"`
	// Milliseconds is what a picture takes here, one at a time, from decoded pixels to embedding; 0 where the
	// model is not here.
	Milliseconds float64 `json:"milliseconds"`
	ModelBytes   int64   `json:"model_bytes"`  // of the checkpoint; 0 where it is not here
	VectorBytes  int     `json:"vector_bytes"` // a picture
}

// Advice is the answer to Advise: models, the best first.
type Advice struct {
	By      string        `json:"by"`
	Queries int           `json:"queries"` // that the measure is the mean of
	Models  []ModelAdvice `json:"models"`
	Fused   *ModelAdvice  `json:"fused,omitempty"`    // all of them together, by standard scores
	HeldOut *HeldOut      `json:"held_out,omitempty"` // of Fused
	Missing []string      `json:"missing,omitempty"`
	Skipped []Failure     `json:"skipped,omitempty"`                  // models that could not be judged, and why
	Absent  []Failure     `json:"absent,omitempty" deprecated:"true"` // Deprecated: Skipped, until the next release.
	Words   []string      `json:"words"`                              // what to use, why, and what this does not tell
}

// What models are judged by.
const (
	ByPairs      = "pairs"      // mean reciprocal rank of pairs that belong together
	ByGroups     = "groups"     // mean average precision of labelled groups
	BySteadiness = "steadiness" // the share of a picture's own changed versions that find it
)
