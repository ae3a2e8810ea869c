package vector

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/table"
)

// Array is one of several in a file. Its header is read, its values are not.
type Array struct {
	Name  string
	Type  string // as the file has it: "<f4", "BF16"
	Shape []int64

	matrix func() (Matrix, error)   // nil where it holds no numbers that embeddings are made of
	texts  func() ([]string, error) // nil where it holds no texts
}

// NoNamesError reports that no array of a file has the names of its rows.
type NoNamesError struct{ Arrays []string }

func (e *NoNamesError) Error() string {
	return "none of its arrays has the names of the rows: it has " + table.List(e.Arrays)
}

// OfArrays takes embeddings out of arrays, which are to each other as the columns of a table are: the values are the
// only matrix, or the one that is called as embeddings are; names and paths are arrays of as many texts. What was said
// goes before. Without named, there need be no names.
func OfArrays(all []Array, said api.Columns, named bool) (CSV, error) {
	t, err := ofArrays(all, said, named)
	if errors.As(err, new(*NoNamesError)) {
		return t, err
	}
	if err != nil {
		return CSV{}, fmt.Errorf("%w: %w", ErrFile, err)
	}
	return t, nil
}

func ofArrays(all []Array, said api.Columns, named bool) (t CSV, err error) {
	values, err := valuesArray(all, said)
	if err != nil {
		return t, err
	}
	t.Columns.Values = values.Name
	rows := values.Shape[0]
	names, paths, err := textArrays(all, said, rows)
	if err != nil {
		return t, err
	}
	if names == nil && named {
		return t, &NoNamesError{describeAll(all)}
	}
	if t.Rows, err = values.matrix(); err != nil {
		return t, fmt.Errorf("array %s: %w", values.Name, err)
	}
	for _, part := range []struct {
		array *Array
		to    *[]string
		title *string
	}{{names, &t.Names, &t.Columns.Name}, {paths, &t.Sources, &t.Columns.Path}} {
		if part.array == nil {
			continue
		}
		*part.title = part.array.Name
		if *part.to, err = part.array.texts(); err != nil {
			return t, fmt.Errorf("array %s: %w", part.array.Name, err)
		}
		if n := len(*part.to); int64(n) != rows {
			return t, fmt.Errorf("array %s has %d texts, and %s has %d rows", part.array.Name, n, values.Name, rows)
		}
	}
	for i, name := range t.Names {
		if strings.TrimSpace(name) == "" {
			return t, fmt.Errorf("row %d has no name", i+1)
		}
	}
	return t, nil
}

// valuesArray finds the array of embeddings.
func valuesArray(all []Array, said api.Columns) (*Array, error) {
	i, _, err := table.Find(said, table.Values, titlesOf(all))
	if err != nil {
		return nil, err
	}
	if i >= 0 {
		if all[i].matrix == nil || len(all[i].Shape) != 2 {
			return nil, fmt.Errorf("%s is no matrix of floating point values", describe(all[i]))
		}
		return &all[i], nil
	}
	var matrices, titled []int
	for i, a := range all {
		if a.matrix == nil || len(a.Shape) != 2 {
			continue
		}
		matrices = append(matrices, i)
		if slices.Contains(printedTitles, table.Plainly(a.Name)) {
			titled = append(titled, i)
		}
	}
	if len(titled) > 0 {
		matrices = titled
	}
	switch len(matrices) {
	case 0:
		return nil, fmt.Errorf("none of its arrays is a matrix of floating point values, (pictures, values): it has %s", table.List(describeAll(all)))
	case 1:
		return &all[matrices[0]], nil
	}
	a, b := all[matrices[0]].Name, all[matrices[1]].Name
	return nil, &ValuesColumnError{A: a, B: b, Column: a}
}

// textArrays finds the arrays of names and of paths, which are nil where there are none.
func textArrays(all []Array, said api.Columns, rows int64) (names, paths *Array, err error) {
	titles := titlesOf(all)
	for role, to := range map[api.ColumnRole]**Array{table.Name: &names, table.Path: &paths} {
		i, _, err := table.Find(said, role, titles)
		if err != nil {
			return nil, nil, err
		}
		if i < 0 {
			continue
		}
		if all[i].texts == nil {
			return nil, nil, fmt.Errorf("%s holds no texts", describe(all[i]))
		}
		*to = &all[i]
	}
	var texts []*Array // that nothing was said of, and that are no classes
	for i := range all {
		a := &all[i]
		fits := a.texts != nil && len(a.Shape) == 1 && a.Shape[0] == rows
		if fits && a != names && a != paths && !slices.Contains(noNames, table.Plainly(a.Name)) {
			texts = append(texts, a)
		}
	}
	best := func(role api.ColumnRole) *Array {
		var best *Array
		for _, a := range texts {
			if r := table.Rank(role, a.Name); r >= 0 && (best == nil || r < table.Rank(role, best.Name)) {
				best = a
			}
		}
		return best
	}
	if paths == nil {
		if paths = best(table.Path); paths != nil {
			texts = slices.DeleteFunc(texts, func(a *Array) bool { return a == paths })
		}
	}
	if names == nil {
		if names = best(table.Name); names == nil && paths == nil && len(texts) == 1 {
			names = texts[0]
		}
	}
	if names == nil {
		names, paths = paths, nil
	}
	return names, paths, nil
}

func titlesOf(all []Array) []string {
	titles := make([]string, len(all))
	for i, a := range all {
		titles[i] = a.Name
	}
	return titles
}

func describeAll(all []Array) []string {
	var out []string
	for _, a := range all {
		out = append(out, describe(a))
	}
	return out
}

// describe is an array with its type and shape: "features <f4 (5, 3)".
func describe(a Array) string {
	var sizes []string
	for _, n := range a.Shape {
		sizes = append(sizes, fmt.Sprint(n))
	}
	return fmt.Sprintf("%.30s %s (%s)", a.Name, a.Type, strings.Join(sizes, ", "))
}
