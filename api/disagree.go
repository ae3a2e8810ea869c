package api

// DisputedHit is a picture that some model has among its first hits, and where it stands in
// all of them.
type DisputedHit struct {
	Name   string         `json:"name"`
	Source string         `json:"source"`
	Ranks  map[string]int `json:"ranks"`           // 0: the model has no embedding of it
	Alone  string         `json:"alone,omitempty"` // the only model that has it among its first
}

// Disagreement is the answer to Disagree.
type Disagreement struct {
	Query  Query         `json:"query"`
	Top    int           `json:"top"`
	Models []string      `json:"models"`
	Hits   []DisputedHit `json:"hits"` // of all models, those that most agree on first
	// Overlap[i][j] is the share of the first hits that models i and j have in common;
	// RankBiased[i][j] how alike their orders are, the first ranks most of all, in 0…1.
	Overlap    [][]float64 `json:"overlap"`
	RankBiased [][]float64 `json:"rank_biased_overlap"`
	Missing    []string    `json:"missing,omitempty"`
	Skipped    []Failure   `json:"skipped,omitempty"`                  // as in Comparison
	Absent     []Failure   `json:"absent,omitempty" deprecated:"true"` // Deprecated: Skipped, until the next release.
}

// DisputedPicture is a picture on whose neighbours models disagree.
type DisputedPicture struct {
	Picture
	Agreement float64             `json:"agreement"` // the mean share of first neighbours that two models have in common, in 0…1
	Nearest   map[string][]string `json:"nearest"`   // each model's first neighbours, up to three
}

// CollectionDisagreement is the answer to DisagreeAll.
type CollectionDisagreement struct {
	Models   []string          `json:"models"`
	Top      int               `json:"top"`
	Pictures int               `json:"pictures"` // that all models have
	Overlap  [][]float64       `json:"overlap"`  // the mean over all pictures, of each two models
	Disputed []DisputedPicture `json:"disputed"` // the least agreed on first
}

// DisagreeOptions say what to compare.
type DisagreeOptions struct {
	Models   []string
	Top      int // neighbours that are compared; 0 means 10
	Pictures int // disputed pictures to return; 0 means 20
	Progress func(done, total int)
}
