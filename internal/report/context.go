package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight/alter"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/vector"
)

// Context measures what brings pairs together: their ranks after a cue, such as colour, was removed from all
// pictures. That cue does not explain a pair that stays close.
func Context(ctx context.Context, c *space.Collection, pairs []api.Pair, o api.ContextOptions) (api.ContextReport, error) {
	e, err := newEvaluator(ctx, c, api.EvaluateOptions{Models: o.Models})
	if err != nil {
		return api.ContextReport{}, err
	}
	defer e.close()
	out := api.ContextReport{Pairs: []api.ContextPair{}}
	changes, err := contextChanges(o.Without)
	if err != nil {
		return out, err
	}
	for _, c := range changes {
		out.Without = append(out.Without, c.Name)
	}
	embedder, skipped, err := newAlteredEmbedder(c, e.fuser.Spaces, changes, "context")
	out.Skipped, out.Absent = skipped, skipped
	if err != nil {
		return out, err
	}
	for _, v := range embedder.spaces {
		out.Models = append(out.Models, v.Model)
	}
	found, missing := e.findPairs(pairs)
	out.Missing = missing
	if len(found) == 0 {
		return out, fmt.Errorf("context: %w: no pair has both of its names in %s", record.ErrNotIndexed, c.Location)
	}
	vectors := newContextVectors(len(embedder.networks), len(changes))
	pictures := contextPictures(e.fuser.Spaces[0], found, o.Pictures)
	for i, p := range pictures {
		if err := vectors.add(ctx, embedder, p); errors.Is(err, errPicture) {
			out.Failed = append(out.Failed, api.Failure{Source: p.Source, Error: err.Error()})
		} else if err != nil {
			return out, err
		}
		if o.Progress != nil {
			o.Progress(i+1, len(pictures))
		}
	}
	out.Pictures = len(vectors.at)
	for _, p := range found {
		if ranks, ok := vectors.ranks(p.a, p.b, out.Models, out.Without); ok {
			out.Pairs = append(out.Pairs, api.ContextPair{A: p.A, B: p.B, Ranks: ranks})
		}
	}
	if len(out.Pairs) == 0 {
		return out, fmt.Errorf("context: no pair has two pictures that can be read: %s", out.Failed[0].Error)
	}
	return out, nil
}

// contextChanges returns no change, and then those of that name; nil means all.
func contextChanges(names []string) ([]alter.Change, error) {
	changes := []alter.Change{{}}
	for _, c := range alter.Contexts() {
		if names == nil || slices.Contains(names, c.Name) {
			changes = append(changes, c)
		}
	}
	known := alter.ContextNames()
	for _, name := range names {
		if name != "" && !slices.Contains(known, name) {
			return nil, api.Invalidf("context: %q cannot be removed, only %s", name, strings.Join(known, ", "))
		}
	}
	return changes, nil
}

// contextPictures returns the pictures of the pairs, and a sample of others to rank them among.
func contextPictures(v *space.Space, pairs []foundPair, most int) []record.Picture {
	most = cmp.Or(max(most, 0), 500)
	chosen := map[int64]bool{}
	for _, p := range pairs {
		chosen[p.a], chosen[p.b] = true, true
	}
	var rest []int64
	for _, p := range v.Pictures.All() {
		if !chosen[p.ID] && !record.IsImported(p.Source) {
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

// contextVectors holds the embeddings of pictures, as they are and changed.
type contextVectors struct {
	at   map[int64]int   // picture → its index in the rows
	rows [][][][]float32 // model, change, picture: the unit vector, or zeros
}

func newContextVectors(models, changes int) *contextVectors {
	v := &contextVectors{at: map[int64]int{}, rows: make([][][][]float32, models)}
	for m := range v.rows {
		v.rows[m] = make([][][]float32, changes)
	}
	return v
}

// add embeds a picture. One that cannot be read is not added.
func (v *contextVectors) add(ctx context.Context, e *alteredEmbedder, p record.Picture) error {
	units := make([][][]float32, len(v.rows))
	for m := range units {
		units[m] = make([][]float32, len(e.changes))
	}
	err := e.embed(ctx, p, func(_ context.Context, change, model int, unit []float32, _ bool) error {
		units[model][change] = unit // zeros score 0 with all
		return nil
	})
	if err != nil {
		return err
	}
	v.at[p.ID] = len(v.at)
	for m, of := range units {
		for change, unit := range of {
			v.rows[m][change] = append(v.rows[m][change], unit)
		}
	}
	return nil
}

// ranks returns a pair's ranks by model and change; ok is false if either picture was not added.
func (v *contextVectors) ranks(a, b int64, models, changes []string) (ranks map[string]map[string][2]int, ok bool) {
	i, okA := v.at[a]
	j, okB := v.at[b]
	if !okA || !okB {
		return nil, false
	}
	ranks = map[string]map[string][2]int{}
	for m, model := range models {
		ranks[model] = map[string][2]int{}
		for k, change := range changes {
			rows := v.rows[m][k]
			ranks[model][change] = [2]int{rankAmong(rows, i, j), rankAmong(rows, j, i)}
		}
	}
	return ranks, true
}

// rankAmong returns the rank of row b among the neighbours of row a, from 1. Ties go to the first row.
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
