package vector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/akin-search/akin/internal/simd"
)

// naive is the definition of Search: score all, sort, cut.
func naive(m Matrix, q []float32, o Options) []Hit {
	hits := []Hit{}
	for i := range m.Rows() {
		s := simd.Dot(q, m.Row(i))
		if o.Keep != nil && o.Keep[i/64]>>(i%64)&1 == 0 || o.HasMin && s < o.MinScore || math.IsNaN(float64(s)) {
			continue
		}
		hits = append(hits, Hit{i, s})
	}
	slices.SortStableFunc(hits, func(a, b Hit) int {
		c := cmp.Compare(b.Score, a.Score)
		if c == 0 && o.Tie != nil {
			c = cmp.Compare(o.Tie[a.Row], o.Tie[b.Row])
		}
		return c
	})
	return hits[:min(len(hits), max(0, o.K))]
}

// tied makes rows among which many score the same: of few different values, or
// copies of each other, or zero.
func tied(r *rand.Rand, rows, dim int) []float32 {
	v := make([]float32, rows*dim)
	coarse := r.IntN(2) == 0
	for i := range v {
		v[i] = float32(r.IntN(3) - 1)
		if !coarse {
			v[i] = float32(r.NormFloat64())
		}
	}
	for i := range rows {
		row := v[i*dim : (i+1)*dim]
		switch from := r.IntN(rows); r.IntN(8) {
		case 0:
			clear(row)
		case 1, 2, 3:
			copy(row, v[from*dim:(from+1)*dim])
		}
	}
	return v
}

func TestSearchEqualsSortingAllScores(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	ctx := context.Background()
	for range 300 {
		dim, rows := 1+r.IntN(9), r.IntN(400)
		if r.IntN(10) == 0 {
			dim = 20_000 // a block is a row or two
			rows = r.IntN(8)
		}
		m := Matrix{Dim: dim}
		for left := rows; left > 0; {
			n := 1 + r.IntN(left)
			m.Parts = append(m.Parts, tied(r, n, dim), nil)
			left -= n
		}
		o := Options{K: r.IntN(rows + 5), Threads: r.IntN(4)}
		if r.IntN(2) == 0 {
			o.Keep = make([]uint64, (rows+63)/64)
			for i := range o.Keep {
				o.Keep[i] = []uint64{0, ^uint64(0), r.Uint64(), r.Uint64() & r.Uint64() & r.Uint64()}[r.IntN(4)]
			}
		}
		if r.IntN(2) == 0 {
			o.Tie = make([]int32, rows)
			for i := range o.Tie {
				o.Tie[i] = int32(r.IntN(rows) - rows/2)
			}
		}
		if r.IntN(2) == 0 {
			o.HasMin, o.MinScore = true, float32(r.IntN(5)-2)
		}
		qs := Matrix{Dim: dim, Parts: [][]float32{tied(r, r.IntN(3), dim), tied(r, r.IntN(80), dim)}}
		batch, err := SearchBatch(ctx, m, qs, o)
		if err != nil {
			t.Fatal(err)
		}
		if len(batch) != qs.Rows() {
			t.Fatalf("%d answers to %d queries", len(batch), qs.Rows())
		}
		for i, got := range batch {
			want := naive(m, qs.Row(i), o)
			what := fmt.Sprintf("query %d, %d x %d, K %d, min %v %v, keep %t, tie %t", i, rows, dim, o.K, o.HasMin, o.MinScore, o.Keep != nil, o.Tie != nil)
			if !slices.Equal(got, want) {
				t.Fatalf("%s: batch gave\n%v, want\n%v", what, got, want)
			}
			if i%16 > 0 {
				continue
			}
			if got, err = Search(ctx, m, qs.Row(i), o); err != nil || !slices.Equal(got, want) {
				t.Fatalf("%s: search gave\n%v (%v), want\n%v", what, got, err, want)
			}
			scores, err := Scores(ctx, m, qs.Row(i), o.Threads)
			if err != nil || len(scores) != rows {
				t.Fatalf("%s: %d scores, %v", what, len(scores), err)
			}
			for j, s := range scores {
				if s != simd.Dot(qs.Row(i), m.Row(j)) {
					t.Fatalf("%s: row %d scores %v", what, j, s)
				}
			}
		}
	}
}

