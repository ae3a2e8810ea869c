package report

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight"
	"github.com/akin-search/akin/internal/insight/alter"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/vector"
)

const (
	probePictures  = 60  // of the sample
	invariantAbove = 0.9 // of the similarity is retained, at the lower end of its interval
	sensitiveBelow = 0.5 // is retained, at the upper end
)

// Probe changes pictures of the collection in controlled ways and measures how far each model's
// embedding moves: which changes the model is invariant to, and which it is sensitive to. It needs
// the pictures' files, and the models that made the embeddings.
func Probe(ctx context.Context, c *space.Collection, o api.ProbeOptions) (api.ProbeReport, error) {
	spaces, err := c.OpenSpaces(ctx, o.Models)
	if err != nil {
		return api.ProbeReport{}, err
	}
	defer space.CloseSpaces(spaces)
	var out api.ProbeReport
	changes := alter.Changes()
	for _, x := range changes {
		out.Changes = append(out.Changes, api.ProbeChange{Name: x.Name, Kind: x.Kind, About: x.About})
	}
	embedder, skipped, err := newAlteredEmbedder(c, spaces, changes, "probe")
	out.Skipped, out.Absent = skipped, skipped
	if err != nil {
		return out, err
	}
	pictures, err := probeSample(embedder.spaces, o)
	if err != nil {
		return out, err
	}
	p := prober{alteredEmbedder: embedder, reactions: make([][][]reaction, len(embedder.spaces))}
	for m := range p.reactions {
		p.reactions[m] = make([][]reaction, len(changes))
	}
	for i, picture := range pictures {
		if err := p.probe(ctx, picture); errors.Is(err, errPicture) {
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
	for m, v := range embedder.spaces {
		out.Models = append(out.Models, summarizeReactions(v.Model, changes, p.reactions[m]))
	}
	return out, nil
}

// probeSample returns the pictures to change: those named, or a sample that is the same every time.
func probeSample(spaces []*space.Space, o api.ProbeOptions) ([]record.Picture, error) {
	var out []record.Picture
	for _, name := range o.Names {
		p, err := spaces[0].Find(name)
		if err != nil {
			return nil, fmt.Errorf("probe: %w", err)
		}
		out = append(out, p)
	}
	if o.Names != nil {
		return out, nil
	}
	var all []int
	for i, p := range spaces[0].Pictures.All() {
		if inAllSpaces(spaces, p.ID) && !record.IsImported(p.Source) {
			all = append(all, i)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("probe: %w: no picture has a file and embeddings of all models", record.ErrNotIndexed)
	}
	r := rand.New(rand.NewPCG(uint64(len(all)), 11))
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	if o.Pictures <= 0 {
		o.Pictures = probePictures
	}
	all = all[:min(o.Pictures, len(all))]
	slices.Sort(all)
	for _, i := range all {
		out = append(out, spaces[0].Pictures.At(i))
	}
	return out, nil
}

// prober measures how models react to changes of pictures.
type prober struct {
	*alteredEmbedder
	reactions [][][]reaction // model, change, picture
}

// reaction is what a change did to a picture's embedding in one model.
type reaction struct {
	score    float64 // cosine of the changed picture and the original
	retained float64 // the share of the similarity: 0 for as similar as a random pair
	found    bool    // no other picture is nearer to the changed one
}

// probe measures the reactions of all models to all changes of one picture.
func (p *prober) probe(ctx context.Context, of record.Picture) error {
	results := make([][]reaction, len(p.spaces))
	for m := range results {
		results[m] = make([]reaction, len(p.changes))
	}
	err := p.embed(ctx, of, func(ctx context.Context, change, model int, unit []float32, ok bool) (err error) {
		if ok {
			results[model][change], err = react(ctx, p.spaces[model], of, unit)
		}
		return err
	})
	if err != nil {
		return err
	}
	for m, of := range results {
		for change, r := range of {
			p.reactions[m][change] = append(p.reactions[m][change], r)
		}
	}
	return nil
}

// react compares the embedding of a changed picture with the original's, and with all others.
func react(ctx context.Context, v *space.Space, of record.Picture, unit []float32) (reaction, error) {
	row, ok := v.RowOf(of.ID)
	if !ok {
		return reaction{}, fmt.Errorf("probe: %w: %s has no embedding of %s", api.ErrNoSpace, of.Name, v.Model)
	}
	score := float64(vector.Dot(unit, v.Matrix.Row(row)))
	hits, err := vector.Search(ctx, v.Matrix, unit, vector.Options{K: 1, Keep: v.Keep, Tie: v.Tie, Threads: 1})
	if err != nil {
		return reaction{}, err
	}
	found := len(hits) > 0 && (hits[0].Row == row || float64(hits[0].Score) <= score)
	return reaction{score, (score - v.Median()) / (1 - v.Median()), found}, nil
}

// summarizeReactions averages one model's reactions to each change, (change, picture), and classifies
// the changes.
func summarizeReactions(name string, changes []alter.Change, reactions [][]reaction) api.Probed {
	out := api.Probed{Model: name, Invariant: []string{}, Sensitive: []string{}}
	for i, change := range changes {
		r := api.Reaction{Change: change.Name}
		n := float64(len(reactions[i]))
		values := make([][]float64, 0, len(reactions[i])) // retained, found and the weight
		for _, one := range reactions[i] {
			found := 0.
			if one.found {
				found = 1
			}
			r.Score, r.Retained, r.Found = r.Score+one.score/n, r.Retained+one.retained/n, r.Found+found/n
			values = append(values, []float64{one.retained, found, 1})
		}
		within := insight.Bootstrap(values)
		r.RetainedWithin, r.FoundWithin = within[0], within[1]
		r.Kept, r.KeptWithin = r.Retained, r.RetainedWithin
		switch {
		case r.RetainedWithin[0] >= invariantAbove:
			out.Invariant = append(out.Invariant, change.Name)
		case r.RetainedWithin[1] <= sensitiveBelow:
			out.Sensitive = append(out.Sensitive, change.Name)
		}
		out.Reactions = append(out.Reactions, r)
	}
	out.Blind, out.Moved = out.Invariant, out.Sensitive
	return out
}

// Alter reads a picture and changes it as Probe or Context does. pixels are (height, width, 3) RGB. The
// change "" returns the picture as it is.
func Alter(ctx context.Context, from, change string, o models.Options) (width, height int, pixels []byte, err error) {
	i, pixels, err := models.Inspect(ctx, from, o) // alpha is dropped, or flattened on the background that o names
	if err != nil || change == "" {
		return i.Width, i.Height, pixels, err
	}
	c, ok := alter.Named(change)
	if !ok {
		return 0, 0, nil, api.Invalidf("no change is called %q", change)
	}
	out := c.Apply(&picture.Picture{Width: i.Width, Height: i.Height, Pix: pixels})
	return out.Width, out.Height, out.Pix, nil
}
