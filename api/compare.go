package api

// CompareOptions narrow a comparison. The zero value compares all models of the
// collection, ten hits each.
type CompareOptions struct {
	Filter
	Models      []string
	Top         int  // hits a row; 0 means 10
	All         bool // every picture in every row
	IncludeSelf bool
	Fusion      Fusion
}

// Fused is the name of the row that is made of all models' rankings.
const Fused = "fused"

// Fusion says how the rankings of several models become one. The zero value is
// reciprocal rank fusion in which all models count the same. docs/how-to/fuse.md compares
// the methods.
type Fusion struct {
	// Method is what is summed over the models: "rrf", which "" means, reciprocal ranks;
	// "scores", standard scores; or "csls", standard scores of cosines corrected for hubs.
	// csls first finds the neighbours of all pictures, which takes long in large collections.
	Method string `json:"method"`
	// Weights are how much models count, by name; a model without one counts as 1.
	Weights map[string]float64 `json:"weights,omitempty"`
}

// Methods of Fusion.
const (
	FuseRanks  = "rrf"
	FuseScores = "scores"
	FuseCSLS   = "csls"
)

// FusionMethods are the values of Fusion.Method, the default first.
var FusionMethods = []string{FuseRanks, FuseScores, FuseCSLS}
