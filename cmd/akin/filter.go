package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/table"
)

// filterFlags choose which pictures may be hits.
type filterFlags struct {
	filter    api.Filter
	only      string
	near, box string
}

const filterHelp = `Filters choose which pictures may be hits: those --under a folder, with a --name, taken
in a year (--taken), --after or --before a date, with a --camera, --lens, --label,
--keyword, --caption or --rating, taken --near a place or in a --box, with a --tag (see
"akin tag") or without one, or --only those of a list. A picture without a date of its
own has the date of its file.`

func (f *filterFlags) flags(flags *pflag.FlagSet) {
	flags.StringVar(&f.filter.Under, "under", "", "only pictures under `DIR`")
	flags.StringArrayVar(&f.filter.Names, "name", nil, "only pictures whose name matches `GLOB`, or whose path does if GLOB has a slash (repeatable: any)")
	flags.StringVar(&f.filter.Taken, "taken", "", "only pictures taken in `PERIOD`: 2024, 2024-07 or 2024-07-31")
	flags.StringVar(&f.filter.After, "after", "", "only pictures taken on or after `DATE`: 2024, 2024-07 or 2024-07-31")
	flags.StringVar(&f.filter.Before, "before", "", "only pictures taken before `DATE`")
	flags.StringArrayVar(&f.filter.Cameras, "camera", nil, "only pictures of `CAMERA`, make and model or a glob: 'nikon*' (repeatable: any)")
	flags.StringArrayVar(&f.filter.Lenses, "lens", nil, "only pictures taken with `LENS`, or a glob (repeatable: any)")
	flags.IntVar(&f.filter.Rating, "rating", 0, "only pictures with `STARS` or more, 1 to 5")
	flags.StringArrayVar(&f.filter.Labels, "label", nil, "only pictures with the colour `LABEL` (repeatable: any)")
	flags.StringArrayVar(&f.filter.Keywords, "keyword", nil, "only pictures with `KEYWORD`, or a glob (repeatable: all)")
	flags.StringArrayVar(&f.filter.Captions, "caption", nil, "only pictures with these `WORDS` in title or caption (repeatable: all)")
	flags.StringVar(&f.near, "near", "", "only pictures taken within so many kilometres of a place: `LAT,LON,KM`")
	flags.StringVar(&f.box, "box", "", "only pictures taken in an area: `SOUTH,WEST,NORTH,EAST` in degrees")
	flags.StringArrayVar(&f.filter.Tags, "tag", nil, "only pictures with `TAG` (repeatable: all)")
	flags.StringArrayVar(&f.filter.NotTags, "not-tag", nil, "only pictures without `TAG` (repeatable: all)")
	flags.StringVar(&f.only, "only", "", "only the pictures listed in `FILE`: one name or path per line, or a table with a header (-: stdin)")
}

// filterFlag is the flag of each field of a filter that can be malformed.
var filterFlag = map[string]string{
	"under": "--under", "names": "--name", "after": "--after", "before": "--before", "taken": "--taken", "tags": "--tag", "not_tags": "--not-tag",
	"cameras": "--camera", "lenses": "--lens", "rating": "--rating", "labels": "--label", "keywords": "--keyword", "captions": "--caption", "near": "--near", "box": "--box",
}

// read returns the filter, with what the file of --only lists.
func (f *filterFlags) read(stdin io.Reader) (api.Filter, error) {
	var err error
	if f.filter.Near, err = readNumbers(f.near); err != nil {
		return api.Filter{}, usagef("--near: %w: want LAT,LON,KM", err)
	}
	if f.filter.Box, err = readNumbers(f.box); err != nil {
		return api.Filter{}, usagef("--box: %w: want SOUTH,WEST,NORTH,EAST", err)
	}
	if err := akin.CheckFilter(f.filter); err != nil {
		if e, ok := errors.AsType[*api.FilterError](err); ok {
			return api.Filter{}, usagef("%s: %w", filterFlag[e.Field], e.Err)
		}
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
	filter := f.filter
	if filter.Only, err = readList(in); err != nil {
		return api.Filter{}, fmt.Errorf("read --only %s: %w", f.only, err)
	}
	return filter, nil
}

// readNumbers reads numbers with commas between them; "" is none.
func readNumbers(text string) ([]float64, error) {
	if text == "" {
		return nil, nil
	}
	var all []float64
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil {
			return nil, fmt.Errorf("%.40q is no number", part)
		}
		all = append(all, n)
	}
	return all, nil
}

// readList reads one name or path per line, or separated by zero bytes as from
// `akin search --format paths -0`, or a table with a header as from --format csv: of that the
// column of paths, else of names. The list is never nil.
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

// best returns the column whose title fits a role best, or -1.
func best(role api.ColumnRole, titles []string) int {
	at := -1
	for i, t := range titles {
		if r := table.Rank(role, t); r >= 0 && (at < 0 || r < table.Rank(role, titles[at])) {
			at = i
		}
	}
	return at
}
