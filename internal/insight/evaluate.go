package insight

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/table"
)

// Ranks has the ranks of a pair, from 1: of the second picture among the neighbours of the first, and the
// other way round.
type Ranks struct {
	Rank [2]int
	Row  int // of the pair
}

// Summarize summarizes ranks. Each direction of a pair counts as one query with one right answer. Rank
// 0 means that the answer was not found: it is worse than any other rank, and a median that falls on it
// is 0.
func Summarize(ranks []Ranks) api.Summary {
	var all []int
	var s api.Summary
	for _, pair := range ranks {
		for _, r := range pair.Rank {
			if r <= 0 {
				all = append(all, math.MaxInt)
				continue
			}
			all = append(all, r)
			s.MRR += 1 / float64(r)
			s.Recall1 += one(r <= 1)
			s.Recall5 += one(r <= 5)
			s.Recall10 += one(r <= 10)
		}
	}
	n := float64(len(all))
	if n == 0 {
		return api.Summary{}
	}
	slices.Sort(all)
	middle := len(all) / 2
	if all[middle] < math.MaxInt {
		s.MedianRank = (float64(all[(len(all)-1)/2]) + float64(all[middle])) / 2
	}
	s.MRR, s.Recall1, s.Recall5, s.Recall10 = s.MRR/n, s.Recall1/n, s.Recall5/n, s.Recall10/n
	within := Bootstrap(ByRow(ranks))
	s.MRRInterval, s.Recall1Within, s.Recall5Within, s.Recall10Within = within[0], within[1], within[2], within[3]
	return s
}

// ByRow returns for each row the means of 1/rank and of recall@1, 5 and 10, and the number of its ranks.
func ByRow(ranks []Ranks) [][]float64 {
	at := map[int]int{}
	var rows [][]float64
	for _, pair := range ranks {
		i, ok := at[pair.Row]
		if !ok {
			i = len(rows)
			at[pair.Row], rows = i, append(rows, make([]float64, 5))
		}
		for _, r := range pair.Rank {
			if rows[i][4]++; r > 0 {
				rows[i][0] += 1 / float64(r)
				rows[i][1] += one(r <= 1)
				rows[i][2] += one(r <= 5)
				rows[i][3] += one(r <= 10)
			}
		}
	}
	for _, row := range rows {
		for j := range 4 {
			row[j] /= row[4]
		}
	}
	return rows
}

// ComparePairs returns the p-value of the difference in mean reciprocal rank between two models over the
// same pairs, by a sign-flip test over rows.
func ComparePairs(a, b []Ranks) float64 {
	rows := map[int]float64{}
	for i := range a {
		for j := range 2 {
			rows[a[i].Row] += reciprocal(a[i].Rank[j]) - reciprocal(b[i].Rank[j])
		}
	}
	var differences []float64
	for _, row := range slices.Sorted(maps.Keys(rows)) {
		differences = append(differences, rows[row])
	}
	return SignFlip(differences)
}

func reciprocal(rank int) float64 {
	if rank <= 0 {
		return 0
	}
	return 1 / float64(rank)
}

