package main

import (
	"context"
	"errors"

	"github.com/akin-search/akin/internal/vector"
)

// errAbsent says that akin has no such search.
var errAbsent = errors.New("not there")

// exact is akin's exact search.
type exact struct {
	rows vector.Matrix
}

func buildExact(_ context.Context, rows vector.Matrix, _ int) (*exact, error) {
	return &exact{rows}, nil
}

func (e *exact) one(ctx context.Context, q []float32, k, threads int) ([]vector.Hit, error) {
	return vector.Search(ctx, e.rows, q, vector.Options{K: k, Threads: threads})
}

func (e *exact) batch(ctx context.Context, queries vector.Matrix, k, threads int) ([][]vector.Hit, error) {
	return vector.SearchBatch(ctx, e.rows, queries, vector.Options{K: k, Threads: threads})
}

// bytes is the size of what is searched, the rows with it.
func (e *exact) bytes() int64 { return int64(e.rows.Rows()) * int64(e.rows.Dim) * 4 }

// approximate is akin's search for millions of rows, which is told the recall that is
// wanted.
type approximate struct{}

func buildApproximate(context.Context, vector.Matrix, int) (*approximate, error) {
	return nil, errAbsent
}

func (a *approximate) one(context.Context, []float32, int, float64, int) ([]vector.Hit, error) {
	return nil, errAbsent
}

func (a *approximate) batch(context.Context, vector.Matrix, int, float64, int) ([][]vector.Hit, error) {
	return nil, errAbsent
}

func (a *approximate) bytes() int64 { return 0 }
