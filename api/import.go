package api

// Matches counts the rows of an import by what matched them to pictures of the collection.
type Matches struct {
	Path int `json:"path"` // the path of its file, or its address
	File int `json:"file"` // the file's name, with its extension
	Name int `json:"name"` // its name
}

// ImportOptions say which embeddings to import.
type ImportOptions struct {
	Model string // that made the embeddings
	File  string // its extension tells the format
	Names string // for files without names, as .npy and .faiss: a file with one name per line, or a table with a column of names
	// Columns say which columns of a table, or arrays of a file with several, hold the names, paths and values, if their titles do not show it.
	Columns Columns

	// Progress is called while the stored vectors are ordered for searches; it may be nil.
	Progress func(ordered, toOrder int)
}

// ImportReport is what Import did.
type ImportReport struct {
	Model   string `json:"model"`
	Dim     int    `json:"dim"`
	Rows    int    `json:"rows"`
	Matched int    `json:"matched"` // rows that match pictures of the collection
	// MatchedBy counts them by what matched.
	MatchedBy Matches `json:"matched_by"`
	New       int     `json:"new"`                 // rows that became pictures without files
	Unchanged int     `json:"unchanged,omitempty"` // matched rows that were stored before, with the same values
	// NaN are the names of rows that are NaN, as of pictures that could not be embedded: they are left out.
	NaN []string `json:"nan,omitempty"`
	// Unmatched are the first thousand of their names.
	Unmatched []string     `json:"unmatched,omitempty"`
	Files     int          `json:"files"`            // pictures of the collection with a file or an address
	Tables    []Understood `json:"tables,omitempty"` // how columns were read
}
