package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/record"
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
	flags.BoolVarP(&f.text, "text", "t", false, "search with words: those between + and - are one text")
}

// query parses the arguments in the grammar of api.ParseArguments.
func (f *queryFlags) query(args []string) (api.Query, error) {
	var q api.Query
	if f.text {
		args = joined(args)
	}
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

// joined joins the words between signs.
func joined(args []string) []string {
	var out []string
	sign := true
	for _, arg := range args {
		isSign := arg == "+" || arg == "-"
		if sign || isSign {
			out = append(out, arg)
		} else {
			out[len(out)-1] += " " + arg
		}
		sign = isSign
	}
	return out
}

// mayBeWords reports whether a query that names no picture can be meant as words: it is nothing but words.
func (f *queryFlags) mayBeWords(args []string) bool {
	if f.text || f.crop != "" || len(f.add)+len(f.subtract) > 0 {
		return false
	}
	terms, err := api.ParseArguments(args)
	plain := func(t api.ParsedTerm) bool {
		return t.Kind == api.KindPicture && t.Weight == 1 && !strings.ContainsAny(t.Value, `/\`) && filepath.Ext(t.Value) == ""
	}
	return err == nil && len(terms) == len(args) && !slices.ContainsFunc(terms, func(t api.ParsedTerm) bool { return !plain(t) })
}

// orWords asks with a query; and where it names no picture and nothing like one, with its words, if a model reads them.
func orWords[R any](a *app, f *queryFlags, args []string, q api.Query, ask func(api.Query) (R, error)) (R, error) {
	r, err := ask(q)
	e, ok := errors.AsType[*record.NotIndexedError](err)
	if !ok || len(e.Near) > 0 || !f.mayBeWords(args) {
		return r, err
	}
	words := strings.Join(args, " ")
	found, failed := ask(akin.Text(words))
	if failed == nil {
		a.Notef("no picture is called %q: this is a search for the words %q; --text says so", e.Name, words)
		return found, nil
	}
	if errors.As(failed, new(*model.NoTextError)) && strings.Contains(words, " ") { // one word is rather a wrong name
		return r, fmt.Errorf("%w, and as words: %w", e, failed)
	}
	return r, err
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
