package report

import (
	"context"
	"errors"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/insight/alter"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/vector"
	"golang.org/x/sync/errgroup"
)

// errPicture marks an error that concerns a single picture: a report skips the picture.
var errPicture = errors.New("the picture cannot be read")

// alteredEmbedder embeds pictures after each of some changes, with each of some models.
type alteredEmbedder struct {
	c        *space.Collection
	changes  []alter.Change // a nil Apply leaves the picture as it is
	spaces   []*space.Space
	networks []*models.Network // one for each space
}

// newAlteredEmbedder takes the models that are installed; absent are the others. At least one must be.
func newAlteredEmbedder(c *space.Collection, spaces []*space.Space, changes []alter.Change, doing string) (e *alteredEmbedder, absent []api.Failure, err error) {
	e = &alteredEmbedder{c: c, changes: changes}
	for _, v := range spaces {
		n, err := c.NetworkOf(v.Space)
		if err != nil {
			absent = append(absent, api.Failure{Source: v.Model, Error: err.Error()})
			continue
		}
		e.spaces, e.networks = append(e.spaces, v), append(e.networks, n)
	}
	if len(e.networks) == 0 {
		return nil, absent, api.Invalidf("%s: no model of this collection can run here: %s", doing, absent[0].Error)
	}
	return e, absent, nil
}

// embed reads a picture and calls use with its unit vector after each change in each model; ok is
// false if the embedding is zero. Changes are embedded in parallel, the models of one in turn. The
// error is an errPicture if the picture cannot be read.
func (e *alteredEmbedder) embed(ctx context.Context, p record.Picture, use func(ctx context.Context, change, model int, unit []float32, ok bool) error) error {
	data, err := source.Bytes(ctx, e.c.Client, p.Source)
	if err != nil {
		return errors.Join(errPicture, err)
	}
	pic, _, err := picture.Decode(ctx, data, e.c.Engine.Limits())
	if err != nil {
		return errors.Join(errPicture, err)
	}
	defer pic.Release()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, e.networks[0].Device.Callers(e.c.Options.Threads)))
	for i, change := range e.changes {
		group.Go(func() (err error) {
			defer disk.Catch(&err)() // use may read mapped vectors
			changed := changedOn(pic, change.Apply)
			defer changed.release()
			for m, n := range e.networks {
				stage := n.Stage()
				pixels, unit := make([]float32, stage.Input), make([]float32, stage.Dim)
				stage.Prepare(changed.on(n.View.Background), pixels)
				if err := stage.Run(ctx, pixels, 1, unit); err != nil {
					return err
				}
				ok := vector.Normalize(unit)
				if err := use(ctx, i, m, unit, ok); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// changed is a picture after a change. It is made on first use, once for each background.
type changed struct {
	of    *picture.Picture
	apply func(*picture.Picture) *picture.Picture // nil leaves the picture as it is
	made  map[picture.Background]*picture.Picture
}

func changedOn(of *picture.Picture, apply func(*picture.Picture) *picture.Picture) *changed {
	return &changed{of, apply, map[picture.Background]*picture.Picture{}}
}

// on returns the changed picture as a model sees it that flattens pictures on b. It is valid until
// release.
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
