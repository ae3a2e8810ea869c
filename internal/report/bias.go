package report

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
)

// biasModels bounds how many models are split into two kinds: a split is a bit mask.
const biasModels = 16

// Bias orders pairs by how many times nearer models trained on language place them than models
// trained on pictures alone: where meaning counts for more than looks. Without pairs it takes all
// pairs of the collection, or of a sample of 1500 of its pictures.
func Bias(ctx context.Context, c *space.Collection, pairs []api.Pair, o api.BiasOptions) (api.Bias, error) {
	e, err := newEvaluator(ctx, c, api.EvaluateOptions{Models: o.Models})
	if err != nil {
		return api.Bias{}, err
	}
	defer e.close()
	out := api.Bias{Pairs: []api.BiasPair{}, Language: []string{}, Visual: []string{}}
	kinds, err := splitByLanguage(e.models()[:len(e.fuser.Spaces)], o.Language)
	out.Language, out.Visual = kinds.names(1), kinds.names(0)
	if err != nil {
		return out, err
	}
	all, err := rankAllPairs(ctx, e.fuser.Spaces, o.Progress, c.Options.Threads)
	if err != nil {
		return out, err
	}
	out.Pictures, out.Sample = len(all.ids), all.sample
	b := biasMeasure{kinds: kinds, null: insight.NewGapNull(all.near, len(kinds.models), kinds.language)}
	if pairs == nil {
		for _, i := range all.widest(kinds.language, cmp.Or(max(0, o.Top), 20)) {
			x, y := all.pair(i)
			out.Pairs = append(out.Pairs, b.of(all.name(x), all.name(y), all.ranksOf(x, y), 1))
		}
		return out, nil
	}
	found, missing := e.findPairs(pairs)
	out.Missing = missing
	for _, p := range found {
		ranks, among, lacking, err := e.ranksOf(ctx, p, kinds.models)
		if err != nil {
			return out, err
		}
		if lacking != "" {
			out.Missing = append(out.Missing, fmt.Sprintf("%s – %s in %s", p.A, p.B, lacking))
			continue
		}
		share := min(1, float64(len(all.ids)-1)/float64(max(1, among)))
		out.Pairs = append(out.Pairs, b.of(p.A, p.B, ranks, share))
	}
	if len(out.Pairs) == 0 {
		return out, fmt.Errorf("bias: %w: no pair has both of its names, with all models, in %s", record.ErrNotIndexed, c.Location)
	}
	slices.SortStableFunc(out.Pairs, func(a, b api.BiasPair) int { return cmp.Compare(b.Ratio, a.Ratio) })
	return out, nil
}

// kinds splits models into those trained on language and the others.
type kinds struct {
	models   []string
	language uint // a bit for each model that was
}

// splitByLanguage splits by the names that the caller lists, or else by what the model catalogue
// knows.
func splitByLanguage(models, language []string) (kinds, error) {
	k := kinds{models: models}
	for _, name := range language {
		if !slices.Contains(models, name) {
			return k, fmt.Errorf("bias: %w: %q; there are %s", api.ErrNoSpace, name, strings.Join(models, ", "))
		}
	}
	if len(models) > biasModels {
		return k, api.Invalidf("bias: %d models are more than %d", len(models), biasModels)
	}
	for m, name := range models {
		if len(language) > 0 && slices.Contains(language, name) || len(language) == 0 && model.TrainedOnLanguage(name) {
			k.language |= 1 << m
		}
	}
	if k.language == 0 || k.language == 1<<len(models)-1 {
		return k, &api.NeedsBothKindsError{Models: models}
	}
	return k, nil
}

// names returns the models of one kind: 1 is language.
func (k kinds) names(kind uint) []string {
	names := []string{}
	for m, name := range k.models {
		if k.language>>m&1 == kind {
			names = append(names, name)
		}
	}
	return names
}

// biasMeasure turns the ranks of a pair into its bias.
type biasMeasure struct {
	kinds
	null *insight.GapNull
}

// of measures a pair by the ranks of both directions in each model. share is the fraction of the
// ranked pictures that the null distribution was measured on.
func (b biasMeasure) of(nameA, nameB string, ranks [][2]int, share float64) api.BiasPair {
	p := api.BiasPair{A: nameA, B: nameB, Ranks: map[string][2]int{}}
	near, among := make([]float64, len(ranks)), make([]float64, len(ranks))
	sums, counts := [2]float64{}, [2]float64{}
	for m, r := range ranks {
		p.Ranks[b.models[m]] = r
		near[m], among[m] = math.Log2(insight.NearRank(r)), math.Log2(insight.NearRankAmong(r, share))
		kind := b.language >> m & 1
		sums[kind] += near[m]
		counts[kind]++
	}
	p.Language, p.Visual = math.Exp2(sums[1]/counts[1]), math.Exp2(sums[0]/counts[0])
	p.Ratio = math.Exp2(insight.Gap(near, b.language))
	gap := insight.Gap(among, b.language)
	p.Chance, p.FDR = b.null.Share(gap), b.null.FDR(gap)
	p.Times, p.False = p.Ratio, p.FDR
	return p
}

// ranksOf returns the ranks of both directions of a pair in each model, and among how many pictures
// they are; or the first model that lacks an embedding of either.
func (e *evaluator) ranksOf(ctx context.Context, p foundPair, models []string) (ranks [][2]int, among int, lacking string, err error) {
	ab, err := e.single(ctx, p.a)
	if err != nil {
		return nil, 0, "", err
	}
	ba, err := e.single(ctx, p.b)
	if err != nil {
		return nil, 0, "", err
	}
	for m := range models {
		r := [2]int{ab[m].RankOf(p.b), ba[m].RankOf(p.a)}
		if r[0] == 0 || r[1] == 0 {
			return nil, 0, models[m], nil
		}
		ranks = append(ranks, r)
	}
	return ranks, len(ab[0]), "", nil
}
