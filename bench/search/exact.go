package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// oneCount of queries are asked one by one in a round of exact searches.
const oneCount = 15

// exactRow is one engine's exact search of one set.
type exactRow struct {
	Set, Engine string
	Threads     int
	One         span    // milliseconds a query, each in a call of its own
	Cores       float64 // processor time by time, one query a call; waiting threads that spin count
	Batch       span    // milliseconds a query, all in one call
	Memory      int64   // bytes, the rows with them
	Different   int     // queries whose ids or their order are not float64's
}

var exactPeers = []struct {
	engine  string
	threads int
}{
	{"faiss Flat", 2}, // one query is one thread's work, the other waits
	{"faiss Flat", 1},
	{"faiss 2xFlat", 2}, // half of the rows for each thread
	{"usearch exact", 2},
	{"numpy", 2},
}

func (b *bench) measureExact(sets []string) error {
	fmt.Printf("Exact search, k = 10: milliseconds a query, one in a call and %d in a call\n\n", queryCount)
	b.row("set", "engine", "threads", "one: min", "median", "cores", "batch: min", "median", "MB", "differ")
	for _, set := range sets {
		if err := errors.Join(b.measureExactSet(set), b.out.Flush()); err != nil {
			return err
		}
	}
	fmt.Println()
	for _, set := range sets {
		b.tellExact(set)
	}
	fmt.Println()
	return nil
}

func (b *bench) measureExactSet(set string) error {
	if err := b.makeSets(set); err != nil {
		return err
	}
	truth, err := readIDs(b.truth(set))
	if err != nil {
		return err
	}
	akin, err := b.startTimed("akin exact", set, b.threads, truth)
	if err != nil {
		return err
	}
	var peers []*timed
	for _, p := range exactPeers {
		if !b.wants(p.engine) {
			continue
		}
		b.progress(set, p.engine)
		peer, err := b.startTimed(p.engine, set, min(p.threads, b.threads), truth)
		if err != nil {
			return errors.Join(err, akin.close())
		}
		peers = append(peers, peer)
		for range b.rounds {
			if err = errors.Join(akin.round(b.queries(set)), peer.round(b.queries(set))); err != nil {
				break
			}
		}
		if err := errors.Join(err, peer.close()); err != nil {
			return errors.Join(err, akin.close())
		}
	}
	for _, t := range append([]*timed{akin}, peers...) {
		r := t.row()
		b.Exact = append(b.Exact, r)
		b.row(r.Set, r.Engine, fmt.Sprint(r.Threads), r.One.cells(), fmt.Sprintf("%.2f", r.Cores), r.Batch.cells(), megabytes(r.Memory), fmt.Sprint(r.Different))
	}
	return akin.close()
}

// tellExact says how akin stands to the best of the others, and to the limits.
func (b *bench) tellExact(set string) {
	var akin exactRow
	one, batch := exactRow{}, exactRow{}
	for _, r := range b.Exact {
		switch {
		case r.Set != set:
		case strings.HasPrefix(r.Engine, "akin"):
			akin = r
		default:
			if one.Engine == "" || r.One.Min < one.One.Min {
				one = r
			}
			if batch.Engine == "" || r.Batch.Min < batch.Batch.Min {
				batch = r
			}
		}
	}
	fmt.Printf("%s: one query: akin is %.2f times as fast (minimum; median %.2f) as the fastest other, %s on %d threads; a batch: %.2f times (%.2f) as %s on %d\n",
		set, one.One.Min/akin.One.Min, one.One.Median/akin.One.Median, one.Engine, one.Threads,
		batch.Batch.Min/akin.Batch.Min, batch.Batch.Median/akin.Batch.Median, batch.Engine, batch.Threads)
	fmt.Printf("%s: reading all float32 takes %.1f ms; all their products in a batch take %.2f ms a query\n",
		set, float64(akin.Memory)/b.Limits.Bytes*1000, float64(akin.Memory)/4*2/b.Limits.Operations*1000)
}

// timed is a process whose exact searches are timed.
type timed struct {
	*process
	set        string
	truth      [][]int
	memory     int64
	one, batch []float64
	busy       float64
	different  int
}

func (b *bench) startTimed(engine, set string, threads int, truth [][]int) (*timed, error) {
	p, err := start(engine, b.python, threads)
	if err != nil {
		return nil, err
	}
	built, err := p.do(job{Do: "build", Engine: engine, Rows: b.rows(set)})
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return &timed{process: p, set: set, truth: truth, memory: built.Memory}, nil
}

func (t *timed) round(queries string) error {
	one, err := t.do(job{Do: "search", Queries: queries, Count: oneCount, K: 10})
	if err != nil {
		return err
	}
	batch, err := t.do(job{Do: "search", Queries: queries, Count: queryCount, K: 10, Batch: true, IDs: true})
	if err != nil {
		return err
	}
	t.one = append(t.one, one.Times...)
	t.busy += one.Busy
	t.batch = append(t.batch, batch.Times...)
	t.different = 0
	for i, ids := range batch.IDs {
		if !slices.Equal(ids, t.truth[i][:min(len(ids), len(t.truth[i]))]) {
			t.different++
		}
	}
	return nil
}

func (t *timed) row() exactRow {
	return exactRow{
		Set: t.set, Engine: t.engine, Threads: t.threads, One: spanOf(t.one), Batch: spanOf(t.batch),
		Cores: t.busy * 1000 / (mean(t.one) * float64(len(t.one))), Memory: t.memory, Different: t.different,
	}
}
