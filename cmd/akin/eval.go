package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/render"
	"github.com/akin-search/akin/internal/labelled"
)

type evalOptions struct {
	fusion  fusionFlags
	groups  bool
	triplet bool
	learn   bool
	list    bool
	html    string
	gallery int
}

func (a *app) evalCommand() *cobra.Command {
	var o evalOptions
	cmd := &cobra.Command{
		Use:   "eval PAIRS.csv|LABELS.csv|TRIPLETS.csv|SET",
		Short: "Evaluate which model finds the pairs that people call alike",
		Long: `Reads pairs of names that belong together, two or more a row, and shows for each model, and
for their fusion, the rank of b among a's neighbours and of a among b's: 1/1 if each is
the other's nearest. MRR is the mean of 1/rank, and recall@k the fraction of ranks up to
k, over both directions; each has its 95 % interval. A paired permutation test says which
models differ significantly.

Some sets come with akin, or can be fetched: --list shows them. Write ./NAME for a file of
that name.

With --groups, the file labels pictures (name,group a row), and the measures are those of
image retrieval: mAP, R-precision, MAP@R and recall@k. A set that "akin fetch" downloads
is such a file with its pictures: they are indexed in a collection of their own, on white,
with the models of --model, and all models of that collection are evaluated.

With --triplets, the file has answers of people to which of two pictures is more like a third
(ref,left,right,choice a row; or share, of the people who preferred right), and the measure is
how often a model answers as people do (2AFC), beside how far people agree.

With --learn, it learns the weights of the fusion from the pairs, and cross-validates
them on held-out pairs.`,
		Example: `  akin eval flags
  akin eval logos --model mobilenetv2-gem,efficientnet-lite0
  akin eval pairs.csv --model clip,vgg16 --html report.html
  akin eval pairs.csv --fusion scores --weights clip=2,vgg16=0.5
  akin eval pairs.csv --learn
  akin eval labels.csv --groups
  akin eval judgements.csv --triplets`,
		Args: func(cmd *cobra.Command, args []string) error {
			if o.list {
				return cobra.NoArgs(cmd, args)
			}
			return cobra.ExactArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args) },
	}
	o.flags(cmd.Flags())
	return cmd
}

func (o *evalOptions) flags(f *pflag.FlagSet) {
	f.BoolVar(&o.groups, "groups", false, "the file labels pictures: name,group")
	f.BoolVar(&o.triplet, "triplets", false, "the file has answers to triplets: ref,left,right,choice or share")
	o.fusion.flags(f)
	f.BoolVar(&o.learn, "learn", false, "learn the weights of the fusion from the pairs")
	f.BoolVar(&o.list, "list", false, "list the sets that come with akin or can be fetched")
	f.StringVar(&o.html, "html", "", "also write a page, with the pairs and their nearest pictures, to `FILE`")
	f.IntVarP(&o.gallery, "top", "k", 6, "with --html: number of neighbours of each picture")
}

func (o *evalOptions) run(ctx context.Context, a *app, args []string) error {
	if o.list {
		return listPairSets(a)
	}
	if o.learn && (o.groups || o.html != "" || o.fusion.given()) {
		return usagef("--learn excludes --groups, --html, --fusion and --weights")
	}
	if o.triplet && (o.groups || o.learn || o.html != "" || o.fusion.given()) {
		return usagef("--triplets excludes --groups, --learn, --html, --fusion and --weights")
	}
	fusion, err := o.fusion.read()
	if err != nil {
		return err
	}
	e := api.EvaluateOptions{Models: a.models, Fusion: fusion}
	if o.triplet {
		return o.triplets(ctx, a, args[0])
	}
	if set, err := akin.FindLabelledSet(args[0]); err == nil && !isFile(args[0]) {
		if o.learn {
			return usagef("--learn learns from pairs, and %s has groups", args[0])
		}
		return o.labelledSet(ctx, a, set, e)
	}
	if o.groups {
		return o.labels(ctx, a, args[0], e)
	}
	return o.pairs(ctx, a, args[0], e)
}

