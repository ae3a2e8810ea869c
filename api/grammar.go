package api

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// TermKind says what the value of a ParsedTerm is.
type TermKind string

// The kinds of terms.
const (
	KindPicture TermKind = "picture" // as written: a name, and where the caller allows it, a file
	KindName    TermKind = "name"    // name:NAME, the name of an indexed picture and nothing else
	KindURL     TermKind = "url"     // an http or https address
	KindText    TermKind = "text"    // text:WORDS
	KindUpload  TermKind = "upload"  // upload:ID, a picture that was sent to a server
	KindMean    TermKind = "mean"    // mean:ID, the mean of a selection that a server has stored
)

// ParsedTerm is a term of a query as ParseQuery reads it.
type ParsedTerm struct {
	Kind   TermKind `json:"kind"`
	Value  string   `json:"value"`
	Weight float64  `json:"weight"`

	written string // with its prefix
}

// ParseQuery reads a query from its words: one term a word, where a word "+" or "-" adds or
// subtracts the next term. The command line, the HTTP API and the page share this grammar:
//
//	query = term { [ "+" | "-" ] term }
//	term  = [ "-" ] [ weight ":" ] [ prefix ":" ] value
//
// A weight is a decimal number other than 0, as in "0.5:Mali", and "-" subtracts: "-France",
// "-0.5:Mali". The prefixes are
//
//	name:NAME     the name of an indexed picture, to the letter
//	text:WORDS    words, for models that read text
//	upload:ID     a picture that was uploaded to a server
//	mean:ID       the mean of a selection that a server has stored
//
// A value that begins with http:// or https:// is an address. Any other is a picture's name, and
// on the command line also a file's. Spaces after "-" and after a weight do not count.
//
// At most one weight and one prefix are read. To query a picture named "2:three" or "+", write
// "1:2:three" or "1:+", or use name:.
//
// The cases in testdata/queries.json are run by the tests of the page too.
func ParseQuery(words []string) ([]ParsedTerm, error) { return parseQuery(words, ParseTerm) }

// ParseArguments is ParseQuery for the arguments of a command. A shell's user who means a sign
// writes it as a word of its own, and a name with a dash before it can only follow "--": so a
// leading dash is part of the name unless a weight follows.
func ParseArguments(args []string) ([]ParsedTerm, error) { return parseQuery(args, ParseArgument) }

func parseQuery(words []string, parse func(string) (ParsedTerm, error)) ([]ParsedTerm, error) {
	var terms []ParsedTerm
	operator := ""
	for _, word := range words {
		if word == "+" || word == "-" {
			if operator != "" {
				return nil, Invalidf("query: %q after %q: expected a term", word, operator)
			}
			operator = word
			continue
		}
		t, err := parse(word)
		if err != nil {
			return nil, err
		}
		if operator == "-" {
			t.Weight = -t.Weight
		}
		terms, operator = append(terms, t), ""
	}
	switch {
	case operator != "":
		return nil, Invalidf("query: expected a term after %q", operator)
	case len(terms) == 0:
		return nil, Invalidf("empty query")
	}
	return terms, nil
}

// weighted matches the weight of a term. Hexadecimal numbers, infinities and the like are names.
var weighted = regexp.MustCompile(`^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?:`)

// ParseTerm reads one term of ParseQuery's grammar.
func ParseTerm(word string) (ParsedTerm, error) {
	rest, minus := strings.CutPrefix(word, "-")
	t := ParsedTerm{Weight: 1}
	if minus {
		rest, t.Weight = strings.TrimLeft(rest, " "), -1
	}
	if weight := weighted.FindString(rest); weight != "" {
		w, err := strconv.ParseFloat(strings.TrimSuffix(weight, ":"), 64)
		if err != nil || w == 0 || math.IsInf(w, 0) {
			return t, Invalidf("query %q: a weight must be a finite number other than 0", word)
		}
		rest, t.Weight = strings.TrimLeft(rest[len(weight):], " "), t.Weight*w
	}
	t.written = rest
	t.Kind, t.Value = kindOf(rest)
	if strings.TrimSpace(t.Value) == "" {
		return t, Invalidf("query %q: empty term", word)
	}
	return t, nil
}

// ParseArgument reads one term of ParseArguments.
func ParseArgument(arg string) (ParsedTerm, error) {
	if rest, dash := strings.CutPrefix(arg, "-"); dash && !weighted.MatchString(rest) {
		arg = "1:" + arg
	}
	return ParseTerm(arg)
}

func kindOf(text string) (TermKind, string) {
	if prefix, value, ok := strings.Cut(text, ":"); ok {
		switch kind := TermKind(prefix); kind {
		case KindName:
			return kind, value
		case KindText, KindUpload, KindMean:
			return kind, strings.TrimSpace(value)
		}
	}
	if isAddress(text) {
		return KindURL, strings.TrimSpace(text)
	}
	return KindPicture, text
}

func isAddress(text string) bool {
	scheme, _, ok := strings.Cut(text, "://")
	return ok && slices.Contains([]string{"http", "https"}, strings.ToLower(scheme))
}

// Words returns the term as words to search for, whatever prefix it was written with.
func (t ParsedTerm) Words() string {
	if t.Kind == KindText {
		return t.Value
	}
	return t.written
}

// SearchTerm returns the term as requests to a server have it.
func (t ParsedTerm) SearchTerm() SearchTerm {
	s := SearchTerm{Weight: &t.Weight}
	switch t.Kind {
	case KindText:
		s.Text = t.Value
	case KindUpload:
		s.Upload = t.Value
	case KindMean:
		s.Selection = t.Value
	case KindURL:
		s.URL = t.Value
	default:
		s.Picture = t.Value
	}
	return s
}

// ParseCrop reads "x,y,width,height": whole numbers are pixels, numbers with a percent sign or a
// decimal point are relative to the picture's width and height: "40,60,300,200",
// "0%,50%,100%,50%", "0.0,0.5,1.0,0.5".
func ParseCrop(text string) (c Crop, err error) {
	invalid := Invalidf("crop %q: expected x,y,width,height in pixels (40,60,300,200), percent (0%%,50%%,100%%,50%%) or fractions (0.0,0.5,1.0,0.5)", text)
	fields := strings.Split(text, ",")
	if len(fields) != 4 {
		return c, invalid
	}
	percent := strings.Contains(text, "%")
	c.Relative = percent || strings.Contains(text, ".")
	for i, to := range []*float64{&c.X, &c.Y, &c.Width, &c.Height} {
		number, isPercent := strings.CutSuffix(strings.TrimSpace(fields[i]), "%")
		v, err := strconv.ParseFloat(number, 64)
		if err != nil || percent && !isPercent && v != 0 {
			return c, invalid
		}
		if percent {
			v /= 100
		}
		*to = v
	}
	return c, c.Check()
}
