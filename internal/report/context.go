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
	"github.com/akin-search/akin/internal/insight/alter"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/vector"
	"golang.org/x/sync/errgroup"
)

// Context tells what holds pairs together: their ranks among pictures that all were changed alike, without
// colours, with blurred backgrounds, with covered lettering. A pair that stays near without
// is not near because of it.
func Context(ctx context.Context, c *space.Collection, pairs []api.Pair, o api.ContextOptions) (api.ContextReport, error) {
	e, err := newEvaluator(ctx, c, api.EvaluateOptions{Models: o.Models})
	if err != nil {
		return api.ContextReport{}, err
	}
	defer e.close()
	out := api.ContextReport{Without: []string{""}, Pairs: []api.ContextPair{}}
	lab := alteredEmbedder{c: c, changes: []alter.Change{{Apply: nil}}}
	for _, change := range alter.Contexts() {
		if o.Without == nil || slices.Contains(o.Without, change.Name) {
			lab.changes = append(lab.changes, change)
			out.Without = append(out.Without, change.Name)
		}
	}
	for _, name := range o.Without {
		if !slices.Contains(out.Without, name) {
			return out, api.Invalidf("context: %q cannot be taken away, only colour, background and lettering", name)
		}
	}
	for _, v := range e.fuser.Views {
		n, err := c.NetworkOf(v.Space)
		if err != nil {
			out.Absent = append(out.Absent, api.Failure{Source: v.Model, Error: err.Error()})
			continue
		}
		lab.networks = append(lab.networks, n)
		out.Models = append(out.Models, v.Model)
	}
	if len(lab.networks) == 0 {
		return out, api.Invalidf("context: no model of this collection can run here: %s", out.Absent[0].Error)
	}
	found, missing := e.findPairs(pairs)
	out.Missing = missing
	if len(found) == 0 {
		return out, fmt.Errorf("context: %w: no pair has both of its names in %s", record.ErrNotIndexed, c.Location)
	}
	pictures := contextPictures(e.fuser.Views[0], found, o.Pictures)
	if err := lab.embed(ctx, pictures, o.Progress, &out); err != nil {
		return out, err
	}
	out.Pictures = len(lab.rowOf)
	for _, p := range found {
		a, okA := lab.rowOf[p.a]
		b, okB := lab.rowOf[p.b]
		if !okA || !okB {
			continue
		}
		pair := api.ContextPair{A: p.A, B: p.B, Ranks: map[string]map[string][2]int{}}
		for m, model := range out.Models {
			pair.Ranks[model] = map[string][2]int{}
			for i, without := range out.Without {
				rows := lab.rows[m][i]
				pair.Ranks[model][without] = [2]int{rankAmong(rows, a, b), rankAmong(rows, b, a)}
			}
		}
		out.Pairs = append(out.Pairs, pair)
	}
	if len(out.Pairs) == 0 {
		return out, fmt.Errorf("context: of no pair both pictures can be read: %s", out.Failed[0].Error)
	}
	return out, nil
}

// contextPictures are those of the pairs, and others to rank them among.
func contextPictures(v *space.Space, pairs []foundPair, most int) []record.Picture {
	if most <= 0 {
		most = 500
	}
	chosen := map[int64]bool{}
	for _, p := range pairs {
		chosen[p.a], chosen[p.b] = true, true
	}
	var rest []int64
	for _, p := range v.Pictures.All() {
		if !chosen[p.ID] && !strings.HasPrefix(p.Source, record.ImportedSource("")) {
			rest = append(rest, p.ID)
		}
	}
	r := rand.New(rand.NewPCG(uint64(len(rest)), 13))
	r.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	for _, id := range rest[:max(0, min(most-len(chosen), len(rest)))] {
		chosen[id] = true
	}
	var out []record.Picture
	for i := range v.Pictures.Len() {
		if chosen[v.Pictures.ID(i)] {
			out = append(out, v.Pictures.At(i))
		}
	}
	return out
}

// lab embeds pictures as they are and changed.
type alteredEmbedder struct {
	c        *space.Collection
	changes  []alter.Change // the first changes nothing
	networks []*models.Network
	rowOf    map[int64]int   // picture → its row
	rows     [][][][]float32 // model, change, picture: the unit vector
}

func (l *alteredEmbedder) embed(ctx context.Context, pictures []record.Picture, progress func(done, total int), out *api.ContextReport) error {
	l.rowOf = map[int64]int{}
	l.rows = make([][][][]float32, len(l.networks))
	for m := range l.rows {
		l.rows[m] = make([][][]float32, len(l.changes))
	}
	for i, p := range pictures {
		vectors, err := l.embedOne(ctx, p)
		if errors.Is(err, errUnreadable) {
			out.Failed = append(out.Failed, api.Failure{Source: p.Source, Error: err.Error()})
		} else if err != nil {
			return err
		} else {
			l.rowOf[p.ID] = len(l.rowOf)
			for change, of := range vectors {
				for m, v := range of {
					l.rows[m][change] = append(l.rows[m][change], v)
				}
			}
		}
		if progress != nil {
			progress(i+1, len(pictures))
		}
	}
	return nil
}

// one gives a picture's vectors, by change and model.
func (l *alteredEmbedder) embedOne(ctx context.Context, p record.Picture) ([][][]float32, error) {
	data, err := source.Bytes(ctx, l.c.Client, p.Source)
	if err != nil {
		return nil, errors.Join(errUnreadable, err)
	}
	pic, _, err := picture.Decode(ctx, data, l.c.Engine.Limits())
	if err != nil {
		return nil, errors.Join(errUnreadable, err)
	}
	defer pic.Release()
	vectors := make([][][]float32, len(l.changes))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, l.networks[0].Device.Callers(l.c.Options.Threads)))
	for i, change := range l.changes {
		group.Go(func() (err error) {
			defer disk.Catch(&err)() // vectors are mapped
			changed := changedOn(pic, change.Apply)
			defer changed.release()
			for _, n := range l.networks {
				stage := n.Stage()
				pixels, unit := make([]float32, stage.Input), make([]float32, stage.Dim)
				stage.Prepare(changed.on(n.Background), pixels)
				if err := stage.Run(ctx, pixels, 1, unit); err != nil {
					return err
				}
				vector.Normalize(unit) // one without a direction scores 0 with all
				vectors[i] = append(vectors[i], unit)
			}
			return nil
		})
	}
	return vectors, group.Wait()
}

// rankAmong is the rank of row b among the neighbours of row a, from 1.
func rankAmong(rows [][]float32, a, b int) int {
	score, rank := vector.Dot(rows[a], rows[b]), 1
	for i, row := range rows {
		if i == a || i == b {
			continue
		}
		if s := vector.Dot(rows[a], row); s > score || s == score && i < b {
			rank++
		}
	}
	return rank
}
