// Command search measures how long finding the nearest vectors takes: akin beside FAISS,
// hnswlib, usearch and NumPy (peer.py), on the same vectors (make.py, made.go), in one run.
//
//	scripts/bench-search [-rows 200k,500k] [-dim 768,512,1280] [-parts exact,approximate,same]
//	                     [-made 100k] [-growth 10k,30k,100k,300k,1m] [-only faiss] [-json FILE]
//
// exact is every row's score, one query at a time and a thousand in one call;
// approximate is what each index takes where its recall reaches -recall; same compares
// akin's ids and their order with FAISS's, vector by vector.
//
// Each engine is a process of its own that keeps its index while it takes turns with
// akin. Recall is of the neighbours that float64 finds.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

const queryCount = 1000 // of every set

func main() {
	log.SetFlags(0)
	log.SetPrefix("bench: ")
	b := bench{out: tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)}
	parts := flag.String("parts", "exact,approximate,same", "what to measure")
	rows := flag.String("rows", "200k,500k", "rows of the made vectors; exact search is measured on the last")
	dims := flag.String("dim", "768,512,1280", "values of a vector; after the first, approximate searches of the first rows only")
	flag.StringVar(&b.kinds, "kinds", "clustered,isotropic", "kinds of made vectors for approximate searches")
	flag.IntVar(&b.threads, "threads", 2, "threads of exact searches and of building; approximate searches have one")
	flag.IntVar(&b.rounds, "rounds", 5, "how often the engines take turns")
	flag.Float64Var(&b.recall, "recall", 0.99, "recall that the approximate indexes must reach")
	made := flag.String("made", "", "pictures to make and embed with the default model, as 100k; needs make setup")
	growth := flag.String("growth", "", "rows to measure growth at, as 10k,100k,1m,5m; 15 GB of memory for 5m")
	growthDim := flag.Int("growth-dim", 128, "values of a vector for -growth")
	flag.StringVar(&b.only, "only", "", "beside akin, only engines whose names begin with one of these, as hnswlib,faiss IVF")
	drawing := flag.String("growth-out", "docs/images/search-growth", "file of -growth, without .csv and .svg")
	flag.StringVar(&b.work, "work", "bench/.work/search", "folder for vectors")
	flag.StringVar(&b.embeddings, "embeddings", "../shared/flags/embeddings", "folder of embeddings of real pictures (.csv), for the comparison with FAISS; may be absent")
	flag.StringVar(&b.python, "python", "bench/.venv/bin/python", "Python with bench/search/requirements.txt installed")
	jsonFile := flag.String("json", "", "write all that was measured to this file")
	file := flag.String("result", "", "write the rows to this file")
	self := flag.Bool("self", false, "be akin's process")
	flag.Parse()
	var err error
	if *self {
		err = serve(context.Background(), os.Stdin, os.Stdout)
	} else {
		err = b.run(split(*parts), split(*rows), split(*dims), *made, split(*growth), *growthDim, *drawing)
		if *jsonFile != "" {
			err = errors.Join(err, b.writeJSON(*jsonFile))
		}
		if err == nil {
			part := b.part()
			err = part.Write(*file)
		}
	}
	if err != nil {
		log.Fatal(err)
	}
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}

type bench struct {
	threads, rounds          int
	recall                   float64
	work, embeddings, python string
	only, kinds              string
	out                      *tabwriter.Writer

	Date        time.Time
	Limits      limits
	Exact       []exactRow
	Approximate []approximateRow
	Same        []sameRow
	Growth      []growthRow
}

// limits are what the machine gives, measured in the same run.
type limits struct {
	Bytes      float64 // read from memory a second
	Operations float64 // multiplications and additions of float32 a second
}

