package page

import "io"

// ExplainData is two pictures, and what makes them alike to several models.
type ExplainData struct {
	Title  string
	Lead   string
	Models []ExplainModel
}

// ExplainModel is one model's explanation.
type ExplainModel struct {
	Name  string
	Score float64
	Note  string // how the maps were found
	A, B  ExplainPicture
}

// ExplainPicture is a picture and the same with its heat over it.
type ExplainPicture struct {
	Name        string
	Plain, Heat Thumb
}

var explainScript = asset("explain.js")

// Explain writes a page with heat maps, which a slider makes stronger or weaker.
func Explain(w io.Writer, d ExplainData) error {
	return write(w, "explain", struct {
		head
		ExplainData
		Title string
	}{newHead(d.Title, explainScript), d, d.Title})
}
