package api

import "github.com/akin-search/akin/internal/insight"

// Summary sums up where the pairs stand; both directions count, each as one
// query.
type Summary = insight.Summary

// Interval is where a value lies with a confidence of 95 %.
type Interval = insight.Interval

// GroupSummary sums up how well a model finds the members of labelled groups.
type GroupSummary = insight.GroupSummary

// Pair is two pictures, by name, that belong together.
type Pair = insight.Pair

// Label is a picture's name and the group it belongs to.
type Label = insight.Label

// PairRanks tells where two pictures that belong together stand.
type PairRanks struct {
	A string `json:"a"`
	B string `json:"b"`
	// Ranks has, for each model, the rank of B among A's neighbours and of A
	// among B's, from 1.
	Ranks map[string][2]int `json:"ranks"`
}

// PairedTest tells whether two models differ over the same pairs or groups.
type PairedTest struct {
	A string `json:"a"`
	B string `json:"b"`
	// Difference is A's mean reciprocal rank, or mean average precision, less B's.
	Difference float64 `json:"difference"`
	// P is the probability that chance makes such a difference between equals (a paired
	// permutation test by rows or groups); Corrected that for all models compared (Holm).
	P         float64 `json:"p"`
	Corrected float64 `json:"p_corrected"`
}

// Evaluation is the answer to Evaluate.
type Evaluation struct {
	Pairs   []PairRanks        `json:"pairs"`
	Summary map[string]Summary `json:"summary"`
	Models  []string           `json:"models"`            // in the order asked for, "fused" last
	Tests   []PairedTest       `json:"tests"`             // of each two models that have all of the pairs
	Rows    int                `json:"rows"`              // of the list that pairs were found in
	Missing []string           `json:"missing,omitempty"` // names that the collection does not have
}

// GroupEvaluation is the answer to EvaluateGroups.
type GroupEvaluation struct {
	Groups  int                     `json:"groups"`
	Summary map[string]GroupSummary `json:"summary"`
	Models  []string                `json:"models"`
	Tests   []PairedTest            `json:"tests"`
	Missing []string                `json:"missing,omitempty"`
}

// EvaluateOptions say what to evaluate. The zero value is all models and reciprocal
// rank fusion.
type EvaluateOptions struct {
	Models []string
	Fusion Fusion
}

// LearnedFusion is the answer to LearnFusion.
type LearnedFusion struct {
	Models []string `json:"models"`
	Fusion Fusion   `json:"fusion"` // with the weights that all pairs together teach
	// Single are the models by themselves, Equal their fusion with equal weights.
	Single map[string]Summary `json:"single"`
	Equal  Summary            `json:"equal"`
	// CrossValidated is what learning is worth: every row of pairs is found with weights
	// that the other rows taught. Trained is how well the weights find what taught them,
	// which always looks better.
	CrossValidated Summary  `json:"cross_validated"`
	Trained        Summary  `json:"trained"`
	Missing        []string `json:"missing,omitempty"`
}
