package space

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store/local"
)

// Info returns what the collection holds.
func (c *Collection) Info(ctx context.Context) (api.Info, error) {
	stored, err := c.Store.Info(ctx)
	if err != nil {
		return api.Info{}, err
	}
	spaces, err := c.Store.Spaces(ctx)
	if err != nil {
		return api.Info{}, err
	}
	answers := map[int64]bool{}
	active := record.Active(spaces)
	for _, s := range active {
		answers[s.ID] = true
	}
	own := c.DefaultModel(active)
	info := api.Info{Collection: c.Location, Pictures: stored.Pictures, Spaces: []api.SpaceInfo{}, Failed: len(stored.Failures)}
	if info.Parts, err = c.Features.Len(); err != nil {
		return api.Info{}, err
	}
	if info.Regions, err = c.regionModels(ctx); err != nil {
		return api.Info{}, err
	}
	for _, f := range stored.Failures {
		info.Failures = append(info.Failures, api.Failure(f))
	}
	for _, s := range spaces {
		view := models.ViewOf(s.Fingerprint)
		info.Spaces = append(info.Spaces, api.SpaceInfo{
			Model: s.Model, Fingerprint: s.Fingerprint, Background: view.Background.String(), Decode: view.Decode.String(), Colour: view.Colour.String(), Dim: s.Dim, Rows: s.Rows, Covered: s.Covered,
			Bytes: int64(s.Rows) * int64(s.Dim) * 4, Active: answers[s.ID], Default: answers[s.ID] && s.Model == own,
		})
	}
	return info, nil
}

// Drop removes the embeddings of one model. The pictures stay, and indexing with the model again
// restores embeddings that were not imported. fingerprint, or the first digits of it, tells apart the
// spaces of one model; "" is fine where it has only one. Errors: NoSpaceError, AmbiguousSpaceError,
// ErrLocked.
func (c *Collection) Drop(ctx context.Context, model, fingerprint string) (api.SpaceInfo, error) {
	info, err := c.Info(ctx)
	if err != nil {
		return api.SpaceInfo{}, err
	}
	spaces, err := c.Store.Spaces(ctx)
	if err != nil {
		return api.SpaceInfo{}, err
	}
	var have, matching []string
	found := 0
	for i, s := range spaces {
		have = append(have, s.Model)
		if s.Model == model && strings.HasPrefix(s.Fingerprint, fingerprint) {
			found, matching = i, append(matching, s.Fingerprint)
		}
	}
	switch {
	case len(matching) == 0 && fingerprint != "":
		return api.SpaceInfo{}, &NoSpaceError{Model: model + "@" + fingerprint, Have: slices.Compact(have)}
	case len(matching) == 0:
		return api.SpaceInfo{}, &NoSpaceError{Model: model, Have: slices.Compact(have)}
	case len(matching) > 1:
		return api.SpaceInfo{}, &AmbiguousSpaceError{Model: model, Fingerprints: matching}
	}
	w, err := c.Writer()
	if err != nil {
		return api.SpaceInfo{}, err
	}
	err = w.Drop(ctx, spaces[found])
	if err == nil {
		err = c.dropRegions(ctx, spaces[found])
	}
	return info.Spaces[found], errors.Join(err, w.Close())
}

// Verify reads the whole collection and checks it against its checksums and its own records. It
// returns a line for each problem, and changes nothing.
func (c *Collection) Verify(ctx context.Context) ([]string, error) {
	problems, err := c.Store.Verify(ctx)
	if err != nil {
		return problems, err
	}
	parts, err := c.Features.Verify()
	if err != nil {
		return problems, err
	}
	problems = append(problems, parts...)
	err = c.inRegions(true, func(r *local.Collection) error {
		found, err := r.Verify(ctx)
		for _, p := range found {
			problems = append(problems, "regions: "+p)
		}
		return err
	})
	return problems, err
}
