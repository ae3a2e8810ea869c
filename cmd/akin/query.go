package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/spf13/cobra"
)

// queryFlags are the flags that make a query, shared by search and compare.
type queryFlags struct {
	add, subtract []string
	crop          string
	text          bool
}

func (f *queryFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVarP(&f.add, "add", "a", nil, "add `QUERY`: what looks like both")
	cmd.Flags().StringArrayVarP(&f.subtract, "subtract", "s", nil, "subtract `QUERY`: what looks less like it")
	cmd.Flags().StringVar(&f.crop, "crop", "", "only this region of the queried pictures: `x,y,w,h` in pixels, percent (0%,50%,100%,50%) or shares (0.0,0.5,1.0,0.5)")
	cmd.Flags().BoolVarP(&f.text, "text", "t", false, "take every query as words")
}

// query reads the arguments, as api.ParseArguments has it.
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
		return nil, usagef("no query: name a picture, a file, an address, or text:WORDS")
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

// term makes a query of a term. There are no uploads here, so that upload:ID is a name.
func (f *queryFlags) term(t api.ParsedTerm) api.Query {
	switch {
	case f.text || t.Kind == api.KindText:
		return akin.Text(t.Words()).Times(t.Weight)
	case t.Kind == api.KindName:
		return akin.Indexed(t.Value).Times(t.Weight)
	}
	return akin.Like(t.Words()).Times(t.Weight)
}

// describe is a query as a person would write it.
func describe(q api.Query) string {
	var b strings.Builder
	for i, t := range q {
		name := t.Picture
		if t.Text != "" {
			name = strconv.Quote(t.Text)
		}
		if t.Crop != nil {
			name += " [" + t.Crop.String() + "]"
		}
		weight := math.Abs(t.Weight)
		switch {
		case t.Weight < 0 && i == 0:
			b.WriteString("- ")
		case t.Weight < 0:
			b.WriteString(" - ")
		case i > 0:
			b.WriteString(" + ")
		}
		if weight != 1 {
			fmt.Fprintf(&b, "%g × ", weight)
		}
		b.WriteString(name)
	}
	return b.String()
}
