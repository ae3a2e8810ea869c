package api

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
	Chance *float64 `json:"chance,omitempty" doc:"The share of random pairs of this model's space that score at least as high"`
	// ByLuck is how many of the searched pictures are expected to score at least as high for an
	// unrelated query, 0 or more. Nil where Chance is.
	ByLuck *float64 `json:"by_luck,omitempty" doc:"How many of the pictures asked are as close by luck: an expected number"`
	Grade  Grade    `json:"grade,omitempty" enum:"same,near,related,weak" doc:"same: the pixels were compared; near, related: more than luck; weak: luck explains it"`
	// SamePixels says that the query and this picture are the same one by their pixels, compared at full resolution, or
	// by equal bytes. False says nothing: most hits are not compared.
	SamePixels bool `json:"same_pixels,omitempty" doc:"The pixels of query and hit were compared and show the same picture, or their bytes are equal"`
	Width      int  `json:"width,omitempty" doc:"Of the picture, upright, in pixels"` // with SearchOptions.Sizes
	Height     int  `json:"height,omitempty" doc:"Of the picture, upright, in pixels"`
	// Metadata is what the picture's file and sidecar told when it was indexed, with SearchOptions.Metadata; nil where they told nothing.
	Metadata *Metadata `json:"metadata,omitempty" doc:"What the picture's file and sidecar told when it was indexed"`
	// Match is the part that query and picture are proven to have in common, with a of the query and b of the picture. Nil where
	// nothing was proven, or SearchOptions.Verify did not reach the hit.
	Match *Match `json:"match,omitempty" doc:"The part that the query and this picture are proven to have in common; a is the query"`
	// Box is the region that is most like the query, with SearchOptions.In "regions".
	Box    *Box  `json:"box,omitempty" doc:"The region that is most like the query, of a search in regions: x, y, width and height in pixels of the upright picture"`
	Folded []Hit `json:"folded,omitempty"` // hits that are the same picture as this one, with SearchOptions.Fold

	// ID is the picture's in its collection, Row its embedding's in the space: for the engines, and valid
	// while the collection is open.
	ID  int64 `json:"-"`
	Row int   `json:"-"`
}

// Grade is a word for a hit. docs/explanation/scores.md describes the grades.
type Grade string

// The grades, from the closest. Near and Related follow from ByLuck of all hits of the list: of the
// searches to which no picture is related, at most one in a hundred has a near hit, and one in twenty a related one.
const (
	Same    Grade = "same"    // SamePixels: the same picture, but for size or compression
	Near    Grade = "near"    // false discovery rate at most 1 %
	Related Grade = "related" // false discovery rate at most 5 %
	Weak    Grade = "weak"    // luck explains it
)

// Result is the answer to Search.
type Result struct {
	Query   Query     `json:"query"`
	Model   string    `json:"model"`
	Models  []string  `json:"models,omitempty"`                   // that were fused
	Skipped []Failure `json:"skipped,omitempty"`                  // as in Comparison
	Absent  []Failure `json:"absent,omitempty" deprecated:"true"` // Deprecated: Skipped, until the next release.
	// Recall is the target recall of the search; 0 if it was exact.
	Recall float64 `json:"recall,omitempty"`
	Hits   []Hit   `json:"hits"`
	// NoGoodMatch says that luck explains all hits, or that there are none. The hits of a query with
	// a text have no grades: there it says that there are none.
	NoGoodMatch bool `json:"no_good_match,omitempty" doc:"Luck explains all hits, or there are none"`
	// Parts says what was looked through, with SearchOptions.Parts.
	Parts *PartsSearched `json:"parts,omitempty"`
	// Missing are the entries of Filter.Only that no picture is called.
	Missing []string `json:"missing,omitempty"`
	// Histogram is of the scores of all pictures that were searched, with SearchOptions.Histogram. Nil for a fused
	// search, and where a remote store answers, which does not score all.
	Histogram *Histogram `json:"histogram,omitempty"`

	Took Took `json:"-"`
}

// Histogram counts scores in bins of equal width, from Low to High.
type Histogram struct {
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Counts []int   `json:"counts"`
}

// Took reports where the time of a search by one model went. It is zero for a fused search, and one in a cluster.
type Took struct {
	Open   time.Duration // finding the embeddings as of the last change
	Filter time.Duration // applying the filter
	Query  time.Duration // turning the query into a vector: reading it, or decoding a picture and running the model
	Search time.Duration // finding the nearest vectors
	Grade  time.Duration // names and grades of the hits, and comparing the pixels of near ones
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
	// NoGoodMatch is as in Result; the fused row has none where no model has.
	NoGoodMatch bool `json:"no_good_match,omitempty" doc:"Luck explains all hits, or there are none"`
}

