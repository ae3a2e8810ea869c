package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

// PairSet is a set of pairs that comes with akin.
type PairSet struct {
	Name  string `json:"name"`
	About string `json:"about"`
	Pairs int    `json:"pairs"`
}

// PairSets lists the sets of pairs that come with akin.
func (o *Output) PairSets(sets []PairSet) error {
	t := term.Table{Columns: []term.Column{{Header: "set"}, {Header: "pairs", Right: true}, {Header: "about", Wrap: true}}}
	for _, s := range sets {
		t.Add(s.Name, fmt.Sprint(s.Pairs), s.About)
	}
	return t.Write(o.Screen)
}

// LabelledSet is a set of labelled pictures as LabelledSets lists it.
type LabelledSet struct {
	Name     string   `json:"name"`
	About    string   `json:"about"`
	Bytes    int64    `json:"bytes"` // to download
	Licences []string `json:"licences"`
	Fetched  bool     `json:"fetched"`
}

// LabelledSets lists the sets of labelled pictures that can be downloaded.
func (o *Output) LabelledSets(sets []LabelledSet) error {
	t := term.Table{Columns: []term.Column{{Header: "set"}, {Header: "download", Right: true}, {Header: "fetched"}, {Header: "licences"}, {Header: "about", Wrap: true}}}
	for _, s := range sets {
		fetched := "no"
		if s.Fetched {
			fetched = "yes"
		}
		t.Add(s.Name, Bytes(s.Bytes), fetched, strings.Join(s.Licences, ", "), s.About)
	}
	return t.Write(o.Screen)
}

// Evaluation writes the ranks of every pair in each model, the measures, and which differences
// chance does not explain.
func (o *Output) Evaluation(r api.Evaluation) error {
	t := term.Table{Columns: []term.Column{{Header: "pair", Whole: true}}}
	for _, m := range r.Models {
		t.Columns = append(t.Columns, term.Column{Header: m, Right: true, Whole: true})
	}
	for _, p := range r.Pairs {
		cells := []term.Cell{{Text: p.A + " – " + p.B}}
		for _, m := range r.Models {
			cell := term.Cell{Text: "–"}
			if rank, ok := p.Ranks[m]; ok {
				cell = term.Cell{Text: fmt.Sprintf("%d/%d", rank[0], rank[1]), Style: rankStyle(rank)}
			}
			cells = append(cells, cell)
		}
		t.AddCells(cells...)
	}
	if err := t.Write(o.Screen); err != nil {
		return err
	}
	s := term.Table{Columns: t.Columns}
	s.Columns[0].Header = ""
	line := func(name string, of func(api.Summary) string) {
		cells := []string{name}
		for _, m := range r.Models {
			cells = append(cells, of(r.Summary[m]))
		}
		s.Add(cells...)
	}
	const within = "  95 % interval"
	line("MRR", func(s api.Summary) string { return fmt.Sprintf("%.3f", s.MRR) })
	line(within, func(s api.Summary) string { return span("%.2f–%.2f", s.MRRInterval, 1) })
	line("recall@1", func(s api.Summary) string { return fmt.Sprintf("%.0f %%", 100*s.Recall1) })
	line(within, func(s api.Summary) string { return span("%.0f–%.0f", s.Recall1Within, 100) })
	line("recall@5", func(s api.Summary) string { return fmt.Sprintf("%.0f %%", 100*s.Recall5) })
	line("recall@10", func(s api.Summary) string { return fmt.Sprintf("%.0f %%", 100*s.Recall10) })
	line("median rank", func(s api.Summary) string { return fmt.Sprintf("%g", s.MedianRank) })
	fmt.Fprintln(o.Text)
	if err := s.Write(o.Screen); err != nil {
		return err
	}
	if err := o.tests(r.Tests, Count(r.Rows, "row of pairs", "rows of pairs"), "MRR"); err != nil {
		return err
	}
	return o.heldOut(r.HeldOut, "MRR", "rows")
}

// GroupEvaluation writes the retrieval measures of each model.
func (o *Output) GroupEvaluation(r api.GroupEvaluation) error {
	t := term.Table{Columns: []term.Column{
		{Header: "model"}, {Header: "mAP", Right: true}, {Header: "95 % interval", Right: true}, {Header: "R-precision", Right: true}, {Header: "MAP@R", Right: true},
		{Header: "recall@1", Right: true}, {Header: "recall@5", Right: true}, {Header: "recall@10", Right: true}, {Header: "queries", Right: true},
	}}
	for _, m := range r.Models {
		s := r.Summary[m]
		t.Add(m, fmt.Sprintf("%.3f", s.MAP), span("%.2f–%.2f", s.MAPInterval, 1), fmt.Sprintf("%.3f", s.RPrecision), fmt.Sprintf("%.3f", s.MAPAtR), fmt.Sprintf("%.3f", s.Recall1),
			fmt.Sprintf("%.3f", s.Recall5), fmt.Sprintf("%.3f", s.Recall10), fmt.Sprint(s.Queries))
	}
	if err := t.Write(o.Screen); err != nil {
		return err
	}
	if err := o.tests(r.Tests, Count(r.Groups, "group"), "mAP"); err != nil {
		return err
	}
	return o.heldOut(r.HeldOut, "mAP", "groups")
}

