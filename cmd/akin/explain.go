package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/render"
	"github.com/akin-search/akin/cmd/akin/internal/term"
	"github.com/akin-search/akin/internal/source"
)

type explainOptions struct {
	html, out, preview string
}

func (a *app) explainCommand() *cobra.Command {
	var o explainOptions
	cmd := &cobra.Command{
		Use:   "explain A B",
		Short: "Show which regions make two pictures alike",
		Long: `Shows on both pictures which regions make them alike to each model. A and B are names of
indexed pictures, files or addresses. The lighter a region, the more it contributes;
what the model does not see is hatched.

EfficientNets: the score is decomposed exactly into regions, whose parts sum to it.
ViT, DINOv2 and CLIP: each patch is matched with the most similar patch of the other
picture. Other models: one region after the other is occluded.`,
		Example: `  akin explain Chad Romania
  akin explain Chad Romania -m efficientnet-lite0,dinov2-base --html why.html
  akin explain a.jpg b.jpg --out maps/`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, [2]string(args)) },
	}
	o.flags(cmd.Flags())
	return cmd
}

func (o *explainOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.html, "html", "", "also write a page with the maps to `FILE`")
	f.StringVar(&o.out, "out", "", "also write the pictures with their maps as PNG files to `DIR`")
	f.StringVar(&o.preview, "preview", "auto", previewHelp)
}

func (o *explainOptions) run(ctx context.Context, a *app, pair [2]string) error {
	mode, err := term.ParseMode(o.preview)
	if err != nil {
		return usagef("--preview: %w", err)
	}
	names, sources, err := a.locate(ctx, pair)
	if err != nil {
		return err
	}
	models, err := a.installedModels(ctx)
	if err != nil {
		return err
	}
	all, err := a.explain(ctx, models, sources)
	if err != nil {
		return err
	}
	if err := a.writeTo(o.html, func(w io.Writer) error { return render.ExplanationsPage(w, names, all) }); err != nil {
		return err
	}
	if o.out != "" {
		if err := a.writeHeatMaps(o.out, names, all); err != nil {
			return err
		}
	}
	return a.Result(all, func() error {
		err := a.Explanations(names, all, mode)
		if err == nil && o.html == "" && o.out == "" && a.Screen.Mode(mode) == term.None {
			a.Notef("--html FILE or --out DIR shows the maps")
		}
		return err
	})
}

// explain asks each model.
func (a *app) explain(ctx context.Context, models []string, sources [2]string) (all []api.Explanation, err error) {
	p := a.Progress()
	defer p.Close()
	for _, name := range models {
		m, err := akin.OpenModel(name, a.options())
		if err != nil {
			return nil, err
		}
		x, err := m.Explain(ctx, sources[0], sources[1], func(done, total int) {
			p.Update(term.State{Done: done, Total: total, Unit: "regions", Note: name})
		})
		if err = errors.Join(err, m.Close()); err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, nil
}

// locate returns the names and files of two pictures. Only names need a collection.
func (a *app) locate(ctx context.Context, pair [2]string) (names, sources [2]string, err error) {
	for i, arg := range pair {
		names[i], sources[i] = strings.TrimSuffix(filepath.Base(arg), filepath.Ext(arg)), arg
		if info, err := source.Stat(arg); err == nil && !info.IsDir() || strings.Contains(arg, "://") {
			continue
		}
		c, err := a.open(ctx)
		if err != nil {
			return names, sources, fmt.Errorf("%s is not a file, and %w", arg, err)
		}
		p, err := c.Picture(ctx, arg)
		if err = errors.Join(err, c.Close()); err != nil {
			return names, sources, err
		}
		if strings.HasPrefix(p.Source, "import:") {
			return names, sources, fmt.Errorf("%s was imported without a picture; name its file instead", p.Name)
		}
		names[i], sources[i] = p.Name, p.Source
	}
	return names, sources, nil
}

// installedModels returns the models of --model, else those of the collection that are installed,
// else the default.
func (a *app) installedModels(ctx context.Context) ([]string, error) {
	if len(a.models) > 0 {
		return a.models, nil
	}
	c, err := a.open(ctx)
	if err != nil {
		return []string{akin.DefaultModel}, nil
	}
	info, err := c.Info(ctx)
	if err = errors.Join(err, c.Close()); err != nil {
		return nil, err
	}
	installed := map[string]bool{}
	for _, m := range akin.Models(a.options()) {
		installed[m.Name] = m.Present
	}
	var names []string
	for _, s := range info.Spaces {
		if s.Active && installed[s.Model] {
			names = append(names, s.Model)
		}
	}
	if len(names) == 0 {
		names = []string{akin.DefaultModel}
	}
	return names, nil
}

func (a *app) writeHeatMaps(dir string, names [2]string, all []api.Explanation) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, x := range all {
		for i, h := range []api.HeatMap{x.A, x.B} {
			path := filepath.Join(dir, fmt.Sprintf("%s-%s-%s.png", x.Model, string("ab"[i]), fileName(names[i])))
			if err := a.writeTo(path, func(w io.Writer) error { return render.HeatMap(w, h) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// fileName returns a name as part of a file's.
func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '_'
		}
		return r
	}, name)
}
