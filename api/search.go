package api

// SearchOptions narrow a search. The zero value asks for the ten best hits in
// the default model.
type SearchOptions struct {
	Filter
	Model       string
	Top         int      // hits to return; 0 means 10
	Skip        int      // the best hits, to leave out: the next page of a search is the Top after as many
	All         bool     // return every hit that MinScore and MaxChance leave, not only the best Top
	MinScore    *float64 // least cosine
	MaxChance   float64  // most chance, in 0…1; 0 means any
	IncludeSelf bool     // keep the queried picture itself
	Sizes       bool     // say how wide and high the hits' pictures are
	Metadata    bool     // say what the files of the hits tell of them
	Histogram   bool     // count the scores of all pictures
	Fold        bool     // put hits that are the same picture as a better one, by their pixels, under it
	// Verify proves of so many of the best hits which show a part of the query, or are a part of it, and puts these first. The query is
	// one picture, and Skip must be zero.
	Verify   int
	Progress func(done, total int) // of Verify and Parts; may be nil
	// Parts finds the pictures that are proven to show a part of the query, or to be a part of it, among all of the collection, by its index of
	// parts and not by a model: IndexOptions.Parts makes that. The query is one picture, and a hit's score is the share of the query that it
	// shows. The likeliest are verified, 30 or as many as Verify says. Model, Skip, MinScore, MaxChance, Fold, Histogram, Recall and Fuse
	// must be zero.
	Parts bool
	// In says what is searched: "" is whole pictures, "regions" the regions that IndexOptions.Regions embeds: each picture is found by the one that
	// is most like the query, which Hit.Box names. Skip, Fold, Histogram, Fuse and Models must be zero.
	In string
	// Recall is the share of the right hits that is enough, on average, in 0…1; less is
	// found sooner. 0 finds all of them, except in a space of more than four billion
	// values, where it means 0.99, because an exact search of it is slow. 1 always finds all.
	Recall float64

	// Fuse makes Search fuse the rankings of several models; nil is a search by one model. Fused scores are
	// not cosines: MinScore, MaxChance, Fold and Recall must be zero.
	Fuse   *Fusion
	Models []string // to be fused; nil means all models of the collection, or Model if it is set
}

// VectorsResult is the answer to SearchFile.
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
	NaN         []int    `json:"nan,omitempty"`     // rows, from 0, that are NaN: no embedding, and no hits
}
