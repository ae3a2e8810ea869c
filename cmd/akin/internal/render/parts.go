package render

import (
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
			t.AddCells(term.Cell{Text: "  " + p.Name}, term.Cell{Text: partWords[p.Kind]}, term.Cell{Text: fmt.Sprintf("%.0f %%", 100*p.Share)},
				term.Cell{Text: boxWords(p.Match.BoxA)}, term.Cell{Text: Place(p.Source), Style: term.Faint})
		}
		if err := t.Write(o.Screen); err != nil {
			return err
		}
	}
	return o.sentences(fmt.Sprintf("%s among %s; %s compared.", groupsWord(len(r.Groups)), Count(r.Pictures, "picture"), Count(r.Pairs, "pair")))
}

var partWords = map[api.PartKind]string{api.IsPart: "is a part of it", api.HasPart: "shares a part", api.IsTheSame: "shows the same"}

func groupsWord(n int) string {
	if n == 0 {
		return "No picture is proven to show a part of another"
	}
	return Count(n, "picture") + " of which others show a part"
}
