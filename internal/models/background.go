package models

import (
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/picture"
)

// What a model is given of a picture with transparency is part of what its embeddings mean, as
// weights and preprocessing are. A space that was made on a background has it at the head of its
// fingerprint, as in "auto+3f2a…"; without one, alpha was dropped, as the references do.

// backgroundEnd ends the background in a fingerprint.
const backgroundEnd = "+"

// fingerprintOn returns the fingerprint of a model that sees pictures on a background.
func fingerprintOn(fingerprint string, b picture.Background) string {
	if b == picture.Drop {
		return fingerprint
	}
	return strings.TrimPrefix(b.String(), "#") + backgroundEnd + fingerprint
}

// BackgroundOf reads the background of a fingerprint.
func BackgroundOf(fingerprint string) picture.Background {
	word, _, found := strings.Cut(fingerprint, backgroundEnd)
	if !found {
		return picture.Drop
	}
	b, err := picture.ParseBackground(word)
	if err != nil {
		b, err = picture.ParseBackground("#" + word)
	}
	if err != nil {
		return picture.Drop
	}
	return b
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