// Comparison is the answer to Compare: a row a model, then the fused row.
type Comparison struct {
	Query  Query  `json:"query"`
	Rows   []Row  `json:"rows"`   // one a model; then, of several, that of all of them fused
	Fusion Fusion `json:"fusion"` // how the fused row was made
	// Overlap[i][j] is the share of the top hits that rows i and j have in common.
	Overlap [][]float64 `json:"overlap"`
	// Skipped are models that cannot answer the query, and why.
	Skipped []Failure `json:"skipped,omitempty"`
	Absent  []Failure `json:"absent,omitempty" deprecated:"true"` // Deprecated: Skipped, until the next release.
	// Missing are the entries of Filter.Only that no picture is called.
	Missing []string `json:"missing,omitempty"`
}

// Failure is a picture that could not be read, or a model that could not be used, and why.
type Failure struct {
	Source string `json:"source"`
	Error  string `json:"error"`
}

// IndexReport reports what Index did.
type IndexReport struct {
	Collection string `json:"collection"`
	Added      int    `json:"added"`
	Changed    int    `json:"changed"`
	Renamed    int    `json:"renamed"`
	Unchanged  int    `json:"unchanged"`
	Unreadable int    `json:"unreadable"` // of the unchanged: files that are not pictures
	Removed    int    `json:"removed"`
	Missing    int    `json:"missing"`    // known pictures whose files are gone; Prune removes them
	Embedded   int    `json:"embedded"`   // embeddings made
	Tagged     int    `json:"tagged"`     // tags from lists that the pictures did not have yet
	Decoded    int    `json:"decoded"`    // pictures that a model was run on
	Background string `json:"background"` // on which the first model saw transparent pictures; "drop": alpha was dropped
	Decode     string `json:"decode"`     // at which size pictures were decoded for the first model: "exact", "fast" or "auto"
	Colour     string `json:"colour"`     // what the first model was shown of colours: "keep" or "drop"
	Reduced    int    `json:"reduced"`    // of the decoded: those that were decoded at a reduced size for a model
	// Transparent counts those that are see-through in a tenth of their area or more, and Blank
	// lists those of which next to nothing can be seen on the background that they were indexed on:
	// another background shows them, see Options.Background.
	Transparent int          `json:"transparent,omitempty"`
	Blank       []string     `json:"blank,omitempty"`
	Failed      []Failure    `json:"failed"`           // pictures, and rows of lists that give none
	Lists       []Understood `json:"lists,omitempty"`  // how the columns of lists were taken
	Linked      []string     `json:"linked,omitempty"` // linked folders below the paths: they are not followed
	// Other counts the files of folders that are something else than pictures, by ending, such as ".mp4"; "" is none. Those
	// that their endings say it of were not opened.
	Other   map[string]int   `json:"other,omitempty"`
	Models  []string         `json:"models"`
	Begun   []BegunSpace     `json:"begun,omitempty"`   // new spaces in a precision that akin chose, other than fp32
	Parts   *PartsIndexed    `json:"parts,omitempty"`   // of a collection with an index of parts
	Regions []RegionsIndexed `json:"regions,omitempty"` // by model, of a collection with regions
	Seconds float64          `json:"seconds"`
}

// BegunSpace is a new space in a precision that was chosen for this machine. The collection keeps it.
type BegunSpace struct {
	Model     string  `json:"model"`
	Precision string  `json:"precision"`
	Cosine    float64 `json:"cosine" doc:"the least cosine to the same embeddings in fp32, of sample pictures on this machine"`
}

// SpaceInfo describes one model's embeddings in a collection.
type SpaceInfo struct {
	Model       string `json:"model"`
	Fingerprint string `json:"fingerprint"`
	Background  string `json:"background"` // that pictures with transparency were flattened on; "drop": alpha was dropped
	Decode      string `json:"decode"`     // at which size pictures were decoded: "exact", "fast" or "auto"
	Colour      string `json:"colour"`     // what was shown of colours: "keep" or "drop"
	Dim         int    `json:"dim"`
	Rows        int    `json:"rows"`
	Covered     int    `json:"covered"` // pictures that have an embedding in this space
	Bytes       int64  `json:"bytes"`
	Active      bool   `json:"active"`  // the space that answers for its model
	Default     bool   `json:"default"` // that answers where no model is named
}

// Info describes what a collection holds.
type Info struct {
	Collection string      `json:"collection"`
	Pictures   int         `json:"pictures"`
	Spaces     []SpaceInfo `json:"spaces"`
	Parts      int         `json:"parts,omitempty"`   // pictures in the index of parts
	Regions    []string    `json:"regions,omitempty"` // models that have embedded regions of the pictures
	Failed     int         `json:"failed"`
	Failures   []Failure   `json:"failures,omitempty"`
}
