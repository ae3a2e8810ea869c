package layout

import (
	"context"
	"math"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/simd"
)

const (
	// rounds of the power iteration. Axes that it cannot separate are equally good.
	rounds = 24
	// diffusions bring neighbours together that the two principal axes separate.
	diffusions = 12
)

// Start returns the start positions of items: their two principal components, repeatedly averaged over their
// neighbours. That approximates the slowest diffusion on the graph, UMAP's spectral start. Unlike that, it
// needs no eigensolver, and it places the components of a disconnected graph relative to each other.
//
// row returns item i's vector, of length dim, the same at each call; nil for an item without one.
//
// Kobak and Linderman, "Initialization is critical for preserving global data structure
// in both t-SNE and UMAP", 2021.
func Start(ctx context.Context, g *Graph, dim int, row func(item int) []float32, o Options) ([]Point, error) {
	n := g.Items()
	o = o.filled(n)
	points := make([]Point, n)
	if n == 0 || dim == 0 {
		return points, ctx.Err()
	}
	p := &principal{n: n, dim: dim, row: row, threads: o.Threads, middle: make([]float32, dim)}
	p.findMiddle()
	random := stream(o.Seed + 1)
	axes := [2][]float32{make([]float32, dim), make([]float32, dim)}
	for _, axis := range axes {
		for i := range axis {
			axis[i] = random.unit() - 0.5
		}
	}
	orthonormal(axes)
	for range rounds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p.project(axes, points)
		axes = p.back(points)
		orthonormal(axes)
	}
	p.project(axes, points)
	for range diffusions {
		points = diffuse(g, points)
	}
	return points, ctx.Err()
}

// principal is a power iteration over rows that are not copied.
type principal struct {
	n, dim  int
	row     func(int) []float32
	middle  []float32
	threads int
}

// shares is the number of partial sums. It is fixed, so that the order of summation, and with it the rounding,
// does not depend on the threads.
const shares = 16

func (p *principal) sums(width int, add func(i int, row []float32, sums []float64)) []float64 {
	var parts [shares][]float64
	for s := range parts {
		parts[s] = make([]float64, width)
	}
	Share(shares, p.threads, func(s int) {
		for i := s * p.n / shares; i < (s+1)*p.n/shares; i++ {
			if row := p.row(i); row != nil {
				add(i, row, parts[s])
			}
		}
	})
	for _, part := range parts[1:] {
		for i, v := range part {
			parts[0][i] += v
		}
	}
	return parts[0]
}

func (p *principal) findMiddle() {
	sum := p.sums(p.dim+1, func(_ int, row []float32, sums []float64) {
		for d, v := range row {
			sums[d] += float64(v)
		}
		sums[p.dim]++
	})
	for d := range p.middle {
		p.middle[d] = float32(sum[d] / max(sum[p.dim], 1))
	}
}

// project computes every item's coordinates on two axes.
func (p *principal) project(axes [2][]float32, out []Point) {
	off := Point{simd.Dot(p.middle, axes[0]), simd.Dot(p.middle, axes[1])}
	Share(shares, p.threads, func(s int) {
		for i := s * p.n / shares; i < (s+1)*p.n/shares; i++ {
			out[i] = Point{}
			if row := p.row(i); row != nil {
				out[i] = Point{simd.Dot(row, axes[0]) - off[0], simd.Dot(row, axes[1]) - off[1]}
			}
		}
	})
}

// back returns, for each axis, the sum of the rows, each times its coordinate.
func (p *principal) back(points []Point) (axes [2][]float32) {
	sum := p.sums(2*p.dim, func(i int, row []float32, sums []float64) {
		x, y := points[i][0], points[i][1]
		first, second := sums[:p.dim], sums[p.dim:]
		for d, v := range row {
			v -= p.middle[d]
			first[d] += float64(x * v)
			second[d] += float64(y * v)
		}
	})
	for a := range axes {
		axes[a] = make([]float32, p.dim)
		for d := range axes[a] {
			axes[a][d] = float32(sum[a*p.dim+d])
		}
	}
	return axes
}

// orthonormal makes two axes orthogonal and of unit length; a zero axis stays zero.
func orthonormal(axes [2][]float32) {
	for a, axis := range axes {
		for b := range a {
			var dot float64
			for i, v := range axis {
				dot += float64(v) * float64(axes[b][i])
			}
			for i := range axis {
				axis[i] -= float32(dot) * axes[b][i]
			}
		}
		var length float64
		for _, v := range axis {
			length += float64(v) * float64(v)
		}
		if length = math.Sqrt(length); length > 1e-20 {
			for i := range axis {
				axis[i] = float32(float64(axis[i]) / length)
			}
		} else {
			clear(axis)
		}
	}
}

// diffuse moves every item halfway to the weighted mean of its neighbours.
func diffuse(g *Graph, points []Point) []Point {
	out := make([]Point, len(points))
	for i, p := range points {
		var x, y, sum float32
		g.Edges(i, func(to int, w float32) {
			x, y, sum = x+w*points[to][0], y+w*points[to][1], sum+w
		})
		if out[i] = p; sum > 0 {
			out[i] = Point{(p[0] + x/sum) / 2, (p[1] + y/sum) / 2}
		}
	}
	return out
}

// Share calls do with each of 0…n-1, on that many threads.
func Share(n, threads int, do func(i int)) {
	var wait disk.Group // of goroutines that may read mapped vectors
	for t := range min(n, threads) {
		wait.Go(func() {
			for i := t; i < n; i += min(n, threads) {
				do(i)
			}
		})
	}
	wait.Wait()
}
