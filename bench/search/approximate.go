package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// approximateRow is one engine's approximate search of one set, with one setting.
type approximateRow struct {
	Set, Engine, Setting string
	K                    int
	Recall               float64
	Reached              bool    // the recall that was wanted
	One, Batch           span    // milliseconds a query, one in a call and all in one
	Build                float64 // seconds
	Memory, Size         int64   // bytes that the process grew by, bytes of the index
	Sweep                []point
	Absent               bool `json:",omitempty"`
}

// point is what one setting gives.
type point struct {
	Setting string
	Recall  float64
	Mean    float64 // milliseconds a query
}

// index is an approximate index and the settings that trade time for recall, the
// fastest first. A grid's settings are in no order, so all are tried.
type index struct {
	engine   string
	settings []string
	grid     bool
}

// tuned is akin with the setting that just reaches the recall of these queries, as the peers have it. Without their true
// neighbours nobody can choose so: akin itself is told the recall that is wanted.
const tuned = "akin approximate, tuned"

var askedRecalls = []string{"recall=0.8", "recall=0.85", "recall=0.9", "recall=0.93", "recall=0.95", "recall=0.96", "recall=0.97", "recall=0.98", "recall=0.99"}

func approximatePeers(rows int) []index {
	widths := []int{10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024}
	lists := 1 << int(math.Log2(4*math.Sqrt(float64(rows)))) // what FAISS's guidelines say, 4 to 16 times the root
	var probes, refined, coarse []string
	for n := 1; n <= min(512, lists); n *= 2 {
		probes = append(probes, fmt.Sprintf("nprobe=%d", n))
		if n >= 4 && n <= 128 {
			for _, factor := range []int{4, 10, 25} {
				refined = append(refined, fmt.Sprintf("nprobe=%d,k_factor_rf=%d", n, factor))
			}
			for _, factor := range []int{10, 25, 60} { // a bit a dimension tells less
				coarse = append(coarse, fmt.Sprintf("nprobe=%d,k_factor_rf=%d", n, factor))
			}
		}
	}
	named := func(name string) (settings []string) {
		for _, w := range widths {
			settings = append(settings, fmt.Sprintf("%s=%d", name, w))
		}
		return settings
	}
	return []index{
		{"faiss HNSW32 efConstruction=100", named("efSearch"), false},
		{"faiss HNSW32 efConstruction=200", named("efSearch"), false},
		{fmt.Sprintf("faiss IVF%d,SQ8", lists), probes, false},
		{fmt.Sprintf("faiss IVF%d,RaBitQ,RFlat", lists), coarse, true},
		{fmt.Sprintf("faiss IVF%d,RaBitQfs,RFlat", lists), coarse, true},
		{fmt.Sprintf("faiss IVF%d,PQ{dim/4}x4fs,RFlat", lists), refined, true},
		{fmt.Sprintf("faiss IVF%d,PQ{dim/2}x4fs,RFlat", lists), refined, true},
		{"hnswlib M=32 efConstruction=200", named("ef"), false},
		{"usearch f32 connectivity=32 expansion_add=128", named("expansion_search"), false},
		{"usearch bf16 connectivity=32 expansion_add=128", named("expansion_search"), false},
		{"usearch i8 connectivity=32 expansion_add=128", named("expansion_search"), false},
	}
}

func (b *bench) measureApproximate(sets []string) error {
	fmt.Printf("Approximate search where recall reaches %g: milliseconds a query on one thread; built on %d threads\n\n", b.recall, b.threads)
	b.row("set", "engine", "k", "setting", "recall", "one: min", "median", "batch: min", "median", "build s", "MB", "index MB")
	for _, set := range sets {
		if err := errors.Join(b.measureApproximateSet(set), b.out.Flush()); err != nil {
			return err
		}
	}
	fmt.Println()
	return nil
}

func (b *bench) measureApproximateSet(set string) error {
	if err := b.makeSets(set); err != nil {
		return err
	}
	truth, err := readIDs(b.truth(set))
	if err != nil {
		return err
	}
	rows, dim, err := shape(set)
	if err != nil {
		return err
	}
	akin, err := b.startIndexed(index{engine: "akin approximate", settings: []string{fmt.Sprintf("recall=%g", b.recall)}}, set, truth)
	if errors.Is(err, errAbsent) {
		b.Approximate = append(b.Approximate, approximateRow{Set: set, Engine: "akin approximate", Absent: true})
		b.row(set, "akin approximate", "", errAbsent.Error())
		akin = nil
	} else if err != nil {
		return err
	}
	for _, x := range approximatePeers(rows) {
		if !b.wants(x.engine) {
			continue
		}
		x.engine = strings.NewReplacer("{dim/4}", fmt.Sprint(dim/4), "{dim/2}", fmt.Sprint(dim/2)).Replace(x.engine)
		peer, err := b.startIndexed(x, set, truth)
		if err == nil {
			err = errors.Join(b.takeTurns(peer, akin), peer.close())
		}
		if err != nil {
			if akin != nil {
				err = errors.Join(err, akin.close())
			}
			return err
		}
		b.tellApproximate(peer)
	}
	if akin == nil {
		return nil
	}
	b.tellApproximate(akin)
	return akin.close()
}

