package report

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"strconv"
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
	o = withDefaults(o)
	m := newMapping(spaces, o, c.Options.Threads)
	places, groups := mapFiles(c.DerivedDir, spaces, o)
	known := map[mapKey]layout.Point{}
	if !o.Fresh {
		known = readMap(places)
	}
	points, placed, fresh, err := m.positions(ctx, known)
	if err != nil {
		return api.Map{}, err
	}
	kept := true
	if (fresh || placed > 0) && len(points) > 0 {
		kept = writeMap(places, m.keys, points) == nil // a read-only folder has a map all the same
	}
	out := m.draw(points)
	out.Placed, out.Fresh, out.Kept, out.Current = placed, fresh, kept, true
	n := m.namer(c, o.Words)
	if n.err != nil {
		return out, n.err
	}
	stamp := m.stamp(points, o.MinCluster, n)
	if stored := readClusters(groups); stored != nil && stored.stamp == stamp {
		m.putClusters(&out, stored)
		return out, nil
	}
	labels, err := layout.Clusters(ctx, points, leastCluster(o, len(points)), m.options.Threads)
	if err != nil {
		return api.Map{}, err
	}
	centers := m.clusters(&out, labels)
	if named, err := m.nameClusters(ctx, &out, n); err != nil || !named {
		return out, err // without the words that another try may find
	}
	_ = m.writeClusters(groups, stamp, &out, centers) // as with positions
	return out, nil
}

// StoredMap returns the map that Map has stored for the same options, without laying anything out: it opens at once.
// Pictures that have been embedded since are not on it, and Unplaced counts them. There is none (found is false) where
// nothing is stored, or most pictures are new.
func StoredMap(ctx context.Context, c *space.Collection, o api.MapOptions) (out api.Map, found bool, err error) {
	spaces, err := c.OpenSpaces(ctx, o.Models)
	if err != nil {
		return api.Map{}, false, err
	}
	defer space.CloseSpaces(spaces)
	o = withDefaults(o)
	places, groups := mapFiles(c.DerivedDir, spaces, o)
	known, stored := readMap(places), readClusters(groups)
	if len(known) == 0 || stored == nil {
		return api.Map{}, false, ctx.Err()
	}
	for key := range known {
		if _, ok := stored.labels[key]; !ok {
			delete(known, key) // placed by a process that ended before it found the clusters
		}
	}
	m := newMapping(spaces, o, c.Options.Threads)
	fresh := m.forget(known)
	if len(m.keys) < fresh {
		return api.Map{}, false, ctx.Err()
	}
	points := make([]layout.Point, len(m.keys))
	for i, key := range m.keys {
		points[i] = known[key]
	}
	out = m.draw(points)
	out.Kept, out.Unplaced = true, m.unplaced
	out.Current = m.unplaced == 0 && stored.stamp == m.stamp(points, o.MinCluster, m.namer(c, o.Words))
	m.putClusters(&out, stored)
	return out, true, ctx.Err()
}

func withDefaults(o api.MapOptions) api.MapOptions {
	if o.Neighbors <= 1 {
		o.Neighbors = mapNeighbors
	}
	if o.MinDist <= 0 {
		o.MinDist = mapMinDist
	}
	return o
}

func leastCluster(o api.MapOptions, points int) int {
	if o.MinCluster > 0 {
		return o.MinCluster
	}
	return max(5, int(math.Sqrt(float64(points))/3))
}

// draw returns the map without its clusters.
func (m *mapping) draw(points []layout.Point) api.Map {
	out := api.Map{Models: []string{}, Pictures: make([]api.MapPicture, 0, len(m.pictures)), Clusters: []api.MapCluster{}, Missing: m.missing}
	for _, v := range m.spaces {
		out.Models = append(out.Models, v.Model)
	}
	for _, p := range m.pictures {
		at := points[p.node]
		out.Pictures = append(out.Pictures, api.MapPicture{Picture: p.Picture, X: shortest(at[0]), Y: shortest(at[1])})
	}
	return out
}

// shortest is x as the decimal number that is written with the fewest digits: a float64 of the same value has twice as
// many, which is a third of a large map's JSON.
func shortest(x float32) float64 {
	var digits [24]byte
	short, err := strconv.ParseFloat(string(strconv.AppendFloat(digits[:0], float64(x), 'g', -1, 32)), 64)
	if err != nil {
		return float64(x)
	}
	return short
}

// mapping is what is laid out: a node for each distinct embedding.
type mapping struct {
	spaces   []*space.Space
	options  layout.Options
	k        int // neighbours, not counting the node itself
	progress func(api.Progress)
	pictures []mapped
	missing  []string
	unplaced int // pictures that forget took away
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

// forget takes the nodes away that have no known position, and returns how many these are.
func (m *mapping) forget(known map[mapKey]layout.Point) (fresh int) {
	to := make([]int, len(m.keys)) // node → its number afterwards, -1 for none
	left := 0
	for i, key := range m.keys {
		if _, ok := known[key]; !ok {
			to[i] = -1
			fresh++
			continue
		}
		to[i] = left
		m.keys[left], m.rows[left] = key, m.rows[i]
		left++
	}
	m.keys, m.rows, m.first = m.keys[:left], m.rows[:left], make([]int, left)
	pictures := m.pictures[:0]
	for _, p := range m.pictures {
		if p.node = to[p.node]; p.node < 0 {
			m.unplaced++
			continue
		}
		pictures = append(pictures, p)
	}
	m.pictures = pictures
	for i := len(pictures) - 1; i >= 0; i-- {
		m.first[pictures[i].node] = i
	}
	return fresh
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
