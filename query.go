package akin

import "slices"

// A Query is what to look for: pictures and texts, each with a weight. Make one
// with Like, LikeBytes or Text, and mix them:
//
//	akin.Like("sunset.jpg").Plus(akin.Text("a boat")).Minus(akin.Like("harbour").Times(0.5))
type Query []Term

// Term is one part of a query.
type Term struct {
	Picture string  `json:"picture,omitempty"` // a file, an http(s) address, or the name of an indexed picture
	Text    string  `json:"text,omitempty"`    // words, for models that read them
	Weight  float64 `json:"weight"`            // below 0 looks for what is unlike it
	Crop    *Crop   `json:"crop,omitempty"`    // only this region of the picture
	data    []byte
	source  string
}

// Source is where a term's picture was found, in the query of an answer.
func (t Term) Source() string { return t.source }

// Crop is a region of an upright picture, in its pixels.
type Crop struct {
	X      int `json:"x"`
	Y      int `json:"y"`
	Width  int `json:"width"`
	Height int `json:"height"`
}

// Like asks for what looks like a picture: the name of an indexed one, a file,
// or an http(s) address. A name is tried first unless it looks like a path.
func Like(picture string) Query { return Query{{Picture: picture, Weight: 1}} }

// LikeBytes asks for what looks like an encoded picture; name appears in
// results and errors.
func LikeBytes(name string, data []byte) Query {
	return Query{{Picture: name, Weight: 1, data: data}}
}

// Text asks for what words describe.
func Text(words string) Query { return Query{{Text: words, Weight: 1}} }

// Plus adds the terms of other.
func (q Query) Plus(other Query) Query { return append(q[:len(q):len(q)], other...) }

// Minus adds the terms of other with their weights negated.
func (q Query) Minus(other Query) Query { return q.Plus(other.Times(-1)) }

// Times multiplies every weight.
func (q Query) Times(weight float64) Query {
	out := make(Query, len(q))
	for i, t := range q {
		t.Weight *= weight
		out[i] = t
	}
	return out
}

// Cropped limits every picture of the query to a region.
func (q Query) Cropped(c Crop) Query {
	out := make(Query, len(q))
	for i, t := range q {
		if t.Text == "" {
			t.Crop = &c
		}
		out[i] = t
	}
	return out
}

func (q Query) hasText() bool {
	return slices.ContainsFunc(q, func(t Term) bool { return t.Text != "" })
}
