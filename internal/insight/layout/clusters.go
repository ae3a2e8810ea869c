package layout

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// Clusters finds the dense groups of a map by HDBSCAN. It returns each point's cluster, from 0, the largest
// first (of equally large ones, that with the first item), or -1 for none. least is the minimum cluster
// size, at least 2, and also the number of points, counting itself, that the density about a point is measured by.
//
// Clusters are found on the map, not among the embeddings, so that what is labelled a cluster also looks like
// one. Of up to 1500 points all pairs are considered; of more, each with its 32 nearest, and components that
// are then unconnected are joined by their nearest points.
//
// Campello, Moulavi and Sander, "Density-Based Clustering Based on Hierarchical Density Estimates", 2013.
// Clusters are chosen by excess of mass, as in scikit-learn's HDBSCAN, but one of more than half of all points is
// split if it has parts: on most maps the most stable cluster is nearly everything, which is of no use.
func Clusters(ctx context.Context, points []Point, least, threads int) ([]int, error) {
	return clusters(ctx, points, least, len(points)/2, threads)
}

func clusters(ctx context.Context, points []Point, least, most, threads int) ([]int, error) {
	n := len(points)
	labels := make([]int, n)
	for i := range labels {
		labels[i] = -1
	}
	least = max(least, 2)
	if n < least {
		return labels, ctx.Err()
	}
	k := 32
	if n <= 1500 {
		k = n - 1
	}
	near, err := nearOnMap(ctx, points, max(k, least-1), threads)
	if err != nil {
		return nil, err
	}
	core := make([]float64, n)
	for i := range core {
		core[i] = near[i][min(least-1, len(near[i]))-1].distance
	}
	var links []link
	for i := range near {
		for _, e := range near[i][:min(k, len(near[i]))] {
			links = append(links, link{min(i, e.item), max(i, e.item), max(e.distance, core[i], core[e.item])})
		}
	}
	tree := spanning(n, links)
	if len(tree) < n-1 {
		tree = append(tree, join(points, core, tree)...)
		slices.SortFunc(tree, link.compare)
	}
	chosen := condense(n, least, most, tree)
	return number(labels, chosen), ctx.Err()
}

type link struct {
	a, b     int
	distance float64
}

func (l link) compare(m link) int {
	return cmp.Or(cmp.Compare(l.distance, m.distance), cmp.Compare(l.a, m.a), cmp.Compare(l.b, m.b))
}

// sets are disjoint sets; find returns the root of a set.
type sets []int

func newSets(n int) sets {
	s := make(sets, n)
	for i := range s {
		s[i] = i
	}
	return s
}

func (s sets) find(i int) int {
	for s[i] != i {
		s[i] = s[s[i]]
		i = s[i]
	}
	return i
}

// spanning returns the minimum spanning forest, shortest link first, by Kruskal's algorithm.
func spanning(n int, links []link) []link {
	slices.SortFunc(links, link.compare)
	s := newSets(n)
	var tree []link
	for _, l := range links {
		if a, b := s.find(l.a), s.find(l.b); a != b {
			s[b] = a
			tree = append(tree, l)
		}
	}
	return tree
}

// join connects the trees of a forest, along a minimum spanning tree of their middles, by the points that are
// nearest to each other's middle.
func join(points []Point, core []float64, forest []link) []link {
	s := newSets(len(points))
	for _, l := range forest {
		s[s.find(l.b)] = s.find(l.a)
	}
	index := map[int]int{}
	var members [][]int
	for i := range points {
		root := s.find(i)
		if _, ok := index[root]; !ok {
			index[root] = len(members)
			members = append(members, nil)
		}
		members[index[root]] = append(members[index[root]], i)
	}
	middles := make([]Point, len(members))
	for g, m := range members {
		own := make([]Point, len(m))
		for i, p := range m {
			own[i] = points[p]
		}
		middles[g] = middle(own)
	}
	closest := func(group int, p Point) int {
		return slices.MinFunc(members[group], func(a, b int) int { return cmp.Compare(apart(points[a], p), apart(points[b], p)) })
	}
	// Prim's algorithm, over the middles.
	from, best := make([]int, len(members)), make([]float64, len(members))
	for g := range best {
		best[g] = math.Inf(1)
	}
	var links []link
	for at, left := 0, len(members)-1; left > 0; left-- {
		best[at] = -1 // is in the tree
		next := -1
		for g := range members {
			if best[g] < 0 {
				continue
			}
			if d := apart(middles[at], middles[g]); d < best[g] {
				from[g], best[g] = at, d
			}
			if next < 0 || best[g] < best[next] {
				next = g
			}
		}
		b := closest(next, middles[from[next]])
		a := closest(from[next], points[b])
		b = closest(next, points[a])
		links = append(links, link{min(a, b), max(a, b), max(apart(points[a], points[b]), core[a], core[b])})
		at = next
	}
	return links
}

func apart(a, b Point) float64 {
	return math.Hypot(float64(a[0])-float64(b[0]), float64(a[1])-float64(b[1]))
}

// branch is a cluster of the condensed tree.
type branch struct {
	parent    int
	children  []int
	size      int
	birth     float64 // lambda: 1 / the distance at which it splits from its parent
	stability float64
	chosen    bool
}