func (b *bench) run(parts, rows, dims []string, made string, growth []string, growthDim int, drawing string) error {
	b.Date = time.Now()
	if err := b.measureLimits(); err != nil {
		return err
	}
	var madeSet string
	if made != "" {
		var err error
		if madeSet, err = b.makePictures(made); err != nil {
			return err
		}
	}
	for _, part := range parts {
		var err error
		switch part {
		case "exact":
			last := rows[len(rows)-1]
			err = b.measureExact([]string{set("clustered", last, dims[0]), set("isotropic", last, dims[0])})
		case "approximate":
			var sets []string
			kinds := split(b.kinds)
			if slices.Contains(kinds, "clustered") {
				for _, n := range rows {
					sets = append(sets, set("clustered", n, dims[0]))
				}
				for _, dim := range dims[1:] {
					sets = append(sets, set("clustered", rows[0], dim))
				}
			}
			if slices.Contains(kinds, "isotropic") {
				sets = append(sets, set("isotropic", rows[0], dims[0]))
			}
			if madeSet != "" {
				sets = append(sets, madeSet)
			}
			err = b.measureApproximate(sets)
		case "same":
			err = b.compare(madeSet)
		default:
			err = fmt.Errorf("no part is called %q", part)
		}
		if err != nil {
			return err
		}
	}
	if len(growth) > 0 {
		return b.measureGrowth(growth, growthDim, drawing)
	}
	return nil
}

// set is the name of a set of make.py.
func set(kind, rows, dim string) string { return kind + "-" + rows + "-" + dim }

// wants reports whether an engine is to be measured.
func (b *bench) wants(engine string) bool {
	if b.only == "" || strings.HasPrefix(engine, "akin") {
		return true
	}
	return slices.ContainsFunc(split(b.only), func(begin string) bool { return strings.HasPrefix(engine, begin) })
}

// count is the number that 500k or 5m says.
func count(text string) (int, error) {
	number, unit := text, 1
	if s, ok := strings.CutSuffix(text, "k"); ok {
		number, unit = s, 1000
	} else if s, ok := strings.CutSuffix(text, "m"); ok {
		number, unit = s, 1000_000
	}
	n, err := strconv.Atoi(number)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("%q is no number of rows; write 500000, 500k or 5m", text)
	}
	return n * unit, nil
}

func (b *bench) rows(set string) string    { return filepath.Join(b.work, set+".npy") }
func (b *bench) queries(set string) string { return filepath.Join(b.work, set+"-queries.npy") }

// makeSets makes what is not there yet, with the true neighbours.
func (b *bench) makeSets(sets ...string) error {
	cmd := exec.Command(b.python, append([]string{"bench/search/make.py", "--truth", b.work}, sets...)...)
	cmd.Env = append(os.Environ(), fmt.Sprintf("OPENBLAS_NUM_THREADS=%d", b.threads))
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w (install what it needs: make bench-search)", strings.Join(cmd.Args, " "), err)
	}
	return nil
}

func (b *bench) start(engine string) (*process, error) { return start(engine, b.python, b.threads) }

// row writes a line of a table.
func (b *bench) row(cells ...string) { fmt.Fprintln(b.out, strings.Join(cells, "\t")) }

// progress says what is being done; hours may pass between two tables.
func (b *bench) progress(what ...string) {
	fmt.Fprintln(os.Stderr, time.Now().Format(time.TimeOnly), strings.Join(what, " "))
}

func (b *bench) measureLimits() error {
	for engine, value := range map[string]func(answer){
		"akin":  func(a answer) { b.Limits.Bytes = a.Bytes },
		"numpy": func(a answer) { b.Limits.Operations = a.Operations },
	} {
		p, err := b.start(engine)
		if err != nil {
			return err
		}
		a, err := p.do(job{Do: "limits"})
		if err := errors.Join(err, p.close()); err != nil {
			return err
		}
		value(a)
	}
	fmt.Printf("%d threads read %.1f GB a second from memory, and a matrix product makes %.0f thousand million operations a second\n\n",
		b.threads, b.Limits.Bytes/1e9, b.Limits.Operations/1e9)
	return nil
}

// span is the least and the median of several times.
type span struct{ Min, Median float64 }

func spanOf(times []float64) span {
	if len(times) == 0 {
		return span{}
	}
	times = slices.Sorted(slices.Values(times))
	return span{times[0], times[len(times)/2]}
}

func mean(times []float64) float64 {
	sum := 0.
	for _, t := range times {
		sum += t
	}
	return sum / float64(len(times))
}

func (s span) cells() string { return fmt.Sprintf("%.3f\t%.3f", s.Min, s.Median) }

func megabytes(n int64) string { return strconv.FormatInt(n/1000_000, 10) }

func (b *bench) writeJSON(path string) error {
	data, err := json.MarshalIndent(b, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o666)
}
