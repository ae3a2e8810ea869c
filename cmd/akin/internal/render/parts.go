package render

import (
	"context"
	"fmt"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

// Parts writes pictures, each with those that show a part of it.
func (o *Output) Parts(r api.Parts) error {
	for _, g := range r.Groups {
		if err := o.Linef("%s", o.Screen.Paint(term.Clean(g.Whole.Name), term.Bold)+"  "+o.Screen.Paint(Place(g.Whole.Source), term.Faint)); err != nil {
			return err
		}
		t := term.Table{Columns: []term.Column{{Header: ""}, {Header: "", Whole: true}, {Header: "", Right: true, Whole: true}, {Header: "", Whole: true}, {Header: "", Spare: true}}}
		for _, p := range g.Parts {
			t.AddCells(term.Cell{Text: "  " + p.Name}, term.Cell{Text: partWords[p.Kind]}, term.Cell{Text: percent(p.Share)},
				term.Cell{Text: boxWords(p.Match.BoxA)}, term.Cell{Text: Place(p.Source), Style: term.Faint})
		}
		if err := t.Write(o.Screen); err != nil {
			return err
		}
	}
	return o.sentences(fmt.Sprintf("%s among %s; %s compared, %d verified.", groupsWord(len(r.Groups)), Count(r.Pictures, "picture"), Count(r.Pairs, "pair"), r.Verified))
}

// partsFound writes the pictures that show a part of the query.
func (o *Output) partsFound(ctx context.Context, from *Pictures, r api.Result, preview term.Mode) error {
	among := fmt.Sprintf("among %s; %d verified.", Count(r.Parts.Pictures, "picture"), r.Parts.Verified)
	if len(r.Hits) == 0 {
		return o.sentences("No picture is proven to show a part of it, " + among)
	}
	if o.Screen.Mode(preview) != term.None {
		if err := o.strip(ctx, from, r, preview); err != nil {
			return err
		}
	}
	t := term.Table{Columns: []term.Column{
		{Header: "#", Right: true}, {Header: "name"}, {Header: "shows of it", Right: true, Whole: true}, {Header: "where", Whole: true},
		{Header: "by chance", Right: true, Whole: true}, {Header: "source", Spare: true},
	}}
	for _, h := range r.Hits {
		t.AddCells(term.Cell{Text: fmt.Sprint(h.Rank)}, term.Cell{Text: h.Name}, term.Cell{Text: percent(h.Score)}, partCell(h.Match),
			term.Cell{Text: chanceWords(chanceOf(h.Match))}, term.Cell{Text: Place(h.Source), Style: term.Faint})
	}
	if err := t.Write(o.Screen); err != nil {
		return err
	}
	return o.sentences("Found " + among)
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }

func chanceOf(m *api.Match) float64 {
	if m == nil {
		return 1
	}
	return m.ExpectedFalse
}

var partWords = map[api.PartKind]string{api.IsPart: "is a part of it", api.HasPart: "shares a part", api.IsTheSame: "shows the same"}

func groupsWord(n int) string {
	if n == 0 {
		return "No picture is proven to show a part of another"
	}
	return Count(n, "picture") + " of which others show a part"
}
