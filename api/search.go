package api

// SearchOptions narrow a search. The zero value asks for the ten best hits in
// the collection's own model.
type SearchOptions struct {
	Filter
	Model       string
	Top         int      // hits to return; 0 means 10
	All         bool     // return every hit that MinScore and MaxChance leave, not only the best Top
	MinScore    *float64 // least cosine
	MaxChance   float64  // most chance, in 0…1; 0 means any
	IncludeSelf bool     // keep the queried picture itself
	Fold        bool     // put hits that are the same picture as a better one, by their pixels, under it
	// Recall is the share of the right hits that is enough, on average, in 0…1; less is
	// found sooner. 0 finds all of them, except in a space of more than four thousand
	// million numbers, where 0.99 is enough: there, all would take longer than people like to
	// wait. 1 finds all always.
	Recall float64

	// Fuse makes Search fuse the rankings of several models; nil is a search by one model. Fused scores are
	// not cosines: MinScore, MaxChance, Fold and Recall must be zero.
	Fuse   *Fusion
	Models []string // to be fused; nil means all models of the collection, or Model if it is set
}

// VectorsResult is the answer to SearchVectors.
type VectorsResult struct {
	Model   string      `json:"model"`
	Seconds float64     `json:"seconds"`          // the search alone
	Recall  float64     `json:"recall,omitempty"` // as in Result
	Names   [][]string  `json:"names"`
	Scores  [][]float64 `json:"scores"`
	ByLuck  [][]float64 `json:"by_luck"` // as in Hit
	Grades  [][]Grade   `json:"grades"`  // never Same: no pixels are compared
	// NoGoodMatch says of each query that luck explains all its hits, or that there are none.
	NoGoodMatch []bool   `json:"no_good_match"`
	Missing     []string `json:"missing,omitempty"` // of Filter.Only: what no picture is called
}
