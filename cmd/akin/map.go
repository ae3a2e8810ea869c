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
	"github.com/akin-search/akin/cmd/akin/internal/page"
	"github.com/akin-search/akin/cmd/akin/internal/render"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

type mapOptions struct {
	api.MapOptions
	html  string
	outs  []string
	words string
}

func (a *app) mapCommand() *cobra.Command {
	var o mapOptions
	cmd := &cobra.Command{
		Use:   "map",
		Short: "Lay out all pictures in two dimensions, and cluster them",
		Long: `Lays out all pictures in two dimensions, similar ones near each other (UMAP over the exact
nearest neighbours), and clusters them. Each cluster is labelled with its most central
picture and, if a model reads text (CLIP, SigLIP), with the words that fit it better than
the others: of about a hundred common ones, or of --words.

It uses all models of the collection, fused, or those of --model. Positions are stored:
new pictures are added among those they resemble, and the others stay in place, unless
--fresh is given.`,
		Example: `  akin map --html map.html
  akin map -m clip-vit-base-patch32 --out map.png
  akin map --out map.csv --out map.svg
  akin map -m clip-vit-base-patch32 --words animals.txt
  akin map --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), a) },
	}
	o.flags(a, cmd.Flags())
	return cmd
}

func (o *mapOptions) flags(a *app, f *pflag.FlagSet) {
	f.StringVar(&o.html, "html", "", "write a page to pan and zoom, with the pictures, to `FILE`")
	f.StringArrayVar(&o.outs, "out", nil, "write the map to `FILE`: .json, .csv, .png or .svg (repeatable)")
	spreadsheetFlag(a, f)
	f.BoolVar(&o.Fresh, "fresh", false, "discard the stored positions")
	f.IntVar(&o.Neighbors, "neighbors", 15, "neighbours per picture: fewer show local structure, more show global structure")
	f.Float64Var(&o.MinDist, "min-dist", 0.1, "how close pictures may be, above 0 and below 1")
	f.IntVar(&o.MinCluster, "min-cluster", 0, "smallest cluster, in pictures; 0 chooses by the size of the collection")
	f.StringVar(&o.words, "words", "", "label clusters with the words of `FILE`, one label per line")
	f.Uint64Var(&o.Seed, "seed", 0, "seed of the layout")
}

// check checks the flags, and reads the words.
func (o *mapOptions) check() error {
	switch {
	case o.Neighbors < 2:
		return usagef("--neighbors %d: use 2 or more", o.Neighbors)
	case !(o.MinDist > 0 && o.MinDist < 1):
		return usagef("--min-dist %g: use a number above 0 and below 1", o.MinDist)
	case o.MinCluster < 0 || o.MinCluster == 1:
		return usagef("--min-cluster %d: use 2 or more, or 0 to choose by the size of the collection", o.MinCluster)
	}
	for _, out := range o.outs {
		if !render.IsMapFile(out) {
			return usagef("--out %s: use a name that ends in .json, .csv, .png or .svg", out)
		}
	}
	if o.words == "" {
		return nil
	}
	file, err := os.Open(o.words)
	if err != nil {
		return fmt.Errorf("read --words: %w", err)
	}
	o.Words, err = readList(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("read --words %s: %w", o.words, err)
	}
	if len(o.Words) == 0 {
		return fmt.Errorf("read --words %s: it is empty", o.words)
	}
	return nil
}

func (o *mapOptions) run(ctx context.Context, a *app) error {
	if err := o.check(); err != nil {
		return err
	}
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	m, tiles, err := o.layout(ctx, a, c)
	if err != nil {
		return err
	}
	for _, name := range m.Missing {
		a.Warnf("%q has no embedding by %s, and is not on the map", name, strings.Join(m.Models, " or "))
	}
	if !m.Kept {
		a.Notef("the positions could not be stored in %s: the next map may differ", c.Path())
	}
	for _, out := range o.outs {
		if err := a.writeTo(out, func(w io.Writer) error { return a.MapFile(w, out, m, tiles) }); err != nil {
			return err
		}
	}
	if err := a.writeTo(o.html, func(w io.Writer) error { return render.MapPage(w, m, tiles) }); err != nil {
		return err
	}
	return a.Result(m, func() error { return a.Map(m) })
}

// layout makes the map, and reads its pictures if a file shows them.
func (o *mapOptions) layout(ctx context.Context, a *app, c *akin.Collection) (m api.Map, tiles *page.Tiles, err error) {
	p := a.Progress()
	defer p.Close()
	o.Models = a.models
	o.Progress = func(s api.Progress) {
		unit := ""
		if s.Step == "layout" {
			unit = "rounds"
		}
		p.Update(term.State{Done: s.Done, Total: s.Total, Note: s.Step, Unit: unit})
	}
	if m, err = c.Map(ctx, o.MapOptions); err != nil {
		return m, nil, err
	}
	if o.html != "" || slices.ContainsFunc(o.outs, render.ShowsPictures) {
		tiles, err = a.pictures(c).Tiles(ctx, m, a.threads, p)
	}
	return m, tiles, err
}
