package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/render"
)

type importOptions struct {
	api.ImportOptions
	columns string
}

func (a *app) importCommand() *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "import --model NAME FILE",
		Short: "Import embeddings that another program made",
		Long: `Imports embeddings into the space of a model. Use it to search with embeddings that you
already have.

Where the names and the values are:

  .csv, .parquet,      names in the column "name", else in the first; values in a column
  .arrow, .jsonl       of lists, such as "embedding", or in numbered ones: e0, e1, …
  .npz, .safetensors   an array or a tensor in place of each column
  .npy, .faiss         values only, (n, dim); --names has the names

A .csv may have lists as pandas prints them. A .faiss must be an index that holds its
vectors: IndexFlat, IndexHNSWFlat, IndexIVFFlat, or SQ8, float16 and bfloat16, which are
read as rounded. In IndexIDMap and IVF, id 0 is the first name. How columns were read is
reported. If two could hold the values, akin asks for --column.

A row belongs to the picture with its path (also from another machine, as far as folders
are the same), its file name, or its name (underscores, spaces, case and brackets are
ignored). A row that matches several pictures is refused; one that matches none becomes a
picture without a file, and is reported. A row of NaN, as "akin embed" writes for a picture
that cannot be read, is left out and listed; the exit status is then 3.`,
		Example: `  akin import --model clip national_flag_embeddings_clip.csv
  akin import --model mine rows.parquet --column name=file_name,values=clip
  akin import --model mine arrays.npz --column values=features,name=ids
  akin import --model mine vectors.npy --names names.txt
  akin import --model mine index.faiss --names names.txt
  akin import --model mine vectors.csv --column name=filename,values=x0`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args[0]) },
	}
	o.flags(cmd.Flags())
	return cmd
}

func (o *importOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.Names, "names", "", "for files without names: the names, one per line or in a table, in `FILE`")
	f.StringVar(&o.columns, "column", "", "the columns, or arrays, with the names, paths and values: `name=COL,values=COL`, by title or number from 1")
}

// check checks the flags, and completes the options.
func (o *importOptions) check(a *app, file string) (err error) {
	if o.Model, err = a.oneModel(); err != nil {
		return err
	}
	if o.Model == "" {
		return usagef("which model made them? Name it with --model NAME")
	}
	o.File = file
	if o.columns != "" {
		if o.Columns, err = akin.ParseColumns(o.columns, api.NameColumn, api.PathColumn, api.ValuesColumn); err != nil {
			return usagef("--column: %w", err)
		}
	}
	return nil
}

func (o *importOptions) run(ctx context.Context, a *app, file string) error {
	if err := o.check(a, file); err != nil {
		return err
	}
	c, err := a.openToWrite(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	p := a.Progress()
	o.Progress = progress(p, "vectors sorted")
	r, err := c.Import(ctx, o.ImportOptions)
	p.Close()
	if err != nil {
		return err
	}
	for _, t := range r.Tables {
		if words := t.String(); words != "" {
			a.Notef("%s: %s", render.Place(t.File), words)
		}
	}
	if r.New > 0 && r.Files > 0 {
		a.Notef("%s no indexed picture, the first: %s", render.Count(r.New, "name matches", "names match"), r.Unmatched[0])
	}
	for _, name := range r.NaN {
		a.Warnf("%s: its row is NaN: it has no embedding, and was left out", name)
	}
	if err := a.Result(r, func() error { return a.Import(r) }); err != nil {
		return err
	}
	if len(r.NaN) > 0 {
		return errPartial
	}
	return nil
}
