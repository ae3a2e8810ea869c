package akin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"

	"github.com/akin-search/akin/internal/insight"
	"github.com/akin-search/akin/internal/vector"
)

// Fused is the name of the row that is made of all models' rankings, by
// reciprocal rank fusion.
const Fused = "fused"

// CompareOptions narrow a comparison. The zero value compares all models of the
// collection, ten hits each.
type CompareOptions struct {
	Filter
	Models      []string
	Top         int  // hits a row; 0 means 10
	All         bool // every picture in every row
	IncludeSelf bool
}

// Compare answers a query with every model, side by side, and with all of them
// fused.
func (c *Collection) Compare(ctx context.Context, q Query, o CompareOptions) (Comparison, error) {
	if len(o.Models) == 0 && len(c.options.Models) == 0 && q.hasText() {
		var err error
		if o.Models, err = c.readers(ctx); err != nil {
			return Comparison{}, err
		}
	}
	views, err := c.views(ctx, o.Models)
	if err != nil {
		return Comparison{}, err
	}
	defer closeViews(views)
	q = slices.Clone(q)
	out := Comparison{Query: q}
	var rankings []ranking
	nothing := 0 // models that the filter leaves nothing of
	for _, v := range views {
		keep, err := v.keep(ctx, o.Filter)
		if errors.Is(err, ErrNothingLeft) && nothing < len(views)-1 {
			nothing++
			keep = kept{rows: make(bitmap, len(v.Keep)), pictures: make(bitmap, (v.Pictures.Len()+63)/64)}
		} else if err != nil {
			return Comparison{}, err
		} else {
			out.Missing = keep.missing
		}
		t, err := c.target(ctx, v, q)
		if err != nil {
			return Comparison{}, fmt.Errorf("compare with %s: %w", v.model, err)
		}
		hits, err := v.search(ctx, t, keep, SearchOptions{Top: o.Top, All: o.All, IncludeSelf: o.IncludeSelf}, c.options.Threads)
		if err != nil {
			return Comparison{}, err
		}
		out.Rows = append(out.Rows, Row{Model: v.model, Hits: hits})
		self := t.self
		if o.IncludeSelf {
			self = nil
		}
		r, err := v.rank(ctx, t.vector, self, keep, c.options.Threads)
		if err != nil {
			return Comparison{}, err
		}
		rankings = append(rankings, r)
	}
	out.Rows = append(out.Rows, Row{Model: Fused, Hits: c.fuse(views, rankings, views[0].top(o.Top, o.All))})
	out.Overlap = overlap(out.Rows)
	return out, nil
}

// ranking is every picture of a space, best first, by picture id.
type ranking []int64

// rank orders all pictures of the space by their score to the query.
func (v *view) rank(ctx context.Context, q []float32, self map[int64]bool, keep kept, threads int) (ranking, error) {
	scores, err := vector.Scores(ctx, v.Matrix, q, threads)
	if err != nil {
		return nil, err
	}
	type scored struct {
		id    int64
		score float32
	}
	var all []scored
	for row, score := range scores {
		for i := range v.Of(row) {
			if id := v.Pictures.ID(i); !self[id] && keep.has(i) {
				all = append(all, scored{id, score})
			}
		}
	}
	sort.Slice(all, func(i, j int) bool {
		if all[i].score != all[j].score {
			return all[i].score > all[j].score
		}
		return all[i].id < all[j].id
	})
	out := make(ranking, len(all))
	for i, s := range all {
		out[i] = s.id
	}
	return out, nil
}

