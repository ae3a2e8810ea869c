package akin

import "time"

// Hit is a picture that was found.
type Hit struct {
	Rank   int     `json:"rank"` // from 1
	Name   string  `json:"name"`
	Source string  `json:"source"`
	Score  float64 `json:"score"` // cosine
	// Chance is the share of random pairs of this model's space that score at
	// least as high: what the score means, in 0…1, the smaller the closer. Nil where
	// it is not known: in a fused row, whose scores are no cosines, and for a query
	// with a text, whose scores are on a scale of their own.
	Chance *float64 `json:"chance,omitempty"`
	Grade  Grade    `json:"grade,omitempty"`
	Folded []Hit    `json:"folded,omitempty"` // near-duplicates of this hit, with SearchOptions.Fold

	id  int64 // of the picture
	row int   // of its space
}

// Grade says a hit's chance as a word.
type Grade string

// The grades, from the closest.
const (
	Same    Grade = "same"    // the same picture, but for size or compression
	Near    Grade = "near"    // one random pair in a thousand is as close
	Related Grade = "related" // one in fifty
	Weak    Grade = "weak"    // more: chance explains it
)

// Result is the answer to Search.
type Result struct {
	Query  Query     `json:"query"`
	Model  string    `json:"model"`
	Models []string  `json:"models,omitempty"` // that were fused
	Absent []Failure `json:"absent,omitempty"` // as in Comparison
	// Recall is the share of the right hits that the search was content with, on average;
	// 0 when it was exact.
	Recall float64 `json:"recall,omitempty"`
	Hits   []Hit   `json:"hits"`
	// Missing are the entries of Filter.Only that no picture is called.
	Missing []string `json:"missing,omitempty"`
}

// Picture is a picture of a collection.
type Picture struct {
	Name   string `json:"name"`
	Source string `json:"source"`
}

// Row is one model's answer in a comparison; the model "fused" is all of them.
type Row struct {
	Model string `json:"model"`
	Hits  []Hit  `json:"hits"`
}

// Comparison is the answer to Compare: a row a model, then the fused row.
type Comparison struct {
	Query  Query  `json:"query"`
	Rows   []Row  `json:"rows"`
	Fusion Fusion `json:"fusion"` // how the fused row was made
	// Overlap[i][j] is the share of the top hits that rows i and j have in common.
	Overlap [][]float64 `json:"overlap"`
	// Absent are models that cannot answer the query, and why.
	Absent []Failure `json:"absent,omitempty"`
	// Missing are the entries of Filter.Only that no picture is called.
	Missing []string `json:"missing,omitempty"`
}

// Failure is a picture that could not be read.
type Failure struct {
	Source string `json:"source"`
	Error  string `json:"error"`
}

// IndexReport tells what Index did.
type IndexReport struct {
	Collection string `json:"collection"`
	Added      int    `json:"added"`
	Changed    int    `json:"changed"`
	Renamed    int    `json:"renamed"`
	Unchanged  int    `json:"unchanged"`
	Unreadable int    `json:"unreadable"` // of the unchanged: files that are no pictures
	Removed    int    `json:"removed"`
	Missing    int    `json:"missing"`    // known pictures whose files are gone, kept for want of Prune
	Embedded   int    `json:"embedded"`   // embeddings made
	Tagged     int    `json:"tagged"`     // tags that lists gave, and pictures had not
	Decoded    int    `json:"decoded"`    // pictures that a model was run on
	Background string `json:"background"` // that the first model saw transparent pictures on; "drop": alpha was dropped
	// Transparent counts those that are see-through in a tenth of their area or more, and Blank
	// lists those of which next to nothing can be seen on the background that they were indexed on:
	// another background shows them, see Options.Background.
	Transparent int          `json:"transparent,omitempty"`
	Blank       []string     `json:"blank,omitempty"`
	Failed      []Failure    `json:"failed"`           // pictures, and rows of lists that give none
	Lists       []Understood `json:"lists,omitempty"`  // how the columns of lists were taken
	Linked      []string     `json:"linked,omitempty"` // linked folders below the paths: they are not followed
	Models      []string     `json:"models"`
	Seconds     float64      `json:"seconds"`
}

// Progress tells how far Index has come.
type Progress struct {
	Done, Total int           // pictures; Total grows until Counted
	Counted     bool          // all folders were read
	Rate        float64       // pictures a second
	Left        time.Duration // 0 while unknown

	// When all pictures are done, vectors are put in order, so that searches are fast.
	Ordered, ToOrder int
}

// SpaceInfo tells of one model's embeddings in a collection.
type SpaceInfo struct {
	Model       string `json:"model"`
	Fingerprint string `json:"fingerprint"`
	Background  string `json:"background"` // that pictures with transparency were flattened on; "drop": alpha was dropped
	Dim         int    `json:"dim"`
	Rows        int    `json:"rows"`
	Covered     int    `json:"covered"` // pictures that have an embedding in this space
	Bytes       int64  `json:"bytes"`
	Active      bool   `json:"active"`  // the space that answers for its model
	Default     bool   `json:"default"` // that answers where no model is named
}

// Info tells what a collection holds.
type Info struct {
	Collection string      `json:"collection"`
	Pictures   int         `json:"pictures"`
	Spaces     []SpaceInfo `json:"spaces"`
	Failed     int         `json:"failed"`
	Failures   []Failure   `json:"failures,omitempty"`
}
