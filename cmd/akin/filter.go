package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/table"
	"github.com/spf13/cobra"
)

// filterFlags are the flags that say which pictures may be hits, shared by search
// and compare.
type filterFlags struct {
	filter api.Filter
	only   string
}

// filterHelp explains them.
const filterHelp = `Filters say which pictures may be hits: --under a folder, called like a --name, taken
--after and --before a date, with a --tag ("akin tag") and without another, or --only
those of a list. Where a picture does not tell when it was taken, its file's date counts.`

func (f *filterFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.filter.Under, "under", "", "only pictures under `DIR`")
	flags.StringArrayVar(&f.filter.Names, "name", nil, "only pictures whose name matches `GLOB`, or whose path does where it has a slash (repeatable: any of them)")
	flags.StringVar(&f.filter.After, "after", "", "only pictures taken in this year, month, day or time, or later: `DATE` as 2024, 2024-07, 2024-07-31")
	flags.StringVar(&f.filter.Before, "before", "", "only pictures taken before `DATE` begins")
	flags.StringArrayVar(&f.filter.Tags, "tag", nil, "only pictures with `TAG` (repeatable: all of them)")
	flags.StringArrayVar(&f.filter.NotTags, "not-tag", nil, "no pictures with `TAG` (repeatable)")
	flags.StringVar(&f.only, "only", "", "only the pictures in `FILE`, a name or path a line, or a table with titles (-: stdin)")
}

// read gives the filter, with what the file of --only lists.
func (f *filterFlags) read(stdin io.Reader) (api.Filter, error) {
	if err := akin.CheckFilter(f.filter); err != nil {
		return api.Filter{}, usageError{err}
	}
	if f.only == "" {
		return f.filter, nil
	}
	in := stdin
	if f.only != "-" {
		file, err := os.Open(f.only)
		if err != nil {
			return api.Filter{}, fmt.Errorf("read --only: %w", err)
		}
		defer file.Close()
		in = file
	}
	filter, err := f.filter, error(nil)
	if filter.Only, err = readList(in); err != nil {
		return api.Filter{}, fmt.Errorf("read --only %s: %w", f.only, err)
	}
	return filter, nil
}

// readList reads names or paths a line, or with zero bytes between them, as
// `akin search --format paths -0` writes them, or a table with titles, as --format csv does: then its
// column of paths, or of names where there is none. It is never nil.
func readList(r io.Reader) ([]string, error) {
	list := []string{}
	in, encoding, err := table.Decode(r, true)
	if err != nil {
		return nil, err
	}
	if head, _ := in.Peek(1 << 16); encoding == table.UTF8 && bytes.IndexByte(head, 0) >= 0 {
		for {
			entry, err := in.ReadString(0)
			if entry = strings.TrimSuffix(entry, "\x00"); entry != "" {
				list = append(list, entry)
			}
			if errors.Is(err, io.EOF) {
				return list, nil
			}
			if err != nil {
				return nil, err
			}
		}
	}
	rows, err := table.NewReader(in, table.Options{Plain: true})
	if err != nil {
		return nil, err
	}
	column, titles := 0, !rows.Lines
	for {
		fields, err := rows.Read()
		switch {
		case errors.Is(err, io.EOF):
			return list, nil
		case err != nil:
			return nil, err
		case titles:
			titles = false
			if column = best(table.Path, fields); column < 0 {
				column = max(0, best(table.Name, fields))
			}
			continue
		}
		if column < len(fields) && fields[column] != "" {
			list = append(list, fields[column])
		}
	}
}

// best is the column whose title says most clearly that it has a role, or -1.
func best(role api.ColumnRole, titles []string) int {
	at := -1
	for i, t := range titles {
		if r := table.Rank(role, t); r >= 0 && (at < 0 || r < table.Rank(role, titles[at])) {
			at = i
		}
	}
	return at
}

// leftOut tells which models could not answer, and why.
func (a *app) leftOut(absent []api.Failure) {
	for _, f := range absent {
		a.notef("akin: %s is left out: %s", f.Source, f.Error)
	}
}

// noteMissing says which listed pictures the collection does not have.
func (a *app) noteMissing(missing []string) {
	if n := len(missing); n > 0 {
		a.notef("akin: %d of the listed pictures are not in the collection, the first: %s", n, missing[0])
	}
}
