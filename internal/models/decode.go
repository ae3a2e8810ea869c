package models

import (
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/model"
)

// Decode is at which size pictures are decoded for a model.
type Decode uint8

const (
	DecodeExact Decode = iota // all at their full size, as the references do
	DecodeFast                // at least three times as large as what the network sees, where a file gives that for less work
	DecodeAuto                // as DecodeFast for pictures of more than AutoPixels, the others as DecodeExact
)

// AutoPixels is the size up to which DecodeAuto decodes pictures whole. Those are soon decoded, and the network takes
// most of the time. It is part of what a fingerprint means, so it never changes.
const AutoPixels = 4_000_000

// decodeHead ends the way of decoding at the head of a fingerprint.
const decodeHead = "-decode" + viewEnd

func (d Decode) String() string { return [...]string{"exact", "fast", "auto"}[d] }

// ParseDecode reads a way of decoding as Options.Decode takes it. "" is "exact". The error is an ErrInvalid.
func ParseDecode(word string) (Decode, error) {
	if word == "" {
		return DecodeExact, nil
	}
	for d := DecodeExact; d <= DecodeAuto; d++ {
		if word == d.String() {
			return d, nil
		}
	}
	return DecodeExact, api.Invalidf("decode %q: use exact, fast or auto", word)
}

// enough returns what embed.Model.Enough is for a model.
func (d Decode) enough(p model.Preprocess) func(width, height int) (int, int) {
	switch d {
	case DecodeFast:
		return p.Enough
	case DecodeAuto:
		return func(width, height int) (int, int) {
			if int64(width)*int64(height) <= AutoPixels {
				return width, height
			}
			return p.Enough(width, height)
		}
	}
	return nil
}
