package akin

import (
	"context"
	"strings"

	"github.com/akin-search/akin/internal/collection"
	"github.com/akin-search/akin/internal/picture"
)

// What a model is given of a picture with transparency is part of what its embeddings mean, as
// weights and preprocessing are. A space that was made on a background has it at the head of its
// fingerprint, as in "auto+3f2a…"; without one, alpha was dropped, as the references do.

// backgroundEnd ends the background in a fingerprint.
const backgroundEnd = "+"

func fingerprintOn(fingerprint string, b picture.Background) string {
	if b == picture.Drop {
		return fingerprint
	}
	return strings.TrimPrefix(b.String(), "#") + backgroundEnd + fingerprint
}

// backgroundOf reads the background of a fingerprint.
func backgroundOf(fingerprint string) picture.Background {
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

// ParseBackground checks a background as Options.Background takes it: "drop", "auto", "white", "black",
// "grey", or a colour as #aabbcc. "" is none, and is no error. The error is an ErrInvalid.
func ParseBackground(word string) error {
	if _, err := picture.ParseBackground(word); err != nil {
		return invalidf("background %w", err)
	}
	return nil
}

// background is what pictures are flattened on where a model embeds them for this collection: what
// the options say, else what the model's space here was made on.
func (c *Collection) background(ctx context.Context, model string) (picture.Background, error) {
	if c.options.Background != "" {
		b, err := picture.ParseBackground(c.options.Background)
		if err != nil {
			return b, invalidf("background %w", err)
		}
		return b, nil
	}
	active, err := c.active(ctx)
	if err != nil {
		return picture.Drop, err
	}
	for _, s := range active {
		if s.Model == model {
			return backgroundOf(s.Fingerprint), nil
		}
	}
	return picture.Drop, nil
}

// queryBackground is what a picture that is asked with is flattened on.
func (c *Collection) queryBackground(s collection.Space) (picture.Background, error) {
	if c.options.Background == "" {
		return backgroundOf(s.Fingerprint), nil
	}
	b, err := picture.ParseBackground(c.options.Background)
	if err != nil {
		return b, invalidf("background %w", err)
	}
	return b, nil
}

// changed is a picture after a change, made when it is first asked for on each background.
type changed struct {
	of    *picture.Picture
	apply func(*picture.Picture) *picture.Picture // nil changes nothing
	made  map[picture.Background]*picture.Picture
}

func changedOn(of *picture.Picture, apply func(*picture.Picture) *picture.Picture) *changed {
	return &changed{of, apply, map[picture.Background]*picture.Picture{}}
}

// on gives the changed picture as a model sees it that flattens pictures on b. release takes it back.
func (c *changed) on(b picture.Background) *picture.Picture {
	if p, ok := c.made[b]; ok {
		return p
	}
	seen, _ := c.of.On(b)
	p := seen
	if c.apply != nil {
		p = c.apply(seen)
		if seen != c.of {
			seen.Release()
		}
	}
	c.made[b] = p
	return p
}

func (c *changed) release() {
	for _, p := range c.made {
		if p != c.of {
			p.Release()
		}
	}
}
