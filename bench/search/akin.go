package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/akin-search/akin/internal/vector"
)

// errAbsent says that an engine has no such search.
var errAbsent = errors.New("not there")

// perSegment is how many rows a collection has in one segment, which has a compact copy of its own.
func perSegment(dim int) int { return min(2<<20, 4<<30/(4*dim)) }

// segmented are rows with compact copies, as a collection has them: in files that are mapped.
type segmented struct {
	rows vector.Matrix
	size int64 // of the copies
}

func buildSegmented(ctx context.Context, rows vector.Matrix, threads int) (segmented, error) {
	x := segmented{rows: vector.Matrix{Dim: rows.Dim}}
	var like *vector.Compact
	for part := range slices.Chunk(rows.Parts[0], perSegment(rows.Dim)*rows.Dim) {
		c, err := vector.Build(ctx, part, rows.Dim, vector.BuildOptions{Threads: threads, Like: like})
		if err != nil {
			return x, err
		}
		like = c
		mapped, size, err := mapCompact(c, len(part)/rows.Dim)
		if err != nil {
			return x, err
		}
		x.rows.Parts = append(x.rows.Parts, part)
		x.rows.Compact = append(x.rows.Compact, mapped)
		x.size += size
	}
	return x, nil
}

// mapCompact writes a copy to a file without a name, and maps it for as long as the process lives.
func mapCompact(c *vector.Compact, rows int) (mapped *vector.Compact, size int64, err error) {
	f, err := os.CreateTemp("", "akin-bench-*.compact")
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	if err := errors.Join(os.Remove(f.Name()), c.Write(f)); err != nil {
		return nil, 0, fmt.Errorf("write a compact copy: %w", err)
	}
	data, err := mapFile(f)
	if err != nil {
		return nil, 0, err
	}
	mapped, err = vector.OpenCompact(data, rows, c.Dim)
	return mapped, int64(len(data)), err
}

// exact is akin's exact search.
type exact struct{ segmented }

func buildExact(ctx context.Context, rows vector.Matrix, threads int) (*exact, error) {
	x, err := buildSegmented(ctx, rows, threads)
	return &exact{x}, err
}

func (e *exact) one(ctx context.Context, q []float32, k, threads int) ([]vector.Hit, error) {
	return vector.Search(ctx, e.rows, q, vector.Options{K: k, Threads: threads})
}

func (e *exact) batch(ctx context.Context, queries vector.Matrix, k, threads int) ([][]vector.Hit, error) {
	return vector.SearchBatch(ctx, e.rows, queries, vector.Options{K: k, Threads: threads})
}

// bytes is the size of what is searched, the rows with it.
func (e *exact) bytes() int64 { return int64(e.rows.Rows())*int64(e.rows.Dim)*4 + e.size }

// approximate is akin's search for millions of rows, which is told the recall that is
// wanted.
type approximate struct{ segmented }

func buildApproximate(ctx context.Context, rows vector.Matrix, threads int) (*approximate, error) {
	x, err := buildSegmented(ctx, rows, threads)
	return &approximate{x}, err
}

func (a *approximate) one(ctx context.Context, q []float32, k int, recall float64, threads int) ([]vector.Hit, error) {
	return vector.Search(ctx, a.rows, q, vector.Options{K: k, Threads: threads, Recall: recall})
}

func (a *approximate) batch(ctx context.Context, queries vector.Matrix, k int, recall float64, threads int) ([][]vector.Hit, error) {
	return vector.SearchBatch(ctx, a.rows, queries, vector.Options{K: k, Threads: threads, Recall: recall})
}

// bytes is the size of the copies: the rows stay in their file, of which a search reads
// a dozen.
func (a *approximate) bytes() int64 { return a.size }
