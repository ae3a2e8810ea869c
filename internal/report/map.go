package report

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"sync/atomic"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight/layout"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/vector"
)

const (
	mapNeighbors = 15
	mapMinDist   = 0.1
)

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
func Map(ctx context.Context, c *space.Collection, o api.MapOptions) (api.Map, error) {
	views, err := c.OpenSpaces(ctx, o.Models)
	if err != nil {
		return api.Map{}, err
	}
	defer space.CloseSpaces(views)
	if o.Neighbors <= 1 {
		o.Neighbors = mapNeighbors
	}
	if o.MinDist <= 0 {
		o.MinDist = mapMinDist
	}
	m := newMapping(views, o, c.Options.Threads)
	out := api.Map{Models: []string{}, Pictures: []api.MapPicture{}, Clusters: []api.MapCluster{}, Missing: m.missing}
	for _, v := range views {
		out.Models = append(out.Models, v.Model)
	}
	file := mapFile(c.Derived, views, o)
	known := map[mapKey]layout.Point{}
	if !o.Fresh {
		known = readMap(file)
	}
	points, placed, fresh, err := m.places(ctx, known)
	if err != nil {
		return api.Map{}, err
	}
	out.Placed, out.Fresh, out.Kept = placed, fresh, true
	if (fresh || placed > 0) && len(points) > 0 {
		// A folder that cannot be written to has a map all the same.
		out.Kept = writeMap(file, m.keys, points) == nil
	}
	least := o.MinCluster
	if least <= 0 {
		least = max(5, int(math.Sqrt(float64(len(points)))/3))
	}
	labels, err := layout.Clusters(ctx, points, least, m.options.Threads)
	if err != nil {
		return api.Map{}, err
	}
	for _, p := range m.pictures {
		at := points[p.node]
		out.Pictures = append(out.Pictures, api.MapPicture{Picture: p.Picture, X: float64(at[0]), Y: float64(at[1]), Cluster: labels[p.node] + 1})
	}
	out.Clusters = m.clusters(out.Pictures, labels)
	return out, m.nameClusters(ctx, c, &out, o.Words)
}

// mapping is what is laid out: a node for each different embedding.
type mapping struct {
	views    []*space.Space
	options  layout.Options
	k        int // neighbours without the node itself
	progress func(api.Progress)
	pictures []mapped
	missing  []string
	keys     []mapKey
	rows     [][]int   // node → its row in each view, -1 where it has none
	first    []int     // node → the first of its pictures
	nodes    [][][]int // view → row → its nodes
}

type mapped struct {
	api.Picture
	node int
}

// mapKey names a node by its embeddings.
type mapKey [16]byte

func newMapping(views []*space.Space, o api.MapOptions, threads int) *mapping {
	m := &mapping{views: views, k: o.Neighbors - 1, progress: o.Progress, options: layout.Options{Seed: o.Seed, MinDist: o.MinDist, Threads: layout.Threads(threads)}}
	if m.progress == nil {
		m.progress = func(api.Progress) {}
	}
	m.options.Progress = func(done, total int) { m.progress(api.Progress{Step: "layout", Done: done, Total: total}) }
	sums := make([][][]byte, len(views)) // view → row → hash of its values
	for v, view := range views {
		sums[v] = make([][]byte, view.Matrix.Rows())
		layout.Share(len(sums[v]), m.options.Threads, func(row int) {
			values := view.Matrix.Row(row)
			data := make([]byte, 0, 4*len(values))
			for _, x := range values {
				data = binary.LittleEndian.AppendUint32(data, math.Float32bits(x))
			}
			sum := sha256.Sum256(data)
			sums[v][row] = sum[:]
		})
		m.nodes = append(m.nodes, make([][]int, len(sums[v])))
	}
	at := map[mapKey]int{}
	for i := range views[0].Pictures.Len() {
		p := views[0].Pictures.At(i)
		rows, h := make([]int, len(views)), sha256.New()
		found := false
		for v, view := range views {
			rows[v] = -1
			if row, ok := view.RowOf(p.ID); ok {
				rows[v], found = row, true
				h.Write(sums[v][row])
			} else {
				h.Write(make([]byte, sha256.Size))
			}
		}
		if !found {
			m.missing = append(m.missing, p.Name)
			continue
		}
		key := mapKey(h.Sum(nil)[:len(mapKey{})])
		node, known := at[key]
		if !known {
			node = len(m.keys)
			at[key] = node
			m.keys, m.rows, m.first = append(m.keys, key), append(m.rows, rows), append(m.first, len(m.pictures))
			for v, row := range rows {
				if row >= 0 {
					m.nodes[v][row] = append(m.nodes[v][row], node)
				}
			}
		}
		m.pictures = append(m.pictures, mapped{api.Picture{Name: p.Name, Source: p.Source}, node})
	}
	return m
}

