package insight

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Pair is two pictures, by name, that belong together.
type Pair struct{ A, B string }

// Summary sums up the ranks of pairs.
type Summary struct {
	MRR        float64 `json:"mrr"` // mean of 1/rank
	Recall1    float64 `json:"recall@1"`
	Recall5    float64 `json:"recall@5"`
	Recall10   float64 `json:"recall@10"`
	MedianRank float64 `json:"median_rank"`
}

// Summarize sums up ranks, from 1. Both directions of a pair count, each as one
// query with one right answer. Rank 0 stands for an answer that was not found: it
// counts as worse than any, and a median that falls on it is 0.
func Summarize(ranks [][2]int) Summary {
	var all []int
	var s Summary
	for _, pair := range ranks {
		for _, r := range pair {
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
		return Summary{}
	}
	slices.Sort(all)
	middle := len(all) / 2
	if all[middle] < math.MaxInt {
		s.MedianRank = (float64(all[(len(all)-1)/2]) + float64(all[middle])) / 2
	}
	s.MRR, s.Recall1, s.Recall5, s.Recall10 = s.MRR/n, s.Recall1/n, s.Recall5/n, s.Recall10/n
	return s
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

// GroupSummary sums up how well the members of groups find each other.
type GroupSummary struct {
	MAP        float64 `json:"map"`
	RPrecision float64 `json:"r_precision"`
	Recall1    float64 `json:"recall@1"`
	Recall5    float64 `json:"recall@5"`
	Recall10   float64 `json:"recall@10"`
	Queries    int     `json:"queries"`
}

// EvaluateGroups lets every member query for the others of its group. ranking
// gives all items, each once, best first; the query itself is passed over.
//
// Average precision is the mean of the precision at each relevant item, and
// R-precision the precision at R, the number of relevant items (Manning, Raghavan
// and Schütze, "Introduction to Information Retrieval", section 8.4). Recall@k is
// the share of queries with a relevant item among the first k, as the metric
// learning papers count it (Oh Song, Xiang, Jegelka and Savarese, "Deep Metric
// Learning via Lifted Structured Feature Embedding", CVPR 2016). The Oxford and
// Paris landmark benchmarks interpolate average precision, which gives slightly
// other values. Groups of one have no query.
func EvaluateGroups(ranking func(query int) []int, groups []Group) GroupSummary {
	var s GroupSummary
	for _, g := range groups {
		members := slices.Compact(slices.Sorted(slices.Values(g.Members)))
		if len(members) < 2 {
			continue
		}
		r := len(members) - 1
		for _, query := range members {
			found, precision, first, atR, rank := 0, 0.0, 0, 0, 0
			for _, item := range ranking(query) {
				if item == query {
					continue
				}
				rank++
				if _, relevant := slices.BinarySearch(members, item); !relevant {
					continue
				}
				found++
				precision += float64(found) / float64(rank)
				if first == 0 {
					first = rank
				}
				if rank <= r {
					atR++
				}
			}
			s.Queries++
			s.MAP += precision / float64(r)
			s.RPrecision += float64(atR) / float64(r)
			s.Recall1 += one(first == 1)
			s.Recall5 += one(first >= 1 && first <= 5)
			s.Recall10 += one(first >= 1 && first <= 10)
		}
	}
	if n := float64(s.Queries); n > 0 {
		s.MAP, s.RPrecision = s.MAP/n, s.RPrecision/n
		s.Recall1, s.Recall5, s.Recall10 = s.Recall1/n, s.Recall5/n, s.Recall10/n
	}
	return s
}

// ErrPairs marks a list of pairs or groups that cannot be read.
var ErrPairs = errors.New("not a list of pairs")

// ReadPairs reads pairs from CSV: two or more names a row, which gives all pairs
// of the row. Blank lines, lines that begin with # and a first row "a,b" are left
// out.
func ReadPairs(r io.Reader) ([]Pair, error) {
	var pairs []Pair
	err := eachRow(r, func(row int, fields []string) error {
		if row == 1 && len(fields) == 2 && strings.EqualFold(fields[0], "a") && strings.EqualFold(fields[1], "b") {
			return nil
		}
		if len(fields) < 2 {
			return errors.New("it has one name, not two or more")
		}
		for i, a := range fields {
			for _, b := range fields[i+1:] {
				if a == b {
					return fmt.Errorf("%q is paired with itself", a)
				}
				pairs = append(pairs, Pair{a, b})
			}
		}
		return nil
	})
	if err == nil && len(pairs) == 0 {
		err = fmt.Errorf("%w: it is empty", ErrPairs)
	}
	return pairs, err
}

// Label is a picture's name and its group.
type Label struct{ Name, Group string }

// ReadLabels reads labelled groups from CSV: a name and its group a row.
func ReadLabels(r io.Reader) ([]Label, error) {
	var labels []Label
	err := eachRow(r, func(row int, fields []string) error {
		if len(fields) != 2 {
			return fmt.Errorf("it has %d fields, not a name and its group", len(fields))
		}
		if row > 1 || !strings.EqualFold(fields[0], "name") {
			labels = append(labels, Label{fields[0], fields[1]})
		}
		return nil
	})
	if err == nil && len(labels) == 0 {
		err = fmt.Errorf("%w: it is empty", ErrPairs)
	}
	return labels, err
}

func eachRow(r io.Reader, f func(row int, fields []string) error) error {
	in := bufio.NewReader(r)
	if bom, _ := in.Peek(3); string(bom) == "\ufeff" {
		_, _ = in.Discard(3)
	}
	c := csv.NewReader(in)
	c.FieldsPerRecord = -1
	c.Comment = '#'
	c.TrimLeadingSpace = true
	for row := 1; ; row++ {
		fields, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrPairs, err) // it names the line
		}
		line, _ := c.FieldPos(0)
		kept := fields[:0]
		for _, name := range fields {
			if name = strings.TrimSpace(name); name != "" {
				kept = append(kept, name)
			}
		}
		if len(kept) == 0 {
			continue
		}
		if err := f(row, kept); err != nil {
			return fmt.Errorf("%w: line %d: %w", ErrPairs, line, err)
		}
	}
}
