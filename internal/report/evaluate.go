package report

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/fusion"
	"github.com/akin-search/akin/internal/insight"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
)

// ReadPairs reads pairs from a table: two or more names a row, which give all pairs of the row.
// Blank lines, lines that begin with # and a row of titles are skipped; the titles can name the
// columns that hold names.
func ReadPairs(r io.Reader) ([]api.Pair, error) { return insight.ReadPairs(r) }

// ReadLabels reads labels from a table: a name and its group a row, or the columns that a row of
// titles names.
func ReadLabels(r io.Reader) ([]api.Label, error) { return insight.ReadLabels(r) }

// Evaluate returns, for each model and for their fusion, the rank of the two pictures of each pair
// among each other's neighbours. Pairs with a name that the collection does not have are skipped, and the
// names reported.
func Evaluate(ctx context.Context, c *space.Collection, pairs []api.Pair, o api.EvaluateOptions) (api.Evaluation, error) {
	e, err := newEvaluator(ctx, c, o)
	if err != nil {
		return api.Evaluation{}, err
	}
	defer e.close()
	out := api.Evaluation{Pairs: []api.PairRanks{}, Summary: map[string]api.Summary{}, Models: e.models(), Tests: []api.PairedTest{}}
	found, missing := e.findPairs(pairs)
	out.Missing = missing
	ranks := map[string][]insight.Ranks{}
	rows := map[int]bool{}
	var queries []fusion.RankQuery
	at := map[int64]int{}
	ask := func(query, other int64) (i, which int) {
		i, ok := at[query]
		if !ok {
			i = len(queries)
			at[query], queries = i, append(queries, fusion.RankQuery{Picture: query})
		}
		queries[i].Others = append(queries[i].Others, other)
		return i, len(queries[i].Others) - 1
	}
	type answer struct{ query, which int }
	var answers [][2]answer
	for _, p := range found {
		i, which := ask(p.a, p.b)
		j, other := ask(p.b, p.a)
		answers = append(answers, [2]answer{{i, which}, {j, other}})
	}
	all, err := e.fuser.RanksOf(ctx, queries)
	if err != nil {
		return api.Evaluation{}, err
	}
	for i, p := range found {
		pr := api.PairRanks{A: p.A, B: p.B, Ranks: map[string][2]int{}}
		for m, model := range out.Models {
			ab, ba := answers[i][0], answers[i][1]
			r := [2]int{all[ab.query][m][ab.which], all[ba.query][m][ba.which]}
			if r[0] == 0 || r[1] == 0 {
				continue // one of the two has no embedding of this model
			}
			pr.Ranks[model] = r
			ranks[model] = append(ranks[model], insight.Ranks{Rank: r, Row: p.Row})
		}
		rows[p.Row] = true
		out.Pairs = append(out.Pairs, pr)
	}
	if len(out.Pairs) == 0 {
		return out, fmt.Errorf("evaluate: %w: no pair has both of its names in %s", record.ErrNotIndexed, c.Location)
	}
	out.Rows = len(rows)
	for _, model := range out.Models {
		out.Summary[model] = insight.Summarize(ranks[model])
	}
	out.Tests = compareAll(out.Models, func(a, b string) (float64, float64, bool) {
		comparable := len(ranks[a]) == len(out.Pairs) && len(ranks[b]) == len(out.Pairs)
		if !comparable {
			return 0, 0, false
		}
		return out.Summary[a].MRR - out.Summary[b].MRR, insight.ComparePairs(ranks[a], ranks[b]), true
	})
	var units [][][]float64
	for _, model := range out.Models {
		if len(ranks[model]) != len(out.Pairs) {
			return out, nil // they have not all of the pairs, so they cannot be compared
		}
		units = append(units, insight.ByRow(ranks[model]))
	}
	out.HeldOut = insight.HeldOut(out.Models, units)
	return out, nil
}

// compareAll tests each two models, and corrects the p-values for their number.
func compareAll(models []string, test func(a, b string) (difference, p float64, ok bool)) []api.PairedTest {
	tests := []api.PairedTest{}
	var p []float64
	for i, a := range models {
		for _, b := range models[i+1:] {
			if difference, pValue, ok := test(a, b); ok {
				tests = append(tests, api.PairedTest{A: a, B: b, Difference: difference, P: pValue})
				p = append(p, pValue)
			}
		}
	}
	for i, corrected := range insight.Holm(p) {
		tests[i].Corrected = corrected
	}
	return tests
}