func TestSearchOrdersTiesAtTheLastPlace(t *testing.T) {
	t.Parallel()
	// Scores with q = (1, 0): 0.6, 0.8, 0.6, 1, 0.6, 0.
	m := Matrix{Dim: 2, Parts: [][]float32{{0.6, 0.8, 0.8, 0.6, 0.6, -0.8}, {1, 0, 0.6, 0.8, 0, 0}}}
	for _, c := range []struct {
		why  string
		o    Options
		want []int
	}{
		{"the lower row is in", Options{K: 3}, []int{3, 1, 0}},
		{"the lower key is in", Options{K: 3, Tie: []int32{9, 8, 7, 6, 5, 4}}, []int{3, 1, 4}},
		{"equal keys fall back to rows", Options{K: 4, Tie: []int32{2, 1, 1, 1, 1, 1}}, []int{3, 1, 2, 4}},
		{"a row filtered out leaves its place to the next", Options{K: 3, Keep: []uint64{0b111100}}, []int{3, 2, 4}},
		{"bits past the last row mean nothing", Options{K: 9, Keep: []uint64{^uint64(0), ^uint64(0)}}, []int{3, 1, 0, 2, 4, 5}},
		{"a score equal to the least is in", Options{K: 9, HasMin: true, MinScore: 0.6}, []int{3, 1, 0, 2, 4}},
		{"a least score of zero leaves the zero vector in", Options{K: 9, HasMin: true}, []int{3, 1, 0, 2, 4, 5}},
		{"K beyond the rows gives all", Options{K: math.MaxInt}, []int{3, 1, 0, 2, 4, 5}},
		{"K of zero gives none", Options{}, nil},
		{"negative K gives none", Options{K: -1}, nil},
		{"nothing kept gives none", Options{K: 3, Keep: []uint64{0}}, nil},
		{"no score is high enough", Options{K: 3, HasMin: true, MinScore: 1.5}, nil},
	} {
		hits, err := Search(context.Background(), m, []float32{1, 0}, c.o)
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for _, h := range hits {
			got = append(got, h.Row)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.why, got, c.want)
		}
		if hits == nil {
			t.Errorf("%s: nil, not an empty list", c.why)
		}
	}
}

func TestSearchLeavesOutScoresThatAreNotNumbers(t *testing.T) {
	t.Parallel()
	nan := float32(math.NaN())
	m := Matrix{Dim: 1, Parts: [][]float32{{nan, 1, nan, 0.5, nan}}}
	hits, err := Search(context.Background(), m, []float32{1}, Options{K: 3})
	if err != nil || !slices.Equal(hits, []Hit{{1, 1}, {3, 0.5}}) {
		t.Errorf("got %v, %v", hits, err)
	}
}

func TestSearchInAnEmptyMatrixFindsNothing(t *testing.T) {
	t.Parallel()
	for _, m := range []Matrix{{}, {Dim: 3}, {Dim: 3, Parts: [][]float32{nil, {}}}} {
		hits, err := Search(context.Background(), m, []float32{1, 2, 3}, Options{K: 5})
		if err != nil || len(hits) > 0 {
			t.Errorf("%v: got %v, %v", m, hits, err)
		}
		batch, err := SearchBatch(context.Background(), m, Matrix{Dim: 3, Parts: [][]float32{{1, 2, 3, 4, 5, 6}}}, Options{K: 5})
		if err != nil || len(batch) != 2 || len(batch[0])+len(batch[1]) > 0 {
			t.Errorf("%v: got %v, %v", m, batch, err)
		}
		if m.Row(0) != nil || m.Rows() != 0 {
			t.Errorf("%v has rows", m)
		}
	}
	batch, err := SearchBatch(context.Background(), Matrix{Dim: 1, Parts: [][]float32{{1}}}, Matrix{}, Options{K: 5})
	if err != nil || len(batch) > 0 {
		t.Errorf("no queries: got %v, %v", batch, err)
	}
}

func TestSearchRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	ctx, m := context.Background(), Matrix{Dim: 2, Parts: [][]float32{{1, 0, 0, 1}}}
	for _, c := range []struct {
		why string
		m   Matrix
		q   []float32
		o   Options
	}{
		{"short query", m, []float32{1}, Options{K: 1}},
		{"long query", m, []float32{1, 2, 3}, Options{K: 1}},
		{"no query", m, nil, Options{K: 1}},
		{"half a row", Matrix{Dim: 2, Parts: [][]float32{{1, 0, 0}}}, []float32{1, 0}, Options{K: 1}},
		{"rows without values", Matrix{Parts: [][]float32{{1}}}, nil, Options{K: 1}},
		{"negative dimension", Matrix{Dim: -1, Parts: [][]float32{{1}}}, nil, Options{K: 1}},
		{"filter too short", m, []float32{1, 0}, Options{K: 1, Keep: []uint64{}}},
		{"too few tie keys", m, []float32{1, 0}, Options{K: 1, Tie: []int32{1}}},
	} {
		if hits, err := Search(ctx, c.m, c.q, c.o); err == nil {
			t.Errorf("%s: found %v", c.why, hits)
		}
		if _, err := SearchBatch(ctx, c.m, Matrix{Dim: len(c.q), Parts: [][]float32{c.q}}, c.o); err == nil && len(c.q) > 0 {
			t.Errorf("%s: the batch passed", c.why)
		}
	}
	if _, err := Scores(ctx, m, []float32{1}, 1); err == nil {
		t.Error("scores for a short query")
	}
	if _, err := SearchBatch(ctx, m, Matrix{Dim: 2, Parts: [][]float32{{1}}}, Options{K: 1}); err == nil {
		t.Error("half a query passed")
	}
}

