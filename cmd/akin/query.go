package main

import (
	"math"
	"strconv"
	"strings"

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
	flags.BoolVarP(&f.text, "text", "t", false, "take every QUERY as words")
}

// query parses the arguments: + and - between queries add and subtract, and 2:QUERY has a weight.
func (f *queryFlags) query(args []string) (api.Query, error) {
	var q api.Query
	weight := 1.0
	pending := ""
	for _, arg := range args {
		if arg == "+" || arg == "-" {
			if pending != "" {
				return nil, usagef("%q follows %q: put a query between them", arg, pending)
			}
			pending = arg
			if weight = 1; arg == "-" {
				weight = -1
			}
			continue
		}
		term, err := f.term(arg)
		if err != nil {
			return nil, err
		}
		q = q.Plus(term.Times(weight))
		weight, pending = 1, ""
	}
	if pending != "" {
		return nil, usagef("put a query after %q", pending)
	}
	for _, side := range []struct {
		args []string
		sign float64
	}{{f.add, 1}, {f.subtract, -1}} {
		for _, arg := range side.args {
			term, err := f.term(arg)
			if err != nil {
				return nil, err
			}
			q = q.Plus(term.Times(side.sign))
		}
	}
	if len(q) == 0 {
		return nil, usagef(noQuery)
	}
	if f.crop != "" {
		c, err := parseCrop(f.crop)
		if err != nil {
			return nil, err
		}
		q = q.Cropped(c)
	}
	return q, nil
}

func (f *queryFlags) term(arg string) (api.Query, error) {
	weight := 1.0
	if head, rest, ok := strings.Cut(arg, ":"); ok {
		if w, err := strconv.ParseFloat(head, 64); err == nil {
			if w == 0 || math.IsInf(w, 0) || math.IsNaN(w) {
				return nil, usagef("query %q: a weight is a number other than 0", arg)
			}
			weight, arg = w, rest
		}
	}
	words, isText := strings.CutPrefix(arg, "text:")
	if strings.TrimSpace(words) == "" {
		return nil, usagef("an empty query")
	}
	if isText || f.text {
		return akin.Text(words).Times(weight), nil
	}
	return akin.Like(arg).Times(weight), nil
}

// parseCrop parses x,y,width,height: whole numbers are pixels; with a %, percent of the picture's
// width and height; with a decimal point, fractions of them.
func parseCrop(s string) (c api.Crop, err error) {
	const want = "want x,y,width,height in pixels (40,60,300,200), percent (0%%,50%%,100%%,50%%) or fractions (0.0,0.5,1.0,0.5)"
	fields := strings.Split(s, ",")
	if len(fields) != 4 {
		return c, usagef("--crop %s: "+want, s)
	}
	percent := strings.Contains(s, "%")
	c.Relative = percent || strings.Contains(s, ".")
	for i, to := range []*float64{&c.X, &c.Y, &c.Width, &c.Height} {
		number, isPercent := strings.CutSuffix(strings.TrimSpace(fields[i]), "%")
		v, err := strconv.ParseFloat(number, 64)
		if err != nil || percent && !isPercent && v != 0 {
			return c, usagef("--crop %s: "+want, s)
		}
		if percent {
			v /= 100
		}
		*to = v
	}
	if err := c.Check(); err != nil {
		return c, usagef("--crop: %w", err)
	}
	return c, nil
}
