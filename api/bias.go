package api

// BiasOptions say which models to compare. The zero value compares CLIP, BLIP-2 and SigLIP,
// known by their names, with all others.
type BiasOptions struct {
	Models   []string // to take into account; nil means all
	Language []string // those trained on language; nil means those that are known by their names to be
	Top      int      // pairs to return when none are given; 0 means 20
	Progress func(done, total int)
}

// BiasPair is a pair, and how much nearer models trained on language place it.
type BiasPair struct {
	A     string            `json:"a"`
	B     string            `json:"b"`
	Ranks map[string][2]int `json:"ranks"`
	// Language and Visual are the geometric means of the ranks, both ways, in the models
	// that are trained on language and in the others; Ratio is how many times nearer the
	// former place the pair.
	Language float64 `json:"language"`
	Visual   float64 `json:"visual"`
	Ratio    float64 `json:"ratio"`
	Times    float64 `json:"times" deprecated:"true"` // Deprecated: Ratio, until the next release.
	// Chance is the share of all pairs for which Ratio is at least as large.
	Chance float64 `json:"chance"`
	// FDR estimates the fraction of such pairs that would be there if language did not matter:
	// as many are found when the models are divided otherwise. It is 1 with two models.
	FDR   float64 `json:"fdr"`
	False float64 `json:"false" deprecated:"true"` // Deprecated: FDR, until the next release.
}

// Bias is the answer to Bias: pairs, those that language brings nearest first.
type Bias struct {
	Language []string   `json:"language"`
	Visual   []string   `json:"visual"`
	Pictures int        `json:"pictures"` // that all pairs are of: those with all models, or a sample of them
	Sample   bool       `json:"sample"`
	Pairs    []BiasPair `json:"pairs"`
	Missing  []string   `json:"missing,omitempty"`
}
