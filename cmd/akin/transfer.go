package main

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/term"
	"github.com/spf13/cobra"
)

func (a *app) importCommand() *cobra.Command {
	var o api.ImportOptions
	var columns string
	cmd := &cobra.Command{
		Use:   "import --model NAME FILE",
		Short: "Take in embeddings that another program made",
		Long: `Reads embeddings into the space of a model. A .csv has names in a column called name, or
else in its first, and the values in a column "features", as pandas prints NumPy arrays
and lists, or in one column a value, numbered: e0, e1, …; a .npy (n x dim) or .faiss
needs --names, a file with a name a line, or a table with a column of names. A .faiss is
an index of FAISS that holds the vectors as they were (IndexFlatIP, IndexFlatL2,
IndexHNSWFlat); under an IndexIDMap, id 0 is the first line's name. How columns were
understood is told; --column says it where akin is wrong or cannot be sure.

A row gives its embedding to the picture of its path (also on another machine, as far as
folders are the same), of its file name, or of its name (underscores, spaces, case and
brackets aside). What can be of several pictures is refused; what is of none becomes a
picture without a file, and is told.`,
		Example: `  akin import --model clip national_flag_embeddings_clip.csv
  akin import --model mine vectors.npy --names names.txt
  akin import --model mine index.faiss --names names.txt
  akin import --model mine vectors.csv --column name=filename,values=x0`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			model, err := a.oneModel()
			if err != nil {
				return err
			}
			if model == "" {
				return usagef("which model made them? --model NAME")
			}
			o.Model, o.File = model, args[0]
			if columns != "" {
				if o.Columns, err = akin.ParseColumns(columns, api.NameColumn, api.PathColumn, api.ValuesColumn); err != nil {
					return usagef("--column: %w", err)
				}
			}
			c, err := a.open(cmd.Context(), true)
			if err != nil {
				return err
			}
			defer c.Close()
			progress := term.NewProgress(a.console, a.quiet)
			o.Progress = func(ordered, toOrder int) {
				progress.Update(term.State{Done: ordered, Total: toOrder, Unit: "vectors put in order"})
			}
			r, err := c.Import(cmd.Context(), o)
			progress.Close()
			if err != nil {
				return err
			}
			for _, t := range r.Tables {
				if words := t.String(); words != "" {
					a.notef("akin: %s: %s", place(t.File), words)
				}
			}
			if r.New > 0 && r.Files > 0 {
				a.notef("akin: %s of no picture that was there, the first: %s", count(r.New, "name is", "names are"), r.Unmatched[0])
			}
			if a.json {
				return a.writeJSON(r)
			}
			err = a.sayf("%s of %s into %s: %d of pictures that were there%s, %s",
				count(r.Rows, "embedding"), count(r.Dim, "value"), r.Model, r.Matched, matchWords(r), count(r.New, "new name"))
			return err
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.Names, "names", "", "for .npy and .faiss: the names, one a line or in a table, in `FILE`")
	f.StringVar(&columns, "column", "", "which columns have the names, paths and values: `name=COL,values=COL`, by title or number from 1")
	return cmd
}

// matchWords tells by what pictures were found, where it was not their names alone.
func matchWords(r api.ImportReport) string {
	var parts []string
	for _, by := range []struct {
		n    int
		word string
	}{{r.MatchedBy.Path, "path"}, {r.MatchedBy.File, "file name"}, {r.MatchedBy.Name, "name"}} {
		if by.n > 0 {
			parts = append(parts, fmt.Sprintf("%d by %s", by.n, by.word))
		}
	}
	if r.MatchedBy.Name == r.Matched {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

func (a *app) exportCommand() *cobra.Command {
	var format, out, names string
	cmd := &cobra.Command{
		Use:   "export --model NAME --out FILE",
		Short: "Write a model's embeddings as .csv, .npy or .faiss",
		Long: `Writes the unit vectors of a model, a row a picture, in the order of the
collection. A .faiss is an IndexFlatIP, for faiss.read_index. --names writes the names
of the rows, one a line, which .npy and .faiss have no room for.`,
		Example: `  akin export --model clip --out clip.csv
  akin export --model clip --out clip.npy --names clip.txt
  akin export --model clip --out clip.faiss --names clip.txt`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return usagef("--out FILE is missing")
			}
			if format == "" {
				format = akin.FormatOf(out)
			}
			if format != "csv" && format != "npy" && format != "faiss" {
				return usagef("--format %q: want csv, npy or faiss", format)
			}
			var model string
			c, err := a.openFor(cmd.Context(), &model)
			if err != nil {
				return err
			}
			defer c.Close()
			e, err := c.Export(cmd.Context(), model)
			if err != nil {
				return err
			}
			if names != "" {
				if names == out {
					return usagef("--out and --names are both %s", out)
				}
				for _, n := range e.Names {
					if strings.ContainsAny(n, "\r\n") {
						return fmt.Errorf("export: the name %q has a line break, which a list of names cannot have; use --format csv", n)
					}
				}
			}
			if a.spreadsheet && format == "csv" {
				for i, n := range e.Names {
					e.Names[i] = harmless(n)
				}
			}
			if err := writeFile(out, func(w *bufio.Writer) error { return e.Write(w, format) }); err != nil {
				return err
			}
			if names != "" {
				err := writeFile(names, func(w *bufio.Writer) error {
					for _, n := range e.Names {
						if _, err := fmt.Fprintln(w, n); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					return err
				}
			}
			a.notef("akin: wrote %s: %s of %s", out, count(len(e.Names), "embedding"), e.Model)
			return nil
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&out, "out", "o", "", "file to write (required)")
	f.StringVar(&format, "format", "", "csv, npy or faiss (else by the file's name)")
	a.sheetFlag(cmd)
	f.StringVar(&names, "names", "", "also write the names, one a line, to `FILE`")
	return cmd
}
