package transfer

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/vector"
)

// SearchFile searches with each row of a .npy file, (n, dim), scaled to unit length. A row of NaN stands for a picture
// that could not be embedded, and has no hits.
func SearchFile(ctx context.Context, c *space.Collection, path string, o api.SearchOptions) (api.VectorsResult, error) {
	f, err := os.Open(path)
	if err != nil {
		return api.VectorsResult{}, fmt.Errorf("search: %w", err)
	}
	defer f.Close()
	m, err := vector.ReadNPY(f, maxFileBytes)
	if err != nil {
		return api.VectorsResult{}, fmt.Errorf("search with %s: %w", path, err)
	}
	for i := range m.Rows() {
		if row := m.Row(i); !isNaN(row) && !vector.Normalize(row) {
			return api.VectorsResult{}, fmt.Errorf("search with %s: row %d is zero or not finite", path, i)
		}
	}
	asked, nan := withoutNaN(m)
	if len(nan) == m.Rows() && len(nan) > 0 {
		return api.VectorsResult{}, fmt.Errorf("search with %s: every row is NaN", path)
	}
	r, err := c.SearchVectors(ctx, asked, o)
	if err != nil {
		return r, fmt.Errorf("search with %s: %w", path, err)
	}
	r.NaN = nan
	for _, i := range nan { // ascending: each goes to its place
		r.Names, r.Scores = slices.Insert(r.Names, i, []string{}), slices.Insert(r.Scores, i, []float64{})
		r.ByLuck, r.Grades = slices.Insert(r.ByLuck, i, []float64{}), slices.Insert(r.Grades, i, []api.Grade{})
		r.NoGoodMatch = slices.Insert(r.NoGoodMatch, i, true)
	}
	return r, nil
}
