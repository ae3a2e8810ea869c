package transfer

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/table"
)

// namesList is the names of a file of names, and their paths where it has a column of them.
type namesList struct {
	names, paths []string
	columns      api.Understood
}

// readNames reads a file of names: a name a line, or a table with a column of names. want is their expected
// number, or -1 if it is unknown; it helps to tell lines from tables, and titles from names.
func readNames(file string, want int, said api.Columns) (namesList, error) {
	fail := func(err error) (namesList, error) { return namesList{}, fmt.Errorf("read names: %s: %w", file, err) }
	lines, err := readTable(file, table.Options{Plain: true, Separator: table.None})
	if err != nil {
		return fail(err)
	}
	for len(lines.rows) > 0 && strings.TrimSpace(lines.rows[len(lines.rows)-1][0]) == "" { // at the end
		lines.rows = lines.rows[:len(lines.rows)-1]
	}
	format := FormatOf(file)
	isTable := format == "csv" || format == "tsv"
	rows, err := readTable(file, table.Options{Plain: !isTable && len(said) == 0})
	if err != nil {
		if !isTable || len(said) > 0 {
			return fail(err)
		}
		rows = lines // a lone quote in a name
	}
	fields := 0
	if len(rows.rows) > 0 {
		fields = len(rows.rows[0])
	}
	alike := !slices.ContainsFunc(rows.rows, func(r []string) bool { return len(r) != fields })
	n := len(rows.rows)
	switch {
	case len(said) > 0:
		return rows.named(file, want, said)
	case rows.in.Lines || !alike || n == 0 || fields == 1 && !isTable:
		// Names with commas, as akin writes them.
		return lines.plain(file, want)
	case fields == 1:
		return rows.plain(file, want) // with quotes
	case want >= 0 && n != want && n != want+1 && len(lines.rows) == want:
		return lines.plain(file, want)
	}
	return rows.named(file, want, said)
}

// tableRows are all rows of a text.
type tableRows struct {
	in   *table.Reader
	rows [][]string
	line []int
}

func readTable(file string, o table.Options) (t tableRows, err error) {
	f, err := os.Open(file)
	if err != nil {
		return t, err
	}
	defer f.Close()
	if t.in, err = table.NewReader(f, o); err != nil {
		return t, err
	}
	for {
		fields, err := t.in.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return t, err
		}
		t.rows, t.line = append(t.rows, slices.Clone(fields)), append(t.line, t.in.Line())
	}
}

// plain takes the first field of each row as a name. If there is one row too many, the first is a title.
func (t tableRows) plain(file string, want int) (namesList, error) {
	l := namesList{columns: t.in.Describe(file)}
	l.columns.Separator = ""
	rows := t.rows
	if len(rows) == want+1 && want >= 0 && table.Known(rows[0][0]) {
		l.columns.Name = table.Title(rows[0], 0)
		rows, t.line = rows[1:], t.line[1:]
	}
	for i, r := range rows {
		if err := l.add(r[0], "", t.line[i]); err != nil {
			return l, fmt.Errorf("read names: %s: %w", file, err)
		}
	}
	return l, nil
}

// named finds the columns of names and of paths.
func (t tableRows) named(file string, want int, said api.Columns) (namesList, error) {
	fail := func(err error) (namesList, error) { return namesList{}, fmt.Errorf("read names: %s: %w", file, err) }
	if len(t.rows) == 0 {
		return fail(errors.New("it is empty"))
	}
	l := namesList{columns: t.in.Describe(file)}
	first := t.rows[0]
	name, byTitle, err := table.Find(said, table.Name, first)
	if err != nil {
		return fail(err)
	}
	path, pathByTitle, err := table.Find(said, table.Path, first)
	if err != nil {
		return fail(err)
	}
	titled := byTitle || pathByTitle
	if want >= 0 {
		titled = titled && len(t.rows) != want || len(t.rows) == want+1
	} else {
		titled = titled || slices.ContainsFunc(first, table.Known)
	}
	if titled {
		if path < 0 {
			path = bestTitle(table.Path, first, -1)
		}
		if name < 0 {
			name = bestTitle(table.Name, first, path)
			if name >= 0 && table.Plainly(first[name]) != "name" && path >= 0 && !distinctColumn(t.rows[1:], name) {
				name = -1 // a class
			}
		}
		if name < 0 {
			name, path = path, -1
		}
	}
	if name < 0 {
		return namesList{}, &NameColumnError{File: file, Columns: first}
	}
	rows := t.rows
	var header []string
	if titled {
		header, rows, t.line = first, rows[1:], t.line[1:]
	}
	l.columns.Name, l.columns.Path = table.Title(header, name), table.Title(header, path)
	for i, r := range rows {
		if name >= len(r) || path >= len(r) {
			return fail(fmt.Errorf("line %d has %d columns", t.line[i], len(r)))
		}
		at := ""
		if path >= 0 {
			at = r[path]
		}
		if err := l.add(r[name], at, t.line[i]); err != nil {
			return fail(err)
		}
	}
	if l.paths != nil {
		l.paths = append(l.paths, make([]string, len(l.names)-len(l.paths))...)
	}
	return l, nil
}

func distinctColumn(rows [][]string, at int) bool {
	seen := make(map[string]bool, len(rows))
	for _, r := range rows {
		if at >= len(r) || seen[r[at]] {
			return false
		}
		seen[r[at]] = true
	}
	return true
}

func bestTitle(role api.ColumnRole, titles []string, but int) int {
	best := -1
	for i, t := range titles {
		if r := table.Rank(role, t); r >= 0 && i != but && (best < 0 || r < table.Rank(role, titles[best])) {
			best = i
		}
	}
	return best
}

func (l *namesList) add(name, path string, line int) error {
	switch {
	case strings.TrimSpace(name) == "":
		return fmt.Errorf("line %d is empty", line)
	case !utf8.ValidString(name):
		return fmt.Errorf("line %d, %.60q, is not UTF-8: save the file as UTF-8", line, name)
	}
	l.names = append(l.names, name)
	if path != "" || l.paths != nil {
		for len(l.paths) < len(l.names)-1 {
			l.paths = append(l.paths, "")
		}
		l.paths = append(l.paths, path)
	}
	return nil
}