// labelledSet indexes a fetched set with the models that it lacks, and evaluates it.
func (o *evalOptions) labelledSet(ctx context.Context, a *app, set akin.LabelledSet, e api.EvaluateOptions) error {
	folder, err := akin.FetchedLabelledSet(set, a.env.home)
	if err != nil {
		return err
	}
	labels, err := readLabels(folder.Labels())
	if err != nil {
		return err
	}
	a.background = cmp.Or(a.background, "white")
	if err := a.checkModels(); err != nil {
		return err
	}
	c, err := akin.Open(ctx, folder.Collection(), a.options())
	if err != nil {
		return err
	}
	defer c.Close()
	i := indexOptions{IndexOptions: api.IndexOptions{Prune: true}}
	report, _, err := i.index(ctx, a, c, []string{folder.Pictures()})
	if err != nil {
		return err
	}
	_ = a.warnFailed(report.Failed)
	return o.groupsOf(ctx, a, c, labels, e)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// labels evaluates how well each model finds the pictures of a group.
func (o *evalOptions) labels(ctx context.Context, a *app, file string, e api.EvaluateOptions) error {
	labels, err := readLabels(file)
	if err != nil {
		return err
	}
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return o.groupsOf(ctx, a, c, labels, e)
}

// groupsOf evaluates a collection by labels.
func (o *evalOptions) groupsOf(ctx context.Context, a *app, c *akin.Collection, labels []api.Label, e api.EvaluateOptions) error {
	r, err := c.EvaluateGroups(ctx, labels, e)
	if err != nil {
		return err
	}
	a.warnMissing(r.Missing)
	if err := a.writeTo(o.html, func(w io.Writer) error { return render.GroupEvaluationPage(ctx, w, a.pictures(c), labels, r) }); err != nil {
		return err
	}
	return a.Result(r, func() error { return a.GroupEvaluation(r) })
}

// triplets evaluates how often each model answers as people do.
func (o *evalOptions) triplets(ctx context.Context, a *app, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	triplets, undecided, err := akin.ReadTriplets(f)
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	r, err := c.EvaluateTriplets(ctx, triplets, a.models)
	if err != nil {
		return err
	}
	r.Undecided = undecided
	a.warnMissing(r.Missing)
	return a.Result(r, func() error { return a.TripletEvaluation(r) })
}

// pairs evaluates how well each model finds pairs, or learns the weights of a fusion from them.
func (o *evalOptions) pairs(ctx context.Context, a *app, file string, e api.EvaluateOptions) error {
	pairs, err := readPairs(file)
	if err != nil {
		return err
	}
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if o.learn {
		r, err := c.LearnFusion(ctx, pairs, e.Models)
		if err != nil {
			return err
		}
		a.warnMissing(r.Missing)
		return a.Result(r, func() error { return a.LearnedFusion(r) })
	}
	r, err := c.Evaluate(ctx, pairs, e)
	known := func(p api.Pair) bool { return !slices.Contains(r.Missing, p.A) }
	if errors.Is(err, akin.ErrNotIndexed) && slices.ContainsFunc(pairs, known) {
		return fmt.Errorf("%w; read a file of names and their groups with --groups", err)
	}
	if err != nil {
		return err
	}
	a.warnMissing(r.Missing)
	search := func(model, name string) (api.Result, error) {
		return c.Search(ctx, akin.Like(name), api.SearchOptions{Model: model, Top: o.gallery})
	}
	if err := a.writeTo(o.html, func(w io.Writer) error { return render.EvaluationPage(ctx, w, a.pictures(c), r, search) }); err != nil {
		return err
	}
	return a.Result(r, func() error { return a.Evaluation(r) })
}

func listPairSets(a *app) error {
	var sets []render.PairSet
	for _, s := range akin.PairSets() {
		pairs, err := s.Pairs()
		if err != nil {
			return err
		}
		sets = append(sets, render.PairSet{Name: s.Name, About: s.About, Pairs: len(pairs)})
	}
	all := struct {
		Pairs    []render.PairSet     `json:"pairs"`
		Labelled []render.LabelledSet `json:"labelled"`
	}{sets, a.labelledSets()}
	return a.Result(all, func() error {
		if err := a.PairSets(all.Pairs); err != nil {
			return err
		}
		fmt.Fprintln(a.Text)
		return a.LabelledSets(all.Labelled)
	})
}

// readPairs reads a file of pairs, or a set that comes with akin. Where both have the name, ./
// before it means the file.
func readPairs(arg string) ([]api.Pair, error) {
	set, notSet := akin.FindPairSet(arg)
	info, err := os.Stat(arg)
	isFile := err == nil && !info.IsDir()
	switch {
	case notSet == nil && isFile:
		return nil, usagef("%s is both a file here and a set of pairs: write ./%s for the file, or run akin in another folder for the set", arg, arg)
	case notSet == nil:
		return set.Pairs()
	case errors.Is(err, os.ErrNotExist) && !strings.ContainsAny(arg, `/\.`):
		return nil, fmt.Errorf("no file %s, and %w", arg, unknownSet(arg, notSet))
	}
	f, err := os.Open(arg)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	pairs, err := akin.ReadPairs(f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", arg, err)
	}
	return pairs, nil
}

// unknownSet is the error that knows a set of nearly that name.
func unknownSet(name string, notPairs error) error {
	_, err := akin.FindLabelledSet(name)
	if e, ok := errors.AsType[*labelled.UnknownSetError](err); ok && len(e.Nearest) > 0 {
		return err
	}
	return notPairs
}

func readLabels(path string) ([]api.Label, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	labels, err := akin.ReadLabels(f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return labels, nil
}
