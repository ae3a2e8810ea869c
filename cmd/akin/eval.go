package main

import (
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
)

type evalOptions struct {
	fusion  fusionFlags
	groups  bool
	learn   bool
	list    bool
	html    string
	gallery int
}

func (a *app) evalCommand() *cobra.Command {
	var o evalOptions
	cmd := &cobra.Command{
		Use:   "eval PAIRS.csv|SET",
		Short: "Evaluate which model finds the pairs that people call alike",
		Long: `Reads pairs of names that belong together, two or more a row, and shows for each model, and
for their fusion, the rank of b among a's neighbours and of a among b's: 1/1 if each is
the other's nearest. MRR is the mean of 1/rank, and recall@k the fraction of ranks up to
k, over both directions; each has its 95 % interval. A paired permutation test says which
models differ significantly.

Some sets of pairs come with akin: --list shows them. Write ./NAME for a file of that name.

With --groups, the file labels pictures (name,group a row), and the measures are those of
image retrieval: mAP, R-precision, MAP@R and recall@k.

With --learn, it learns the weights of the fusion from the pairs, and cross-validates
them on held-out pairs.`,
		Example: `  akin eval flags
  akin eval pairs.csv --model clip,vgg16 --html report.html
  akin eval pairs.csv --fusion scores --weights clip=2,vgg16=0.5
  akin eval pairs.csv --learn
  akin eval labels.csv --groups`,
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
	o.fusion.flags(f)
	f.BoolVar(&o.learn, "learn", false, "learn the weights of the fusion from the pairs")
	f.BoolVar(&o.list, "list", false, "list the sets of pairs that come with akin")
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
	fusion, err := o.fusion.read()
	if err != nil {
		return err
	}
	evaluate := o.pairs
	if o.groups {
		evaluate = o.labels
	}
	return evaluate(ctx, a, args[0], api.EvaluateOptions{Models: a.models, Fusion: fusion})
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
	return a.PairSets(sets)
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
		return nil, fmt.Errorf("no file %s, and %w", arg, notSet)
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
