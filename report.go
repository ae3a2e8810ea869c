package akin

import (
	"context"
	"io"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/parts"
	"github.com/akin-search/akin/internal/report"
)

// Advise orders the models of the collection by how well they find pairs or groups that belong
// together. Without pairs or labels it measures steadiness: how often a picture that was cropped,
// shrunk, compressed, mirrored, lightened or darkened still finds its original. Steadiness does not
// measure whether a model agrees with people about what is similar.
func (c *Collection) Advise(ctx context.Context, o api.AdviceOptions) (api.Advice, error) {
	return report.Advise(ctx, c.c, o)
}

// Bench searches for pictures of the collection, drawn at random with a fixed seed, by a plain scan
// and with the compact copy, and measures latency, throughput and recall against the plain scan.
func (c *Collection) Bench(ctx context.Context, o api.BenchOptions) (api.BenchReport, error) {
	return report.Bench(ctx, c.c, o)
}

// Bias orders pairs by how many times nearer models trained on language place them than models
// trained on pictures alone: where meaning counts for more than looks. Without pairs it takes all
// pairs of the collection, or of a sample of 1500 of its pictures.
func (c *Collection) Bias(ctx context.Context, pairs []api.Pair, o api.BiasOptions) (api.Bias, error) {
	return report.Bias(ctx, c.c, pairs, o)
}

// Disagree returns where each model's first hits of a query rank in the other models. It ignores
// o.Fusion.
func (c *Collection) Disagree(ctx context.Context, q api.Query, o api.CompareOptions) (api.Disagreement, error) {
	return report.Disagree(ctx, c.c, q, o)
}

// DisagreeAll measures how far the models of a collection agree on nearest neighbours, and returns
// the pictures on which they agree least.
func (c *Collection) DisagreeAll(ctx context.Context, o api.DisagreeOptions) (api.CollectionDisagreement, error) {
	return report.DisagreeAll(ctx, c.c, o)
}

// ReadLabels reads labels from a table: a name and its group a row, or the columns that a row of
// titles names.
func ReadLabels(r io.Reader) ([]api.Label, error) {
	return report.ReadLabels(r)
}

// ReadPairs reads pairs from a table: two or more names a row, which give all pairs of the row.
// Blank lines, lines that begin with # and a row of titles are skipped; the titles can name the
// columns that hold names.
func ReadPairs(r io.Reader) ([]api.Pair, error) {
	return report.ReadPairs(r)
}

// Evaluate returns, for each model and for their fusion, the rank of the two pictures of each pair
// among each other's neighbours. Pairs with a name that the collection does not have are skipped, and the
// names reported.
func (c *Collection) Evaluate(ctx context.Context, pairs []api.Pair, o api.EvaluateOptions) (api.Evaluation, error) {
	return report.Evaluate(ctx, c.c, pairs, o)
}

// EvaluateGroups queries with every labelled picture for the others of its group, in each model and
// in their fusion.
func (c *Collection) EvaluateGroups(ctx context.Context, labels []api.Label, o api.EvaluateOptions) (api.GroupEvaluation, error) {
	return report.EvaluateGroups(ctx, c.c, labels, o)
}

// ReadTriplets reads triplets from a table with the columns ref, left and right, and share (of the people who preferred right)
// or choice (left, right, neither, both, same). undecided counts the answers that prefer neither picture; they are left out.
func ReadTriplets(r io.Reader) (triplets []api.Triplet, undecided int, err error) {
	return report.ReadTriplets(r)
}

// EvaluateTriplets returns how often each model answers as people do which of two pictures is more like a third, by the
// two-alternative forced choice score. Triplets with a name that the collection does not have are skipped, and the names
// reported. No names mean all models.
func (c *Collection) EvaluateTriplets(ctx context.Context, triplets []api.Triplet, names []string) (api.TripletEvaluation, error) {
	return report.EvaluateTriplets(ctx, c.c, triplets, names)
}