// EvaluateGroups queries with every labelled picture for the others of its group, in each model and
// in their fusion.
func EvaluateGroups(ctx context.Context, c *space.Collection, labels []api.Label, o api.EvaluateOptions) (api.GroupEvaluation, error) {
	e, err := newEvaluator(ctx, c, o)
	if err != nil {
		return api.GroupEvaluation{}, err
	}
	defer e.close()
	out := api.GroupEvaluation{Models: e.models(), Summary: map[string]api.GroupSummary{}, Tests: []api.PairedTest{}}
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
		return out, fmt.Errorf("evaluate: %w: none of the labelled names is in %s", record.ErrNotIndexed, c.Location)
	}
	var queries []fusion.RankQuery
	for _, q := range insight.Queries(groups) {
		others := make([]int64, len(q.Others))
		for i, item := range q.Others {
			others[i] = int64(item)
		}
		queries = append(queries, fusion.RankQuery{Picture: int64(q.Item), Others: others})
	}
	ranks, err := e.fuser.RanksOf(ctx, queries)
	if err != nil {
		return api.GroupEvaluation{}, err
	}
	for m, model := range out.Models {
		out.Summary[model] = insight.EvaluateGroups(groups, func(i int) []int { return ranks[i][m] })
	}
	out.Tests = compareAll(out.Models, func(a, b string) (float64, float64, bool) {
		return out.Summary[a].MAP - out.Summary[b].MAP, insight.CompareGroups(out.Summary[a], out.Summary[b]), true
	})
	var units [][][]float64
	for _, model := range out.Models {
		units = append(units, out.Summary[model].PerGroup)
	}
	out.HeldOut = insight.HeldOut(out.Models, units)
	return out, nil
}

// LearnFusion learns a weight for each model from pairs, for fusion by scores, and measures the
// gain by cross-validation.
func LearnFusion(ctx context.Context, c *space.Collection, pairs []api.Pair, models []string) (api.LearnedFusion, error) {
	e, err := newEvaluator(ctx, c, api.EvaluateOptions{Models: models, Fusion: api.Fusion{Method: api.FuseScores}})
	if err != nil {
		return api.LearnedFusion{}, err
	}
	defer e.close()
	out := api.LearnedFusion{Single: map[string]api.Summary{}}
	for _, v := range e.fuser.Spaces {
		out.Models = append(out.Models, v.Model)
	}
	if len(out.Models) < 2 {
		return out, &api.NeedsTwoModelsError{Doing: "learn weights", Model: out.Models[0]}
	}
	found, missing := e.findPairs(pairs)
	out.Missing = missing
	var examples []insight.Example
	for _, p := range found {
		for _, way := range [][2]int64{{p.a, p.b}, {p.b, p.a}} {
			example, ok, err := e.example(ctx, way[0], way[1])
			if err != nil {
				return out, err
			}
			if ok {
				example.Row = p.Row
				examples = append(examples, example)
			}
		}
	}
	if len(examples) == 0 {
		return out, fmt.Errorf("learn weights: %w: no pair has both of its names, with all models, in %s", record.ErrNotIndexed, c.Location)
	}
	n := len(out.Models)
	equal := make([]float64, n)
	for m, model := range out.Models {
		alone := make([]float64, n)
		alone[m], equal[m] = 1, 1
		out.Single[model] = summarizeExamples(examples, insight.RanksUnder(examples, alone))
	}
	weights := insight.LearnWeights(examples, n)
	out.Equal = summarizeExamples(examples, insight.RanksUnder(examples, equal))
	out.Trained = summarizeExamples(examples, insight.RanksUnder(examples, weights))
	out.CrossValidated = summarizeExamples(examples, insight.CrossValidate(examples, n))
	out.Fusion = api.Fusion{Method: api.FuseScores, Weights: map[string]float64{}}
	for m, model := range out.Models {
		out.Fusion.Weights[model] = weights[m]
	}
	return out, nil
}

