// Package layout places similar items close together in two dimensions: UMAP (McInnes, Healy and Melville,
// "UMAP: Uniform Manifold Approximation and Projection for Dimension Reduction", 2018) over given nearest
// neighbours. It also finds the clusters of such a map.
//
// A layout depends only on its input and seed, not on the number of threads.
package layout

import (
	"context"
	"math"
	"runtime"
	"sync"
)

// Point is a position on the map.
type Point [2]float32

// Neighbor is one of an item's nearest neighbours.
type Neighbor struct {
	Item     int
	Distance float32 // not negative
}

// Options are the parameters of a layout. The zero value means UMAP's defaults.
type Options struct {
	Seed    uint64
	Epochs  int     // 0 means 500, and 200 for more than 10 000 items
	MinDist float64 // the least distance of items; 0 means 0.1
	Spread  float64 // the scale of the map; 0 means 1
	Threads int     // 0 means GOMAXPROCS
	// Progress is called after each epoch; it may be nil.
	Progress func(done, total int)
}

const (
	// negatives is the number of negative samples for each attraction: items that repel.
	negatives = 5
	// blocks of an epoch are computed in turn. Items of one block move at the same time, without
	// seeing each other move, so that the result does not depend on the threads that share it.
	blocks = 32
	// minParallel is how many items a block must have for threads to pay off.
	minParallel = 512
	// farthest is the largest step of one attraction or repulsion.
	farthest = 4
)

func (o Options) filled(items int) Options {
	if o.Epochs <= 0 {
		o.Epochs = 500
		if items > 10000 {
			o.Epochs = 200
		}
	}
	if o.MinDist <= 0 {
		o.MinDist = 0.1
	}
	if o.Spread <= 0 {
		o.Spread = 1
	}
	o.Threads = Threads(o.Threads)
	return o
}

// Threads returns the number of threads that n means: 0 is GOMAXPROCS.
func Threads(n int) int {
	if n <= 0 {
		return runtime.GOMAXPROCS(0)
	}
	return n
}

// Lay moves items from their start positions until neighbours in the graph are close and others are not. It
// modifies start and returns it.
func Lay(ctx context.Context, g *Graph, start []Point, o Options) ([]Point, error) {
	n := len(start)
	if n < 2 {
		return start, ctx.Err()
	}
	o = o.filled(n)
	spreadOut(start, o.Seed)
	s := descent{g: g, at: start, others: start, order: shuffled(n, o.Seed), force: newForce(o), seed: o.Seed}
	return start, s.run(ctx, o)
}

// Place finds positions for new items among old ones, which do not move. Each new item has its nearest old
// ones, as for NewGraph, in one space or several; an item without any is placed in the middle of the map.
// New items do not affect each other.
func Place(ctx context.Context, old []Point, spaces [][][]Neighbor, o Options) ([]Point, error) {
	o = o.filled(len(old))
	o.Epochs = max(1, o.Epochs/3) // as UMAP's transform
	g := directed(spaces[0])
	for _, neighbors := range spaces[1:] {
		g = merge(g, directed(neighbors), func(a, b float32) float32 { return a + b })
	}
	at := make([]Point, g.Items())
	for i := range at {
		var sum [3]float64
		for e := g.start[i]; e < g.start[i+1]; e++ {
			w, p := float64(g.weight[e]), old[g.to[e]]
			sum[0], sum[1], sum[2] = sum[0]+w*float64(p[0]), sum[1]+w*float64(p[1]), sum[2]+w
		}
		if sum[2] > 0 {
			at[i] = Point{float32(sum[0] / sum[2]), float32(sum[1] / sum[2])}
		} else {
			at[i] = middle(old)
		}
	}
	if len(old) == 0 || len(at) == 0 {
		return at, ctx.Err()
	}
	s := descent{g: g, at: at, others: old, order: shuffled(len(at), o.Seed), force: newForce(o), seed: o.Seed, rate: 0.25}
	return at, s.run(ctx, o)
}

func middle(points []Point) (m Point) {
	for _, p := range points {
		m[0] += p[0] / float32(len(points))
		m[1] += p[1] / float32(len(points))
	}
	return m
}

