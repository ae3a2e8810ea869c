package layout

import (
	"cmp"
	"math"
	"slices"
)

// Graph is a weighted similarity graph: item i's edges are start[i] to start[i+1], sorted by target.
type Graph struct {
	start  []int
	to     []int32
	weight []float32 // membership, in 0…1
}

// Items returns the number of items.
func (g *Graph) Items() int { return len(g.start) - 1 }

// Edges calls f with each edge of an item and its weight.
func (g *Graph) Edges(item int, f func(to int, weight float32)) {
	for e := g.start[item]; e < g.start[item+1]; e++ {
		f(int(g.to[e]), g.weight[e])
	}
}

// NewGraph returns UMAP's fuzzy simplicial set: each item's nearest neighbours, nearest first, become
// memberships that fall with distance on the item's own scale, and the two directions of a pair are merged
// by fuzzy union, a + b - ab. The neighbours do not include the item itself, which UMAP counts: its
// n_neighbors is one more.
func NewGraph(neighbors [][]Neighbor) *Graph { return union(directed(neighbors)) }

// directed returns each item's memberships, before the union.
func directed(neighbors [][]Neighbor) *Graph {
	total, count := 0.0, 0
	for _, near := range neighbors {
		for _, n := range near {
			total += float64(n.Distance)
		}
		count += len(near) + 1 // the item itself, at 0
	}
	overall := total / float64(max(count, 1))
	g := &Graph{start: make([]int, 1, len(neighbors)+1)}
	for _, near := range neighbors {
		rho, sigma := smooth(near, overall)
		from := len(g.to)
		for _, n := range near {
			w := 1.0
			if d := float64(n.Distance) - rho; d > 0 && sigma > 0 {
				w = math.Exp(-d / sigma)
			}
			g.to, g.weight = append(g.to, int32(n.Item)), append(g.weight, float32(w))
		}
		sortEdges(g.to[from:], g.weight[from:])
		g.start = append(g.start, len(g.to))
	}
	return g
}

func sortEdges(to []int32, weight []float32) {
	type edge struct {
		to     int32
		weight float32
	}
	edges := make([]edge, len(to))
	for i := range to {
		edges[i] = edge{to[i], weight[i]}
	}
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Compare(a.to, b.to) })
	for i, e := range edges {
		to[i], weight[i] = e.to, e.weight
	}
}

// smooth finds an item's own scale: rho, the distance to its nearest neighbour at a distance above 0, and
// sigma, such that the memberships sum to log2 of the number of neighbours, counting the item itself.
func smooth(near []Neighbor, overall float64) (rho, sigma float64) {
	mean := 0.0
	for _, n := range near {
		d := float64(n.Distance)
		mean += d
		if rho == 0 && d > 0 {
			rho = d
		}
	}
	mean /= float64(len(near) + 1)
	target := math.Log2(float64(len(near) + 1))
	low, high := 0.0, math.Inf(1)
	sigma = 1
	for range 64 {
		sum := 0.0
		for _, n := range near {
			if d := float64(n.Distance) - rho; d > 0 {
				sum += math.Exp(-d / sigma)
			} else {
				sum++
			}
		}
		if math.Abs(sum-target) < 1e-5 {
			break
		}
		if sum > target {
			high = sigma
			sigma = (low + high) / 2
		} else if low = sigma; math.IsInf(high, 1) {
			sigma *= 2
		} else {
			sigma = (low + high) / 2
		}
	}
	// The scale is at least a thousandth of the mean distance.
	if rho > 0 {
		return rho, max(sigma, 1e-3*mean)
	}
	return rho, max(sigma, 1e-3*overall)
}

// union makes a graph symmetric, by fuzzy union.
func union(g *Graph) *Graph {
	return merge(g, transposed(g), func(a, b float32) float32 { return a + b - a*b })
}

// transposed reverses all edges.
func transposed(g *Graph) *Graph {
	n := g.Items()
	t := &Graph{start: make([]int, n+1), to: make([]int32, len(g.to)), weight: make([]float32, len(g.to))}
	for _, j := range g.to {
		t.start[j+1]++
	}
	for i := range n {
		t.start[i+1] += t.start[i]
	}
	next := slices.Clone(t.start)
	for i := range n {
		for e := g.start[i]; e < g.start[i+1]; e++ {
			at := &next[g.to[e]]
			t.to[*at], t.weight[*at] = int32(i), g.weight[e]
			*at++
		}
	}
	return t
}

// merge combines two graphs; an edge that one of them lacks has weight 0 there.
func merge(a, b *Graph, weigh func(a, b float32) float32) *Graph {
	m := &Graph{start: make([]int, 1, len(a.start)), to: make([]int32, 0, len(a.to)), weight: make([]float32, 0, len(a.to))}
	for i := range a.Items() {
		x, y := a.start[i], b.start[i]
		for x < a.start[i+1] || y < b.start[i+1] {
			var wa, wb float32
			to := int32(math.MaxInt32)
			if x < a.start[i+1] {
				to = a.to[x]
			}
			if y < b.start[i+1] {
				to = min(to, b.to[y])
			}
			if x < a.start[i+1] && a.to[x] == to {
				wa = a.weight[x]
				x++
			}
			if y < b.start[i+1] && b.to[y] == to {
				wb = b.weight[y]
				y++
			}
			m.to, m.weight = append(m.to, to), append(m.weight, weigh(wa, wb))
		}
		m.start = append(m.start, len(m.to))
	}
	return m
}

// Mean fuses graphs of the same items: the weight of an edge is its mean over the graphs in which both of its
// items have any edge. So a pair that all models find similar has the largest weight, and a
// picture that one model lacks is at no disadvantage.
func Mean(graphs []*Graph) *Graph {
	if len(graphs) == 1 {
		return graphs[0]
	}
	sum := graphs[0]
	for _, g := range graphs[1:] {
		sum = merge(sum, g, func(a, b float32) float32 { return a + b })
	}
	has := func(g *Graph, i int) bool { return g.start[i] < g.start[i+1] }
	for i := range sum.Items() {
		for e := sum.start[i]; e < sum.start[i+1]; e++ {
			count := 0
			for _, g := range graphs {
				if has(g, i) && has(g, int(sum.to[e])) {
					count++
				}
			}
			sum.weight[e] /= float32(max(count, 1))
		}
	}
	return sum
}