// countdown ends after its Err has been asked n times.
type countdown struct {
	context.Context
	n int
}

func (c *countdown) Err() error {
	if c.n--; c.n < 0 {
		return context.Canceled
	}
	return nil
}

func TestSearchStopsBetweenBlocks(t *testing.T) {
	t.Parallel()
	m := Matrix{Dim: 1, Parts: [][]float32{make([]float32, 8*blockBytes/4)}}
	for n := range 8 {
		ctx := &countdown{context.Background(), n}
		if hits, err := Search(ctx, m, []float32{1}, Options{K: 1, Threads: 1}); !errors.Is(err, context.Canceled) {
			t.Errorf("asked %d times: %v, %v", n, hits, err)
		}
		if ctx.n < -2 {
			t.Errorf("asked %d times: went on for %d more", n, -ctx.n)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Scores(ctx, m, []float32{1}, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("scores: %v", err)
	}
	if _, err := SearchBatch(ctx, m, Matrix{Dim: 1, Parts: [][]float32{{1}}}, Options{K: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("batch: %v", err)
	}
}

func TestSearchLeavesTheMatrixAsItIs(t *testing.T) {
	t.Parallel()
	m := Matrix{Dim: 1, Parts: [][]float32{{1, 2}, {3}}}
	for range 2 {
		hits, err := Search(context.Background(), m, []float32{1}, Options{K: 3})
		if err != nil || !slices.Equal(hits, []Hit{{2, 3}, {1, 2}, {0, 1}}) {
			t.Fatalf("got %v, %v", hits, err)
		}
	}
}

func TestNormalize(t *testing.T) {
	t.Parallel()
	tiny, huge := float32(math.SmallestNonzeroFloat32), float32(math.MaxFloat32)
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct {
		why     string
		v, want []float32
		ok      bool
	}{
		{"3-4-5", []float32{3, -4}, []float32{0.6, -0.8}, true},
		{"squares that vanish in float32", []float32{0, tiny}, []float32{0, 1}, true},
		{"squares that overflow float32", []float32{-huge, 0}, []float32{-1, 0}, true},
		{"zero has no direction", []float32{0, 0}, []float32{0, 0}, false},
		{"nor has nothing", nil, nil, false},
		{"infinity", []float32{1, inf}, []float32{1, inf}, false},
		{"not a number", []float32{nan, 2}, []float32{nan, 2}, false},
	} {
		ok := Normalize(c.v)
		same := slices.EqualFunc(c.v, c.want, func(a, b float32) bool { return a == b || a != a && b != b })
		if ok != c.ok || !same {
			t.Errorf("%s: %t, %v", c.why, ok, c.v)
		}
	}
}

func unit(r *rand.Rand, rows, dim int) Matrix {
	v := make([]float32, rows*dim)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	for row := range slices.Chunk(v, dim) {
		Normalize(row)
	}
	return Matrix{Dim: dim, Parts: [][]float32{v}}
}

func BenchmarkSearch(b *testing.B) {
	const rows, dim, queries = 100_000, 768, 64
	r := rand.New(rand.NewPCG(3, 4))
	m, qs := unit(r, rows, dim), unit(r, queries, dim)
	for _, threads := range []int{1, 2} {
		o := Options{K: 10, Threads: threads}
		b.Run(fmt.Sprintf("one/threads=%d", threads), func(b *testing.B) {
			b.SetBytes(rows * dim * 4)
			for i := 0; b.Loop(); i++ {
				if _, err := Search(context.Background(), m, qs.Row(i%queries), o); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("batch/threads=%d", threads), func(b *testing.B) {
			for b.Loop() {
				if _, err := SearchBatch(context.Background(), m, qs, o); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N*queries), "ms/query")
		})
	}
}
