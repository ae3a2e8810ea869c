package api

import (
	"fmt"
	"math"
	"slices"
)

// A Query is what to look for: pictures and texts, each with a weight. Make one
// with Like, LikeBytes, Indexed, Address or Text, and mix them:
//
//	akin.Like("sunset.jpg").Plus(akin.Text("a boat")).Minus(akin.Like("harbour").Times(0.5))
type Query []Term

// Term is one part of a query.
type Term struct {
	Picture string  `json:"picture,omitempty"` // a file, an http(s) address, or the name of an indexed picture
	Text    string  `json:"text,omitempty"`    // words, for models that read them
	Weight  float64 `json:"weight"`            // below 0 looks for what is unlike it
	Crop    *Crop   `json:"crop,omitempty"`    // only this region of the picture
	// Ground is set by a search that embedded a picture with transparency: the colour that it was
	// seen on, "checker", or "drop" where alpha was dropped. Blank says that next to nothing of it
	// was to be seen so.
	Ground string `json:"ground,omitempty"`
	Blank  bool   `json:"blank,omitempty"`

	// Mean is the number of pictures whose mean the term is, set by a search: of those in Of that have an embedding.
	Mean int `json:"mean,omitempty"`

	Of     []string `json:"-"` // names of indexed pictures, whose mean is looked for
	Data   []byte   `json:"-"` // the encoded picture, where it was given
	From   Origin   `json:"-"` // where alone Picture may come from; "" is anywhere
	Source string   `json:"-"` // set by a search: where the picture was found
}

// Origin is where a term's picture may come from.
type Origin string

// The origins.
const (
	FromCollection Origin = "the collection"
	FromAddress    Origin = "an address"
)

// Crop is a region of an upright picture, counted from its upper left corner: in
// whole pixels or, when Relative, in shares of the picture's width and height. It must
// lie inside the picture.
type Crop struct {
	X        float64 `json:"x"`
	Y        float64 `json:"y"`
	Width    float64 `json:"width"`
	Height   float64 `json:"height"`
	Relative bool    `json:"relative,omitempty"` // X, Y, Width and Height are 0…1
}

// Check reports what is wrong with a region, whatever the picture.
func (c Crop) Check() error {
	for _, v := range []float64{c.X, c.Y, c.Width, c.Height} {
		switch {
		case math.IsNaN(v) || math.IsInf(v, 0) || v < 0:
			return Invalidf("the region %s: %g is no place in a picture", c, v)
		case c.Relative && v > 1:
			return Invalidf("the region %s reaches beyond the picture: shares are 0 to 1", c)
		case !c.Relative && v != math.Trunc(v):
			return Invalidf("the region %s: pixels are whole", c)
		}
	}
	switch {
	case c.Width == 0 || c.Height == 0:
		return Invalidf("the region %s is empty", c)
	case c.Relative && (c.X+c.Width > 1+shareError || c.Y+c.Height > 1+shareError):
		return Invalidf("the region %s reaches beyond the picture", c)
	}
	return nil
}

// shareError is how far the sum of two shares as people write them may be off:
// 0.7 + 0.3 of a picture is all of it.
const shareError = 1e-6

// String is the region as the command line takes it.
func (c Crop) String() string {
	if !c.Relative {
		return fmt.Sprintf("%g,%g,%g,%g", c.X, c.Y, c.Width, c.Height)
	}
	percent := func(v float64) float64 { return math.Round(1e8*v) / 1e6 }
	return fmt.Sprintf("%g%%,%g%%,%g%%,%g%%", percent(c.X), percent(c.Y), percent(c.Width), percent(c.Height))
}

// In returns the region in the pixels of a picture of that size: shares are rounded to
// the nearest edge, to no less than a pixel.
func (c Crop) In(width, height int) (x, y, w, h int, err error) {
	if err := c.Check(); err != nil {
		return 0, 0, 0, 0, err
	}
	if c.Relative {
		span := func(from, size float64, pixels int) (int, int) {
			first := min(int(math.Round(from*float64(pixels))), pixels-1)
			return first, max(1, min(int(math.Round((from+size)*float64(pixels))), pixels)-first)
		}
		x, w = span(c.X, c.Width, width)
		y, h = span(c.Y, c.Height, height)
		return x, y, w, h, nil
	}
	if c.X+c.Width > float64(width) || c.Y+c.Height > float64(height) {
		return 0, 0, 0, 0, Invalidf("the region %s lies outside of its %d x %d pixels", c, width, height)
	}
	return int(c.X), int(c.Y), int(c.Width), int(c.Height), nil
}

// Like asks for what looks like a picture: the name of an indexed one, a file,
// or an http(s) address. A name is tried first unless it looks like a path.
func Like(picture string) Query { return Query{{Picture: picture, Weight: 1}} }

// LikeBytes asks for what looks like an encoded picture; name appears in
// results and errors.
func LikeBytes(name string, data []byte) Query {
	return Query{{Picture: name, Weight: 1, Data: data}}
}

// Indexed asks for what looks like an indexed picture. Unlike Like it never takes the name
// for a file or an address, so that the name may come from anyone.
func Indexed(name string) Query { return Query{{Picture: name, Weight: 1, From: FromCollection}} }

// Address asks for what looks like the picture at an http(s) address, and never takes it
// for a file or a name. Options.PublicOnly keeps it from addresses of one's own network.
func Address(address string) Query { return Query{{Picture: address, Weight: 1, From: FromAddress}} }

// MeanOf asks for what looks like the mean of indexed pictures. Those that the collection does not have count for
// nothing. They are no hits themselves, unless a search includes what was queried.
func MeanOf(names ...string) Query { return Query{{Of: names, Weight: 1}} }

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

// HasText reports whether a term is a text.
func (q Query) HasText() bool {
	return slices.ContainsFunc(q, func(t Term) bool { return t.Text != "" })
}