// places finds every node's place, given those that are known.
func (m *mapping) places(ctx context.Context, known map[mapKey]layout.Point) (points []layout.Point, placed int, fresh bool, err error) {
	points = make([]layout.Point, len(m.keys))
	old := make([]bool, len(m.keys))
	count := 0
	for i, key := range m.keys {
		if p, ok := known[key]; ok {
			points[i], old[i] = p, true
			count++
		}
	}
	switch {
	case len(points) == 0:
		return points, 0, true, nil
	case count == len(points):
		return points, 0, false, nil
	case len(points)-count > count:
		points, err = m.lay(ctx)
		return points, 0, true, err
	}
	err = m.place(ctx, points, old)
	for _, p := range m.pictures {
		if !old[p.node] {
			placed++
		}
	}
	return points, placed, false, err
}

func (m *mapping) lay(ctx context.Context) ([]layout.Point, error) {
	every := make([]bool, len(m.keys))
	for i := range every {
		every[i] = true
	}
	var graphs []*layout.Graph
	var done atomic.Int64
	for v := range m.views {
		near, err := m.neighbors(ctx, v, every, every, &done)
		if err != nil {
			return nil, err
		}
		graphs = append(graphs, layout.NewGraph(near))
	}
	g := layout.Mean(graphs)
	// Of several models the first says where to begin, and the graph of all the rest.
	first := m.views[0].Matrix
	points, err := layout.Start(ctx, g, first.Dim, func(i int) []float32 { return first.Row(m.rows[i][0]) }, m.options)
	if err != nil {
		return nil, err
	}
	return layout.Lay(ctx, g, points, m.options)
}

// place finds places for the nodes that are not old.
func (m *mapping) place(ctx context.Context, points []layout.Point, old []bool) error {
	var fixed []layout.Point
	at := make([]int, len(old)) // node → its index in fixed
	fresh := make([]bool, len(old))
	var news []int
	for i := range old {
		if fresh[i] = !old[i]; fresh[i] {
			news = append(news, i)
			continue
		}
		at[i] = len(fixed)
		fixed = append(fixed, points[i])
	}
	var spaces [][][]layout.Neighbor
	var done atomic.Int64
	for v := range m.views {
		near, err := m.neighbors(ctx, v, fresh, old, &done)
		if err != nil {
			return err
		}
		own := make([][]layout.Neighbor, len(news))
		for k, i := range news {
			for _, n := range near[i] {
				own[k] = append(own[k], layout.Neighbor{Item: at[n.Item], Distance: n.Distance})
			}
		}
		spaces = append(spaces, own)
	}
	found, err := layout.Place(ctx, fixed, spaces, m.options)
	if err != nil {
		return err
	}
	for k, i := range news {
		points[i] = found[k]
	}
	return nil
}

