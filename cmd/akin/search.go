package main

import (
	"context"
	"errors"
	"io"
	"math"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/render"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

type searchOptions struct {
	api.SearchOptions
	query     queryFlags
	filter    filterFlags
	fusion    fusionFlags
	format    formatFlags
	recall    *float64
	maxChance *float64
	exact     bool
	fuse      bool
	preview   string
	html      string
	vectors   string
}

func (a *app) searchCommand() *cobra.Command {
	var o searchOptions
	cmd := &cobra.Command{
		Use:   "search QUERY…",
		Short: "Find what looks like a picture",
		Long: `Finds the pictures that look most like the query: the name of an indexed picture, a file,
an http(s) address, or text:WORDS for models that read text.

Queries can be combined: each is added, "-" before one subtracts it, and "2:" gives it a
weight. To query a picture named "2:three" or "+", write 1:2:three or 1:+. Put -- before
a name that starts with a dash.

Each hit has a score (the cosine with the query), the number of pictures expected to be
as close by luck, and a grade. same: their pixels were compared and match. near and
related: closer than luck; at most 1 in 100 near hits, and 1 in 20 related ones, are luck.
weak: luck explains it. If luck explains every hit, the first line is "no good match".
docs/explanation/scores.md has the details.

` + filterHelp,
		Example: `  akin search Chad
  akin search ~/Downloads/shirt.jpg --top 20 --max-chance 0.01
  akin search Chad + 0.5:Romania - Belgium
  akin search -- -3-0                             a name that starts with a dash
  akin search poster.png --crop 40,60,300,200
  akin search poster.png --crop 0%,50%,100%,50%   the lower half
  akin search Chad --top 0 --min-score 0.9        every picture that close
  akin search cat.jpg --under ~/Pictures --after 2023 --before 2024-07
  akin search cat.jpg --name 'img_*' --tag holiday --not-tag seen
  akin search Chad --fuse --fusion scores         by all models together
  akin search crop.jpg --parts                    what it was cut out of
  akin search logo.png --in regions               somewhere in a picture
  akin search Chad --format paths | akin search Mali --only -
  akin search Chad --format paths -0 | xargs -0 ls -l
  akin search Chad --format '{{.score}}\t{{.source}}'
  akin search Chad --top 50 --html chad.html      a page with the pictures
  akin search --vectors queries.npy --format csv`,
		Args: func(_ *cobra.Command, args []string) error {
			if o.vectors == "" && !o.query.given(args) {
				return errors.New(noQuery)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args) },
	}
	o.flags(a, cmd.Flags())
	return cmd
}

func (o *searchOptions) flags(a *app, f *pflag.FlagSet) {
	o.query.flags(f)
	f.IntVarP(&o.Top, "top", "k", 10, "number of hits; 0 for all")
	f.Var(optional{&o.MinScore}, "min-score", "drop hits with a lower cosine")
	f.Var(optional{&o.maxChance}, "max-chance", "drop hits with a higher chance, the fraction of random pairs that score at least as high, e.g. 0.01; 0 keeps those that no random pair reaches")
	o.filter.flags(f)
	f.BoolVar(&o.fuse, "fuse", false, "search with all models together (those of --model, else all of the collection)")
	o.fusion.flags(f)
	f.IntVar(&o.Verify, "verify", 0, "prove of the best `N` hits which show a part of the query, or are a part of it; these come first")
	f.BoolVar(&o.Parts, "parts", false, "find pictures that are proven to show a part of the query, by the index of parts (\"akin index --parts\") and not by a model")
	f.StringVar(&o.In, "in", "", "search in `regions` of pictures (\"akin index --regions\"), and say which is most like the query")
	f.BoolVar(&o.Fold, "fold", false, "list hits that are the same picture under the best of them")
	f.BoolVar(&o.IncludeSelf, "include-self", false, "keep the query picture itself among the hits")
	f.Var(optional{&o.recall}, "recall", "target recall, e.g. 0.99; lower is faster")
	f.BoolVar(&o.exact, "exact", false, "find every hit; the default below a few million pictures")
	o.format.flags(a, f, "table (the default), json, jsonl, csv, paths, or a template for each hit: '{{.rank}} {{.name}}', with JSON's fields")
	f.StringVar(&o.preview, "preview", "auto", previewHelp)
	f.StringVar(&o.html, "html", "", htmlHelp)
	f.StringVar(&o.vectors, "vectors", "", "search with each row of `FILE.npy` instead, (n, dim); a row of NaN, as \"akin embed\" writes for an unreadable picture, has no hits")
}

// check checks the flags, and completes the options of the search.
func (o *searchOptions) check(a *app, args []string) (err error) {
	switch {
	case o.maxChance != nil && !(*o.maxChance >= 0 && *o.maxChance <= 1):
		return usagef("--max-chance %g: use a fraction from 0 to 1", *o.maxChance)
	case o.MinScore != nil && !(*o.MinScore >= -1 && *o.MinScore <= 1):
		return usagef("--min-score %g: use a cosine from -1 to 1", *o.MinScore)
	case o.recall != nil && !(*o.recall > 0 && *o.recall <= 1):
		return usagef("--recall %g: use a fraction above 0 and up to 1", *o.recall)
	case o.exact && o.recall != nil && *o.recall < 1:
		return usagef("--exact and --recall %g exclude each other", *o.recall)
	case o.Verify < 0:
		return usagef("--verify %d: use 1 or more", o.Verify)
	case (o.Verify > 0 || o.Parts) && o.vectors != "":
		return usagef("--vectors excludes --verify and --parts")
	case o.Parts && (o.MinScore != nil || o.maxChance != nil || o.Fold || o.recall != nil || o.exact || o.fuse || o.fusion.given() || len(a.models) > 0):
		return usagef("no model answers --parts: leave out --model, --fuse, --min-score, --max-chance, --fold, --recall and --exact")
	case o.In != "" && o.In != "regions":
		return usagef("--in %s: only regions can be searched besides whole pictures", o.In)
	case o.In != "" && (o.Parts || o.Fold || o.fuse || o.fusion.given() || o.vectors != ""):
		return usagef("--in regions is by one model: leave out --parts, --fold, --fuse and --vectors")
	case o.Top < 0:
		return usagef("--top %d: use 1 or more, or 0 for all", o.Top)
	case o.vectors != "" && len(args) > 0:
		return usagef("--vectors and QUERY exclude each other")
	case o.vectors != "" && o.html != "":
		return usagef("--vectors and --html exclude each other")
	}
	if o.maxChance != nil { // 0 is no limit to the library
		o.MaxChance = max(*o.maxChance, math.SmallestNonzeroFloat64)
	}
	if o.recall != nil {
		o.Recall = *o.recall
	}
	if o.exact {
		o.Recall = 1
	}
	o.All = o.Top == 0
	o.fuse = o.fuse || o.fusion.given()
	if o.fuse && (o.MinScore != nil || o.MaxChance > 0 || o.Fold || o.Recall > 0) {
		return usagef("fused scores are not cosines: --fuse excludes --min-score, --max-chance, --fold, --recall and --exact")
	}
	if !o.fuse {
		if o.Model, err = a.oneModel(); err != nil {
			return err
		}
	}
	o.Filter, err = o.filter.read(a.in)
	return err
}

func (o *searchOptions) run(ctx context.Context, a *app, args []string) error {
	format, err := o.format.check(a)
	if err != nil {
		return err
	}
	mode, err := term.ParseMode(o.preview)
	if err != nil {
		return usagef("--preview: %w", err)
	}
	if err := o.check(a, args); err != nil {
		return err
	}
	if o.vectors != "" {
		if format == "paths" {
			return usagef("--vectors and --format paths exclude each other")
		}
		return o.searchVectors(ctx, a, format)
	}
	q, err := o.query.query(args)
	if err != nil {
		return err
	}
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	o.Metadata = format == "json" || format == "jsonl"
	r, err := orWords(a, &o.query, args, q, func(q api.Query) (api.Result, error) { return o.search(ctx, a, c, q) })
	if err != nil {
		return err
	}
	o.notes(a, r)
	if err := a.writeTo(o.html, func(w io.Writer) error { return render.SearchPage(ctx, w, a.pictures(c), r) }); err != nil {
		return err
	}
	switch format {
	case "json":
		return a.Document(r)
	case "jsonl":
		return a.SearchLines(r, o.format.lines(a))
	case "csv":
		return a.SearchCSV(r)
	case "paths":
		return a.SearchPaths(r, o.format.zero)
	}
	return a.SearchTable(ctx, a.pictures(c), r, mode)
}

// search searches with one model, or with several fused.
func (o *searchOptions) search(ctx context.Context, a *app, c *akin.Collection, q api.Query) (api.Result, error) {
	options := o.SearchOptions
	if o.fuse {
		fusion, err := o.fusion.read()
		if err != nil {
			return api.Result{}, err
		}
		options.Fuse, options.Models = &fusion, a.models
	}
	if o.Verify > 0 || o.Parts {
		p := a.Progress()
		defer p.Close()
		options.Progress = func(done, total int) {
			p.Update(term.State{Done: done, Total: total, Unit: "pictures", Note: "verifying"})
		}
	}
	return c.Search(ctx, q, options)
}

// notes writes what a person should know about the answer.
func (o *searchOptions) notes(a *app, r api.Result) {
	if r.Recall > 0 && o.recall == nil {
		a.Notef("approximate search with a recall of %g %%; --exact finds every hit", 100*r.Recall)
	}
	if p := r.Parts; p != nil && p.Missing > 0 {
		a.Notef("%s in the index of parts yet; `akin index` adds %s", render.Count(p.Missing, "picture is not", "pictures are not"), render.Plural(p.Missing, "it", "them"))
	}
	a.noteMissing(r.Missing)
	a.noteSkipped(r.Skipped)
	a.Blank(r.Query)
	if len(r.Models) == 1 {
		a.Notef("--fuse has only one model, %s: its hits are not fused, and the scores are not its cosines", r.Models[0])
	}
}

// searchVectors searches with each row of a file.
func (o *searchOptions) searchVectors(ctx context.Context, a *app, format string) error {
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if o.Model == "" {
		if o.Model, err = onlyModel(ctx, c); err != nil {
			return err
		}
	}
	r, err := c.SearchFile(ctx, o.vectors, o.SearchOptions)
	if err != nil {
		return err
	}
	a.noteMissing(r.Missing)
	if err := o.searchedVectors(a, r, format); err != nil {
		return err
	}
	if len(r.NaN) > 0 {
		a.Warnf("%s of %s is NaN and has no hits, the first: %d", render.Count(len(r.NaN), "row"), o.vectors, r.NaN[0])
		return errPartial
	}
	return nil
}

func (o *searchOptions) searchedVectors(a *app, r api.VectorsResult, format string) error {
	switch format {
	case "json":
		return a.Document(r)
	case "jsonl":
		return a.VectorsLines(r, o.format.lines(a))
	case "csv":
		return a.VectorsCSV(r)
	}
	return a.VectorsTable(r)
}

// onlyModel returns the model of a collection that has one; vectors do not say which model made them.
func onlyModel(ctx context.Context, c *akin.Collection) (string, error) {
	answers, err := c.Answers(ctx)
	if err != nil {
		return "", err
	}
	if len(answers.Models) > 1 {
		return "", usagef("which model made these vectors? Name it with --model: the collection has %s", strings.Join(answers.Models, ", "))
	}
	return answers.DefaultModel, nil
}
