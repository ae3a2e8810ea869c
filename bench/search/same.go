package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/akin-search/akin/internal/vector"
)

// sameRow compares akin's exact search of a set with FAISS's IndexFlatIP.
type sameRow struct {
	Set        string
	Dim        int
	Queries    int     // asked with k = 10 and 100, one in a call and all in one
	Identical  int     // the same ids in the same order
	Ties       int     // only rows differ whose scores are equal in float32; akin's are in order of their ids
	Rounding   int     // FAISS's order is not float64's, by no more than its float32 sums may be wrong
	FaissWrong int     // … by more
	AkinWrong  int     // akin's order is not float64's, rounded once to float32
	Gap        float64 // the largest difference of float64 scores where the two differ
}

// compare counts what differs on sets that are easy, ugly and real.
func (b *bench) compare(madeSet string) error {
	sets := []string{}
	for _, dim := range []int{512, 768, 1280} {
		sets = append(sets, fmt.Sprintf("clustered-20k-%d", dim), fmt.Sprintf("isotropic-20k-%d", dim))
	}
	sets = append(sets, "duplicates-5k-768", "zeros-5k-768", "denormals-5k-768", "ties-5k-768")
	if err := b.makeSets(sets...); err != nil {
		return err
	}
	real, err := b.readEmbeddings()
	if err != nil {
		return err
	}
	sets = append(sets, real...)
	if madeSet != "" {
		sets = append(sets, madeSet)
	}
	fmt.Printf("akin's exact search beside FAISS IndexFlatIP: queries (k = 10 and 100, one in a call and all in one) by how their ids differ\n\n")
	b.row("set", "queries", "identical", "equal scores", "FAISS's rounding", "FAISS wrong", "akin wrong", "largest gap")
	total := sameRow{Set: "all"}
	for _, set := range sets {
		b.progress("comparing", set)
		r, err := b.compareSet(set)
		if err != nil {
			return err
		}
		b.Same = append(b.Same, r)
		b.tellSame(r)
		total.Queries += r.Queries
		total.Identical += r.Identical
		total.Ties += r.Ties
		total.Rounding += r.Rounding
		total.FaissWrong += r.FaissWrong
		total.AkinWrong += r.AkinWrong
		total.Gap = max(total.Gap, r.Gap)
	}
	b.tellSame(total)
	if err := b.out.Flush(); err != nil {
		return err
	}
	fmt.Println()
	if total.AkinWrong > 0 {
		return fmt.Errorf("%d of akin's answers are wrong", total.AkinWrong)
	}
	return nil
}

func (b *bench) tellSame(r sameRow) {
	b.row(r.Set, fmt.Sprint(r.Queries), fmt.Sprint(r.Identical), fmt.Sprint(r.Ties), fmt.Sprint(r.Rounding),
		fmt.Sprint(r.FaissWrong), fmt.Sprint(r.AkinWrong), fmt.Sprintf("%.1g", r.Gap))
}

