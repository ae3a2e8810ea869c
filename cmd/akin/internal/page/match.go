package page

import (
	"fmt"
	"html/template"
	"io"
	"strings"
)

// MatchData is two pictures, and the parts that both show.
type MatchData struct {
	Names    [2]string
	Pictures [2]MatchPicture
	Matches  []MatchPart
}

// MatchPicture is a picture, and how many of its thumbnail's pixels one of its own is.
type MatchPicture struct {
	Thumb
	Scale float64
}

// MatchPart is a part that both pictures show. Places and outlines are in pixels of the pictures.
type MatchPart struct {
	Note      string
	Transform [3][3]float64
	Outlines  [2][][2]float64
	Places    [][2][2]float64
}

const (
	matchGap   = 24  // pixels between the pictures
	matchLines = 120 // that are drawn of one part
)

var matchScript = asset("match.js")

// Match writes a page with two pictures, lines between the places that agree, and a slider that fades one picture over the other.
func Match(w io.Writer, d MatchData) error {
	type part struct {
		Note  string
		Lines template.HTML
		Style template.CSS // of the first picture, laid on the second
	}
	a, b := d.Pictures[0], d.Pictures[1]
	view := struct {
		head
		MatchData
		Title         string
		Width, Height int // of both side by side
		Second        int // where the second begins
		Parts         []part
	}{head: newHead(d.Names[0]+" · "+d.Names[1], matchScript), MatchData: d, Title: d.Names[0] + " · " + d.Names[1],
		Width: a.Width + matchGap + b.Width, Height: max(a.Height, b.Height), Second: a.Width + matchGap}
	for _, m := range d.Matches {
		view.Parts = append(view.Parts, part{Note: m.Note, Lines: m.lines(a.Scale, b.Scale, float64(view.Second)), Style: m.style(a.Scale, b.Scale)})
	}
	return write(w, "match", view)
}

// lines are the outlines and the lines between the places, as SVG.
func (m MatchPart) lines(a, b, second float64) template.HTML {
	var out strings.Builder
	step := max(1, (len(m.Places)+matchLines-1)/matchLines)
	for i := 0; i < len(m.Places); i += step {
		p := m.Places[i]
		fmt.Fprintf(&out, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, a*p[0][0], a*p[0][1], second+b*p[1][0], b*p[1][1])
	}
	for i, outline := range m.Outlines {
		scale, from := [2]float64{a, b}[i], [2]float64{0, second}[i]
		out.WriteString(`<polygon points="`)
		for _, p := range outline {
			fmt.Fprintf(&out, "%.1f,%.1f ", from+scale*p[0], scale*p[1])
		}
		out.WriteString(`"/>`)
	}
	return template.HTML(out.String())
}

// style lays the first picture's thumbnail on the second's, by the matrix of CSS for a map between planes.
func (m MatchPart) style(a, b float64) template.CSS {
	t := m.Transform
	for c := range 3 {
		t[0][c], t[1][c] = b*t[0][c], b*t[1][c]
	}
	for r := range 3 {
		t[r][0], t[r][1] = t[r][0]/a, t[r][1]/a
	}
	return template.CSS(fmt.Sprintf("transform: matrix3d(%g, %g, 0, %g, %g, %g, 0, %g, 0, 0, 1, 0, %g, %g, 0, %g)",
		t[0][0], t[1][0], t[2][0], t[0][1], t[1][1], t[2][1], t[0][2], t[1][2], t[2][2]))
}
