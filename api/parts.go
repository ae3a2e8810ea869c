package api

// PartsOptions say among which pictures parts are looked for.
type PartsOptions struct {
	Filter Filter
	// Model proposes pairs, where there are too many pictures to compare all: "" is the default model.
	Model string
	// Candidates is how many nearest pictures each is compared with; 0 means 20. Up to AllPairsOf pictures are compared each with each.
	Candidates int
	Progress   func(Progress) // steps: "candidates", "keypoints", "pairs" and "proof"; may be nil
}

// AllPairsOf is the largest number of pictures that are compared each with each.
const AllPairsOf = 300

// Parts are the pictures that show parts of one another.
type Parts struct {
	Model    string      `json:"model"`
	Pictures int         `json:"pictures"` // that could be read
	Pairs    int         `json:"pairs"`    // that were compared
	Groups   []PartGroup `json:"groups"`
	Failed   []Failure   `json:"failed"`
}

// PartGroup is a picture, and those that are proven to show a part of it.
type PartGroup struct {
	Whole Picture `json:"whole"`
	Parts []Part  `json:"parts"` // those that show the most of it first
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