// descent is a stochastic gradient descent on UMAP's cross entropy.
type descent struct {
	g      *Graph
	at     []Point // the items that move
	others []Point // the targets of the graph's edges; at itself in Lay
	order  []int32
	force  *force
	seed   uint64
	rate   float32 // of the first epoch; 0 means 1
}

func (s *descent) run(ctx context.Context, o Options) error {
	most := float32(0)
	for _, w := range s.g.weight {
		most = max(most, w)
	}
	if most == 0 {
		return ctx.Err()
	}
	if s.rate == 0 {
		s.rate = 1
	}
	// An edge is sampled in a share of the epochs: its weight relative to the largest.
	share := make([]float32, len(s.g.weight))
	for e, w := range s.g.weight {
		share[e] = w / most
	}
	n := len(s.at)
	moved := make([]Point, (n+blocks-1)/blocks)
	for epoch := range o.Epochs {
		if err := ctx.Err(); err != nil {
			return err
		}
		step := s.rate * (1 - float32(epoch)/float32(o.Epochs))
		for b := range blocks {
			block := s.order[b*n/blocks : (b+1)*n/blocks]
			moved = moved[:len(block)]
			inParallel(len(block), o.Threads, func(from, to int) {
				for k := from; k < to; k++ {
					moved[k] = s.move(int(block[k]), epoch, step, share)
				}
			})
			for k, i := range block {
				s.at[i] = moved[k]
			}
		}
		if o.Progress != nil {
			o.Progress(epoch+1, o.Epochs)
		}
	}
	return nil
}

// inParallel divides 0…n-1 among threads, in consecutive runs.
func inParallel(n, threads int, do func(from, to int)) {
	if n < minParallel || threads < 2 {
		do(0, n)
		return
	}
	var wait sync.WaitGroup
	for t := range threads {
		wait.Go(func() { do(t*n/threads, (t+1)*n/threads) })
	}
	wait.Wait()
}

// move returns the position of an item after an epoch.
func (s *descent) move(i, epoch int, step float32, share []float32) Point {
	p := s.at[i]
	self := -1
	pulls := 1
	if &s.at[0] == &s.others[0] {
		// UMAP moves both ends of an edge, and has each edge in both directions. Here only the
		// item itself is moved, so twice.
		self, pulls = i, 2
	}
	random := stream(s.seed ^ uint64(epoch)<<32 ^ uint64(i))
	for e := s.g.start[i]; e < s.g.start[i+1]; e++ {
		if int(share[e]*float32(epoch+1)) == int(share[e]*float32(epoch)) {
			continue
		}
		q := s.others[s.g.to[e]]
		for range pulls {
			p = s.force.pull(p, q, step)
		}
		for range negatives {
			j := int(random.next() % uint64(len(s.others)))
			if j != self {
				p = s.force.push(p, s.others[j], step)
			}
		}
	}
	return p
}

// spreadOut centres start positions, scales them to 10 on the longer side as UMAP does, and adds noise, so
// that equal points separate.
func spreadOut(points []Point, seed uint64) {
	m := middle(points)
	most := float32(0)
	for i := range points {
		for d := range points[i] {
			if points[i][d] -= m[d]; math.IsNaN(float64(points[i][d])) || math.IsInf(float64(points[i][d]), 0) {
				points[i][d] = 0
			}
			most = max(most, points[i][d], -points[i][d])
		}
	}
	scale := float32(1)
	if most > 0 {
		scale = 10 / most
	}
	for i := range points {
		random := stream(seed + 0x5eed<<40 + uint64(i))
		for d := range points[i] {
			points[i][d] = scale*points[i][d] + 0.01*(random.unit()-0.5)
		}
	}
}

// stream is SplitMix64, a random number generator that can start from any state.
type stream uint64

func (s *stream) next() uint64 {
	*s += 0x9e3779b97f4a7c15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// unit returns a number in [0, 1).
func (s *stream) unit() float32 { return float32(s.next()>>40) / (1 << 24) }

func shuffled(n int, seed uint64) []int32 {
	order := make([]int32, n)
	random := stream(seed ^ 0xdea1)
	for i := range order {
		j := int(random.next() % uint64(i+1))
		order[i], order[j] = order[j], int32(i)
	}
	return order
}
