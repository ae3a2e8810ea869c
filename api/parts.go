package api

import "errors"

// PartsOptions say among which pictures parts are looked for.
type PartsOptions struct {
	Filter     Filter
	Candidates int            // how many of each picture are verified at most, the likeliest; 0 means 20
	Progress   func(Progress) // steps: StepParts, "candidates" and "proof"; may be nil
}

// Parts are the pictures that show parts of one another.
type Parts struct {
	Pictures int         `json:"pictures"` // distinct ones that could be read
	Pairs    int         `json:"pairs"`    // of them, all of which were compared by the index of parts
	Verified int         `json:"verified"` // pairs that promised something, and were compared pixel by pixel
	Groups   []PartGroup `json:"groups"`
	Failed   []Failure   `json:"failed"`
}

// PartGroup is a picture, and those that are proven to show a part of it.
type PartGroup struct {
	Whole  Picture `json:"whole"`
	Width  int     `json:"width"` // of the whole, upright, in pixels
	Height int     `json:"height"`
	Parts  []Part  `json:"parts"` // those that show the most of it first
}

// PartKind says how one picture shows another.
type PartKind string

// The kinds.
const (
	IsPart    PartKind = "part"   // it is a part of the whole, and shows nothing else
	HasPart   PartKind = "shared" // both show the same thing, and each something else: parts of a third, or collages
	IsTheSame PartKind = "same"   // each shows all of the other
)

// Part is a picture that shows a part of another one, the whole.
type Part struct {
	Picture
	Kind  PartKind `json:"kind" enum:"part,shared,same"`
	Share float64  `json:"share"` // of the whole's area that it shows, 0 to 1
	Match Match    `json:"match"` // a is the whole
}

// PartsIndexed is what a run of Index did to the index of parts.
type PartsIndexed struct {
	Pictures int       `json:"pictures"` // distinct ones that the index has
	Added    int       `json:"added"`
	Failed   []Failure `json:"failed"` // that could not be read; the next run tries them again
	Seconds  float64   `json:"seconds"`
}

// PartsSearched is what a search for parts looked through.
type PartsSearched struct {
	Pictures int `json:"pictures" doc:"Distinct pictures that were looked through"`
	Missing  int `json:"missing" doc:"Those that the index of parts does not have yet"`
	Verified int `json:"verified" doc:"Those that were compared with the query pixel by pixel"`
}

// ErrNoParts reports that a collection has no index of parts.
var ErrNoParts = errors.New("the collection has no index of parts")
