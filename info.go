package akin

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/akin-search/akin/internal/collection"
)

// Info tells what the collection holds.
func (c *Collection) Info(ctx context.Context) (Info, error) {
	stored, err := c.store.Info(ctx)
	if err != nil {
		return Info{}, err
	}
	spaces, err := c.store.Spaces(ctx)
	if err != nil {
		return Info{}, err
	}
	answers := map[int64]bool{}
	active := collection.Active(spaces)
	for _, s := range active {
		answers[s.ID] = true
	}
	own := c.ownModel(active)
	info := Info{Collection: c.path, Pictures: stored.Pictures, Spaces: []SpaceInfo{}, Failed: len(stored.Failures)}
	for _, f := range stored.Failures {
		info.Failures = append(info.Failures, Failure(f))
	}
	for _, s := range spaces {
		info.Spaces = append(info.Spaces, SpaceInfo{
			Model: s.Model, Fingerprint: s.Fingerprint, Background: backgroundOf(s.Fingerprint).String(), Dim: s.Dim, Rows: s.Rows, Covered: s.Covered,
			Bytes: int64(s.Rows) * int64(s.Dim) * 4, Active: answers[s.ID], Default: answers[s.ID] && s.Model == own,
		})
	}
	return info, nil
}

// Drop removes the embeddings of one model; the pictures stay, and embeddings that
// akin made are made again by indexing with that model. A model that has several
// spaces, of several precisions or weights, is named with the head of a fingerprint, as
// Info gives it. Errors: ErrNoSpace, ErrAmbiguous, ErrLocked.
func (c *Collection) Drop(ctx context.Context, model, fingerprint string) (SpaceInfo, error) {
	info, err := c.Info(ctx)
	if err != nil {
		return SpaceInfo{}, err
	}
	spaces, err := c.store.Spaces(ctx)
	if err != nil {
		return SpaceInfo{}, err
	}
	found := -1
	for i, s := range spaces {
		if s.Model != model || !strings.HasPrefix(s.Fingerprint, fingerprint) {
			continue
		}
		if found >= 0 {
			return SpaceInfo{}, fmt.Errorf("%w: %s has the spaces %.12s and %.12s; name one as %s@%.12s",
				ErrAmbiguous, model, spaces[found].Fingerprint, s.Fingerprint, model, s.Fingerprint)
		}
		found = i
	}
	if found < 0 {
		if fingerprint != "" {
			model += "@" + fingerprint
		}
		return SpaceInfo{}, fmt.Errorf("%w: %s; `akin info` lists them", ErrNoSpace, model)
	}
	w, err := c.writer()
	if err != nil {
		return SpaceInfo{}, err
	}
	err = w.Drop(ctx, spaces[found])
	return info.Spaces[found], errors.Join(err, w.Close())
}

// Verify reads the whole collection, checks it against its checksums and its own
// records, and gives what is wrong, a line each. It changes nothing.
func (c *Collection) Verify(ctx context.Context) ([]string, error) {
	return c.store.Verify(ctx)
}

// Repaired tells what Repair did, and what it could not do.
type Repaired struct {
	Done     []string `json:"repaired"` // what was made again, and what was given up: a line each
	Problems []string `json:"problems"` // what is wrong still, as Verify gives it
}

// Repair makes the collection at a path or address whole again as far as what is left of it allows,
// also one that is too damaged to be opened: what is derived is made anew, a damaged
// database is written anew from what can be read of it and from the embeddings' files,
// and embeddings that are damaged are forgotten, so that Index makes them again.
func Repair(ctx context.Context, path string) (Repaired, error) {
	r, err := repair(ctx, path)
	return Repaired{Done: append([]string{}, r.Done...), Problems: append([]string{}, r.Problems...)}, err
}
