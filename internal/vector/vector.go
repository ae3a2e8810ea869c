// Package vector turns a query and a matrix of unit vectors into the nearest
// rows, exactly: what FAISS's IndexFlatIP returns, with ties in a stated order.
// It also reads and writes embeddings in the formats of other programs: NumPy, FAISS, CSV, Parquet and the like.
package vector

import (
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/akin-search/akin/internal/simd"
)

// Matrix holds rows of equal length in one or more contiguous pieces, each a
// whole number of rows. Row numbers run through the pieces.
type Matrix struct {
	Dim   int
	Parts [][]float32 // each (rows, Dim)
	// Compact are the parts' compact copies, which make searches fast; nil for a part
	// without one. The slice may be shorter than Parts.
	Compact []*Compact
}

// compact is part i's compact copy, nil where it has none.
func (m Matrix) compact(i int) *Compact {
	if i >= len(m.Compact) {
		return nil
	}
	return m.Compact[i]
}

func (m Matrix) hasCompact() bool {
	return slices.ContainsFunc(m.Compact, func(c *Compact) bool { return c != nil })
}

// Rows is the number of rows.
func (m Matrix) Rows() int {
	if m.Dim <= 0 {
		return 0
	}
	n := 0
	for _, p := range m.Parts {
		n += len(p) / m.Dim
	}
	return n
}

// Row is row i, not a copy; nil when there is no such row.
func (m Matrix) Row(i int) []float32 {
	if m.Dim <= 0 || i < 0 {
		return nil
	}
	for _, p := range m.Parts {
		n := len(p) / m.Dim
		if i < n {
			return p[i*m.Dim : (i+1)*m.Dim : (i+1)*m.Dim]
		}
		i -= n
	}
	return nil
}

// All yields every row, not a copy.
func (m Matrix) All() iter.Seq[[]float32] {
	return func(yield func([]float32) bool) {
		if m.Dim <= 0 {
			return
		}
		for _, p := range m.Parts {
			for ; len(p) >= m.Dim; p = p[m.Dim:] {
				if !yield(p[:m.Dim:m.Dim]) {
					return
				}
			}
		}
	}
}

// check checks that the pieces are whole rows.
func (m Matrix) check() error {
	for i, p := range m.Parts {
		if len(p) > 0 && m.Dim <= 0 {
			return fmt.Errorf("matrix has rows of %d values", m.Dim)
		}
		if len(p) > 0 && len(p)%m.Dim != 0 {
			return fmt.Errorf("piece %d of the matrix has %d values, no multiple of %d", i, len(p), m.Dim)
		}
	}
	return nil
}

// Dot is the score of two vectors of equal length, as Search computes it.
func Dot(a, b []float32) float32 { return simd.Dot(a, b) }

// Normalize scales v to unit length in place. A zero vector, and one with a value
// that is not finite, has no direction: then v stays as it is and Normalize returns false.
func Normalize(v []float32) bool {
	// Squares of float32 neither overflow nor vanish in float64.
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 || math.IsInf(sum, 0) || math.IsNaN(sum) {
		return false
	}
	norm := math.Sqrt(sum)
	for i, x := range v {
		v[i] = float32(float64(x) / norm)
	}
	return true
}
