package api

// DisputedHit is a picture among the first hits of some model, with its rank in every model.
type DisputedHit struct {
	Name   string         `json:"name"`
	Source string         `json:"source"`
	Ranks  map[string]int `json:"ranks"`           // 0: the model has no embedding of it
	Alone  string         `json:"alone,omitempty"` // the only model with it among its first hits
}

// Disagreement is the answer to Disagree.
type Disagreement struct {
	Query  Query         `json:"query"`
	Top    int           `json:"top"`
	Models []string      `json:"models"`
	Hits   []DisputedHit `json:"hits"` // of all models, those that most models agree on first
	// Overlap[i][j] is the fraction of the first hits that models i and j share. RankBiased[i][j] is their rank-biased
	// overlap, in 0…1: it compares the orders, and the first ranks count most.
	Overlap    [][]float64 `json:"overlap"`
	RankBiased [][]float64 `json:"rank_biased_overlap"`
	Missing    []string    `json:"missing,omitempty"`
	Skipped    []Failure   `json:"skipped,omitempty"`                  // as in Comparison
	Absent     []Failure   `json:"absent,omitempty" deprecated:"true"` // Deprecated: Skipped, until the next release.
}

// DisputedPicture is a picture on whose neighbours models disagree.
type DisputedPicture struct {
	Picture
	Agreement float64             `json:"agreement"` // the mean overlap of two models, in 0…1
	Nearest   map[string][]string `json:"nearest"`   // up to three nearest neighbours by each model
}

// CollectionDisagreement is the answer to DisagreeAll.
type CollectionDisagreement struct {
	Models   []string          `json:"models"`
	Top      int               `json:"top"`
	Pictures int               `json:"pictures"` // with embeddings of all models
	Overlap  [][]float64       `json:"overlap"`  // of each two models, the mean over all pictures
	Disputed []DisputedPicture `json:"disputed"` // those with the least agreement first
}

// DisagreeOptions say what to compare.
type DisagreeOptions struct {
	Models   []string
	Top      int // neighbours to compare; 0 means 10
	Pictures int // disputed pictures to return; 0 means 20
	Progress func(done, total int)
}
