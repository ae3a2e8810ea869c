package akin

import (
	"context"
	"io"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/report"
)

// Advise judges all models of the collection by pairs or groups that belong together, or
// else by how well they find pictures that were cropped, shrunk, compressed, mirrored, and made
// lighter or darker: that tells which model is steady, and not which one means what people mean.
func (c *Collection) Advise(ctx context.Context, o api.AdviceOptions) (api.Advice, error) {
	return report.Advise(ctx, c.c, o)
}

// Bench searches for pictures of the collection, drawn at random with a fixed seed, in all
// the ways that there are, and compares what is found with the plain scan.
func (c *Collection) Bench(ctx context.Context, o api.BenchOptions) (api.BenchReport, error) {
	return report.Bench(ctx, c.c, o)
}

// Bias ranks pairs by how many times nearer models that are trained on language hold them
// than models of looks alone: where meaning counts for more than looks. Without pairs
// these are all pairs of the collection, or of a sample of 1500 of its pictures.
func (c *Collection) Bias(ctx context.Context, pairs []api.Pair, o api.BiasOptions) (api.Bias, error) {
	return report.Bias(ctx, c.c, pairs, o)
}

// Disagree tells of a query where each model's hits stand in the others. Of o, Fusion has no
// meaning here.
func (c *Collection) Disagree(ctx context.Context, q api.Query, o api.CompareOptions) (api.Disagreement, error) {
	return report.Disagree(ctx, c.c, q, o)
}

// DisagreeAll tells how much the models of a collection agree, and on which of its pictures they
// do so the least.
func (c *Collection) DisagreeAll(ctx context.Context, o api.DisagreeOptions) (api.CollectionDisagreement, error) {
	return report.DisagreeAll(ctx, c.c, o)
}

// ReadLabels reads labels from a table, a name and its group a row, or the columns that a
// row of titles says.
func ReadLabels(r io.Reader) ([]api.Label, error) {
	return report.ReadLabels(r)
}

// ReadPairs reads pairs from a table: two or more names a row, all pairs of the row;
// blank lines and lines that begin with # are left out, and so is a row of titles, which can tell
// which columns are names.
func ReadPairs(r io.Reader) ([]api.Pair, error) {
	return report.ReadPairs(r)
}

// Evaluate tells, for each model and for their fusion, where the two pictures of
// each pair stand among each other's neighbours. Pairs with a name that is not
// in the collection are left out and the names listed.
func (c *Collection) Evaluate(ctx context.Context, pairs []api.Pair, o api.EvaluateOptions) (api.Evaluation, error) {
	return report.Evaluate(ctx, c.c, pairs, o)
}

// EvaluateGroups lets every labelled picture query for the others of its group, in
// each model and in their fusion.
func (c *Collection) EvaluateGroups(ctx context.Context, labels []api.Label, o api.EvaluateOptions) (api.GroupEvaluation, error) {
	return report.EvaluateGroups(ctx, c.c, labels, o)
}

// LearnFusion learns from pairs how much each model should count when their scores are
// fused, and tells by cross-validation what that is worth. The method is "scores".
func (c *Collection) LearnFusion(ctx context.Context, pairs []api.Pair, names []string) (api.LearnedFusion, error) {
	return report.LearnFusion(ctx, c.c, pairs, names)
}

// Explain tells which regions of two pictures make them alike. Each of a and b is a query
// of one picture: Indexed, LikeBytes, Address or Like, which may be cropped.
func (c *Collection) Explain(ctx context.Context, a, b api.Query, o api.ExplainOptions) (api.Explanation, error) {
	return report.Explain(ctx, c.c, a, b, o)
}

// Explain tells which regions of two pictures, files or addresses, make them alike. progress
// may be nil; it hears of models that are asked many times.
func (m *Model) Explain(ctx context.Context, a, b string, progress func(done, total int)) (api.Explanation, error) {
	return report.ExplainFiles(ctx, m.c, a, b, progress)
}

// Context tells what holds pairs together: their ranks among pictures that all were changed alike, without
// colours, with blurred backgrounds, with covered lettering. A pair that stays near without
// is not near because of it.
func (c *Collection) Context(ctx context.Context, pairs []api.Pair, o api.ContextOptions) (api.ContextReport, error) {
	return report.Context(ctx, c.c, pairs, o)
}

// Map lays all pictures out in two dimensions, those that look alike together: UMAP
// (McInnes, Healy and Melville 2018) over each picture's exact nearest, found in
// each model, with cosine distances. Of several models the fuzzy graphs are fused: the
// likeness of a pair is its mean over the models that have embedded both.
//
// Places are kept in the collection's folder. Pictures that come later are put among those
// that look like them, and the old ones stay where they are, unless more are new than
// old, or o.Fresh. Pictures of equal embeddings lie at one place.
//
// Clusters are those of HDBSCAN (Campello, Moulavi and Sander 2013) on the map. The answer
// depends on the collection and the options, not on the number of threads. A collection
// without embeddings of a model is ErrNoSpace; one whose pictures were all removed has an
// empty map.
func (c *Collection) Map(ctx context.Context, o api.MapOptions) (api.Map, error) {
	return report.Map(ctx, c.c, o)
}

// Alter reads a picture and changes it as Probe or Context does: pixels are (height, width, 3)
// RGB. "" changes nothing.
func Alter(ctx context.Context, from, change string, o Options) (width, height int, pixels []byte, err error) {
	return report.Alter(ctx, from, change, o)
}

// Probe changes pictures of the collection in controlled ways and tells how alike each model
// holds the result to what it was: what the model does not see, and what it looks at. It
// needs the pictures' files, and the models that the embeddings come from.
func (c *Collection) Probe(ctx context.Context, o api.ProbeOptions) (api.ProbeReport, error) {
	return report.Probe(ctx, c.c, o)
}

// HeatOverlay returns the picture of a heat map with its heat over it, (height, width, 3): the lighter, the more a
// region makes the two pictures alike. What the model does not see is hatched.
func HeatOverlay(h api.HeatMap) []byte {
	return report.Overlay(h)
}

// HeatLayers returns the picture of a heat map, (height, width, 3), and its heat alone, (height, width, 4) RGBA that is
// not premultiplied, with at most side pixels a side.
func HeatLayers(h api.HeatMap, side int) (width, height int, pixels, heat []byte) {
	return report.SmallHeat(h, side)
}
