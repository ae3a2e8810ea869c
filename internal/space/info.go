package space

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/record"
)

// Info tells what the collection holds.
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
	for _, f := range stored.Failures {
		info.Failures = append(info.Failures, api.Failure(f))
	}
	for _, s := range spaces {
		info.Spaces = append(info.Spaces, api.SpaceInfo{
			Model: s.Model, Fingerprint: s.Fingerprint, Background: models.BackgroundOf(s.Fingerprint).String(), Dim: s.Dim, Rows: s.Rows, Covered: s.Covered,
			Bytes: int64(s.Rows) * int64(s.Dim) * 4, Active: answers[s.ID], Default: answers[s.ID] && s.Model == own,
		})
	}
	return info, nil
}

// Drop removes the embeddings of one model; the pictures stay, and embeddings that
// akin made are made again by indexing with that model. A model that has several
// spaces, of several precisions or weights, is named with the head of a fingerprint, as
// Info gives it. Errors: ErrNoSpace, ErrAmbiguous, ErrLocked.
func (c *Collection) Drop(ctx context.Context, model, fingerprint string) (api.SpaceInfo, error) {
	info, err := c.Info(ctx)
	if err != nil {
		return api.SpaceInfo{}, err
	}
	spaces, err := c.Store.Spaces(ctx)
	if err != nil {
		return api.SpaceInfo{}, err
	}
	found := -1
	for i, s := range spaces {
		if s.Model != model || !strings.HasPrefix(s.Fingerprint, fingerprint) {
			continue
		}
		if found >= 0 {
			return api.SpaceInfo{}, fmt.Errorf("%w: %s has the spaces %.12s and %.12s; name one as %s@%.12s",
				record.ErrAmbiguous, model, spaces[found].Fingerprint, s.Fingerprint, model, s.Fingerprint)
		}
		found = i
	}
	if found < 0 {
		if fingerprint != "" {
			model += "@" + fingerprint
		}
		return api.SpaceInfo{}, fmt.Errorf("%w: %s; `akin info` lists them", api.ErrNoSpace, model)
	}
	w, err := c.Writer()
	if err != nil {
		return api.SpaceInfo{}, err
	}
	err = w.Drop(ctx, spaces[found])
	return info.Spaces[found], errors.Join(err, w.Close())
}

// Verify reads the whole collection, checks it against its checksums and its own
// records, and gives what is wrong, a line each. It changes nothing.
func (c *Collection) Verify(ctx context.Context) ([]string, error) {
	return c.Store.Verify(ctx)
}