// summarizeExamples summarizes the ranks of examples, of which each two in a row are the directions of one pair.
func summarizeExamples(examples []insight.Example, ranks []int) api.Summary {
	var pairs []insight.Ranks
	for i := 0; i+1 < len(ranks); i += 2 {
		pairs = append(pairs, insight.Ranks{Rank: [2]int{ranks[i], ranks[i+1]}, Row: examples[i].Row})
	}
	return insight.Summarize(pairs)
}

// evaluator ranks pictures in the spaces of several models.
type evaluator struct{ fuser *fusion.Fuser }

func newEvaluator(ctx context.Context, c *space.Collection, o api.EvaluateOptions) (*evaluator, error) {
	views, err := c.OpenSpaces(ctx, o.Models)
	if err != nil {
		return nil, err
	}
	f, err := fusion.New(views, o.Fusion, c.Options.Threads)
	if err != nil {
		space.CloseSpaces(views)
		return nil, err
	}
	return &evaluator{f}, nil
}

func (e *evaluator) close() { space.CloseSpaces(e.fuser.Spaces) }

// models names the rankings: the models, and "fused" if there are several.
func (e *evaluator) models() []string {
	var names []string
	for _, v := range e.fuser.Spaces {
		names = append(names, v.Model)
	}
	if len(names) > 1 {
		names = append(names, api.Fused)
	}
	return names
}

func (e *evaluator) find(name string) (int64, error) {
	var err error
	for _, v := range e.fuser.Spaces {
		p, notFound := v.Lookup(name) // Find also looks for the nearest names, which takes long for a list of thousands
		if notFound == nil {
			return p.ID, nil
		}
		err = notFound
	}
	return 0, err
}

// foundPair is a pair whose pictures are in the collection.
type foundPair struct {
	api.Pair
	a, b int64
}

// findPairs finds the pictures of pairs, and returns the names that the collection does not have.
func (e *evaluator) findPairs(pairs []api.Pair) (found []foundPair, missing []string) {
	for i, p := range pairs {
		a, errA := e.find(p.A)
		b, errB := e.find(p.B)
		if errA != nil && !slices.Contains(missing, p.A) {
			missing = append(missing, p.A)
		}
		if errB != nil && !slices.Contains(missing, p.B) {
			missing = append(missing, p.B)
		}
		if errA != nil || errB != nil {
			continue
		}
		if p.Row == 0 { // not from a list: each pair is a row of its own
			p.Row = -1 - i
		}
		found = append(found, foundPair{p, a, b})
	}
	return found, missing
}

// single ranks all pictures for one query in each model. A model that lacks the query has nil.
func (e *evaluator) single(ctx context.Context, query int64) ([]fusion.Ranking, error) {
	var lists []fusion.Ranking
	for _, v := range e.fuser.Spaces {
		row, ok := v.RowOf(query)
		if !ok {
			lists = append(lists, nil)
			continue
		}
		r, err := fusion.Rank(ctx, v, v.Matrix.Row(row), map[int64]bool{query: true}, space.Filtered{}, e.fuser.Threads)
		if err != nil {
			return nil, err
		}
		lists = append(lists, r)
	}
	return lists, nil
}

// candidates is how many pictures of each model's ranking weights are learned from.
const candidates = 500

// example makes a training example of a query and its right answer. ok is false if a model lacks either.
func (e *evaluator) example(ctx context.Context, query, right int64) (out insight.Example, ok bool, err error) {
	lists, err := e.single(ctx, query)
	if err != nil {
		return out, false, err
	}
	_, index := fusion.NumberPictures(lists)
	scores, err := e.fuser.StandardScores(ctx, lists, index)
	if err != nil {
		return out, false, err
	}
	chosen := map[int64]bool{right: true}
	for _, r := range lists {
		for _, s := range r[:min(candidates, len(r))] {
			chosen[s.ID] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(chosen)) {
		of := make([]float64, len(lists))
		whole := true
		for m := range lists {
			at, known := index[id]
			if !known {
				return out, false, nil
			}
			of[m] = scores[m][at]
			whole = whole && !math.IsNaN(of[m])
		}
		if id == right {
			if !whole {
				return out, false, nil
			}
			out.Right = len(out.Scores)
		}
		if whole {
			out.Scores = append(out.Scores, of)
		}
	}
	return out, true, nil
}
