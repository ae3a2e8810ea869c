package page

import "io"

// DupesData is a page of groups of copies.
type DupesData struct {
	Title  string
	Lead   string
	Groups []DupesGroup
	Notes  []string // how sure it is
}

// DupesGroup is a best picture and its copies.
type DupesGroup struct {
	Best   DupesPicture
	Copies []DupesPicture
}

// DupesPicture is a picture and what is said of it, a line each.
type DupesPicture struct {
	Picture
	Lines []string
	Mark  string // "kept", "to be removed" …
	Away  bool   // it is to be removed
}

// Dupes writes a page of groups of copies.
func Dupes(w io.Writer, d DupesData) error {
	return write(w, "dupes", struct {
		head
		DupesData
		Title string
	}{newHead(d.Title, ""), d, d.Title})
}
