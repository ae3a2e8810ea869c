package api

// PictureInfo describes a picture of a collection.
type PictureInfo struct {
	Picture
	Format string `json:"format"`
	Width  int    `json:"width"` // upright
	Height int    `json:"height"`
	Bytes  int64  `json:"bytes"` // 0 of an address
	Hash   string `json:"hash"`  // SHA-256 of the file's bytes
	// Taken is when the camera says that it was taken: see Inspection.
	Taken     string   `json:"taken,omitempty"`
	Date      string   `json:"date,omitempty" doc:"What filters and sorting go by: when it was taken by the camera's clock, else when its file was last written, by this machine's"`
	Tags      []string `json:"tags"`
	CoveredBy []string `json:"covered_by"` // the models that answer and have an embedding of it
	HasFile   bool     `json:"has_file"`   // its file is there, or it has an address
	// Metadata is what the file and its sidecar told when it was indexed. Where one picture is asked for, its file is on this
	// machine and is as it was indexed, they are read again.
	Metadata
}

// ListOptions say which pictures to list. The zero value is the first fifty of all.
type ListOptions struct {
	// Typed is what someone types who looks for a name: case, diacritics and underscores
	// do not count. Names that begin with it come before names that hold it elsewhere. Where none
	// does, those that it may be a misspelling of are listed, on one page.
	Typed string
	Under string // only pictures whose source lies under this folder or address
	Tag   string // only pictures with this tag
	// Filter has further conditions. All must hold.
	Filter Filter
	// Sort is one of Sorts, or one with a minus sign before it for the opposite direction; "" is "added". Pictures
	// without a date or a size come last in both.
	Sort  string
	Limit int    // pictures of a page; 0 means 50
	After string // the Next of the page before, which had the same Sort
}

// Sorts are what pictures can be listed by: when they were added, their names, their dates, the bytes of their files and
// their pixels.
var Sorts = []string{"added", "name", "date", "size", "pixels"}

// PictureList is a page of a collection's pictures.
type PictureList struct {
	Pictures []PictureInfo `json:"pictures"`
	Next     string        `json:"next,omitempty"` // ListOptions.After of the next page; "" on the last
	Total    int           `json:"total"`          // pictures of all pages
	// Misspelt says that no name has what was typed in it: these are what it may be a misspelling of, the nearest first.
	Misspelt bool `json:"misspelt,omitempty"`
}

// Folder is a folder, list, file or address that was indexed.
type Folder struct {
	Path     string `json:"path"`
	Pictures int    `json:"pictures"`
}

// Thumbnail is a small picture, encoded.
type Thumbnail struct {
	Type string // "image/png" or "image/jpeg"
	Data []byte
	Hash string // SHA-256 of the bytes that it was made of
}
