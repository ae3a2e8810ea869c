package render

import (
	"errors"
	"fmt"
	"image/png"
	"io"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/page"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

// Explanations shows where two pictures are alike, model by model.
func (o *Output) Explanations(names [2]string, all []api.Explanation, mode term.Mode) error {
	for _, x := range all {
		if err := errors.Join(o.heading(x.Model), o.sentences(explainNote(x))); err != nil {
			return err
		}
		s := term.Strip{Cols: 36, Rows: 14}
		for i, h := range []api.HeatMap{x.A, x.B} {
			s.Tiles = append(s.Tiles, term.Tile{Picture: term.RGB(h.PictureWidth, h.PictureHeight, akin.HeatOverlay(h)), Caption: []term.Cell{{Text: names[i]}}})
		}
		if o.Screen.Mode(mode) != term.None {
			if err := s.Write(o.Screen, mode); err != nil {
				return err
			}
			continue
		}
		for i, h := range []api.HeatMap{x.A, x.B} {
			if _, err := fmt.Fprintf(o.Text, "  %s: %s\n", term.Clean(names[i]), strongest(h)); err != nil {
				return err
			}
		}
	}
	return nil
}

// ExplanationsPage writes the maps as a page.
func ExplanationsPage(w io.Writer, names [2]string, all []api.Explanation) error {
	d := page.ExplainData{Title: names[0] + " · " + names[1], Lead: "The regions that make the two alike."}
	const box = 440
	side := func(name string, h api.HeatMap) (page.ExplainPicture, error) {
		plain, err := page.Thumbnail(h.PictureWidth, h.PictureHeight, h.RGB, box)
		if err != nil {
			return page.ExplainPicture{}, err
		}
		heat, err := page.Thumbnail(h.PictureWidth, h.PictureHeight, akin.HeatOverlay(h), box)
		return page.ExplainPicture{Name: name, Plain: plain, Heat: heat}, err
	}
	for _, x := range all {
		m := page.ExplainModel{Name: x.Model, Score: x.Score, Note: explainNote(x)}
		var err error
		if m.A, err = side(names[0], x.A); err != nil {
			return err
		}
		if m.B, err = side(names[1], x.B); err != nil {
			return err
		}
		d.Models = append(d.Models, m)
	}
	return page.Explain(w, d)
}

// explainNote says what the values of a map mean.
func explainNote(x api.Explanation) string {
	switch x.Method {
	case api.ByPlaces:
		return fmt.Sprintf("cosine %.4f, decomposed exactly into %d regions of each picture; the parts sum to %.4f and %.4f", x.Score, x.A.Rows*x.A.Columns, x.A.Sum, x.B.Sum)
	case api.ByTokens:
		return fmt.Sprintf("cosine %.4f; each of %d patches is matched with the most similar patch of the other picture; the values do not sum to the score", x.Score, x.A.Rows*x.A.Columns)
	}
	return fmt.Sprintf("cosine %.4f; how much it falls when one of %d regions is occluded; the values do not sum to the score", x.Score, x.A.Rows*x.A.Columns)
}

// strongest says where a map is highest, for terminals without pictures.
func strongest(h api.HeatMap) string {
	row, column := 0, 0
	for r, values := range h.Values {
		for c, v := range values {
			if v > h.Values[row][column] {
				row, column = r, c
			}
		}
	}
	down, across := (float64(row)+0.5)/float64(h.Rows), (float64(column)+0.5)/float64(h.Columns)
	return fmt.Sprintf("strongest at %.0f %% from the left, %.0f %% from the top",
		100*(h.Seen[0]+across*h.Seen[2]), 100*(h.Seen[1]+down*h.Seen[3]))
}

// HeatMap writes a picture with its map as PNG.
func HeatMap(w io.Writer, h api.HeatMap) error {
	return png.Encode(w, term.RGB(h.PictureWidth, h.PictureHeight, akin.HeatOverlay(h)))
}
