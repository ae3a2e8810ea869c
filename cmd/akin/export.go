package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/cmd/akin/internal/render"
)

type exportOptions struct {
	format, out, names string
}

func (a *app) exportCommand() *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use:   "export --model NAME --out FILE",
		Short: "Export a model's embeddings to a file for other programs",
		Long: `Writes the unit vectors of a model, one row per picture, in the order of the collection.
Use it to take embeddings to other programs.

  .csv                         the name and the values of each row
  .parquet, .arrow, .feather   columns name, path and embedding, as pandas, DuckDB and
                               Embedding Atlas read them
  .npz                         arrays names and embeddings
  .safetensors                 a tensor embeddings; the names as a JSON list in its metadata
  .npy                         (n, dim) float32
  .faiss                       an IndexFlatIP, for faiss.read_index
  .tsv                         for TensorBoard's projector, with the names as metadata

.npy, .faiss and .tsv hold no names: --names writes them, one per line.`,
		Example: `  akin export --model clip --out clip.csv
  akin export --model clip --out clip.parquet
  akin export --model clip --out clip.npy --names clip.txt
  akin export --model clip --out clip.faiss --names clip.txt
  akin export --model clip --out vectors.tsv --names metadata.tsv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), a) },
	}
	o.flags(a, cmd.Flags())
	return cmd
}

func (o *exportOptions) flags(a *app, f *pflag.FlagSet) {
	f.StringVarP(&o.out, "out", "o", "", "file to write (required)")
	f.StringVar(&o.format, "format", "", alternatives(akin.ExportFormats)+" (default: by the file's name)")
	spreadsheetFlag(a, f)
	f.StringVar(&o.names, "names", "", "also write the names, one per line, to `FILE`")
}

// alternatives lists words, the last behind "or".
func alternatives(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// check checks the flags, and completes the options.
func (o *exportOptions) check() error {
	if o.out == "" {
		return usagef("--out FILE is missing")
	}
	if o.names == o.out {
		return usagef("--out and --names are both %s", o.out)
	}
	if o.format == "" {
		o.format = akin.FormatOf(o.out)
	}
	if !slices.Contains(akin.ExportFormats, o.format) {
		return usagef("--format %q: use %s", o.format, alternatives(akin.ExportFormats))
	}
	return nil
}

func (o *exportOptions) run(ctx context.Context, a *app) error {
	if err := o.check(); err != nil {
		return err
	}
	var model string
	c, err := a.openFor(ctx, &model)
	if err != nil {
		return err
	}
	defer c.Close()
	e, err := c.Export(ctx, model)
	if err != nil {
		return err
	}
	if o.names != "" {
		for _, n := range e.Names {
			if strings.ContainsAny(n, "\r\n") {
				return fmt.Errorf("export: the name %q has a line break, which a list of names cannot hold; use --format csv", n)
			}
		}
	}
	if a.Spreadsheet && o.format == "csv" {
		for i, n := range e.Names {
			e.Names[i] = render.Harmless(n)
		}
	}
	if err := writeFile(o.out, func(w io.Writer) error { return e.Write(w, o.format) }); err != nil {
		return err
	}
	if o.names != "" {
		if err := writeText(o.names, strings.Join(e.Names, "\n")+"\n"); err != nil {
			return err
		}
	}
	a.Notef("wrote %s: %s of %s", o.out, render.Count(len(e.Names), "embedding"), e.Model)
	return a.Result(struct {
		File  string `json:"file"`
		Names string `json:"names,omitempty"` // the file of names
		Model string `json:"model"`
		Rows  int    `json:"rows"`
	}{o.out, o.names, e.Model, len(e.Names)}, func() error { return nil })
}
