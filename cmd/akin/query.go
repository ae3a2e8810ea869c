package main

import (
	"github.com/spf13/pflag"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// queryFlags make a query, in search, compare and disagree.
type queryFlags struct {
	add, subtract []string
	crop          string
	text          bool
}

const noQuery = "no query: name a picture, a file, an address, or text:WORDS"

// given reports whether there is a query at all.
func (f *queryFlags) given(args []string) bool { return len(args)+len(f.add)+len(f.subtract) > 0 }

func (f *queryFlags) flags(flags *pflag.FlagSet) {
	flags.StringArrayVarP(&f.add, "add", "a", nil, "add `QUERY`: find what looks like both")
	flags.StringArrayVarP(&f.subtract, "subtract", "s", nil, "subtract `QUERY`: find what looks less like it")
	flags.StringVar(&f.crop, "crop", "", "use only this region of the query pictures: `x,y,w,h` in pixels, percent (0%,50%,100%,50%) or fractions (0.0,0.5,1.0,0.5)")
	flags.BoolVarP(&f.text, "text", "t", false, "treat every QUERY as words")
}

// query parses the arguments in the grammar of api.ParseArguments.
func (f *queryFlags) query(args []string) (api.Query, error) {
	var q api.Query
	if len(args) > 0 {
		terms, err := api.ParseArguments(args)
		if err != nil {
			return nil, usagef("%w", err)
		}
		for _, t := range terms {
			q = q.Plus(f.term(t))
		}
	}
	for _, side := range []struct {
		args []string
		sign float64
	}{{f.add, 1}, {f.subtract, -1}} {
		for _, arg := range side.args {
			t, err := api.ParseArgument(arg)
			if err != nil {
				return nil, usagef("%w", err)
			}
			q = q.Plus(f.term(t).Times(side.sign))
		}
	}
	if len(q) == 0 {
		return nil, usagef(noQuery)
	}
	if f.crop != "" {
		c, err := api.ParseCrop(f.crop)
		if err != nil {
			return nil, usagef("--crop: %w", err)
		}
		q = q.Cropped(c)
	}
	return q, nil
}

// term returns the query of a term. There are no uploads here: upload:ID is a name.
func (f *queryFlags) term(t api.ParsedTerm) api.Query {
	switch {
	case f.text || t.Kind == api.KindText:
		return akin.Text(t.Words()).Times(t.Weight)
	case t.Kind == api.KindName:
		return akin.Indexed(t.Value).Times(t.Weight)
	}
	return akin.Like(t.Words()).Times(t.Weight)
}
