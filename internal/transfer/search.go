package transfer

import (
	"context"
	"fmt"
	"os"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/vector"
)

// SearchFile searches with each row of a .npy file, (n, dim), scaled to unit length.
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
		if !vector.Normalize(m.Row(i)) {
			return api.VectorsResult{}, fmt.Errorf("search with %s: row %d is zero or not finite", path, i)
		}
	}
	r, err := c.SearchVectors(ctx, m, o)
	if err != nil {
		return r, fmt.Errorf("search with %s: %w", path, err)
	}
	return r, nil
}