// TripletEvaluation writes how often each model answers as people do, beside how far people agree.
func (o *Output) TripletEvaluation(r api.TripletEvaluation) error {
	t := term.Table{Columns: []term.Column{{Header: "answers"}, {Header: "2AFC", Right: true}, {Header: "95 % interval", Right: true}, {Header: "triplets", Right: true}}}
	add := func(name string, s api.TripletSummary) {
		t.Add(name, fmt.Sprintf("%.3f", s.TwoAFC), span("%.2f–%.2f", s.Within, 1), fmt.Sprint(s.Triplets))
	}
	for _, m := range r.Models {
		add(m, r.Summary[m])
	}
	if r.Raters != nil {
		add("a person, against the others", *r.Raters)
	}
	add("always the majority's", r.Majority)
	if err := t.Write(o.Screen); err != nil {
		return err
	}
	if r.Undecided > 0 {
		fmt.Fprintln(o.Text)
		if err := o.sentences(Count(r.Undecided, "answer preferred neither picture, and is left out.", "answers preferred neither picture, and are left out.")); err != nil {
			return err
		}
	}
	return o.tests(r.Tests, Count(r.Refs, "reference picture"), "2AFC")
}

// heldOut says where a fusion finds less than its best model.
func (o *Output) heldOut(h *api.HeldOut, measure, units string) error {
	if h == nil || h.Fused >= h.Best {
		return nil
	}
	fmt.Fprintln(o.Text)
	return o.sentences(fmt.Sprintf("Fusion finds less than the best model, chosen on other %s: %s %.3f, not %.3f (p = %.2g). Use %s alone, or weigh it more.",
		units, measure, h.Fused, h.Best, h.P, h.Model))
}

// LearnedFusion writes the weights, and what they are worth on pairs they were not learned from.
func (o *Output) LearnedFusion(r api.LearnedFusion) error {
	t := term.Table{Columns: []term.Column{{Header: ""}, {Header: "weight", Right: true}, {Header: "MRR", Right: true}, {Header: "95 % interval", Right: true}, {Header: "recall@5", Right: true}}}
	add := func(name, weight string, s api.Summary) {
		t.Add(name, weight, fmt.Sprintf("%.3f", s.MRR), span("%.2f–%.2f", s.MRRInterval, 1), fmt.Sprintf("%.0f %%", 100*s.Recall5))
	}
	var best, weights []string // best: the models that find the most alone
	most := api.Summary{}
	for _, m := range r.Models {
		add(m, fmt.Sprintf("%.2f", r.Fusion.Weights[m]), r.Single[m])
		weights = append(weights, fmt.Sprintf("%s=%.2f", m, r.Fusion.Weights[m]))
		if s := r.Single[m]; len(best) == 0 || s.MRR > most.MRR {
			best, most = []string{m}, s
		} else if s.MRR == most.MRR {
			best = append(best, m)
		}
	}
	add("fused, equal weights", "", r.Equal)
	add("fused, learned weights, cross-validated", "", r.CrossValidated)
	add("fused, learned weights, on the training pairs", "", r.Trained)
	if err := t.Write(o.Screen); err != nil {
		return err
	}
	fmt.Fprintln(o.Text)
	verdict := fmt.Sprintf("On held-out pairs, the learned fusion finds no more than %s alone: use that model.", strings.Join(best, " or "))
	if r.CrossValidated.MRR > most.MRR {
		verdict = fmt.Sprintf("On held-out pairs, the learned fusion finds more than %s alone.", strings.Join(best, " or "))
		if r.CrossValidated.MRRInterval[0] <= most.MRR {
			verdict += " With so few pairs, the difference is not significant."
		}
	}
	if err := o.sentences(verdict); err != nil {
		return err
	}
	return o.Linef("--fusion scores --weights %s", strings.Join(weights, ","))
}

// tests writes the significant differences between models.
func (o *Output) tests(tests []api.PairedTest, of, measure string) error {
	if len(tests) == 0 {
		return nil
	}
	var sure []api.PairedTest
	for _, t := range tests {
		if t.Corrected < likely {
			sure = append(sure, t)
		}
	}
	fmt.Fprintln(o.Text)
	if len(sure) == 0 {
		return o.sentences(fmt.Sprintf("With %s, no difference in %s between two models is significant.", of, measure))
	}
	slices.SortStableFunc(sure, func(x, y api.PairedTest) int { return cmp.Compare(x.Corrected, y.Corrected) })
	if err := o.sentences(fmt.Sprintf("Significant differences in %s (paired permutation test, %s, %s):", measure, of, Count(len(tests), "comparison"))); err != nil {
		return err
	}
	for _, t := range sure {
		if t.Difference < 0 {
			t.A, t.B, t.Difference = t.B, t.A, -t.Difference
		}
		if _, err := fmt.Fprintf(o.Text, "  %s above %s by %.3f, p = %.2g\n", term.Clean(t.A), term.Clean(t.B), t.Difference, t.Corrected); err != nil {
			return err
		}
	}
	return nil
}

// likely is the significance level.
const likely = 0.05

func span(format string, within api.Interval, times float64) string {
	return fmt.Sprintf(format, times*within[0], times*within[1])
}

// rankStyle colours ranks as grades are coloured.
func rankStyle(rank [2]int) term.Style {
	switch worst := max(rank[0], rank[1]); {
	case worst == 1:
		return term.GradeSame
	case worst <= 5:
		return term.GradeNear
	case worst <= 10:
		return term.GradeRelated
	}
	return term.GradeWeak
}
