// Package space is one model's embeddings of a collection as a search uses them: queries become
// vectors, filters become bitmaps, and the nearest pictures become graded hits. It also lists, tags
// and reads the pictures of a collection.
package space

import (
	"cmp"
	"context"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store/local"
)

// Space is one model's embeddings as they are at one moment.
type Space struct {
	*local.Snapshot
	Model string
}

// RowOf returns the row of a picture's embedding.
func (v *Space) RowOf(id int64) (int, bool) {
	p, ok := v.Picture(id)
	return p.Row, ok && p.Row >= 0
}

// Active returns, for every model, the space that answers for it.
func (c *Collection) Active(ctx context.Context) ([]record.Space, error) {
	spaces, err := c.Store.Spaces(ctx)
	if err != nil {
		return nil, err
	}
	return record.Active(spaces), nil
}

// DefaultModel returns the model that answers where none is named: the first one that indexed the
// collection, so that later ones do not change it, or else the first that was imported.
func (c *Collection) DefaultModel(active []record.Space) string {
	if len(c.Options.Models) > 0 {
		return c.Options.Models[0]
	}
	imported := ""
	for _, s := range active {
		if s.Covered == 0 {
			continue
		}
		if !s.Imported() {
			return s.Model
		}
		imported = cmp.Or(imported, s.Model)
	}
	return imported
}

// SpaceOf returns the space that answers for a model; "" is the default model. Errors: NoSpaceError.
func (c *Collection) SpaceOf(ctx context.Context, model string) (record.Space, error) {
	active, err := c.Active(ctx)
	if err != nil {
		return record.Space{}, err
	}
	return c.choose(active, model)
}

// choose returns the space of active ones that answers for a model; "" is the default model. Errors: NoSpaceError.
func (c *Collection) choose(active []record.Space, model string) (record.Space, error) {
	var have []string
	for _, s := range active {
		if s.Covered > 0 {
			have = append(have, s.Model)
		}
	}
	model = cmp.Or(model, c.DefaultModel(active))
	for _, s := range active {
		if s.Model == model && len(have) > 0 {
			return s, nil
		}
	}
	return record.Space{}, &NoSpaceError{Model: model, Have: have}
}

// OpenSpace opens the space that answers for a model; "" is the default model.
func (c *Collection) OpenSpace(ctx context.Context, model string) (*Space, error) {
	if c.Remote == nil {
		snapshot, err := c.Folder.SnapshotOf(ctx, func(all []record.Space) (record.Space, error) {
			return c.choose(record.Active(all), model)
		})
		if err != nil {
			return nil, err
		}
		return &Space{Snapshot: snapshot, Model: snapshot.Space.Model}, nil
	}
	s, err := c.SpaceOf(ctx, model)
	if err != nil {
		return nil, err
	}
	return c.openSpace(ctx, s)
}

// OpenCatalog opens the pictures alone, as a space without embeddings.
func (c *Collection) OpenCatalog(ctx context.Context) (*Space, error) {
	snapshot, err := c.Catalog(ctx)
	if err != nil {
		return nil, err
	}
	return &Space{Snapshot: snapshot}, nil
}

func (c *Collection) openSpace(ctx context.Context, s record.Space) (*Space, error) {
	snapshot, err := c.snapshot(ctx, s)
	if err != nil {
		return nil, err
	}
	return &Space{Snapshot: snapshot, Model: s.Model}, nil
}

// OpenSpaces opens the spaces of several models; none means all models of the collection.
func (c *Collection) OpenSpaces(ctx context.Context, models []string) (spaces []*Space, err error) {
	if len(models) == 0 {
		models = c.Options.Models
	}
	if len(models) == 0 {
		active, err := c.Active(ctx)
		if err != nil {
			return nil, err
		}
		for _, s := range active {
			models = append(models, s.Model)
		}
		if len(models) == 0 {
			return nil, &NoSpaceError{}
		}
	}
	for _, m := range models {
		v, err := c.OpenSpace(ctx, m)
		if err != nil {
			CloseSpaces(spaces)
			return nil, err
		}
		spaces = append(spaces, v)
	}
	return spaces, nil
}

// CloseSpaces closes spaces. Closing one that was only read cannot lose anything.
func CloseSpaces(spaces []*Space) {
	for _, v := range spaces {
		_ = v.Close()
	}
}

// Picture finds an indexed picture by its name.
func (c *Collection) Picture(ctx context.Context, name string) (api.Picture, error) {
	p, err := c.find(ctx, name)
	return api.Picture{Name: p.Name, Source: p.Source}, err
}
