package space

import (
	"context"
	"fmt"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store/local"
)

// snapshot opens all of a space. That of a remote store is mirrored to this machine first.
func (c *Collection) snapshot(ctx context.Context, s record.Space) (*local.Snapshot, error) {
	if c.Remote == nil {
		return c.Folder.Snapshot(ctx, s)
	}
	folder, err := c.Mirror.Update(ctx, c.Handle, []record.Space{s})
	if err != nil {
		return nil, err
	}
	spaces, err := folder.Spaces(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range spaces {
		if m.Model == s.Model && m.Fingerprint == s.Fingerprint {
			return folder.Snapshot(ctx, m)
		}
	}
	return nil, fmt.Errorf("%w: %s in the copy of %s", api.ErrNoSpace, s.Model, c.Location)
}

// Catalog opens the pictures without embeddings.
func (c *Collection) Catalog(ctx context.Context) (*local.Snapshot, error) {
	if c.Remote == nil {
		return c.Folder.Catalog(ctx)
	}
	folder, err := c.Mirror.Update(ctx, c.Handle, []record.Space{})
	if err != nil {
		return nil, err
	}
	return folder.Catalog(ctx)
}