// condense descends the hierarchy of a spanning tree from its root, keeps the splits where both sides have at least
// least points, and chooses clusters by excess of mass. It returns each point's cluster, by an
// arbitrary number, or -1 for none.
func condense(n, least, most int, tree []link) []int {
	// Nodes from n on are joins, in the order of the tree.
	size := make([]int, 2*n-1)
	for i := range n {
		size[i] = 1
	}
	sides := make([][2]int, n-1)
	top := newSets(2*n - 1)
	for i, l := range tree {
		a, b := top.find(l.a), top.find(l.b)
		sides[i], size[n+i] = [2]int{a, b}, size[a]+size[b]
		top[a], top[b] = n+i, n+i
	}
	branches := []branch{{parent: -1, size: n}}
	owner := make([]int, n) // the smallest branch that a point was in
	type visit struct{ node, branch int }
	stack := []visit{{2*n - 2, 0}}
	leave := func(node, of int, lambda float64) { // all points of a node leave the branch
		branches[of].stability += (lambda - branches[of].birth) * float64(size[node])
		for nodes := []int{node}; len(nodes) > 0; {
			at := nodes[len(nodes)-1]
			nodes = nodes[:len(nodes)-1]
			if at < n {
				owner[at] = of
			} else {
				nodes = append(nodes, sides[at-n][0], sides[at-n][1])
			}
		}
	}
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		a, b := sides[v.node-n][0], sides[v.node-n][1]
		// Equal points are infinitely dense: a bound keeps sums finite.
		lambda := 1 / max(tree[v.node-n].distance, 1e-12)
		if size[a] >= least && size[b] >= least {
			for _, side := range [2]int{a, b} {
				branches[v.branch].stability += (lambda - branches[v.branch].birth) * float64(size[side])
				child := len(branches)
				branches = append(branches, branch{parent: v.branch, size: size[side], birth: lambda})
				branches[v.branch].children = append(branches[v.branch].children, child)
				stack = append(stack, visit{side, child})
			}
			continue
		}
		for _, side := range [2]int{a, b} {
			if size[side] >= least {
				stack = append(stack, visit{side, v.branch})
			} else {
				leave(side, v.branch, lambda)
			}
		}
	}
	out, cluster := make([]int, n), choose(branches, most)
	for i, b := range owner {
		out[i] = cluster[b]
	}
	return out
}

// choose selects branches as clusters by excess of mass, of at most most points if they have parts. It returns the
// cluster that each branch belongs to, or -1.
func choose(branches []branch, most int) []int {
	// From the leaves up, for children have higher numbers. The root is never a cluster.
	for b := len(branches) - 1; b > 0; b-- {
		below := 0.0
		for _, c := range branches[b].children {
			below += branches[c].stability
		}
		if len(branches[b].children) > 0 && (below > branches[b].stability || branches[b].size > most) {
			branches[b].stability = below
		} else {
			branches[b].chosen = true
		}
	}
	cluster := make([]int, len(branches))
	for b := range branches {
		cluster[b] = -1
		if p := branches[b].parent; p >= 0 && cluster[p] >= 0 {
			cluster[b] = cluster[p]
		} else if branches[b].chosen {
			cluster[b] = b
		}
	}
	return cluster
}

// number assigns the final cluster numbers.
func number(labels, chosen []int) []int {
	type group struct{ id, size, first int }
	at := map[int]int{}
	var groups []group
	for i, c := range chosen {
		if c < 0 {
			continue
		}
		if _, ok := at[c]; !ok {
			at[c] = len(groups)
			groups = append(groups, group{id: c, first: i})
		}
		groups[at[c]].size++
	}
	slices.SortFunc(groups, func(a, b group) int { return cmp.Or(cmp.Compare(b.size, a.size), cmp.Compare(a.first, b.first)) })
	for rank, g := range groups {
		at[g.id] = rank
	}
	for i, c := range chosen {
		if c >= 0 {
			labels[i] = at[c]
		}
	}
	return labels
}

// reach is a point's neighbour on the map.
type reach struct {
	item     int
	distance float64
}

// nearOnMap finds every point's k nearest neighbours, nearest first, with a grid.
func nearOnMap(ctx context.Context, points []Point, k, threads int) ([][]reach, error) {
	n := len(points)
	k = min(k, n-1)
	low, high := points[0], points[0]
	for _, p := range points {
		for d := range p {
			low[d], high[d] = min(low[d], p[d]), max(high[d], p[d])
		}
	}
	side := max(1, int(math.Sqrt(float64(n)/8)))
	width := max(high[0]-low[0], high[1]-low[1], 1e-9) / float32(side)
	cell := func(v, low float32) int { return min(side-1, int((v-low)/width)) }
	cells := make([][]int32, side*side)
	for i, p := range points {
		c := cell(p[1], low[1])*side + cell(p[0], low[0])
		cells[c] = append(cells[c], int32(i))
	}
	out := make([][]reach, n)
	const runs = 64
	Share(runs, max(1, threads), func(run int) {
		var found []reach
		for i := run * n / runs; i < (run+1)*n/runs; i++ {
			if ctx.Err() != nil {
				return
			}
			p := points[i]
			cx, cy := cell(p[0], low[0]), cell(p[1], low[1])
			found = found[:0]
			for ring := 0; ring <= side; ring++ {
				for y := max(0, cy-ring); y <= min(side-1, cy+ring); y++ {
					for x := max(0, cx-ring); x <= min(side-1, cx+ring); x++ {
						if max(x-cx, cx-x, y-cy, cy-y) != ring {
							continue
						}
						for _, j := range cells[y*side+x] {
							if int(j) != i {
								found = append(found, reach{int(j), apart(p, points[j])})
							}
						}
					}
				}
				if len(found) < k {
					continue
				}
				// What lies outside the rings so far is at least ring·width away.
				slices.SortFunc(found, func(a, b reach) int { return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.item, b.item)) })
				if found[k-1].distance <= float64(ring)*float64(width) {
					break
				}
			}
			out[i] = slices.Clone(found[:k])
		}
	})
	return out, ctx.Err()
}
