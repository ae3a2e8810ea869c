package report

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/insight"
	"github.com/akin-search/akin/internal/insight/alter"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/vector"
	"golang.org/x/sync/errgroup"
)

const (
	probePictures = 60
	blindAbove    = 0.9
	movedBelow    = 0.5
)

// Probe changes pictures of the collection in controlled ways and tells how alike each model
// holds the result to what it was: what the model does not see, and what it looks at. It
// needs the pictures' files, and the models that the embeddings come from.
func Probe(ctx context.Context, c *space.Collection, o api.ProbeOptions) (api.ProbeReport, error) {
	views, err := c.OpenSpaces(ctx, o.Models)
	if err != nil {
		return api.ProbeReport{}, err
	}
	defer space.CloseSpaces(views)
	var out api.ProbeReport
	changes := alter.Changes()
	for _, x := range changes {
		out.Changes = append(out.Changes, api.ProbeChange{Name: x.Name, Kind: x.Kind, About: x.About})
	}
	var present []*space.Space
	var networks []*models.Network
	for _, v := range views {
		n, err := c.NetworkOf(v.Space)
		if err != nil {
			out.Absent = append(out.Absent, api.Failure{Source: v.Model, Error: err.Error()})
			continue
		}
		present, networks = append(present, v), append(networks, n)
	}
	if len(present) == 0 {
		return out, api.Invalidf("probe: no model of this collection can run here: %s", out.Absent[0].Error)
	}
	pictures, err := probePicturesOf(present, o)
	if err != nil {
		return out, err
	}
	p := prober{c: c, changes: changes, views: present, networks: networks}
	p.measured = make([][][][]float64, len(present))
	for m := range present {
		p.measured[m] = make([][][]float64, len(changes))
	}
	for i, picture := range pictures {
		if err := p.probe(ctx, picture); errors.Is(err, errUnreadable) {
			out.Failed = append(out.Failed, api.Failure{Source: picture.Source, Error: err.Error()})
		} else if err != nil {
			return out, err
		} else if out.Pictures++; out.Pictures == 1 {
			out.Example = api.Picture{Name: picture.Name, Source: picture.Source}
		}
		if o.Progress != nil {
			o.Progress(i+1, len(pictures))
		}
	}
	if out.Pictures == 0 {
		return out, fmt.Errorf("probe: none of the %d pictures can be read: %s", len(pictures), out.Failed[0].Error)
	}
	for m, v := range present {
		out.Models = append(out.Models, p.summarize(v.Model, p.measured[m]))
	}
	return out, nil
}

