package labelled

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed results.csv
var resultsTable string

// Result is how well a model found the pictures of a set, as `make bench-quality` measured it.
type Result struct {
	Model, Set   string
	MAP          float64
	Low, High    float64 // the 95 % interval of MAP
	Recall1      float64
	Milliseconds float64 // for one picture on two cores
}

// Titles are those of the columns of results.csv.
var Titles = []string{"model", "set", "map", "low", "high", "recall1", "ms"}

// Results returns what was measured, in the order of the table.
var Results = sync.OnceValue(func() []Result {
	all, err := ReadResults(resultsTable)
	if err != nil {
		panic(err) // the file is part of the program, and tested
	}
	return all
})

// ReadResults reads a table of results.
func ReadResults(text string) ([]Result, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	var all []Result
	for _, row := range rows[min(1, len(rows)):] {
		r := Result{Model: row[0], Set: row[1]}
		for i, to := range []*float64{&r.MAP, &r.Low, &r.High, &r.Recall1, &r.Milliseconds} {
			if *to, err = strconv.ParseFloat(row[2+i], 64); err != nil {
				return nil, err
			}
		}
		all = append(all, r)
	}
	return all, nil
}

// ResultsOf returns a model's results in one sentence, or "" where it was not measured.
func ResultsOf(model string) string {
	var of []string
	for _, r := range Results() {
		if r.Model == model {
			of = append(of, fmt.Sprintf("%.2f on %s", r.MAP, r.Set))
		}
	}
	if len(of) == 0 {
		return ""
	}
	return fmt.Sprintf("On the labelled sets, the mean average precision of %s is %s.", model, strings.Join(of, ", "))
}

// Table writes results for the documentation: a row a model, the sets side by side.
func Table(all []Result) string {
	var sets, models []string
	at := map[[2]string]Result{}
	for _, r := range all {
		if _, ok := at[[2]string{r.Model, r.Set}]; ok {
			continue
		}
		at[[2]string{r.Model, r.Set}] = r
		if !slices.Contains(sets, r.Set) {
			sets = append(sets, r.Set)
		}
		if !slices.Contains(models, r.Model) {
			models = append(models, r.Model)
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "| model | %s | ms |\n|---|%s---|\n", strings.Join(sets, " | "), strings.Repeat("---|", len(sets)))
	for _, m := range models {
		fmt.Fprintf(&out, "| %s |", m)
		ms := math.Inf(1)
		for _, s := range sets {
			r, ok := at[[2]string{m, s}]
			if !ok {
				out.WriteString(" – |")
				continue
			}
			fmt.Fprintf(&out, " %.3f (%.2f–%.2f), %.2f |", r.MAP, r.Low, r.High, r.Recall1)
			ms = min(ms, r.Milliseconds) // other work only adds
		}
		fmt.Fprintf(&out, " %.0f |\n", ms)
	}
	return out.String()
}
