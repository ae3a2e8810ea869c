// Command quality measures how well models find the pictures of the labelled sets, and writes
// internal/labelled/results.csv and the table of docs/reference/quality.md. Sets and models that are
// not on this machine are left out, and named; rows of the old table for these stay.
//
//	go run ./bench/quality [-sets logos,flags7] [-models mobilenetv2-gem,efficientnet-lite0]
package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/bench/internal/result"
	"github.com/akin-search/akin/internal/labelled"
	installed "github.com/akin-search/akin/internal/models"
)

const (
	table = "internal/labelled/results.csv"
	page  = "docs/reference/quality.md"
)

func main() {
	sets := flag.String("sets", "", "sets, separated by commas; all that were fetched by default")
	models := flag.String("models", "", "models, separated by commas; all that are installed by default")
	file := flag.String("result", "", "write the rows of what is measured to this file, instead of the table and the page")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, split(*sets), split(*models), *file); err != nil {
		fmt.Fprintln(os.Stderr, "quality:", err)
		os.Exit(1)
	}
}

func split(list string) []string {
	return slices.DeleteFunc(strings.Split(list, ","), func(s string) bool { return s == "" })
}

func run(ctx context.Context, sets, models []string, file string) error {
	o := akin.Options{Background: "white", Home: akin.Home(os.Getenv("AKIN_HOME")), Library: os.Getenv("AKIN_ONNXRUNTIME")}
	if dirs := os.Getenv("AKIN_MODELS"); dirs != "" {
		o.ModelDirs = strings.Split(dirs, string(os.PathListSeparator))
	}
	if len(models) == 0 {
		for _, m := range akin.Models(o) {
			if m.Present {
				models = append(models, m.Name)
			}
		}
	}
	text, err := os.ReadFile(table) // not the one of this program, which may be older
	if err != nil {
		return err
	}
	results, err := labelled.ReadResults(string(text))
	if err != nil {
		return err
	}
	var part result.Part
	for _, s := range akin.LabelledSets() {
		if len(sets) > 0 && !slices.Contains(sets, s.Name) {
			continue
		}
		folder, err := akin.FetchedLabelledSet(s, o.Home)
		if err != nil {
			fmt.Fprintln(os.Stderr, "quality: left out:", err)
			continue
		}
		for _, m := range models {
			fmt.Fprintf(os.Stderr, "quality: %s by %s\n", s.Name, m)
			r, err := measure(ctx, s.Name, folder, m, o)
			if errors.Is(err, akin.ErrNoModel) {
				fmt.Fprintln(os.Stderr, "quality: left out:", err)
				continue
			}
			if err != nil {
				return err
			}
			results = slices.DeleteFunc(results, func(old labelled.Result) bool { return old.Model == r.Model && old.Set == r.Set })
			results = append(results, r)
			part.Add(result.Row{
				Name: "quality/" + r.Set + "/" + r.Model, What: fmt.Sprintf("mean average precision of %s on %s", r.Model, r.Set), Unit: result.Percent,
				Akin: result.Measure{Best: 100 * r.MAP, Median: 100 * r.MAP},
			})
		}
	}
	if file != "" {
		return part.Write(file)
	}
	for _, m := range models {
		ms, err := milliseconds(ctx, m, o)
		if errors.Is(err, akin.ErrNoModel) {
			continue
		}
		if err != nil {
			return err
		}
		for i := range results {
			if results[i].Model == m {
				results[i].Milliseconds = ms
			}
		}
	}
	return write(results)
}

// measure indexes a set with a model, in the collection that akin eval uses, and evaluates it.
func measure(ctx context.Context, set string, folder labelled.Folder, m string, o akin.Options) (labelled.Result, error) {
	o.Models = []string{m}
	c, err := akin.Open(ctx, folder.Collection(), o)
	if err != nil {
		return labelled.Result{}, err
	}
	defer c.Close()
	if _, err := c.Index(ctx, []string{folder.Pictures()}, api.IndexOptions{}); err != nil {
		return labelled.Result{}, err
	}
	f, err := os.Open(folder.Labels())
	if err != nil {
		return labelled.Result{}, err
	}
	defer f.Close()
	labels, err := akin.ReadLabels(f)
	if err != nil {
		return labelled.Result{}, err
	}
	e, err := c.EvaluateGroups(ctx, labels, api.EvaluateOptions{Models: o.Models})
	if err != nil {
		return labelled.Result{}, err
	}
	if len(e.Missing) > 0 {
		return labelled.Result{}, fmt.Errorf("%s: %d pictures could not be read, the first: %s", set, len(e.Missing), e.Missing[0])
	}
	s := e.Summary[m]
	return labelled.Result{
		Model: m, Set: set, MAP: s.MAP, Low: s.MAPInterval[0], High: s.MAPInterval[1], Recall1: s.Recall1,
	}, nil
}

// milliseconds is the least that a picture takes: other work only adds.
func milliseconds(ctx context.Context, m string, o akin.Options) (float64, error) {
	e := installed.NewEngine(installed.Options(o))
	defer e.Close()
	n, err := e.Open(m, installed.View{})
	if err != nil {
		return 0, err
	}
	stage := n.QueryStage()
	pixels, out := make([]float32, stage.Input), make([]float32, stage.Dim)
	least := math.Inf(1)
	for range 200 {
		start := time.Now()
		if err := stage.Run(ctx, pixels, 1, out); err != nil {
			return 0, err
		}
		least = min(least, time.Since(start).Seconds()*1000)
	}
	return least, nil
}

// write sorts results: the model with the most first, its sets as they are listed.
func write(results []labelled.Result) error {
	order := map[string]int{}
	for i, s := range labelled.Sets() {
		order[s.Name] = i
	}
	best := map[string]float64{}
	for _, r := range results {
		best[r.Model] += r.MAP
	}
	slices.SortStableFunc(results, func(a, b labelled.Result) int {
		return cmp.Or(cmp.Compare(best[b.Model], best[a.Model]), strings.Compare(a.Model, b.Model), order[a.Set]-order[b.Set])
	})
	var text strings.Builder
	w := csv.NewWriter(&text)
	rows := [][]string{labelled.Titles}
	for _, r := range results {
		rows = append(rows, []string{r.Model, r.Set, fmt.Sprintf("%.4f", r.MAP), fmt.Sprintf("%.4f", r.Low), fmt.Sprintf("%.4f", r.High), fmt.Sprintf("%.4f", r.Recall1), fmt.Sprintf("%.1f", r.Milliseconds)})
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	if err := os.WriteFile(table, []byte(text.String()), 0o666); err != nil {
		return err
	}
	all, err := labelled.ReadResults(text.String())
	if err != nil {
		return err
	}
	old, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	head, rest, found := strings.Cut(string(old), "| model |")
	if !found {
		return fmt.Errorf("%s has no table to replace", page)
	}
	_, tail, _ := strings.Cut(rest, "\n\n")
	return os.WriteFile(page, []byte(head+labelled.Table(all)+"\n"+tail), 0o666)
}
