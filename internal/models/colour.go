package models

import (
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/picture"
)

// Colour is what a model is shown of a picture's colours.
type Colour uint8

const (
	ColourKeep Colour = iota // all, as the references do
	ColourDrop               // none, see picture.Uncoloured
)

// colourHead is at the head of the fingerprint of a space without colours.
const colourHead = "no-colour" + viewEnd

func (c Colour) String() string { return [...]string{"keep", "drop"}[c] }

// ParseColour reads what is shown of colours as Options.Colour takes it. "" is "keep". The error is an ErrInvalid.
func ParseColour(word string) (Colour, error) {
	switch word {
	case "", "keep":
		return ColourKeep, nil
	case "drop":
		return ColourDrop, nil
	}
	return ColourKeep, api.Invalidf("colour %q: use keep or drop", word)
}

// prepare returns a model's preparation of a flattened picture.
func (c Colour) prepare(with func(*picture.Picture, []float32)) func(*picture.Picture, []float32) {
	if c == ColourKeep {
		return with
	}
	return func(p *picture.Picture, dst []float32) {
		q := p.Uncoloured()
		with(q, dst)
		q.Release()
	}
}
