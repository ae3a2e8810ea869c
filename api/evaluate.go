package api

// Pair is two pictures, by name, that belong together.
type Pair struct {
	A string `json:"a" minLength:"1"`
	B string `json:"b" minLength:"1"`
	// Row is the row of the list, from 1. The pairs of one row have pictures in common, so they are
	// drawn together.
	Row int `json:"-"`
}

// Label is a picture's name and its group.
type Label struct {
	Name  string `json:"name" minLength:"1"`
	Group string `json:"group" minLength:"1"`
}

// Interval is a 95 % confidence interval: its lower and its upper end.
type Interval [2]float64

// Summary sums up the ranks of pairs. The intervals are of 95 %, from a bootstrap over
// the rows of pairs.
type Summary struct {
	MRR            float64  `json:"mrr"` // mean of 1/rank
	Recall1        float64  `json:"recall@1"`
	Recall5        float64  `json:"recall@5"`
	Recall10       float64  `json:"recall@10"`
	MedianRank     float64  `json:"median_rank"`
	MRRInterval    Interval `json:"mrr_interval"`
	Recall1Within  Interval `json:"recall@1_interval"`
	Recall5Within  Interval `json:"recall@5_interval"`
	Recall10Within Interval `json:"recall@10_interval"`
}

// GroupSummary sums up how well the members of groups find each other. The intervals are
// of 95 %, from a bootstrap over the groups.
type GroupSummary struct {
	MAP              float64  `json:"map"`
	RPrecision       float64  `json:"r_precision"`
	MAPAtR           float64  `json:"map@r"`
	Recall1          float64  `json:"recall@1"`
	Recall5          float64  `json:"recall@5"`
	Recall10         float64  `json:"recall@10"`
	Queries          int      `json:"queries"`
	MAPInterval      Interval `json:"map_interval"`
	RPrecisionWithin Interval `json:"r_precision_interval"`
	Recall1Within    Interval `json:"recall@1_interval"`

	PerGroup [][]float64 `json:"-"` // of each group: the means of the six measures, and its number of queries
}

// PairRanks has the ranks of two pictures that belong together.
type PairRanks struct {
	A string `json:"a"`
	B string `json:"b"`
	// Ranks has, for each model, the rank of B among A's neighbours and of A
	// among B's, from 1.
	Ranks map[string][2]int `json:"ranks"`
}

// PairedTest reports whether two models differ over the same pairs or groups.
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
	Models  []string           `json:"models"`             // in the order asked for, "fused" last
	Tests   []PairedTest       `json:"tests"`              // of each two models that have all of the pairs
	HeldOut *HeldOut           `json:"held_out,omitempty"` // of the fusion, if there is one
	Rows    int                `json:"rows"`               // of the list that pairs were found in
	Missing []string           `json:"missing,omitempty"`  // names that the collection does not have
}

// GroupEvaluation is the answer to EvaluateGroups.
type GroupEvaluation struct {
	Groups  int                     `json:"groups"`
	Summary map[string]GroupSummary `json:"summary"`
	Models  []string                `json:"models"`
	Tests   []PairedTest            `json:"tests"`
	HeldOut *HeldOut                `json:"held_out,omitempty"` // of the fusion, if there is one
	Missing []string                `json:"missing,omitempty"`
}

// HeldOut compares a fusion with its best model. That model is chosen on other groups, or rows of pairs, than it is
// measured on, so that it has no advantage.
type HeldOut struct {
	Model string  `json:"model" doc:"the best one on all groups or rows"`
	Best  float64 `json:"best" doc:"the mean of the best model, chosen on the others"`
	Fused float64 `json:"fused"`
	P     float64 `json:"p" doc:"of their difference, by a paired permutation test"`
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
