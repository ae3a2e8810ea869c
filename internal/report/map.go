package report

import (
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
func Map(ctx context.Context, c *space.Collection, o api.MapOptions) (api.Map, error) {
	spaces, err := c.OpenSpaces(ctx, o.Models)
	if err != nil {
		return api.Map{}, err
	}
	defer space.CloseSpaces(spaces)
	if o.Neighbors <= 1 {
		o.Neighbors = mapNeighbors
	}
	if o.MinDist <= 0 {
		o.MinDist = mapMinDist
	}
	m := newMapping(spaces, o, c.Options.Threads)
	out := api.Map{Models: []string{}, Pictures: []api.MapPicture{}, Clusters: []api.MapCluster{}, Missing: m.missing}
	for _, v := range spaces {
		out.Models = append(out.Models, v.Model)
	}
	file := mapFile(c.DerivedDir, spaces, o)
	known := map[mapKey]layout.Point{}
	if !o.Fresh {
		known = readMap(file)
	}
	points, placed, fresh, err := m.positions(ctx, known)
	if err != nil {
		return api.Map{}, err
	}
	out.Placed, out.Fresh, out.Kept = placed, fresh, true
	if (fresh || placed > 0) && len(points) > 0 {
		out.Kept = writeMap(file, m.keys, points) == nil // a read-only folder has a map all the same
	}
	minCluster := o.MinCluster
	if minCluster <= 0 {
		minCluster = max(5, int(math.Sqrt(float64(len(points)))/3))
	}
	labels, err := layout.Clusters(ctx, points, minCluster, m.options.Threads)
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

// mapping is what is laid out: a node for each distinct embedding.
type mapping struct {
	spaces   []*space.Space
	options  layout.Options
	k        int // neighbours, not counting the node itself
	progress func(api.Progress)
	pictures []mapped
	missing  []string
	keys     []mapKey
	rows     [][]int   // node → its row in each space, -1 if it has none
	first    []int     // node → its first picture
	nodes    [][][]int // space → row → its nodes
}

type mapped struct {
	api.Picture
	node int
}

// mapKey identifies a node by its embeddings.
type mapKey [16]byte

func newMapping(spaces []*space.Space, o api.MapOptions, threads int) *mapping {
	m := &mapping{spaces: spaces, k: o.Neighbors - 1, progress: o.Progress, options: layout.Options{Seed: o.Seed, MinDist: o.MinDist, Threads: layout.Threads(threads)}}
	if m.progress == nil {
		m.progress = func(api.Progress) {}
	}
	m.options.Progress = func(done, total int) { m.progress(api.Progress{Step: "layout", Done: done, Total: total}) }
	sums := make([][][]byte, len(spaces)) // space → row → hash of its values
	for v, s := range spaces {
		sums[v] = make([][]byte, s.Matrix.Rows())
		layout.Share(len(sums[v]), m.options.Threads, func(row int) {
			values := s.Matrix.Row(row)
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
	for i := range spaces[0].Pictures.Len() {
		p := spaces[0].Pictures.At(i)
		rows, h := make([]int, len(spaces)), sha256.New()
		found := false
		for v, s := range spaces {
			rows[v] = -1
			if row, ok := s.RowOf(p.ID); ok {
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

// positions returns every node's position. It lays out all nodes anew if more are new than known, and
// else places the new ones among the others; placed is how many pictures these are of.
func (m *mapping) positions(ctx context.Context, known map[mapKey]layout.Point) (points []layout.Point, placed int, fresh bool, err error) {
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

// lay lays out all nodes.
func (m *mapping) lay(ctx context.Context) ([]layout.Point, error) {
	every := make([]bool, len(m.keys))
	for i := range every {
		every[i] = true
	}
	var graphs []*layout.Graph
	var done atomic.Int64
	for v := range m.spaces {
		near, err := m.neighbors(ctx, v, every, every, &done)
		if err != nil {
			return nil, err
		}
		graphs = append(graphs, layout.NewGraph(near))
	}
	g := layout.Mean(graphs)
	// The start comes from the first model, all else from the graphs of all.
	first := m.spaces[0].Matrix
	points, err := layout.Start(ctx, g, first.Dim, func(i int) []float32 { return first.Row(m.rows[i][0]) }, m.options)
	if err != nil {
		return nil, err
	}
	return layout.Lay(ctx, g, points, m.options)
}

// place sets the positions of the nodes that are not old.
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
	var neighbors [][][]layout.Neighbor
	var done atomic.Int64
	for v := range m.spaces {
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
		neighbors = append(neighbors, own)
	}
	found, err := layout.Place(ctx, fixed, neighbors, m.options)
	if err != nil {
		return err
	}
	for k, i := range news {
		points[i] = found[k]
	}
	return nil
}

// neighbors finds the nearest neighbours, in one space, of the nodes marked in of, among those marked in among.
func (m *mapping) neighbors(ctx context.Context, v int, of, among []bool, done *atomic.Int64) ([][]layout.Neighbor, error) {
	matrix, nodes := m.spaces[v].Matrix, m.nodes[v]
	queries, keep := []int{}, space.Empty(len(nodes))
	for row, own := range nodes {
		if slices.ContainsFunc(own, func(i int) bool { return of[i] }) {
			queries = append(queries, row)
		}
		if slices.ContainsFunc(own, func(i int) bool { return among[i] }) {
			keep.Add(row)
		}
	}
	out := make([][]layout.Neighbor, len(m.keys))
	collect := func(row int, hits []vector.Hit) {
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
			add(row, 0) // nodes with the same embedding in this model
			for _, h := range hits {
				if h.Row != row {
					add(h.Row, max(0, 1-h.Score))
				}
			}
		}
		m.progress(api.Progress{Step: "neighbours", Done: int(done.Add(1)), Total: len(queries) * len(m.spaces)})
	}
	const batch = 8192
	o := vector.Options{K: m.k + 1, Keep: keep, Threads: m.options.Threads}
	for rows := range slices.Chunk(queries, batch) {
		qs := vector.Matrix{Dim: matrix.Dim}
		for _, row := range rows {
			qs.Parts = append(qs.Parts, matrix.Row(row))
		}
		found, err := vector.SearchBatch(ctx, matrix, qs, o)
		if err != nil {
			return nil, err
		}
		for k, row := range rows {
			collect(row, found[k])
		}
	}
	return out, nil
}
