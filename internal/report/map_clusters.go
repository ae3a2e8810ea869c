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

// clusters describes the clusters of the map, the largest first, and numbers them, also in
// pictures. labels has each node's cluster from 0, and -1 for none.
func (m *mapping) clusters(pictures []api.MapPicture, labels []int) []api.MapCluster {
	var members [][]int // cluster → nodes
	for i, l := range labels {
		for l >= len(members) {
			members = append(members, nil)
		}
		if l >= 0 {
			members[l] = append(members[l], i)
		}
	}
	out := make([]api.MapCluster, len(members))
	for l, nodes := range members {
		out[l] = api.MapCluster{Cluster: l + 1, Center: m.pictures[m.first[m.central(nodes)]].Picture}
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
	// By pictures: labels are in the order of nodes, of which one may be several pictures.
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

// nameClusters names clusters by words, with the first model of the map that reads text. If none does,
// or none is installed, clusters stay without a name; that is an error only if the caller chose the
// words.
func (m *mapping) nameClusters(ctx context.Context, c *space.Collection, out *api.Map, words []string) error {
	if len(out.Clusters) == 0 {
		return nil
	}
	chosen := words != nil
	if !chosen {
		words = insight.Words()
	}
	var problem error
	for v, s := range m.spaces {
		n, err := c.NetworkOf(s.Space)
		if err == nil && n.Text == nil {
			err = model.Missingf("%s does not read text", s.Model)
		}
		var units [][]float32
		if err == nil {
			units, err = m.embedWords(ctx, n, words)
		}
		if err == nil {
			m.nameBy(v, out, words, units)
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		problem = err
	}
	if chosen {
		return fmt.Errorf("name clusters by words: %w", problem)
	}
	return nil
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