func one(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Group is pictures that carry one label.
type Group struct {
	Name    string
	Members []int
}

// Query is a member of a group, with the others that a model should find.
type Query struct {
	Item   int
	Others []int
}

// Queries returns the queries of groups: every member of those that have two or more.
func Queries(groups []Group) []Query {
	var queries []Query
	for _, g := range groups {
		members := slices.Compact(slices.Sorted(slices.Values(g.Members)))
		for i, m := range members {
			if len(members) > 1 {
				queries = append(queries, Query{m, slices.Delete(slices.Clone(members), i, i+1)})
			}
		}
	}
	return queries
}

// EvaluateGroups measures how well the members of groups find each other. ranks returns the ranks, from 1,
// that the others of the i-th of Queries have among its neighbours; 0 is for what is not found.
//
// Average precision is the mean of the precision at each relevant item, and
// R-precision the precision at R, the number of relevant items (Manning, Raghavan
// and Schütze, "Introduction to Information Retrieval", section 8.4). MAP@R is the mean
// over the first R places of the precision at those that are relevant (Musgrave,
// Belongie and Lim, "A Metric Learning Reality Check", ECCV 2020). Recall@k is
// the share of queries with a relevant item among the first k, as the metric
// learning papers count it (Oh Song, Xiang, Jegelka and Savarese, "Deep Metric
// Learning via Lifted Structured Feature Embedding", CVPR 2016). The Oxford and
// Paris landmark benchmarks interpolate average precision, which gives slightly
// different values. A group of one has no query.
func EvaluateGroups(groups []Group, ranks func(i int) []int) api.GroupSummary {
	var s api.GroupSummary
	for queries := Queries(groups); s.Queries < len(queries); {
		members := 1 + len(queries[s.Queries].Others)
		sum := make([]float64, 7)
		for i := range members {
			for j, v := range evaluateQuery(ranks(s.Queries+i), members-1) {
				sum[j] += v
			}
			sum[6]++
		}
		for j := range 6 {
			sum[j] /= sum[6]
		}
		s.PerGroup = append(s.PerGroup, sum)
		s.Queries += members
	}
	if s.Queries == 0 {
		return s
	}
	mean := make([]float64, 6)
	for _, g := range s.PerGroup {
		for j := range mean {
			mean[j] += g[j] * g[6] / float64(s.Queries)
		}
	}
	s.MAP, s.RPrecision, s.MAPAtR, s.Recall1, s.Recall5, s.Recall10 = mean[0], mean[1], mean[2], mean[3], mean[4], mean[5]
	within := Bootstrap(s.PerGroup)
	s.MAPInterval, s.RPrecisionWithin, s.Recall1Within = within[0], within[1], within[3]
	return s
}

// evaluateQuery returns average precision, R-precision, MAP@R and recall@1, 5 and 10, of the ranks of r relevant items.
func evaluateQuery(ranks []int, r int) [6]float64 {
	found, precision, within, first, atR := 0, 0., 0., 0, 0
	for _, rank := range slices.Sorted(slices.Values(ranks)) {
		if rank <= 0 {
			continue
		}
		found++
		precision += float64(found) / float64(rank)
		if first == 0 {
			first = rank
		}
		if rank <= r {
			within += float64(found) / float64(rank)
			atR++
		}
	}
	n := float64(r)
	return [6]float64{
		precision / n, float64(atR) / n, within / n,
		one(first == 1), one(first >= 1 && first <= 5), one(first >= 1 && first <= 10),
	}
}

// CompareGroups returns the p-value of the difference in mean average precision between two models over
// the same groups, by a sign-flip test over groups.
func CompareGroups(a, b api.GroupSummary) float64 {
	var differences []float64
	for i := range a.PerGroup {
		differences = append(differences, (a.PerGroup[i][0]-b.PerGroup[i][0])*a.PerGroup[i][6])
	}
	return SignFlip(differences)
}

// ErrPairs marks a list of pairs or groups that cannot be read.
var ErrPairs = errors.New("not a list of pairs or groups")

// ReadPairs reads pairs from a table: two or more names a row, which give all pairs of the row. Blank
// lines, lines that begin with # and a first row of titles are skipped. If the titles name the columns
// of names (a, b; image1, image2; query, match), only those columns are read.
func ReadPairs(r io.Reader) ([]api.Pair, error) {
	all, err := readRows(r)
	if err != nil {
		return nil, err
	}
	var columns []int // that hold names; nil means all
	if len(all) > 0 {
		if columns = nameColumns(all); columns != nil {
			all = all[1:]
		}
	}
	var pairs []api.Pair
	rows := 0
	for _, row := range all {
		names := namesIn(row.fields, columns)
		if len(names) == 0 {
			continue
		}
		if len(names) < 2 {
			return pairs, row.errorf("one name, want two or more")
		}
		rows++
		for i, a := range names {
			for _, b := range names[i+1:] {
				if a == b {
					return pairs, row.errorf("%q is paired with itself", a)
				}
				pairs = append(pairs, api.Pair{A: a, B: b, Row: rows})
			}
		}
	}
	if len(pairs) == 0 {
		return nil, fmt.Errorf("%w: the list is empty", ErrPairs)
	}
	return pairs, nil
}

// Titles of columns of pairs: words that are never a picture's name, and a word with a number, which may be
// one.
var (
	pairWords   = regexp.MustCompile(`^(?:(?:name|image|img|picture|photo|file|filename|path|item|flag|country|id)?(?:a|b|c|left|right)|query|match|reference|positive|anchor)(?:name|image|img|path|file|id)?$`)
	pairNumbers = regexp.MustCompile(`^(?:name|image|img|picture|photo|file|filename|path|item|flag|country|id)[1-9](?:name|path|id)?$`)
)

// nameColumns returns the columns of names if the first row has titles, else nil. image1 and image2 are
// titles only if no other row has such names.
func nameColumns(rows []textRow) []int {
	numbered := len(rows) > 1
	for _, r := range rows[1:] {
		numbered = numbered && !slices.ContainsFunc(r.fields, func(f string) bool { return pairNumbers.MatchString(table.Plainly(f)) })
	}
	var columns []int
	for i, f := range rows[0].fields {
		if f = table.Plainly(f); pairWords.MatchString(f) || numbered && pairNumbers.MatchString(f) {
			columns = append(columns, i)
		}
	}
	if len(columns) < 2 {
		return nil
	}
	return columns
}

// namesIn returns the names in some columns of a row; nil means all columns.
func namesIn(fields []string, columns []int) []string {
	var names []string
	for i, name := range fields {
		if name = strings.TrimSpace(name); name != "" && (columns == nil || slices.Contains(columns, i)) {
			names = append(names, name)
		}
	}
	return names
}

// ReadLabels reads labels from a table: a name and its group a row. A first row of titles is skipped; with
// more than two columns, the titles say which two to read.
func ReadLabels(r io.Reader) ([]api.Label, error) {
	all, err := readRows(r)
	if err != nil {
		return nil, err
	}
	nameAt, groupAt, titled := 0, 1, false
	if len(all) > 0 {
		if name, group, ok := labelColumns(all[0].fields); ok {
			nameAt, groupAt, titled = name, group, true
			all = all[1:]
		}
	}
	var labels []api.Label
	for _, row := range all {
		fields := row.fields
		names := namesIn(fields, nil)
		if !titled {
			fields = names
		}
		var l api.Label
		if max(nameAt, groupAt) < len(fields) {
			l = api.Label{Name: fields[nameAt], Group: fields[groupAt]}
		}
		switch {
		case len(names) == 0:
			continue
		case l.Name == "" || l.Group == "", !titled && len(fields) != 2:
			return labels, row.errorf("%d fields, want a name and its group; with more columns, a row of titles (name,group) says which to read", len(names))
		}
		labels = append(labels, l)
	}
	if len(labels) == 0 {
		return nil, fmt.Errorf("%w: the list is empty", ErrPairs)
	}
	return labels, nil
}

// labelColumns finds the columns of names and groups in a row of titles.
func labelColumns(fields []string) (name, group int, ok bool) {
	best := func(role api.ColumnRole, but int) int {
		at := -1
		for i, f := range fields {
			if r := table.Rank(role, f); r >= 0 && i != but && (at < 0 || r < table.Rank(role, fields[at])) {
				at = i
			}
		}
		return at
	}
	group = best(table.Group, -1)
	if name = best(table.Name, group); name < 0 {
		name = best(table.Path, group)
	}
	if len(fields) == 2 { // one title implies the other
		switch {
		case name >= 0 && group < 0:
			group = 1 - name
		case group >= 0 && name < 0 && slices.Contains([]string{"group", "label", "class", "category"}, table.Plainly(fields[group])):
			name = 1 - group
		}
	}
	return name, group, name >= 0 && group >= 0
}

// textRow is a row of a table, and its first line.
type textRow struct {
	fields []string
	line   int
}

func (r textRow) errorf(format string, args ...any) error {
	return fmt.Errorf("%w: line %d: %w", ErrPairs, r.line, fmt.Errorf(format, args...))
}

// readRows reads a table of names and trims them. Lines that begin with # are skipped.
func readRows(r io.Reader) ([]textRow, error) {
	in, err := table.NewReader(r, table.Options{Comments: true, Several: true})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPairs, err)
	}
	var rows []textRow
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrPairs, err) // it names the line
		}
		row := textRow{slices.Clone(fields), in.Line()}
		for i, f := range row.fields {
			if row.fields[i] = strings.TrimSpace(f); !utf8.ValidString(f) {
				return nil, row.errorf("%.60q is not UTF-8", f)
			}
		}
		rows = append(rows, row)
	}
}
