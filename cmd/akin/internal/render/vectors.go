package render

import (
	"fmt"
	"strconv"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/page"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

// vectorHit is a hit of one row of a file of vectors.
type vectorHit struct {
	Row    int       `json:"row"` // from 0
	Rank   int       `json:"rank"`
	Name   string    `json:"name"`
	Score  float64   `json:"score"`
	ByLuck float64   `json:"by_luck"`
	Grade  api.Grade `json:"grade"`
}

func vectorHits(r api.VectorsResult, each func(vectorHit) error) error {
	for i, names := range r.Names {
		for j, name := range names {
			if err := each(vectorHit{i, j + 1, name, r.Scores[i][j], r.ByLuck[i][j], r.Grades[i][j]}); err != nil {
				return err
			}
		}
	}
	return nil
}

// VectorsTable writes the hits of each row of a file of vectors.
func (o *Output) VectorsTable(r api.VectorsResult) error {
	t := term.Table{Columns: []term.Column{
		{Header: "row", Right: true}, {Header: "#", Right: true}, {Header: "name"}, {Header: "score", Right: true, Whole: true},
		{Header: "by luck", Right: true, Whole: true}, {Header: "", Whole: true},
	}}
	_ = vectorHits(r, func(h vectorHit) error {
		t.AddCells(term.Cell{Text: fmt.Sprint(h.Row)}, term.Cell{Text: fmt.Sprint(h.Rank)}, term.Cell{Text: h.Name}, term.Cell{Text: fmt.Sprintf("%.4f", h.Score)},
			term.Cell{Text: page.LuckText(&h.ByLuck)}, term.Cell{Text: string(h.Grade), Style: term.GradeStyle(string(h.Grade))})
		return nil
	})
	return t.Write(o.Screen)
}

// VectorsCSV writes a row a hit.
func (o *Output) VectorsCSV(r api.VectorsResult) error {
	w := o.sheet(o.Data)
	_ = w.Write([]string{"row", "rank", "name", "score", "grade", "by_luck"})
	_ = vectorHits(r, func(h vectorHit) error {
		return w.Write([]string{strconv.Itoa(h.Row), strconv.Itoa(h.Rank), h.Name, strconv.FormatFloat(h.Score, 'f', -1, 32), string(h.Grade),
			strconv.FormatFloat(h.ByLuck, 'g', -1, 64)})
	})
	w.Flush()
	return w.Error()
}

// VectorsLines writes a JSON document a hit.
func (o *Output) VectorsLines(r api.VectorsResult, write func(document any) error) error {
	return vectorHits(r, func(h vectorHit) error { return write(h) })
}
