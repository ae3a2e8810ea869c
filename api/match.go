package api

// Box is a region of an upright picture, in its pixels: x and y of its upper left corner, width and height.
type Box [4]float64

// Match is a part of one picture, a, that another one, b, shows.
type Match struct {
	// ExpectedFalse is how many matches of this quality are expected among the pairs that were compared, if no two pictures
	// have anything in common.
	ExpectedFalse float64 `json:"expected_false"`
	Inliers       int     `json:"inliers"` // places of a that were found in b where the transform says
	// Transform maps a pixel of a, as x, y and 1, to a multiple of the x, y and 1 of a pixel of b.
	Transform [3][3]float64 `json:"transform"`
	BoxA      Box           `json:"box_a"` // around what both show, in a
	BoxB      Box           `json:"box_b"` // and in b

	Places   [][2][2]float64 `json:"-"` // of the inliers, in a and in b
	Outlines [2][][2]float64 `json:"-"` // of what both show, in a and in b, corner by corner
}

// Matching is the answer to Match.
type Matching struct {
	A       string  `json:"a"`
	B       string  `json:"b"`
	Matches []Match `json:"matches"` // the surest first; empty where nothing is proven

	Shown *MatchShown `json:"shown,omitempty" doc:"What a page draws of it, if that was asked for"`

	Pictures [2]MatchPicture `json:"-"` // as they were compared, with MatchOptions.Pictures
}

// MatchShown is what a page draws of two pictures and of the parts that both show.
type MatchShown struct {
	A     MatchSide    `json:"a"`
	B     MatchSide    `json:"b"`
	Parts []MatchLines `json:"parts" doc:"One for each match"`
}

// MatchSide is one of the pictures.
type MatchSide struct {
	Width   int    `json:"width" doc:"Of the upright picture, in whose pixels all places are"`
	Height  int    `json:"height"`
	Picture string `json:"picture" doc:"A data: address of the picture, smaller"`
}

// MatchLines are the places of a part that agree, and what both show of it.
type MatchLines struct {
	Places   [][2][2]float64 `json:"places" doc:"x and y in a, and in b"`
	Outlines [2][][2]float64 `json:"outlines" doc:"Of what both show, in a and in b, corner by corner"`
}

// MatchPicture is what is seen of an upright picture.
type MatchPicture struct {
	Width, Height int
	RGB           []byte // (Height, Width, 3)
}

// MatchRequest asks which parts of one picture another one shows.
type MatchRequest struct {
	A        SearchTerm `json:"a" doc:"One picture"`
	B        SearchTerm `json:"b" doc:"The other one"`
	Pairs    float64    `json:"pairs,omitempty" minimum:"0" maximum:"1e18" doc:"How many pairs of pictures are compared, this one among them; 0 means 1"`
	MaxFalse float64    `json:"max_false,omitempty" minimum:"0" maximum:"1000" doc:"The most matches that may be expected by chance; 0 means 0.01"`
	Show     bool       `json:"show,omitempty" doc:"Add both pictures, and the places that agree"`
}

// MatchOptions are options of Match.
type MatchOptions struct {
	// Pairs is how many pairs of pictures are compared, this one among them: what is expected by chance grows with them. 0
	// means 1.
	Pairs float64
	// MaxFalse is the most expected false matches of what is returned; 0 means 0.01.
	MaxFalse float64
	// Pictures returns what is seen of both pictures, too.
	Pictures bool
}
