package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/vector"
)

// clusters describes the clusters of a map, the largest first, and numbers them, also in its pictures. labels has
// each node's cluster from 0, and -1 for none. It returns the central node of each.
func (m *mapping) clusters(out *api.Map, labels []int) (centers []int) {
	var members [][]int // cluster → nodes
	for i, l := range labels {
		for l >= len(members) {
			members = append(members, nil)
		}
		if l >= 0 {
			members[l] = append(members[l], i)
		}
	}
	sizes := make([]int, len(members))
	for _, p := range m.pictures {
		if l := labels[p.node]; l >= 0 {
			sizes[l]++
		}
	}
	order := make([]int, len(members))
	for l := range order {
		order[l] = l
	}
	// By pictures: labels are in the order of nodes, of which one may be several pictures.
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sizes[b], sizes[a]) })
	number := make([]int, len(members))
	for i, l := range order {
		number[l] = i + 1
		centers = append(centers, m.central(members[l]))
		out.Clusters = append(out.Clusters, api.MapCluster{Cluster: i + 1, Center: m.pictures[m.first[centers[i]]].Picture})
	}
	for i, p := range m.pictures {
		if l := labels[p.node]; l >= 0 {
			out.Pictures[i].Cluster = number[l]
		}
	}
	measure(out)
	return centers
}

// putClusters puts stored clusters on a map. Of those without a picture nothing is left, and the others keep their
// order.
func (m *mapping) putClusters(out *api.Map, stored *keptClusters) {
	at := make(map[mapKey]int, len(stored.named))
	for i := range stored.named {
		at[stored.named[i].center] = -1
	}
	for i, key := range m.keys {
		if _, ok := at[key]; ok {
			at[key] = i
		}
	}
	first := make([]int, len(stored.named)+1) // of each stored cluster's pictures; 0 is none, else plus one
	for i, p := range m.pictures {
		if l := stored.labels[m.keys[p.node]]; first[l] == 0 {
			first[l] = i + 1
		}
	}
	number := make([]int, len(stored.named)+1)
	for i, c := range stored.named {
		if first[i+1] == 0 {
			continue
		}
		center := first[i+1] - 1
		if node := at[c.center]; node >= 0 {
			center = m.first[node]
		}
		number[i+1] = len(out.Clusters) + 1
		out.Clusters = append(out.Clusters, api.MapCluster{Cluster: number[i+1], Center: m.pictures[center].Picture, Words: c.words})
	}
	for i, p := range m.pictures {
		out.Pictures[i].Cluster = number[stored.labels[m.keys[p.node]]]
	}
	measure(out)
}

// measure sets the size and the centre of a map's clusters.
func measure(out *api.Map) {
	for _, p := range out.Pictures {
		if p.Cluster > 0 {
			c := &out.Clusters[p.Cluster-1]
			c.Size++
			c.X, c.Y = c.X+p.X, c.Y+p.Y
		}
	}
	for i := range out.Clusters {
		c := &out.Clusters[i]
		c.X, c.Y = c.X/float64(c.Size), c.Y/float64(c.Size)
	}
}

// central returns the node whose embeddings have the highest dot product with the nodes' mean, summed
// over the models.
func (m *mapping) central(nodes []int) int {
	scores := make([]float64, len(nodes))
	for v, s := range m.spaces {
		sum := make([]float64, s.Matrix.Dim)
		for _, i := range nodes {
			for d, x := range s.Matrix.Row(m.rows[i][v]) {
				sum[d] += float64(x)
			}
		}
		mean := make([]float32, len(sum))
		for d := range sum {
			mean[d] = float32(sum[d] / float64(len(nodes)))
		}
		for k, i := range nodes {
			if row := s.Matrix.Row(m.rows[i][v]); row != nil {
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
	return nodes[best]
}

// namer is what names clusters by words: the first model of a map that reads text.
type namer struct {
	space   int // of the map
	network *models.Network
	words   []string
	chosen  bool  // the words, by the caller: not to find any is an error
	err     error // why there is no network, where they were
}

// namer returns what names the map's clusters. If no model of it reads text, or none is installed, clusters stay without
// a name; that is an error only if the caller chose the words.
func (m *mapping) namer(c *space.Collection, words []string) namer {
	n := namer{words: words, chosen: words != nil}
	if !n.chosen {
		n.words = insight.Words()
	}
	var problem error
	for v, s := range m.spaces {
		network, err := c.NetworkOf(s.Space)
		if err == nil && network.Text != nil {
			n.space, n.network = v, network
			return n
		}
		if problem = err; err == nil {
			problem = model.Missingf("%s does not read text", s.Model)
		}
	}
	if n.chosen {
		n.err = fmt.Errorf("name clusters by words: %w", problem)
	}
	return n
}

// fingerprint identifies the model that names; "" is none.
func (n namer) fingerprint() string {
	if n.network == nil {
		return ""
	}
	return n.network.Fingerprint
}

// nameClusters names the clusters of a map. It reports whether that was done, or there was nothing to do: a model that
// fails to run names none, and is an error only with the words of the caller.
func (m *mapping) nameClusters(ctx context.Context, out *api.Map, n namer) (done bool, err error) {
	if len(out.Clusters) == 0 || n.network == nil {
		return true, nil
	}
	units, err := m.embedWords(ctx, n.network, n.words)
	switch {
	case err == nil:
		m.nameBy(n.space, out, n.words, units)
		return true, nil
	case ctx.Err() != nil:
		return false, ctx.Err()
	case n.chosen:
		return false, fmt.Errorf("name clusters by words: %w", err)
	}
	return false, nil
}

// embedWords returns the unit vectors of words.
func (m *mapping) embedWords(ctx context.Context, n *models.Network, words []string) ([][]float32, error) {
	units := make([][]float32, len(words))
	for i, word := range words {
		units[i] = make([]float32, n.Dim)
		if err := n.EmbedText(ctx, word, units[i]); err != nil {
			return nil, fmt.Errorf("%.40q: %w", word, err)
		}
		if !vector.Normalize(units[i]) {
			return nil, fmt.Errorf("%.40q: its embedding is zero", word)
		}
		m.progress(api.Progress{Step: "words", Done: i + 1, Total: len(words)})
	}
	return units, nil
}

// nameBy gives each cluster the word whose vector is closer to the cluster's pictures than to all
// pictures, by the largest margin, in space v.
func (m *mapping) nameBy(v int, out *api.Map, words []string, units [][]float32) {
	matrix := m.spaces[v].Matrix
	all := make([]float64, matrix.Dim)
	clusters, counts := make([][]float64, len(out.Clusters)), make([]float64, len(out.Clusters))
	for i := range clusters {
		clusters[i] = make([]float64, matrix.Dim)
	}
	total := 0.
	for i, p := range m.pictures {
		row := m.rows[p.node][v]
		if row < 0 {
			continue
		}
		total++
		cluster := out.Pictures[i].Cluster - 1
		if cluster >= 0 {
			counts[cluster]++
		}
		for d, x := range matrix.Row(row) {
			all[d] += float64(x)
			if cluster >= 0 {
				clusters[cluster][d] += float64(x)
			}
		}
	}
	for d := range all {
		all[d] /= max(1, total)
		for g := range clusters {
			clusters[g][d] /= max(1, counts[g])
		}
	}
	for g, w := range insight.NameGroups(clusters, all, units) {
		if w >= 0 && counts[g] > 0 {
			out.Clusters[g].Words = words[w]
		}
	}
}
