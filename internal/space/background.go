package space

import (
	"context"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
)

// background is what pictures are flattened on where a model embeds them for this collection: what
// the options say, else what the model's space here was made on.
func (c *Collection) Background(ctx context.Context, model string) (picture.Background, error) {
	if c.Options.Background != "" {
		b, err := picture.ParseBackground(c.Options.Background)
		if err != nil {
			return b, api.Invalidf("background %w", err)
		}
		return b, nil
	}
	active, err := c.Active(ctx)
	if err != nil {
		return picture.Drop, err
	}
	for _, s := range active {
		if s.Model == model {
			return models.BackgroundOf(s.Fingerprint), nil
		}
	}
	return picture.Drop, nil
}

// queryBackground is what a picture that is asked with is flattened on.
func (c *Collection) queryBackground(s record.Space) (picture.Background, error) {
	if c.Options.Background == "" {
		return models.BackgroundOf(s.Fingerprint), nil
	}
	b, err := picture.ParseBackground(c.Options.Background)
	if err != nil {
		return b, api.Invalidf("background %w", err)
	}
	return b, nil
}