// readEmbeddings turns the embeddings of real pictures into sets whose queries are their
// own rows.
func (b *bench) readEmbeddings() (sets []string, err error) {
	files, err := filepath.Glob(filepath.Join(b.embeddings, "*.csv"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		csv, err := vector.ReadCSV(f, nil)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		m := csv.Rows
		for i := range m.Rows() {
			vector.Normalize(m.Row(i))
		}
		name := strings.TrimSuffix(filepath.Base(file), ".csv")
		name = name[strings.LastIndexByte(name, '_')+1:]
		set := fmt.Sprintf("%s-%d-%d", name, m.Rows(), m.Dim)
		if err := errors.Join(writeMatrix(b.rows(set), m), writeMatrix(b.queries(set), m)); err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	if len(files) > 0 {
		err = b.makeSets(sets...) // the true neighbours
	}
	return sets, err
}

func (b *bench) compareSet(set string) (r sameRow, err error) {
	rows, err := readMatrix(b.rows(set))
	if err != nil {
		return r, err
	}
	queries, err := readMatrix(b.queries(set))
	if err != nil {
		return r, err
	}
	truth, err := readIDs(b.truth(set))
	if err != nil {
		return r, err
	}
	r = sameRow{Set: set, Dim: rows.Dim}
	var processes []*process
	defer func() {
		for _, p := range processes {
			err = errors.Join(err, p.close())
		}
	}()
	for _, engine := range []string{"akin exact", "faiss Flat"} {
		p, err := b.start(engine)
		if err != nil {
			return r, err
		}
		processes = append(processes, p)
		if _, err := p.do(job{Do: "build", Engine: engine, Rows: b.rows(set)}); err != nil {
			return r, err
		}
	}
	asked := map[bool]int{false: queryCount / 5, true: queryCount}
	for _, k := range []int{10, 100} {
		for _, batch := range []bool{false, true} {
			var found [2]answer
			for i, p := range processes {
				if found[i], err = p.do(job{Do: "search", Queries: b.queries(set), Count: asked[batch], K: min(k, rows.Rows()), Batch: batch, IDs: true}); err != nil {
					return r, err
				}
			}
			for i, ids := range found[0].IDs {
				r.judge(queries.Row(i), rows, ids, found[1].IDs[i], truth[i][:min(len(truth[i]), len(ids))])
			}
		}
	}
	return r, nil
}

// judge sorts one query's answers into a column.
func (r *sameRow) judge(q []float32, rows vector.Matrix, akin, faiss, truth []int) {
	r.Queries++
	identical := slices.Equal(akin, faiss)
	if identical && slices.Equal(akin, truth) {
		r.Identical++
		return
	}
	ours, theirs, best := scoresOf(q, rows, akin), scoresOf(q, rows, faiss), scoresOf(q, rows, truth)
	// akin's order: float64 rounded once to float32, equal ones by id.
	wrong := len(akin) != len(truth)
	for i := range min(len(akin), len(truth)) {
		wrong = wrong || float32(ours[i].score) != float32(best[i].score) ||
			i > 0 && float32(ours[i].score) == float32(ours[i-1].score) && akin[i] <= akin[i-1]
	}
	if wrong {
		r.AkinWrong++
		return
	}
	if identical {
		r.Identical++
		return
	}
	ties, rounding := true, true
	for i := range akin {
		a, f := ours[i], theirs[i]
		gap := math.Abs(a.score - f.score)
		ties = ties && float32(a.score) == float32(f.score)
		rounding = rounding && gap <= a.bound+f.bound
		r.Gap = max(r.Gap, gap)
	}
	switch {
	case ties:
		r.Ties++
	case rounding:
		r.Rounding++
	default:
		r.FaissWrong++
	}
}

// score is a dot product as it truly is, and what a sum in float32 may miss it by,
// whatever its order.
type score struct{ score, bound float64 }

func scoresOf(q []float32, rows vector.Matrix, ids []int) []score {
	scores := make([]score, len(ids))
	for i, id := range ids {
		scores[i] = scoreOf(q, rows.Row(id))
	}
	return scores
}

func scoreOf(a, b []float32) score {
	var sum, lost, size float64 // Neumaier's sum: products of float32 are exact in float64
	for i := range a {
		product := float64(a[i]) * float64(b[i])
		size += math.Abs(product)
		next := sum + product
		if math.Abs(sum) >= math.Abs(product) {
			lost += sum - next + product
		} else {
			lost += product - next + sum
		}
		sum = next
	}
	const unit, least = 1. / (1 << 24), 0x1p-149
	n := float64(len(a)) * unit
	return score{sum + lost, n/(1-n)*size + float64(len(a))*least}
}

func (b *bench) truth(set string) string { return filepath.Join(b.work, set+"-truth.json") }

// readIDs reads a query's ids a line.
func readIDs(path string) (ids [][]int, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &ids); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return ids, nil
}

// shape is how many rows of how many values a set has, from its name.
func shape(set string) (rows, dim int, err error) {
	parts := strings.Split(set, "-")
	if len(parts) != 3 {
		return 0, 0, fmt.Errorf("%q is no KIND-ROWS-DIM", set)
	}
	if rows, err = count(parts[1]); err != nil {
		return 0, 0, err
	}
	dim, err = count(parts[2])
	return rows, dim, err
}

func writeMatrix(path string, m vector.Matrix) error {
	partial := path + ".partial"
	f, err := os.Create(partial)
	if err != nil {
		return err
	}
	if err := errors.Join(vector.WriteNPY(f, m), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(partial, path)
}
