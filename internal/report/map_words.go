package report

import (
	"context"
	"fmt"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/vector"
)

// call gives each cluster the words that its pictures are nearer to than all pictures are, by the
// first model of the map that reads text. Where none does, or none is here, clusters have no words,
// which is an error only where the caller has brought some.
func (m *mapping) nameClusters(ctx context.Context, c *space.Collection, out *api.Map, words []string) error {
	if len(out.Clusters) == 0 {
		return nil
	}
	asked := words != nil
	if !asked {
		words = insight.Words()
	}
	var problem error
	for v, view := range m.views {
		n, err := c.NetworkOf(view.Space)
		if err == nil && n.Text == nil {
			err = model.Missingf("%s does not read text", view.Model)
		}
		if err == nil {
			if err = m.nameClustersBy(ctx, v, n, out, words); err == nil {
				return nil
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		problem = err
	}
	if asked {
		return fmt.Errorf("name clusters by words: %w", problem)
	}
	return nil
}

func (m *mapping) nameClustersBy(ctx context.Context, v int, n *models.Network, out *api.Map, words []string) error {
	units := make([][]float32, len(words))
	for i, word := range words {
		units[i] = make([]float32, n.Dim)
		if err := n.EmbedText(ctx, word, units[i]); err != nil {
			return fmt.Errorf("%.40q: %w", word, err)
		}
		if !vector.Normalize(units[i]) {
			return fmt.Errorf("%.40q: its embedding has no direction", word)
		}
		m.progress(api.Progress{Step: "words", Done: i + 1, Total: len(words)})
	}
	matrix := m.views[v].Matrix
	all := make([]float64, matrix.Dim)
	groups, counts := make([][]float64, len(out.Clusters)), make([]float64, len(out.Clusters))
	for i := range groups {
		groups[i] = make([]float64, matrix.Dim)
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
				groups[cluster][d] += float64(x)
			}
		}
	}
	for d := range all {
		all[d] /= max(1, total)
		for g := range groups {
			groups[g][d] /= max(1, counts[g])
		}
	}
	for g, w := range insight.NameGroups(groups, all, units) {
		if w >= 0 && counts[g] > 0 {
			out.Clusters[g].Words = words[w]
		}
	}
	return nil
}