// LearnFusion learns a weight for each model from pairs, for fusion by scores, and measures the
// gain by cross-validation.
func (c *Collection) LearnFusion(ctx context.Context, pairs []api.Pair, names []string) (api.LearnedFusion, error) {
	return report.LearnFusion(ctx, c.c, pairs, names)
}

// Explain returns the regions of two pictures that contribute to their score. Each of a and b is a
// query of one picture: Indexed, LikeBytes, Address or Like, which may be cropped.
func (c *Collection) Explain(ctx context.Context, a, b api.Query, o api.ExplainOptions) (api.Explanation, error) {
	return report.Explain(ctx, c.c, a, b, o)
}

// Explain returns the regions of two pictures, files or addresses, that contribute to their score.
// progress may be nil; it is called for models that take many runs.
func (m *Model) Explain(ctx context.Context, a, b string, progress func(done, total int)) (api.Explanation, error) {
	return report.ExplainFiles(ctx, m.c, a, b, progress)
}

// Match returns the parts of one picture that another one shows, each with its place in both and the number of matches of its
// quality that are expected by chance. Each picture is a file or an address. Nothing is returned that is not proven: keypoints of
// both agree with one transform, and so do the pixels wherever the pictures lie on one another, or in a photograph that is a part of
// each.
func Match(ctx context.Context, a, b string, m api.MatchOptions, o Options) (api.Matching, error) {
	return parts.MatchFiles(ctx, a, b, m, models.Options(o))
}

// Match is the package's Match for a collection's pictures. Each of a and b is a query of one picture: Indexed, LikeBytes, Address or
// Like, which may be cropped.
func (c *Collection) Match(ctx context.Context, a, b api.Query, m api.MatchOptions) (api.Matching, error) {
	return parts.Match(ctx, c.c, a, b, m)
}

// Context measures what brings pairs together: their ranks after a cue, such as colour, was removed from all
// pictures. That cue does not explain a pair that stays close.
func (c *Collection) Context(ctx context.Context, pairs []api.Pair, o api.ContextOptions) (api.ContextReport, error) {
	return report.Context(ctx, c.c, pairs, o)
}

// Map lays all pictures out in two dimensions, similar ones together: UMAP (McInnes, Healy and
// Melville 2018) over each picture's exact nearest neighbours in each model, by cosine distance. The
// fuzzy graphs of several models are averaged: the weight of a pair is its mean over the models that
// have embedded both.
//
// Positions are stored in the collection's folder. Later pictures are placed among their neighbours
// and the earlier ones do not move, unless more are new than old, or o.Fresh is set. Pictures
// with equal embeddings share a position.
//
// Clusters are found on the map by HDBSCAN (Campello, Moulavi and Sander 2013). The result depends on
// the collection and the options, not on the number of threads. A collection without embeddings of a
// model is an ErrNoSpace; one whose pictures were all removed has an empty map.
func (c *Collection) Map(ctx context.Context, o api.MapOptions) (api.Map, error) {
	return report.Map(ctx, c.c, o)
}

// StoredMap returns the map that Map has stored for the same options, without laying anything out. Pictures that were
// embedded since are not on it, and are counted in Unplaced. found is false where nothing is stored, or most pictures are
// new: then Map makes it.
func (c *Collection) StoredMap(ctx context.Context, o api.MapOptions) (m api.Map, found bool, err error) {
	return report.StoredMap(ctx, c.c, o)
}

// Alter reads a picture and changes it as Probe or Context does. pixels are (height, width, 3) RGB. The
// change "" returns the picture as it is.
func Alter(ctx context.Context, from, change string, o Options) (width, height int, pixels []byte, err error) {
	return report.Alter(ctx, from, change, models.Options(o))
}

// Probe changes pictures of the collection in controlled ways and measures how far each model's
// embedding moves: which changes the model is invariant to, and which it is sensitive to. It needs
// the pictures' files, and the models that made the embeddings.
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
