package akin

import (
	"context"

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
	for _, s := range collection.Active(spaces) {
		answers[s.ID] = true
	}
	info := Info{Collection: c.path, Pictures: stored.Pictures, Spaces: []SpaceInfo{}, Failed: len(stored.Failures)}
	for _, f := range stored.Failures {
		info.Failures = append(info.Failures, Failure(f))
	}
	for _, s := range spaces {
		info.Spaces = append(info.Spaces, SpaceInfo{
			Model: s.Model, Fingerprint: s.Fingerprint, Dim: s.Dim, Rows: s.Rows, Covered: s.Covered,
			Bytes: int64(s.Rows) * int64(s.Dim) * 4, Active: answers[s.ID],
		})
	}
	return info, nil
}

// Verify reads the whole collection, checks it against its checksums and its own
// records, and gives what is wrong, a line each. It changes nothing.
func (c *Collection) Verify(ctx context.Context) ([]string, error) {
	return c.store.Verify(ctx)
}
