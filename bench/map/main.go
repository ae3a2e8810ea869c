//go:build unix

// Command bench-map lays out a file of unit vectors, as bench/map/bench.py asks it to:
//
//	bench-map VECTORS.npy POINTS.npy SEED THREADS
//
// It writes the points, and prints the seconds that this took (without reading) and the
// bytes of memory. 15 neighbours, the vector itself among them.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/akin-search/akin/internal/insight/layout"
	"github.com/akin-search/akin/internal/vector"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench-map:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("want VECTORS.npy POINTS.npy SEED THREADS")
	}
	seed, err := strconv.ParseUint(args[2], 10, 64)
	if err != nil {
		return err
	}
	threads, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	in, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer in.Close()
	m, err := vector.ReadNPY(bufio.NewReaderSize(in, 1<<20), math.MaxInt64)
	if err != nil {
		return err
	}
	m.Parts = [][]float32{slices.Concat(m.Parts...)}
	began := time.Now()
	if m.Rows() > 10000 { // as a collection keeps it beside its vectors
		c, err := vector.Build(ctx, m.Parts[0], m.Dim, vector.BuildOptions{Threads: threads})
		if err != nil {
			return err
		}
		m.Compact = []*vector.Compact{c}
	}
	neighbors := make([][]layout.Neighbor, m.Rows())
	err = vector.Neighbors(ctx, m, vector.Options{K: 14, Threads: threads}, func(row int, hits []vector.Hit) {
		for _, h := range hits {
			neighbors[row] = append(neighbors[row], layout.Neighbor{Item: h.Row, Distance: max(0, 1-h.Score)})
		}
	})
	if err != nil {
		return err
	}
	searched := time.Since(began)
	o := layout.Options{Seed: seed, Threads: threads}
	g := layout.NewGraph(neighbors)
	points, err := layout.Start(ctx, g, m.Dim, m.Row, o)
	if err != nil {
		return err
	}
	if points, err = layout.Lay(ctx, g, points, o); err != nil {
		return err
	}
	seconds := time.Since(began).Seconds()
	out := vector.Matrix{Dim: 2, Parts: [][]float32{nil}}
	for _, p := range points {
		out.Parts[0] = append(out.Parts[0], p[:]...)
	}
	f, err := os.Create(args[1])
	if err != nil {
		return err
	}
	defer f.Close()
	if err := vector.WriteNPY(f, out); err != nil {
		return err
	}
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]float64{
		"seconds": seconds, "search_seconds": searched.Seconds(), "bytes": float64(usage.Maxrss) * 1024,
	})
}