// fuseRankings gives picture ids by reciprocal rank fusion, with their scores.
func fuseRankings(rankings []ranking) (ids []int64, scores []float64) {
	index := map[int64]int{}
	for _, r := range rankings {
		for _, id := range r {
			if _, ok := index[id]; !ok {
				index[id] = 0
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids) // ties are ordered by id
	for i, id := range ids {
		index[id] = i
	}
	lists := make([]insight.Ranking, len(rankings))
	for i, r := range rankings {
		lists[i] = make(insight.Ranking, len(r))
		for j, id := range r {
			lists[i][j] = index[id]
		}
	}
	fused := insight.Fuse(lists, nil, len(ids))
	ordered := make([]int64, len(fused))
	scores = make([]float64, len(fused))
	for i, f := range fused {
		ordered[i], scores[i] = ids[f.Item], f.Score
	}
	return ordered, scores
}

func (c *Collection) fuse(views []*view, rankings []ranking, top int) []Hit {
	ids, scores := fuseRankings(rankings)
	hits := []Hit{}
	for i, id := range ids[:min(top, len(ids))] {
		for _, v := range views {
			if p, ok := v.Picture(id); ok {
				hits = append(hits, Hit{Rank: i + 1, Name: p.Name, Source: p.Source, Score: scores[i], Chance: -1, id: id})
				break
			}
		}
	}
	return hits
}

// overlap is the share of hits that each two rows have in common.
func overlap(rows []Row) [][]float64 {
	out := make([][]float64, len(rows))
	for i, a := range rows {
		out[i] = make([]float64, len(rows))
		names := map[int64]bool{}
		for _, h := range a.Hits {
			names[h.id] = true
		}
		for j, b := range rows {
			common := 0
			for _, h := range b.Hits {
				if names[h.id] {
					common++
				}
			}
			if n := max(len(a.Hits), len(b.Hits)); n > 0 {
				out[i][j] = float64(common) / float64(n)
			}
		}
	}
	return out
}

// Summary sums up where the pairs stand; both directions count, each as one
// query.
type Summary = insight.Summary

// GroupSummary sums up how well a model finds the members of labelled groups.
type GroupSummary = insight.GroupSummary

// Pair is two pictures, by name, that belong together.
type Pair = insight.Pair

// ReadPairs reads pairs from CSV: two or more names a row, all pairs of the row;
// blank lines and lines that begin with # are left out, and so is a header a,b.
func ReadPairs(r io.Reader) ([]Pair, error) { return insight.ReadPairs(r) }

// Evaluate tells, for each model and for their fusion, where the two pictures of
// each pair stand among each other's neighbours. Pairs with a name that is not
// in the collection are left out and the names listed. No models means all.
func (c *Collection) Evaluate(ctx context.Context, pairs []Pair, models []string) (Evaluation, error) {
	views, err := c.views(ctx, models)
	if err != nil {
		return Evaluation{}, err
	}
	defer closeViews(views)
	out := Evaluation{Pairs: []PairRanks{}, Summary: map[string]Summary{}}
	e := evaluator{views: views, threads: c.options.Threads, known: map[int64][]ranking{}}
	out.Models = e.models()
	missing := map[string]bool{}
	ranks := map[string][][2]int{}
	for _, p := range pairs {
		a, errA := e.find(p.A)
		b, errB := e.find(p.B)
		for _, m := range []struct {
			name string
			err  error
		}{{p.A, errA}, {p.B, errB}} {
			if m.err != nil && !missing[m.name] {
				missing[m.name] = true
				out.Missing = append(out.Missing, m.name)
			}
		}
		if errA != nil || errB != nil {
			continue
		}
		ab, err := e.rankings(ctx, a)
		if err != nil {
			return Evaluation{}, err
		}
		ba, err := e.rankings(ctx, b)
		if err != nil {
			return Evaluation{}, err
		}
		pr := PairRanks{A: p.A, B: p.B, Ranks: map[string][2]int{}}
		for i, model := range out.Models {
			r := [2]int{ab[i].rankOf(b), ba[i].rankOf(a)}
			if r[0] == 0 || r[1] == 0 {
				continue // one of the two has no embedding of this model
			}
			pr.Ranks[model] = r
			ranks[model] = append(ranks[model], r)
		}
		out.Pairs = append(out.Pairs, pr)
	}
	if len(out.Pairs) == 0 {
		return out, fmt.Errorf("evaluate: %w: no pair has both of its names in %s", ErrNotIndexed, c.path)
	}
	for _, model := range out.Models {
		out.Summary[model] = insight.Summarize(ranks[model])
	}
	return out, nil
}

// Label is a picture's name and the group it belongs to.
type Label = insight.Label

// ReadLabels reads labels from CSV, a name and its group a row.
func ReadLabels(r io.Reader) ([]Label, error) { return insight.ReadLabels(r) }

// EvaluateGroups lets every labelled picture query for the others of its group, in
// each model and in their fusion. No models means all.
func (c *Collection) EvaluateGroups(ctx context.Context, labels []Label, models []string) (GroupEvaluation, error) {
	views, err := c.views(ctx, models)
	if err != nil {
		return GroupEvaluation{}, err
	}
	defer closeViews(views)
	e := evaluator{views: views, threads: c.options.Threads, known: map[int64][]ranking{}}
	out := GroupEvaluation{Models: e.models(), Summary: map[string]GroupSummary{}}
	at := map[string]int{}
	var groups []insight.Group
	for _, l := range labels {
		id, err := e.find(l.Name)
		if err != nil {
			out.Missing = append(out.Missing, l.Name)
			continue
		}
		if _, ok := at[l.Group]; !ok {
			at[l.Group] = len(groups)
			groups = append(groups, insight.Group{Name: l.Group})
		}
		g := &groups[at[l.Group]]
		g.Members = append(g.Members, int(id))
	}
	if out.Groups = len(groups); out.Groups == 0 {
		return out, fmt.Errorf("evaluate: %w: none of the labelled names is in %s", ErrNotIndexed, c.path)
	}
	for i, model := range out.Models {
		out.Summary[model] = insight.EvaluateGroups(func(query int) []int {
			lists, rankErr := e.rankings(ctx, int64(query))
			if rankErr != nil {
				err = rankErr
				return nil
			}
			items := make([]int, len(lists[i]))
			for j, id := range lists[i] {
				items[j] = int(id)
			}
			return items
		}, groups)
		if err != nil {
			return GroupEvaluation{}, err
		}
	}
	return out, nil
}

// evaluator keeps the rankings that were made, by query.
type evaluator struct {
	views   []*view
	threads int
	known   map[int64][]ranking // query → a ranking a model, the fused one last
}

// models names the rankings: the views' models, and their fusion when there are
// several.
func (e *evaluator) models() []string {
	var names []string
	for _, v := range e.views {
		names = append(names, v.model)
	}
	if len(names) > 1 {
		names = append(names, Fused)
	}
	return names
}

func (e *evaluator) find(name string) (int64, error) {
	var err error
	for _, v := range e.views {
		p, notFound := v.Find(name)
		if notFound == nil {
			return p.ID, nil
		}
		err = notFound
	}
	return 0, err
}

// rankings orders all pictures for one query, in the order of models.
func (e *evaluator) rankings(ctx context.Context, query int64) ([]ranking, error) {
	if known, ok := e.known[query]; ok {
		return known, nil
	}
	var lists []ranking
	for _, v := range e.views {
		row, ok := v.rowOf(query)
		if !ok {
			lists = append(lists, nil)
			continue
		}
		r, err := v.rank(ctx, v.Matrix.Row(row), map[int64]bool{query: true}, kept{}, e.threads)
		if err != nil {
			return nil, err
		}
		lists = append(lists, r)
	}
	if len(lists) > 1 {
		fused, _ := fuseRankings(lists)
		lists = append(lists, fused)
	}
	e.known[query] = lists
	return lists, nil
}

// rankOf is the rank of a picture, from 1; 0 when it is not among them.
func (r ranking) rankOf(id int64) int { return slices.Index(r, id) + 1 }