// takeTurns times a peer's best settings and, when it is there, akin.
func (b *bench) takeTurns(peer, akin *indexed) error {
	for range b.rounds {
		for _, x := range []*indexed{akin, peer} {
			if x == nil {
				continue
			}
			for i := range x.found {
				if err := x.time(&x.found[i]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (b *bench) tellApproximate(x *indexed) {
	for _, f := range x.found {
		r := f.approximateRow
		r.One, r.Batch = spanOf(f.one), spanOf(f.batch)
		b.Approximate = append(b.Approximate, r)
		recall := fmt.Sprintf("%.4f", r.Recall)
		if !r.Reached {
			recall += " at most"
		}
		b.row(r.Set, r.Engine, fmt.Sprint(r.K), r.Setting, recall, r.One.cells(), r.Batch.cells(), fmt.Sprintf("%.1f", r.Build), megabytes(r.Memory), megabytes(r.Size))
	}
	b.progress(x.found[0].Set, x.index.engine, "is measured")
}

// sweep finds the fastest setting that reaches the recall, or else the one that comes
// nearest to it.
func (b *bench) sweep(x *indexed, r *approximateRow, truth [][]int) error {
	for _, setting := range x.settings {
		a, err := x.search(r.K, setting, true, false)
		if err != nil {
			return err
		}
		p := point{setting, recall(a.IDs, truth, r.K), mean(a.Times)}
		r.Sweep = append(r.Sweep, p)
		if !x.grid && p.Recall >= max(b.recall, 0.9995) {
			break // the rest is slower
		}
	}
	best := slices.MinFunc(r.Sweep, func(p, q point) int {
		if reached := p.Recall >= b.recall; reached != (q.Recall >= b.recall) {
			if reached {
				return -1
			}
			return 1
		} else if reached {
			return int(math.Copysign(1, p.Mean-q.Mean))
		}
		return int(math.Copysign(1, q.Recall-p.Recall))
	})
	r.Setting, r.Recall, r.Reached = best.Setting, best.Recall, best.Recall >= b.recall
	return nil
}

// indexed is a process with an approximate index.
type indexed struct {
	*process
	index
	queries string
	found   []found // a k: the best setting
}

// found is a setting and the times that it took, a round each.
type found struct {
	approximateRow
	one, batch []float64
}

// startIndexed builds an index and finds its settings.
func (b *bench) startIndexed(x index, set string, truth [][]int) (*indexed, error) {
	p, err := b.start(x.engine)
	if err != nil {
		return nil, err
	}
	built, err := p.do(job{Do: "build", Engine: x.engine, Rows: b.rows(set)})
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	i := &indexed{process: p, index: x, queries: b.queries(set)}
	ways := []index{x}
	if isAkin(x.engine) {
		ways = append(ways, index{engine: tuned, settings: askedRecalls, grid: true})
	}
	for _, k := range []int{10, 100} {
		for _, way := range ways {
			i.index = way
			r := approximateRow{Set: set, Engine: way.engine, K: k, Build: built.Seconds, Memory: built.Memory, Size: built.Size}
			if err := b.sweep(i, &r, truth); err != nil {
				return nil, errors.Join(err, p.close())
			}
			i.found = append(i.found, found{approximateRow: r})
		}
	}
	i.index = x
	return i, nil
}

func (x *indexed) time(f *found) error {
	one, err := x.search(f.K, f.Setting, false, false)
	if err != nil {
		return err
	}
	batch, err := x.search(f.K, f.Setting, false, true)
	if err != nil {
		return err
	}
	f.one, f.batch = append(f.one, mean(one.Times)), append(f.batch, mean(batch.Times))
	return nil
}

func (x *indexed) search(k int, setting string, ids, batch bool) (answer, error) {
	return x.do(job{Do: "search", Queries: x.queries, Count: queryCount, K: k, Setting: setting, Threads: 1, IDs: ids, Batch: batch})
}

// recall is the share of the true neighbours that were found.
func recall(found, truth [][]int, k int) float64 {
	hits, wanted := 0, 0
	for i, ids := range found {
		near := truth[i][:min(k, len(truth[i]))]
		wanted += len(near)
		for _, id := range near {
			if slices.Contains(ids, id) {
				hits++
			}
		}
	}
	return float64(hits) / float64(wanted)
}
