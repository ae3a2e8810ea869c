package indexer

import (
	"cmp"
	"context"
	"slices"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/space"
)

// Index adds folders, files, and CSV or text lists of paths and addresses, and refreshes those
// that were indexed before. Only new and changed pictures are embedded; a picture that moved keeps its
// embeddings. Pictures that cannot be read are in the report, and are read again only after they
// change.
//
// When ctx is cancelled, Index commits what was embedded and returns its report with ctx's error.
// The next Index continues from there.
func Index(ctx context.Context, c *space.Collection, paths []string, o api.IndexOptions) (api.IndexReport, error) {
	target, err := collectionOf(ctx, c)
	if err != nil {
		return api.IndexReport{}, err
	}
	return Run(ctx, target, paths, o)
}

// Watch indexes the paths, and again whenever something below them changes, until ctx ends. It calls
// each with the result of each run.
func Watch(ctx context.Context, c *space.Collection, paths []string, o api.IndexOptions, each func(api.IndexReport, error)) error {
	walk := source.Options{Include: o.Include, Exclude: o.Exclude, Hidden: o.Hidden, Leave: c.DerivedDir}
	return source.Watch(ctx, paths, walk, o.Poll, func() error {
		report, err := Index(ctx, c, paths, o)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		each(report, err)
		return nil
	})
}

// collectionOf opens the models of a collection for a run.
func collectionOf(ctx context.Context, c *space.Collection) (Collection, error) {
	out := Collection{
		Location: c.Location, Derived: c.DerivedDir, Store: c.Store,
		Writer:  func() (Writer, error) { return c.Writer() },
		Changed: c.Mirror.Outdate,
		Threads: c.Options.Threads, Calls: c.Options.Threads, Limits: c.Engine.Limits(), Client: c.Client,
	}
	if c.Remote == nil {
		out.Check = func(ctx context.Context, s record.Space) error {
			snapshot, err := c.Folder.Snapshot(ctx, s)
			if err != nil {
				return err
			}
			return snapshot.Close()
		}
	}
	names := c.Options.Models
	if len(names) == 0 {
		name, err := defaultModel(ctx, c)
		if err != nil {
			return out, err
		}
		names = []string{name}
	}
	for _, name := range names {
		view, err := c.ViewOf(ctx, name)
		if err != nil {
			return out, err
		}
		n, begun, err := network(ctx, c, name, view)
		if err != nil {
			return out, err
		}
		if begun != nil {
			out.Begun = append(out.Begun, *begun)
		}
		out.Models = append(out.Models, Model{Name: name, Fingerprint: n.Fingerprint, Decode: n.View.Decode.String(), Colour: n.View.Colour.String(), Stage: n.Stage()})
		out.Calls = n.Device.Callers(out.Calls) // the same for all but int8, which runs on the processor
	}
	return out, nil
}

// network opens a model in the precision of the options, else in that in which its embeddings were begun. If it
// begins them, and "auto" chose a precision other than float32, it says so.
func network(ctx context.Context, c *space.Collection, name string, view models.View) (*models.Network, *api.BegunSpace, error) {
	precision := model.Precision(c.Options.Precision)
	if precision != "" && precision != model.Auto {
		n, err := c.Engine.Open(name, view)
		return n, nil, err
	}
	n, err := c.Begun(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	if n != nil { // in this view, or in another one
		n, err := c.Engine.OpenIn(name, n.Precision, view)
		return n, nil, err
	}
	if precision != model.Auto {
		n, err := c.Engine.Open(name, view)
		return n, nil, err
	}
	choice, err := c.Engine.Choose(ctx, name, view)
	if err != nil {
		return nil, nil, err
	}
	n, err = c.Engine.OpenIn(name, choice.Precision, view)
	if err != nil || choice.Precision == model.Float32 {
		return n, nil, err
	}
	return n, &api.BegunSpace{Model: name, Precision: string(choice.Precision), Cosine: choice.Cosine}, nil
}

// defaultModel returns the model to index with where none is named: the collection's default model, so
// that new pictures are found along with the others, unless that one was imported.
func defaultModel(ctx context.Context, c *space.Collection) (string, error) {
	active, err := c.Active(ctx)
	if err != nil {
		return "", err
	}
	active = slices.DeleteFunc(active, record.Space.Imported)
	return cmp.Or(c.DefaultModel(active), models.DefaultModel), nil
}
