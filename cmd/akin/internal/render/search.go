package render

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/page"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

// SearchTable writes hits for people: pictures where the terminal can show them, then a table.
func (o *Output) SearchTable(ctx context.Context, from *Pictures, r api.Result, preview term.Mode) error {
	if r.Parts != nil {
		return o.partsFound(ctx, from, r, preview)
	}
	if r.NoGoodMatch || len(r.Hits) == 0 {
		if _, err := fmt.Fprintln(o.Text, noGoodMatch(r.Hits)); err != nil || len(r.Hits) == 0 {
			return err
		}
	}
	fmt.Fprintf(o.Screen.W, "%s  %s\n", o.Screen.Paint(term.Clean(Query(r.Query)), term.Bold),
		o.Screen.Paint(term.Clean(r.Model), term.Faint))
	if o.Screen.Mode(preview) != term.None {
		if err := o.strip(ctx, from, r, preview); err != nil {
			return err
		}
	}
	t := term.Table{Columns: []term.Column{
		{Header: "#", Right: true}, {Header: "name"}, {Header: "score", Right: true, Whole: true},
		{Header: "", Screen: true, Whole: true}, {Header: "by luck", Right: true, Whole: true}, {Header: "", Whole: true}, {Header: "source", Spare: true},
	}}
	proven := slices.ContainsFunc(r.Hits, func(h api.Hit) bool { return h.Match != nil })
	regions := slices.ContainsFunc(r.Hits, func(h api.Hit) bool { return h.Box != nil })
	if regions {
		t.Columns = slices.Insert(t.Columns, len(t.Columns)-1, term.Column{Header: "region", Whole: true})
	}
	if proven {
		t.Columns = slices.Insert(t.Columns, len(t.Columns)-1, term.Column{Header: "part", Whole: true})
	}
	for _, h := range r.Hits {
		style := term.GradeStyle(string(h.Grade))
		cells := []term.Cell{{Text: fmt.Sprint(h.Rank)}, {Text: h.Name}, {Text: fmt.Sprintf("%.4f", h.Score)},
			{Text: o.Screen.Bar(closeness(h.Chance), barWidth), Style: style}, {Text: page.LuckText(h.ByLuck)}, {Text: string(h.Grade), Style: style}}
		if regions {
			words := ""
			if h.Box != nil {
				words = boxWords(*h.Box)
			}
			cells = append(cells, term.Cell{Text: words})
		}
		if proven {
			cells = append(cells, partCell(h.Match))
		}
		t.AddCells(append(cells, term.Cell{Text: Place(h.Source), Style: term.Faint})...)
		for _, f := range h.Folded {
			cells := []term.Cell{{}, {Text: "  = " + f.Name, Style: term.Faint}, {Text: fmt.Sprintf("%.4f", f.Score)}, {}, {}, {Text: string(f.Grade)}}
			if proven {
				cells = append(cells, partCell(f.Match))
			}
			t.AddCells(append(cells, term.Cell{Text: Place(f.Source), Style: term.Faint})...)
		}
	}
	return t.Write(o.Screen)
}

// partCell says where in a hit the part lies that it has in common with the query.
func partCell(m *api.Match) term.Cell {
	if m == nil {
		return term.Cell{}
	}
	return term.Cell{Text: boxWords(m.BoxB)}
}

// SearchPage writes the same as a page with the pictures.
func SearchPage(ctx context.Context, w io.Writer, from *Pictures, r api.Result) error {
	asked := page.Picture{Name: Query(r.Query)}
	if len(r.Query) == 1 && r.Query[0].Text == "" && r.Query[0].Crop == nil { // else there is no picture of it
		asked = from.of(ctx, asked.Name, r.Query[0].Source)
	}
	by := r.Model
	if len(r.Models) > 0 {
		by = strings.Join(r.Models, ", ") + ", fused"
	}
	if r.Parts != nil {
		by = "shows a part of it"
	}
	row := page.GalleryRow{Query: asked, Note: by, Hits: from.hits(ctx, r.Hits), NoGoodMatch: r.NoGoodMatch}
	return page.Gallery(w, page.GalleryData{Title: "Like " + asked.Name, Sections: []page.Section{{Rows: []page.GalleryRow{row}}}})
}

const barWidth = 12 // cells

// noGoodMatch is the first line where chance explains every hit.
func noGoodMatch(hits []api.Hit) string {
	if len(hits) == 0 || hits[0].ByLuck == nil {
		return "no good match"
	}
	words := page.LuckWords(*hits[0].ByLuck)
	if hits[0].Box != nil {
		words = strings.ReplaceAll(words, "picture", "region")
	}
	return "no good match: " + words + " by luck"
}

// closeness is a chance as a bar: full where at most one random pair in ten thousand is as
// close, empty where the chance is unknown.
func closeness(chance *float64) float64 {
	if chance == nil {
		return 0
	}
	return min(1, -math.Log10(max(*chance, 1e-4))/4)
}

const stripTiles = 8

func (o *Output) strip(ctx context.Context, from *Pictures, r api.Result, mode term.Mode) error {
	s := term.Strip{}
	for _, h := range r.Hits[:min(stripTiles, len(r.Hits))] {
		words := fmt.Sprintf("%.3f %s", h.Score, h.Grade)
		if r.Parts != nil {
			words = percent(h.Score)
		}
		s.Tiles = append(s.Tiles, term.Tile{Picture: from.image(ctx, h.Source), Caption: []term.Cell{
			{Text: h.Name}, {Text: words, Style: term.GradeStyle(string(h.Grade))},
		}})
	}
	return s.Write(o.Screen, mode)
}

// SearchLines writes a document a hit.
func (o *Output) SearchLines(r api.Result, write func(document any) error) error {
	for _, h := range r.Hits {
		if err := write(h); err != nil {
			return err
		}
	}
	return nil
}

// SearchCSV writes a row a hit.
func (o *Output) SearchCSV(r api.Result) error {
	w := o.sheet(o.Data)
	_ = w.Write([]string{"rank", "name", "source", "score", "chance", "grade", "by_luck", "same_pixels"})
	for _, h := range flat(r.Hits) {
		chance, luck, same := "", "", ""
		if h.SamePixels {
			same = "true"
		}
		if h.Chance != nil {
			chance = strconv.FormatFloat(*h.Chance, 'g', -1, 64)
		}
		if h.ByLuck != nil {
			luck = strconv.FormatFloat(*h.ByLuck, 'g', -1, 64)
		}
		_ = w.Write([]string{strconv.Itoa(h.Rank), h.Name, h.Source, strconv.FormatFloat(h.Score, 'f', -1, 32), chance, string(h.Grade), luck, same})
	}
	w.Flush()
	return w.Error()
}

// SearchPaths writes the source of each hit, ended with a newline or a zero byte.
func (o *Output) SearchPaths(r api.Result, zero bool) error {
	end := lineEnd(zero)
	for _, h := range flat(r.Hits) {
		if _, err := io.WriteString(o.Data, h.Source+end); err != nil {
			return err
		}
	}
	return nil
}

// flat returns the hits, each followed by those folded under it.
func flat(hits []api.Hit) []api.Hit {
	var out []api.Hit
	for _, h := range hits {
		folded := h.Folded
		h.Folded = nil
		out = append(append(out, h), flat(folded)...)
	}
	return out
}

func lineEnd(zero bool) string {
	if zero {
		return "\x00"
	}
	return "\n"
}
