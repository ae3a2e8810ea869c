package vector

import (
	"context"

	"github.com/akin-search/akin/internal/disk"
)

// neighborRows are searched for at once by Neighbors.
const neighborRows = 8192

// Neighbors finds the K nearest other rows of every row that o.Keep has, and calls each
// with them, in the order of rows. Thousands of rows are searched for together, in a
// fraction of the time of as many searches.
func Neighbors(ctx context.Context, m Matrix, o Options, each func(row int, hits []Hit)) (err error) {
	defer disk.Catch(&err)()
	if err := check(m, nil, o); err != nil {
		return err
	}
	k := o.K
	o.K++ // the row itself
	qs := Matrix{Dim: m.Dim}
	var rows []int
	flush := func() error {
		found, err := SearchBatch(ctx, m, qs, o)
		if err != nil {
			return err
		}
		for i, hits := range found {
			for j, h := range hits {
				if h.Row == rows[i] {
					hits = append(hits[:j], hits[j+1:]...)
					break
				}
			}
			each(rows[i], hits[:min(len(hits), k)])
		}
		qs.Parts, rows = qs.Parts[:0], rows[:0]
		return nil
	}
	n := m.Rows()
	first, part := 0, 0
	for row := range n {
		for row-first >= len(m.Parts[part])/m.Dim {
			first += len(m.Parts[part]) / m.Dim
			part++
		}
		if o.Keep != nil && o.Keep[row/64]>>(row%64)&1 == 0 {
			continue
		}
		qs.Parts = append(qs.Parts, m.Parts[part][(row-first)*m.Dim:(row-first+1)*m.Dim])
		if rows = append(rows, row); len(rows) == neighborRows {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}
