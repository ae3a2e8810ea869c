package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// growthRow is one engine's time and memory at one number of rows.
type growthRow struct {
	Engine, Setting string
	Rows, Dim       int
	Recall          float64
	Time            float64 // milliseconds a query, the least of the rounds
	Build           float64 // seconds
	Memory          int64   // bytes
	ReadTime        float64 // milliseconds that reading every float32 takes
	OperationsTime  float64 // milliseconds that all products take
}

// graphRows is where building a graph begins to take the better part of an hour.
const graphRows = 1000_000

// measureGrowth measures one query at a time, exact searches on all threads and
// approximate ones on one, and writes a table and a drawing.
func (b *bench) measureGrowth(sizes []string, dim int, out string) error {
	fmt.Printf("Growth, %d values a vector, k = 10: the least milliseconds a query; approximate at recall %g\n\n", dim, b.recall)
	b.row("rows", "engine", "setting", "recall", "ms", "build s", "MB", "reading takes ms")
	for _, size := range sizes {
		n, err := count(size)
		if err != nil {
			return err
		}
		set := fmt.Sprintf("clustered-%s-%d", size, dim)
		if err := b.makeSets(set); err != nil {
			return err
		}
		truth, err := readIDs(b.truth(set))
		if err != nil {
			return err
		}
		for _, x := range growthEngines(n, b.recall) {
			if !b.wants(x.engine) {
				continue
			}
			r, err := b.growthOf(x, set, truth)
			if errors.Is(err, errAbsent) {
				continue
			} else if err != nil {
				return err
			}
			bytes := float64(n) * float64(dim) * 4
			r.Rows, r.Dim, r.ReadTime, r.OperationsTime = n, dim, bytes/b.Limits.Bytes*1000, bytes/2/b.Limits.Operations*1000
			b.Growth = append(b.Growth, r)
			b.row(size, r.Engine, r.Setting, fmt.Sprintf("%.4f", r.Recall), fmt.Sprintf("%.3f", r.Time), fmt.Sprintf("%.1f", r.Build), megabytes(r.Memory), fmt.Sprintf("%.3f", r.ReadTime))
			b.progress(size, r.Engine, "is measured")
		}
	}
	if err := b.out.Flush(); err != nil {
		return err
	}
	fmt.Println()
	if err := b.writeGrowth(out + ".csv"); err != nil {
		return err
	}
	cmd := exec.Command(b.python, "bench/search/plot.py", out+".csv", out+".svg")
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// growthEngines are the searches that are followed; those without settings are exact.
func growthEngines(rows int, recall float64) []index {
	engines := []index{{engine: "akin exact"}, {engine: "faiss Flat"}, {engine: "akin approximate", settings: []string{fmt.Sprintf("recall=%g", recall)}}}
	for _, x := range approximatePeers(rows) {
		switch {
		case x.grid || x.engine == "faiss HNSW32 efConstruction=200" || x.engine == "usearch i8 connectivity=32 expansion_add=128":
		case len(x.engine) > 9 && x.engine[:9] == "faiss IVF" || rows <= graphRows:
			engines = append(engines, x)
		}
	}
	return engines
}

func (b *bench) growthOf(x index, set string, truth [][]int) (r growthRow, err error) {
	if len(x.settings) > 0 {
		i, err := b.startIndexed(x, set, truth)
		if err != nil {
			return r, err
		}
		f := &i.found[0]
		for range b.rounds {
			if err := i.time(f); err != nil {
				return r, errors.Join(err, i.close())
			}
		}
		return growthRow{Engine: x.engine, Setting: f.Setting, Recall: f.Recall, Time: spanOf(f.one).Min, Build: f.Build, Memory: f.Memory}, i.close()
	}
	p, err := b.start(x.engine)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	built, err := p.do(job{Do: "build", Engine: x.engine, Rows: b.rows(set)})
	if err != nil {
		return r, err
	}
	var times []float64
	for range b.rounds {
		a, err := p.do(job{Do: "search", Queries: b.queries(set), Count: oneCount, K: 10})
		if err != nil {
			return r, err
		}
		times = append(times, a.Times...)
	}
	return growthRow{Engine: x.engine, Recall: 1, Time: spanOf(times).Min, Build: built.Seconds, Memory: built.Memory}, nil
}

func (b *bench) writeGrowth(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', 5, 64) }
	_ = w.Write([]string{"engine", "setting", "rows", "dim", "recall", "milliseconds", "build_seconds", "memory_bytes", "read_milliseconds", "operations_milliseconds"})
	for _, r := range b.Growth {
		_ = w.Write([]string{
			r.Engine, r.Setting, strconv.Itoa(r.Rows), strconv.Itoa(r.Dim), number(r.Recall), number(r.Time), number(r.Build),
			strconv.FormatInt(r.Memory, 10), number(r.ReadTime), number(r.OperationsTime),
		})
	}
	w.Flush() // errors of Write are kept until here
	return errors.Join(w.Error(), f.Close())
}