// probed gives the pictures to change: those named, or a sample that is the same every time.
func probePicturesOf(views []*space.Space, o api.ProbeOptions) ([]record.Picture, error) {
	var out []record.Picture
	for _, name := range o.Names {
		p, err := views[0].Find(name)
		if err != nil {
			return nil, fmt.Errorf("probe: %w", err)
		}
		out = append(out, p)
	}
	if o.Names != nil {
		return out, nil
	}
	var all []int
	for i, p := range views[0].Pictures.All() {
		if inAllSpaces(views, p.ID) && !strings.HasPrefix(p.Source, record.ImportedSource("")) {
			all = append(all, i)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("probe: %w: no picture has a file and embeddings of all models; index a folder", record.ErrNotIndexed)
	}
	r := rand.New(rand.NewPCG(uint64(len(all)), 11))
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	if o.Pictures <= 0 {
		o.Pictures = probePictures
	}
	all = all[:min(o.Pictures, len(all))]
	slices.Sort(all)
	for _, i := range all {
		out = append(out, views[0].Pictures.At(i))
	}
	return out, nil
}

// errPicture marks what is wrong with one picture alone.
var errUnreadable = errors.New("the picture cannot be read")

// prober measures reactions.
type prober struct {
	c        *space.Collection
	changes  []alter.Change
	views    []*space.Space
	networks []*models.Network
	measured [][][][]float64 // model, change, picture: cosine, kept, found, and the weight 1
}

// probe measures all models' reactions to all changes of one picture.
func (p *prober) probe(ctx context.Context, of record.Picture) error {
	data, err := source.Bytes(ctx, p.c.Client, of.Source)
	if err != nil {
		return errors.Join(errUnreadable, err)
	}
	pic, _, err := picture.Decode(ctx, data, p.c.Engine.Limits())
	if err != nil {
		return errors.Join(errUnreadable, err)
	}
	defer pic.Release()
	results := make([][][]float64, len(p.changes)) // change, model
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, p.networks[0].Device.Callers(p.c.Options.Threads)))
	for i, change := range p.changes {
		group.Go(func() (err error) {
			defer disk.Catch(&err)() // vectors are mapped
			changed := changedOn(pic, change.Apply)
			defer changed.release()
			for m := range p.views {
				r, err := p.react(ctx, m, of, changed.on(p.networks[m].Background))
				if err != nil {
					return err
				}
				results[i] = append(results[i], r)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, of := range results {
		for m, r := range of {
			p.measured[m][i] = append(p.measured[m][i], r)
		}
	}
	return nil
}

// react embeds a changed picture with one model.
func (p *prober) react(ctx context.Context, m int, of record.Picture, changed *picture.Picture) ([]float64, error) {
	v, stage := p.views[m], p.networks[m].Stage()
	id := of.ID
	row, ok := v.RowOf(id)
	if !ok {
		return nil, fmt.Errorf("probe: %w: %s has no embedding of %s", api.ErrNoSpace, of.Name, v.Model)
	}
	pixels, unit := make([]float32, stage.Input), make([]float32, stage.Dim)
	stage.Prepare(changed, pixels)
	if err := stage.Run(ctx, pixels, 1, unit); err != nil {
		return nil, err
	}
	if !vector.Normalize(unit) {
		return []float64{0, 0, 0, 1}, nil
	}
	score := float64(vector.Dot(unit, v.Matrix.Row(row)))
	hits, err := vector.Search(ctx, v.Matrix, unit, vector.Options{K: 1, Keep: v.Keep, Tie: v.Tie, Threads: 1})
	if err != nil {
		return nil, err
	}
	found := 0.
	if len(hits) > 0 && (hits[0].Row == row || float64(hits[0].Score) <= score) {
		found = 1
	}
	return []float64{score, (score - v.Median()) / (1 - v.Median()), found, 1}, nil
}

// sumUp gives one model's reactions.
func (p *prober) summarize(name string, measured [][][]float64) api.Probed {
	out := api.Probed{Model: name, Blind: []string{}, Moved: []string{}}
	for i, change := range p.changes {
		r := api.Reaction{Change: change.Name}
		n := float64(len(measured[i]))
		for _, of := range measured[i] {
			r.Score, r.Kept, r.Found = r.Score+of[0]/n, r.Kept+of[1]/n, r.Found+of[2]/n
		}
		within := insight.Bootstrap(measured[i])
		r.KeptWithin, r.FoundWithin = within[1], within[2]
		switch {
		case r.KeptWithin[0] >= blindAbove:
			out.Blind = append(out.Blind, change.Name)
		case r.KeptWithin[1] <= movedBelow:
			out.Moved = append(out.Moved, change.Name)
		}
		out.Reactions = append(out.Reactions, r)
	}
	return out
}

// Alter reads a picture and changes it as Probe or Context does: pixels are (height, width, 3)
// RGB. "" changes nothing.
func Alter(ctx context.Context, from, change string, o models.Options) (width, height int, pixels []byte, err error) {
	i, pixels, err := models.Inspect(ctx, from, o) // alpha is dropped, or flattened on the background that o names
	if err != nil || change == "" {
		return i.Width, i.Height, pixels, err
	}
	for _, c := range slices.Concat(alter.Changes(), alter.Contexts()) {
		if c.Name == change {
			out := c.Apply(&picture.Picture{Width: i.Width, Height: i.Height, Pix: pixels})
			return out.Width, out.Height, out.Pix, nil
		}
	}
	return 0, 0, nil, api.Invalidf("no change is called %q", change)
}
