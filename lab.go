package akin

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/akin-search/akin/internal/collection"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/insight"
	"github.com/akin-search/akin/internal/insight/alter"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/vector"
)

// ContextOptions say what to take away from pictures. The zero value takes away colour,
// background and lettering, each by itself, for all models that are here.
type ContextOptions struct {
	Models   []string
	Without  []string // of "colour", "background" and "lettering"
	Pictures int      // that pairs are ranked among, in larger collections; 0 means 500
	Progress func(done, total int)
}

// ContextPair is a pair and where it stands without something.
type ContextPair struct {
	A string `json:"a"`
	B string `json:"b"`
	// Ranks has, for each model, the ranks of both directions for each of Without, "" first.
	Ranks map[string]map[string][2]int `json:"ranks"`
}

// ContextReport is the answer to Context.
type ContextReport struct {
	Models   []string      `json:"models"`
	Without  []string      `json:"without"`  // "" first: the pictures as they are
	Pictures int           `json:"pictures"` // that pairs were ranked among
	Pairs    []ContextPair `json:"pairs"`
	Missing  []string      `json:"missing,omitempty"`
	Failed   []Failure     `json:"failed,omitempty"`
	Absent   []Failure     `json:"absent,omitempty"` // models that could not run, and why
}

// Context tells what holds pairs together: their ranks among pictures that all were changed alike, without
// colours, with blurred backgrounds, with covered lettering. A pair that stays near without
// is not near because of it.
func (c *Collection) Context(ctx context.Context, pairs []Pair, o ContextOptions) (ContextReport, error) {
	e, err := c.newEvaluator(ctx, EvaluateOptions{Models: o.Models})
	if err != nil {
		return ContextReport{}, err
	}
	defer e.close()
	out := ContextReport{Without: []string{""}, Pairs: []ContextPair{}}
	lab := lab{c: c, changes: []alter.Change{{Apply: nil}}}
	for _, change := range alter.Contexts() {
		if o.Without == nil || slices.Contains(o.Without, change.Name) {
			lab.changes = append(lab.changes, change)
			out.Without = append(out.Without, change.Name)
		}
	}
	for _, name := range o.Without {
		if !slices.Contains(out.Without, name) {
			return out, invalidf("context: %q cannot be taken away, only colour, background and lettering", name)
		}
	}
	for _, v := range e.fuser.views {
		n, err := c.modelOf(v.Space)
		if err != nil {
			out.Absent = append(out.Absent, Failure{Source: v.model, Error: err.Error()})
			continue
		}
		lab.networks = append(lab.networks, n)
		out.Models = append(out.Models, v.model)
	}
	if len(lab.networks) == 0 {
		return out, invalidf("context: no model of this collection can run here: %s", out.Absent[0].Error)
	}
	found, missing := e.findPairs(pairs)
	out.Missing = missing
	if len(found) == 0 {
		return out, fmt.Errorf("context: %w: no pair has both of its names in %s", ErrNotIndexed, c.path)
	}
	pictures := contextPictures(e.fuser.views[0], found, o.Pictures)
	if err := lab.embed(ctx, pictures, o.Progress, &out); err != nil {
		return out, err
	}
	out.Pictures = len(lab.at)
	for _, p := range found {
		a, okA := lab.at[p.a]
		b, okB := lab.at[p.b]
		if !okA || !okB {
			continue
		}
		pair := ContextPair{A: p.A, B: p.B, Ranks: map[string]map[string][2]int{}}
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
func contextPictures(v *view, pairs []foundPair, most int) []collection.Picture {
	if most <= 0 {
		most = 500
	}
	chosen := map[int64]bool{}
	for _, p := range pairs {
		chosen[p.a], chosen[p.b] = true, true
	}
	var rest []int64
	for _, p := range v.Pictures.All() {
		if !chosen[p.ID] && !strings.HasPrefix(p.Source, collection.ImportedSource("")) {
			rest = append(rest, p.ID)
		}
	}
	r := rand.New(rand.NewPCG(uint64(len(rest)), 13))
	r.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	for _, id := range rest[:max(0, min(most-len(chosen), len(rest)))] {
		chosen[id] = true
	}
	var out []collection.Picture
	for i := range v.Pictures.Len() {
		if chosen[v.Pictures.ID(i)] {
			out = append(out, v.Pictures.At(i))
		}
	}
	return out
}

// lab embeds pictures as they are and changed.
type lab struct {
	c        *Collection
	changes  []alter.Change // the first changes nothing
	networks []*network
	at       map[int64]int   // picture → its row
	rows     [][][][]float32 // model, change, picture: the unit vector
}

func (l *lab) embed(ctx context.Context, pictures []collection.Picture, progress func(done, total int), out *ContextReport) error {
	l.at = map[int64]int{}
	l.rows = make([][][][]float32, len(l.networks))
	for m := range l.rows {
		l.rows[m] = make([][][]float32, len(l.changes))
	}
	for i, p := range pictures {
		vectors, err := l.one(ctx, p)
		if errors.Is(err, errPicture) {
			out.Failed = append(out.Failed, Failure{Source: p.Source, Error: err.Error()})
		} else if err != nil {
			return err
		} else {
			l.at[p.ID] = len(l.at)
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
func (l *lab) one(ctx context.Context, p collection.Picture) ([][][]float32, error) {
	data, err := read(ctx, l.c.client, p.Source)
	if err != nil {
		return nil, errors.Join(errPicture, err)
	}
	pic, _, err := picture.Decode(ctx, data, l.c.engine.limits())
	if err != nil {
		return nil, errors.Join(errPicture, err)
	}
	defer pic.Release()
	vectors := make([][][]float32, len(l.changes))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, l.networks[0].device.Callers(l.c.options.Threads)))
	for i, change := range l.changes {
		group.Go(func() (err error) {
			defer disk.Catch(&err)() // vectors are mapped
			changed := changedOn(pic, change.Apply)
			defer changed.release()
			for _, n := range l.networks {
				stage := n.stage()
				pixels, unit := make([]float32, stage.Input), make([]float32, stage.Dim)
				stage.Prepare(changed.on(n.background), pixels)
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

// Near is the geometric mean of the ranks of one entry of ContextPair.Ranks.
func (p ContextPair) Near(model, without string) float64 {
	return insight.NearRank(p.Ranks[model][without])
}
