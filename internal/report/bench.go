package report

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/simd"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/vector"
)

// Bench searches for pictures of the collection, drawn at random with a fixed seed, by a plain scan
// and with the compact copy, and measures latency, throughput and recall against the plain scan.
func Bench(ctx context.Context, c *space.Collection, o api.BenchOptions) (api.BenchReport, error) {
	v, err := c.OpenSpace(ctx, o.Model)
	if err != nil {
		return api.BenchReport{}, err
	}
	defer v.Close()
	b := bench{Space: v, threads: c.Options.Threads, top: o.Top}
	if b.top <= 0 {
		b.top = 10
	}
	if o.Queries <= 0 {
		o.Queries = 200
	}
	if o.Recall == 0 {
		o.Recall = 0.99
	}
	n := v.Matrix.Rows()
	if n == 0 {
		return api.BenchReport{}, errors.New("bench: the space has no rows")
	}
	r := rand.New(rand.NewPCG(uint64(n), 2))
	for range o.Queries {
		b.queries = append(b.queries, v.Matrix.Row(r.IntN(n)))
	}
	report := api.BenchReport{
		Model: v.Model, Rows: n, Dim: v.Matrix.Dim, Bytes: int64(4 * v.Matrix.Dim),
		Kernels: simd.Kernels(), Queries: len(b.queries), Top: b.top,
	}
	compact := 0 // bytes
	for _, k := range v.Matrix.Compact {
		if k != nil {
			compact += k.Bytes()
		}
	}
	report.Copy = float64(compact) / float64(n)
	plain := v.Matrix
	plain.Compact = nil
	type search struct {
		name   string
		matrix vector.Matrix
		recall float64
	}
	searches := []search{{"plain scan", plain, 1}} // first: the others are compared with it
	if compact > 0 {
		searches = append(searches, search{"exact", v.Matrix, 1}, search{"approximate", v.Matrix, o.Recall})
	}
	for _, s := range searches {
		one, err := b.oneByOne(ctx, s.name, s.matrix, s.recall)
		if err != nil {
			return report, err
		}
		batch, err := b.batched(ctx, s.name+", all at once", s.matrix, s.recall)
		if err != nil {
			return report, err
		}
		report.Runs = append(report.Runs, one, batch)
	}
	return report, nil
}

// bench holds the queries of one Bench, and their true hits.
type bench struct {
	*space.Space
	threads, top int
	queries      [][]float32
	truth        [][]vector.Hit // of the plain scan
}

func (b *bench) options(recall float64) vector.Options {
	return vector.Options{K: b.top, Keep: b.Keep, Tie: b.Tie, Threads: b.threads, Recall: recall}
}

// oneByOne searches with one query after another.
func (b *bench) oneByOne(ctx context.Context, name string, m vector.Matrix, recall float64) (api.BenchRun, error) {
	var times []float64
	found := make([][]vector.Hit, len(b.queries))
	all := 0.
	for i, q := range b.queries {
		started := time.Now()
		hits, err := vector.Search(ctx, m, q, b.options(recall))
		if err != nil {
			return api.BenchRun{}, err
		}
		took := time.Since(started).Seconds()
		found[i], times, all = hits, append(times, 1000*took), all+took
	}
	if b.truth == nil {
		b.truth = found
	}
	slices.Sort(times)
	return api.BenchRun{
		Name: name, P50: times[len(times)/2], P99: times[min(len(times)-1, len(times)*99/100)],
		Rate: float64(len(times)) / all, Recall: b.recall(found),
	}, nil
}

// batched searches with all queries in one call.
func (b *bench) batched(ctx context.Context, name string, m vector.Matrix, recall float64) (api.BenchRun, error) {
	qs := vector.Matrix{Dim: m.Dim, Parts: b.queries}
	started := time.Now()
	found, err := vector.SearchBatch(ctx, m, qs, b.options(recall))
	if err != nil {
		return api.BenchRun{}, err
	}
	return api.BenchRun{Name: name, Rate: float64(len(found)) / time.Since(started).Seconds(), Recall: b.recall(found)}, nil
}

// recall returns the fraction of the true hits that were found.
func (b *bench) recall(found [][]vector.Hit) float64 {
	hit, all := 0, 0
	for i, hits := range b.truth {
		rows := map[int]bool{}
		for _, h := range found[i] {
			rows[h.Row] = true
		}
		for _, h := range hits {
			if rows[h.Row] {
				hit++
			}
		}
		all += len(hits)
	}
	if all == 0 {
		return 1
	}
	return float64(hit) / float64(all)
}