// neighbors finds, in one view, the nearest of the nodes among for each of the nodes of.
func (m *mapping) neighbors(ctx context.Context, v int, of, among []bool, done *atomic.Int64) ([][]layout.Neighbor, error) {
	matrix, nodes := m.views[v].Matrix, m.nodes[v]
	asked, keep := []int{}, make(space.Bitmap, (len(nodes)+63)/64)
	for row, own := range nodes {
		if slices.ContainsFunc(own, func(i int) bool { return of[i] }) {
			asked = append(asked, row)
		}
		if slices.ContainsFunc(own, func(i int) bool { return among[i] }) {
			keep[row/64] |= 1 << (row % 64)
		}
	}
	out := make([][]layout.Neighbor, len(m.keys))
	take := func(row int, hits []vector.Hit) {
		for _, i := range nodes[row] {
			if !of[i] {
				continue
			}
			add := func(row int, distance float32) {
				for _, j := range nodes[row] {
					if j != i && among[j] && len(out[i]) < m.k {
						out[i] = append(out[i], layout.Neighbor{Item: j, Distance: distance})
					}
				}
			}
			add(row, 0) // others that this model does not tell apart
			for _, h := range hits {
				if h.Row != row {
					add(h.Row, max(0, 1-h.Score))
				}
			}
		}
		m.progress(api.Progress{Step: "neighbours", Done: int(done.Add(1)), Total: len(asked) * len(m.views)})
	}
	const batch = 8192
	o := vector.Options{K: m.k + 1, Keep: keep, Threads: m.options.Threads}
	for rows := range slices.Chunk(asked, batch) {
		qs := vector.Matrix{Dim: matrix.Dim}
		for _, row := range rows {
			qs.Parts = append(qs.Parts, matrix.Row(row))
		}
		found, err := vector.SearchBatch(ctx, matrix, qs, o)
		if err != nil {
			return nil, err
		}
		for k, row := range rows {
			take(row, found[k])
		}
	}
	return out, nil
}

// clusters tells of each cluster, whose most central picture has the highest dot product
// with the mean of all its embeddings, summed over the models.
func (m *mapping) clusters(pictures []api.MapPicture, labels []int) []api.MapCluster {
	count := 0
	for _, l := range labels {
		count = max(count, l+1)
	}
	members := make([][]int, count) // nodes
	for i, l := range labels {
		if l >= 0 {
			members[l] = append(members[l], i)
		}
	}
	out := make([]api.MapCluster, count)
	for l, nodes := range members {
		scores := make([]float64, len(nodes))
		for v, view := range m.views {
			sum := make([]float64, view.Matrix.Dim)
			for _, i := range nodes {
				for d, x := range view.Matrix.Row(m.rows[i][v]) {
					sum[d] += float64(x)
				}
			}
			mean := make([]float32, len(sum))
			for d := range sum {
				mean[d] = float32(sum[d] / float64(len(nodes)))
			}
			for k, i := range nodes {
				if row := view.Matrix.Row(m.rows[i][v]); row != nil {
					scores[k] += float64(vector.Dot(mean, row))
				}
			}
		}
		best := 0
		for k, s := range scores {
			if s > scores[best] {
				best = k
			}
		}
		out[l] = api.MapCluster{Cluster: l + 1, Center: m.pictures[m.first[nodes[best]]].Picture}
	}
	for _, p := range pictures {
		if p.Cluster > 0 {
			c := &out[p.Cluster-1]
			c.Size++
			c.X, c.Y = c.X+p.X, c.Y+p.Y
		}
	}
	for i := range out {
		out[i].X, out[i].Y = out[i].X/float64(out[i].Size), out[i].Y/float64(out[i].Size)
	}
	// By pictures: the layout counts those of equal embeddings once.
	slices.SortStableFunc(out, func(a, b api.MapCluster) int { return cmp.Compare(b.Size, a.Size) })
	number := make([]int, len(out)+1)
	for i := range out {
		number[out[i].Cluster] = i + 1
		out[i].Cluster = i + 1
	}
	for i := range pictures {
		pictures[i].Cluster = number[pictures[i].Cluster]
	}
	return out
}
