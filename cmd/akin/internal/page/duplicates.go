package page

import "io"

// DuplicatesData is a page of groups of duplicates.
type DuplicatesData struct {
	Title  string
	Lead   string
	Groups []DuplicateGroup
	Notes  []string // how reliable it is
}

// DuplicateGroup is a best picture and its duplicates.
type DuplicateGroup struct {
	Best   DuplicatePicture
	Copies []DuplicatePicture
}

// DuplicatePicture is a picture and lines of text under it.
type DuplicatePicture struct {
	Picture
	Lines []string
	Mark  string // "kept", "to be removed" …
	Away  bool   // it is to be removed
}

// Duplicates writes a page of groups of duplicates.
func Duplicates(w io.Writer, d DuplicatesData) error {
	return write(w, "duplicates", struct {
		head
		DuplicatesData
		Title string
	}{newHead(d.Title, ""), d, d.Title})
}
