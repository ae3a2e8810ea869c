package space

import (
	"context"
	"errors"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
)

// NetworkOf returns the model that made a space, in the precision that it was made in. Errors:
// ImportedSpaceError, WeightsDifferError, and those of opening a model.
func (c *Collection) NetworkOf(s record.Space) (*models.Network, error) {
	if s.Imported() {
		return nil, &ImportedSpaceError{Model: s.Model}
	}
	var installed []string
	var failed error
	for _, p := range append([]model.Precision{model.Precision(c.Options.Precision)}, model.Precisions...) {
		n, err := c.Engine.OpenIn(s.Model, p, models.ViewOf(s.Fingerprint))
		switch {
		case err != nil && failed == nil:
			failed = err
		case err != nil:
		case n.Fingerprint == s.Fingerprint:
			return n, nil
		default:
			installed = append(installed, n.Fingerprint)
		}
	}
	if len(installed) == 0 {
		return nil, failed
	}
	return nil, &WeightsDifferError{Model: s.Model, Stored: s.Fingerprint, Installed: installed[0]}
}

// TextModels returns the models of the collection that read text. Errors: model.NoTextError where
// there are none.
func (c *Collection) TextModels(ctx context.Context) ([]string, error) {
	active, err := c.Active(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range active {
		if n, err := c.NetworkOf(s); err == nil && n.Text != nil {
			names = append(names, s.Model)
		}
	}
	if len(names) == 0 {
		return nil, &model.NoTextError{}
	}
	return names, nil
}

// Answers returns the models that can answer queries.
func (c *Collection) Answers(ctx context.Context) (api.Answers, error) {
	out := api.Answers{Models: []string{}, Text: []string{}, Kinds: []api.ModelKind{}}
	active, err := c.Active(ctx)
	if err != nil {
		return out, err
	}
	for _, s := range active {
		kind := api.ModelKind{Model: s.Model, Language: model.TrainedOnLanguage(s.Model)}
		n, err := c.NetworkOf(s)
		if err != nil {
			kind.Cannot = err.Error()
		} else if n.Text != nil {
			out.Text = append(out.Text, s.Model)
		}
		out.Models, out.Kinds = append(out.Models, s.Model), append(out.Kinds, kind)
	}
	out.DefaultModel = c.DefaultModel(active)
	return out, nil
}

// Begun returns the network of the space that a model of this collection has, in the precision in which
// it was begun, or nil if there is none, or it was made by other weights.
func (c *Collection) Begun(ctx context.Context, model string) (*models.Network, error) {
	active, err := c.Active(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range active {
		if s.Model == model {
			n, err := c.NetworkOf(s)
			if errors.As(err, new(*WeightsDifferError)) || errors.As(err, new(*ImportedSpaceError)) {
				return nil, nil
			}
			return n, err
		}
	}
	return nil, nil
}

// queryBackground is what a query's picture is flattened on: that of the options, else the space's.
func (c *Collection) queryBackground(s record.Space) (picture.Background, error) {
	if c.Options.Background == "" {
		return models.ViewOf(s.Fingerprint).Background, nil
	}
	return models.ParseBackground(c.Options.Background)
}

// ViewOf returns how a model is shown pictures that are indexed into this collection: as the options say, else as for the
// model's space.
func (c *Collection) ViewOf(ctx context.Context, model string) (models.View, error) {
	active, err := c.Active(ctx)
	if err != nil {
		return models.View{}, err
	}
	var own models.View
	for _, s := range active {
		if s.Model == model {
			own = models.ViewOf(s.Fingerprint)
		}
	}
	if c.Options.Background != "" {
		if own.Background, err = models.ParseBackground(c.Options.Background); err != nil {
			return own, err
		}
	}
	if c.Options.Decode != "" {
		if own.Decode, err = models.ParseDecode(c.Options.Decode); err != nil {
			return own, err
		}
	}
	if c.Options.Colour != "" {
		own.Colour, err = models.ParseColour(c.Options.Colour)
	}
	return own, err
}
