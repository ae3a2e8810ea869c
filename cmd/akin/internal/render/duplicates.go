package render

import (
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

// Duplicates are the groups that were found, and what was moved.
type Duplicates struct {
	api.Duplicates
	Removal *api.RemoveReport `json:"removal,omitempty"`
}

// The table lists so many series, and of each so many pictures.
const (
	shownSeries   = 20
	shownOfSeries = 8
)

// DuplicatesTable writes the groups and the series, then what they mean.
func (o *Output) DuplicatesTable(d Duplicates) error {
	if warning := duplicatesWarning(d.Calibration); warning != "" {
		if err := o.sentences(warning + " Look at the series with --html; another model (--model) may find more."); err != nil {
			return err
		}
	}
	if len(d.Groups) > 0 || len(d.Series) > 0 {
		t := duplicatesRows(d)
		if err := t.Write(o.Screen); err != nil {
			return err
		}
		fmt.Fprintln(o.Text)
	}
	if err := o.sentences(duplicatesWords(d.Duplicates)...); err != nil || d.Removal == nil {
		return err
	}
	for _, line := range removalWords(d.Removal) {
		if err := o.Linef("%s", line); err != nil {
			return err
		}
	}
	return nil
}

func duplicatesRows(d Duplicates) term.Table {
	t := term.Table{Columns: []term.Column{
		{Header: "#", Right: true}, {Header: "name"}, {Header: "size", Right: true, Whole: true}, {Header: "bytes", Right: true, Whole: true},
		{Header: "duplicate"}, {Header: "distance", Right: true, Whole: true}, {Header: "", Whole: true}, {Header: "source", Spare: true},
	}}
	add := func(number, kind string, style term.Style, g api.DuplicateGroup, p api.Duplicate) {
		distance := ""
		if p.Evidence != nil {
			distance = fmt.Sprintf("%.2f", p.Evidence.Distance)
			if e := p.Evidence.Pixels; e != nil && e.Differs < 0 {
				distance = ""
			}
		}
		t.AddCells(term.Cell{Text: number}, term.Cell{Text: p.Name}, term.Cell{Text: fmt.Sprintf("%d×%d", p.Width, p.Height)}, term.Cell{Text: Bytes(p.Bytes)},
			term.Cell{Text: kind, Style: style}, term.Cell{Text: distance}, term.Cell{Text: duplicateFate(g, p)}, term.Cell{Text: duplicatePlace(p), Style: term.Faint})
	}
	for i, g := range d.Groups {
		for _, p := range g.Copies {
			if p.Best {
				add(fmt.Sprint(i+1), "best: "+g.Why, term.GradeNear, g, p)
			} else {
				add("", duplicateKind(p), term.GradeRelated, g, p)
			}
		}
	}
	for i, g := range d.Series[:min(shownSeries, len(d.Series))] {
		for k, p := range g.Copies[:min(shownOfSeries, len(g.Copies))] {
			number := ""
			if k == 0 {
				number = fmt.Sprint(len(d.Groups) + i + 1)
			}
			add(number, string(p.Kind), term.GradeRelated, g, p)
		}
	}
	return t
}

// DuplicatesLines writes a document a group.
func (o *Output) DuplicatesLines(d Duplicates, write func(document any) error) error {
	for _, g := range slices.Concat(d.Groups, d.Series) {
		if err := write(g); err != nil {
			return err
		}
	}
	return nil
}

// DuplicatesCSV writes a row a picture.
func (o *Output) DuplicatesCSV(d Duplicates) error {
	w := o.sheet(o.Data)
	_ = w.Write([]string{"group", "name", "source", "kind", "fate", "width", "height", "bytes", "format", "distance", "sha256"})
	for _, g := range slices.Concat(d.Groups, d.Series) {
		for _, p := range g.Copies {
			kind, distance := string(p.Kind), ""
			if p.Best {
				kind = "best"
			}
			if p.Evidence != nil {
				distance = strconv.FormatFloat(p.Evidence.Distance, 'f', -1, 64)
			}
			_ = w.Write([]string{g.ID, p.Name, p.Source, kind, duplicateFate(g, p), strconv.Itoa(p.Width), strconv.Itoa(p.Height), strconv.FormatInt(p.Bytes, 10), p.Format, distance, p.SHA256})
		}
	}
	w.Flush()
	return w.Error()
}

// DuplicatesPaths writes the source of each file that would be removed.
func (o *Output) DuplicatesPaths(d Duplicates, zero bool) error {
	end := lineEnd(zero)
	for _, g := range d.Groups {
		for _, p := range g.Copies {
			if p.Remove {
				if _, err := io.WriteString(o.Data, p.Source+end); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// duplicateKind says how a picture duplicates the best.
func duplicateKind(p api.Duplicate) string {
	if p.Evidence != nil && p.Evidence.Turn != "" {
		return p.Evidence.Turn
	}
	return string(p.Kind)
}

// duplicateFate says what happens to a picture of a group.
func duplicateFate(g api.DuplicateGroup, p api.Duplicate) string {
	switch {
	case p.Remove:
		return "remove"
	case p.Link != "":
		return "link"
	case p.Chosen && !p.Best:
		return "keep: tagged"
	case p.Reviewed:
		return "reviewed"
	case p.Reference:
		return "reference"
	case p.Better:
		return "keep: better"
	case g.Unsure && !p.Best:
		return "keep: unsure"
	}
	return "keep"
}

// duplicatePlace returns a picture's path, and where a link points.
func duplicatePlace(p api.Duplicate) string {
	if p.Link == "" || p.Link == p.Source {
		return Place(p.Source)
	}
	return Place(p.Source) + " → " + Place(p.Link)
}
