package assistant

import (
	"context"
	"fmt"
	"strings"

	"github.com/akin-search/akin/api"
)

type compareIn struct {
	Query  []Term   `json:"query" jsonschema:"what to look for; several parts are added up"`
	Models []string `json:"models,omitempty" jsonschema:"models of the collection; all when omitted"`
	Top    int      `json:"top,omitempty" jsonschema:"hits per model, up to 50; 6 when omitted"`
	where
}

func (t tools) compare(ctx context.Context, in compareIn) (a answer, out api.Comparison, err error) {
	q, err := query(in.Query)
	if err != nil {
		return a, out, err
	}
	out, err = t.c.Compare(ctx, q, api.CompareOptions{Filter: in.filter(), Models: in.Models, Top: limit(in.Top, 6)})
	if err != nil {
		return a, out, err
	}
	found := map[string]int{} // how many models have a picture among their first
	for _, row := range out.Rows {
		if row.Model != api.Fused {
			for _, h := range row.Hits {
				found[h.Source]++
			}
		}
	}
	if out.Rows[len(out.Rows)-1].NoGoodMatch { // the fused row, or that of the only model: none has one
		a.sayf("No good match for %s by any model: luck explains these.", sentence(q))
	}
	a.sayf("What is most like %s, a row a model (* is found by that one alone):", sentence(q))
	for i, row := range out.Rows {
		var names []string
		for _, h := range row.Hits {
			name := h.Name
			if found[h.Source] == 1 && row.Model != api.Fused && len(out.Rows) > 2 {
				name += "*"
			}
			names = append(names, name)
		}
		luck := ""
		if row.NoGoodMatch {
			luck = "no good match, "
		}
		a.sayf("row %d, %s: %s%s", i+1, row.Model, luck, strings.Join(names, ", "))
		a.sheet = append(a.sheet, t.thumbs(ctx, namesOf(row.Hits)))
	}
	for _, f := range out.Skipped {
		a.sayf("%s cannot answer: %s", f.Source, f.Error)
	}
	for i := range out.Rows {
		for j := range i {
			if out.Rows[i].Model != api.Fused {
				a.sayf("%s and %s have %s of their hits in common.", out.Rows[j].Model, out.Rows[i].Model, share(out.Overlap[i][j]))
			}
		}
	}
	return a, out, nil
}

func share(v float64) string { return fmt.Sprintf("%.0f %%", 100*v) }
