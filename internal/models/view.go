package models

import (
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/picture"
)

// View is how a model is shown pictures. It is part of what embeddings mean, as weights and preprocessing are. The
// zero value is as the references do it: decoded whole, with alpha dropped, in colour. Else a space has the view at the
// head of its fingerprint, as in "auto+3f2a…", "fast-decode+3f2a…" or "no-colour+auto-decode+white+3f2a…".
type View struct {
	Background picture.Background // that pictures with transparency are flattened on
	Decode     Decode
	Colour     Colour
}

// viewEnd ends each part of the view in a fingerprint.
const viewEnd = "+"

// on returns the fingerprint of a model that is shown pictures so.
func (v View) on(fingerprint string) string {
	if v.Background != picture.Drop {
		fingerprint = strings.TrimPrefix(v.Background.String(), "#") + viewEnd + fingerprint
	}
	if v.Decode != DecodeExact {
		fingerprint = v.Decode.String() + decodeHead + fingerprint
	}
	if v.Colour == ColourDrop {
		fingerprint = colourHead + fingerprint
	}
	return fingerprint
}

// ViewOf reads the view of a fingerprint.
func ViewOf(fingerprint string) (v View) {
	if rest, found := strings.CutPrefix(fingerprint, colourHead); found {
		v.Colour, fingerprint = ColourDrop, rest
	}
	if word, rest, found := strings.Cut(fingerprint, decodeHead); found {
		if d, err := ParseDecode(word); err == nil {
			v.Decode, fingerprint = d, rest
		}
	}
	word, _, found := strings.Cut(fingerprint, viewEnd)
	if !found {
		return v
	}
	b, err := picture.ParseBackground(word)
	if err != nil {
		b, err = picture.ParseBackground("#" + word)
	}
	if err == nil {
		v.Background = b
	}
	return v
}

// ParseBackground reads a background as Options.Background takes it: "drop", "auto", "white", "black",
// "grey", or a colour as #aabbcc. "" is "drop". The error is an ErrInvalid.
func ParseBackground(word string) (picture.Background, error) {
	b, err := picture.ParseBackground(word)
	if err != nil {
		return b, api.Invalidf("background %w", err)
	}
	return b, nil
}

// view is the view that the options name, for a model without a collection.
func (o Options) view() (v View, err error) {
	if v.Background, err = ParseBackground(o.Background); err != nil {
		return v, err
	}
	if v.Decode, err = ParseDecode(o.Decode); err != nil {
		return v, err
	}
	v.Colour, err = ParseColour(o.Colour)
	return v, err
}
