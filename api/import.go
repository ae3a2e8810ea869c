package api

// Matches says by what the rows of an import were found to be of pictures that were there.
type Matches struct {
	Path int `json:"path"` // the path of its file, or its address
	File int `json:"file"` // the file's name, with its extension
	Name int `json:"name"` // its name
}

// ImportOptions say which embeddings to take in.
type ImportOptions struct {
	Model string // the space to fill
	File  string // .csv or .npy
	Names string // for .npy and .faiss: a file with a name a line, or a table with a column of them
	// Columns say which columns of a table have what in (Name, Path, Values), where their titles
	// do not tell.
	Columns Columns

	// Progress hears how many vectors were put in order for searches, of all that are
	// to be, once all are stored; nil is fine.
	Progress func(ordered, toOrder int)
}

// ImportReport tells what Import did.
type ImportReport struct {
	Model   string `json:"model"`
	Dim     int    `json:"dim"`
	Rows    int    `json:"rows"`
	Matched int    `json:"matched"` // rows that are of pictures which were there
	// MatchedBy tells by what.
	MatchedBy Matches `json:"matched_by"`
	New       int     `json:"new"` // rows that became pictures without a file
	// Unmatched are their names, the first thousand.
	Unmatched []string     `json:"unmatched,omitempty"`
	Files     int          `json:"files"`            // pictures with a file or an address that were there
	Tables    []Understood `json:"tables,omitempty"` // how columns were taken
}
