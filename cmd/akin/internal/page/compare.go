package page

import (
	"fmt"
	"strings"
)

// compareView is a comparison, and how its rows agree.
type compareView struct {
	head
	CompareData
	Top       int // hits in the longest row
	Models    int // rows that are not fused
	Rows      []rowView
	Agreement []agreement
	Graded    bool
}

// Title is the page's; both embedded structs have one.
func (v *compareView) Title() string { return v.head.Title }

type rowView struct {
	Row
	Hits   []hitView
	Shared string // how many hits this row and the fused one have in common
}

type hitView struct {
	Hit
	Key   int    // the same in every row that has the picture
	Ranks string // its rank in every row, in words
	Found int    // models that have it among their hits
	Alone bool   // found by this model only
}

// agreement is one row of the table of what two rows have in common.
type agreement struct {
	Model  string
	Shares []share
}

type share struct {
	Other string
	Value float64 // of the hits, 0 to 1
	Self  bool
}

func comparison(d CompareData) *compareView {
	v := &compareView{head: newHead(d.title(), compareScript), CompareData: d}
	ranks := map[string][]int{} // picture → its rank in every row, 0 where it is not a hit
	keys := map[string]int{}
	found := map[string]int{}
	fused := -1
	for i, row := range d.Rows {
		v.Top = max(v.Top, len(row.Hits))
		v.Graded = v.Graded || graded(row.Hits)
		if row.Fused {
			fused = i
		} else {
			v.Models++
		}
		for _, h := range row.Hits {
			id := h.id()
			if ranks[id] == nil {
				ranks[id] = make([]int, len(d.Rows))
				keys[id] = len(keys)
			}
			ranks[id][i] = h.Rank
			if !row.Fused {
				found[id]++
			}
		}
	}
	for i, row := range d.Rows {
		r := rowView{Row: row}
		for _, h := range row.Hits {
			id := h.id()
			r.Hits = append(r.Hits, hitView{
				Hit: h, Key: keys[id], Ranks: ranksText(d.Rows, ranks[id]), Found: found[id],
				Alone: !row.Fused && v.Models > 1 && found[id] == 1,
			})
		}
		if fused >= 0 && i != fused {
			r.Shared = fmt.Sprintf("%d of %d", common(row, d.Rows[fused]), len(d.Rows[fused].Hits))
		}
		v.Rows = append(v.Rows, r)
	}
	if len(d.Rows) > 1 {
		for i, a := range d.Rows {
			line := agreement{Model: a.Model}
			for j, b := range d.Rows {
				s := share{Other: b.Model, Self: i == j}
				if n := max(len(a.Hits), len(b.Hits)); n > 0 {
					s.Value = float64(common(a, b)) / float64(n)
				}
				line.Shares = append(line.Shares, s)
			}
			v.Agreement = append(v.Agreement, line)
		}
	}
	return v
}

// common returns how many hits two rows share.
func common(a, b Row) int {
	in := map[string]bool{}
	for _, h := range a.Hits {
		in[h.id()] = true
	}
	n := 0
	for _, h := range b.Hits {
		if in[h.id()] {
			n++
			delete(in, h.id())
		}
	}
	return n
}

func ranksText(rows []Row, ranks []int) string {
	var at, missing []string
	for i, row := range rows {
		if ranks[i] > 0 {
			at = append(at, fmt.Sprintf("%s %d", row.Model, ranks[i]))
		} else {
			missing = append(missing, row.Model)
		}
	}
	text := strings.Join(at, ", ")
	if len(missing) > 0 {
		text += "; not among the hits of " + strings.Join(missing, ", ")
	}
	return text
}

// title returns the query in words.
func (d CompareData) title() string {
	if d.Title != "" {
		return d.Title
	}
	var b strings.Builder
	for i, p := range d.Query {
		switch {
		case p.Weight < 0:
			b.WriteString(" − ")
		case i > 0:
			b.WriteString(" + ")
		}
		if p.Text != "" {
			b.WriteString("“" + p.Text + "”")
		} else {
			b.WriteString(p.Name)
		}
	}
	return strings.TrimSpace(b.String())
}
